"""Enter an event of a case in seconds, and take one back with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import streamlit as st

from app.dashboard.case_queries import enter, events_allowed, take_back
from app.dashboard.desk import Desk
from app.dashboard.outcome_queries import today_of
from app.dashboard.parts.asking import EARLIEST, half, message_of
from app.dashboard.parts.declining import choose_reason
from app.dashboard.plain import escape
from app.dashboard.visitor import Visitor
from data.cases import ENDS, EVENTS, LADDER
from data.declines import VOCABULARY
from data.entry import Entry
from data.problem import DuijieError
from data.proof import PROVEN
from data.reference.vocabularies import vocabulary

TOLD = "case_told"
"""Where the session keeps what a write gave until the page is drawn anew."""
LONGEST_TEXT = 200
Told = tuple[str, tuple[str, ...]]


def show_told(visitor: Visitor) -> None:
    """Say once what became of the last write, with what was odd about it."""
    told: Told | None = st.session_state.pop(TOLD, None)
    if told is None:
        return
    st.success(visitor.say(told[0]))
    for warning in told[1]:
        st.warning(escape(warning))


def problems_of(entry: Entry, language: str) -> tuple[str, ...]:
    """What was wrong or odd with an entry, in the reader's language."""
    return tuple(f"{half(one.message, language)} {half(one.hint, language)}".strip() for one in entry.problems)


def say_and_redraw(visitor: Visitor, key: str, act: Callable[[], Entry | None]) -> None:
    """Do a write; when it is refused say why in place, else draw the page anew with ``key`` told on top."""
    try:
        entry = act()
    except DuijieError as error:
        st.error(escape(message_of(error, visitor.language)))
        return
    if entry is not None and not entry.accepted:
        for problem in problems_of(entry, visitor.language):
            st.error(escape(problem))
        return
    odd = problems_of(entry, visitor.language) if entry is not None else ()
    known = entry is not None and not (entry.added or entry.changed)
    st.session_state[TOLD] = ("entry.known" if known else key, odd)
    st.rerun()


def reason_fields(visitor: Visitor, key: str) -> str:
    """Draw the typed reason of an end; gives it as it is kept: the reason's name, then what was added."""
    known = vocabulary(VOCABULARY)
    code = choose_reason(visitor, "entry.reason", known.codes, f"why_{key}")
    note = st.text_input(visitor.say("entry.reason_note"), key=f"whynote_{key}", max_chars=LONGEST_TEXT)
    return "；".join(part for part in (known.label(code) if code else "", note.strip()) if part)


def show_entry(visitor: Visitor, desk: Desk, row: dict[str, Any], key: str) -> None:
    """Draw what enters an event: which, when, and what belongs to it. The next rung is proposed."""
    options, events = events_allowed(desk), vocabulary("events")
    at = LADDER.index(row["rung"])
    following = [name for name in options if name in LADDER[at + 1 :]]
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"entry_{key}"):
        event = st.selectbox(
            visitor.say("entry.event"),
            options,
            index=options.index(following[0]) if following else len(options) - 1,
            key=f"event_{key}",
            width=170,
            format_func=lambda one: events.label(one, visitor.language),
        )
        day, amount = _day_and_amount(visitor, today_of(desk), key)
    reason = reason_fields(visitor, key) if event in ENDS else ""
    proof = "entry.proof" if event in PROVEN else "entry.source"
    source = st.text_input(
        visitor.say(proof),
        key=f"source_{key}",
        max_chars=LONGEST_TEXT,
        placeholder=visitor.say("entry.source_hint"),
    )
    missing = (event in ENDS and not reason) or (event in PROVEN and not source.strip())
    if st.button(visitor.say("entry.save"), key=f"save_{key}", type="primary", disabled=missing):
        cells = {"event": event, "at": day, "amount": amount, "reason": reason, "source": source.strip()}
        say_and_redraw(visitor, "entry.saved", lambda: enter(visitor, desk, *_ids(row), cells))


def _day_and_amount(visitor: Visitor, today: date, key: str) -> tuple[date, str]:
    """Draw when it happened and the sum, as typed."""
    day = st.date_input(
        visitor.say("entry.at"),
        today,
        key=f"at_{key}",
        min_value=EARLIEST,
        max_value=today,
        format="YYYY-MM-DD",
        width=150,
    )
    amount = st.text_input(
        visitor.say("entry.amount"),
        key=f"amount_{key}",
        max_chars=30,
        width=150,
        placeholder=visitor.say("entry.amount_hint"),
    )
    return day, amount


def show_taking_back(visitor: Visitor, desk: Desk, row: dict[str, Any], told: list[dict[str, Any]], key: str) -> None:
    """Draw what takes an event back; a correction is that and the event anew."""
    st.caption(visitor.say("retract.about"))
    mine = [one for one in told if one["stands"] and (visitor.role.organizes or one["mine"])]
    if not mine:
        st.caption(visitor.say("retract.none"))
        return
    events = vocabulary("events")
    mine.sort(key=lambda one: (one["at"], EVENTS.index(one["event"])), reverse=True)
    chosen = st.selectbox(
        visitor.say("retract.which"),
        range(len(mine)),
        key=f"retract_{key}",
        format_func=lambda at: f"{events.label(mine[at]['event'], visitor.language)} {mine[at]['at']}",
    )
    reason = st.text_input(visitor.say("retract.reason"), key=f"retractwhy_{key}", max_chars=LONGEST_TEXT)
    if st.button(visitor.say("retract.do"), key=f"retractgo_{key}", disabled=not reason.strip()):
        event, at = str(mine[chosen]["event"]), mine[chosen]["at"]
        say_and_redraw(visitor, "retract.done", lambda: _taken_back(visitor, desk, row, event, at, reason))


def _taken_back(visitor: Visitor, desk: Desk, row: dict[str, Any], event: str, at: date, reason: str) -> None:
    take_back(visitor, desk, *_ids(row), event, at, reason)


def _ids(row: dict[str, Any]) -> tuple[str, str]:
    return str(row["project_id"]), str(row["institution_id"])
