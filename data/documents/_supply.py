"""Lists that name institutions: their rows, ids and the contacts left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.document import Document, Reading, Told
from data.documents._blocks import Line, Sheet, find_header, note_problems, read_sheet
from data.documents._labels import as_line
from data.documents._rows import Rows, columns_of, contacts_left_out, given_id, make_id, take_contacts
from data.raw import Grid
from data.reference.vocabularies import label_key

_LINES = 30  # paragraphs above a table that may be its title


class Supply:
    """One grid of a list of institutions; ``prefix`` begins the ids of those that are not known yet."""

    def __init__(self, document: Document, grid: Grid, told: Told, scope: str, anchors: frozenset[str]) -> None:
        self.source = f"{document.source}“{grid.name}”" if grid.name not in ("", document.stem) else document.source
        self.sheet: Sheet = read_sheet(scope, anchors, grid)
        self.titles = [*map(as_line, self.sheet.titles), grid.name, document.stem]
        self.institutions = Rows("institutions", self.source)
        self.reading = Reading(rows=len(self.sheet.lines))
        self._known: Mapping[str, str] = told.institutions()

    def id_of(self, prefix: str, name: str, *others: str) -> tuple[str, bool]:
        """Id of an institution, and whether one of that name is known already."""
        known = self._known.get(label_key(name), "")
        return (known, True) if known else (make_id((prefix,), name, *others) if name else "", False)

    def institution(self, line: Line, prefix: str, values: dict[str, Any], beside: dict[str, Any]) -> None:
        """One institution; contacts of its row stay out."""
        name = as_line(values.get("name"))
        given = given_id(values, "institution_id", beside)
        number = given or self.id_of(prefix, name)[0]
        self.reading.contacts += take_contacts(line.cells.items(), number, self.source)
        self.institutions.add({"institution_id": number, **values}, beside)

    def done(self) -> Reading:
        """What the list gave."""
        if len(self.institutions):
            self.reading.tables.append(("institutions", self.institutions.table()))
        self.reading.problems += note_problems(self.source, self.sheet.notes)
        self.reading.problems += contacts_left_out(self.source, self.reading.contacts)
        return self.reading


def texts_around(document: Document, position: int) -> str:
    """Titles of a grid: paragraphs above it and above the first one, its first rows, its name and that of the file."""
    grid = document.grids[position]
    lines = [*document.grids[0].before[:_LINES], *grid.before[-_LINES:]]
    head = [as_line(cell) for row in grid.rows[:4] for cell in row if as_line(cell)]
    return " ".join([*map(as_line, lines), *head, grid.name, document.stem])


def lists_of(document: Document, scope: str, anchors: frozenset[str]) -> list[int]:
    """Positions of the grids that are lists with a header of this scope."""
    return [place for place, grid in enumerate(document.grids) if find_header(scope, anchors, grid)]


def institution_columns(line: Line) -> dict[str, Any]:
    """Columns of institutions of a row."""
    return columns_of(line.cells, "institutions")
