"""The organizer's page of pairs that fail a rule, with the rule."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.naming import shown_name
from app.dashboard.overview_queries import ineligible
from app.dashboard.parts.cards import rules_in_words
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
    counts = frame["rule"].str.split(";").explode().value_counts()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rules = st.multiselect(
            visitor.say("ineligible.rule"),
            list(counts.index),
            key=f"rules_{desk.channel}",
            placeholder=visitor.say("filter.all"),
            format_func=lambda rule: f"{phrase('rule', rule, visitor.language)}（{counts[rule]}）",
            width=420,
        )
        text = st.text_input(
            visitor.say("filter.text"),
            key=f"pairs_{desk.channel}",
            width=260,
            max_chars=60,
            placeholder=visitor.say("filter.named"),
        )
    found = pairs(frame, rules, text)
    told = found.assign(
        project=[shown_name(visitor, one) for one in found["project"]],
        rules=[rules_in_words(visitor, rule) for rule in found["rule"]],
    )
    columns = {name: visitor.say(f"ineligible.{name}") for name in SHOWN}
    key, about = f"pairs_{desk.channel}_{'-'.join(rules)}_{text}", visitor.say("ineligible.about")
    paged(visitor, told, columns, key, about, widths=WIDTHS, formats={"score": "%.2f"})


def pairs(frame: pd.DataFrame, rules: list[str], text: str) -> pd.DataFrame:
    """Pairs that fail one of the rules and whose ids or names hold the text."""
    keep = pd.Series(True, index=frame.index)
    if rules:
        keep &= frame["rule"].str.split(";").map(lambda failed: bool(set(failed) & set(rules)))
    for word in text.casefold().split():
        named = frame[["project_id", "project", "institution_id", "institution"]].fillna("").agg(" ".join, axis=1)
        keep &= named.str.casefold().str.contains(word, regex=False)
    return frame[keep]


VIEW = View("ineligible", 40, ("organizer",), show)
