"""For the organizer: what the store holds, before anything is matched."""

from __future__ import annotations

import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.outcome_queries import scope_today
from app.dashboard.stamped import rows_key
from data.store_shown import current_columns

NEEDED = ("projects", "institutions")
"""Tables without which nothing can be matched."""


@allowed("organizer")
def is_there(desk: Desk) -> bool:
    """Whether anything was ever written into the store."""
    return desk.system.store.exists


@allowed("organizer")
def stored_rows(desk: Desk) -> dict[str, int]:
    """How many rows of each of :data:`NEEDED` are stored; of projects those of the organizer's region."""
    found = _rows(rows_key(desk), desk)
    within = scope_today(desk)
    return found if within is None else {**found, "projects": len(within)}


@st.cache_resource(max_entries=4, show_spinner=False)
def _rows(key: tuple[object, ...], _desk: Desk) -> dict[str, int]:
    return {name: current_columns(_desk.system.store.path, name, ()).num_rows for name in NEEDED}


@allowed("organizer")
def lacking(desk: Desk) -> str:
    """What has to be imported before anything can be matched: ``all``, ``projects``, ``institutions``, or nothing."""
    empty = [name for name, count in stored_rows(desk).items() if not count]
    return "all" if len(empty) == len(NEEDED) else "".join(empty)
