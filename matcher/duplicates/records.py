"""What is compared of a project: cores of its name and applicant, its IP numbers, its sentences, its figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.names import LEGAL_FORM
from data.reference.regions import regions
from data.tables import TEXT_COLUMNS
from features.text import fold, folds, sentences

Rows = NDArray[np.intp]

TEXTS = tuple(column for column in TEXT_COLUMNS if column != "name")
_CHUNK = 50_000  # sentences folded at a time
_MARKS = re.compile(r"[\W_]+")
_PHASE = re.compile(r"[(（][^()（）]{0,4}期[)）]")
_PLAIN_WORDS = re.compile(
    "研发及产业化|产业化应用|关键技术与应用|产业化|项目|研发|研制|研究|开发|推广|应用|示范|关键技术|技术|新型|国产"
    "|基于|一种|面向|用于|及其|以及|系统|平台|装备|成套|自主|[与及和的]"
)
_TEAM = re.compile(r"(?:创客团队|创业团队|团队|项目组|课题组|工作室|创客)$")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_NUMBER_HEAD = re.compile(r"^(?:ZL|CN|PCT/?)+")
_NUMBER_TAIL = re.compile(r"(?<=\d{6})(?:[ABCUSY]\d?)$")
_FIGURE = re.compile(r"(?<![\d.])(\d+(?:[.,]\d+)*)\s*([^\W\d_]|[%℃°])?")
ASIDE = re.compile(
    "团队|成员|创始人|员工|注册资本|实缴|成立于|高新技术企业|专精特新|科技型中小企业|发明专利|实用新型|软件著作权"
    "|自主知识产权|体系认证|营业收入|销售收入|股东|轮融资|拟融资|融资需求|荣获|曾获|合作协议|博士|硕士"
    "|国内领先|国际先进|国际领先|国内空白|市场前景|经济效益|社会效益|共赢|携手|发展理念|经营宗旨|科技查新"
)
"""Words of a sentence on the applicant (the same in all its projects) or of a slogan (the same in everybody's). A store
of a hundred projects is too small to show which sentences these are."""
LEAST_DIGITS = 6
"""A shorter IP number is a running number of somebody's own list."""


@dataclass(frozen=True)
class Passages:
    """Sentences of all projects, project after project: as stored, folded, the row of the project of each, and whether
    it stands beside the point (ASIDE).
    """

    stored: Sequence[str]
    folded: Sequence[str]
    owner: Rows
    aside: NDArray[np.bool_]


@dataclass(frozen=True)
class Numbers:
    """IP numbers: row of the project, normal form, and the text as stored; one entry a row and number."""

    owner: Rows
    normal: Sequence[str]
    stored: Sequence[str]


@dataclass(frozen=True)
class Records:
    """Projects side by side; every list has one entry a project, in the order of the table.

    ``texts`` are the folded sentences of a project that are to the point, a line each.
    """

    ids: Sequence[str]
    names: Sequence[str]
    name_cores: Sequence[str]
    applicants: Sequence[str]
    texts: Sequence[str]
    passages: Passages
    numbers: Numbers

    @property
    def size(self) -> int:
        """How many projects."""
        return len(self.ids)


def read_records(projects: pa.Table, ip: pa.Table) -> Records:
    """Records of ``projects`` with the IP rows of ``ip`` (of other projects: left out); schemas of data.tables."""
    ids = projects.column("project_id").to_pylist()
    names = [name or "" for name in projects.column("name").to_pylist()]
    passages = _passages(projects)
    lines: list[list[str]] = [[] for _ in ids]
    for row, line, aside in zip(passages.owner.tolist(), passages.folded, passages.aside.tolist(), strict=True):
        if not aside:
            lines[row].append(line)
    return Records(
        ids,
        names,
        [name_core(name) for name in names],
        [applicant_core(text) for text in projects.column("applicant").to_pylist()],
        ["\n".join(told) for told in lines],
        passages,
        _numbers(ids, ip),
    )


def _passages(projects: pa.Table) -> Passages:
    columns = [projects.column(name).to_pylist() for name in TEXTS]
    stored: list[str] = []
    owner: list[int] = []
    for row, texts in enumerate(zip(*columns, strict=True)):
        told = dict.fromkeys(line for text in texts for line in sentences(text))
        stored.extend(told)
        owner.extend([row] * len(told))
    folded: list[str] = []
    for start in range(0, len(stored), _CHUNK):
        folded.extend(folds(stored[start : start + _CHUNK]))
    aside = np.array([bool(ASIDE.search(text)) for text in folded], bool)
    return Passages(stored, folded, np.array(owner, np.intp), aside)


def _numbers(ids: Sequence[str], ip: pa.Table) -> Numbers:
    row = {key: at for at, key in enumerate(ids)}
    found: dict[tuple[int, str], str] = {}
    for project, number in zip(ip.column("project_id").to_pylist(), ip.column("number").to_pylist(), strict=True):
        normal = ip_number(number)
        if normal and project in row:
            found.setdefault((row[project], normal), number)
    owners = np.array([owner for owner, _ in found], np.intp)
    return Numbers(owners, [normal for _, normal in found], list(found.values()))


def name_core(name: str | None) -> str:
    """A project's name without the words every second name has; the folded name where nothing else is left."""
    folded = fold(name or "")
    core = _MARKS.sub("", _PLAIN_WORDS.sub("", _PHASE.sub("", folded)))
    return core if len(core) > 1 else _MARKS.sub("", folded)


def applicant_core(name: str | None) -> str:
    """An applicant's name without legal form, place and additions in brackets; ``""`` when there is none.

    The place goes only from a company's name: 苏州大学 without 苏州 would be every university.
    """
    folded = "".join(fold(name or "").split())
    plain = _MARKS.sub("", _BRACKETS.sub("", folded)) or _MARKS.sub("", folded)
    core = LEGAL_FORM.sub("", plain)
    if core != plain:
        shorter = _places().sub("", core, count=1)
        core = shorter if len(shorter) > 1 else core
    shorter = _TEAM.sub("", core)
    return shorter if len(shorter) > 1 else core or plain


@cache
def _places() -> re.Pattern[str]:
    """Provinces and cities, with and without their rank, at the beginning of a company's name."""
    names = {place.name for code, place in regions().divisions.items() if code.endswith("00")}
    short = {re.sub("(?:特别行政区|自治区|自治州|地区|[省市盟])$", "", name) for name in names}
    words = sorted((word for word in names | short if len(word) > 1), key=lambda word: (-len(word), word))
    return re.compile(f"^(?:中国)?(?:{'|'.join(map(re.escape, words))})+(?:[省市])?")


def ip_number(number: str | None) -> str:
    """An IP number in normal form (ZL 2021 1 0123456.7 and CN202110123456.7 are one); ``""`` when it names nothing."""
    plain = re.sub(r"[^0-9A-Z/]", "", fold(number or "").upper())
    plain = _NUMBER_TAIL.sub("", _NUMBER_HEAD.sub("", plain)).replace("/", "")
    digits = [character for character in plain if character.isdigit()]
    return plain if len(digits) >= LEAST_DIGITS and len(set(digits)) > 2 else ""


def figures(texts: Sequence[str]) -> tuple[Rows, list[str]]:
    """Numbers with the first letter of what they count (98.5% , 40万): row and token; each once a text.

    A single digit is left out: three partners, two patents, one year tell nothing.
    """
    owner: list[int] = []
    found: list[str] = []
    for row, text in enumerate(texts):
        told = dict.fromkeys(value.replace(",", "") + unit for value, unit in _FIGURE.findall(text) if len(value) > 1)
        found.extend(told)
        owner.extend([row] * len(told))
    return np.array(owner, np.intp), found
