"""“科创中国”技术经理人先锋榜: persons who broker technology, as institutions of that kind, without contacts."""

from __future__ import annotations

import re
from typing import Any

from data.document import Document, Reading, Told
from data.documents._labels import as_line
from data.documents._supply import Supply, institution_columns, lists_of, texts_around

_ANCHORS = frozenset({"institutions.name"})
_TITLE = re.compile(r"技术(?:经理人|经纪人|转移经理人)")


class _ManagerList:
    name = "manager_list"
    rank = 21
    zh = "技术经理人名单"
    en = "list of technology managers"

    def claim(self, document: Document) -> tuple[int, ...]:
        """Lists of names under a title that names technology managers."""
        places = lists_of(document, "manager", _ANCHORS)
        return tuple(place for place in places if _TITLE.search(texts_around(document, place)))

    def read(self, document: Document, told: Told) -> Reading:
        """One technology manager a row; the employer tells two of one name apart and is told in the profile."""
        whole = Reading()
        for grid in document.grids:
            one = Supply(document, grid, told, "manager", _ANCHORS)
            for line in one.sheet.lines:
                if line.broken:
                    one.institutions.refuse(*line.broken)
                    continue
                values, beside = institution_columns(line), dict(line.beside)
                employer, name = as_line(beside.pop("任职单位", "")), as_line(values.get("name"))
                number = one.id_of("manager", name, employer)[0]
                told_here: dict[str, Any] = {"institution_id": number, "kind": "technology_manager", "roles": "match"}
                parts = [f"任职单位：{employer}" if employer else "", str(values.get("profile") or "")]
                told_here["profile"] = "\n".join(part for part in parts if part)
                one.institution(line, "manager", values | told_here, beside)
            whole.add(one.done())
        return whole


KIND = _ManagerList()
