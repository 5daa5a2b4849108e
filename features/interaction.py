"""Late interaction of two texts' sentences: how well what an institution says is answered by what a project says.

Every sentence of the institution meets the project's most similar one (MaxSim, Khattab and Zaharia 2020); the answers
are averaged with the institution's sentence weights. Boilerplate counts little on either side.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.family import Floats, Indexes
from features.pooling import Side

DENSE_SHARE = 0.1
"""Above this share of a block's rectangle of pairs, whole matrix products beat gathering each project's candidates."""

_TILE = 8192  # institution sentences in a tile of a dense product


def answered(projects: Side, institutions: Side, rows: Indexes, cols: Indexes) -> Floats:
    """Mean best answer for each pair (project ``rows``, institution ``cols``), NaN where a text has no sentences."""
    if not len(rows):
        return np.zeros(0, np.float32)
    left, row_at = np.unique(rows, return_inverse=True)
    right, col_at = np.unique(cols, return_inverse=True)
    if len(rows) >= DENSE_SHARE * len(left) * len(right):
        return answer_table(projects, institutions, left, right)[row_at, col_at]
    values = np.empty(len(rows), np.float32)
    for row, at in _by_row(rows):
        values[at] = answer_table(projects, institutions, np.array([row]), cols[at])[0]
    return values


def answer_table(projects: Side, institutions: Side, rows: Indexes, cols: Indexes) -> Floats:
    """The same for all pairs of distinct ``rows`` and ``cols``, len(rows) x len(cols)."""
    mine, row_starts = _gather(projects, rows)
    asking = projects.vectors(mine) * np.sqrt(projects.novelty[mine])[:, None]
    table = np.full((len(rows), len(cols)), np.nan, np.float32)
    said, heard = projects.said[rows], np.flatnonzero(institutions.said[cols])
    if not said.any():
        return table
    counts = np.diff(institutions.starts)[cols[heard]]
    for tile in np.split(heard, np.searchsorted(np.cumsum(counts), np.arange(_TILE, counts.sum(), _TILE))):
        if not len(tile):
            continue
        theirs, starts = _gather(institutions, cols[tile])
        best = np.maximum.reduceat(asking @ institutions.vectors(theirs).T, row_starts[:-1][said], axis=0)
        best *= institutions.weights[theirs]
        table[np.ix_(said, tile)] = np.add.reduceat(best, starts[:-1], axis=1)
    return table


def best_sentences(projects: Side, institutions: Side, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
    """For each pair the numbers of the two sentences that are most alike, boilerplate counting less; -1 without any."""
    left, right = np.full(len(rows), -1, np.intp), np.full(len(rows), -1, np.intp)
    both = np.flatnonzero(projects.said[rows] & institutions.said[cols])
    for row, inside in _by_row(rows[both]):
        at = both[inside]
        mine = slice(projects.starts[row], projects.starts[row + 1])
        theirs, starts = _gather(institutions, cols[at])
        alike = institutions.vectors(theirs) @ (projects.vectors(mine) * np.sqrt(projects.novelty[mine])[:, None]).T
        nearest = alike.argmax(axis=1)
        closeness = alike[np.arange(len(nearest)), nearest] * np.sqrt(institutions.novelty[theirs])
        segment = np.repeat(np.arange(len(at)), np.diff(starts))
        highest = np.maximum.reduceat(closeness, starts[:-1])
        hits = np.flatnonzero(closeness == highest[segment])
        chosen = hits[np.unique(segment[hits], return_index=True)[1]]  # the first of equals
        left[at], right[at] = nearest[chosen], chosen - starts[:-1]
    return left, right


def _by_row(rows: Indexes) -> Iterator[tuple[int, Indexes]]:
    """Each distinct row with the places where it stands."""
    order = np.argsort(rows, kind="stable")
    distinct, first = np.unique(rows[order], return_index=True)
    yield from zip(distinct.tolist(), np.split(order, first[1:]) if len(rows) else [], strict=True)


def _gather(side: Side, texts: Indexes) -> tuple[Indexes, Indexes]:
    """Rows of all sentences of ``texts``, text after text, and where each text starts among them, with the end."""
    counts = np.diff(side.starts)[texts]
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    return np.arange(starts[-1]) + np.repeat(side.starts[texts] - starts[:-1], counts), starts
