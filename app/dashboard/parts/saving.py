"""Saved searches of a page: keep what is searched for under a name, call one back, forget one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.dashboard.decision_queries import keep_search, searches_of
from app.dashboard.desk import Desk
from app.dashboard.parts.filters import Filters, apply_filters, from_value
from app.dashboard.parts.writing import redraw_after
from app.dashboard.visitor import Visitor
from app.saved_searches import LIST, LONGEST_NAME, TEXT, SavedSearch

WIDTH = 300
QUERY = "q"
"""Name in the address of the text of a free-text search."""


def saved_filters(visitor: Visitor, desk: Desk, institution_id: str, filters: Filters, side: str, key: str) -> None:
    """Draw the saved searches of an institution's list; the present filters can be kept."""
    present = SavedSearch("", LIST, filters.to_value())
    _saved(visitor, desk, institution_id, present, lambda value: apply_filters(from_value(value), side, key), key)


def saved_texts(
    visitor: Visitor, desk: Desk, institution_id: str, text: str, ask: Callable[[str], None], key: str
) -> None:
    """Draw the saved free-text searches of an institution; the present text can be kept, ``ask`` searches for one."""
    _saved(visitor, desk, institution_id, SavedSearch("", TEXT, text.strip()), ask, key)


def _saved(
    visitor: Visitor, desk: Desk, institution_id: str, present: SavedSearch, take: Callable[[str], None], key: str
) -> None:
    """Draw the searches that one page saved. What is typed is kept when Enter is pressed."""
    kept = searches_of(visitor, desk, institution_id, present.page)
    wanted = f"savedone_{key}"

    def call_back() -> None:
        chosen = st.session_state[f"saved_{key}"]
        if chosen in kept:
            take(kept[chosen].value)

    with st.popover(visitor.say("saved.open", count=len(kept))), st.container(width=WIDTH, key=f"savedbox_{key}"):
        st.selectbox(
            visitor.say("saved.choose"),
            list(kept),
            index=None,
            key=f"saved_{key}",
            placeholder=visitor.say("saved.choose_hint") if kept else visitor.say("saved.none"),
            on_change=call_back,
        )
        if visitor.role.organizes:
            return
        _save_or_forget(visitor, kept, present, wanted, key)
        action, typed = st.session_state.pop(wanted, ("", ""))
        if typed and action:
            digest = typed not in kept or kept[typed].digest
            search = SavedSearch(typed, present.page, present.value, digest)
            forget = action == "forget"
            redraw_after(visitor, partial(keep_search, visitor, desk, institution_id, search, forget=forget))


def _save_or_forget(
    visitor: Visitor, kept: dict[str, SavedSearch], present: SavedSearch, wanted: str, key: str
) -> None:
    """Draw what saves and what forgets; what was asked for stands in the session under ``wanted`` afterwards.

    An empty text finds nothing and is not kept; no filters are a search for everything.
    """

    def note(action: str, widget: str) -> None:
        st.session_state[wanted] = (action, st.session_state[widget])
        st.session_state[widget] = "" if action == "keep" else None

    name, drop = f"savename_{key}", f"forget_{key}"
    nothing = present.page == TEXT and not present.value
    st.text_input(
        visitor.say(f"saved.name_{present.page}"),
        key=name,
        max_chars=LONGEST_NAME,
        placeholder=visitor.say("saved.no_text" if nothing else "saved.name_hint"),
        disabled=nothing,
        on_change=note,
        args=("keep", name),
    )
    if kept:
        st.selectbox(
            visitor.say("saved.forget"),
            list(kept),
            index=None,
            key=drop,
            placeholder=visitor.say("saved.choose_hint"),
            on_change=note,
            args=("forget", drop),
        )
    st.caption(visitor.say("saved.alerts"))
