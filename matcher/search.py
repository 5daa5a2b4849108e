"""Free text against one side: the text takes the place of a project or an institution and is ranked like one."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from data.tables import INSTITUTIONS, PROJECTS
from data.view import View
from features.reading import Reading
from matcher.block import match_block
from matcher.candidates import Pairs
from matcher.channel import Channel
from matcher.gate import may_rank
from matcher.market import Encode, build_market
from matcher.settings import Settings

QUERY = "?"
"""Id of the row that stands for the text."""


def search(
    view: View,
    text: str,
    side: str,
    channel: Channel,
    settings: Settings,
    encode: Encode | None,
    top: int,
    project_texts: Sequence[Reading] | None = None,
) -> list[tuple[str, float]]:
    """The ``top`` ids of ``side`` for a text, best first, with scores. What the text rules out is left out.

    ``side`` is ``institutions`` (the text describes a project) or ``projects`` (the text describes an institution).
    ``project_texts`` are the readings of ``view.projects``; who searches again and again reads them once.
    """
    if side == "institutions":
        return _institutions(view, text, channel, settings, encode, top)
    return _projects(view, text, channel, settings, encode, top, project_texts)


def _institutions(
    view: View, text: str, channel: Channel, settings: Settings, encode: Encode | None, top: int
) -> list[tuple[str, float]]:
    asked = _add(view.projects, PROJECTS.schema, {"project_id": QUERY, "name": "", "summary": text})
    market = build_market(dataclasses.replace(view, projects=asked), _plain(channel), settings, encode)
    row, n = market.n_projects - 1, market.n_institutions
    pairs = Pairs(np.zeros(n, np.intp), np.arange(n))
    ranked = match_block(market, row, row + 1, pairs, n)
    ids = market.market.view.institutions.column("institution_id").to_pylist()
    return _best([ids[col] for col in ranked.cols], ranked.score, ranked.failed, top)


def _projects(
    view: View,
    text: str,
    channel: Channel,
    settings: Settings,
    encode: Encode | None,
    top: int,
    texts: Sequence[Reading] | None,
) -> list[tuple[str, float]]:
    supply = channel.supply(view)
    query = {"institution_id": QUERY, "name": "", "kind": "other", "profile": text}
    asked = _add(supply, INSTITUTIONS.schema, query)
    everyone = dataclasses.replace(channel, supply=lambda view: asked)
    market = build_market(view, _plain(everyone), settings, encode, texts)
    rows = np.flatnonzero(may_rank(view.projects, view.awards, channel.name))
    pairs = Pairs(rows, np.full(len(rows), market.n_institutions - 1))
    ranked = match_block(market, 0, market.n_projects, pairs, len(rows) + 1)
    ids = view.projects.column("project_id").to_pylist()
    return _best([ids[row] for row in ranked.rows], ranked.score, ranked.failed, top)


def _plain(channel: Channel) -> Channel:
    """The channel with only the rule that reads texts: a text has no ticket, no capacity, no contacts."""
    return dataclasses.replace(channel, rules=("exclusion",))


def _add(table: pa.Table, schema: pa.Schema, row: dict[str, Any]) -> pa.Table:
    return pa.concat_tables([table, pa.Table.from_pylist([row], schema=schema)])


def _best(ids: list[str], score: np.ndarray, failed: np.ndarray, top: int) -> list[tuple[str, float]]:
    best: dict[str, float] = {}
    for key, value, rule in zip(ids, score.tolist(), failed.tolist(), strict=True):
        if not rule:
            best[key] = max(best.get(key, -np.inf), value)
    return sorted(best.items(), key=lambda item: (-item[1], item[0]))[:top]
