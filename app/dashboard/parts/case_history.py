"""A case: the rungs it climbed, and all that was ever told of it, with corrections."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from app.calendar import ZONE
from app.dashboard.naming import shown_actor
from app.dashboard.parts.case_cards import day_text
from app.dashboard.visitor import Visitor
from app.values import money
from data.cases import LADDER
from data.declines import decline_code, decline_label
from data.reference.vocabularies import vocabulary

COLUMNS = ("told_at", "action", "event", "at", "amount", "reason", "source", "note", "actor", "stands")


def show_ladder(visitor: Visitor, state: dict[str, Any], key: str) -> None:
    """Draw the rungs of a case with the day on which each was first reached."""
    events = vocabulary("events")
    with st.grid(min_column_width=70, gap="xsmall", key=f"ladder_{key}"):
        for rung in LADDER:
            reached = state.get(f"reached_{rung}")
            done = reached is not None and not pd.isna(reached)
            with st.container(key=f"field_{key}_{rung}", gap=None):
                st.caption(events.label(rung, visitor.language))
                st.text(day_text(reached) if done else "–")
    if state.get("ended_at") is not None and not pd.isna(state["ended_at"]):
        told = events.label(state["state"], visitor.language)
        code = decline_code(state.get("reason"))
        why = decline_label(code, visitor.language) or visitor.say("cases.no_reason")
        st.text(visitor.say("cases.ended", state=told, day=day_text(state["ended_at"]), reason=why))


def show_history(visitor: Visitor, rows: list[dict[str, Any]], key: str) -> None:
    """Draw what was told, in the order in which it was told; what was taken back stays to be read."""
    names = [name for name in COLUMNS if name != "actor" or visitor.role.organizes]
    told = pd.DataFrame([_told(visitor, row) for row in rows], columns=names)
    told = told.loc[:, (told != "").any()]  # what nobody filled in takes no room
    columns = {name: visitor.say(f"history.{name}") for name in names if name in told}
    st.dataframe(
        told,
        hide_index=True,
        width="stretch",
        height="content",
        column_config=columns,
        key=f"history_{key}_{len(rows)}",
        alt=visitor.say("history.alt"),
    )


def _told(visitor: Visitor, row: dict[str, Any]) -> dict[str, str]:
    code = decline_code(row["reason"])
    why = [decline_label(code, visitor.language), row["reason"]] if code else [row["reason"]]
    stands = "holds" if row["stands"] else "corrected"
    return {
        "told_at": _time(row["told_at"]),
        "action": visitor.say(f"history.{row['action']}"),
        "event": vocabulary("events").label(row["event"], visitor.language),
        "at": row["at"].isoformat(),
        "amount": money(row["amount"], visitor.language) if row["amount"] else "",
        "reason": (": " if visitor.language == "en" else "：").join(dict.fromkeys(part for part in why if part)),
        "source": row["source"],
        "note": row["note"],
        "actor": "" if row["action"] == "imported" else shown_actor(visitor, row["actor"]),
        "stands": visitor.say(f"history.{stands}") if row["action"] != "retracted" else "",
    }


def _time(told_at: datetime | None) -> str:
    """A moment of the journal (UTC) as clocks show it where the work is done; nothing for an import."""
    return told_at.replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M") if told_at else ""
