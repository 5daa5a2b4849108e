"""What the pages of outcomes ask for first: as of which day, which channels. Choices stand in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.outcome_queries import today_of
from app.dashboard.visitor import Visitor, asked, go
from data.problem import DuijieError

EARLIEST = date(2000, 1, 1)
WIDTH = 170
"""Pixels of the choice of a day."""


def ask_one(param: str, options: Sequence[str], label: str, shown: Callable[[str], str], *, default: str = "") -> str:
    """One of several, as a row of buttons; the choice stands in the address under ``param``."""
    key = f"ask_{param}"
    st.session_state[key] = asked(param, options, default or options[0])  # the address leads, the widget follows
    chosen = st.segmented_control(
        label,
        options,
        key=key,
        format_func=shown,
        required=True,
        on_change=lambda: go(**{param: st.session_state[key]}),
    )
    return str(chosen)


def ask_day(visitor: Visitor, desk: Desk) -> date:
    """The day as of which a page counts, today by default; a later day than today counts as today."""
    today, key = today_of(desk), "ask_day"
    st.session_state[key] = day_in_address(today)

    def change() -> None:
        day = st.session_state[key]
        go(day=day.isoformat() if day and day < today else None)

    return st.date_input(
        visitor.say("ask.day"),
        key=key,
        min_value=EARLIEST,
        max_value=today,
        format="YYYY-MM-DD",
        width=WIDTH,
        on_change=change,
    )


def day_in_address(today: date) -> date:
    """The day that the address names, if it is one up to today."""
    try:
        day = date.fromisoformat(str(st.query_params.get("day", "")))
    except ValueError:
        return today
    return min(max(day, EARLIEST), today)


def ask_channels(visitor: Visitor, desk: Desk, default: str = "all") -> str:
    """The desk's channel, or ``""`` for all of them."""
    chosen = ask_one(
        "which", ("all", "one"), visitor.say("ask.channels"), lambda one: visitor.say(f"ask.{one}"), default=default
    )
    return desk.channel if chosen == "one" else ""


def half(text: str, language: str) -> str:
    """The half of a bilingual text (中文 / English) that is in a language."""
    zh, slash, en = text.partition(" / ")
    return en if slash and language == "en" else zh


def message_of(error: DuijieError, language: str) -> str:
    """What an error says, in the reader's language."""
    return half(error.message, language)
