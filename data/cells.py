"""What one cell says: dates, sums of money, numbers, yes and no, lists, as people write them in Chinese and English.

Every parser takes the stripped, NFKC-normalised text of a cell and returns the value (None when empty or unusable)
and a :class:`Finding` when something about it must be told.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, NamedTuple

from data.problem import Severity

MISSING = frozenset(
    "无 没有 不详 未知 暂无 待定 未填 空 / - -- — —— n/a na null none nan nil nat unknown tbd ? ？ # #n/a".split()  # noqa: SIM905
)
"""Ways of saying that there is nothing, in every kind of cell but running text."""

FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula; our CSV leads such a text by an apostrophe."""


class Finding(NamedTuple):
    """What is wrong with a cell, before it is known in which rows it stands."""

    code: str
    severity: Severity
    message: str
    hint: str


def quote(text: str) -> str:
    """A cell's text as it may stand in a message: one line, at most 40 characters."""
    flat = re.sub(r"\s+", " ", text)
    return f"“{flat[:40]}…”" if len(flat) > 40 else f"“{flat}”"


_NUMERIC_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?)?\s*月?(?:\s*号)?(?:[T\s].*)?"
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR = re.compile(r"(\d{4})\s*年?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_EXCEL_EPOCH = date(1899, 12, 30)
_DATE_HINT = "写成 2023-05-01 / write 2023-05-01"


def _date_parts(text: str) -> tuple[int, int, int, bool] | None:
    """Year, month, day, and whether the day was written."""
    if match := _COMPACT_DATE.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3]), True
    if match := _NUMERIC_DATE.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3] or 1), bool(match[3])
    if match := _YEAR.fullmatch(text):
        return int(match[1]), 1, 1, False
    if match := _SERIAL.fullmatch(text):
        day = _EXCEL_EPOCH + timedelta(days=int(match[1]))
        return day.year, day.month, day.day, True
    return None


def parse_date(text: str, today: date) -> tuple[date | None, Finding | None]:
    """ISO dates, 2023年5月1日, 2023/5/1, 2023.5, 2023年, 20230501, Excel serial numbers; a time of day is cut off.

    Dates before 1900 or more than five years after ``today`` are errors: a ranking as of a date cannot use them.
    """
    if text.casefold() in MISSING:
        return None, None
    parts = _date_parts(text)
    shown = quote(text)
    if parts and not 1900 <= parts[0] <= today.year + 5:
        message = f"日期{shown}超出范围 / date {shown} is out of range"
        return None, Finding("date.range", "error", message, "检查年份 / check the year")
    try:
        value = date(*parts[:3]) if parts else None
    except ValueError:
        value = None
    if value is None:
        message = f"无法识别日期{shown}，按空处理 / {shown} is not a date, taken as empty"
        return None, Finding("date.format", "warning", message, _DATE_HINT)
    if (value - today).days > 5 * 366:
        message = f"日期{shown}超出范围 / date {shown} is out of range"
        return None, Finding("date.range", "error", message, "检查年份 / check the year")
    if parts and not parts[3]:
        message = f"日期{shown}不完整，按 {value} 处理 / date {shown} is incomplete, taken as {value}"
        return value, Finding("date.partial", "info", message, _DATE_HINT)
    return value, None


_SCALES = {
    "": 1.0, "元": 1.0, "块": 1.0, "千": 1e3, "k": 1e3, "万": 1e4, "w": 1e4, "wan": 1e4, "十万": 1e5, "百万": 1e6,
    "m": 1e6, "mn": 1e6, "mm": 1e6, "million": 1e6, "千万": 1e7, "亿": 1e8, "yi": 1e8, "bn": 1e9, "b": 1e9,
    "billion": 1e9, "thousand": 1e3, "十亿": 1e9, "百亿": 1e10, "千亿": 1e11, "万亿": 1e12,
}  # fmt: skip
_CURRENCIES = (
    ("HKD", re.compile(r"港元|港币|hk\$|hkd")),
    ("USD", re.compile(r"美元|美金|us\$|usd|\$")),
    ("EUR", re.compile(r"欧元|eur(?:o|os)?|€")),
    ("JPY", re.compile(r"日元|jpy")),
    ("GBP", re.compile(r"英镑|gbp|£")),
    ("CNY", re.compile(r"人民币|cny|rmb|¥|元")),
)
_AROUND = re.compile(
    r"^(?:大约|约|不超过|不少于|不低于|至少|最多|近|超过|超|逾|<=?|>=?|≤|≥|~|至|about|approx\.?|upto)+"
    r"|(?:左右|以内|以上|以下|上下|整|余)$"
)
_AMOUNT = re.compile(r"([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)([a-z一-鿿]*)")
_RANGE = re.compile(r"([\d.]+)([a-z一-鿿]*)(?:-|~|—|–|至|到)([\d.]+)([a-z一-鿿]*)")
_MONEY_HINT = "写成 3000000 或 300万元 / write 3000000"


def _currency(text: str) -> tuple[str, str]:
    """Currency that a text names ('' when it names none) and the text without it."""
    for code, pattern in _CURRENCIES:
        if pattern.search(text):
            return code, pattern.sub("", text)
    return "", text


def parse_money(text: str, factor: float = 1.0) -> tuple[tuple[float, str] | None, Finding | None]:
    """Sum and currency ('' when the cell names none): 3,000,000; 300万元; 3亿; USD 2.5m; 300-500万 (its lower end).

    ``factor`` is the unit of the header, for cells without a unit of their own. Negative sums are errors.
    """
    plain = re.sub(r"[\s,，_']", "", text).casefold()
    if plain in MISSING:
        return None, None
    currency, bare = _currency(plain)
    bare = _AROUND.sub("", _AROUND.sub("", bare))
    shown, finding = quote(text), None
    if match := _RANGE.fullmatch(bare):
        bare = match[1] + (match[2] or match[4])
        message = f"金额{shown}是区间，取下限 / {shown} is a range, its lower end is taken"
        finding = Finding("money.range", "warning", message, _MONEY_HINT)
    match = _AMOUNT.fullmatch(bare)
    if match is None or match[2] not in _SCALES:
        message = f"无法识别金额{shown}，按空处理 / {shown} is not a sum of money, taken as empty"
        return None, Finding("money.format", "warning", message, _MONEY_HINT)
    own_unit = bool(match[2]) or "元" in plain
    value = float(match[1]) * (_SCALES[match[2]] if own_unit else factor)
    if not 0 <= value < 1e15:
        message = f"金额{shown}为负数或过大 / {shown} is negative or too large"
        return None, Finding("money.negative" if value < 0 else "money.too_large", "error", message, _MONEY_HINT)
    if finding is None and currency in ("", "CNY") and (0 < value < 1000 or value > 1e11):
        message = f"金额{shown}即 {value:,.0f} 元，请核对单位 / {shown} is {value:,.0f} CNY: check the unit"
        finding = Finding("money.unit", "warning", message, _MONEY_HINT)
    return (value, currency), finding


_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(.*)")
_NUMBER_UNITS = {
    "": 1.0, "㎡": 1.0, "m2": 1.0, "m²": 1.0, "平方米": 1.0, "平米": 1.0, "平": 1.0, "平方": 1.0, "sqm": 1.0,
    "亩": 2000 / 3, "公顷": 1e4, "ha": 1e4, "万": 1e4, "万平方米": 1e4, "万平米": 1e4, "万平": 1e4,
    "万m2": 1e4, "万㎡": 1e4, "平方公里": 1e6, "个": 1.0, "家": 1.0, "席": 1.0, "次": 1.0, "人": 1.0, "项": 1.0,
    "户": 1.0, "个项目": 1.0, "家企业": 1.0,
}  # fmt: skip


def parse_number(text: str, factor: float = 1.0) -> tuple[float | None, Finding | None]:
    """A count or an area in m2 (2000㎡, 1.5万平方米, 3亩); negative numbers are errors."""
    plain = re.sub(r"[\s,，_']", "", text).casefold()
    if plain in MISSING:
        return None, None
    plain = _AROUND.sub("", _AROUND.sub("", plain))
    match, shown = _NUMBER.fullmatch(plain), quote(text)
    if match is None or match[2] not in _NUMBER_UNITS:
        message = f"无法识别数字{shown}，按空处理 / {shown} is not a number, taken as empty"
        return None, Finding("number.format", "warning", message, "只写数字 / write digits only")
    value = float(match[1]) * (_NUMBER_UNITS[match[2]] if match[2] else factor)
    if not 0 <= value < 1e12:
        message = f"数字{shown}为负数或过大 / {shown} is negative or too large"
        return None, Finding("number.range", "error", message, "检查数字 / check the number")
    return value, None


_YES = frozenset("是 有 真 对 已认证 已实名 认证 通过 已通过 √ ✓ ✔ y yes true t 1 verified".split())  # noqa: SIM905
_NO = frozenset("否 无 假 不 未认证 未实名 未通过 × ✗ x n no false f 0 unverified".split())  # noqa: SIM905


def parse_boolean(text: str) -> tuple[bool | None, Finding | None]:
    """Yes and no in both languages."""
    key = text.casefold()
    if key in _YES or key in _NO:
        return key in _YES, None
    if key in MISSING:
        return None, None
    message = f"{quote(text)}既不是“是”也不是“否”，按空处理 / {quote(text)} is neither yes nor no, taken as empty"
    return None, Finding("boolean.format", "warning", message, "写“是”或“否” / write yes or no")


_SEPARATORS = re.compile(r"[;；、|\n\r]+")
ITEM_MARK = "\ue01f"
"""Ends each item of a list that a typed file holds, so that they are not split again (a private character)."""


def split_list(text: Any) -> list[str]:
    """Items of a list cell, separated by ``;`` ``；`` ``、`` (or ``|`` or line ends), stripped, each once."""
    parts = text.split(ITEM_MARK) if ITEM_MARK in text else _SEPARATORS.split(text)
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))
