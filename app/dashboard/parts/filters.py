"""Filters over a list: free text, sector, facets, least score. A choice is a value; applying it is pure."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from app.dashboard.visitor import Visitor
from data.reference.vocabularies import vocabulary

FACETS = {"institutions": ("province", "stage", "group"), "projects": ("kind", "province")}
"""Facets of what is listed, by the side whose list it is: an institution's list holds projects."""
VOCABULARIES = {"stage": "stages", "group": "groups", "kind": "institution_kinds"}
ROW = {"search": 200, "sector": 140, "facet": 150, "score": 180}
"""Widths in pixels; the row wraps on a narrow screen."""


@dataclass(frozen=True)
class Filters:
    """What a visitor chose. ``facets`` holds the wanted values of each facet; nothing chosen means all."""

    text: str = ""
    sector: str = ""
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    least: float | None = None
    ineligible: bool = False

    @property
    def digest(self) -> int:
        """A number that changes with the filters, the same in every process: it resets the page number."""
        return zlib.crc32(
            repr((self.text, self.sector, sorted(self.facets.items()), self.least, self.ineligible)).encode()
        )


def narrow(frame: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """The rows of a list that pass the filters, in their order. All words of the text must occur."""
    keep = pd.Series(True, index=frame.index)
    if not filters.ineligible:
        keep &= frame["status"] == "recommended"
    for word in filters.text.casefold().split():
        keep &= frame["text"].str.contains(word, regex=False)
    if wanted := filters.sector.strip().casefold():
        keep &= pd.Series(
            [any(wanted in s.casefold() for s in row) for row in frame["sectors"]], frame.index, dtype=bool
        )
    for name, values in filters.facets.items():
        if values:
            keep &= frame[name].isin(values)
    if filters.least is not None:
        keep &= frame["score"] >= filters.least
    return frame[keep]


def label(facet: str, value: str, language: str) -> str:
    """A facet's value in words."""
    return vocabulary(VOCABULARIES[facet]).label(value, language) if facet in VOCABULARIES else value


def choose_filters(visitor: Visitor, frame: pd.DataFrame, side: str, key: str) -> Filters:
    """Draw the row of filters and give what is chosen. ``key`` names the list, so that another list starts afresh."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"filters_{key}", gap="small"):
        text = st.text_input(
            visitor.say("filter.text"),
            key=f"text_{key}",
            width=ROW["search"],
            placeholder=visitor.say("filter.text_hint"),
        )
        sector = st.text_input(
            visitor.say("filter.sector"),
            key=f"sector_{key}",
            width=ROW["sector"],
            placeholder=visitor.say("filter.sector_hint"),
        )
        facets = {name: _facet(visitor, frame, name, key) for name in FACETS[side]}
        least = _least(visitor, frame, key)
        ineligible = visitor.role.organizes and st.toggle(visitor.say("filter.ineligible"), key=f"ineligible_{key}")
    return Filters(text, sector, facets, least, bool(ineligible))


def _facet(visitor: Visitor, frame: pd.DataFrame, name: str, key: str) -> tuple[str, ...]:
    values = sorted(value for value in frame[name].unique() if value)
    if name in VOCABULARIES:
        values.sort(key=vocabulary(VOCABULARIES[name]).order)
    chosen = st.multiselect(
        visitor.say(f"filter.{name}"),
        values,
        key=f"{name}_{key}",
        width=ROW["facet"],
        placeholder=visitor.say("filter.all"),
        format_func=lambda value: label(name, value, visitor.language),
        filter_mode="contains",
    )
    return tuple(chosen)


def _least(visitor: Visitor, frame: pd.DataFrame, key: str) -> float | None:
    recommended = frame.loc[frame["status"] == "recommended", "score"]
    low, high = (recommended.min(), recommended.max()) if len(recommended) else (0.0, 0.0)
    low, high = float(low // 0.1 / 10), float(-(-high // 0.1) / 10)
    if high - low < 0.1:
        return None
    least = st.slider(
        visitor.say("filter.least"), low, high, low, 0.1, format="%.1f", key=f"least_{key}", width=ROW["score"]
    )
    return None if least <= low else float(least)
