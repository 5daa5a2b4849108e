"""Files that are no tables of ours -> the kinds of documents that can read them -> checked rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.checking import Checked, check
from data.document import CONTACTS, Contact, Document, DocumentKind, Reading, Told, kinds
from data.documents._rows import RAW
from data.problem import Problem
from data.raw import Grid, RawTable, file_problem
from data.tables import TABLES

_PREVIEWED = 5
_TOLD = ("name", "applicant", "group", "award", "contest", "kind", "title", "number")
"""What of a row a preview shows."""


@dataclass(frozen=True)
class DocumentRead:
    """What one document gave. ``first`` are its first rows as read, one text a row."""

    source: str
    zh: str
    en: str
    rows: int
    tables: dict[str, int]
    first: tuple[str, ...]


@dataclass
class Recognised:
    """What the documents of an import gave; ``refused`` counts rows by table that have no problem of their own."""

    parts: list[Checked]
    documents: list[DocumentRead]
    contacts: list[Contact]
    refused: dict[str, int]

    def contact_table(self) -> pa.Table:
        """All contacts."""
        return pa.Table.from_pylist([contact._asdict() for contact in self.contacts], schema=CONTACTS)


def readings(document: Document, told: Told) -> tuple[list[tuple[DocumentKind, Reading]], list[Grid]]:
    """What the kinds make of a document, and the grids that none of them can read."""
    left = list(document.grids)
    found: list[tuple[DocumentKind, Reading]] = []
    for kind in kinds():
        claimed = set(kind.claim(replace(document, grids=tuple(left)))) if left else set()
        if claimed:
            mine = tuple(grid for position, grid in enumerate(left) if position in claimed)
            found.append((kind, kind.read(replace(document, grids=mine), told)))
            left = [grid for position, grid in enumerate(left) if position not in claimed]
    return found, [grid for grid in left if grid.rows or (grid.before and not found)]


def unknown(document: Document, grid: Grid) -> Problem:
    """The problem of a sheet or a table that neither is a table of ours nor is read by any kind."""
    place = f"“{grid.name[:60]}”" if grid.name not in ("", document.stem) else ""
    message = f"{place}无法识别是哪张表或哪种文件 / cannot tell which table or kind of document {grid.name[:60]} is"
    hint = "按表命名 / name it after a table: " + ", ".join(TABLES) + "；可识别 / or one of: "
    return file_problem(document.source, "file.unknown", message, hint + ", ".join(f"{k.zh} {k.en}" for k in kinds()))


def _sample(tables: Sequence[tuple[str, RawTable]]) -> tuple[str, ...]:
    """First rows of each table as one text each."""
    shown: list[str] = []
    for name, raw in tables:
        for row in range(min(raw.count, _PREVIEWED)):
            cells = {header: raw.columns[place][row] for place, header in enumerate(raw.headers)}
            told = [str(cells[column])[:40] for column in _TOLD if cells.get(column) is not None]
            shown.append(f"{name} {row + 1}: {' | '.join(told)}")
    return tuple(shown)


def _kept_columns(raw: RawTable, table: str) -> list[Problem]:
    """One remark on all columns of a document that are no columns of ours."""
    known = set(TABLES[table].names)
    names = [name.removeprefix(RAW) for name in raw.headers if name.startswith(RAW)]
    names = [name for name in names if name not in known]
    if not names:
        return []
    message = (
        f"{raw.source}：{len(names)} 列已保留但不使用 / {len(names)} columns kept, not used: {'、'.join(names)[:200]}"
    )
    return [Problem(table, 0, "", "column.unknown", "info", message, "")]


def _without_orphans(checked: Checked, dropped: set[Any]) -> Checked:
    """Rows that belong to a project which was rejected are rejected with it."""
    orphans = pc.is_in(checked.accepted["project_id"], value_set=pa.array(sorted(dropped), pa.string()))
    lost = np.flatnonzero(orphans.to_numpy(zero_copy_only=False))
    if not lost.size:
        return checked
    message = f"{checked.source}：所属项目未被接受 / its project was rejected"
    hint = "先改正项目一行 / correct the row of the project first"
    problems = [
        Problem(checked.table.name, int(row), "project_id", "row.orphan", "error", message, hint)
        for row in checked.rows[lost]
    ]
    keep = np.setdiff1d(np.arange(len(checked.rows)), lost)
    return replace(
        checked,
        accepted=checked.accepted.take(pa.array(keep)),
        rows=checked.rows[keep],
        extras=checked.extras.take(pa.array(keep)),
        problems=(*checked.problems, *problems),
    )


def _checked(reading: Reading, today: date | None) -> list[Checked]:
    parts: list[Checked] = []
    dropped: set[Any] = set()
    for name, raw in reading.tables:
        part = check(raw, TABLES[name], today)
        kept = tuple(problem for problem in part.problems if not problem.column.startswith(RAW))
        part = replace(part, problems=(*kept, *_kept_columns(raw, name)), present=frozenset())
        if name == "projects":
            made = set(raw.columns[raw.headers.index("project_id")])
            dropped |= made - set(part.accepted["project_id"].to_pylist()) - {None}
        elif dropped and "project_id" in TABLES[name].by_name:
            part = _without_orphans(part, dropped)
        parts.append(part)
    return parts


def take(
    document: Document,
    found: Sequence[tuple[DocumentKind, Reading]],
    left: Sequence[Grid],
    today: date | None,
    into: Recognised,
) -> list[Problem]:
    """Check what :func:`readings` made of a document and put it into ``into``; gives all its problems."""
    problems: list[Problem] = []
    for kind, reading in found:
        parts = _checked(reading, today)
        into.parts += parts
        into.contacts += reading.contacts
        counts: dict[str, int] = dict(reading.refused)
        for part in parts:
            counts[part.table.name] = counts.get(part.table.name, 0) + part.read
        for name, count in reading.refused.items():
            into.refused[name] = into.refused.get(name, 0) + count
        rows, first = reading.rows, _sample(reading.tables)
        into.documents.append(DocumentRead(document.source, kind.zh, kind.en, rows, counts, first))
        problems += [*reading.problems, *(problem for part in parts for problem in part.problems)]
    for grid in {grid.name: grid for grid in left}.values():
        problem = unknown(document, grid)
        problems.append(replace(problem, severity="warning") if found else problem)
    return problems
