"""What the theme cannot say on the page of imports."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

STYLE = Path(__file__).parents[1] / "importing.css"


def draw_import_style() -> None:
    """Put the style sheet into the page."""
    st.html(STYLE)
