"""From what the retrievers propose to what is ranked in full.

Retrievers know nothing of rounds, tickets, places and rules, and propose many institutions that a project may not meet.
Everything that is cheap is looked at here; what compares sentences with sentences waits for the pairs that are left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.family import BlockFeatures, Floats, Indexes
from matcher.block import answers, contribution, feature_values, ranks, weighing
from matcher.candidates import FUSED, Pairs, floors
from matcher.market import ChannelMarket

ELIGIBLE, INELIGIBLE = 80, 30
"""How many proposals of a project are ranked in full; the ineligible ones so that "why not" has an answer."""
FIRST = 400
"""Best proposals of a project that are held against the rules first: mostly they fill both lists."""
MARGIN = 1e-3
"""More than a score loses as a float32."""


def shortlist(
    market: ChannelMarket,
    start: int,
    stop: int,
    prepared: dict[str, BlockFeatures],
    matrices: dict[str, Floats],
    keys: NDArray[np.int64],
) -> NDArray[np.int64]:
    """The best of one block's proposals, ``row * N + institution`` in and out, sorted.

    Their order is the retrievers' weighted sum plus the exact contributions of the families that do not retrieve.
    """
    rows, cols = np.divmod(keys, market.n_institutions)
    pairs = Pairs(rows.astype(np.intp), cols.astype(np.intp))
    score = np.take(matrices[FUSED], keys).astype(np.float64)
    for name, values in feature_values(weighing(market, prepared, matrices), pairs.rows, pairs.cols).items():
        if market.weights[name]:
            score += contribution(values, market.weights[name])
    first = _first(matrices[FUSED].shape, keys, score)
    at, failed = np.flatnonzero(first), np.zeros(len(keys), bool)
    failed[at] = answers(market, start, stop, Pairs(pairs.rows[at], pairs.cols[at]))[0] != 0
    short = _short(pairs.rows[at], failed[at], len(matrices[FUSED]))
    more = np.flatnonzero(~first & short[pairs.rows])
    failed[more] = answers(market, start, stop, Pairs(pairs.rows[more], pairs.cols[more]))[0] != 0
    at = np.sort(np.concatenate([at, more]))
    rank = ranks(2 * rows[at] + failed[at], score[at])
    return np.asarray(keys[at[rank <= np.where(failed[at], INELIGIBLE, ELIGIBLE)]])


def _first(shape: tuple[int, ...], keys: NDArray[np.int64], score: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The :data:`FIRST` best pairs of every row, and those that are as good."""
    if len(keys) <= FIRST * shape[0]:
        return np.ones(len(keys), bool)
    table = np.full(shape, -np.inf, np.float32)
    table.reshape(-1)[keys] = score
    return np.asarray(score >= floors(table, FIRST)[keys // shape[1]] - MARGIN)


def _short(rows: Indexes, failed: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Rows of which these pairs do not fill both lists."""
    able, ruled = (np.bincount(rows[some], minlength=count) for some in (~failed, failed))
    return np.asarray((able < ELIGIBLE) | (ruled < INELIGIBLE))
