"""Physical quantities in folded text: floor load, power, height, floor space."""

from __future__ import annotations

import re

from features.reading.tickets import parse_number

_N = r"(?P<n>\d[\d,]*(?:\.\d+)?|[零一二两三四五六七八九十百千半]+)"
_AREA = r"(?:/|每|平)\s*(?:m2|平方米|平米|㎡|平方|平)"
_LOAD = (
    (re.compile(rf"{_N}\s*(?:吨|t)\s*{_AREA}"), 1.0),
    (re.compile(rf"{_N}\s*(?:kg|公斤|千克)\s*{_AREA}"), 0.001),
    (re.compile(rf"{_N}\s*kn\s*{_AREA}"), 0.1),
    (
        re.compile(
            rf"(?:每(?:平方米|平米|平方|平|㎡)|荷载|承重|承载|板面|楼板|楼面)[^,;。\d]{{0,12}}?{_N}\s*(?:吨|t)(?!位)"
        ),
        1.0,
    ),
    (
        re.compile(
            rf"(?:每(?:平方米|平米|平方|平|㎡)|荷载|承重|承载|板面|楼板|"
            rf"楼面)[^,;。\d]{{0,12}}?{_N}\s*(?:kg|公斤|千克)"
        ),
        0.001,
    ),
)
_HEIGHT = re.compile(
    rf"(?:层高|净高|挑高|高度|高达|总高|塔高|整机高|设备高|高约|高)[^,;。\d]{{0,8}}?{_N}\s*(?:米|m)(?![2²a-z㎡])"
)
_POWER = (
    (re.compile(rf"{_N}\s*(?:kva|千伏安|kw(?!h)|千瓦(?!时))"), 1.0),
    (re.compile(rf"{_N}\s*(?:mva|mw(?!h)|兆瓦(?!时)|兆伏安)"), 1000.0),
)
_SPACE = re.compile(
    rf"(?:场地|厂房|面积|空间|车间|用房|需要?|租[用赁]?|净化|办公|"
    rf"实验室)[^;。\d]{{0,14}}?{_N}\s*(?P<wan>万)?\s*(?:多|余)?(?:平方米|平米|㎡|m2|平方|平)|"
    rf"{_N.replace('?P<n>', '?P<m>')}\s*(?P<wan2>万)?\s*(?:多|余)?(?:平方米|平米|㎡|m2|平方|"
    rf"平)(?:左右|以上)?的?[^,;。]{{0,8}}?(?:场地|厂房|车间|空间|实验室|办公|用房)"
)


def _first(patterns: tuple[tuple[re.Pattern[str], float], ...], text: str) -> float | None:
    for pattern, scale in patterns:
        match = pattern.search(text)
        if match is not None and (value := parse_number(match.group("n"))) is not None:
            return value * scale
    return None


def facility_number(code: str, text: str) -> float | None:
    """Limit or need that a folded sentence gives for a facility: t/m2, m or kVA; None when it gives none."""
    if code == "heavy_load":
        return _first(_LOAD, text)
    if code == "high_ceiling":
        return _first(((_HEIGHT, 1.0),), text)
    if code in {"three_phase_power", "dual_power"}:
        return _first(_POWER, text)
    return None


def space_wanted(text: str) -> float | None:
    """Floor space in m2 that a folded sentence names; None when it names none."""
    match = _SPACE.search(text)
    if match is None:
        return None
    value = parse_number(match.group("n") or match.group("m"))
    return None if value is None else value * (10000 if match.group("wan") or match.group("wan2") else 1)
