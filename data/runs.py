"""Runs: each an immutable folder of Parquet files and one manifest.

A run is written to a temporary folder, flushed to disk and renamed, so a reader never sees half of one. The pointer
file names the last run of each channel. The same manifest gives the same run id and the same bytes.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

POINTER = "latest.json"
MANIFEST = "manifest.json"


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
        return pq.read_table(self.folder / f"{name}.parquet", filters=filters)

    def has(self, name: str) -> bool:
        """Whether the run has this table."""
        return (self.folder / f"{name}.parquet").exists()

    def row(self, name: str, key: str, value: str) -> dict[str, Any] | None:
        """The first row whose ``key`` equals ``value``, or None."""
        rows = self.table(name, where={key: value}).slice(0, 1).to_pylist()
        return rows[0] if rows else None


def save_run(root: Path, run_id: str, manifest: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> Run:
    """Write a run and point its channels at it. A run that exists already is only pointed at."""
    root.mkdir(parents=True, exist_ok=True)
    target = root / run_id
    if not target.exists():
        work = Path(tempfile.mkdtemp(prefix=f".{run_id}-", dir=root))
        try:
            for name, table in tables.items():
                pq.write_table(table, work / f"{name}.parquet", compression="zstd")
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
