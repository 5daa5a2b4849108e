"""How large a Parquet file is as a table. It says a repeated value once, so a small file may be a huge table."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

MOST_CELLS = 10_000_000
"""Values of a file, those inside lists among them."""
WIDEST = 64
"""Bytes of a value of fixed width; longer ones are no text, number or date."""
_BATCH = 16_384  # rows


def parquet_excess(path: Path, most: int) -> bool:
    """Whether a file would be more than ``most`` bytes, or :data:`MOST_CELLS` values, as a table.

    Only its directory is read, and its texts as numbers of the distinct ones. What is no Parquet is not too large: its
    reader says what is wrong with it.
    """
    try:
        with pq.ParquetFile(path) as file:
            if _declared(file.metadata, most):
                return True
            names = _texts(file.metadata)
        with pq.ParquetFile(path, read_dictionary=names) as file:
            size = 0
            for batch in file.iter_batches(_BATCH):
                size += sum(_text_bytes(column) for column in batch.columns)
                if size > most:
                    return True
    except (pa.ArrowException, OSError, ValueError):
        return False
    return False


def _declared(metadata: pq.FileMetaData, most: int) -> bool:
    """Whether the directory itself says that there is too much."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    cells = sum(group.column(at).num_values for group in groups for at in range(group.num_columns))
    widest = max((metadata.schema.column(at).length or 0 for at in range(metadata.num_columns)), default=0)
    return sum(group.total_byte_size for group in groups) > most or cells > MOST_CELLS or widest > WIDEST


def _texts(metadata: pq.FileMetaData) -> list[str]:
    """Paths of the columns that hold text."""
    return [
        metadata.schema.column(at).path
        for at in range(metadata.num_columns)
        if metadata.schema.column(at).physical_type == "BYTE_ARRAY"
    ]


def _text_bytes(array: pa.Array) -> int:
    """Bytes of the texts of a column as a table would hold them, through lists and structures."""
    if pa.types.is_dictionary(array.type):
        lengths = pc.binary_length(array.dictionary).take(array.indices)
        return int(pc.sum(lengths).as_py() or 0)
    if pa.types.is_struct(array.type):
        return sum(_text_bytes(part) for part in array.flatten())
    if pa.types.is_nested(array.type):
        return _text_bytes(array.values)
    return 0
