"""The full text with the sentences marked on which reasons rest. Every piece is plain text: nothing in it is markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from app.dashboard.visitor import Visitor
from app.highlighting import pieces
from data.tables import TEXT_COLUMNS

PROJECT_TEXTS = tuple(name for name in TEXT_COLUMNS if name != "name")
INSTITUTION_TEXTS = ("profile",)


def evidence_of(reasons: Iterable[Mapping[str, Any]], side: str) -> list[str]:
    """Sentences of one side (``project`` or ``institution``) on which the reasons rest, each once."""
    told = [reason.get(f"evidence_{side}") for reason in reasons if reason["weight"]]
    return list(dict.fromkeys(str(sentence) for sentence in told if sentence))


def show_fulltext(
    visitor: Visitor, row: Mapping[str, Any], columns: Iterable[str], sentences: list[str], key: str
) -> None:
    """Draw the running texts of a row (it comes masked) with the sentences marked."""
    told = [(name, str(row[name])) for name in columns if row.get(name)]
    if not told:
        st.caption(visitor.say("fulltext.none"))
        return
    marked = 0
    for name, text in told:
        st.caption(visitor.say(f"field.{name}"))
        cut = pieces(text, sentences)
        marked += sum(piece.marked for piece in cut)
        with st.container(key=f"flow_{key}_{name}", gap=None):
            for number, piece in enumerate(cut):
                if piece.marked:
                    with st.container(key=f"mark_{key}_{name}_{number}", gap=None):
                        st.text(piece.text)
                else:
                    st.text(piece.text)
    st.caption(visitor.say("fulltext.count", count=marked))
