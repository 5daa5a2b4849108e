"""The organizer's page of every project's standing in the channel, and the smallest change that would help it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.naming import shown_name
from app.dashboard.parts.cards import rules_in_words
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
        text = st.text_input(
            visitor.say("filter.text"),
            key=f"standingtext_{desk.channel}",
            width=260,
            max_chars=60,
            placeholder=visitor.say("filter.named"),
        )
    _table(visitor, desk, narrowed(frame, list(chosen), text), f"{'-'.join(chosen)}_{text}")


def narrowed(frame: pd.DataFrame, chosen: list[str], text: str) -> pd.DataFrame:
    """Projects of the chosen standings (none: all) whose id or name holds every word of the text."""
    keep = frame["standing"].isin(chosen) if chosen else pd.Series(True, index=frame.index)
    named = (frame["project_id"] + " " + frame["name"]).str.casefold()
    for one in text.casefold().split():
        keep &= named.str.contains(one, regex=False)
    return frame[keep]


def _table(visitor: Visitor, desk: Desk, found: pd.DataFrame, key: str) -> None:
    names = institution_names(desk)
    told = found.assign(
        name=[shown_name(visitor, one) for one in found["name"]],
        standing=[visitor.say(f"standing.{one}") for one in found["standing"]],
        consent=[word(one, visitor.language) if one else "" for one in found["consent"]],
        because=[word(one, visitor.language) if one else "" for one in found["why"]],
        change=[rules_in_words(visitor, rules) for rules in found["rules"]],
        example=[names.get(one, one) for one in found["example"]],
        opens=[str(count) if count else "" for count in found["opens"]],
        count=["–" if standing == "held" else str(count) for standing, count in found[["standing", "count"]].values],
    )
    columns = {one: visitor.say(f"standing.column_{one}") for one in SHOWN}
    paged(visitor, told, columns, f"standing_{desk.channel}_{key}", visitor.say("standing.about"), widths=WIDTHS)


VIEW = View("standing", 15, ("organizer",), show)
