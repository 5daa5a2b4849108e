"""What the theme cannot say on the pages of outcomes."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

STYLE = Path(__file__).parents[1] / "outcomes.css"


def draw_outcome_style() -> None:
    """Put the style sheet into the page."""
    st.html(STYLE)
