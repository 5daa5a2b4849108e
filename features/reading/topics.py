"""Topics that a project's text shows to be its own: processes, hazards, business models, technical routes.

A word alone does not show it: 为电镀企业处理含铬废水 treats the waste of others, 无氰 and 替代电镀 say the contrary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from features.reading.claims import Claim
from features.reading.cues import Found, topic_groups

STATED = frozenset({"maturity", "credit"})
"""Groups of topics that only the project itself can have."""
STEPS, SURE = (0.0, 0.5, 1.0, 1.5, 2.0), (0.0, 0.3, 0.5, 0.75, 1.0)
"""How sure a topic is by the weights of its different signs, linear between."""

_NEGATED = re.compile(
    "(?:(?<![有])无|不含有?|不产生|不排放|不使用|不用|不涉及|不采用|无需|无须|避免|避免了|告别|"
    "淘汰|替代|替代了|取代|代替|替换|零|免|去除?|非|未使用|没有使用|杜绝|摆脱|省去|取消|减少|"
    "降低|而非|不再|不需要?|不依赖|抛弃|规避|不是|不存在|不经过?|没有|弃用|不做|从不|远离|不必|"
    "不(?:会|再)?(?:用|产生|排放|使用|涉及))(?:了|传统|常规|任何|的)?[^,;。、:]{0,4}$"
)
_NEGATED_AFTER = re.compile("^[^,;。]{0,4}(?:零排放|为零|被替代|替代|未检出|均不|不再|为0|工序被取消|免除)")
_FOR_OTHERS = re.compile(
    "(?:面向|服务于|应用于|应用在|用于|适用于?|客户|下游|供应给|销往|帮助|解决|处理|治理|回收|"
    "监测|检测|去除|吸附|净化|拦截|防止|防护|抵御|抵抗|耐|抗|检出|识别|预警|诊断|预防|筛查|清除|"
    "降解|捕集|捕获|替|相比|优于|对比|区别于|不同于|不像|取代|防治|防控|以往靠?|过去靠?|传统|"
    "现有|竞品|同类|行业内)[^,;。]{0,12}$"
)
_OTHERS_AFTER = re.compile(
    "^[^,;。]{0,3}(?:企业|行业|客户|园区|工厂|厂家|厂商|用户|处理|治理|监测|检测|替代|去除|回收|"
    "净化|市场|领域|场景|污染问题|修复|泄漏|预警|安全监管)"
)
_OWN = re.compile(
    "工序|工艺|产线|生产|车间|制备|采用|使用|我们|设备|中试|配方|产生|排放|储存|用量|每天|每批|"
    "步骤|流程|加工|合成|槽|需|涂|烘|原料|溶剂|试制|制造|实验|路线|以|依托|依靠|通过|基于|核心|"
    "本项目|产品"
)
_PRAISE = re.compile(
    "获奖|荣获|奖|入选|高新技术企业|专精特新|人才计划|训练营|学员|荣誉|毕业于|博士|理事|会员单位|"
    "院士|专利[^,;。]{0,6}[件项]|补贴|税收优惠|董事会|展会|媒体"
)
_SELF = re.compile("生产过程|工序|工艺中|产线|制备过程|我们|车间|自有|需配|需建|需储|储存|排放|产生|用量")


class Sign(NamedTuple):
    """A topic shown by a sentence; ``weight`` 1 for a plain sign, 0.5 for a weak one."""

    topic: str
    phrase: str
    weight: float


class _Place(NamedTuple):
    """What stands around one phrase of a sentence."""

    negated: bool
    of_others: bool
    of_its_own: bool  # a process that the project itself runs, whatever it is for
    shown: bool


_MARKS = str.maketrans(";。:(", ",,,,")


def _around(text: str, flat: str, start: int, end: int) -> _Place:
    clause = flat.rfind(",", 0, start) + 1
    before, after, near = text[clause:start], text[end : end + 12], text[clause : end + 12]
    negated = bool(_NEGATED.search(before) or _NEGATED_AFTER.match(after))
    others = bool(_FOR_OTHERS.search(before) or _OTHERS_AFTER.match(after))
    return _Place(negated, others, others and bool(_SELF.search(near)), bool(_OWN.search(near)))


def signs(hits: Iterable[Found], text: str) -> list[Sign]:
    """Topics that a folded sentence of a project shows to be its own; ``unless`` phrases come with weight 0."""
    groups = topic_groups()
    found: list[Sign] = []
    praise = bool(_PRAISE.search(text))
    places: dict[tuple[int, int], _Place] = {}  # one phrase stands for several topics
    flat = text.translate(_MARKS)
    for hit in hits:
        if hit.role == "unless":
            found.append(Sign(hit.code, hit.phrase, 0.0))
            continue
        group = groups[hit.code]
        if praise and group in {"business", "route", "medical"}:
            continue
        stated = group in STATED
        if stated and hit.role == "show":
            found.append(Sign(hit.code, hit.phrase, 1.0))
        if stated:
            continue
        place = places.get((hit.start, hit.end))
        if place is None:
            places[hit.start, hit.end] = place = _around(text, flat, hit.start, hit.end)
        own = group == "business" or (group == "process" and place.of_its_own)
        if place.negated or (place.of_others and not own):
            continue
        if hit.role == "show":
            found.append(Sign(hit.code, hit.phrase, 1.0))
        elif place.shown:
            found.append(Sign(hit.code, hit.phrase, 0.5))
    return found


EARLY, WEAK = 1.5, 0.5
"""What a word in the first two sentences counts, and one that is also said in passing."""


def themes(hits: Iterable[Found]) -> list[tuple[str, float]]:
    """Topics that a sentence speaks of, its own or another's, with weights."""
    told = {(hit.code, hit.phrase): WEAK if hit.role == "weak" else 1.0 for hit in hits if hit.role != "unless"}
    weights: dict[str, float] = {}
    for (topic, _), weight in told.items():
        weights[topic] = weights.get(topic, 0.0) + weight
    return list(weights.items())


class Themes:
    """Gathers the topics that the sentences of one text speak of."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, str]] = {}

    def take(self, number: int, sentence: str, spoken: Iterable[tuple[str, float]]) -> None:
        """Take in what sentence ``number`` speaks of."""
        for topic, weight in spoken:
            held, first = self._told.get(topic, (0.0, sentence))
            self._told[topic] = held + weight * (EARLY if number <= 1 else 1.0), first

    def claims(self) -> list[Claim]:
        """Each topic once, with the first sentence that speaks of it."""
        return [Claim("theme", topic, 1, True, first, weight) for topic, (weight, first) in sorted(self._told.items())]


def cluster(hits: Iterable[Found]) -> str:
    """Topics named in one phrase: those at the same place are alternatives (``|``), others must all apply (``+``)."""
    groups: list[tuple[int, int, list[str]]] = []
    for hit in sorted(hits, key=lambda found: (found.start, -found.end)):
        if groups and hit.start < groups[-1][1]:
            start, end, names = groups[-1]
            groups[-1] = (start, max(end, hit.end), names if hit.code in names else [*names, hit.code])
        else:
            groups.append((hit.start, hit.end, [hit.code]))
    distinct = list(dict.fromkeys("|".join(sorted(names)) for _, _, names in groups))
    return "+".join(distinct)


def certainty(shown: Iterable[Sign], unless: int) -> float:
    """How sure it is that a project has a topic, in [0, 1], from the signs for it and how many are against it.

    One sign alone is right every second time, two different ones nine times in ten (on the sets ``dev`` and ``test``).
    """
    weights: dict[str, float] = {}
    for sign in shown:
        weights[sign.phrase] = max(sign.weight, weights.get(sign.phrase, 0.0))
    told = sum(weights.values()) - unless
    return float(np.interp(told, STEPS, SURE))


def denied(text: str, phrase: str) -> bool:
    """Whether a folded sentence names a phrase only to deny it, or as something of others."""
    start = text.find(phrase)
    clause = max(text.rfind(mark, 0, max(start, 0)) for mark in ",;。:(") + 1
    before, after = text[clause:start], text[start + len(phrase) : start + len(phrase) + 12]
    return bool(_NEGATED.search(before) or _FOR_OTHERS.search(before) or _OTHERS_AFTER.match(after))
