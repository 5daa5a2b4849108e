"""A write from a page: done, or refused in place."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.dashboard.parts.asking import message_of
from app.dashboard.plain import escape
from app.dashboard.visitor import Visitor
from data.problem import DuijieError


def redraw_after(visitor: Visitor, act: Callable[[], object]) -> None:
    """Do it and draw the whole page anew, for anything on it may change; a refusal is told in place."""
    try:
        act()
    except DuijieError as error:
        st.error(escape(message_of(error, visitor.language)))
        return
    st.rerun()
