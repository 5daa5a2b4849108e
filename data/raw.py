"""Raw tables: what a file holds before anything is checked, and what a reader of files is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from data.problem import Problem, Severity
from data.reference.headers import known_headers

_TITLE_ROWS = 10  # a title or a remark may stand above the header, but not more
MAX_COLUMNS = 2000
MAX_CELLS = 50_000_000
"""Cells of a sheet, those counted that only fill a row up to its last cell: about 400 MB of pointers."""
Broken = dict[int, tuple[str, str, str]]


@dataclass(frozen=True)
class RawTable:
    """Cells as the file holds them: strings, numbers, dates, lists or None, column by column.

    ``name`` is what the file calls the table (sheet or file stem). Blank lines are not rows: row ``i`` (0-based) is
    the ``i + 1``-th line under the header that holds anything. ``broken`` names rows that cannot be read as cells:
    row -> (code, message, hint); they count as read and are rejected. ``formulas`` are cells that hold a formula.
    """

    source: str
    name: str
    headers: tuple[str, ...]
    columns: tuple[Sequence[Any], ...]
    count: int
    broken: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    formulas: tuple[tuple[int, int], ...] = ()  # (row, position of the column)


@dataclass(frozen=True)
class Grid:
    """One sheet, or one table of a document, as it stands: no header is known yet, titles and headings are rows.

    ``merged`` are (top, left, bottom, right) positions, both ends included, of cells that were made one; the text
    stands in the first of them, the others are None. ``before`` are the paragraphs above a table of a document,
    ``broken`` rows are those of :class:`RawTable`.
    """

    source: str
    name: str
    rows: Sequence[Sequence[Any]]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    before: tuple[str, ...] = ()
    broken: Broken = field(default_factory=dict)


@dataclass(frozen=True)
class FileContent:
    """The tables of one file and what is wrong with the file as a whole.

    ``grids`` are the same sheets as they stand (those of ``tables`` first and in the same order), for what is no table
    of ours: lists under a title, forms.
    """

    tables: tuple[RawTable, ...]
    problems: tuple[Problem, ...] = ()
    grids: tuple[Grid, ...] = ()


class TooLargeError(ValueError):
    """A sheet or a table with more columns or cells than may be read; the text is Chinese / English."""


class Reader(Protocol):
    """One file format."""

    name: str
    suffixes: tuple[str, ...]

    def read(self, path: Path) -> FileContent:
        """Read a file; what is wrong with it is a problem, only a missing file raises."""


def file_problem(source: str, code: str, message: str, hint: str, severity: Severity = "error") -> Problem:
    """A problem of a whole file: no table, row 0; the message begins with the file's name."""
    return Problem("", 0, "", code, severity, f"{source}：{message}", hint)


def is_blank(cells: Iterable[Any]) -> bool:
    """Whether a line holds nothing but spaces."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def _header_row(rows: Sequence[Sequence[Any]]) -> int:
    """Position of the header: of the first lines the one with most known names, the first line when none is known."""
    counts = [known_headers([str(cell or "") for cell in row]) for row in rows[:_TITLE_ROWS]]
    return counts.index(max(counts)) if max(counts) >= 2 else 0


def tabulate(
    source: str,
    name: str,
    rows: Iterable[Sequence[Any]],
    broken: dict[int, tuple[str, str, str]] | None = None,
) -> tuple[RawTable | None, list[int]]:
    """Lines of a file -> raw table (None when all are blank) and, for each row, the number of its line (0-based).

    ``broken`` is keyed by line. A line with more cells than the header cannot be trusted and is broken; a shorter
    one ends in empty cells.
    """
    broken = broken or {}
    kept = [(line, row) for line, row in enumerate(rows) if line in broken or not is_blank(row)]
    if not kept:
        return None, []
    first = _header_row([row for _, row in kept[:_TITLE_ROWS]])
    headers = [str(cell).strip() if cell is not None else "" for cell in kept[first][1]]
    while headers and not headers[-1]:
        headers.pop()
    width, kept = len(headers), kept[first + 1 :]
    marks: dict[int, tuple[str, str, str]] = {}
    cells: list[Sequence[Any]] = []
    for position, (line, row) in enumerate(kept):
        if line in broken:
            marks[position] = broken[line]
            row = ()
        elif len(row) > width and not is_blank(row[width:]):
            marks[position] = (
                "row.cells",
                f"本行有 {len(row)} 个单元格，表头只有 {width} 个 / {len(row)} cells, the header has {width}",
                "检查未加引号的逗号 / look for a comma outside quotes",
            )
            row = ()  # its cells may stand in the wrong columns
        cells.append(row if len(row) == width else [*row[:width], *([None] * (width - len(row)))])
    names = tuple(header or f"column_{index + 1}" for index, header in enumerate(headers))
    columns = tuple(zip(*cells, strict=True)) if cells else tuple(() for _ in names)
    return RawTable(source, name, names, columns, len(cells), marks), [line for line, _ in kept]
