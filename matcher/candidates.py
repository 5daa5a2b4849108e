"""Candidates: which pairs are worth ranking.

A market with few institutions is ranked whole, so nothing is missed. In a larger one every family that can retrieve
proposes its best institutions for each project and its best projects for each institution; so does their weighted sum.
What that loses against ranking every pair is measured by ``make bench``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.cores import over, slices
from features.family import BlockFeatures, Floats, Indexes
from matcher.market import ChannelMarket, families_of

BLOCK = 256
"""Projects in a block. Fixed: matrix kernels round by shape, and equal blocks give equal bytes on every engine."""
_ROWS = 128  # of a matrix that a thread selects from at a time
FUSED = "fused"
FUSED_MORE = 2
"""The weighted sum proposes so many times as many as a retriever: it knows most, and rules strike many out again."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of a block: ``rows`` index the block, ``cols`` the supply rows; sorted by row, then col."""

    rows: Indexes
    cols: Indexes


def blocks(n_projects: int) -> list[tuple[int, int]]:
    """Start and stop of every block."""
    return [(start, min(start + BLOCK, n_projects)) for start in range(0, n_projects, BLOCK)]


def prepare(market: ChannelMarket, start: int, stop: int) -> dict[str, BlockFeatures]:
    """Every family's features of one block."""
    made = over(lambda state: state.block(start, stop), list(market.states.values()))
    return dict(zip(market.states, made, strict=True))


@dataclass(frozen=True)
class Bars:
    """What the retrievers said of a block: ``weights`` of their matrices in the weighted sum, and by retriever
    ``floors`` (B,), which a pair has to reach to be among those that it finds.
    """

    weights: dict[str, np.float32]
    floors: dict[str, Floats]


def retrieval(market: ChannelMarket, prepared: dict[str, BlockFeatures]) -> tuple[dict[str, Floats], Bars]:
    """Score matrices (B x N) of the families that retrieve, and their weighted sum."""
    asked = over(lambda block: block.matrix(), list(prepared.values()))
    matrices = {name: matrix for name, matrix in zip(prepared, asked, strict=True) if matrix is not None}
    spreads = dict(zip(matrices, over(lambda matrix: float(matrix.std()) or 1.0, list(matrices.values())), strict=True))
    weights = {}
    for family in families_of(market.channel.name):
        if family.name in matrices:
            weight = sum(market.weights[feature.name] for feature in family.features)
            unit = 1.0 if family.name == "history" else spreads[family.name]
            weights[family.name] = np.float32(weight / unit)
    if weights:
        matrices[FUSED] = _sum([(matrices[name], weight) for name, weight in weights.items()])
    keep = market.settings.candidates.per_retriever
    return matrices, Bars(weights, {name: floors(matrix, keep) for name, matrix in matrices.items()})


def found_by(
    prepared: dict[str, BlockFeatures], bars: Bars, rows: Indexes, cols: Indexes
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Which retrievers place each pair among their best for the project, as a bit mask over their names."""
    found = np.zeros(len(rows), np.int64)
    fused = np.zeros(len(rows), np.float32)
    for bit, (name, floor) in enumerate(bars.floors.items()):
        value = fused if name == FUSED else prepared[name].matrix_at(rows, cols)
        if value is None:
            raise TypeError(f"{name} retrieved, and has no matrix now")
        if name != FUSED:
            fused += value * bars.weights[name]
        found |= (value >= floor[rows]).astype(np.int64) << bit
    return found, tuple(bars.floors)


def _sum(weighed: Sequence[tuple[Floats, np.float32]]) -> Floats:
    """Weighted sum of matrices, row by row: a row stays in the processor's cache."""
    total = np.zeros(weighed[0][0].shape, np.float32)
    for row in range(len(total)):
        for matrix, weight in weighed:
            total[row] += matrix[row] * weight
    return total


def is_exhaustive(market: ChannelMarket) -> bool:
    """Whether every pair of this market is ranked."""
    return market.n_institutions <= market.settings.candidates.exhaustive_below


def every_pair(ranked: NDArray[np.bool_], n_institutions: int) -> Pairs:
    """All pairs of the ranked projects of a block."""
    rows = np.flatnonzero(ranked)
    return Pairs(np.repeat(rows, n_institutions), np.tile(np.arange(n_institutions), len(rows)))


class BestOfInstitutions:
    """The best projects of every institution over all blocks seen: a running top-k a retriever.

    What cannot reach an institution's list any more is left out at once; the rest is sorted when enough has come up.
    """

    def __init__(self, keep: int, n_institutions: int) -> None:
        self.keep, self.n = keep, n_institutions
        self.pools: dict[str, _Pool] = {}

    def add(self, start: int, matrices: dict[str, Floats], ranked: NDArray[np.bool_]) -> None:
        """Take in one block's matrices."""
        for name, matrix in matrices.items():
            self.pools.setdefault(name, _Pool(self.keep, self.n)).add(start, matrix, ranked)

    def keys(self) -> NDArray[np.int64]:
        """All kept pairs as sorted distinct ``project * N + institution``."""
        return distinct([pool.keys() for pool in self.pools.values()])


class _Pool:
    """The best ``keep`` rows of every column of a matrix that comes block by block; of equal ones the earlier."""

    def __init__(self, keep: int, n_columns: int) -> None:
        self.keep, self.n = keep, n_columns
        self.floor = np.full(n_columns, -np.inf, np.float32)
        self.parts: list[tuple[Floats, NDArray[np.int64]]] = []
        self.waiting = 0

    def add(self, start: int, matrix: Floats, ranked: NDArray[np.bool_]) -> None:
        better = matrix > self.floor
        better[~ranked] = False
        at = np.flatnonzero(better)
        if len(at):
            self.parts.append((np.take(matrix, at), at + start * self.n))
            self.waiting += len(at)
            if self.waiting > self.keep * self.n:
                self._cut()

    def keys(self) -> NDArray[np.int64]:
        self._cut()
        return self.parts[0][1] if self.parts else np.zeros(0, np.int64)

    def _cut(self) -> None:
        """Keep the best of every column, and learn what a row has to exceed to be among them."""
        if not self.parts or not self.waiting:
            return
        scores, keys = (np.concatenate(part) for part in zip(*self.parts, strict=True))
        columns = keys % self.n
        order = sorted_order((columns << 32) | (0xFFFFFFFF - sortable(scores)))
        place = np.arange(len(order)) - np.searchsorted(columns[order], np.arange(self.n))[columns[order]]
        kept = np.sort(order[place < self.keep])
        last = order[place == self.keep - 1]
        self.floor[columns[last]] = scores[last]
        self.parts, self.waiting = [(scores[kept], keys[kept])], 0


def sorted_order(keys: NDArray[np.int64]) -> Indexes:
    """Places of whole numbers in rising order, equal ones as they stand.

    numpy's stable sort takes three to five times as long as its other one, which leaves little to put right: few are
    equal.
    """
    order = np.argsort(keys)
    ordered = keys[order]
    equal = ordered[1:] == ordered[:-1]
    if np.count_nonzero(equal) > len(keys) // 8:
        return np.argsort(keys, kind="stable")
    twins = np.flatnonzero(np.concatenate([[False], equal]) | np.concatenate([equal, [False]])) if len(keys) else order
    order[twins] = order[twins][np.lexsort((order[twins], ordered[twins]))]
    return order


def sortable(values: Floats) -> NDArray[np.int64]:
    """Whole numbers in [0, 2**32) in the order of float32 values; NaN nowhere."""
    bits = (np.asarray(values, np.float32) + np.float32(0)).view(np.int32).astype(np.int64)  # -0.0 becomes 0.0
    return np.where(bits >= 0, bits, -(bits & 0x7FFFFFFF)) + 2**31


def best_of_projects(
    matrices: dict[str, Floats], bars: Bars, keep: int, ranked: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The best institutions of every ranked project of a block, as sorted distinct ``row * N + institution``.

    Institutions that are equal to the last one taken are taken too.
    """
    chosen: NDArray[np.bool_] | None = None
    for name, matrix in matrices.items():
        least = floors(matrix, keep * FUSED_MORE) if name == FUSED else bars.floors[name]
        # Where the last of the best says no more than the worst does, it proposes nobody.
        more = np.where(least > matrix.min(axis=1), least, np.nextafter(least, np.float32(np.inf)))
        mine = matrix >= more[:, None]
        chosen = mine if chosen is None else np.logical_or(chosen, mine, out=chosen)
    if chosen is None:
        return np.zeros(0, np.int64)
    chosen[~ranked] = False
    return np.flatnonzero(chosen)


def distinct(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Sorted distinct keys of several lists. ``np.unique`` hashes, which takes ten times as long here."""
    keys = np.sort(np.concatenate([np.zeros(0, np.int64), *parts]))
    return keys[np.concatenate([keys[:1] == keys[:1], keys[1:] != keys[:-1]])]


def floors(matrix: Floats, keep: int) -> Floats:
    """The ``keep``-th largest value of every row."""
    last = max(matrix.shape[1] - keep, 0)
    found = np.empty(len(matrix), np.float32)

    def select(part: slice) -> None:
        found[part] = np.partition(matrix[part], last, axis=1)[:, last]

    over(select, slices(len(matrix), _ROWS))
    return found
