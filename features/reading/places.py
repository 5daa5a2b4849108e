"""Regions named by an institution or a project, also those named only in relation to it (本省, 市内, 省外)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from data.reference.regions import Place, regions

_OWN = (
    (re.compile("(?:本|全)省|省内|我省|省级|省域"), "province_code"),
    (re.compile("(?:本|全)市|市内|我市|市域|同城|市级"), "city_code"),
    (re.compile("(?:本|全)区(?!域)|区内|我区|本县|县内|全县|辖区|属地|本地"), "district_code"),
)
_OTHER = (
    (re.compile("省外|外省|跨省"), "province_code"),
    (re.compile("市外|外市|外地|异地"), "city_code"),
    (re.compile("区外|县外|园外"), "district_code"),
)
_ABROAD = re.compile("境外|海外|国外")


def place_of(row: Mapping[str, Any]) -> Place | None:
    """Place of a row (columns country, province, city, district); None when foreign or unknown."""
    return regions().resolve(*(row.get(name) or "" for name in ("country", "province", "city", "district")))


@lru_cache(maxsize=1 << 15)
def regions_named(phrase: str) -> tuple[str, ...]:
    """Codes of the places and macro-regions that a folded phrase names."""
    return regions().find(phrase)


def _code(place: Place | None, level: str) -> str:
    if place is None:
        return ""
    order = ("district_code", "city_code", "province_code")
    codes = [getattr(place, name) for name in order[order.index(level) :]]
    return next((code for code in codes if code), "")


def own_regions(phrase: str, place: Place | None) -> tuple[str, ...]:
    """Regions a folded phrase names: by name, or as 本省 / 市内 / 本区 of ``place``."""
    named = list(regions_named(phrase))
    for pattern, level in _OWN:
        code = _code(place, level)
        if code and pattern.search(phrase) and code not in named:
            named.append(code)
    return tuple(named)


def foreign_to(phrase: str, place: Place | None) -> tuple[str, ...]:
    """Regions that a phrase such as 省外 sets against: what it rules out lies outside of them."""
    for pattern, level in _OTHER:
        if pattern.search(phrase) and (code := _code(place, level)):
            return (code,)
    return ("nationwide",) if _ABROAD.search(phrase) else ()
