"""Introductions of a channel and what became of each: list, history with corrections, entering and taking back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.case_queries import cases_of, enter, history_of, state_on
from app.dashboard.desk import Desk
from app.dashboard.naming import shown_name
from app.dashboard.outcome_queries import today_of
from app.dashboard.parts.asking import ask_day
from app.dashboard.parts.case_cards import PARAM, case_state, keys_of, opened_case, show_case_cards
from app.dashboard.parts.case_entry import say_and_redraw, show_entry, show_taking_back, show_told
from app.dashboard.parts.case_history import show_history, show_ladder
from app.dashboard.parts.choosing import MOST, choose_institution, search
from app.dashboard.parts.filters import ask_named, filters_name, filters_switch, label
from app.dashboard.parts.panes import list_and_detail
from app.dashboard.parts.style import draw_style
from app.dashboard.queries import institution_names, project_names
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from data.cases import LADDER, STATES
from data.reference.vocabularies import vocabulary


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    draw_style("outcomes")
    st.caption(visitor.say(f"cases.about_{_kind(visitor)}"))
    anchor = ""
    if not (visitor.role.organizes or visitor.rights.has(("owner",))):
        anchor = choose_institution(visitor, desk)
        if not anchor:
            return
    browse_cases(visitor, desk, anchor)


def _kind(visitor: Visitor) -> str:
    kinds = ("organizer", "owner")
    return next((kind for kind in kinds if visitor.rights.has((kind,))), "institution")


@st.fragment
def browse_cases(visitor: Visitor, desk: Desk, anchor: str) -> None:
    """Draw the list with its filters and the opened case; clicks rerun only this part."""
    show_told(visitor)
    active = sum(bool(st.session_state.get(name)) for name in ("cases_state", "cases_rung", "cases_text"))
    filters_switch(visitor, active, "cases")
    with st.container(horizontal=True, vertical_alignment="bottom", key=filters_name("cases")):
        day = ask_day(visitor, desk)
        found = cases_of(desk, anchor, day)
        shown, key = _narrowed(visitor, found, f"{desk.channel}_{anchor}_{day}")
        if visitor.role.organizes:
            _introduce(visitor, desk)
    if found.empty:
        st.info(visitor.say("cases.none"))
        return
    row, astray = opened_case(found, shown)
    opened = str(keys_of(pd.DataFrame([row])).iloc[0]) if row else ""
    left, right = list_and_detail(visitor, "cases", PARAM, opened if st.query_params.get(PARAM) == opened else "")
    with left:
        if shown.empty:
            st.info(visitor.say("list.nothing_left"))
        else:
            show_case_cards(visitor, shown, opened, key)
    with right:
        if astray:
            st.warning(visitor.say("list.not_here"))
        if row:
            _detail(visitor, desk, row, day)


def _narrowed(visitor: Visitor, found: pd.DataFrame, key: str) -> tuple[pd.DataFrame, str]:
    """The cases that pass the filters, the last touched first, and a key that changes with the filters."""
    events = vocabulary("events")
    counts = found["case_state"].value_counts()
    states = st.multiselect(
        visitor.say("cases.state"),
        STATES,
        key="cases_state",
        width=230,
        placeholder=visitor.say("filter.all"),
        format_func=lambda one: f"{state_label(visitor, one)} {int(counts.get(one, 0))}",
    )
    rungs = st.multiselect(
        visitor.say("cases.rung"),
        LADDER,
        key="cases_rung",
        width=190,
        placeholder=visitor.say("filter.all"),
        format_func=lambda one: events.label(one, visitor.language),
    )
    text = ask_named(visitor, "cases_text", 190)
    return narrowed(found, states, rungs, text), f"{key}_{'-'.join((*states, *rungs))}_{text}"


def state_label(visitor: Visitor, state: str) -> str:
    """State of a case in words."""
    return visitor.say("cases.open") if state == "open" else vocabulary("events").label(state, visitor.language)


def narrowed(found: pd.DataFrame, states: list[str], rungs: list[str], text: str) -> pd.DataFrame:
    """Cases of these states and rungs (none: all) whose ids or names hold every word of a text, last touched first."""
    keep = pd.Series(True, index=found.index)
    if states:
        keep &= found["case_state"].isin(states)
    if rungs:
        keep &= found["rung"].isin(rungs)
    if text.split():
        named = (
            found["project_id"] + " " + found["project"] + " " + found["institution_id"] + " " + found["institution"]
        )
        for word in text.casefold().split():
            keep &= named.str.casefold().str.contains(word, regex=False)
    return found[keep].sort_values(["last_at", "project_id", "institution_id"], ascending=[False, True, True])


def _detail(visitor: Visitor, desk: Desk, row: dict[str, Any], day: date) -> None:
    """One case as of a day; entering is for today."""
    ids = str(row["project_id"]), str(row["institution_id"])
    told = history_of(desk, *ids)
    key = f"{'_'.join(ids)}_{len(told)}"
    with st.container(border=True, key=f"detail_{key}"):
        with st.container(key=f"title_{key}", gap=None):
            st.text(shown_name(visitor, row["project"], ids[0]))
        with st.container(key=f"facts_{key}", gap=None):
            st.text(f"× {row['institution'] or ids[1]}")
            province = label("province", row["province"], visitor.language) if row["province"] else ""
            st.text(" · ".join(part for part in (*ids, province, row["owner"]) if part))
        case_state(visitor, row)
        show_ladder(visitor, state_on(desk, *ids, day), key)
        may_write = not visitor.rights.has(("owner",))
        if day < today_of(desk):
            st.info(visitor.say("cases.past", day=day.isoformat()))
            may_write = False
        names = ["history", *(["enter", "retract"] if may_write else [])]
        tabs = dict(
            zip(names, st.tabs([visitor.say(f"cases.tab_{name}") for name in names], key=f"tabs_{key}"), strict=True)
        )
        with tabs["history"]:
            show_history(visitor, [one for one in told if one["at"] <= day], key)
        if may_write:
            with tabs["enter"]:
                show_entry(visitor, desk, row, key)
            with tabs["retract"]:
                show_taking_back(visitor, desk, row, told, key)


def _introduce(visitor: Visitor, desk: Desk) -> None:
    """A new case: the organizer introduces a project to an institution."""
    with st.popover(visitor.say("introduce.open")), st.container(width=420, key="introduce"):
        projects, institutions = project_names(desk, everything=True), institution_names(desk)
        wanted = st.text_input(visitor.say("choose.search"), key="introduce_search", max_chars=60)
        first = search(projects, wanted)
        project_id = st.selectbox(
            visitor.say("choose.project"),
            list(first),
            index=None,
            key="introduce_project",
            placeholder=visitor.say("introduce.choose", most=MOST),
            format_func=lambda one: f"{first[one]}（{one}）",
        )
        institution_id = st.selectbox(
            visitor.say("choose.inst"),
            list(institutions),
            index=None,
            key="introduce_inst",
            placeholder=visitor.say("introduce.choose", most=len(institutions)),
            format_func=lambda one: f"{institutions[one]}（{one}）",
        )
        ready = project_id is not None and institution_id is not None
        if st.button(visitor.say("introduce.do"), key="introduce_go", type="primary", disabled=not ready):
            cells = {"event": "introduced", "at": today_of(desk)}
            say_and_redraw(
                visitor, "introduce.done", lambda: enter(visitor, desk, str(project_id), str(institution_id), cells)
            )


VIEW = View("cases", 70, ("organizer", "institution", "owner"), show)
