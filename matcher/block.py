"""Rank one block of projects against a market: a pure function, the seam along which work is spread."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.families.exclusion import EXCLUSIONS
from features.family import BlockFeatures, Floats, Indexes
from matcher.candidates import Bars, Pairs, found_by, prepare, retrieval, sorted_order
from matcher.market import ChannelMarket, families_of, features_of
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


def match_block(
    market: ChannelMarket,
    start: int,
    stop: int,
    pairs: Pairs,
    top: int,
    floors: NDArray[np.float64] | None = None,
    bars: Bars | None = None,
) -> Ranked:
    """Score the pairs of one block and keep what can matter.

    Kept are the ``top`` eligible pairs of every project, the ``top`` of every institution within the block (the
    reduction over blocks cuts them to its overall best), and those ineligible pairs that would have stood among the
    project's ``top``, so that "why not" has an answer. ``floors`` (by institution) are scores that other blocks have
    already filled its list with: it need not be offered less, so that fewer pairs are kept and the result is the same.
    ``bars`` are what the retrievers said of the block, where that is known.
    """
    prepared = prepare(market, start, stop)
    values = feature_values(weighing(market, prepared), pairs.rows, pairs.cols)
    names = [feature.name for feature in features_of(market.channel.name)]
    weighed = {name: market.weights[name] for name in names if market.weights[name]}
    score = np.zeros(len(pairs.rows))
    for name, weight in weighed.items():
        score += contribution(values[name], weight)
    score = np.round(score, DECIMALS)
    failed, unknown = answers(market, start, stop, pairs)
    one = best_need(market, pairs, np.where(failed == 0, score, score - 1e6))
    apart = score.copy()
    for name in EXCLUSIONS & weighed.keys():
        apart -= contribution(values[name], weighed[name])
    floor = np.full(len(score), -np.inf) if floors is None else floors[market.owner[pairs.cols]]
    keep, rank = _choose(pairs, score, failed, one, apart, floor, top)
    absent = np.zeros(len(keep), np.int64)
    contributions = np.zeros((len(keep), len(names)))
    for i, name in enumerate(names):
        if name in weighed:
            kept = values[name][keep]
            contributions[:, i] = contribution(kept, weighed[name])
            absent |= np.isnan(kept).astype(np.int64) << i
    said = retrieval(market, prepared)[1] if bars is None else bars
    found, retrievers = found_by(prepared, said, pairs.rows[keep], pairs.cols[keep])
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
    added = values.astype(np.float64)
    added *= weight
    np.round(added, DECIMALS, out=added)
    added[np.isnan(added)] = 0.0
    return added


def feature_values(prepared: dict[str, BlockFeatures], rows: Indexes, cols: Indexes) -> dict[str, Floats]:
    """Values of all features for pairs of a block."""
    values: dict[str, Floats] = {}
    for block in prepared.values():
        values.update(block.pairs(rows, cols))
    return values


def weighing(
    market: ChannelMarket, prepared: dict[str, BlockFeatures], apart: Container[str] = ()
) -> dict[str, BlockFeatures]:
    """The families that weigh anything, but for those ``apart``."""
    return {
        family.name: prepared[family.name]
        for family in families_of(market.channel.name)
        if family.name not in apart and any(market.weights[feature.name] for feature in family.features)
    }


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
    if (market.owner == np.arange(market.n_institutions)).all():
        return np.ones(len(pairs.rows), bool)
    owners = pairs.rows.astype(np.int64) * market.n_institutions + market.owner[pairs.cols]
    return ranks(owners, score) == 1


def ranks(groups: Indexes, score: NDArray[np.float64]) -> NDArray[np.int32]:
    """Rank within each group by falling score, of equal scores the earlier pair first; 1 is best.

    ``score`` has :data:`DECIMALS` decimals: whole numbers sort twenty times faster than ``lexsort`` does.
    """
    if not len(groups):
        return np.zeros(0, np.int32)
    whole = np.rint(score * 10**DECIMALS).astype(np.int64)
    low, span = int(whole.min()), int(whole.max()) - int(whole.min()) + 1
    fits = int(groups.max()) < np.iinfo(np.int64).max // span - 1
    number = groups if fits else np.unique(groups, return_inverse=True)[1]
    key = number.astype(np.int64) * span + (span - 1 - (whole - low))
    order = sorted_order(key)
    ordered = groups[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(1, len(order) + 1) - np.repeat(first, np.diff(first, append=len(order)))
    return rank


def _choose(
    pairs: Pairs,
    score: NDArray[np.float64],
    failed: NDArray[np.int64],
    one: NDArray[np.bool_],
    apart: NDArray[np.float64],
    floor: NDArray[np.float64],
    top: int,
) -> tuple[Indexes, NDArray[np.int32]]:
    """Positions of the pairs to keep, and every pair's rank for its project (0: ineligible).

    ``apart`` is the score without what the exclusion takes off, ``floor`` what the institution's list asks for.
    """
    eligible = np.flatnonzero((failed == 0) & one)
    rank = np.zeros(len(score), np.int32)
    rank[eligible] = ranks(pairs.rows[eligible], score[eligible])
    able = np.flatnonzero(score[eligible] > floor[eligible])
    kept = rank[eligible] <= top
    kept[able[ranks(pairs.cols[eligible[able]], score[eligible[able]]) <= top]] = True
    ruled = np.flatnonzero((failed != 0) & one)
    best = np.full(int(pairs.rows.max(initial=-1)) + 1, -np.inf)
    last = eligible[rank[eligible] == top]
    best[pairs.rows[last]] = score[last]
    near = ruled[apart[ruled] >= best[pairs.rows[ruled]]]
    near = near[ranks(pairs.rows[near], apart[near]) <= top]
    return np.sort(np.concatenate([eligible[kept], near])), rank
