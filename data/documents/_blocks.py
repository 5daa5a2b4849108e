"""A sheet under a title -> blocks of rows under a header, each row with the headings that stand above it.

Cells merged over several rows are filled down; titles merged over several columns stay one cell. A row that holds one
text only (企业组, 一、一等奖（3个）, 注：…) is a heading or a note, not a row; a line that holds nothing but its number
is blank.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from data.documents._labels import IGNORED, as_line, target_of
from data.problem import Problem
from data.raw import Grid, file_problem

_FILLED = 5_000_000  # cells filled down in one sheet, at most
_NOTE = re.compile(
    r"\W*(?:(?:注|备注|说明|填表人?|制表人?|填报单位|联系人|联系电话)\s*\d*\s*:|附件\s*\d|\([^()]*\)$|"
    r"20\d\d\s*年.{0,8}日$|(?:合计|总计|小计|共计)(?:\W|\d|$))"
)
_CONTACT = re.compile(r"联系|电话|手机|邮箱|地址|@|[\d\-—]{7,}")
_HEADING = re.compile(r"组|奖|强|赛|榜|机构|载体|联合体|第[一二三四五六七八九十]+|^[一二三四五六七八九十(（]")
_CERTAIN = re.compile(
    r"\W*(?:[\d一二三四五六七八九十]{1,2}[.、)])?\W*(?=.*[组奖强])(?:(?:企业|创客|院校|高校|大学生|境外|国际|初创|成长)组)?"
    r"(?:[特一二三]等奖|[金银铜]奖|优胜奖|优秀奖|入围奖|\d+强)?\W*(?:共?\d+[个名项家]\W*)?"
)


@dataclass
class Line:
    """One data row: its cells by target, the unknown columns by header; ``broken`` as in :class:`data.raw.RawTable`."""

    cells: dict[str, Any]
    beside: dict[str, Any]
    headings: tuple[str, ...]
    broken: tuple[str, str, str] | None = None


@dataclass
class Sheet:
    """What stands on a sheet: texts above the first header, rows, and notes that are neither."""

    titles: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)


def filled(grid: Grid) -> list[list[Any]]:
    """Rows of a grid with the cells merged downwards filled in."""
    rows = [list(row) for row in grid.rows]
    budget = _FILLED
    for top, left, bottom, _ in grid.merged:
        if bottom == top or top >= len(rows) or left >= len(rows[top]):
            continue
        last = min(bottom, len(rows) - 1, top + budget)
        budget -= last - top
        for row in rows[top + 1 : last + 1]:
            row.extend([None] * (left + 1 - len(row)))
            if row[left] is None or row[left] == "":
                row[left] = rows[top][left]
    return rows


def header(scope: str, anchors: frozenset[str], row: Sequence[Any]) -> dict[int, str] | None:
    """Position -> target when a row is a header: most of its texts are known and one is an ``anchor``; else None."""
    texts = [(position, cell) for position, cell in enumerate(row) if as_line(cell)]
    found = {position: target for position, cell in texts if (target := target_of(scope, cell))}
    distinct = set(found.values())
    if len(distinct) < 2 or not distinct & anchors or 2 * len(found) < len(texts):
        return None
    return found


def _texts(row: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(text for cell in row if (text := as_line(cell))))


class _Walk:
    """Goes down a sheet and keeps the header and the headings that hold at the moment."""

    def __init__(self, scope: str, anchors: frozenset[str], grid: Grid) -> None:
        self.scope, self.anchors, self.grid = scope, anchors, grid
        self.wide = {(top, left): right - left + 1 for top, left, bottom, right in grid.merged if right > left}
        self.found = Sheet(titles=[text for line in grid.before if (text := as_line(line))])
        self.columns: dict[int, str] = {}
        self.names: dict[int, str] = {}
        self.headings: tuple[str, ...] = ()

    def walk(self) -> Sheet:
        rows = filled(self.grid)
        for number, row in enumerate(rows):
            if number in self.grid.broken:
                self._broken(number)
                continue
            columns = header(self.scope, self.anchors, row)
            if columns is not None:
                self._header(columns, row)
            else:
                self._row(number, row)
        return self.found

    def _broken(self, number: int) -> None:
        if self.columns:
            self.found.lines.append(Line({}, {}, self.headings, self.grid.broken[number]))

    def _header(self, columns: dict[int, str], row: Sequence[Any]) -> None:
        self.columns = {}
        for position, target in columns.items():
            if target == IGNORED or target.startswith("@") or target not in self.columns.values():
                self.columns[position] = target
        self.names = {position: text for position, cell in enumerate(row) if (text := as_line(cell))}
        self.found.targets.update(self.columns.values())

    def _row(self, number: int, row: Sequence[Any]) -> None:
        texts = _texts([cell for position, cell in enumerate(row) if self.columns.get(position) != IGNORED])
        if not texts and not self.columns:
            texts = _texts(row)
        if not texts:
            leading = _texts(row)
            if leading and not all(text.isdigit() for text in leading):
                self._remark(leading[0])
            return
        if not self.columns:
            self.found.titles.extend(texts)
            self.headings += tuple(texts)
        elif self._is_heading(number, row, texts):
            self._remark(texts[0])
        else:
            self.found.lines.append(self._line(row))

    def _is_heading(self, number: int, row: Sequence[Any], texts: list[str]) -> bool:
        if _NOTE.match(_texts(row)[0]) and len(texts) <= 2:
            return True
        if len(texts) > 1:
            return False
        position = next(position for position, cell in enumerate(row) if as_line(cell))
        width = self.wide.get((number, position), 1)
        return (width > 1 and width * 2 >= len(self.names)) or bool(_CERTAIN.fullmatch(texts[0]))

    def _remark(self, text: str) -> None:
        if _NOTE.match(text) or not _HEADING.search(text):
            self.found.notes.append(text)
        else:
            self.headings += (text,)

    def _line(self, row: Sequence[Any]) -> Line:
        cells: dict[str, Any] = {}
        beside: dict[str, Any] = {}
        for position, cell in enumerate(row):
            if not as_line(cell):
                continue
            target = self.columns.get(position)
            name = self.names.get(position, f"column_{position + 1}")
            if target is None or target.startswith("+"):
                name = name if target is None else target[1:]
                beside[f"{name}_" if name in beside else name] = cell
            elif target.startswith("@"):
                cells[f"{target}\t{name}"] = cell
            elif target != IGNORED:
                cells[target] = cell
        return Line(cells, beside, self.headings)


def note_problems(source: str, notes: Sequence[str]) -> list[Problem]:
    """One remark on the lines that are no rows; those that may hold contacts are counted, not shown."""
    if not notes:
        return []
    shown = "；".join(note[:40] for note in notes[:5] if not _CONTACT.search(note))
    message = f"非数据行 {len(notes)} 行 / {len(notes)} lines are notes: {shown}"
    return [file_problem(source, "list.note", message, "", "info")]


def read_sheet(scope: str, anchors: frozenset[str], grid: Grid) -> Sheet:
    """Rows of a sheet; see the module."""
    return _Walk(scope, anchors, grid).walk()


def find_header(scope: str, anchors: frozenset[str], grid: Grid, rows: int = 40) -> dict[int, str] | None:
    """The first header among the first rows of a grid; None when there is none or the grid is a form."""
    head = [list(row) for row in grid.rows[:rows]]
    found = next((columns for row in head if (columns := header(scope, anchors, row))), None)
    return None if found is None or _is_form(scope, anchors, head) else found


def _is_form(scope: str, anchors: frozenset[str], rows: Sequence[Sequence[Any]]) -> bool:
    """Whether labels stand at the side: in a third of the rows, and in two at least, the first text is a label."""
    labelled = 0
    for row in rows:
        texts = [cell for cell in row if as_line(cell)]
        columns = header(scope, anchors, row)
        if texts and (columns is None or 2 * len(columns) <= len(texts)):
            labelled += target_of(scope, texts[0]) not in (None, IGNORED)
    return labelled >= 2 and 3 * labelled > len(rows)
