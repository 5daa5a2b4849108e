"""What may be shown of a project: a ``teaser`` appears without name, applicant, place below the province, IP numbers.

Nor does any text of it that holds one of them, however it is written: in full or by its core, with blanks, full-width
or punctuated. Personal data in free text (:mod:`data.personal`) is masked for everybody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from data.names import organisation_cores
from data.personal import MASK, PERSONAL, without_personal
from data.reference.sectors import sectors
from features.text import sentences

__all__ = ["MASK", "MASKED", "PERSONAL", "Mask", "mask_project", "teaser_name"]

MASKED = ("project_id", "name", "applicant", "province", "city", "district", "confidentiality")
"""Columns that a mask is made of."""
HIDDEN = ("name", "applicant", "city", "district", "founded_at")
OPEN = ("project_id", "country", "province", "confidentiality", "state")
"""Shown of every project as they are; the province also where it bears the name of its city."""
RANK = re.compile(r"(?:特别行政区|自治[区州县旗]|地区|[省市盟区县旗])$")
SHORTEST = 2
"""Shorter hidden strings are not searched for in text: they would hide half of it."""
SHORTEST_NUMBER = 5
"""A shorter IP number is a running number of somebody's own list."""
_MARKS = re.compile(r"[\W_]+")
_BRACKETS = re.compile(r"[(\[【（［][^()\[\]【】（）［］]*[)\]】）］]")
_NOT_NAMED = {"样例", "筹", "一期", "二期", "三期"}
_TRADE = re.compile(
    r"(?:科技|技术|智能|信息|网络|软件|数据|电子|光电|生物|医药|医疗|材料|新材料|能源|新能源|环保|环境|农业|装备|机械|制造|"
    r"自动化|机器人|航天|航空|工业|实业|产业|发展|创新|研究院|研究所|研究中心|创客团队|创业团队|团队|项目组|课题组|工作室|实验室)+$"
)
_IP_NUMBER = re.compile(
    r"(?:ZL|CN|PCT|SR|WO|US|EP)[\s/.:：]{0,2}\d(?:[\s./\-－]?[\dXx]){6,14}[A-Z]?\d?"
    r"|(?<!\d)(?:19|20)\d{2}[\s\-－]?SR[\s\-－]?\d{4,8}"
    r"|(?<![\d.])20\d{2}\s?[1-389]\s?\d{7}[.．]?[\dXx](?!\d)"
    r"|(?:证书编?号|登字第|专利号|申请号|登记号|授权号|公开号|注册号)[\s:：为是第]{0,3}[\dA-Z][\dA-Za-z.\-\s]{4,20}",
    re.IGNORECASE,
)
"""IP numbers of which the store has no row: their usual forms, and what stands behind a word such as 专利号."""


@dataclass(frozen=True)
class Mask:
    """How one project is shown; ``hidden`` strings, in the form of :func:`plain_key`, never appear."""

    teaser: bool
    hidden: tuple[str, ...]

    def __or__(self, other: Mask) -> Mask:
        """The stricter of two masks: what either hides."""
        return Mask(self.teaser or other.teaser, tuple(sorted({*self.hidden, *other.hidden})))

    def hiding(self, numbers: Iterable[str | None]) -> Mask:
        """The mask with the numbers of the project's rights (table ``ip``), with and without ZL or CN before them."""
        keys = {key for key in (plain_key(number or "") for number in numbers) if len(key) >= SHORTEST_NUMBER}
        keys |= {key[2:] for key in keys if key.startswith(("zl", "cn")) and len(key) >= SHORTEST_NUMBER + 2}
        return self | Mask(self.teaser, tuple(keys)) if self.teaser else self

    def hides(self, text: str) -> bool:
        """Whether a text names what is hidden."""
        if not self.teaser:
            return False
        key = plain_key(text)
        return any(word in key for word in self.hidden) or bool(_IP_NUMBER.search(unicodedata.normalize("NFKC", text)))

    def text(self, sentence: str | None) -> str | None:
        """A sentence as it may be shown; None when it names what is hidden."""
        if sentence is None or self.hides(sentence):
            return None
        return without_personal(sentence)

    def running(self, text: str | None) -> str | None:
        """A text of several sentences without those that name what is hidden; None when nothing is left to show."""
        if text is None or not self.hides(text):
            return self.text(text)
        left = "".join(sentence for sentence in sentences(text) if not self.hides(sentence))
        return left if left and not self.hides(left) else None

    def row(self, project: Mapping[str, Any]) -> dict[str, Any]:
        """A project's row as it may be shown."""
        shown = {name: value if name in OPEN else self._cell(value) for name, value in project.items()}
        if self.teaser:
            shown.update(dict.fromkeys(HIDDEN))
            shown["name"] = self.text(teaser_name(project)) or "匿名项目"
        return shown

    def _cell(self, value: Any) -> Any:
        if isinstance(value, list):
            return [text for text in (self._cell(item) for item in value) if text is not None]
        return self.running(value) if isinstance(value, str) else value


def plain_key(text: str) -> str:
    """A text as hidden strings are looked for in it: NFKC, lower case, letters and digits only."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text).casefold())


def mask_project(project: Mapping[str, Any]) -> Mask:
    """The mask of a project by its confidentiality; the numbers of its rights are added by :meth:`Mask.hiding`.

    Of a city the short name (杭州 for 杭州市) is hidden as well, of an applicant the core without legal form, place and
    trade (云雀 for 杭州云雀科技有限公司), of both names also what stands in their brackets, such as an English name.
    """
    if project.get("confidentiality") != "teaser":
        return Mask(False, ())
    name, applicant, province = (str(project.get(column) or "") for column in ("name", "applicant", "province"))
    places = _places(project, province)
    hidden = {plain_key(word) for word in (*_names(name), *_applicants(applicant, project), *places)}
    return Mask(True, tuple(sorted(word for word in hidden if len(word) >= SHORTEST)))


def _places(project: Mapping[str, Any], province: str) -> set[str]:
    """City and district, with and without rank. A municipality is its own city; its name is shown as the province."""
    names = {str(project.get(column) or "") for column in ("city", "district")}
    places = names | {_short(name) for name in names}
    return {place for place in places if not province or _short(place) != _short(province)}


def _names(name: str) -> set[str]:
    """A project's name, without what stands in brackets, and each bracketed part that is a name of its own."""
    inside = (part[1:-1].strip() for part in _BRACKETS.findall(name))
    return {
        name,
        _BRACKETS.sub("", name),
        *(part for part in inside if len(part) > SHORTEST and part not in _NOT_NAMED),
    }


def _applicants(applicant: str, project: Mapping[str, Any]) -> set[str]:
    """An applicant's name and its cores, down to the word that only it bears; a word of the trade alone is no name."""
    if not applicant:
        return set()
    found = {applicant, _BRACKETS.sub("", applicant), *organisation_cores(applicant)}
    for core in organisation_cores(applicant):
        short = _without_place(core, project)
        found.add(short)
        brand = _TRADE.sub("", short)
        if len(brand) >= SHORTEST and not sectors().resolve(brand):
            found.add(brand)
    return found - {""} - {_short(str(project.get("province") or "")), str(project.get("province") or "")}


def _without_place(core: str, project: Mapping[str, Any]) -> str:
    """A core without the project's own province, city or district before it."""
    for column in ("province", "city", "district"):
        place = plain_key(str(project.get(column) or ""))
        for word in (place, _short(place)):
            if len(word) >= SHORTEST and core.startswith(word) and len(core) - len(word) >= SHORTEST:
                core = core.removeprefix(word)
    return core


def _short(place: str) -> str:
    """A place's name without its rank; unchanged when too little would be left."""
    name = RANK.sub("", place)
    return name if len(name) >= SHORTEST else place


def teaser_name(project: Mapping[str, Any]) -> str:
    """Name under which a teaser appears: sector and province."""
    parts = [*(project.get("sectors") or [])[:1], project.get("province") or ""]
    return "匿名项目（" + " · ".join(part for part in parts if part) + "）" if any(parts) else "匿名项目"
