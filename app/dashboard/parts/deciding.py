"""Decisions on an opened project: shortlist, ask to meet, snooze, pass with a reason, take back; and to compare it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import streamlit as st

from app.dashboard.decision_queries import decisions_of, write_decision
from app.dashboard.desk import Desk
from app.dashboard.parts.declining import choose_reason
from app.dashboard.parts.writing import redraw_after
from app.dashboard.queries import project_names
from app.dashboard.visitor import Visitor, go
from app.feedback import LONGEST_NOTE, MEETING, PASS_REASONS, PASSED, SHORTLISTED, SNOOZED, UNDONE, Decision
from data.declines import decline_label

SNOOZE_DAYS = (14, 30, 90, 180)
COMPARE = "cmp"
"""Name in the address of the projects to compare."""
MOST_COMPARED = 4
WIDTH = 320
COLORS = {SHORTLISTED: "green", MEETING: "blue", SNOOZED: "orange", PASSED: "gray"}


def show_decision(visitor: Visitor, decision: Decision) -> None:
    """Draw what was decided: the state, the reason, the day; the typed note as plain text."""
    parts = [visitor.say(f"decision.{decision.state}")]
    if decision.reason:
        parts.append(decline_label(decision.reason, visitor.language))
    if decision.until:
        parts.append(visitor.say("decision.until", day=decision.until.isoformat()))
    st.badge(" · ".join(parts), color=COLORS[decision.state])  # type: ignore[arg-type]
    if decision.note:
        st.text(f"“{decision.note}”")


def decide_on(visitor: Visitor, desk: Desk, institution_id: str, project_id: str, key: str) -> None:
    """Draw the buttons for one project. The organizer sees what was decided and has no buttons."""
    decision = decisions_of(visitor, desk, institution_id).get(project_id)
    if decision:
        show_decision(visitor, decision)
    if visitor.role.organizes:
        return

    def write(state: str, reason: str = "", note: str = "", until: date | None = None) -> None:
        redraw_after(visitor, lambda: write_decision(
            visitor, desk, institution_id, project_id, state, reason=reason, note=note, until=until
        ))  # fmt: skip

    with st.container(horizontal=True, gap="small", key=f"decide_{key}"):
        state = decision.state if decision else ""
        if state != SHORTLISTED and st.button(visitor.say("decide.shortlist"), key=f"shortlist_{key}"):
            write(SHORTLISTED)
        if state != MEETING:
            _meeting(visitor, write, key)
        if state != SNOOZED:
            _snooze(visitor, write, key)
        if state != PASSED:
            _pass(visitor, write, key)
        if decision and st.button(visitor.say("decide.undo"), key=f"undo_{key}", type="tertiary"):
            write(UNDONE)


def _meeting(visitor: Visitor, write: Callable[..., None], key: str) -> None:
    with st.popover(visitor.say("decide.meeting"), type="primary"), st.container(width=WIDTH, key=f"meet_{key}"):
        note = st.text_area(visitor.say("decide.meeting_note"), key=f"meetnote_{key}", max_chars=LONGEST_NOTE)
        if st.button(visitor.say("decide.confirm"), key=f"meetgo_{key}", type="primary"):
            write(MEETING, note=note)


def _snooze(visitor: Visitor, write: Callable[..., None], key: str) -> None:
    with st.popover(visitor.say("decide.snooze")), st.container(width=WIDTH, key=f"rest_{key}"):
        days = st.radio(
            visitor.say("decide.snooze_for"),
            SNOOZE_DAYS,
            key=f"days_{key}",
            format_func=lambda days: visitor.say("decide.days", days=days),
        )
        if st.button(visitor.say("decide.confirm"), key=f"restgo_{key}"):
            write(SNOOZED, until=date.today() + timedelta(days=days))


def _pass(visitor: Visitor, write: Callable[..., None], key: str) -> None:
    with st.popover(visitor.say("decide.pass")), st.container(width=WIDTH, key=f"pass_{key}"):
        reason = choose_reason(visitor, "decide.reason", PASS_REASONS, f"reason_{key}")
        note = st.text_area(visitor.say("decide.note"), key=f"passnote_{key}", max_chars=LONGEST_NOTE)
        if st.button(visitor.say("decide.confirm"), key=f"passgo_{key}", disabled=reason is None):
            write(PASSED, reason=str(reason), note=note)


def compared(visitor: Visitor, desk: Desk) -> list[str]:
    """Projects that the address names for comparison, as far as the visitor may see them."""
    names = project_names(desk, everything=visitor.role.organizes)
    told = str(st.query_params.get(COMPARE, ""))[:1000].split(",")
    return [one for one in dict.fromkeys(told) if one in names][:MOST_COMPARED]


def compare_toggle(visitor: Visitor, desk: Desk, project_id: str, key: str) -> None:
    """Draw the switch that takes a project into the comparison, and the way there."""
    held = compared(visitor, desk)
    name = f"compare_{key}"
    st.session_state[name] = project_id in held

    def change() -> None:
        rest = [one for one in held if one != project_id]
        go(**{COMPARE: ",".join([*rest, project_id] if st.session_state[name] else rest)})

    full = project_id not in held and len(held) >= MOST_COMPARED
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"comparing_{key}"):
        words = visitor.say("compare.add", count=len(held), most=MOST_COMPARED)
        st.toggle(words, key=name, on_change=change, disabled=full)
        if held and st.button(visitor.say("compare.open"), key=f"opencompare_{key}", type="tertiary"):
            go(view="compare")
            st.rerun()
