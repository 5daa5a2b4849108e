"""Choose the filters of a list: free text, sector, facets, least score. What they are: :mod:`app.list_filters`.

The choice stands in the address as well, so that a link opens the same list, and can be saved under a name.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.dashboard.shown_strings import catalogue, say
from app.dashboard.visitor import Visitor, go
from app.list_filters import FACETS, LONGEST, MORE, Filters, from_value, narrow, values_of
from data.reference.regions import regions
from data.reference.sectors import sectors
from data.reference.vocabularies import vocabulary

__all__ = [
    "Filters",
    "apply_filters",
    "choose_filters",
    "filters_name",
    "filters_switch",
    "from_value",
    "in_words",
    "label",
    "narrow",
]

VOCABULARIES = {"stage": "stages", "group": "groups", "kind": "institution_kinds", "funding_round": "rounds"}
ROW = {"search": 180, "sector": 120, "facet": 132, "score": 150, "more": 320}
"""Widths in pixels; the row wraps on a narrow screen."""
PARAM = "f"


def label(facet: str, value: str, language: str) -> str:
    """A facet's value in words."""
    if facet in VOCABULARIES:
        return vocabulary(VOCABULARIES[facet]).label(value, language)
    if facet == "branches":
        node = sectors()[value]
        return node.name_zh if language == "zh" else node.name_en
    if facet == "province" and language == "en":
        place = regions().resolve(None, value, None)
        return regions().label(place.province_code, "en") if place and place.province_code else value
    key = f"facet.{facet}.{value}"
    return say(key, language) if key in catalogue() else value


def in_words(visitor: Visitor, filters: Filters) -> str:
    """What is chosen, in one line."""
    told = [(name, value) for name, value in (("text", filters.text.strip()), ("sector", filters.sector.strip()))]
    for name, values in filters.facets.items():
        told.append((name, visitor.comma.join(label(name, value, visitor.language) for value in values)))
    if filters.least is not None:
        told.append(("least", f"{filters.least:.1f}"))
    lines = [
        visitor.say("state.line", label=visitor.say(f"filter.{name}"), value=value) for name, value in told if value
    ]
    return " · ".join(lines) or visitor.say("filter.none")


def ask_named(visitor: Visitor, key: str, width: int) -> str:
    """Draw the box that narrows a list by ids and names; gives what is typed."""
    return st.text_input(
        visitor.say("filter.text"), key=key, width=width, max_chars=60, placeholder=visitor.say("filter.named")
    )


def choose_filters(visitor: Visitor, frame: pd.DataFrame, side: str, key: str) -> Filters:
    """Draw the row of filters and give what is chosen. ``key`` names the list, so that another list starts afresh.

    On a narrow screen the row is shut until :func:`filters_switch` opens it.
    """
    more = tuple(name for name in MORE[side] if name in frame)
    _from_address(frame, side, key)
    with st.container(horizontal=True, vertical_alignment="bottom", key=filters_name(key), gap="small"):
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


def _is_open(key: str) -> bool:
    return bool(st.session_state.get(f"filtersopen_{key}"))


def filters_name(key: str) -> str:
    """Name of the container of a row of filters, from which ``style.css`` reads whether a narrow screen shows it."""
    return f"{'openfilters' if _is_open(key) else 'shutfilters'}_{key}"


def filters_switch(visitor: Visitor, active: int, key: str) -> None:
    """Draw the button that opens and shuts the row of filters; only a narrow screen shows it."""

    def switch() -> None:
        st.session_state[f"filtersopen_{key}"] = not _is_open(key)

    shut = "filter.show_chosen" if active else "filter.show"
    words = visitor.say("filter.hide" if _is_open(key) else shut, count=active)
    st.button(words, key=f"filterswitch_{key}", on_click=switch)


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
    values = pd.Series([value for cell in frame[name] for value in values_of(cell)], dtype=object)
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
