"""A project or an institution as a sheet: fields in pairs, then its texts. Every value is shown as plain text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.dashboard.visitor import Visitor
from app.values import money, value_of
from data.tables import INSTITUTIONS, PROJECTS, Table

__all__ = ["money", "value_of"]

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
