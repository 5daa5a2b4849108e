"""创新之光的申报表: 附件1 申报单位信息表, 附件2 申报成果信息表, 附件3 知识产权信息表, in one document.

成果创新性简介 becomes the summary and 创新成果简介 the innovation of the project, whole; its parts (技术路线, 创新模式,
应用场景; 已取得的成效, 未来展望) are also kept apart under their own names.
"""

from __future__ import annotations

from data.document import Document, Reading, Told
from data.documents._fields import read_form
from data.documents._labels import as_line
from data.documents._projects import FormRows
from data.reference.vocabularies import label_key

_LABELS = frozenset(
    map(label_key, ("成果名称", "成果创新性简介", "成果首发性", "创新成果简介", "成果技术创新情况", "成果应用情况"))
)
_PROGRAMME = "创新之光"


class _InnovationForm:
    name = "innovation_form"
    rank = 10
    zh = "创新之光申报表"
    en = "application form of 创新之光"

    def claim(self, document: Document) -> tuple[int, ...]:
        """All grids when three labels of annex 2 stand in the document."""
        found: set[str] = set()
        for grid in document.grids:
            cells = [line for line in grid.before] + [cell for row in grid.rows[:200] for cell in row[:20]]
            first = (as_line(cell).partition(":")[0] for cell in cells if isinstance(cell, str))
            lines = (str(cell).partition("\n")[0].strip() for cell in cells if isinstance(cell, str))
            found |= {key for text in (*first, *lines) if len(text) < 20 and (key := label_key(text)) in _LABELS}
        return tuple(range(len(document.grids))) if len(found) >= 3 else ()

    def read(self, document: Document, told: Told) -> Reading:
        """Project, rights, and the award as far as the form tells it."""
        form = read_form(document.grids)
        return FormRows(document, form, told, _PROGRAMME).read(form)


KIND = _InnovationForm()
