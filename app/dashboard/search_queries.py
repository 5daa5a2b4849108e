"""Free-text search over the projects that the visitor may see, as the last run saw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import project_names, shown_rows
from app.dashboard.rows import projects_of
from app.dashboard.run_texts import searched
from app.dashboard.visitor import Visitor
from app.masking import Mask
from app.preselecting import folded_texts, is_large, search_selected
from app.searching import MOST_FOUND, Hit, asked_text, search_projects, searched_view, sentence_with
from data.runs import Run
from matcher.channel import channels


@dataclass(frozen=True)
class Found:
    """One project found: its row as it may be shown, the words it holds and the sentence that holds most of them."""

    row: dict[str, Any]
    score: float
    words: tuple[str, ...]
    sentence: str


@allowed("institution", "organizer")
def find(visitor: Visitor, desk: Desk, text: str) -> list[Found]:
    """Projects for a text, best first; an empty text finds nothing. Words are those of the masked texts."""
    asked = asked_text(text)
    if not asked:
        return []
    everything = visitor.role.organizes
    names = project_names(desk, everything=everything)
    key = (everything, desk.access.scope, desk.shown_key, searched(desk)[0])
    hits = [hit for hit in _hits(key, asked, everything, desk) if hit.project_id in names][:MOST_FOUND]
    rows = shown_rows(desk, [hit.project_id for hit in hits])
    return [
        Found(rows[hit.project_id], hit.score, hit.words, sentence_with(rows[hit.project_id], hit.words))
        for hit in hits
    ]


@st.cache_resource(max_entries=64, show_spinner=False)
def _hits(key: tuple[object, ...], text: str, everything: bool, _desk: Desk) -> list[Hit]:
    """The first of the projects found, and some more."""
    run, system, (key_of_texts, _, masks) = _desk.run, _desk.system, searched(_desk)
    if is_large(projects_of(_desk).table.column("project_id")):
        names = project_names(_desk, everything=everything)
        folded = _folded(key_of_texts, run, masks)
        return search_selected(system, run, _desk.channel, masks, text, folded=folded, names=names)
    view = searched_view(run, masks)
    return search_projects(view, channels()[_desk.channel], system.settings, system.encode(), text)


@st.cache_resource(max_entries=1, show_spinner=False)
def _folded(key: tuple[object, ...], _run: Run, _masks: dict[str, Mask]) -> list[pa.Buffer]:
    return folded_texts(_run, _masks)
