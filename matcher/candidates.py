"""Candidates: which pairs are worth ranking.

A market with few institutions is ranked whole, so nothing is missed. In a larger one every family that can retrieve
proposes its best institutions for each project and its best projects for each institution; so does their weighted sum.
What that loses against ranking every pair is measured by ``make bench``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.family import BlockFeatures, Floats, Indexes
from matcher.market import ChannelMarket, families_of

BLOCK = 256
"""Projects in a block. Fixed: matrix kernels round by shape, and equal blocks give equal bytes on every engine."""
FUSED = "fused"


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
    return {name: state.block(start, stop) for name, state in market.states.items()}


def retrieval(market: ChannelMarket, prepared: dict[str, BlockFeatures]) -> dict[str, Floats]:
    """Score matrices (B x N) of the families that retrieve, and their weighted sum."""
    matrices = {name: matrix for name, block in prepared.items() if (matrix := block.matrix()) is not None}
    fused: Floats | None = None
    for family in families_of(market.channel.name):
        if family.name in matrices:
            weight = sum(market.weights[feature.name] for feature in family.features)
            matrix = matrices[family.name]
            spread = float(matrix.std()) or 1.0
            part = matrix * np.float32(weight if family.name == "history" else weight / spread)
            fused = part if fused is None else fused + part
    if fused is not None:
        matrices[FUSED] = fused
    return matrices


def is_exhaustive(market: ChannelMarket) -> bool:
    """Whether every pair of this market is ranked."""
    return market.n_institutions <= market.settings.candidates.exhaustive_below


def every_pair(ranked: NDArray[np.bool_], n_institutions: int) -> Pairs:
    """All pairs of the ranked projects of a block."""
    rows = np.flatnonzero(ranked)
    return Pairs(np.repeat(rows, n_institutions), np.tile(np.arange(n_institutions), len(rows)))


class BestOfInstitutions:
    """The best projects of every institution over all blocks seen: a running top-k a retriever."""

    def __init__(self, keep: int, n_institutions: int) -> None:
        self.keep, self.n = keep, n_institutions
        self.best: dict[str, tuple[Floats, Indexes]] = {}

    def add(self, start: int, matrices: dict[str, Floats], ranked: NDArray[np.bool_]) -> None:
        """Take in one block's matrices."""
        for name, matrix in matrices.items():
            scores = np.where(ranked[:, None], matrix, -np.inf).astype(np.float32)
            index = np.broadcast_to(np.arange(start, start + len(matrix))[:, None], matrix.shape)
            if name in self.best:
                scores = np.concatenate([self.best[name][0], scores])
                index = np.concatenate([self.best[name][1], index])
            if len(scores) > self.keep:
                top = np.argpartition(-scores, self.keep - 1, axis=0)[: self.keep]
                scores, index = np.take_along_axis(scores, top, 0), np.take_along_axis(index, top, 0)
            self.best[name] = (scores, index)

    def keys(self) -> NDArray[np.int64]:
        """All kept pairs as sorted distinct ``project * N + institution``."""
        cols = np.arange(self.n)[None, :]
        parts = [(index.astype(np.int64) * self.n + cols)[np.isfinite(scores)] for scores, index in self.best.values()]
        return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)


def best_of_projects(matrices: dict[str, Floats], keep: int, ranked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The best institutions of every ranked project of a block, as sorted distinct ``row * N + institution``."""
    parts = []
    for matrix in matrices.values():
        n = matrix.shape[1]
        top = np.argpartition(-matrix, min(keep, n) - 1, axis=1)[:, : min(keep, n)]
        keys = np.arange(len(matrix), dtype=np.int64)[:, None] * n + top
        parts.append(keys[ranked].ravel())
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)
