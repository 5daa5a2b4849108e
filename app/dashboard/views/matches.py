"""An institution's own page: its ranked list of projects."""

from __future__ import annotations

import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.parts.allowance import show_allowance
from app.dashboard.parts.browser import browse
from app.dashboard.parts.choosing import choose_institution
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    anchor = choose_institution(visitor, desk)
    if anchor:
        show_allowance(visitor, desk, anchor)
        browse(visitor, desk, "institutions", anchor)
        st.caption(visitor.say("matches.about"))


VIEW = View("matches", 10, ("institution",), show)
