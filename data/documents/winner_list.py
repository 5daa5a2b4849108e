"""名单: lists of winners of a contest, of the 500 and 50, of the lists of 科创中国 that name projects or companies.

A list has a title, a header in any order, blocks under headings (企业组, 创客组, 一等奖) and one winner a row. Each row
gives a project and an award. What the row does not say is taken from the heading above it, then from the title.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from data.document import Document, Reading, Told
from data.documents._blocks import find_header, read_sheet
from data.documents._fields import is_list
from data.documents._labels import as_line
from data.documents._winners import ANCHORS, WinnerRows, is_complete, refused
from data.raw import Grid

_LINES = 30  # paragraphs above a table that may be its title
_EVIDENCE = frozenset({"awards.award", "awards.place", "awards.contest", "awards.programme", "projects.group"})
_LIST = re.compile(r"名单|获奖|拟奖|入围|入选|榜|\d+强|优秀成果|优秀项目|前\d+名|大赛|创客中国|科创中国|创新之光")


class _WinnerList:
    name = "winner_list"
    rank = 40
    zh = "获奖名单"
    en = "list of winners"

    def claim(self, document: Document) -> tuple[int, ...]:
        """Grids with a header that names projects or entrants, and rows, or anything that says they won."""
        return tuple(
            position
            for position, grid in enumerate(document.grids)
            if self._is_list(document, grid, document.grids[:position])
        )

    @staticmethod
    def _is_list(document: Document, grid: Grid, above: Sequence[Grid]) -> bool:
        columns = find_header("list", ANCHORS, grid)
        if columns is None:
            return False
        if _EVIDENCE & set(columns.values()) or is_list(grid):
            return True
        head = [as_line(cell) for row in grid.rows[:10] for cell in row]
        before = (*grid.before[-_LINES:], *(line for earlier in above[:1] for line in earlier.before[:_LINES]))
        return any(_LIST.search(text) for text in (*head, *before, grid.name, document.stem))

    def read(self, document: Document, told: Told) -> Reading:
        """Projects and awards of all lists; awards without a programme and an edition are refused with a hint."""
        whole = Reading()
        before: tuple[str, ...] = ()
        grids: list[Grid] = []
        for grid in document.grids:  # in a document the title of the first table is that of all
            grids.append(replace(grid, before=(*(text for text in before if text not in grid.before), *grid.before)))
            before = (*before, *grid.before)[:_LINES]
        sheets = [read_sheet("list", ANCHORS, grid) for grid in grids]
        for grid, sheet in zip(grids, sheets, strict=True):
            around = [title for other in sheets if other is not sheet for title in other.titles]
            one = WinnerRows(document, grid, sheet, around, told)
            whole.add(one.read() if is_complete(one) else refused(one))
        return whole


KIND = _WinnerList()
