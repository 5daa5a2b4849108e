"""What an institution said it can take this quarter: told above its list, and where in the list it ends."""

from __future__ import annotations

import streamlit as st

from app.dashboard.decision_queries import allowance_of
from app.dashboard.desk import Desk
from app.dashboard.visitor import Visitor
from app.introductions import Allowance


def show_allowance(visitor: Visitor, desk: Desk, institution_id: str) -> None:
    """Draw limit, what was introduced and what is left; nothing for an institution that named no number."""
    told = allowance_of(visitor, desk, institution_id)
    if told is None:
        return
    numbers = {"limit": told.limit, "introduced": told.introduced, "left": told.left}
    with st.container(key="allowance", gap=None):
        st.text(visitor.say("allowance.some" if told.left else "allowance.none", **numbers))
        st.caption(visitor.say("allowance.period", first=told.first.isoformat(), last=told.last.isoformat()))


def show_line(visitor: Visitor, told: Allowance | None, number: int) -> None:
    """Draw the line below the last project that the number covers; ``number`` is the place of the card above it."""
    if told and number == told.left:
        st.caption(visitor.say("allowance.line", left=told.left))
