"""Lines that an institution draws: projects above or below a figure are ruled out (超过五吨的没有, 不足三千万的不看).

A figure has a side (:func:`features.reading.measures.side`); the words around it tell whether that side is refused
or the only one wanted. A plain ceiling of money (单笔不超过三千万) leaves room for others to join: its claim is
``inferred`` and rules out no more than what is far above. What no table measures has the unit and its words for
``value`` (良率没到八成的: ``ratio:良率``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from features.reading.claims import Claim
from features.reading.measures import Figure, Side, figures, loose_figures, side
from features.reading.states import about
from features.reading.verdicts import DEMAND, DEMAND_AFTER, OTHERWISE, Verdict, clause_of, judged

_QUICK = re.compile(
    r"[下上内起超低少多高大足到满小只仅限最达开往打封逾突破间级论辄没未及重几数顶极出]|亿|把万|about|"
    r"above|below|under|over|least|most|than|maximum|"
    r"minimum|up to|capped|limit"
)
_NOT_A_TICKET = re.compile(
    "规模|管理|累计|募集|余额|扶持资金|补贴|补助|奖励|租金|元/|成交|合同额|已投|服务费|收费|总投资|投资强度|固定资产|"
    "设备投资|投入|押金|保证金|年费|会费|亩均|产出|罚|人均|成本|单价|客单|房租|保费|经费预算为"
)
_EACH = re.compile("单笔|单项|单户|单个|每笔|每项|每个项目|每单|一次|每次|贷|授信|额度|经费|资助")
_HISTORY = re.compile(
    "已投|被投(?!诉)|曾|此前|成功退出|孵化出|获得[^,;。]{0,8}轮|帮助[^,;。]{1,10}(?:获|拿|融)|服务过|完成过"
)
_SOFT = re.compile("原则上|一般|通常|优先|最好|左右为宜|倾向|偏好|大多|多数")
_SAME_CASE = re.compile("^(?:元|人民币)?(?:以上|以下|以内|及以上|及以下)?[^,;。的者]{0,6}(?:的|者)")
_BIG = re.compile("动辄|动不动|上$|大|重")
_ONLY_ONE = re.compile("(?<!不)[只仅](?!是|要|有)|限(?!制)|(?:看|投|做|接|收|贷|跟)的(?:都|全)?是")
_LEAST = re.compile("最低|最少|最小|起租|起投|起订|起贷|起步|起点|下限|门槛")
_HEAVIER = re.compile("^[^,;。]{0,6},[^,;。]{0,3}(?:重|大|高|超|更)[^,;。]{0,10}(?:不|勿|别|请|没|免)")
_SITE = frozenset({"space", "power", "tension", "load", "water", "crane", "weight", "height"})
_COMPARED = re.compile(
    "不(?:得|能|可|应|会)?(?:超过|高于|多于|大于|低于|少于|小于|到|足|满)|(?:没|未)(?:有|到|过|满|达到?|"
    "超过)|低于|少于|小于|超过|高于|大于|多于|"
    "至少|至多|最[多少高低大小]|只有?|仅有?|以上|以下|以内|以外|起|上限|下限|达到?|满|须|必须|要求|总"
)
_DIRECT = frozenset({"over", "under"})
_ONLY = re.compile("只|仅|限(?!额)|须|必须|要求|才|方可|不得|严格|封顶|顶格|至多|撑死|最多")
_LENT = re.compile("贷|授信|资助|经费|额度|补|首贷|租赁|保函|垫")


@lru_cache(maxsize=1 << 12)
def limits(text: str) -> tuple[Claim, ...]:
    """Claims ``above`` and ``below`` (polarity -1, ``value`` the measure, ``number`` the line) of a folded sentence."""
    if not _QUICK.search(text):
        return ()
    named = figures(text)
    loose = [one for one in loose_figures(text) if all(one.end <= two.start or one.start >= two.end for two in named)]
    found = sorted([*named, *loose], key=lambda figure: figure.start)
    if not found or _HISTORY.search(text):
        return ()
    claims: list[Claim] = []
    for figure, behind in zip(found, [*found[1:], None], strict=True):
        stop = len(text) if behind is None else clause_of(text, behind.start, behind.end)[0]
        claims += (_of_loose if figure in loose else _of_figure)(text, figure, max(stop, figure.end))
    if "每平" not in text and "/" not in text:  # 板面限半吨: no single thing is heavier either
        claims += [replace(claim, value="weight") for claim in claims if (claim.kind, claim.value) == ("above", "load")]
    return tuple(_turned(claim) for claim in dict.fromkeys(claims))


def _turned(claim: Claim) -> Claim:
    """Classes of clean rooms run the other way: the smaller, the cleaner."""
    if claim.value != "clean":
        return claim
    return replace(claim, kind="above" if claim.kind == "below" else "below")


def _of_figure(text: str, figure: Figure, stop: int) -> Iterator[Claim]:
    start = max(text.rfind(mark, 0, figure.start) for mark in ",;。:(") + 1
    head, rest = text[start : figure.start], text[figure.end : stop]
    if (_SOFT.search(head) and not OTHERWISE.search(text)) or (
        figure.measure == "amount" and _NOT_A_TICKET.search(head) and not _EACH.search(head)
    ):
        return
    told = judged(text, figure.start, figure.end, stop)
    place = side(text, figure)
    if figure.low < figure.high:
        yield from _of_range(text, figure, head, rest)
    elif place == "":
        yield from _of_level(figure, head, rest, told)
    else:
        yield from _of_side(text, figure, place, told, head, rest)


def _of_loose(text: str, figure: Figure, stop: int) -> Iterator[Claim]:
    """A line of something that no table measures (良率没到八成的, 两季以上田间试验是门槛)."""
    start, _ = clause_of(text, figure.start, figure.end)
    head, rest = text[start : figure.start], text[figure.end : stop]
    place = side(text, figure)
    if place == "" or _SOFT.search(head):
        return
    told = judged(text, figure.start, figure.end, stop)
    if told != "refused" and not (DEMAND.search(head) or DEMAND_AFTER.search(rest[:20])):
        return
    behind = re.split("[,;。]|的|是", _COMPARED.sub("", rest, count=1))[0]
    core = about("·".join((_COMPARED.sub("·", head), behind if len(behind) < 7 else "")))
    if len(core) > 1:
        claims = list(_of_side(text, figure._replace(measure=f"{figure.measure}:{core}"), place, told, head, rest))
        if not claims and DEMAND_AFTER.search(rest[:20]) and place in ("over", "floor"):
            claims = [Claim("below", f"{figure.measure}:{core}", -1, False, "", figure.low)]
        yield from claims


def _of_range(text: str, figure: Figure, head: str, rest: str) -> Iterator[Claim]:
    """A range that is said to be all: 超出区间的不上会, 其他金额一概不批, 只做…."""
    if _ONLY.search(head) or OTHERWISE.search(rest) or OTHERWISE.search(text[figure.end :]):
        yield Claim("below", figure.measure, -1, False, "", figure.low)
        yield Claim("above", figure.measure, -1, False, "", figure.high)


def _of_level(figure: Figure, head: str, rest: str, told: Verdict) -> Iterator[Claim]:
    """An order of magnitude: 百万级的小钱不看, 动辄上千万的超出权限, 论亿花的."""
    if figure.measure in _SITE and _HEAVIER.match(rest):
        yield _ceiling(figure, hard=True)
    if figure.measure != "amount":
        return
    if told == "refused" and (figure.level or head.endswith(("要", "上"))) and re.match("[^,;。]{0,2}的", rest):
        if _BIG.search(head) or re.match("[^,;。]{0,4}大", rest):
            yield Claim("above", "amount", -1, False, "", figure.low * 0.99)
        else:
            yield Claim("below", "amount", -1, False, "", figure.low * (10 if figure.level else 1))
    elif figure.level and (re.search("(?<!不)[只仅]", head) or head.endswith(("论", "按", "以", "是"))):
        yield Claim("below", "amount", -1, False, "", figure.low)


def _of_side(text: str, figure: Figure, place: Side, told: Verdict, head: str, rest: str) -> Iterator[Claim]:
    low = Claim("below", figure.measure, -1, False, "", figure.low)
    others = bool(OTHERWISE.search(rest))
    if place in _DIRECT:
        only = bool(DEMAND.search(head) or _ONLY_ONE.search(head)) or bool(
            re.match("[^,;。]{0,14}(?:才|方可|方能|即可|为宜|可(?:以)?申)", rest)
        )
        if told == "refused" and not (only and not _SAME_CASE.match(rest)):
            yield low if place == "under" else _ceiling(figure, hard=True)
        elif (only and told != "refused") or others or only:
            yield _ceiling(figure, hard=True) if place == "under" else low
        return
    same = _SAME_CASE.match(rest)
    refused = told == "refused" and same is not None and "," not in rest[: same.end() + 8] and "不" in head
    if told == "welcome" and not re.match("[^,;。]{0,10}(?:方可|才可|可(?:以)?(?:申|入|来|报))", rest):
        return
    if place == "floor":
        if figure.measure != "amount" and not (
            _LEAST.search(head) or told == "refused" or others or DEMAND.search(head) or DEMAND.search(rest[:16])
        ):
            return
        yield _ceiling(figure, hard=True) if refused else low
    elif refused:
        yield low
    else:
        lent = bool(_LENT.search(head)) or figure.measure != "amount"
        yield _ceiling(figure, hard=others or lent or bool(_ONLY.search(head)) or told == "refused")


def _ceiling(figure: Figure, *, hard: bool) -> Claim:
    return Claim("above", figure.measure, -1, not hard, "", figure.high)
