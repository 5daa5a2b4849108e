"""Runs: each an immutable folder of Parquet files and one manifest.

A run is written to a temporary folder, flushed to disk and renamed, so a reader never sees half of one. The pointer
file names the last run of each channel. The same manifest gives the same run id and the same bytes.

Tables lie in groups of :data:`GROUP` rows, so that a few rows are read without the others. Beside the matches of a
channel, in the order of the projects, lies a copy sorted by institution with contributions and evidence
(``listed_<channel>``): the list of an institution is read in one piece as well.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

POINTER = "latest.json"
MANIFEST = "manifest.json"
GROUP = 8192
"""Rows that are written, and read, as one."""
PARTS = ("matches", "contributions", "evidence")
"""Tables of a channel of which the copy by institution is made; its columns bear these names as prefixes."""


@dataclass(frozen=True)
class Run:
    """A stored run. ``manifest`` says of what data, settings, code, seed and date it is."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def run_id(self) -> str:
        """Identity of the run: a digest of its manifest."""
        return self.folder.name

    def table(self, name: str, *, where: Mapping[str, str] | None = None) -> pa.Table:
        """One table of the run; ``where`` keeps rows whose columns equal the values."""
        filters = [(key, "==", value) for key, value in (where or {}).items()] or None
        return pq.read_table(self.folder / f"{name}.parquet", filters=filters).unify_dictionaries()

    def columns(self, name: str, columns: Sequence[str]) -> pa.Table:
        """Some columns of a table of the run, in this order; the others are not read."""
        return pq.read_table(self.folder / f"{name}.parquet", columns=list(columns)).select(list(columns))

    def at(self, name: str, rows: NDArray[np.int64], columns: Sequence[str] = ()) -> pa.Table:
        """Rows of a table by number, in this order; only the groups that hold them are read. No columns named: all."""
        path = self.folder / f"{name}.parquet"
        with pq.ParquetFile(path, metadata=_footer(path)) as file:
            start = np.cumsum([0, *(file.metadata.row_group(at).num_rows for at in range(file.num_row_groups))])
            group = np.searchsorted(start, rows, side="right") - 1
            held = np.unique(group)
            table = file.read_row_groups(held.tolist(), columns=list(columns) or None)
        before = np.cumsum([0, *np.diff(start)[held]])[np.searchsorted(held, group)]
        return table.unify_dictionaries().take(pa.array(before + rows - start[group]))

    def names(self, name: str) -> list[str]:
        """Columns of a table of the run."""
        found: list[str] = _footer(self.folder / f"{name}.parquet").schema.to_arrow_schema().names
        return found

    def holding(self, tables: Mapping[str, pa.Table]) -> Run:
        """The run with these tables in place of its own, for whoever needs few of their rows."""
        return _Holding(self.folder, self.manifest, dict(tables))

    def has(self, name: str) -> bool:
        """Whether the run has this table."""
        return (self.folder / f"{name}.parquet").exists()

    def row(self, name: str, key: str, value: str) -> dict[str, Any] | None:
        """The first row whose ``key`` equals ``value``, or None."""
        rows = self.table(name, where={key: value}).slice(0, 1).to_pylist()
        return rows[0] if rows else None


@dataclass(frozen=True)
class _Holding(Run):
    """A run of which some tables are held in memory."""

    tables: dict[str, pa.Table]

    def table(self, name: str, *, where: Mapping[str, str] | None = None) -> pa.Table:
        """A held table, or one of the run."""
        if name not in self.tables:
            return super().table(name, where=where)
        found = self.tables[name]
        for key, value in (where or {}).items():
            found = equals(found, key, value)
        return found


def save_run(root: Path, run_id: str, manifest: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> Run:
    """Write a run and point its channels at it. A run that exists already is only pointed at."""
    root.mkdir(parents=True, exist_ok=True)
    target = root / run_id
    if not target.exists():
        work = Path(tempfile.mkdtemp(prefix=f".{run_id}-", dir=root))
        try:
            for name, table in tables.items():
                _write(work / f"{name}.parquet", table)
            for channel in manifest["channels"]:
                if all(f"{part}_{channel}" in tables for part in PARTS):
                    _write_listed(work, channel, tables)
            (work / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
            for path in work.iterdir():
                _flush(path)
            work.replace(target)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            if not target.exists():  # another process may have finished the same run first
                raise
    pointer = _pointer(root)
    pointer.update({channel: run_id for channel in manifest["channels"]})
    _write_atomically(root / POINTER, json.dumps(pointer, indent=1, sort_keys=True) + "\n")
    return open_run(root, run_id)


def open_run(root: Path, run_id: str) -> Run:
    """Open a stored run by id."""
    folder = root / run_id
    return Run(folder, json.loads((folder / MANIFEST).read_text()))


def latest_run(root: Path, channel: str) -> Run | None:
    """The last run of ``channel``, or None."""
    run_id = _pointer(root).get(channel)
    return open_run(root, run_id) if run_id and (root / run_id).exists() else None


def latest_channels(root: Path) -> dict[str, str]:
    """Run id of the last run of each channel."""
    return _pointer(root)


def equals(table: pa.Table, name: str, value: str) -> pa.Table:
    """Rows of ``table`` whose column ``name`` equals ``value``."""
    return table.filter(pc.equal(table.column(name), value))


def numbered(column: pa.ChunkedArray) -> tuple[pa.Array, NDArray[np.int32]]:
    """The values of a column of texts, sorted, and for each row the place of its value among them."""
    told = pa.chunked_array(column.dictionary_encode().chunks, pa.dictionary(pa.int32(), pa.string()))
    told = told.unify_dictionaries().combine_chunks()
    known = told.dictionary if isinstance(told, pa.DictionaryArray) else pa.array([], pa.string())
    order = pc.sort_indices(known).to_numpy()
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    codes = told.indices.to_numpy() if isinstance(told, pa.DictionaryArray) else np.empty(0, np.int32)
    return known.take(pa.array(order)), place[codes]


def listed_rows(institutions: NDArray[np.int32]) -> NDArray[np.int32]:
    """Row numbers of the matches in the order of their copy by institution; ``institutions`` as :func:`numbered`."""
    return np.argsort(institutions, kind="stable").astype(np.int32)


def _write_listed(folder: Path, channel: str, tables: Mapping[str, pa.Table]) -> None:
    """The copy of a channel's matches, contributions and evidence by institution."""
    columns: dict[str, pa.ChunkedArray] = {}
    for part in PARTS:
        table = tables[f"{part}_{channel}"]
        columns |= {f"{part}_{name}": table.column(name) for name in table.column_names}
    order = listed_rows(numbered(columns["matches_institution_id"])[1])
    _write(folder / f"listed_{channel}.parquet", pa.table(columns), order)


def _write(path: Path, table: pa.Table, order: NDArray[np.int32] | None = None) -> None:
    """Write a table in groups; each group has its own dictionaries, else each would hold the words of all of them."""
    with pq.ParquetWriter(path, table.schema, compression="zstd") as file:
        for start in range(0, table.num_rows, GROUP):
            part = table.slice(start, GROUP) if order is None else table.take(pa.array(order[start : start + GROUP]))
            for at, field in enumerate(table.schema):
                if pa.types.is_dictionary(field.type):
                    own = part.column(at).cast(field.type.value_type).combine_chunks().dictionary_encode()
                    part = part.set_column(at, field, own.cast(field.type))
            file.write_table(part)


@functools.lru_cache(maxsize=32)
def _footer(path: Path) -> pq.FileMetaData:
    """Where the parts of a table lie; tables of runs never change."""
    return pq.read_metadata(path)


def _pointer(root: Path) -> dict[str, str]:
    path = root / POINTER
    return json.loads(path.read_text()) if path.exists() else {}


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def _write_atomically(path: Path, text: str) -> None:
    work = path.with_name(f".{path.name}-{os.getpid()}")
    work.write_text(text)
    _flush(work)
    work.replace(path)
