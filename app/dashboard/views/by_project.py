"""The organizer's page by project: its ranked institutions."""

from __future__ import annotations

import streamlit as st

from app.dashboard.parts.browser import browse
from app.dashboard.parts.choosing import choose_project
from app.dashboard.parts.sheet import show_project
from app.dashboard.queries import Desk, project
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    anchor = choose_project(visitor, desk)
    if anchor:
        with st.expander(visitor.say("choose.about_project")):
            show_project(visitor, project(desk, anchor), f"about_{anchor}")
        browse(visitor, desk, "projects", anchor)


VIEW = View("by_project", 20, ("organizer",), show)
