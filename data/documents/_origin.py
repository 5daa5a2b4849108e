"""From which programme, edition and contest a document is: what it says itself, else what whoever imports says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from data.awarded import common_awards, contest_core, find_edition, place_award
from data.document import UNPLACED, Told
from data.documents._labels import as_line
from data.edition import Contest, Edition
from data.problem import Problem
from data.programmes import editions
from data.raw import file_problem
from data.reference.regions import regions
from data.reference.vocabularies import label_key, vocabulary

_ORDINAL = re.compile(r"第\s*([一二三四五六七八九十\d]{1,3})\s*届")
_YEAR = re.compile(r"(20\d\d)(?!\d)\s*年?度?")
_DATED = re.compile(r"20\d\d\s*[年/.-]\s*\d{1,2}\s*[月/.-]")
_DONE = re.compile(r"公布|通报|表彰|无异议|公示结束|公示期满|公示已")
_PENDING = re.compile(r"公示|拟获奖|拟授|拟入选|拟表彰")
_PUBLISHED = re.compile(
    r"(?:公示|公布|发布)(?:开始)?(?:时间|日期)\s*[::]?\s*(20\d\d\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2})"
)
_TITLE = 40  # characters of a title
_LONG, _TITLES = 400, 200  # characters of a text and texts of a document that are looked at, at most
_CONTEST = re.compile(r"第\S{1,3}届\s*[“\"]?创客中国[”\"]?[^“”]{0,20}?大赛")
HINT = "用 --programme 与 --edition 说明 / tell it by --programme and --edition"


@dataclass(frozen=True)
class Origin:
    """Programme, edition (as stored) and contest; "" where unknown. ``known`` is the edition's file."""

    programme: str
    edition: str
    contest: str = ""
    known: Edition | None = None
    status: str = ""
    published_at: str = ""
    problems: tuple[Problem, ...] = field(default=())

    @property
    def complete(self) -> bool:
        """Whether an award can be recorded."""
        return bool(self.programme and self.edition)


def _programme(text: str) -> str:
    """Name of the programme that a text names, the programme of a narrower contest only with its word; '' for none."""
    key = label_key(text)
    fitting = [e for e in editions() if any(label_key(name) in key for name in (e.programme, *e.programme_aliases))]
    narrow = [e for e in fitting if any(word in text for word in e.contest_words)]
    wide = [e for e in fitting if not e.contest_words]
    return next((e.programme for e in (*narrow, *wide)), "")


def _editions_named(text: str) -> list[str]:
    """Editions a text names: 第七届 before a year; the year of a full date names none."""
    ordinals = [f"第{word}届" for word in _ORDINAL.findall(text)]
    return list(dict.fromkeys(ordinals + _YEAR.findall(_DATED.sub("", text))))


def _told(programme: str, edition: str, contest: str) -> tuple[str, str, Edition | None]:
    """Options as stored: through the editions' names and synonyms, else as they are."""
    known = find_edition(editions(), programme, edition, contest) if programme and edition else None
    if known is not None:
        return known.programme, known.edition, known
    return _programme(f"{programme} {contest}") or programme, edition, None


def _candidates(texts: Sequence[str]) -> list[str]:
    """Editions named: first in texts that name a programme, then in titles. A year inside a sentence names none."""
    with_programme = [name for text in texts if _programme(text) for name in _editions_named(text)]
    titles = [name for text in texts if len(text) <= _TITLE for name in _editions_named(text)]
    ordinals = [name for text in texts for name in _editions_named(text) if name.startswith("第")]
    return list(dict.fromkeys(with_programme + titles + ordinals))


@lru_cache(maxsize=4096)
def _said(texts: tuple[str, ...]) -> tuple[str, str]:
    """Programme and edition named by the texts, the first text that names one decides; '' for what none names."""
    programme = next((name for text in texts if (name := _programme(text))), "")
    everything = " ".join(texts)
    candidates = _candidates(texts)
    for name in candidates:
        known = find_edition(editions(), programme, name, everything) if programme else None
        if known is not None:
            return known.programme, known.edition
    return programme, candidates[0] if candidates else ""


def find_contest(known: Edition | None, text: str) -> Contest | None:
    """The contest of an edition that a text names: by its longest distinctive name, a theme before a place."""
    if known is None or not text:
        return None
    return known.contests[0] if len(known.contests) == 1 else _find_contest(known.id, text)


@lru_cache(maxsize=4096)
def _find_contest(edition: str, text: str) -> Contest | None:
    known = next(item for item in editions() if item.id == edition)  # the id, since hashing an edition takes long
    key = label_key(text)
    best: tuple[int, bool, Contest] | None = None
    for contest in known.contests:
        for name in (contest.name, *contest.aliases):
            core = contest_core(name)
            if len(core) >= 2 and core in key:
                found = (len(core), bool(contest.theme), contest)
                best = found if best is None or found[:2] > best[:2] else best
    if best is None and "总决赛" in text:
        return next(iter(known.contests_of("总决赛")), None)
    return best[2] if best else _unlisted(known, text)


def _unlisted(known: Edition, text: str) -> Contest | None:
    """A regional contest of an edition whose notice does not list them: known by the province or city in its name."""
    if "区域赛" not in known.kinds or known.contests_of("区域赛"):
        return None
    told = _CONTEST.search(text)
    name = told[0] if told else text
    place = regions().resolve(None, contest_core(name)) if len(name) <= _TITLE else None
    if place is None or not place.contest_region:
        return None
    return Contest(name, "区域赛", "", "省", regions().label(place.contest_region), place.contest_region)


def _status(text: str) -> str:
    if _DONE.search(text):
        return "已公布"
    return "公示中" if _PENDING.search(text) else ""


def _contradictions(source: str, pairs: Iterable[tuple[str, str, str]]) -> list[Problem]:
    found: list[Problem] = []
    for option, said, told in pairs:
        if said and told and label_key(said) != label_key(told):
            message = f"文件写“{said[:40]}”，--{option} 写“{told[:40]}”，以文件为准 / "
            message += f"the file says {said[:40]}, --{option} says {told[:40]}: the file counts"
            found.append(
                file_problem(source, "option.contradicted", message, "核对选项 / check the options", "warning")
            )
    return found


def _contest(
    known: Edition | None, texts: Sequence[str], names: Sequence[str], around: Sequence[str]
) -> Contest | None:
    """The contest that the titles name, else the sheet or the file, else the one that the other sheets agree on."""
    for text in (" ".join(texts), *names):
        found = find_contest(known, text)
        if found:
            return found
    others = {found.name: found for text in around if (found := find_contest(known, text))}
    return next(iter(others.values())) if len(others) == 1 else None


def origin(
    source: str, texts: Sequence[str], names: Sequence[str], told: Told, around: Sequence[str] = (), status: str = ""
) -> Origin:
    """Origin of a document.

    ``texts`` are its titles, ``names`` those of its sheet and file, ``around`` the titles of its other sheets: each
    counts where those before say nothing. ``status`` are further texts that tell whether the list is final.
    """
    texts, names, around = ([as_line(text[:_LONG]) for text in group[:_TITLES]] for group in (texts, names, around))
    everything = " ".join((*texts, *names))
    programme, edition = _said((*texts, *names, *around))
    told_programme, told_edition, _ = _told(told.programme or programme, told.edition, told.contest + everything)
    problems = _contradictions(source, [("programme", programme, told_programme if told.programme else "")])
    programme = programme or told_programme
    known = find_edition(editions(), programme, edition or told_edition, told.contest + everything)
    if edition and told.edition:
        mine = known.edition if known else edition
        other = find_edition(editions(), programme, told.edition, told.contest + everything)
        problems += _contradictions(source, [("edition", mine, other.edition if other else told.edition)])
    edition = edition or told_edition
    contest = _contest(known, texts, names, around)
    asked = find_contest(known, told.contest) if told.contest else None
    if contest and told.contest and (asked is None or asked.name != contest.name):
        problems += _contradictions(source, [("contest", contest.name, asked.name if asked else told.contest)])
    name = contest.name if contest else asked.name if asked else as_line(told.contest)
    dated = _PUBLISHED.search(f"{everything} {status}")
    return Origin(
        known.programme if known else programme,
        known.edition if known else edition,
        name,
        known,
        next((found for text in (" ".join(texts), status, *names, *around) if (found := _status(text))), ""),
        re.sub(r"\s", "", dated[1]) if dated else "",
        tuple(problems),
    )


def missing(source: str, found: Origin) -> Problem:
    """The problem of a document of which the programme or the edition is not known; it stops no other file."""
    lacking = [zh for zh, value in (("赛事系列", found.programme), ("届次", found.edition)) if not value]
    english = [en for en, value in (("programme", found.programme), ("edition", found.edition)) if not value]
    message = f"文件未写明{'与'.join(lacking)}，未导入获奖 / {' and '.join(english)} unknown: no awards imported"
    return file_problem(source, UNPLACED, message, HINT)


@lru_cache(maxsize=65536)
def level_of(programme: str, edition: str, contest: str, kind: str, award: str) -> str:
    """Step of the ladder of an award; '' when neither the edition nor the table of local names knows it."""
    row = {"programme": programme, "edition": edition, "contest": contest, "contest_kind": kind, "award": award}
    return place_award(editions(), row).level


AwardWords = tuple[tuple[str, str], ...]
"""Words for awards, each with the name of the award."""


def award_names(known: Edition | None) -> AwardWords:
    """Names and synonyms of the awards of an edition."""
    return tuple((word, award.name) for award in known.awards for word in (award.name, *award.aliases)) if known else ()


@lru_cache(maxsize=4096)
def group_in(text: str) -> str:
    """The one group that a text names; '' when it names none or several."""
    named = {code for code in vocabulary("groups").codes if code in text}
    return named.pop() if len(named) == 1 else ""


@lru_cache(maxsize=4096)
def award_in(text: str, words: AwardWords, common: bool = True) -> str:
    """The one award that a text names: one of the edition's (``words``), else a common name; '' for none or several."""
    key = label_key(text)
    named = [(word, name) for word, name in words if label_key(word) in key]
    if not named and common:
        named = [(word, word) for word in common_awards(text)]
    longest = {name for word, name in named if not any(word != other and word in other for other, _ in named)}
    return longest.pop() if len(longest) == 1 else ""
