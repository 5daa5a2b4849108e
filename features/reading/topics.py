"""Topics that a project's text shows to be its own: processes, hazards, business models, technical routes.

A word alone does not show it: 为电镀企业处理含铬废水 treats the waste of others, 无氰 and 替代电镀 say the contrary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from features.reading.cues import Found, topic_groups

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


def signs(hits: Iterable[Found], text: str) -> list[Sign]:
    """Topics that a folded sentence of a project shows to be its own; ``unless`` phrases come with weight 0."""
    groups = topic_groups()
    found: list[Sign] = []
    praise = bool(_PRAISE.search(text))
    for hit in hits:
        if hit.role == "unless":
            found.append(Sign(hit.code, hit.phrase, 0.0))
            continue
        clause = max(text.rfind(mark, 0, hit.start) for mark in ",;。:(") + 1
        before, after = text[clause : hit.start], text[hit.end : hit.end + 12]
        group = groups[hit.code]
        if praise and group in {"business", "route", "medical"}:
            continue
        if group not in {"maturity", "credit"}:
            if _NEGATED.search(before) or _NEGATED_AFTER.match(after):
                continue
            others = bool(_FOR_OTHERS.search(before) or _OTHERS_AFTER.match(after))
            if (
                others
                and not (group == "process" and _SELF.search(text[clause : hit.end + 12]))
                and group != "business"
            ):
                continue
        if hit.role == "show":
            found.append(Sign(hit.code, hit.phrase, 1.0))
        elif group not in {"maturity", "credit"} and _OWN.search(text[clause : hit.end + 12]):
            found.append(Sign(hit.code, hit.phrase, 0.5))
    return found


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


def certainty(topic: str, shown: list[tuple[float, int, str]], unless: int) -> float:
    """How sure it is that a project has a topic, in [0, 1], from its signs (weight, sentence number, phrase).

    One plain sign is enough for a process or for the state of the project; what the whole project *is* (a business
    model, a kind of product, a route) takes two different signs, or one in the first sentences.
    """
    group = topic_groups()[topic]
    plain = {phrase for weight, _, phrase in shown if weight >= 1}
    weak = {phrase for weight, _, phrase in shown if weight < 1}
    early = any(weight >= 1 and number <= 1 for weight, number, _ in shown)
    if unless and len(plain) < 2 * unless:
        return 0.0 if unless > 1 or not plain else 0.5
    if group in {"process", "maturity", "credit"}:
        return 1.0 if plain else 0.5 if len(weak) > 1 else 0.3 if weak else 0.0
    if len(plain) > 1 or early or (plain and weak):
        return 1.0
    return 0.6 if plain else 0.5 if len(weak) > 1 else 0.2 if weak else 0.0


def denied(text: str, phrase: str) -> bool:
    """Whether a folded sentence names a phrase only to deny it, or as something of others."""
    start = text.find(phrase)
    clause = max(text.rfind(mark, 0, max(start, 0)) for mark in ",;。:(") + 1
    before, after = text[clause:start], text[start + len(phrase) : start + len(phrase) + 12]
    return bool(_NEGATED.search(before) or _FOR_OTHERS.search(before) or _OTHERS_AFTER.match(after))
