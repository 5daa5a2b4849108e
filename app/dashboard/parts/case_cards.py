"""Cases as cards: who was introduced to whom, how far it came, and what is due. A click opens a case."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.naming import shown_name
from app.dashboard.parts.paged import page_of, turn_pages
from app.dashboard.plain import escape, shorten
from app.dashboard.queries import records
from app.dashboard.visitor import Visitor, go
from app.following import LABELS
from app.wording import word
from data.cases import ENDS, OPEN
from data.followup import NOT_CALLED
from data.reference.vocabularies import vocabulary

PAGE, NAME = 8, 44
PARAM = "case"
"""Name in the address of the opened case: its three ids."""
SEPARATOR = "|"
COLORS = {OPEN: "blue", "delivered": "green", "declined": "gray", "withdrawn": "gray"}
FOLLOW_COLORS = {NOT_CALLED: "red", "scheduled": "orange", "complete": "green", "closed": "gray"}


def keys_of(frame: pd.DataFrame) -> pd.Series[str]:
    """One text a case, as it stands in the address."""
    return frame["project_id"] + SEPARATOR + frame["institution_id"] + SEPARATOR + frame["channel"]


def opened_case(frame: pd.DataFrame, shown: pd.DataFrame) -> tuple[dict[str, Any], bool]:
    """The case of the address, else the first shown, and whether the address named one that is not there."""
    wanted = str(st.query_params.get(PARAM, ""))
    mine = frame[keys_of(frame) == wanted] if wanted else frame.head(0)
    rows = records(mine.head(1)) or records(shown.head(1))
    return (rows[0] if rows else {}), bool(wanted) and mine.empty


def day_text(value: Any) -> str:
    """A day, or a dash."""
    return "–" if pd.isna(value) else pd.Timestamp(value).date().isoformat()


def follow_label(state: str, language: str) -> str:
    """State of the follow-up in words."""
    return LABELS[state][language == "en"]


def case_state(visitor: Visitor, row: dict[str, Any]) -> None:
    """Draw how far a case came, and its end."""
    events = vocabulary("events")
    with st.container(horizontal=True, gap="small"):
        if row["case_state"] in ENDS:
            st.badge(visitor.say("cases.reached", rung=events.label(row["rung"], visitor.language)), color="gray")
        label = row["case_state"] if row["case_state"] in ENDS else row["rung"]
        st.badge(events.label(label, visitor.language), color=COLORS[row["case_state"]])  # type: ignore[arg-type]
        if row["let_go"]:
            st.badge(word(row["let_go"].removeprefix("consent."), visitor.language), color="gray")
        elif row["case_state"] == OPEN:
            told = follow_label(row["state"], visitor.language)
            if row["state"] == NOT_CALLED:
                told = visitor.say("cases.late", state=told, days=row["overdue_days"])
            st.badge(told, color=FOLLOW_COLORS[row["state"]])  # type: ignore[arg-type]


def show_case_cards(visitor: Visitor, shown: pd.DataFrame, opened: str, key: str) -> None:
    """Draw one page of cases; a click writes the case into the address."""
    name = f"page_{key}"
    page, pages = page_of(name, len(shown), PAGE)
    part = shown.iloc[(page - 1) * PAGE : page * PAGE]
    for case, row in zip(keys_of(part), records(part), strict=True):
        kind = "opencard" if case == opened else "card"
        with st.container(border=True, key=f"{kind}_{key}_{case}", gap=None):
            st.button(
                escape(shorten(shown_name(visitor, row["project"], row["project_id"]), NAME)),
                key=f"go_{key}_{case}",
                type="tertiary",
                width="stretch",
                on_click=go,
                kwargs={PARAM: case},
            )
            st.text(f"× {shorten(row['institution'] or row['institution_id'], NAME)}")
            st.text(_line(visitor, row))
            case_state(visitor, row)
    turn_pages(visitor, name, len(shown), pages)


def _line(visitor: Visitor, row: dict[str, Any]) -> str:
    """The last event, when the next call is due, who is in charge."""
    last = vocabulary("events").label(str(row["last_event"]), visitor.language)
    parts = [visitor.say("cases.last", event=last, day=day_text(row["last_at"]))]
    if not pd.isna(row["due"]):
        parts.append(visitor.say("cases.due", day=day_text(row["due"])))
    if row["owner"]:
        parts.append(row["owner"])
    return " · ".join(parts)
