"""Fields of projects and institutions in words: amounts with their unit, codes by their names, lists joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from data.reference.regions import regions
from data.reference.sectors import sectors
from data.reference.vocabularies import vocabulary
from data.tables import Kind, Table

WAN, YI = 10_000, 100_000_000
_CODE = re.compile(r"[A-Z]\d{2,4}")
"""A class of GB/T 4754 that stands alone, as in C37."""


def money(value: float, language: str, currency: str | None = None) -> str:
    """An amount with its unit: 万元 or 亿元 in Chinese, millions in English."""
    unit = currency or "CNY"
    if language == "en":
        return f"{unit} {value / 1e6:,.2f}".rstrip("0").rstrip(".") + " million"
    scale, word = (YI, "亿") if value >= YI else (WAN, "万")
    number = f"{value / scale:,.2f}".rstrip("0").rstrip(".")
    return f"{number}{word}元" if unit == "CNY" else f"{number}{word} {unit}"


def value_of(table: Table, row: Mapping[str, Any], name: str, language: str) -> str:
    """A field in words; empty when nothing is known."""
    if name == "place":
        return place_words(row, language)
    if name == "tickets":
        ends = [
            money(row[end], language, row.get("currency")) if row.get(end) else ""
            for end in ("ticket_min", "ticket_max")
        ]
        return " – ".join(ends) if any(ends) else ""
    value, column = row.get(name), table.by_name[name]
    if value is None or value == []:
        return ""
    if column.kind is Kind.MONEY:
        return money(value, language, row.get("currency"))
    if column.kind is Kind.BOOLEAN:
        return {"zh": ("否", "是"), "en": ("no", "yes")}[language][bool(value)]
    if column.kind is Kind.NUMBER:
        return f"{value:,.0f}"
    values = value if isinstance(value, list) else [value]
    if column.vocabulary == "sectors":
        values = sector_words(values, language)
    elif name in ("regions", "regions_wanted") and language == "en":
        values = [_region(str(item)) for item in values]
    elif column.vocabulary:
        known = vocabulary(column.vocabulary)
        values = [known.label(known.resolve(str(item)) or str(item), language) for item in values]
    return ("、" if language == "zh" else ", ").join(dict.fromkeys(str(item) for item in values))


def sector_words(labels: Iterable[str], language: str) -> list[str]:
    """Sectors to be read, each once: as they were written, in English the sector that each stands for; a bare code of a
    classification says nothing to a reader, so its sector's name stands before it in both languages.
    """
    return list(dict.fromkeys(_sector(str(label), language) for label in labels))


def _sector(label: str, language: str) -> str:
    known, code = sectors().resolve(label), bool(_CODE.fullmatch(label))
    if len(known) != 1 or (language == "zh" and not code):
        return label
    node = sectors()[known[0]]
    name = node.name_en if language == "en" else node.name_zh
    return f"{name} {label}" if code else name


def _region(text: str) -> str:
    """A region by its English name, where the text is the name of one and there is an English one."""
    place = regions().resolve("", text)
    codes = (place.code,) if place else regions().find(text)
    return regions().label(codes[0], "en") if len(codes) == 1 else text


def place_words(row: Mapping[str, Any], language: str) -> str:
    """Province, city and county as far as a row has them, in English where there is an English name."""
    parts = ("province", "city", "district")
    told = {part: str(row[part]) for part in parts if row.get(part)}
    place = regions().resolve(row.get("country"), *told.values()) if told and language == "en" else None
    if place is not None:
        for part, code in zip(parts, (place.province_code, place.city_code, place.district_code), strict=True):
            name = regions().label(code, language) if code else ""
            if part in told and name.isascii() and name:
                told[part] = name
    return " ".join(told.values()) or str(row.get("country") or "")
