"""Amounts of money in running text: what a project seeks, what an institution puts in at a time."""

from __future__ import annotations

import re
from typing import NamedTuple

_DIGITS = {
    **{c: i for i, c in enumerate("零一二三四五六七八九")},
    "〇": 0,
    "两": 2,
    "俩": 2,
    "壹": 1,
    "贰": 2,
    "叁": 3,
    "伍": 5,
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_SCALES = {
    "万": 10**4,
    "w": 10**4,
    "亿": 10**8,
    "million": 10**6,
    "billion": 10**9,
    "mn": 10**6,
    "m": 10**6,
    "k": 10**3,
}
USD = 7.2  # CNY; only the order of magnitude matters here
_N = r"(?:\d[\d,]*(?:\.\d+)?|[零〇一二两三四五六七八九十百千壹贰叁伍拾佰仟]+(?:点[零一二三四五六七八九]+)?|半)"
_CUR = r"(?:人民币|rmb|cny|usd|us\$|\$|¥)?\s*"
_AMOUNT = re.compile(
    rf"{_CUR}(?P<a>{_N})(?P<ua>[十百千]?[万亿w]|million|billion|mn|[mk]\b|)?(?:元|"
    rf"余)?(?:人民币)?\s*(?:(?:-|~|至|到|—|–|to|and)+\s*{_CUR}(?P<b>{_N})\s*)?"
    r"(?P<u>[十百千]?(?:万|亿|w(?![a-z]))|million|billion|mn|[mk]\b)?(?P<level>级)?(?P<tail>元|"
    r"人民币|美元|美金|rmb|cny|usd|yuan)?"
)
_QUICK = re.compile(r"[万亿元]|million|billion|rmb|cny|usd|yuan|\d[mk]\b|\dw")


class Amount(NamedTuple):
    """One amount or range in CNY at ``text[start:end]``; ``low == high`` for a single figure."""

    low: float
    high: float
    start: int
    end: int


def parse_number(text: str) -> float | None:
    """Value of a numeral in digits or Chinese (``2,000``, ``三千五百``, ``一点五``, ``两千``); None when it is none."""
    if not text:
        return None
    if text == "半":
        return 0.5
    if text[0].isdigit():
        try:
            return float(text.replace(",", ""))
        except ValueError:
            return None
    whole, _, part = text.partition("点")
    total = section = 0
    for character in whole:
        if character in _DIGITS:
            section = (
                section * 10 + _DIGITS[character]
                if section and not any(c in _UNITS for c in whole)
                else _DIGITS[character]
            )
        elif character in _UNITS:
            total += (section or 1) * _UNITS[character]
            section = 0
        else:
            return None
    return total + section + (float("0." + "".join(str(_DIGITS[c]) for c in part)) if part else 0.0)


def _scale(unit: str | None) -> float:
    value = 1.0
    for key in re.findall("million|billion|mn|.", unit or ""):
        value *= _UNITS.get(key) or _SCALES.get(key) or 1
    return value


def amounts(text: str) -> list[Amount]:
    """Amounts of money in a folded text, in order; figures without 万, 亿 or a currency are left out."""
    if not _QUICK.search(text):
        return []
    found: list[Amount] = []
    for match in _AMOUNT.finditer(text):
        unit, own = match.group("u"), match.group("ua")
        if not (unit or own or match.group("tail")):
            continue
        low = parse_number(match.group("a"))
        high = parse_number(match.group("b") or "") if match.group("b") else low
        if low is None or high is None:
            continue
        rate = USD if re.search(r"美|usd|\$", match.group()) else 1.0
        low, high = low * _scale(own or unit) * rate, high * _scale(unit or own) * rate
        if low > high and own:  # 1亿至5000万 does not occur; 5000万至1(亿) does
            low, high = high, low
        if low >= 1000:
            found.append(Amount(low, high, match.start(), match.end()))
    return found


_NOT_TICKET = re.compile(
    "规模|管理|累计|募集|产值|营收|营业|收入|注册资本|资产|估值|余额|税|年产|利润|销售|扶持资金|"
    "补贴|补助|奖励|资助|租金|元/|/平|成交|市值|合同额|订单|已投|服务费|收费|报价"
)
_TICKET = re.compile(
    "单笔|首笔|单个|单项|单户|首轮|首次|首投|投资额|投资金额|出资|起投|额度|授信|贷款|每个项目|"
    "每一?笔|单次|单案|单家|每家|平均投资|投资区间|投资规模|单体|门槛|最低|起步|ticket|cheque|"
    "check size|per deal|each deal|per company|invest"
)
_MIN_BEFORE = re.compile(
    "(?:不低于|不少于|不小于|不得低于|不得少于|至少|最低|最少|下限|起投|起步|起点|门槛|高于|大于|"
    "超过(?<!不超过)|at least|minimum|from|not less than|above|over|no less than)[^,;。]{0,8}$"
)
_MAX_BEFORE = re.compile(
    "(?:不超过|不高于|不多于|至多|最高|最多|上限|不得超过|不大于|封顶|以内控制在|up to|at most|"
    "maximum|not exceed(?:ing)?|no more than|below|under)[^,;。]{0,8}$"
)
_MIN_AFTER = re.compile("^(?:人民币|元)?(?:起步|起投|起(?!到)|以上|及以上|之上|打底|为下限|or more|and above|\\+)")
_MAX_AFTER = re.compile("^(?:人民币|元)?(?:以内|以下|之内|及以下|封顶|为上限|为限|以里|or less)")


def ticket(text: str) -> tuple[float | None, float | None]:
    """Least and greatest amount put in at a time that a folded sentence states, in CNY; None where it does not."""
    low: float | None = None
    high: float | None = None
    for amount in amounts(text):
        clause = _clause(text, amount)
        before, after = text[max(0, amount.start - 14) : amount.start], text[amount.end :]
        if not _TICKET.search(clause) or (
            _NOT_TICKET.search(text[max(0, amount.start - 12) : amount.start])
            and not re.search("单|首|每一?笔", clause)
        ):
            continue
        if amount.high > amount.low:
            low, high = amount.low, amount.high
        elif _MAX_BEFORE.search(before) or _MAX_AFTER.match(after):
            high = amount.high
        elif _MIN_BEFORE.search(before) or _MIN_AFTER.match(after):
            low = amount.low
    return low, high


def _clause(text: str, amount: Amount) -> str:
    start = max((text.rfind(mark, 0, amount.start) for mark in ",;。("), default=-1)
    stops = [stop for stop in (text.find(mark, amount.end) for mark in ",;。)") if stop >= 0]
    start = max((text.rfind(mark, 0, max(start, 0)) for mark in ";。"), default=-1) if start >= 0 else -1
    return text[start + 1 : min(stops, default=len(text))]


_SEEK = re.compile(
    "想要|还差|想贷|领投|项目贷|求助资金|拟融|融资|募资|募集|筹集|筹资|资金需求|(?:需要?|缺|寻求)[^,;。]{0,16}的?资金|资金缺口|"
    "需要资金|所需资金|引入[^,;。]{0,8}(?:投资|资金)|寻求[^,;。]{0,10}(?:投资|资金|支持)|出让|"
    "释放|转让[^,;。]{0,8}股|股权|贷款|授信|借款|(?:需要?|尚缺|寻求)[^,;。]{0,16}资金|raise|"
    "raising|seeking|funding"
)
_DONE = re.compile(
    "已(?:经)?(?:完成|获得?|融|募集|取得|到账)|完成了|累计|此前|上一轮|上轮|曾|"
    "获得?了?[^,;。]{0,6}(?:投资|融资)|天使轮已|年(?:完成|获)|立项|经费|资助|补助"
)
_WANT = re.compile("本轮|拟|计划|希望|寻求|需|欲|正在|准备|打算|期望|尚缺|缺口|预计|seek|raise|raising")
_USE = re.compile("用于|其中|营收|收入|产值|销售|市场规模|订单|合同|投后|投前|估值|利润")


def amount_sought(text: str) -> float | None:
    """Amount in CNY that a folded sentence of a project says it seeks; the middle of a range; None when it does not."""
    if not _SEEK.search(text):
        return None
    for amount in amounts(text):
        before = text[max(0, amount.start - 26) : amount.start]
        near = text[max(0, amount.start - 16) : amount.end + 8]
        clause = _clause(text, amount)
        if _DONE.search(before) and not _WANT.search(before):
            continue
        if _USE.search(text[max(0, amount.start - 8) : amount.start]) or not (
            _SEEK.search(near) or _SEEK.search(clause)
        ):
            continue
        return (amount.low * amount.high) ** 0.5 if amount.high > amount.low else amount.low
    return None
