"""Forms: labels and what is filled in beside or below them, and the tables of rights inside.

A label's value stands in the cell to the right; where there is another label or nothing, in the cell below; or behind
the label in its own cell. A label across the whole width is followed by its text. What the blank form prints as advice
(不超过 100 字) is no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from data.documents._labels import IGNORED, as_line, target_of
from data.raw import Grid
from data.reference.divisions import read_table
from data.reference.headers import column_of
from data.reference.vocabularies import label_key

_MAX_ROWS, _MAX_COLUMNS = 1000, 60  # of a form; a longer sheet is a list of something
_SCOPE = "form"
_INLINE = re.compile(r"\s*([^:：\n]{2,30})[:：](.*)", re.DOTALL)
_END = re.compile(r"\s*(附件|注[:：]|备注[:：])")
_TICK = re.compile(r"[☑√■☒✓✔]\s*(?:\d{1,2}\s*[、.．])?\s*([^☑√■☒✓✔□○☐\s,，、;；]+)")
_BOXES = re.compile(r"[☑√■☒✓✔□○☐]")
_OPTION = re.compile(r"\d{1,2}\s*[、.．]\s*([^\d\s、,，;；]+(?:、[^\d\s、,，;；]+)*)")
PARTS = ("技术路线", "创新模式", "应用场景", "已取得成效", "已取得的成效", "未来展望", "经济价值", "社会效益")
"""Headings that the form proposes inside a text."""
_IN_PARTS = ("projects.innovation", "projects.application")
_RIGHTS = frozenset("kind title number holder granted_at status".split())  # noqa: SIM905


class Field(NamedTuple):
    """One label with its value as written; ``target`` as in :mod:`data.documents._labels`."""

    target: str
    label: str
    value: Any


@dataclass
class Form:
    """Everything a form holds, in reading order: fields, and a row of rights as a dict under the target ``ip``."""

    fields: list[Field] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def targets(self) -> set[str]:
        """Targets that have a value."""
        return {item.target for item in self.fields}


@cache
def _hints() -> tuple[str, ...]:
    return tuple(label_key(row["text"]) for row in read_table("documents/hints.csv"))


def without_hints(value: Any) -> Any:
    """A value without the lines that the blank form prints; None when nothing is left."""
    if not isinstance(value, str):
        return value
    lines = [line for line in value.splitlines() if not any(label_key(line).startswith(hint) for hint in _hints())]
    text = "\n".join(lines).strip()
    return None if not text or re.fullmatch(r"[(（][^()（）]{0,20}[)）]|[_＿\s]+", text) else text


def chosen(value: Any) -> Any:
    """What is ticked of printed options; the option itself when one is written; None when all are left as printed."""
    if not isinstance(value, str):
        return value
    if _BOXES.search(value):
        return ";".join(_TICK.findall(value)) or None
    options = _OPTION.findall(value)
    if len(options) > 3:
        return None
    return ";".join(options) or value


def rights_header(row: Sequence[Any]) -> dict[int, str] | None:
    """Position -> column of ``ip`` when a row is the header of a table of rights; else None."""
    found: dict[int, str] = {}
    for position, cell in enumerate(row):
        column = column_of("ip", as_line(cell)) if isinstance(cell, str) else None
        if column in _RIGHTS and column not in found.values():
            found[position] = column
    return found if len(found) >= 3 and {"title", "number"} & set(found.values()) else None


def _label(cell: Any) -> tuple[str, str, Any] | None:
    """Target, label and value of a cell that begins with a label; the value is None when the label is all it holds."""
    if not isinstance(cell, str):
        return None
    target = target_of(_SCOPE, cell)
    if target:
        return target, as_line(cell), None
    first, _, rest = cell.partition("\n")
    target = target_of(_SCOPE, first)
    if target and rest.strip():
        return target, as_line(first), rest
    inline = _INLINE.fullmatch(cell)
    target = target_of(_SCOPE, inline[1]) if inline else None
    return (target, as_line(inline[1]), inline[2].strip() or None) if inline and target else None


def _is_label(cell: Any, above: str) -> bool:
    """Whether a cell is a label where a value of the target ``above`` may stand; a part of that value is none."""
    told = _label(cell)
    return told is not None and not (above in _IN_PARTS and told[1] in PARTS)


def is_list(grid: Grid) -> bool:
    """Whether rows without any label follow each other: such a grid is a list, and a form reader would lose rows."""
    before = False
    for row in grid.rows:
        texts = [cell for cell in row if as_line(cell)]
        plain = len(texts) >= 2 and not any(_label(cell) for cell in texts)
        if plain and before:
            return True
        before = plain
    return False


class _Reader:
    """Reads the fields of one grid."""

    def __init__(self, grid: Grid) -> None:
        self.rows = [list(row) for row in grid.rows]
        self.right = {(top, left): max(left, right) for top, left, _, right in grid.merged}
        self.bottom = {(top, left): max(top, bottom) for top, left, bottom, _ in grid.merged}
        self.used: set[tuple[int, int]] = set()
        self.found: list[tuple[int, Field]] = []

    def cell(self, row: int, column: int) -> Any:
        return self.rows[row][column] if 0 <= row < len(self.rows) and column < len(self.rows[row]) else None

    def read(self) -> list[Field]:
        rights = self._rights()
        for row, cells in enumerate(self.rows):
            for column, cell in enumerate(cells):
                if row in rights or (row, column) in self.used or not as_line(cell):
                    continue
                told = _label(cell)
                if told and told[0] != IGNORED:
                    self._take(row, column, *told)
        return [item for _, item in sorted(self.found, key=lambda pair: pair[0])]

    def _rights(self) -> set[int]:
        """Rows of tables of rights, which are taken up here: under the header, to the first line of another kind."""
        rows: set[int] = set()
        columns: dict[int, str] | None = None
        for number, row in enumerate(self.rows):
            header = rights_header(row)
            if header is not None:
                columns = header
                rows.add(number)
                continue
            texts = [as_line(cell) for cell in row if as_line(cell)]
            if columns is None or (len(texts) == 1 and not texts[0].isdigit()):
                columns = None
                continue
            rows.add(number)
            values = {
                column: row[place] for place, column in columns.items() if place < len(row) and as_line(row[place])
            }
            if values:
                self.found.append((number, Field("ip", "", values)))
        return rows

    def _take(self, row: int, column: int, target: str, label: str, value: Any) -> None:
        for item in self._beside(row, column, target) if value is None else [value]:
            if without_hints(item) is not None:
                self.found.append((row, Field(target, label, without_hints(item))))

    def _beside(self, row: int, column: int, target: str) -> list[Any]:
        """The cell to the right; else the cells below: all of a contact or a text across the sheet, else the first."""
        following = self.right.get((row, column), column) + 1
        right = self.cell(row, following)
        if as_line(right) and not _is_label(right, target):
            self.used.add((row, following))
            return [right]
        if not as_line(right) and any(as_line(cell) for cell in self.rows[row][following + 1 :]):
            return []  # the cell to the right was left empty: its neighbours are other fields
        alone = not any(as_line(cell) for place, cell in enumerate(self.rows[row]) if place != column)
        values: list[Any] = []
        below = self.bottom.get((row, column), row) + 1
        while below < len(self.rows):
            cell = self.cell(below, column)
            if not as_line(cell) or _is_label(cell, target) or _END.match(str(cell)) or rights_header(self.rows[below]):
                break
            self.used.add((below, column))
            values.append(cell)
            below = max(below, self.bottom.get((below, column), below)) + 1
            if not alone and not target.startswith("@"):
                break
        return ["\n".join(map(str, values))] if alone and values else values


def is_form_sized(grid: Grid) -> bool:
    """Whether a grid is small enough to be a form."""
    return len(grid.rows) <= _MAX_ROWS and all(len(row) <= _MAX_COLUMNS for row in grid.rows)


def _titles(grid: Grid) -> list[str]:
    """Texts that stand alone in one of the first rows."""
    rows = [[text for cell in row if (text := as_line(cell))] for row in grid.rows[:3]]
    return [texts[0] for texts in rows if len(texts) == 1]


def read_form(grids: Iterable[Grid]) -> Form:
    """Fields of a form; see the module. Paragraphs above a table are read like rows of one cell."""
    form = Form()
    for grid in grids:
        lines = Grid(grid.source, grid.name, [[line] for line in grid.before])
        form.texts += map(as_line, grid.before)
        form.fields += _Reader(lines).read()
        if is_form_sized(grid):
            form.texts += _titles(grid)
            form.fields += _Reader(grid).read()
    return form


def split(form: Form) -> Iterator[list[Field]]:
    """Fields of each project of a form: a second name begins another project of the same applicant."""
    shared: list[Field] = []
    group: list[Field] = []
    names: list[str] = []
    for item in form.fields:
        if item.target == "projects.name" and as_line(item.value) not in names:
            if names:
                yield group
                group = list(shared)
            else:
                shared = [known for known in group if known.target.startswith(("projects.", "awards."))]
            names.append(as_line(item.value))
        group.append(item)
    if group:
        yield group
