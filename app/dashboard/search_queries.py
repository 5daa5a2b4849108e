"""Free-text search over the projects that the visitor may see, as the last run saw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import project, project_names
from app.dashboard.visitor import Visitor
from app.masking import Mask
from app.searching import LONGEST_QUERY, Hit, masked_projects, masks_of_teasers, search_projects, sentence_with
from data.runs import Run
from data.tables import JUDGING, OUTCOMES
from data.view import View
from features.reading import Reading
from matcher.channel import channels
from matcher.market import read_texts
from matcher.run import as_date

MOST = 50
"""Projects that one search shows."""


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
    asked = " ".join(text.split())[:LONGEST_QUERY]
    if not asked:
        return []
    names = project_names(desk, everything=visitor.role.organizes)
    told = []
    for hit in _hits((desk.channel, *_searched(desk)[0]), asked, desk):
        if hit.project_id in names:
            row = project(desk, hit.project_id)
            told.append(Found(row, hit.score, hit.words, sentence_with(row, hit.words)))
            if len(told) == MOST:
                break
    return told


@allowed("institution", "organizer")
def masked_texts(desk: Desk) -> dict[str, Reading]:
    """Readings of all projects of the run by id, anonymous ones of their masked texts. Who may see which is asked by
    the caller.
    """
    view, texts = _read(*_searched(desk))
    return dict(zip(view.projects.column("project_id").to_pylist(), texts, strict=True))


@st.cache_resource(max_entries=64, show_spinner=False)
def _hits(key: tuple[object, ...], text: str, _desk: Desk) -> list[Hit]:
    view, texts = _read(*_searched(_desk))
    system = _desk.system
    return search_projects(view, channels()[_desk.channel], system.settings, system.encode(), text, texts)


def _searched(desk: Desk) -> tuple[tuple[object, ...], Run, dict[str, Mask]]:
    """What a search looks through, after the key by which it is kept: the run, and masks of its anonymous projects."""
    masks = _masks(desk.shown_key, desk)
    return (str(desk.run.folder), *sorted((one, mask.hidden) for one, mask in masks.items())), desk.run, masks


@st.cache_resource(max_entries=8, show_spinner=False)
def _masks(key: tuple[object, ...], _desk: Desk) -> dict[str, Mask]:
    return masks_of_teasers(_desk.system, _desk.run, _desk.run.table("projects"))


@st.cache_resource(max_entries=2, show_spinner=False)
def _read(key: tuple[object, ...], _run: Run, _masks: dict[str, Mask]) -> tuple[View, list[Reading]]:
    """The run's tables as a view, projects masked, and its projects read once. Who met whom does not matter to a
    search.
    """
    view = View(
        as_of=as_date(_run.manifest["as_of"]),
        projects=masked_projects(_run.table("projects"), _masks),
        institutions=_run.table("institutions"),
        outcomes=OUTCOMES.schema.empty_table(),
        awards=_run.table("awards"),
        needs=_run.table("needs"),
        judging=JUDGING.schema.empty_table(),
    )
    return view, read_texts(view.projects, "projects")
