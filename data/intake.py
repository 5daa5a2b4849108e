"""Files and folders -> checked tables: which file is which table, all files of a table together, each id once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa

from data.bounding import bounded
from data.checking import Checked, check
from data.document import CONTACTS, UNPLACED, Document, Told
from data.places import PLACES, FileRead, places_of
from data.present import Present
from data.problem import DuijieError, Problem
from data.raw import FileContent, Grid, RawTable, Reader, file_problem
from data.recognising import DocumentRead, Recognised, readings, take
from data.reference.headers import column_of, recognise, table_of
from data.reference.vocabularies import label_key
from data.registry import discover
from data.repeats import gather
from data.tables import TABLES, Table

_WINNERS = re.compile(r"名单|获奖|入选|入围|\d+强|榜")


@dataclass(frozen=True)
class Intake:
    """What some files held.

    ``tables`` has the accepted rows of every table that was found (schema of :mod:`data.tables`); ``read`` and
    ``rejected`` count rows, so ``len(tables[t]) + rejected[t] == read[t]``. ``extras`` holds the unknown columns behind
    the key, ``sources`` the SHA-256 of each file by its path, ``present`` the columns that the file of each row has.
    ``documents`` are the lists and forms among the files; a row of theirs that repeats a record is folded into it and
    counts once. ``contacts`` are the contacts they held (:data:`data.document.CONTACTS`), which stand in no table.
    ``files`` are the other files, by what they were taken for; ``places`` says where each row of ``tables`` stands
    (:data:`data.places.PLACES`), a folded one where it was read first.
    """

    tables: dict[str, pa.Table]
    problems: list[Problem]
    read: dict[str, int]
    rejected: dict[str, int]
    extras: dict[str, pa.Table]
    sources: dict[str, str]
    present: dict[str, Present]
    contacts: pa.Table = field(default_factory=CONTACTS.empty_table)
    documents: tuple[DocumentRead, ...] = ()
    files: tuple[FileRead, ...] = ()
    places: dict[str, pa.Table] = field(default_factory=dict)


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


def _is_ours(raw: RawTable, table: Table, grid: Grid, named: bool) -> bool:
    """Whether a raw table is certainly a table of ours: all required columns stand there, and no list says more.

    A file that is not named after a table and of which the table knows less than half of the columns may be a list of
    another kind. Projects with a column of awards, or under a title that speaks of winners in a file not named after a
    table, may be a list of winners. That is tried first.
    """
    columns = [column_of(table.name, header) for header in raw.headers]
    if not set(table.required) <= set(columns):
        return False
    if table.name != "projects":
        return named or 2 * sum(column is not None for column in columns) >= len(columns)
    titles = [str(cell) for row in grid.rows[:3] for cell in row if len([c for c in row if c not in (None, "")]) == 1]
    listed = not named and any(_WINNERS.search(title) for title in titles)
    return not listed and all(column_of("awards", header) != "award" for header in raw.headers)


@dataclass
class _Waiting:
    """Sheets of one file that are read once all tables are known, and what they are tables of if no kind reads them."""

    document: Document
    otherwise: dict[int, tuple[RawTable, Table]]  # by id() of the grid

    def complete(self) -> list[Grid]:
        """Sheets that can be read as projects too, though without their awards."""
        return [grid for grid in self.document.grids if self._is_complete(grid)]

    def _is_complete(self, grid: Grid) -> bool:
        raw, table = self.otherwise.get(id(grid), (None, None))
        if raw is None or table is None or table.name != "projects":
            return False
        return set(table.required) <= {column_of(table.name, header) for header in raw.headers}


@dataclass
class _Files:
    """The files of an import, taken apart: tables of ours, and documents."""

    today: date | None
    most_text: int | None
    problems: list[Problem] = field(default_factory=list)
    parts: dict[str, list[Checked]] = field(default_factory=dict)
    waiting: list[_Waiting] = field(default_factory=list)

    def open(self, path: Path) -> None:
        """Read one file. Its own problems stop the whole import when it is named after a table, else only itself."""
        content = bounded(_open(path), path.name, self.most_text)
        named = table_of(path.stem) or ""
        for problem in content.problems:
            mine = named if problem.code != "file.unknown" else ""
            self.problems.append(replace(problem, table=mine))
        others: list[Grid] = []
        otherwise: dict[int, tuple[RawTable, Table]] = {}
        for place, raw in enumerate(content.tables):
            table = _table_for(raw, path)
            grid = content.grids[place] if place < len(content.grids) else Grid(path.name, raw.name, ())
            is_named = any(table_of(name) for name in (raw.name, path.stem))
            if table is not None and (not grid.rows or _is_ours(raw, table, grid, is_named)):
                self.check(raw, table)
                continue
            others.append(grid)
            if table is not None:
                otherwise[id(grid)] = (raw, table)
        others += content.grids[len(content.tables) :]
        if others:
            self.waiting.append(_Waiting(Document(path.name, path.stem, tuple(others)), otherwise))

    def check(self, raw: RawTable, table: Table) -> None:
        """Take a raw table as a table of ours."""
        checked = check(raw, table, self.today)
        self.problems.extend(checked.problems)
        self.parts.setdefault(table.name, []).append(checked)

    def recognise(self, told: Told) -> Recognised:
        """Read the documents, once all tables are known."""
        into = Recognised([], [], [], {})
        stored = told.institutions
        told = replace(told, institutions=cache(lambda: {**stored(), **self._institutions()}))
        for waiting in self.waiting:
            self._read(waiting, told, into)
        return into

    def _read(self, waiting: _Waiting, told: Told, into: Recognised) -> None:
        """Read one file; a sheet that no kind reads is the table of ours after which it is named, or unknown."""
        document, complete = waiting.document, waiting.complete()
        found, left = readings(document, told)
        refused = [problem for _, reading in found for problem in reading.problems if problem.code == UNPLACED]
        if complete and refused:  # projects are kept; whoever imports may still tell where their awards belong
            self.problems.extend(replace(problem, severity="warning") for problem in refused)
            for grid in complete:
                self.check(*waiting.otherwise[id(grid)])
            kept = {id(grid) for grid in complete}
            document = replace(document, grids=tuple(grid for grid in document.grids if id(grid) not in kept))
            found, left = readings(document, told)
        for grid in left:
            if id(grid) in waiting.otherwise:
                self.check(*waiting.otherwise[id(grid)])
        left = [grid for grid in left if id(grid) not in waiting.otherwise]
        self.problems.extend(take(document, found, left, self.today, into))

    def read(self) -> tuple[FileRead, ...]:
        """What each file or sheet was taken for, of those that are no documents."""
        return tuple(
            FileRead(part.source, name, part.read, part.rejected) for name, held in self.parts.items() for part in held
        )

    def _institutions(self) -> dict[str, str]:
        """Ids of the institutions of the files' tables by name."""
        parts = self.parts.get("institutions", [])
        names = [name for part in parts for name in part.accepted["name"].to_pylist()]
        ids = [number for part in parts for number in part.accepted["institution_id"].to_pylist()]
        return {label_key(name): number for name, number in zip(names, ids, strict=True)}


def read_paths(
    paths: Sequence[Path], today: date | None = None, told: Told | None = None, most_text: int | None = None
) -> Intake:
    """Read and check files and folders; see :class:`Intake`.

    A file named after a table is that table, any other is recognised by its columns, else by its content as one of the
    kinds of :mod:`data.document`; ``told`` says what such a document does not. Several files of one table are one
    table. Problems are in the order of files and rows, those of documents last. ``most_text`` bounds the characters of
    a file, for files that come from anybody.

    Raises
    ------
    DuijieError
        ``file.missing`` when a path does not exist. Whatever is wrong inside a file is a problem.
    """
    paths_read, problems = list_files([Path(path) for path in paths])
    files = _Files(today, most_text, problems)
    sources: dict[str, str] = {}
    for path in paths_read:
        sources[str(path)] = sha256(path)
        files.open(path)
    found = files.recognise(told or Told())
    parts = {name: [(part, False) for part in held] for name, held in files.parts.items()}
    for part in found.parts:
        parts.setdefault(part.table.name, []).append((part, True))
    return _together(parts, found, files, sources)


def _together(
    parts: dict[str, list[tuple[Checked, bool]]], found: Recognised, files: _Files, sources: dict[str, str]
) -> Intake:
    """All parts of each table as one table, in the order of the interchange."""
    tables: dict[str, pa.Table] = {}
    extras: dict[str, pa.Table] = {}
    read: dict[str, int] = {}
    rejected: dict[str, int] = {}
    places: dict[str, pa.Table] = {}
    present: dict[str, Present] = {}
    for name in (name for name in TABLES if name in parts or name in found.refused):
        refused = found.refused.get(name, 0)
        held = [part for part, _ in parts.get(name, [])]
        rejected[name] = refused + sum(part.rejected for part in held)
        read[name] = refused + sum(part.read for part in held)
        tables[name], extras[name] = TABLES[name].schema.empty_table(), pa.table({})
        places[name], present[name] = PLACES.empty_table(), Present.in_every_row((), 0)
        if held:
            all_of_it = gather(TABLES[name], held, [folds for _, folds in parts[name]], files.problems)
            tables[name], extras[name] = all_of_it.accepted, all_of_it.extras
            places[name], present[name] = places_of(TABLES[name], held, len(all_of_it.accepted))
            rejected[name] += all_of_it.repeated
            read[name] -= all_of_it.folded
    return Intake(
        tables,
        files.problems,
        read,
        rejected,
        extras,
        sources,
        present,
        found.contact_table(),
        tuple(found.documents),
        files.read(),
        places,
    )
