"""Filters over a list: free text, sector, facets, least score. A choice is a value; applying it is pure.

The choice stands in the address as well, so that a link opens the same list, and can be saved under a name.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.shown_strings import catalogue, say
from app.dashboard.visitor import Visitor, go
from data.reference.sectors import sectors
from data.reference.vocabularies import vocabulary

FACETS = {"institutions": ("province", "stage", "group"), "projects": ("kind", "province")}
"""Facets of what is listed, by the side whose list it is: an institution's list holds projects."""
MORE = {"institutions": ("branches", "funding_round", "ticket", "award", "rights"), "projects": ()}
"""Facets behind the button "more"."""
VOCABULARIES = {"stage": "stages", "group": "groups", "kind": "institution_kinds", "funding_round": "rounds"}
ROW = {"search": 200, "sector": 140, "facet": 150, "score": 180, "more": 320}
"""Widths in pixels; the row wraps on a narrow screen."""
PARAM = "f"
LONGEST = 1000
"""Characters of filters that the address may hold."""
HIGHEST = 1e6
"""No score comes near it; NaN and infinity do not pass it."""


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

    @property
    def active(self) -> int:
        """How many of them narrow the list."""
        chosen = [self.text.strip(), self.sector.strip(), *self.facets.values(), self.least is not None]
        return sum(bool(one) for one in chosen)

    def to_value(self) -> str:
        """The choice as one text; empty when nothing is chosen."""
        told: dict[str, Any] = {"text": self.text, "sector": self.sector, "least": self.least}
        told |= {"ineligible": self.ineligible}
        told |= {name: list(values) for name, values in self.facets.items()}
        kept = {name: value for name, value in told.items() if value}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else ""


def from_value(value: str) -> Filters:
    """The choice that :meth:`Filters.to_value` wrote; whatever else stands there counts as nothing chosen."""
    try:
        told = json.loads(value) if 0 < len(value) <= LONGEST else {}
    except (ValueError, RecursionError):
        told = {}
    if not isinstance(told, dict):
        return Filters()
    names = {*FACETS["institutions"], *FACETS["projects"], *MORE["institutions"]}
    facets = {
        name: tuple(str(one) for one in told[name])
        for name in sorted(names)
        if isinstance(told.get(name), list) and told[name]
    }
    text, sector = (str(told.get(name, "")) for name in ("text", "sector"))
    least = told.get("least")
    fits = isinstance(least, int | float) and not isinstance(least, bool) and abs(least) < HIGHEST
    number = float(least) if fits and least is not None else None
    return Filters(text, sector, facets, number, told.get("ineligible") is True)


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
            keep &= pd.Series([bool(set(_values(cell)) & set(values)) for cell in frame[name]], frame.index, dtype=bool)
    if filters.least is not None:
        keep &= frame["score"] >= filters.least
    return frame[keep]


def _values(cell: Any) -> list[str]:
    """Values of a facet's cell: a list holds several, an empty text none."""
    return list(cell) if isinstance(cell, list) else [cell] if cell else []


def label(facet: str, value: str, language: str) -> str:
    """A facet's value in words."""
    if facet in VOCABULARIES:
        return vocabulary(VOCABULARIES[facet]).label(value, language)
    if facet == "branches":
        node = sectors()[value]
        return node.name_zh if language == "zh" else node.name_en
    key = f"facet.{facet}.{value}"
    return say(key, language) if key in catalogue() else value


def choose_filters(visitor: Visitor, frame: pd.DataFrame, side: str, key: str) -> Filters:
    """Draw the row of filters and give what is chosen. ``key`` names the list, so that another list starts afresh."""
    more = tuple(name for name in MORE[side] if name in frame)
    _from_address(frame, side, key)
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"filters_{key}", gap="small"):
        text = st.text_input(
            visitor.say("filter.text"),
            key=f"text_{key}",
            width=ROW["search"],
            placeholder=visitor.say("filter.text_hint"),
            max_chars=100,
        )
        sector = st.text_input(
            visitor.say("filter.sector"),
            key=f"sector_{key}",
            width=ROW["sector"],
            placeholder=visitor.say("filter.sector_hint"),
            max_chars=40,
        )
        facets = {name: _facet(visitor, frame, name, key) for name in FACETS[side]}
        if more:
            chosen = sum(bool(st.session_state.get(f"{name}_{key}")) for name in more)
            title = visitor.say("filter.more_chosen", count=chosen) if chosen else visitor.say("filter.more")
            with st.popover(title), st.container(width=ROW["more"], key=f"more_{key}"):
                facets |= {name: _facet(visitor, frame, name, key, wide=True) for name in more}
        least = _least(visitor, frame, key)
        ineligible = visitor.role.organizes and st.toggle(visitor.say("filter.ineligible"), key=f"ineligible_{key}")
        filters = Filters(text, sector, facets, least, bool(ineligible))
        if filters.active:
            _clear(visitor, side, key, filters)
    value = filters.to_value()
    if value != str(st.query_params.get(PARAM, "")) and len(value) <= LONGEST:
        go(**{PARAM: value})
    return filters


def _clear(visitor: Visitor, side: str, key: str, filters: Filters) -> None:
    """One click takes every filter away."""
    name = f"clear_{key}"

    def clear() -> None:
        apply_filters(Filters(), side, key)
        st.session_state[name] = None

    words = visitor.say("filter.clear", count=filters.active)
    st.pills(visitor.say("filter.clear_label"), [words], key=name, on_change=clear, label_visibility="collapsed")


def apply_filters(filters: Filters, side: str, key: str) -> None:
    """Set the widgets of a list to a choice. Only before they are drawn, or in a callback."""
    st.session_state[f"text_{key}"] = filters.text
    st.session_state[f"sector_{key}"] = filters.sector
    for name in (*FACETS[side], *MORE[side]):
        st.session_state[f"{name}_{key}"] = list(filters.facets.get(name, ()))
    if filters.least is None:
        st.session_state.pop(f"least_{key}", None)
    else:
        st.session_state[f"least_{key}"] = filters.least
    st.session_state[f"ineligible_{key}"] = filters.ineligible


def _from_address(frame: pd.DataFrame, side: str, key: str) -> None:
    """On the first drawing of a list take over what the address says, as far as the list has such values."""
    if f"text_{key}" not in st.session_state:
        apply_filters(from_value(str(st.query_params.get(PARAM, ""))), side, key)
    low, high = _span(frame)
    least = st.session_state.get(f"least_{key}")
    if least is not None:
        st.session_state[f"least_{key}"] = min(max(float(least), low), high)
    for name in (*FACETS[side], *MORE[side]):
        held = st.session_state.get(f"{name}_{key}")
        if held and name in frame:
            known = _counts(frame, name)
            st.session_state[f"{name}_{key}"] = [value for value in held if value in known]


def _counts(frame: pd.DataFrame, name: str) -> Mapping[str, int]:
    """How many rows hold each value of a facet."""
    values = pd.Series([value for cell in frame[name] for value in _values(cell)], dtype=object)
    return {str(value): int(count) for value, count in values.value_counts().items()}


def _facet(visitor: Visitor, frame: pd.DataFrame, name: str, key: str, *, wide: bool = False) -> tuple[str, ...]:
    counts = _counts(frame, name)
    values = sorted(counts)
    if name in VOCABULARIES:
        values.sort(key=vocabulary(VOCABULARIES[name]).order)
    chosen = st.multiselect(
        visitor.say(f"filter.{name}"),
        values,
        key=f"{name}_{key}",
        width="stretch" if wide else ROW["facet"],
        placeholder=visitor.say("filter.all"),
        format_func=lambda value: f"{label(name, value, visitor.language)} ({counts.get(value, 0)})",
        filter_mode="contains",
    )
    return tuple(chosen)


def _span(frame: pd.DataFrame) -> tuple[float, float]:
    """Scores of the recommended rows, rounded outwards to tenths."""
    recommended = frame.loc[frame["status"] == "recommended", "score"]
    low, high = (recommended.min(), recommended.max()) if len(recommended) else (0.0, 0.0)
    return float(low // 0.1 / 10), float(-(-high // 0.1) / 10)


def _least(visitor: Visitor, frame: pd.DataFrame, key: str) -> float | None:
    low, high = _span(frame)
    if high - low < 0.1:
        return None
    least = st.slider(
        visitor.say("filter.least"), low, high, step=0.1, format="%.1f", key=f"least_{key}", width=ROW["score"]
    )
    return None if least <= low else float(least)
