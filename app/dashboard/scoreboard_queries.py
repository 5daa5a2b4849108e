"""The scoreboard of institutions, for the organizer."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.outcome_queries import outcome_view
from app.dashboard.stamped import store_key
from app.system import call_back_plan
from data.followup import ACTION
from evaluation.scoreboard import scoreboard


@allowed("organizer")
def board(desk: Desk, as_of: date, stage: str, channel: str) -> pd.DataFrame:
    """Institutions in the columns of :data:`evaluation.scoreboard.COLUMNS`; an organizer of a region sees what they did
    for the region's projects.

    Raises
    ------
    DuijieError
        As :func:`evaluation.scoreboard.scoreboard`: ``scoreboard.empty`` without an introduction.
    """
    return _board(store_key(desk), desk.access.scope, as_of, stage, channel, desk)


@st.cache_resource(max_entries=8, show_spinner=False)
def _board(
    key: tuple[object, ...], scope: tuple[object, ...], as_of: date, stage: str, channel: str, _desk: Desk
) -> pd.DataFrame:
    store = _desk.system.store
    told = store.journal(ACTION)
    view, plan, merges = outcome_view(_desk, as_of), call_back_plan(), store.merges()
    return scoreboard(view, told, stage=stage, channel=channel or None, plan=plan, merges=merges)
