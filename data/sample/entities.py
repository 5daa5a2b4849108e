"""A sample project and a sample institution: the exported row, and the truth behind it that is never exported."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from data.sample.pools import MARK, Topic

AS_OF = date(2022, 12, 31)
"""The day on which the sample market stands."""

Row = dict[str, str]

STAGES = ("lab", "prototype", "pilot", "market", "growth")
SERVICES = {
    "testing": "检验检测",
    "ip": "知识产权",
    "industrial_design": "工业设计",
    "hr": "人力资源",
    "finance_accounting": "财务",
    "legal": "法律",
    "standardisation": "标准化技术咨询",
    "digital": "数字化改造",
    "compliance": "国际化经营合规辅导",
    "market": "市场推介",
    "tech_transfer": "技术转移",
    "mentoring": "创业导师",
    "policy": "政策咨询",
}
FACILITIES = ("clean_room", "effluent", "three_phase_power", "heavy_load", "hazardous_storage")
ROUNDS = {
    "seed": "种子轮",
    "angel": "天使轮",
    "pre-a": "Pre-A轮",
    "a": "A轮",
    "b": "B轮",
    "c+": "C轮及以后",
    "debt": "债权融资",
}
STAGE_NAMES = {"lab": "实验室", "prototype": "样机", "pilot": "中试", "market": "已上市销售", "growth": "成长扩张"}

_FIRST = "澄砚朔岚芷沐稷渚煦砺珩霁棠栩昀璟屿翎岑墨苔泓葭钧朴麓汀弦曜萤"
_SECOND = "野禾川原舟辰序微衡石林溯桥尘羽谷帆岸序坡砂屏潮屿桐陌弧枢凌漪"


@dataclass(slots=True)
class SampleProject:
    """A project of the sample: ``row`` is exported, the rest is the hidden truth."""

    row: Row
    topic: Topic
    traits: frozenset[str]
    stage: str
    round: str
    funds: int  # 10,000 CNY
    contest: str
    macros: tuple[str, ...]
    wants: tuple[str, ...]  # contests or macro-regions wanted
    services: tuple[str, ...]
    facilities: tuple[str, ...]
    channels: frozenset[str]
    listed: date
    past: bool
    twin: str = ""  # the id of the project it repeats

    @property
    def id(self) -> str:
        """Its identifier."""
        return self.row["project_id"]


@dataclass(slots=True)
class SampleInstitution:
    """An institution of the sample: ``row`` is exported, the rest is the hidden truth."""

    row: Row
    channel: str
    focus: tuple[Topic, ...]
    fields: frozenset[str]  # industries of ``focus``
    near: frozenset[str]  # neighbouring industries
    stages: frozenset[str]
    rounds: frozenset[str]
    low: int  # 10,000 CNY
    high: int
    contest: str
    acts: tuple[str, ...]  # contests or macro-regions; empty: everywhere
    only: bool  # nothing outside ``acts``
    services: frozenset[str]
    facilities: frozenset[str]
    excludes: frozenset[str]
    activity: float
    listed: date

    @property
    def id(self) -> str:
        """Its identifier."""
        return self.row["institution_id"]

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.row["kind"]


class Stems:
    """Two-character stems for invented names, each given once."""

    def __init__(self, rng: Random) -> None:
        pairs = dict.fromkeys(first + second for first in _FIRST for second in _SECOND if first != second)
        self._stems = list(pairs)
        rng.shuffle(self._stems)

    def take(self) -> str:
        """The next unused stem."""
        return self._stems.pop()


def day_between(rng: Random, first: date, last: date) -> date:
    """A day from ``first`` to ``last``, both included; ``first`` when they are the wrong way round."""
    return first + timedelta(days=rng.randint(0, max(0, (last - first).days)))


def keep(rng: Random, share: float, value: str) -> str:
    """The value with probability ``share``, otherwise an empty cell."""
    return value if rng.random() < share else ""


def join(values: list[str] | tuple[str, ...]) -> str:
    """Values as a list cell."""
    return ";".join(values)


def marked(name: str) -> str:
    """A name that shows that it is invented."""
    return name + MARK


def split_sentences(text: str) -> list[str]:
    """Sentences of a text, with their closing mark."""
    return re.findall(r"[^。]+。", text)
