"""What may be shown of a project: a ``teaser`` appears without name, applicant and place below the province.

Contact-like strings (phone, identity and mail patterns) in free text are masked for everybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PERSONAL = re.compile(
    r"(?<!\d)1[3-9]\d{9}(?!\d)"  # mobile phone
    r"|(?<!\d)0\d{2,3}[-－—]\d{7,8}(?!\d)"  # fixed line
    r"|(?<!\d)\d{17}[\dXx](?![0-9A-Za-z])"  # identity card
    r"|[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"  # mail
)
MASK = "＊＊＊"
HIDDEN = ("name", "applicant", "city", "district", "founded_at")
OPEN = ("project_id", "country", "province")
"""Shown of every project, also where a municipality's province bears the name of its city."""
RANK = re.compile(r"(?:特别行政区|地区|[省市盟])$")
SHORTEST = 2
"""Shorter hidden strings are not searched for in text: they would hide half of it."""


@dataclass(frozen=True)
class Mask:
    """How one project is shown; ``hidden`` strings never appear."""

    teaser: bool
    hidden: tuple[str, ...]

    def text(self, sentence: str | None) -> str | None:
        """A sentence as it may be shown; None when it names what is hidden."""
        if sentence is None:
            return None
        if self.teaser and any(word in sentence for word in self.hidden):
            return None
        return PERSONAL.sub(MASK, sentence)

    def row(self, project: Mapping[str, Any]) -> dict[str, Any]:
        """A project's row as it may be shown."""
        shown = {name: value if name in OPEN else self._cell(value) for name, value in project.items()}
        if self.teaser:
            shown.update(dict.fromkeys(HIDDEN))
            shown["name"] = teaser_name(project)
        return shown

    def _cell(self, value: Any) -> Any:
        if isinstance(value, list):
            return [text for text in (self._cell(item) for item in value) if text is not None]
        return self.text(value) if isinstance(value, str) else value


def mask_project(project: Mapping[str, Any]) -> Mask:
    """The mask of a project by its confidentiality. Of a city the short name (杭州 for 杭州市) is hidden as well."""
    name, applicant, city, district, province = (
        str(project.get(column) or "") for column in ("name", "applicant", "city", "district", "province")
    )
    places = {city, _short(city), district}
    if province:  # a municipality is its own city; its name is shown as the province
        places = {place for place in places if _short(place) != _short(province)}
    hidden = {name, applicant} | places
    return Mask(
        project.get("confidentiality") == "teaser", tuple(sorted(word for word in hidden if len(word) >= SHORTEST))
    )


def _short(place: str) -> str:
    """A place's name without its rank; unchanged when too little would be left."""
    name = RANK.sub("", place)
    return name if len(name) >= SHORTEST else place


def teaser_name(project: Mapping[str, Any]) -> str:
    """Name under which a teaser appears: sector and province."""
    parts = [*(project.get("sectors") or [])[:1], project.get("province") or ""]
    return "匿名项目（" + " · ".join(part for part in parts if part) + "）" if any(parts) else "匿名项目"
