"""A project owner's page: the institutions that are recommended to her project."""

from __future__ import annotations

import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.parts.browser import browse
from app.dashboard.parts.choosing import choose_project
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    anchor = choose_project(visitor, desk)
    if anchor:
        st.caption(visitor.say("recommended.about"))
        browse(visitor, desk, "projects", anchor)


VIEW = View("recommended", 10, ("owner",), show)
