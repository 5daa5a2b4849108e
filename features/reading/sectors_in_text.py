"""Sectors of a text: keywords of the sector tree, weighed by where and how they are named."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from data.reference.sectors import sectors
from features.reading.claims import Claim
from features.reading.cues import Found

_USE_BEFORE = re.compile(
    "(?:应用于|应用在|用于|适用于|可用在|面向|服务于|服务|客户|下游|供应|销往|销售给|配套|包括|"
    "例如|诸如|如|来自|覆盖|拓展至|延伸至|进入|供货|兼容|替代|取代|对标|相比|不同于|区别于|"
    "有别于|涉及|以及|、|和|及|与)[^,;。:]{0,14}$"
)
_USE_AFTER = re.compile(
    "^(?:等)?[^,;。、]{0,2}?(?:行业|领域|客户|企业|厂家|厂商|市场|场景|用户|公司|单位|等领域|"
    "等行业|产业链|集团|公司|方向|大学|学院|协会|学会|学校|专业|博士|背景|出身)"
)
_USE_VERB = re.compile(
    "应用于|应用在|用于|适用于|可用在|面向|服务于|客户|下游|供应|销往|供货|配套|覆盖|拓展至|"
    "延伸至|兼容|替代|取代|对标|相比|不同于|区别于|有别于|来自|毕业于|就职于|曾任"
)
_BOILERPLATE = re.compile(
    "高新技术企业|专精特新|科技型中小企业|获奖|荣获|奖|入选|资质|认定|iso|毕业|博士|教授|"
    "团队成员|核心团队|创始人|合作关系|大学|融资|募集|股权|营收|注册资本|成立于|荣誉|"
    "知识产权管理|软件著作权|路演"
)
PASSING = 0.25
BOILERPLATE = 0.35


def sentence_weights(hits: Iterable[Found], text: str, *, project: bool, prominence: float) -> list[tuple[str, float]]:
    """(node id, weight) of the sector keywords of a folded sentence.

    ``prominence`` scales the whole sentence (its place in the text). In a project's text a keyword that names
    customers or uses (应用于…行业) weighs a quarter, one in a sentence about the team or its awards a third.
    """
    weights: list[tuple[str, float]] = []
    base = prominence * (BOILERPLATE if project and _BOILERPLATE.search(text) else 1.0)
    groups: dict[tuple[int, int], list[Found]] = {}
    for hit in hits:
        if hit.role != "stop":
            groups.setdefault((hit.start, hit.end), []).append(hit)
    for (start, end), same in groups.items():
        weight = base * min(1.5, 0.5 + 0.2 * (end - start)) / len(same)
        if project and _passing(text, start, end):
            weight *= PASSING
        for hit in same:
            weights.append((hit.code, weight * (0.6 if hit.role == "field" else 1.0)))
    return weights


def _passing(text: str, start: int, end: int) -> bool:
    clause = max(text.rfind(mark, 0, start) for mark in ",;。:(") + 1
    return bool(_USE_VERB.search(text, clause, start)) or bool(_USE_AFTER.match(text[end : end + 10]))


def sector_claims(weighted: Iterable[tuple[str, float, str]], limit: int = 8) -> list[Claim]:
    """Claims of the sectors of a text from (node id, weight, raw sentence), by weight; number is the share of the text.

    A group or field that a more exact node stands under passes half of its weight on to the heaviest such node.
    """
    total: dict[str, float] = {}
    best: dict[str, tuple[float, str]] = {}
    for node, weight, sentence in weighted:
        total[node] = total.get(node, 0.0) + weight
        if weight > best.get(node, (0.0, ""))[0]:
            best[node] = (weight, sentence)
    for node in sorted(total, key=lambda name: -len(_path(name))):
        below = [other for other in total if other != node and node in _path(other)]
        if below:
            heaviest = max(below, key=lambda name: (total[name], name))
            share = 0.5 * total[node]
            total[heaviest] += share
            total[node] -= share
    whole = max(sum(total.values()), 1.0)  # a text that names sectors only in passing has none for sure
    order = sorted(total, key=lambda name: (-total[name], name))[:limit]
    return [
        Claim("sector", node, 1, True, best[node][1], round(total[node] / whole, 4))
        for node in order
        if total[node] / whole >= 0.04
    ]


@cache
def _path(node: str) -> tuple[str, ...]:
    return sectors().path(node)
