"""A list and what is opened from it: side by side, and on a phone one of them at a time.

Nobody scrolls past eight cards to read the one just touched: there the opened match stands alone, with the way back
above it. Which of them a narrow screen shows is said by the name of the container; ``style.css`` does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.dashboard.narrow import follow
from app.dashboard.visitor import Visitor, go

COLUMNS = (5, 6)


def list_and_detail(
    visitor: Visitor, key: str, param: str, chosen: str, widths: Sequence[int] = COLUMNS
) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The two places to draw into. ``chosen`` is what the visitor opened, under ``param`` in the address; empty while
    the detail only shows the first of the list.
    """
    with st.container(key=f"{'onedetail' if chosen else 'onelist'}_{key}"):
        left, right = st.columns(widths, gap="medium")
    if chosen:
        with right:
            st.button(visitor.say("list.back"), key=f"back_{key}", type="tertiary", on_click=go, kwargs={param: None})
    follow("opened", chosen)
    return left, right
