"""Free text over a large run: only the projects that hold most of the words, or parts of them, are ranked by meaning.

To rank all of them anew for every text would take minutes and many times the memory of a server. The page of the search
and the digests of saved texts choose alike, so both tell the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.masking import Mask
from app.run_parts import masked_part, parts_of
from app.searching import Hit, masked_projects, search_projects, view_of, words_of
from app.system import System
from data.personal import without_personal
from data.runs import Run
from data.tables import TEXT_COLUMNS
from data.view import View
from features.text import folds
from matcher.channel import channels

WHOLE = 1_000
"""Projects up to which a search ranks all of a run."""
RANKED = 100
"""Projects that a search ranks of a larger one: twice as many as it shows."""
PEERS = 50
"""Institutions of a larger run beside which a text is ranked; they tell only what is usual."""
PARTS = 24
"""Words and pairs of characters that are looked for in a larger run."""


def is_large(ids: Sequence[Any] | pa.ChunkedArray) -> bool:
    """Whether a run of projects of these ids is too large to rank all of it."""
    return len(ids) > WHOLE


def folded_texts(run: Run, masks: Mapping[str, Mask]) -> list[pa.Buffer]:
    """What the words of a search are looked for in, for each project of the run: its masked texts, folded; packed, a
    part of the projects at a time, for all of them at once are a tenth of the server's memory.
    """
    names = (*TEXT_COLUMNS, "keywords", "sectors")
    return [_packed(masked_part(part, masks).select(list(names))) for part in parts_of(run)]


def search_selected(
    system: System,
    run: Run,
    channel: str,
    masks: Mapping[str, Mask],
    text: str,
    *,
    folded: Sequence[pa.Buffer],
    names: Iterable[str],
) -> list[Hit]:
    """The closest of the projects that may be shown (``names``: their ids), best first, as of
    :func:`app.searching.search_projects`; ``folded`` are the run's :func:`folded_texts` under the same ``masks``.
    """
    at = _candidates(folded, run.columns("projects", ["project_id"]).column("project_id"), names, text)
    if not len(at):
        return []
    rows, awards = run.at("projects", at), run.table("awards")
    wanted = rows.column("project_id").combine_chunks()
    awards = awards.filter(pc.is_in(awards.column("project_id"), value_set=wanted))
    institutions = _peers(view_of(run, rows, run.table("institutions"), awards), channel)
    view = view_of(run, masked_projects(rows, masks), institutions, awards)
    return search_projects(view, channels()[channel], system.settings, system.encode(), text)


def _peers(view: View, channel: str) -> pa.Table:
    """Institutions of the channel, evenly many of all where there are more than :data:`PEERS`."""
    ids = pc.unique(channels()[channel].supply(view).column("institution_id"))
    step = max(len(ids) // PEERS, 1)
    return view.institutions.filter(pc.is_in(view.institutions.column("institution_id"), value_set=ids[::step]))


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


def _candidates(
    folded: Sequence[pa.Buffer], ids: pa.ChunkedArray, names: Iterable[str], text: str
) -> NDArray[np.int64]:
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
