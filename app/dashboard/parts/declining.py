"""The typed reason of a refusal: one list of reasons, wherever somebody declines, passes or ends a case."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.dashboard.visitor import Visitor
from data.declines import decline_label


def choose_reason(visitor: Visitor, label: str, codes: Sequence[str], key: str) -> str | None:
    """Draw the choice of a reason under a key of the strings; gives its code, None until one is chosen."""
    return st.selectbox(
        visitor.say(label),
        codes,
        index=None,
        key=key,
        placeholder=visitor.say("decide.reason_hint"),
        format_func=lambda code: decline_label(code, visitor.language),
    )
