"""Mark a call-back as made, and say who is in charge, what comes next and when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.followup_queries import assign, called
from app.dashboard.outcome_queries import today_of
from app.dashboard.parts.case_entry import reason_fields, say_and_redraw
from app.dashboard.visitor import Visitor
from data.cases import ENDS, KEY, LADDER
from data.followup import CONTACTED, NOT_REACHED
from data.followup_entry import LATEST_YEARS, LONGEST_OWNER, LONGEST_STEP
from data.reference.vocabularies import vocabulary

NEWS = "news"
RESULTS = (CONTACTED, NOT_REACHED, NEWS)
"""What a call gave; ``news``: the case went on, and the event is entered with the call."""


def show_calling(visitor: Visitor, desk: Desk, row: dict[str, Any], key: str) -> None:
    """Draw both."""
    case = {name: str(row[name]) for name in KEY}
    made, planned = st.tabs([visitor.say("calling.tab_made"), visitor.say("calling.tab_planned")], key=f"calls_{key}")
    with made:
        _made(visitor, desk, row, case, key)
    with planned:
        _planned(visitor, desk, row, case, key)


def _made(visitor: Visitor, desk: Desk, row: dict[str, Any], case: dict[str, str], key: str) -> None:
    today = today_of(desk)
    result = st.segmented_control(
        visitor.say("calling.result"),
        RESULTS,
        default=CONTACTED,
        required=True,
        key=f"result_{key}",
        format_func=lambda one: visitor.say(f"calling.{one}"),
    )
    event, ready = dict[str, str](), True
    if result == NEWS:
        events = vocabulary("events")
        options = [*LADDER[LADDER.index(row["rung"]) + 1 :], *ENDS]
        name = st.selectbox(
            visitor.say("entry.event"),
            options,
            key=f"news_{key}",
            format_func=lambda one: events.label(one, visitor.language),
        )
        reason = reason_fields(visitor, f"news_{key}") if name in ENDS else ""
        event, ready = {"event": str(name), "reason": reason}, bool(reason) or name not in ENDS
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"callday_{key}"):
        on = st.date_input(
            visitor.say("calling.on"),
            today,
            key=f"callon_{key}",
            min_value=pd.Timestamp(row["introduced_at"]).date(),
            max_value=today,
            format="YYYY-MM-DD",
            width=160,
        )
        note = st.text_input(
            visitor.say("calling.note"),
            key=f"callnote_{key}",
            max_chars=LONGEST_STEP,
            placeholder=visitor.say("calling.note_hint"),
        )
    if st.button(visitor.say("calling.do"), key=f"callgo_{key}", type="primary", disabled=not ready):
        say_and_redraw(visitor, "calling.done", lambda: called(visitor, desk, case, str(result), on, note, event))


def _planned(visitor: Visitor, desk: Desk, row: dict[str, Any], case: dict[str, str], key: str) -> None:
    today = today_of(desk)
    owner = st.text_input(visitor.say("calling.owner"), row["owner"], key=f"owner_{key}", max_chars=LONGEST_OWNER)
    step = st.text_input(visitor.say("calling.step"), row["next_step"], key=f"step_{key}", max_chars=LONGEST_STEP)
    own = pd.Timestamp(row["due"]).date() if row["due_from"] == "set" and not pd.isna(row["due"]) else None
    due = st.date_input(
        visitor.say("calling.due"),
        own if own and own >= today else None,
        key=f"due_{key}",
        min_value=today,
        max_value=today + timedelta(days=LATEST_YEARS * 365),
        format="YYYY-MM-DD",
        width=160,
    )
    st.caption(visitor.say("calling.due_about"))
    told: dict[str, Any] = {}
    if owner.strip() != row["owner"]:
        told["owner"] = owner
    if step.strip() != row["next_step"]:
        told["next_step"] = step
    if due != own:
        told["due"] = due if isinstance(due, date) else ""
    if st.button(visitor.say("calling.plan"), key=f"plan_{key}", type="primary", disabled=not told):
        say_and_redraw(visitor, "calling.planned", lambda: assign(visitor, desk, case, **told))
