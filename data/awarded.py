"""Which edition, contest and step of the ladder a row of ``awards`` means.

Lists name the same contest in many ways (“第七届创客中国浙江省赛”, “浙江”), so names are compared by what is left
when the words that all contests share are taken away. What cannot be placed stays unplaced and is shown as such.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from data.edition import LEVELS, AwardName, Contest, Edition
from data.reference.divisions import read_table
from data.reference.vocabularies import label_key

WORDING = ("programme", "edition", "contest", "contest_kind", "award")
"""Columns of ``awards`` that say where one stands."""
_BRACKETS = re.compile(r"\([^()]*\)")
_SHARED = re.compile(
    r"第[一二三四五六七八九十\d]{1,3}届|20\d\d年?|“?创客中国”?|中小企业创新创业大赛|创新创业大赛|创新创业|产业链|赛道赛|专题赛|"
    r"境外区域赛|区域赛|全国总决赛|总决赛|决赛|大赛|省赛|分赛区|赛区|牵头|赛$"
)
_TAIL = re.compile(r"(?:壮族自治区|回族自治区|维吾尔自治区|自治区|省|市)$")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an award stands; "" where unknown.

    ``names`` are award names of the edition, ``level`` is the highest of them; ``contest_key`` is one text a contest.
    ``rank`` is the place of the award among those of its level, 1 the first; 0 where nothing says it. An award that the
    edition does not name (金奖, 第3名) takes level and rank from the table of local names, and has no ``names``.
    """

    edition: Edition | None
    contest: Contest | None
    kind: str
    names: tuple[str, ...]
    level: str
    contest_key: str
    rank: int = 0


@lru_cache(maxsize=65536)
def contest_core(name: str) -> str:
    """What tells one contest of an edition from another: 浙江, 物联网, 智能家居, 国际; may be empty."""
    text = _BRACKETS.sub("", unicodedata.normalize("NFKC", name).replace("（", "(").replace("）", ")"))
    return _TAIL.sub("", label_key(_SHARED.sub("", text)))


def _is_programme(edition: Edition, programme: str) -> bool:
    key = label_key(programme)
    return any(label_key(name) in key for name in (edition.programme, *edition.programme_aliases))


def _is_edition(edition: Edition, told: str) -> bool:
    key = label_key(told)
    names = [label_key(name) for name in (edition.edition, *edition.edition_aliases)]
    return key in names or any(len(name) > 2 and name in key for name in names)


def find_edition(editions: Iterable[Edition], programme: str, told: str, contest: str) -> Edition | None:
    """The edition that a programme and an edition (a year or 第七届) name; one that asks for a word comes first."""
    fitting = [e for e in editions if _is_programme(e, programme) and _is_edition(e, told)]
    text = programme + contest
    narrow = [e for e in fitting if e.contest_words and any(word in text for word in e.contest_words)]
    wide = [e for e in fitting if not e.contest_words]
    return next(iter(narrow + wide), None)


def _find_contest(edition: Edition, kind: str, name: str) -> Contest | None:
    listed = [contest for contest in edition.contests if not kind or contest.kind == kind]
    if kind == "总决赛" or edition.contest_words:
        return listed[0] if len(listed) == 1 else None
    core = contest_core(name)
    if not core:
        return None
    return next((contest for contest in listed if core in _cores(contest)), None)


def _cores(contest: Contest) -> set[str]:
    """Cores a contest is known by; its place names a regional contest only, others are merely held there."""
    names = [contest.name, *contest.aliases, *([contest.place] if contest.region else [])]
    return {contest_core(name) for name in names} - {""}


def _kind_from_text(edition: Edition, contest: str, award: str) -> str:
    text = contest + award
    if "总决赛" in text or "500强" in text or "50强" in text:
        return "总决赛"
    if len(edition.kinds) == 1:
        return edition.kinds[0]
    return next((kind for kind in ("境外区域赛", "赛道赛", "专题赛", "区域赛") if kind in text), "")


def _fits(award: AwardName, text: str, kind: str) -> bool:
    if award.kinds and kind not in award.kinds:
        return False
    return any(label_key(name) in text for name in (award.name, *award.aliases))


@cache
def _local_names() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Local award names: name, the award it is like ("" for none), and its words."""
    rows = read_table("documents/award_names.csv")
    return tuple((row["name"], row["like"], re.compile(row["words"].replace(";", "|"))) for row in rows)


@cache
def _local_levels() -> dict[str, str]:
    return {row["kind"]: row["level"] for row in read_table("documents/award_levels.csv")}


def common_awards(text: str) -> tuple[str, ...]:
    """Common names of awards that a text holds, in the words of the text (金奖, 一等奖, 第3名)."""
    plain = unicodedata.normalize("NFKC", text)
    return tuple(dict.fromkeys(match[0] for _, _, words in _local_names() for match in words.finditer(plain)))


def _local(edition: Edition, kind: str, text: str) -> tuple[str, int]:
    """Level and rank of an award that the edition does not name; ("", 0) when no table knows it."""
    like = next((like for _, like, words in _local_names() if words.search(text)), None)
    level = _local_levels().get(kind, "")
    if like is None or not level:
        return "", 0
    return level, _rank(edition, kind, level, like)


def _rank(edition: Edition, kind: str, level: str, name: str) -> int:
    """Place of an award among those of its level that contests of a kind give, 1 the first; 0 when it is none."""
    names = [
        award.name for award in edition.awards if award.level == level and (not award.kinds or kind in award.kinds)
    ]
    return names.index(name) + 1 if name in names else 0


def place_award(editions: Iterable[Edition], row: Mapping[str, Any]) -> Placed:
    """Place one row of ``awards``; nothing is raised, whatever its cells hold."""
    contest_name, award_text = row.get("contest") or "", row.get("award") or ""
    edition = find_edition(editions, row.get("programme") or "", row.get("edition") or "", contest_name)
    told_kind = row.get("contest_kind") or ""
    core = contest_core(contest_name)
    if edition is None:
        return Placed(None, None, told_kind, (), "", f"{told_kind}/{core}")
    contest = _find_contest(edition, told_kind, contest_name)
    kind = told_kind or (contest.kind if contest else _kind_from_text(edition, contest_name, award_text))
    contest = contest or _find_contest(edition, kind, contest_name)
    text = label_key(award_text)
    fitting = [award for award in edition.awards if _fits(award, text, kind)]
    names = tuple(dict.fromkeys(award.name for award in fitting))
    level = max((award.level for award in fitting), key=LEVELS.index, default="")
    rank = min((_rank(edition, kind, level, award.name) for award in fitting if award.level == level), default=0)
    if not names:
        level, rank = _local(edition, kind, unicodedata.normalize("NFKC", award_text))
    return Placed(edition, contest, kind, names, level, contest.name if contest else f"{kind}/{core}", rank)


def place_awards(editions: Sequence[Edition], rows: Iterable[Mapping[str, Any]]) -> list[Placed]:
    """Place rows of ``awards`` in their order, each distinct wording once: a list repeats it in every row."""
    known: dict[tuple[Any, ...], Placed] = {}
    found = []
    for row in rows:
        told = tuple(row.get(name) for name in WORDING)
        if told not in known:
            known[told] = place_award(editions, row)
        found.append(known[told])
    return found
