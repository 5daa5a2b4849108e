"""The organizer's page of every project's standing in the channel, and the smallest change that would help it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.naming import shown_name
from app.dashboard.parts.cards import rules_in_words
from app.dashboard.parts.filters import ask_named
from app.dashboard.parts.paged import paged
from app.dashboard.queries import institution_names
from app.dashboard.standing_queries import STANDINGS, standings
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from app.wording import word

SHOWN = ("name", "standing", "count", "change", "opens", "example", "because", "consent", "project_id")
WIDTHS = {
    **{"name": 180, "standing": 95, "count": 60, "change": 170, "opens": 95, "example": 140, "because": 125},
    **{"consent": 105, "project_id": 105},
}
"""Widths in pixels."""


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    st.caption(visitor.say("standing.about"))
    with st.spinner(visitor.say("standing.wait")):
        frame = standings(visitor, desk)
    counts = frame["standing"].value_counts()
    with st.grid(min_column_width=150, gap="small", key="figures_standing"):
        for name in STANDINGS:
            label, help_ = visitor.say(f"standing.{name}"), visitor.say(f"standing.{name}_help")
            st.metric(label, int(counts.get(name, 0)), border=True, help=help_)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            visitor.say("standing.which"),
            [name for name in STANDINGS if counts.get(name)],
            selection_mode="multi",
            key=f"standing_{desk.channel}",
            format_func=lambda name: visitor.say(f"standing.{name}"),
        )
        text = ask_named(visitor, f"standingtext_{desk.channel}", 260)
    _table(visitor, desk, narrowed(frame, list(chosen), text), f"{'-'.join(chosen)}_{text}")


def narrowed(frame: pd.DataFrame, chosen: list[str], text: str) -> pd.DataFrame:
    """Projects of the chosen standings (none: all) whose id or name holds every word of the text."""
    keep = frame["standing"].isin(chosen) if chosen else pd.Series(True, index=frame.index)
    named = (frame["project_id"] + " " + frame["name"]).str.casefold()
    for one in text.casefold().split():
        keep &= named.str.contains(one, regex=False)
    return frame[keep]


def _table(visitor: Visitor, desk: Desk, found: pd.DataFrame, key: str) -> None:
    columns = {one: visitor.say(f"standing.column_{one}") for one in SHOWN}
    found = found.assign(because=found["why"], change=found["rules"], opens=found["opens"].where(found["opens"] > 0))
    told, alt = partial(worded, visitor, institution_names(desk)), visitor.say("standing.about")
    paged(visitor, found, columns, f"standing_{desk.channel}_{key}", alt, told=told, widths=WIDTHS)


def worded(visitor: Visitor, institutions: Mapping[str, str], rows: pd.DataFrame) -> pd.DataFrame:
    """Codes, counts and names as they are read; ``institutions`` gives names by id."""
    return rows.assign(
        name=[shown_name(visitor, one) for one in rows["name"]],
        standing=[visitor.say(f"standing.{one}") for one in rows["standing"]],
        consent=[word(one, visitor.language) if one else "" for one in rows["consent"]],
        because=[word(one, visitor.language) if one else "" for one in rows["because"]],
        change=[rules_in_words(visitor, rules) for rules in rows["change"]],
        example=[institutions.get(one, one) for one in rows["example"]],
        opens=["" if pd.isna(count) else str(int(count)) for count in rows["opens"]],
        count=["–" if standing == "held" else str(count) for standing, count in rows[["standing", "count"]].values],
    )


VIEW = View("standing", 15, ("organizer",), show)
