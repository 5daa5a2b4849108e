"""Places: what a province, city or district column means, what a text names, what covers what, how far it is.

Codes of places are six-digit division codes (330000 浙江, 330100 杭州, 330106 西湖区); 兵团 is 660000; macro-regions
have names (``yangtze_delta``), ``nationwide`` covers every place of China. The 35 contest regions are those of the
notice of the 7th 创客中国 (2022, annex 2): 29 provinces (内蒙古 and 宁夏 held no contest), 5 plan cities and 兵团.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache

from data.reference.divisions import CORPS, MUNICIPALITIES, Division, load_divisions, read_table

CORPS_REGION = "660000"
_EARTH_KM = 6371.0
_HOME = {
    "",
    "中国",
    "中国大陆",
    "中华人民共和国",
    "china",
    "cn",
    "chn",
    "prc",
    "p.r.china",
    "people'srepublicofchina",
    "大陆",
}
_GREATER = {"710000", "810000", "820000"}
# Short names that are common words too: in running text they count only with 省, 市 or 区 behind them.
_WORDS = "白银 来宾 大同 长治 朝阳 东方 海西 海北 海东 安康 吉安 白山 黄山 中山 黄石 和平 文山 怀化 通化 百色 凉山 保山"
_NOT_A_PLACE = re.compile(
    r"(?:省|市)?(?:交通|理工|工业|科技|师范|航空航天|财经|农业|医科|邮电|电子科技|化工|工程|林业|海洋|中医药|外国语|政法|建筑|体育|"
    r"石油|矿业|民族|经济|经贸)?(?:大学|学院|银行|交大|理工|师大|农大|科大|医大)|[东南西北中]?路(?!演)"
)
_LATIN = re.compile(r"[a-z][a-z'\-]*[a-z]")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in China: short names and codes, '' where unknown; degrees; contest region, '' where there is none."""

    province: str
    city: str
    district: str
    province_code: str
    city_code: str
    district_code: str
    lon: float
    lat: float
    contest_region: str

    @property
    def code(self) -> str:
        """Code of the most exact division that is known."""
        return self.district_code or self.city_code or self.province_code


def _clean(text: str | None) -> str:
    return re.sub(r"[\s,，·、/\-]+", "", unicodedata.normalize("NFKC", text or "")).casefold()


class Regions:
    """All divisions, macro-regions and contest regions; made once by :func:`regions`."""

    def __init__(self) -> None:
        self.divisions = load_divisions()
        self.contest = {row["code"]: (row["name_zh"], row["name_en"]) for row in read_table("regions_contest.csv")}
        self._macro = {row["code"]: row for row in read_table("regions_macro.csv")}
        self._members = {
            code: frozenset(member for member in row["members"].split(";") if member)
            for code, row in self._macro.items()
        }
        self._names: dict[str, list[str]] = defaultdict(list)  # name -> division codes, provinces first
        self._english: dict[str, str] = {}
        self._scan: dict[str, list[str]] = defaultdict(list)  # first two characters -> names in text, longest first
        self._load_names()
        self.resolve = lru_cache(maxsize=65536)(self._resolve)

    def _load_names(self) -> None:
        for division in self.divisions.values():
            for name in dict.fromkeys((division.name, division.short)):
                self._names[name].append(division.code)
        for row in read_table("regions_aliases.csv"):
            self._english[row["adcode"]] = row["name_en"]
            for alias in (row["name_en"], *row["aliases"].split(";")):
                if alias:
                    self._names[_clean(alias)].insert(0, row["adcode"])
        self._words = dict(self._names)
        words = frozenset(_WORDS.split())
        for code, row in self._macro.items():
            for name in (row["name_zh"], row["name_en"], *row["synonyms"].split(";")):
                self._words[name if not name.isascii() else _clean(name)] = [code]
        for name in self._words:
            if len(name) > 1 and not name.isascii() and name not in words and self._in_text(name):
                self._scan[name[:2]].append(name)
        for names in self._scan.values():
            names.sort(key=lambda name: (-len(name), name))

    def _in_text(self, name: str) -> bool:
        """Short names of districts count in running text for county-level cities only, when one place bears them."""
        codes = self._words[name]
        first = self.divisions.get(codes[0])
        if first is None or first.level < 2 or name == first.name:
            return True
        return len(codes) == 1 and first.name.endswith("市")

    def _under(self, code: str, above: str) -> bool:
        while code:
            if code == above:
                return True
            code = self.divisions[code].parent if code in self.divisions else ""
        return False

    def _pick(self, name: str, above: str, *, below: bool = False) -> str:
        """The one division of that name under ``above`` ('' anywhere): the highest; '' when two stand on one level.

        With ``below`` the division above itself comes last: in the column ``city``, 吉林 is the city, not the province.
        """
        codes = [code for code in self._names.get(name, ()) if not above or self._under(code, above)]
        if below and len(codes) > 1:
            codes = [code for code in codes if code != above]
        level = min((self.divisions[code].level for code in codes), default=0)
        codes = list(dict.fromkeys(code for code in codes if self.divisions[code].level == level))
        return codes[0] if len(codes) == 1 else ""

    def _walk(self, text: str, above: str) -> str:
        """Read a joined address (浙江省杭州市西湖区…) from the left; the last division that could be read.

        Past the beginning only full names count (第八师石河子市), and a name that two places bear ends the reading.
        """
        start, gap = 0, False
        while start < len(text):
            for stop in range(min(len(text), start + 15), start + 1, -1):
                name = text[start:stop]
                code = self._pick(name, above, below=bool(above))
                if code and not (gap and self.divisions[code].name != name):
                    above, start, gap = code, stop, False
                    break
                if name in self._names and not above:
                    return ""
            else:
                start, gap = start + 1, True
        return above

    def _resolve(
        self, country: str | None, province: str | None = "", city: str | None = "", district: str | None = ""
    ) -> Place | None:
        """Place that the four columns name, as exactly as they can be read; None when foreign or unknown.

        A city that does not lie in the province is left out; a unique city or district stands without its province.
        """
        home = _clean(country)
        above = "" if home in _HOME else self._pick(home, "")
        if home not in _HOME and above not in _GREATER:
            return None
        for cell in (province, city, district):
            name = _clean(cell)
            if name and name not in _HOME:
                above = self._pick(name, above, below=bool(above)) or self._walk(name.removeprefix("中国"), above)
        return self.place(above) if above else None

    @staticmethod
    def is_home(country: str | None) -> bool:
        """Whether a country column means China or is empty."""
        return _clean(country) in _HOME

    def place(self, code: str) -> Place | None:
        """Place of a division code; None for a macro-region or an unknown code."""
        code = CORPS if code == CORPS_REGION else code
        if code not in self.divisions:
            return None
        chain: dict[int, Division] = {}
        node: Division | None = self.divisions[code]
        corps = False
        exact = self.divisions[code]
        while node is not None:
            corps = corps or node.code == CORPS
            chain[node.level] = node
            node = self.divisions.get(node.parent)
        if chain[0].code in MUNICIPALITIES and 1 not in chain:
            chain[1] = self.divisions[chain[0].code[:2] + "0100"]
        names = [chain[level].short if level in chain else "" for level in range(3)]
        codes = [chain[level].code if level in chain else "" for level in range(3)]
        region = CORPS_REGION if corps else next((part for part in (codes[1], codes[0]) if part in self.contest), "")
        return Place(names[0], names[1], names[2], codes[0], codes[1], codes[2], exact.lon, exact.lat, region)

    def find(self, text: str) -> tuple[str, ...]:
        """Codes of the places and macro-regions that a text names, in order, each once; the most exact of a chain.

        Universities, banks and streets that bear a place's name are not places.
        """
        text = unicodedata.normalize("NFKC", text).casefold()
        found: list[tuple[int, int, str]] = []
        end = 0
        for start in [i for i in range(len(text) - 1) if text[i : i + 2] in self._scan]:
            for name in self._scan[text[start : start + 2]] if start >= end else ():
                if text.startswith(name, start) and not _NOT_A_PLACE.match(text, start + len(name)):
                    code = self._in_context(name, found)
                    if code:
                        end = start + len(name)
                        self._add(found, start, end, code)
                        break
        found.extend(self._latin(text))
        return tuple(dict.fromkeys(CORPS_REGION if code == CORPS else code for _, _, code in sorted(found)))

    def _latin(self, text: str) -> list[tuple[int, int, str]]:
        """English names of one to three words, the longest first, as (start, stop, code)."""
        words = list(_LATIN.finditer(text))
        found: list[tuple[int, int, str]] = []
        first = 0
        while first < len(words):
            for last in range(min(first + 3, len(words)) - 1, first - 1, -1):
                span = words[first].start(), words[last].end()
                key = _clean(text[span[0] : span[1]])
                if len(key) > 2 and key.isascii() and key in self._words:
                    found.append((*span, self._words[key][0]))
                    first = last
                    break
            first += 1
        return found

    def _in_context(self, name: str, found: list[tuple[int, int, str]]) -> str:
        """Code of a name in running text: the only one of its level, or the one under a place named before."""
        if self._words[name][0] in self._macro:
            return self._words[name][0]
        for _, _, above in reversed(found):
            if above in self.divisions and (code := self._pick(name, above)):
                return code
        return self._pick(name, "")

    def _add(self, found: list[tuple[int, int, str]], start: int, stop: int, code: str) -> None:
        """Keep a hit; 江苏省苏州市 is one place, so the part before it goes when it stands right before."""
        if found and found[-1][1] == start and code in self.divisions and self._under(code, found[-1][2]):
            start = found.pop()[0]
        found.append((start, stop, code))

    def covers(self, code: str, place: Place | None) -> bool:
        """Whether a division, contest region or macro-region holds a place; ``nationwide`` holds every known place."""
        if place is None:
            return False
        parts = {place.province_code, place.city_code, place.district_code, place.contest_region} - {""}
        members = self._members.get(code)
        if members is None:
            return code in parts
        return "*" in members or not members.isdisjoint(parts)

    def label(self, code: str, language: str = "zh") -> str:
        """Name of any code of this module in ``zh`` or ``en``; Chinese where there is no English name."""
        if code in self._macro:
            return self._macro[code]["name_en" if language == "en" else "name_zh"]
        if code in self.contest:
            return self.contest[code][language == "en"]
        name = self.divisions[code].name if code in self.divisions else code
        return self._english.get(code, name) if language == "en" else name

    @staticmethod
    def distance_km(a: Place | None, b: Place | None) -> float:
        """Great-circle distance of two places in km; NaN when one is unknown."""
        if a is None or b is None:
            return math.nan
        phi_a, phi_b = math.radians(a.lat), math.radians(b.lat)
        half = math.sin((phi_b - phi_a) / 2) ** 2
        half += math.cos(phi_a) * math.cos(phi_b) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
        return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


@cache
def regions() -> Regions:
    """The regions, read once on first use (well under 0.3 s)."""
    return Regions()
