"""Figures of a text with what they measure, and on which side of them a text speaks (不足三千万, 8吨/平方米以上).

For both sides: a project states figures (去年收入八十万元, 装置高度9米), an institution draws lines (营收不足一千万的,
层高只有4.2米). Money is CNY, areas m2, lengths m, weights t, loads t/m2, power kVA, tension kV, ages and terms years.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from features.reading.tickets import amounts, parse_number
from features.reading.units import (
    CLEAN,
    CLEAN_CLASS,
    FIGURE,
    GOAL,
    GOALS,
    LEVEL_BEFORE,
    LOOSE,
    LOOSE_UNITS,
    MONEY,
    PERCENT,
    POWERS,
    RULES,
    VAGUE,
)

Side = Literal["over", "under", "cap", "floor", ""]


class Figure(NamedTuple):
    """A figure or range (``low == high``: one figure) of ``measure`` at ``text[start:end]``.

    ``level`` marks an order of magnitude (百万级, 千把万): ``low`` to ten times of it.
    """

    measure: str
    low: float
    high: float
    start: int
    end: int
    level: bool = False


_HAS_NUMBER = re.compile(r"[\d零一二两三四五六七八九十百千万亿半]")


def figures(text: str) -> list[Figure]:
    """Figures of a folded text whose measure is plain, in order."""
    if not _HAS_NUMBER.search(text):
        return []
    if "百分之" in text:
        text = PERCENT.sub(_same_length, text)
    found = [*_money(text), *_clean(text)]
    taken = [(each.start, each.end) for each in found]
    last: dict[str, Figure] = {}
    for match in FIGURE.finditer(text):
        start, end = match.span()
        if any(start < stop and begin < end for begin, stop in taken):
            continue
        if (figure := _physical(text, match, last)) is not None:
            found.append(figure)
            last[match.group("unit")] = figure
    return sorted(found, key=lambda each: each.start)


def _same_length(match: re.Match[str]) -> str:
    """百分之七十 as 70%, filled up to its length, so that places stay."""
    value = parse_number(match.group("n"))
    return match.group() if value is None else f"{value:g}%".rjust(len(match.group()), " ")


def _physical(text: str, match: re.Match[str], last: Mapping[str, Figure]) -> Figure | None:
    """The figure of a match; where nothing near says what it measures, what the last one in the same unit did."""
    start, end = match.span()
    near = text[max(0, start - 14) : start] + "#" + text[end : end + 10]
    before = last.get(match.group("unit"))
    for measure, context, scale in RULES.get(match.group("unit"), ()):
        if context is None or context.search(near) or (before is not None and before.measure == measure):
            low = parse_number(match.group("n"))
            high = parse_number(match.group("m")) if match.group("m") else low
            if low is None or high is None:
                return None
            factor = scale
            for character in match.group("scale") or "":
                factor *= POWERS[character]
            return Figure(measure, low * factor, high * factor, start, end)
    return None


def _clean(text: str) -> list[Figure]:
    if "洁净" not in text and "净化" not in text and "无尘" not in text:
        return []
    return [
        Figure("clean", value, value, *match.span())
        for match in CLEAN.finditer(text)
        for value in (CLEAN_CLASS[match.group("n")],)
    ]


def _measure_of_money(text: str, start: int) -> str:
    clause = text[max(text.rfind(mark, 0, start) for mark in ",;。:(") + 1 : start]
    return next((measure for measure, pattern in MONEY if pattern.search(clause)), "amount")


def loose_figures(text: str) -> list[Figure]:
    """Figures of a folded text by the kind of their unit alone (``ratio``, ``time``, ``length``, ``count`` ...)."""
    if "百分之" in text:
        text = PERCENT.sub(_same_length, text)
    found: list[Figure] = []
    for match in LOOSE.finditer(text):
        if match.group("half"):
            found.append(Figure("ratio", 0.5, 0.5, *match.span()))
            continue
        unit = match.group("unit")
        kind, scale = LOOSE_UNITS.get("成" if match.group("tenth") else unit, ("count", 1.0))
        value = parse_number(match.group("n"))
        if value is None:
            continue
        for character in match.group("scale") or "":
            scale *= POWERS[character]
        value = (
            value * scale + (parse_number(match.group("tenth")) or 0.0) / 100 if match.group("tenth") else value * scale
        )
        found.append(Figure(kind, value, value, *match.span()))
    return found


def _money(text: str) -> list[Figure]:
    found: list[Figure] = []
    for amount in amounts(text):
        level = "级" in text[amount.start : amount.end + 1] or bool(LEVEL_BEFORE.search(text[: amount.start]))
        found.append(
            Figure(_measure_of_money(text, amount.start), amount.low, amount.high, amount.start, amount.end, level)
        )
    taken = [(each.start, each.end) for each in found]
    if "目标" not in text and "位数" not in text and "万" not in text and "亿" not in text:
        return found
    for match in GOAL.finditer(text):
        value = GOALS[match.group("n")] if match.group("n") else 10.0 ** "一二三四五六七八九".index(match.group("d"))
        found.append(Figure("amount", value, value, *match.span()))
    for match in VAGUE.finditer(text):
        start, end = match.span()
        vague = match.group("mid") or match.group("tail") or match.group("lead")
        if any(start < stop and begin < end for begin, stop in taken) or not (vague or match.group("yuan")):
            continue
        value = POWERS[match.group("n") or "一"] if match.group("n") else 1.0
        value *= POWERS[match.group("u")]
        if value >= 1e5:
            found.append(Figure(_measure_of_money(text, start), value, value, start, end, bool(vague)))
    return found


_BEFORE: tuple[tuple[Side, re.Pattern[str]], ...] = (
    (
        "cap",
        re.compile(
            "(?:不(?:得|能|可|应|宜|会)?(?:超过|高于|多于|大于|超出)|至多|最多|最高|最大|最重|最长|上限(?:为|是|"
            "在)?|封顶|顶格|顶多|撑死|控制在|(?<![期受有无权极])限(?:重|高|载|额|定)?|"
            "只到|只有|仅有?|只(?:能)?(?:承|做|贷|给|批|接|供|放|配|跟|投|承受|承担)?|up to|at most|capped at|"
            "cap of|limited to|limit of|"
            "maximum(?: of)?|no more than|not exceed(?:ing)?)"
            "[^,;。不超低少高多大小上]{0,6}$"
        ),
    ),
    (
        "floor",
        re.compile(
            "(?:不(?:得|能|可|应|宜)?(?:低于|少于|小于)|至少|最低|最少|最小|下限(?:为|是|在)?|起码|起步|起租|"
            "起投|起订|起贷|起点|门槛(?:为|是)?|须在|应在|"
            "(?<![不未没])(?:达到?|满(?!足))|"
            "at least|minimum(?: of)?|no less than|not less than|from)[^,;。不超低少高多大小]{0,6}$"
        ),
    ),
    ("under", re.compile("(?:没|未|没有|尚未|还没)(?:超过|过|达|到|满|有)[^,;。]{0,3}$|不及[^,;。]{0,3}$")),
    (
        "over",
        re.compile("(?:超过|高于|大于|多于|超出|逾|突破|动辄|动不动|above|over|more than|larger than)[^,;。]{0,4}$"),
    ),
    (
        "under",
        re.compile(
            "(?:低于|不足|不到|少于|小于|不满|未满|没到|未达(?:到)?|达不到|没满|不够|below|under|less than|"
            "smaller than)[^,;。]{0,4}$"
        ),
    ),
)
_AFTER: tuple[tuple[Side, re.Pattern[str]], ...] = (
    ("over", re.compile("^(?:元|人民币)?(?:及以上|以上|开外|往上|之上|朝上|or more|and above|\\+)")),
    ("under", re.compile("^(?:元|人民币)?(?:及以下|以下|以内|之内|以里|内(?=[的,;。]|$)|之下|往下|or less|and below)")),
    ("floor", re.compile("^(?:元|人民币)?(?:起(?!到|来|诉)|打底|为下限|保底)")),
    ("cap", re.compile("^(?:元|人民币)?(?:封顶|为上限|为限|到顶|顶格|打住)|^[^,;。]{0,8}(?:极限|天花板|到头了?)")),
)


_THAT_IS = re.compile("即|也就是|折合|约合|合|约|也即|大约")
_BEFORE_WIDE: tuple[tuple[Side, re.Pattern[str]], ...] = (
    ("cap", re.compile("不(?:得|能|可|应|会)?(?:超过|高于|多于|大于)|上限|最高|至多")),
    ("floor", re.compile("不(?:得|能|可|应)?(?:低于|少于|小于)|下限|最低|至少")),
)


def side(text: str, figure: Figure) -> Side:
    """Side of a figure that a folded text speaks of: above it, below it, or that it is the most or the least."""
    clause = max(text.rfind(mark, 0, figure.start) for mark in ",;。:(") + 1
    if clause > 1 and _THAT_IS.fullmatch(text[clause : figure.start]):  # 不得超过规模的一成,即四千万元
        clause = max(text.rfind(mark, 0, clause - 1) for mark in ",;。:(") + 1
        before = text[clause : figure.start]
        told = next((name for name, pattern in _BEFORE_WIDE if pattern.search(before)), "")
        if told:
            return told  # type: ignore[return-value]
    before, after = text[max(clause, figure.start - 16) : figure.start], text[figure.end : figure.end + 12]
    behind = next((name for name, pattern in _AFTER if pattern.search(after)), "")
    told = next((name for name, pattern in _BEFORE if pattern.search(before)), "")
    if behind in ("over", "under") and told in ("cap", "floor", "") and not re.search("不|最|至", before[-8:]):
        return behind  # type: ignore[return-value]
    return told or behind  # type: ignore[return-value]
