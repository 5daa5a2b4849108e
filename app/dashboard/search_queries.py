"""Free-text search over the projects that the visitor may see, as the last run saw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import project, project_names
from app.dashboard.visitor import Visitor
from app.masking import mask_project
from app.searching import LONGEST_QUERY, Hit, search_projects, sentence_with
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
    for hit in _hits((str(desk.run.folder), desk.channel, *_teasers(desk.key, desk)), asked, desk):
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
    teasers = _teasers(desk.key, desk)
    view, texts = _read((str(desk.run.folder), *teasers), desk.run, teasers)
    return dict(zip(view.projects.column("project_id").to_pylist(), texts, strict=True))


@st.cache_resource(max_entries=64, show_spinner=False)
def _hits(key: tuple[object, ...], text: str, _desk: Desk) -> list[Hit]:
    teasers = _teasers(_desk.key, _desk)
    view, texts = _read((str(_desk.run.folder), *teasers), _desk.run, teasers)
    system = _desk.system
    return search_projects(view, channels()[_desk.channel], system.settings, system.encode(), text, texts)


@st.cache_resource(max_entries=8, show_spinner=False)
def _teasers(key: tuple[object, ...], _desk: Desk) -> tuple[str, ...]:
    """Ids of the projects that are anonymous in the run or today."""
    tables = (_desk.run.table("projects"), _desk.system.store.current("projects"))
    found = [table.filter(pc.equal(table.column("confidentiality"), "teaser")).column("project_id") for table in tables]
    return tuple(sorted({one for column in found for one in column.to_pylist()}))


@st.cache_resource(max_entries=2, show_spinner=False)
def _read(key: tuple[object, ...], _run: Run, _teasers: tuple[str, ...]) -> tuple[View, list[Reading]]:
    """The run's tables as a view, and its projects read once. Who met whom does not matter to a search.

    Projects stand in it masked: whoever searches for a name must not see which of them comes up.
    """
    view = View(
        as_of=as_date(_run.manifest["as_of"]),
        projects=masked(_run.table("projects"), frozenset(_teasers)),
        institutions=_run.table("institutions"),
        outcomes=OUTCOMES.schema.empty_table(),
        awards=_run.table("awards"),
        needs=_run.table("needs"),
        judging=JUDGING.schema.empty_table(),
    )
    return view, read_texts(view.projects, "projects")


def masked(projects: pa.Table, teasers: frozenset[str]) -> pa.Table:
    """Projects as they may be shown, those of ``teasers`` without name; contacts are masked in all of them."""
    rows = []
    for row in projects.to_pylist():
        anonymous = {"confidentiality": "teaser"} if row["project_id"] in teasers else {}
        shown = mask_project({**row, **anonymous}).row({**row, **anonymous})
        rows.append({**shown, "name": ""} if anonymous else shown)
    return pa.Table.from_pylist(rows, schema=projects.schema)
