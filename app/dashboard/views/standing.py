"""The organizer's page of every project's standing in the channel, and the smallest change that would help it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.parts.cards import rules_in_words
from app.dashboard.queries import institution_names
from app.dashboard.standing_queries import STANDINGS, standings
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from app.wording import word

PAGE = 20
SHOWN = ("name", "standing", "count", "change", "opens", "example", "because", "consent", "project_id")
WIDTHS = {"name": 210, "standing": 100, "count": 70, "change": 260, "opens": 90, "example": 170, "because": 150}
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
        text = st.text_input(visitor.say("filter.text"), key=f"standingtext_{desk.channel}", width=260, max_chars=60)
    _table(visitor, desk, narrowed(frame, list(chosen), text), f"{'-'.join(chosen)}_{text}")


def narrowed(frame: pd.DataFrame, chosen: list[str], text: str) -> pd.DataFrame:
    """Projects of the chosen standings (none: all) whose id or name holds every word of the text."""
    keep = frame["standing"].isin(chosen) if chosen else pd.Series(True, index=frame.index)
    named = (frame["project_id"] + " " + frame["name"]).str.casefold()
    for one in text.casefold().split():
        keep &= named.str.contains(one, regex=False)
    return frame[keep]


def _table(visitor: Visitor, desk: Desk, found: pd.DataFrame, key: str) -> None:
    pages = max(-(-len(found) // PAGE), 1)
    name = f"standingpage_{desk.channel}_{key}"
    page = min(int(st.session_state.get(name, 1)), pages)
    part = found.iloc[(page - 1) * PAGE : page * PAGE].copy()
    names = institution_names(desk)
    told = {"change": "rules", "because": "why"}
    shown = [one for one in SHOWN if one == "count" or found[told.get(one, one)].astype(bool).any()]
    part["standing"] = [visitor.say(f"standing.{one}") for one in part["standing"]]
    part["consent"] = [word(one, visitor.language) if one else "" for one in part["consent"]]
    part["because"] = [word(one, visitor.language) if one else "" for one in part["why"]]
    part["change"] = [rules_in_words(visitor, rules) for rules in part["rules"]]
    part["example"] = [names.get(one, one) for one in part["example"]]
    part["opens"] = [str(count) if count else "" for count in part["opens"]]
    st.dataframe(
        part,
        hide_index=True,
        width="stretch",
        height="content",
        column_order=shown,
        column_config={
            one: st.column_config.Column(visitor.say(f"standing.column_{one}"), width=WIDTHS.get(one)) for one in shown
        },
        key=f"standingtable_{name}_{page}",
        alt=visitor.say("standing.about"),
    )
    if pages > 1:
        st.pagination(pages, key=name)
    st.caption(visitor.say("list.count", shown=len(found), pages=pages))


VIEW = View("standing", 15, ("organizer",), show)
