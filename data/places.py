"""Where the rows of an import come from: what each file gave, where each row stands, which columns its file has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.checking import Checked
from data.present import Present
from data.repeats import key_numbers
from data.tables import Table

PLACES = pa.schema([("source", pa.string()), ("row", pa.int64())])
"""The name of the file, and the 1-based number of the row."""


@dataclass(frozen=True, slots=True)
class FileRead:
    """What a file or sheet that is a table of ours gave: rows read, and those rejected for what stands in them."""

    source: str
    table: str
    read: int
    rejected: int


def places_of(table: Table, parts: list[Checked], kept: int) -> tuple[pa.Table, Present]:
    """Where the ``kept`` rows stand that :func:`data.repeats.gather` makes of some parts (the first row of each key),
    and which columns their files have.
    """
    numbers = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part.rows) for part in parts])
    rows = np.concatenate([part.rows for part in parts])
    if len(rows) != kept:
        first = key_numbers(table, pa.concat_tables([part.accepted for part in parts]))
        stays = np.flatnonzero(first == np.arange(len(first)))
        numbers, rows = numbers[stays], rows[stays]
    sources = pa.DictionaryArray.from_arrays(numbers, pa.array([part.source for part in parts], pa.string()))
    found = pa.table({"source": sources.cast(pa.string()), "row": pa.array(rows)}, schema=PLACES)
    return found, Present.of_parts([part.present for part in parts], numbers)
