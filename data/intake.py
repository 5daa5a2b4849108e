"""Files and folders -> checked tables: which file is which table, all files of a table together, each id once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.checking import Checked, check, unusable_columns
from data.problem import DuijieError, Problem
from data.raw import FileContent, RawTable, Reader, file_problem
from data.reference.headers import recognise, table_of
from data.registry import discover
from data.tables import TABLES, Table


@dataclass(frozen=True)
class Intake:
    """What some files held.

    ``tables`` has the accepted rows of every table that was found (schema of :mod:`data.tables`); ``read`` and
    ``rejected`` count rows, so ``len(tables[t]) + rejected[t] == read[t]``. ``extras`` holds the unknown columns behind
    the key, ``sources`` the SHA-256 of each file by its path, ``unused`` the columns of a table that hold nothing.
    """

    tables: dict[str, pa.Table]
    problems: list[Problem]
    read: dict[str, int]
    rejected: dict[str, int]
    extras: dict[str, pa.Table]
    sources: dict[str, str]
    unused: dict[str, tuple[str, ...]]


def readers() -> dict[str, Reader]:
    """Readers by suffix."""
    found: dict[str, Reader] = discover("data.reading", "READER")
    return {suffix: reader for reader in found.values() for suffix in reader.suffixes}


def list_files(paths: Sequence[Path]) -> tuple[list[Path], list[Problem]]:
    """Files to read, each once: those named, and in a folder those of a readable format, sorted by name.

    Other files of a folder are remarked on and left alone; hidden and lock files are not mentioned.

    Raises
    ------
    DuijieError
        ``file.missing`` when a path does not exist.
    """
    known = readers()
    files: list[Path] = []
    problems: list[Problem] = []
    for path in paths:
        if not path.exists():
            raise DuijieError("file.missing", f"没有这个文件或文件夹 / no such file or folder: {path}")
        if not path.is_dir():
            files.append(path)
            continue
        for entry in sorted(path.iterdir()):
            if entry.name.startswith((".", "~$")) or entry.is_dir():
                continue
            if entry.suffix.lower() in known:
                files.append(entry)
            else:
                message = "不是表格文件，已跳过 / not a table file, left alone"
                problems.append(file_problem(entry.name, "file.skipped", message, "", "info"))
    return list(dict.fromkeys(files)), problems


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _open(path: Path) -> FileContent:
    reader = readers().get(path.suffix.lower())
    if reader is None:
        suffixes = ", ".join(sorted(readers()))
        message = f"不认识的文件格式“{path.suffix}” / unknown file format"
        problem = file_problem(path.name, "file.unknown", message, f"可读格式 / readable: {suffixes}")
        return FileContent((), (problem,))
    return reader.read(path)


def _table_for(raw: RawTable, path: Path) -> Table | None:
    """By the name of the sheet, then by the columns, then by the name of the file (its required columns may lack)."""
    stem = table_of(path.stem)
    name = (table_of(raw.name) if raw.name != path.stem else None) or stem or recognise(list(raw.headers))
    return TABLES[name] if name else None


def _raw_tables(path: Path, problems: list[Problem]) -> Iterator[tuple[RawTable, Table]]:
    """Raw tables of a file that stand for a table of ours; anything else is a problem."""
    content = _open(path)
    problems.extend(content.problems)
    for raw in content.tables:
        table = _table_for(raw, path)
        if table is not None:
            yield raw, table
            continue
        place = f"“{raw.name}”" if raw.name != path.stem else ""
        message = f"{place}无法识别是哪张表 / cannot tell which table {raw.name[:60]} is"
        hint = "文件或工作表按表命名，如 projects、机构 / name it after a table: " + ", ".join(TABLES)
        problems.append(file_problem(path.name, "file.unknown", message, hint))


def _key_numbers(table: Table, rows: pa.Table) -> np.ndarray[Any, np.dtype[np.int64]]:
    """One number a distinct key: the row at which the key stands first."""
    keys = rows.select(list(table.key)).append_column("_row", pa.array(np.arange(len(rows)), pa.int64()))
    first = keys.group_by(list(table.key), use_threads=False).aggregate([("_row", "min"), ("_row", "list")])
    numbers = np.empty(len(rows), dtype=np.int64)
    lists = first["_row_list"].combine_chunks()
    numbers[lists.flatten().to_numpy()] = np.repeat(
        first["_row_min"].to_numpy(), pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    )
    return numbers


def _without_repeats(table: Table, parts: list[Checked], problems: list[Problem]) -> tuple[pa.Table, pa.Table, int]:
    """Rows and extras of all files of a table; a key that stood before is an error that names the first place."""
    accepted = pa.concat_tables([part.accepted for part in parts])
    extras = pa.concat_tables([part.extras for part in parts], promote_options="default")
    first = _key_numbers(table, accepted)
    repeated = np.flatnonzero(first != np.arange(len(accepted)))
    if repeated.size:
        places = [(part.source, int(row)) for part in parts for row in part.rows]
        labels = accepted.select(list(table.key)).take(pa.array(repeated)).to_pylist()
        for row, label in zip(repeated.tolist(), labels, strict=True):
            source, number = places[row]
            before, earlier = places[first[row]]
            shown = " / ".join(str(value)[:40] for value in label.values() if value is not None)
            message = f"{source}：“{shown}”重复，首见 {before} 第 {earlier} 行 / "
            message += f"stands already in {before}, row {earlier}"
            hint = "删去一行或改编号 / remove one of the rows or change its id"
            problems.append(Problem(table.name, number, table.key[0], "row.duplicate", "error", message, hint))
        keep = pa.array(np.setdiff1d(np.arange(len(accepted)), repeated))
        accepted, extras = accepted.take(keep), extras.take(keep)
    return accepted, extras, int(repeated.size)


def read_paths(paths: Sequence[Path], today: date | None = None) -> Intake:
    """Read and check files and folders; see :class:`Intake`.

    A file named after a table is that table, any other is recognised by its columns. Several files of one table are
    one table. Problems are in the order of files and rows.

    Raises
    ------
    DuijieError
        ``file.missing`` when a path does not exist. Whatever is wrong inside a file is a problem.
    """
    files, problems = list_files([Path(path) for path in paths])
    parts: dict[str, list[Checked]] = {}
    sources: dict[str, str] = {}
    for path in files:
        sources[str(path)] = sha256(path)
        for raw, table in _raw_tables(path, problems):
            checked = check(raw, table, today)
            problems.extend(checked.problems)
            parts.setdefault(table.name, []).append(checked)
    tables: dict[str, pa.Table] = {}
    extras: dict[str, pa.Table] = {}
    rejected: dict[str, int] = {}
    for name in (name for name in TABLES if name in parts):
        tables[name], extras[name], repeats = _without_repeats(TABLES[name], parts[name], problems)
        rejected[name] = sum(part.rejected for part in parts[name]) + repeats
    read = {name: sum(part.read for part in parts[name]) for name in tables}
    unused = {name: unusable_columns(TABLES[name], table) for name, table in tables.items()}
    return Intake(tables, problems, read, rejected, extras, sources, unused)
