"""A project or an institution as a sheet: fields in pairs, then its texts. Every value is shown as plain text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.dashboard.visitor import Visitor
from data.reference.vocabularies import vocabulary
from data.tables import INSTITUTIONS, PROJECTS, Kind, Table

PROJECT_FIELDS = (
    *("sectors", "stage", "group", "applicant", "applicant_kind", "place", "funding_round", "funding_sought"),
    *("space_m2", "facilities", "services_wanted", "regions_wanted", "keywords", "founded_at", "confidentiality"),
)
PROJECT_TEXTS = ("summary", "profile", "innovation", "technology", "application", "evaluation")
INSTITUTION_FIELDS = (
    *("kind", "place", "sectors", "stages", "rounds", "tickets", "regions", "services", "facilities"),
    *("capacity_m2", "roles", "verified"),
)
INSTITUTION_TEXTS = ("profile",)
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


def show_project(visitor: Visitor, row: Mapping[str, Any], key: str) -> None:
    """Draw a project's sheet; the row comes masked."""
    if row.get("confidentiality") == "teaser" or row.get("name") is None:
        st.caption(visitor.say("sheet.teaser"))
    _fields(visitor, PROJECTS, row, PROJECT_FIELDS, key)
    _texts(visitor, row, PROJECT_TEXTS, key)


def show_institution(visitor: Visitor, row: Mapping[str, Any], needs: list[dict[str, Any]], key: str) -> None:
    """Draw an institution's sheet, with the needs it has published."""
    _fields(visitor, INSTITUTIONS, row, INSTITUTION_FIELDS, key)
    _texts(visitor, row, INSTITUTION_TEXTS, key)
    for number, need in enumerate(needs):
        with st.container(key=f"text_{key}_need{number}", gap=None):
            st.caption(visitor.say("field.need"))
            st.text("\n".join(part for part in (need["title"], need["text"]) if part))


def _fields(visitor: Visitor, table: Table, row: Mapping[str, Any], names: tuple[str, ...], key: str) -> None:
    told = [(name, value_of(table, row, name, visitor.language)) for name in names]
    with st.grid(min_column_width=200, gap="small", key=f"fields_{key}"):
        for name, value in told:
            if value:
                with st.container(key=f"field_{key}_{name}", gap=None):
                    st.caption(visitor.say(f"field.{name}"))
                    st.text(value)


def _texts(visitor: Visitor, row: Mapping[str, Any], names: tuple[str, ...], key: str) -> None:
    for name in names:
        if row.get(name):
            with st.container(key=f"text_{key}_{name}", gap=None):
                st.caption(visitor.say(f"field.{name}"))
                st.text(str(row[name]))
