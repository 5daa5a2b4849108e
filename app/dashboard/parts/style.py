"""Style sheets of parts and pages: what the theme cannot say."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parents[1]


def draw_style(name: str) -> None:
    """Put a style sheet into the page: ``marks`` of evidence and differences, ``outcomes``, ``importing``."""
    st.html(FOLDER / f"{name}.css")
