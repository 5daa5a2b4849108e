"""List and detail: the ranked list of one project or institution on the left, the opened match on the right."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.parts.cards import facts, rules_in_words, show_cards
from app.dashboard.parts.downloads import show_downloads
from app.dashboard.parts.filters import choose_filters, narrow
from app.dashboard.parts.sheet import show_institution, show_project
from app.dashboard.parts.why import show_why
from app.dashboard.queries import Listing, held, institution, listing, needs, project, records
from app.dashboard.visitor import Visitor
from app.wording import word

OPENED = {"institutions": "project", "projects": "inst"}
"""The name in the address of what is opened from a list of each side."""
COLUMNS = (5, 6)


@st.fragment
def browse(visitor: Visitor, desk: Desk, side: str, anchor: str) -> None:
    """Draw the list of ``anchor`` with its filters and the opened match. Clicks rerun only this part."""
    told = listing(desk, side, anchor, everything=visitor.role.organizes)
    if told.frame.empty:
        st.info(visitor.say("list.empty"))
        reason = held(desk).get(anchor) if side == "projects" else None
        if reason:
            st.warning(word(reason, visitor.language))
        return
    key = f"{desk.run.run_id}_{desk.channel}_{side}_{anchor}"
    filters = choose_filters(visitor, told.frame, side, key)
    shown = narrow(told.frame, filters)
    param = OPENED[side]
    wanted = str(st.query_params.get(param, ""))
    opened = wanted if wanted in set(told.frame["listed"]) else ""
    if not opened and len(shown):
        opened = str(shown["listed"].iloc[0])
    left, right = st.columns(COLUMNS, gap="medium")
    with left:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader(visitor.say(f"list.title_{side}"), anchor=False)
            show_downloads(visitor, shown, told, side, f"duijie-{desk.channel}-{anchor}")
        if shown.empty:
            st.info(visitor.say("list.nothing_left"))
        else:
            show_cards(visitor, shown, told.reasons, opened, param, f"{key}_{filters.digest}")
    with right:
        if wanted and wanted != opened:
            st.warning(visitor.say("list.not_here"))
        if opened:
            row = records(told.frame[told.frame["listed"] == opened])[0]
            show_match(visitor, desk, told, side, row, key)


def show_match(visitor: Visitor, desk: Desk, told: Listing, side: str, row: dict[str, Any], key: str) -> None:
    """Draw one opened match: head, reasons, sheet of the other side."""
    with st.container(border=True, key=f"detail_{key}"):
        with st.container(key=f"title_{key}", gap=None):
            st.text(str(row["name"]))
        show_badges(visitor, row)
        with st.container(key=f"facts_{key}", gap=None):
            st.text(f"{row['listed']} · {facts(visitor, row)}")
        if row["status"] != "recommended":
            st.error(rules_in_words(visitor, row["rule"]))
        why, sheet = st.tabs([visitor.say("tab.why"), visitor.say(f"tab.sheet_{side}")])
        with why:
            show_why(visitor, told.reasons.get(row["listed"], []), f"{key}_{row['listed']}")
        with sheet:
            if side == "institutions":
                show_project(visitor, project(desk, row["listed"]), f"{key}_{row['listed']}")
            else:
                listed = row["listed"]
                show_institution(visitor, institution(desk, listed), needs(desk, listed), f"{key}_{listed}")


def show_badges(visitor: Visitor, row: dict[str, Any]) -> None:
    """Rank and score for everybody; whether the project consented and both ranks for the organizer."""
    with st.container(horizontal=True, gap="small"):
        if not pd.isna(row["rank"]):
            st.badge(visitor.say("badge.rank", rank=int(row["rank"])), color="green")
        st.badge(visitor.say("badge.score", score=f"{row['score']:.2f}"), color="gray")
        other = row.get("rank_for_project", row.get("rank_for_institution"))
        if visitor.role.organizes and not pd.isna(other):
            st.badge(visitor.say("badge.other_rank", rank=int(other)), color="gray")
        if visitor.role.organizes and row["consent"]:
            asked = row["consent"] == "given"
            st.badge(visitor.say(f"badge.{row['consent']}"), color="green" if asked else "orange")
