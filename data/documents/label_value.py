"""Any other form: labels with their values beside or below, mapped by the headers of our own tables.

The form of 科创中国 is of this kind: its layout is not in the notice, its labels are ordinary ones.
"""

from __future__ import annotations

from data.document import Document, Reading, Told
from data.documents._fields import is_form_sized, is_list, read_form
from data.documents._projects import FormRows

_ENOUGH = 3


class _LabelValue:
    name = "label_value"
    rank = 90
    zh = "其他申报表（标签与内容）"
    en = "any other form of labels and values"

    def claim(self, document: Document) -> tuple[int, ...]:
        """Grids with fields, when together they tell a project and two things more, or its applicant and three."""
        targets: set[str] = set()
        found: list[int] = []
        for position, grid in enumerate(document.grids):
            if not is_form_sized(grid) or is_list(grid):
                continue
            mine = read_form([grid]).targets
            if mine:
                found.append(position)
                targets |= mine
        enough = _ENOUGH if "projects.name" in targets else _ENOUGH + 1
        named = targets & {"projects.name", "projects.applicant"}
        return tuple(found) if named and len(targets) >= enough else ()

    def read(self, document: Document, told: Told) -> Reading:
        """One project, or several where the name stands again."""
        form = read_form(document.grids)
        return FormRows(document, form, told).read(form)


KIND = _LabelValue()
