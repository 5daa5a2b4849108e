"""The organizer's page of pairs that fail a rule, with the rule."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.naming import shown_name
from app.dashboard.overview_queries import ineligible
from app.dashboard.parts.cards import rules_in_words
from app.dashboard.parts.filters import ask_named
from app.dashboard.parts.paged import paged
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from app.wording import phrase

SHOWN = ("project", "institution", "score", "rules", "project_id", "institution_id")
WIDTHS = {"project": 205, "institution": 210, "score": 60, "rules": 370, "project_id": 110, "institution_id": 105}
"""Pixels; the ids come last, for whoever needs them."""


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    frame = ineligible(desk)
    st.caption(visitor.say("ineligible.about"))
    if frame.empty:
        st.info(visitor.say("ineligible.none"))
        return
    counts = failures(frame)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rules = st.multiselect(
            visitor.say("ineligible.rule"),
            list(counts),
            key=f"rules_{desk.channel}",
            placeholder=visitor.say("filter.all"),
            format_func=lambda rule: f"{phrase('rule', rule, visitor.language)}（{counts[rule]}）",
            width=420,
        )
        text = ask_named(visitor, f"pairs_{desk.channel}", 260)
    found = pairs(frame, rules, text)
    columns = {name: visitor.say(f"ineligible.{name}") for name in SHOWN}
    key, about = f"pairs_{desk.channel}_{'-'.join(rules)}_{text}", visitor.say("ineligible.about")
    told = partial(worded, visitor)
    paged(visitor, found, columns, key, about, told=told, widths=WIDTHS, formats={"score": "%.2f"})


def worded(visitor: Visitor, rows: pd.DataFrame) -> pd.DataFrame:
    """Names and rules as they are read."""
    return rows.assign(
        project=[shown_name(visitor, one) for one in rows["project"]],
        rules=[rules_in_words(visitor, rule) for rule in rows["rule"]],
    )


def failures(frame: pd.DataFrame) -> dict[str, int]:
    """How many pairs fail each rule, the most first. Few sets of rules are failed together, so each is cut once."""
    counts: Counter[str] = Counter()
    for failed, count in frame["rule"].value_counts().items():
        for rule in str(failed).split(";"):
            counts[rule] += int(count)
    return dict(counts.most_common())


def pairs(frame: pd.DataFrame, rules: list[str], text: str) -> pd.DataFrame:
    """Pairs that fail one of the rules and whose ids or names hold the text."""
    keep = pd.Series(True, index=frame.index)
    if rules:
        wanted = [failed for failed in frame["rule"].unique() if set(failed.split(";")) & set(rules)]
        keep &= frame["rule"].isin(wanted)
    for word in text.casefold().split():
        found = pd.Series(False, index=frame.index)
        for column in ("project_id", "project", "institution_id", "institution"):  # each name stands in many rows
            named = [one for one in frame[column].dropna().unique() if word in one.casefold()]
            found |= frame[column].isin(named)
        keep &= found
    return frame[keep]


VIEW = View("ineligible", 40, ("organizer",), show)
