"""Text of entrants where Streamlit would read Markdown: button labels. Elsewhere ``st.text`` shows it as it is."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([!-/:-@\[-`{-~])")  # all ASCII punctuation; Markdown lets each be escaped
_LINES = re.compile(r"\s+")


def escape(text: object) -> str:
    """Text as one line of Markdown that renders as the text itself."""
    return _MARKS.sub(r"\\\1", _LINES.sub(" ", str(text)).strip())


def shorten(text: str, most: int) -> str:
    """Text cut to ``most`` characters, with an ellipsis when something was cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
