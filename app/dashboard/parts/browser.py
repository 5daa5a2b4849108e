"""List and detail: the ranked list of one project or institution on the left, the opened match on the right."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.dashboard.decision_queries import allowance_of, hidden_projects
from app.dashboard.desk import Desk, renewed
from app.dashboard.facts_queries import with_facts
from app.dashboard.naming import shown_name
from app.dashboard.parts.cards import facts, rules_in_words, show_cards
from app.dashboard.parts.deciding import compare_toggle, decide_on
from app.dashboard.parts.downloads import show_downloads, word_download
from app.dashboard.parts.filters import choose_filters, filters_switch, narrow
from app.dashboard.parts.fulltext import INSTITUTION_TEXTS, PROJECT_TEXTS, evidence_of, show_fulltext
from app.dashboard.parts.panes import list_and_detail
from app.dashboard.parts.saving import saved_filters
from app.dashboard.parts.sheet import show_institution, show_project
from app.dashboard.parts.style import draw_style
from app.dashboard.parts.why import show_why
from app.dashboard.queries import Listing, held, institution, listing, needs, project, records
from app.dashboard.visitor import Visitor
from app.wording import word

OPENED = {"institutions": "project", "projects": "inst"}
"""The name in the address of what is opened from a list of each side."""


@st.fragment
def browse(visitor: Visitor, desk: Desk, side: str, anchor: str) -> None:
    """Draw the list of ``anchor`` with its filters and the opened match. Clicks rerun only this part."""
    desk = renewed(desk)
    draw_style("marks")
    told = listing(desk, side, anchor, everything=visitor.role.organizes)
    if told.frame.empty:
        st.info(visitor.say("list.empty"))
        reason = held(desk).get(anchor) if side == "projects" else None
        if reason:
            st.warning(word(reason, visitor.language))
        return
    key = f"{desk.run.run_id}_{desk.channel}_{side}_{anchor}"
    frame, away = _visible(visitor, desk, told, side, anchor, key)
    tools = _tools(visitor, side, key)
    filters = choose_filters(visitor, frame, side, key)
    shown = narrow(frame, filters)
    with tools:
        filters_switch(visitor, filters.active, key)
        if side == "institutions":
            saved_filters(visitor, desk, anchor, filters, side, key)
        show_downloads(visitor, shown, told, side, f"duijie-{desk.channel}-{anchor}")
    param = OPENED[side]
    wanted = str(st.query_params.get(param, ""))
    chosen = wanted if wanted in set(told.frame["listed"]) else ""
    opened = chosen or (str(shown["listed"].iloc[0]) if len(shown) else "")
    left, right = list_and_detail(visitor, key, param, chosen)
    with left:
        if shown.empty:
            st.info(visitor.say("list.nothing_left"))
        else:
            whole = side == "institutions" and len(shown) == len(frame)  # a place in a filtered list says nothing
            allowed = allowance_of(visitor, desk, anchor) if whole else None
            show_cards(visitor, shown, told.reasons, opened, param, f"{key}_{filters.digest}", allowed)
        if away:
            st.toggle(visitor.say("list.show_hidden", count=away), key=f"away_{key}")
    with right:
        if wanted and wanted != opened:
            st.warning(visitor.say("list.not_here"))
        if opened:
            row = records(told.frame[told.frame["listed"] == opened])[0]
            show_match(visitor, desk, told, side, row, key, anchor)


def _tools(visitor: Visitor, side: str, key: str) -> DeltaGenerator:
    """The line above a list with its heading; what acts on the list is drawn into it once its filters are known."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"tools_{key}"):
        st.subheader(visitor.say(f"list.title_{side}"), anchor=False, width="stretch")
        return st.container(horizontal=True, vertical_alignment="center", gap="small", width="content")


def _visible(visitor: Visitor, desk: Desk, told: Listing, side: str, anchor: str, key: str) -> tuple[pd.DataFrame, int]:
    """The list with the facts to filter by, without what the institution passed or snoozed; and how many those are."""
    if side != "institutions":
        return told.frame, 0
    frame = with_facts(visitor, desk, told.frame)
    away = frame["listed"].isin(hidden_projects(visitor, desk, anchor))
    return (frame if st.session_state.get(f"away_{key}") else frame[~away]), int(away.sum())


def show_match(
    visitor: Visitor, desk: Desk, told: Listing, side: str, row: dict[str, Any], key: str, anchor: str
) -> None:
    """Draw one opened match: head, decisions, reasons, full text with the evidence marked, sheet of the other side."""
    listed = str(row["listed"])
    own = f"{key}_{listed}"
    with st.container(border=True, key=f"detail_{key}"):
        with st.container(key=f"title_{key}", gap=None):
            st.text(shown_name(visitor, row["name"]))
        show_badges(visitor, row)
        with st.container(key=f"facts_{key}", gap=None):
            st.text(f"{listed} · {facts(visitor, row)}")
        if row["status"] != "recommended":
            st.error(rules_in_words(visitor, row["rule"]))
        if side == "institutions":
            decide_on(visitor, desk, anchor, listed, own)
            compare_toggle(visitor, desk, listed, own)
        reasons = told.reasons.get(listed, [])
        names = ("tab.why", "tab.fulltext", f"tab.sheet_{side}")
        why, text, sheet = st.tabs([visitor.say(name) for name in names])
        with why:
            show_why(visitor, reasons, own)
        with text, st.container(key=f"fulltext_{own}"):
            if side == "institutions":
                show_fulltext(visitor, project(desk, listed), PROJECT_TEXTS, evidence_of(reasons, "project"), own)
            else:
                show_fulltext(
                    visitor,
                    institution(desk, listed),
                    INSTITUTION_TEXTS,
                    evidence_of(reasons, "institution"),
                    own,
                )
        with sheet:
            if side == "institutions":
                word_download(visitor, desk, listed, anchor, own)
                show_project(visitor, project(desk, listed), own)
            else:
                show_institution(visitor, institution(desk, listed), needs(desk, listed), own)


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
