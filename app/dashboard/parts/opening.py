"""Open a project for an institution: in its list where it stands there, else on the page that says why it does not."""

from __future__ import annotations

import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.queries import listing
from app.dashboard.visitor import Visitor, go


def open_pair(visitor: Visitor, desk: Desk, institution_id: str, project_id: str) -> None:
    """Go there; the page is drawn anew."""
    told = listing(desk, "institutions", institution_id, everything=visitor.role.organizes)
    lists = "by_institution" if visitor.role.organizes else "matches"
    view = lists if project_id in set(told.frame["listed"]) else "whynot"
    go(view=view, inst=institution_id, project=project_id)
    st.rerun()
