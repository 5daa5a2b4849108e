"""Rank one block of projects against a market: a pure function, the seam along which work is spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.family import BlockFeatures, Floats, Indexes
from matcher.candidates import Pairs, prepare, retrieval
from matcher.market import ChannelMarket, features_of
from matcher.rules import FAILS, UNKNOWN

DECIMALS = 6
"""Contributions are rounded to this, so that they sum to the score exactly on every machine."""


@dataclass(frozen=True)
class Ranked:
    """Ranked pairs. ``rows`` index all projects. One array entry a pair; ``contributions`` is pairs x features.

    ``rank`` is the rank for the project among eligible pairs, 0 for ineligible ones. ``failed`` and ``unknown`` are
    bit masks over the channel's rules; ``absent`` over its features. ``found`` is a mask over ``retrievers``.
    """

    rows: Indexes
    cols: Indexes
    score: NDArray[np.float64]
    rank: NDArray[np.int32]
    failed: NDArray[np.int64]
    unknown: NDArray[np.int64]
    absent: NDArray[np.int64]
    found: NDArray[np.int64]
    contributions: NDArray[np.float64]
    retrievers: tuple[str, ...]


def match_block(market: ChannelMarket, start: int, stop: int, pairs: Pairs, top: int) -> Ranked:
    """Score the pairs of one block and keep what can matter.

    Kept are the ``top`` eligible pairs of every project, the ``top`` of every institution within the block (the
    reduction over blocks cuts them to its overall best), and those ineligible pairs that would have stood among the
    project's ``top``, so that "why not" has an answer.
    """
    prepared = prepare(market, start, stop)
    values = feature_values(prepared, pairs.rows, pairs.cols)
    names = [feature.name for feature in features_of(market.channel.name)]
    score = np.zeros(len(pairs.rows))
    for name in names:
        score += contribution(values[name], market.weights[name])
    score = np.round(score, DECIMALS)
    failed, unknown = answers(market, start, stop, pairs)
    one = best_need(market, pairs, np.where(failed == 0, score, score - 1e6))
    keep, rank = _choose(
        pairs, score, failed, one, score - contribution(values["exclusion"], market.weights["exclusion"]), top
    )
    absent = np.zeros(len(keep), np.int64)
    contributions = np.zeros((len(keep), len(names)))
    for i, name in enumerate(names):
        contributions[:, i] = contribution(values[name][keep], market.weights[name])
        if market.weights[name]:
            absent |= np.isnan(values[name][keep]).astype(np.int64) << i
    found, retrievers = _found_by(market, prepared, pairs.rows[keep], pairs.cols[keep])
    return Ranked(
        rows=pairs.rows[keep] + start,
        cols=pairs.cols[keep],
        score=score[keep],
        rank=rank[keep],
        failed=failed[keep],
        unknown=unknown[keep],
        absent=absent,
        found=found,
        contributions=contributions,
        retrievers=retrievers,
    )


def contribution(values: Floats, weight: float) -> NDArray[np.float64]:
    """What a feature adds to the score; unknown adds nothing."""
    if weight == 0:
        return np.zeros(len(values))
    return np.round(np.nan_to_num(values.astype(np.float64) * weight, nan=0.0), DECIMALS)


def feature_values(prepared: dict[str, BlockFeatures], rows: Indexes, cols: Indexes) -> dict[str, Floats]:
    """Values of all features for pairs of a block."""
    values: dict[str, Floats] = {}
    for block in prepared.values():
        values.update(block.pairs(rows, cols))
    return values


def answers(market: ChannelMarket, start: int, stop: int, pairs: Pairs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bit masks over the channel's rules: failed, unknown."""
    failed = np.zeros(len(pairs.rows), np.int64)
    unknown = np.zeros(len(pairs.rows), np.int64)
    for bit, check in enumerate(market.checks.values()):
        answer = check(start, stop, pairs.rows, pairs.cols)
        failed |= (answer == FAILS).astype(np.int64) << bit
        unknown |= (answer == UNKNOWN).astype(np.int64) << bit
    return failed, unknown


def best_need(market: ChannelMarket, pairs: Pairs, score: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Pairs that stand for their institution: of several needs of one owner only the best, else all."""
    owner = market.owner[pairs.cols]
    if (market.owner == np.arange(market.n_institutions)).all():
        return np.ones(len(pairs.rows), bool)
    order = np.lexsort((pairs.cols, -score, owner, pairs.rows))
    first = np.ones(len(order), bool)
    first[1:] = (owner[order][1:] != owner[order][:-1]) | (pairs.rows[order][1:] != pairs.rows[order][:-1])
    best = np.zeros(len(order), bool)
    best[order[first]] = True
    return best


def ranks(groups: Indexes, score: NDArray[np.float64], tie: Indexes) -> NDArray[np.int32]:
    """Rank within each group by falling score, ties by ``tie``; 1 is best."""
    order = np.lexsort((tie, -score, groups))
    begin = np.ones(len(order), bool)
    begin[1:] = groups[order][1:] != groups[order][:-1]
    starts = np.maximum.accumulate(np.where(begin, np.arange(len(order)), 0))
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order)) - starts + 1
    return rank


def _choose(
    pairs: Pairs,
    score: NDArray[np.float64],
    failed: NDArray[np.int64],
    one: NDArray[np.bool_],
    apart: NDArray[np.float64],
    top: int,
) -> tuple[Indexes, NDArray[np.int32]]:
    """Positions of the pairs to keep, and every pair's rank for its project (0: ineligible)."""
    eligible = np.flatnonzero((failed == 0) & one)
    rank = np.zeros(len(score), np.int32)
    rank[eligible] = ranks(pairs.rows[eligible], score[eligible], pairs.cols[eligible])
    mirror = ranks(pairs.cols[eligible], score[eligible], pairs.rows[eligible])
    kept = (rank[eligible] <= top) | (mirror <= top)
    ruled = np.flatnonzero((failed != 0) & one)
    best = np.full(int(pairs.rows.max(initial=-1)) + 1, -np.inf)
    last = eligible[rank[eligible] == top]
    best[pairs.rows[last]] = score[last]
    near = ruled[apart[ruled] >= best[pairs.rows[ruled]]]
    near = near[ranks(pairs.rows[near], apart[near], pairs.cols[near]) <= top]
    return np.sort(np.concatenate([eligible[kept], near])), rank


def _found_by(
    market: ChannelMarket, prepared: dict[str, BlockFeatures], rows: Indexes, cols: Indexes
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Which retrievers place each pair among their best for the project."""
    matrices = retrieval(market, prepared)
    found = np.zeros(len(rows), np.int64)
    for bit, matrix in enumerate(matrices.values()):
        keep = min(market.settings.candidates.per_retriever, matrix.shape[1])
        threshold = np.partition(matrix, matrix.shape[1] - keep, axis=1)[:, matrix.shape[1] - keep]
        found |= (matrix[rows, cols] >= threshold[rows]).astype(np.int64) << bit
    return found, tuple(matrices)
