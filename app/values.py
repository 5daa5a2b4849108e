"""Fields of projects and institutions in words: amounts with their unit, codes by their names, lists joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.reference.vocabularies import vocabulary
from data.tables import Kind, Table

WAN, YI = 10_000, 100_000_000


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
        return " ".join(str(row[part]) for part in ("province", "city", "district") if row.get(part)) or (
            row.get("country") or ""
        )
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
    if column.vocabulary and column.vocabulary != "sectors":
        known = vocabulary(column.vocabulary)
        values = [known.label(known.resolve(str(item)) or str(item), language) for item in values]
    return ("、" if language == "zh" else ", ").join(dict.fromkeys(str(item) for item in values))
