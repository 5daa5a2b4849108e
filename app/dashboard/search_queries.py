"""Free-text search over the projects that the visitor may see, as the last run saw them.

In a large run only the projects that hold most of the words, or parts of them, are ranked by meaning: to rank all of
them anew for every text would take minutes and many times the memory of the server.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st
from numpy.typing import NDArray

from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import project_names, shown_rows
from app.dashboard.rows import institutions_of, projects_of
from app.dashboard.run_texts import masked_part, parts_of, rows_of, searched
from app.dashboard.visitor import Visitor
from app.masking import Mask
from app.searching import LONGEST_QUERY, Hit, masked_projects, search_projects, sentence_with, words_of
from data.personal import without_personal
from data.runs import Run
from data.tables import JUDGING, OUTCOMES, TEXT_COLUMNS
from data.view import View
from features.text import folds
from matcher.channel import channels
from matcher.run import as_date

MOST = 50
"""Projects that one search shows."""
WHOLE = 1_000
"""Projects up to which a search ranks all of a run."""
RANKED = 100
"""Projects that a search ranks of a larger one: twice as many as it shows."""
PEERS = 50
"""Institutions of a larger run beside which a text is ranked; they tell only what is usual."""
PARTS = 24
"""Words and pairs of characters that are looked for in a larger run."""


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
    everything = visitor.role.organizes
    names = project_names(desk, everything=everything)
    key = (everything, desk.access.scope, desk.shown_key, searched(desk)[0])
    hits = [hit for hit in _hits(key, asked, everything, desk) if hit.project_id in names][:MOST]
    rows = shown_rows(desk, [hit.project_id for hit in hits])
    return [
        Found(rows[hit.project_id], hit.score, hit.words, sentence_with(rows[hit.project_id], hit.words))
        for hit in hits
    ]


@st.cache_resource(max_entries=64, show_spinner=False)
def _hits(key: tuple[object, ...], text: str, everything: bool, _desk: Desk) -> list[Hit]:
    """The first of the projects found, and some more."""
    run, system, (key_of_texts, _, masks) = _desk.run, _desk.system, searched(_desk)
    known, institutions = projects_of(_desk).table.column("project_id"), institutions_of(_desk).table
    at = np.arange(len(known))
    if len(known) > WHOLE:
        names = project_names(_desk, everything=everything)
        at = _candidates(_folded(key_of_texts, run, masks), known, names, text)
        if not len(at):
            return []
    rows = rows_of(_desk, at)
    awards = run.table("awards")
    if len(at) < len(known):
        wanted = rows.column("project_id").combine_chunks()
        awards = awards.filter(pc.is_in(awards.column("project_id"), value_set=wanted))
        institutions = _peers(_view(run, rows, institutions, awards), _desk.channel)
    view = _view(run, masked_projects(rows, masks), institutions, awards)
    return search_projects(view, channels()[_desk.channel], system.settings, system.encode(), text)


def _view(run: Run, projects: pa.Table, institutions: pa.Table, awards: pa.Table) -> View:
    """Tables of a run as a view. Who met whom does not matter to a search."""
    return View(
        as_of=as_date(run.manifest["as_of"]),
        projects=projects,
        institutions=institutions,
        outcomes=OUTCOMES.schema.empty_table(),
        awards=awards,
        needs=run.table("needs"),
        judging=JUDGING.schema.empty_table(),
    )


def _peers(view: View, channel: str) -> pa.Table:
    """Institutions of the channel, evenly many of all where there are more than :data:`PEERS`."""
    ids = pc.unique(channels()[channel].supply(view).column("institution_id"))
    step = max(len(ids) // PEERS, 1)
    return view.institutions.filter(pc.is_in(view.institutions.column("institution_id"), value_set=ids[::step]))


@st.cache_resource(max_entries=1, show_spinner=False)
def _folded(key: tuple[object, ...], _run: Run, _masks: dict[str, Mask]) -> list[pa.Buffer]:
    """What the words of a search are looked for in, for each project of the run: its masked texts, folded; packed, a
    part of the projects at a time, for all of them at once are a tenth of the server's memory.
    """
    names = (*TEXT_COLUMNS, "keywords", "sectors")
    return [_packed(masked_part(part, _masks).select(list(names))) for part in parts_of(_run)]


def _packed(rows: pa.Table) -> pa.Buffer:
    texts = (without_personal("\n".join(_texts(row.values()))) for row in rows.to_pylist())
    lines = folds([" ".join(text.split()) for text in texts])  # together: what is folded by itself is remembered
    batch = pa.record_batch({"text": pa.array(lines, pa.string())})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as stream:
        stream.write_batch(batch)
    return sink.getvalue()


def _texts(cells: Iterable[Any]) -> list[str]:
    return [" ".join(one) if isinstance(one, list) else str(one) for one in cells if one]


def _candidates(folded: list[pa.Buffer], ids: pa.ChunkedArray, names: Iterable[str], text: str) -> NDArray[np.int64]:
    """Numbers of the projects that may be shown and hold most of the words, then most pairs of their characters."""
    words = words_of(text)
    pairs = dict.fromkeys(word[at : at + 2] for word in words for at in range(len(word) - 1) if len(word) > 2)
    held = np.concatenate([_count(pa.ipc.open_stream(part).read_all(), words, (*words, *pairs)) for part in folded])
    shown = pc.is_in(ids, value_set=pa.array(list(names), pa.string())).to_numpy()
    at = np.flatnonzero(shown & (held > 0))
    return np.sort(at[np.argsort(-held[at], kind="stable")[:RANKED]])


def _count(part: pa.Table, words: Collection[str], looked_for: Sequence[str]) -> NDArray[np.int64]:
    """How much each project holds of what is looked for; a word counts more than all pairs."""
    held = np.zeros(part.num_rows, np.int64)
    for one in looked_for[:PARTS]:
        found = pc.match_substring(part.column("text"), one).to_numpy().astype(np.int64)
        held += found * (PARTS if one in words else 1)
    return held
