"""“科创中国”融通创新组织榜: institutions that serve projects, their kind by their category.

The category stands in a column, in a heading (一、新型研发机构), or in the title.
"""

from __future__ import annotations

import re
from functools import lru_cache

from data.document import Document, Reading, Told
from data.documents._labels import as_line
from data.documents._supply import Supply, institution_columns, lists_of, texts_around
from data.reference.vocabularies import vocabulary

_ANCHORS = frozenset({"institutions.name"})
_TITLE = re.compile(r"融通(?:创新)?组织|产学研融通")
_CATEGORIES = re.compile(
    r"新型研发机构|(?:专业)?技术转移机构|(?:创业)?孵化载体|创新联合体|(?:专业化)?众创空间|(?:专业)?孵化器|大学科技园"
)


@lru_cache(maxsize=4096)
def category_in(text: str) -> str:
    """The one category that a text names; '' for none or several."""
    found = set(_CATEGORIES.findall(text))
    return found.pop() if len(found) == 1 else ""


class _OrganisationList:
    name = "organisation_list"
    rank = 20
    zh = "融通创新组织榜"
    en = "list of organisations for joint innovation"

    def claim(self, document: Document) -> tuple[int, ...]:
        """Lists of names under such a title, or with such categories in their first rows."""
        found = []
        for position in lists_of(document, "organisation", _ANCHORS):
            cells = [as_line(cell) for row in document.grids[position].rows[:40] for cell in row]
            exact = sum(bool(_CATEGORIES.fullmatch(cell.lstrip("一二三四(（）)、. "))) for cell in cells)
            if _TITLE.search(texts_around(document, position)) or exact:
                found.append(position)
        return tuple(found)

    def read(self, document: Document, told: Told) -> Reading:
        """Institutions; a row of which nobody says the category is rejected."""
        whole = Reading()
        for grid in document.grids:
            one = Supply(document, grid, told, "organisation", _ANCHORS)
            title = next((found for text in one.titles if (found := category_in(text))), "")
            for line in one.sheet.lines:
                if line.broken:
                    one.institutions.refuse(*line.broken)
                    continue
                values, beside = institution_columns(line), dict(line.beside)
                heading = next((found for text in reversed(line.headings) if (found := category_in(text))), "")
                written = as_line(values.get("kind")) or heading or title
                category = category_in(written) or written
                code = vocabulary("institution_kinds").resolve(category) if category else None
                beside |= {"kind": written} if written and written != code else {}
                one.institution(line, "org", values | {"kind": code or category}, beside)
            whole.add(one.done())
        return whole


KIND = _OrganisationList()
