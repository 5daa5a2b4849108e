"""Semantic fit: closeness of meaning where the wording differs, from sentence vectors of any encoder.

Two features, both corrected for hubs and z-scored over the market: ``semantic``, the cosine of the pooled and centred
texts, which also retrieves; and ``semantic_sentence``, how well the project's sentences answer the institution's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.family import BlockFeatures, Feature, Floats, Indexes, Market, State
from features.hubness import fit_local_scale
from features.interaction import Table, best_sentences
from features.pooling import Side, pool_side
from features.reading import Reading

NAME = 2.0
RULING = 0.3
"""A sentence that rules something out names what is not wanted, which would otherwise attract just that."""
WHOLE_PAIRS = 4_000_000
"""Up to so many pairs (16 MB) a market's best answers are worked out once, for levels, scale and ranking alike."""


class _Block(BlockFeatures):
    """Features of the projects ``start`` to ``stop``."""

    def __init__(self, state: SemanticState, start: int, stop: int) -> None:
        self.state, self.start = state, start
        near = state.projects.pooled[start:stop] @ state.institutions.pooled.T
        for row, level in zip(near, state.near.left[start:stop], strict=True):  # each while it is in the cache
            row *= 2
            row -= level
            row -= state.near.right
        self.near: Floats = near

    def matrix(self) -> Floats:
        """Cosines of the pooled texts less what each text has with all, B x N."""
        return self.near

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        """See :class:`features.family.BlockFeatures`."""
        state, projects = self.state, rows + self.start
        said = state.projects.said[projects] & state.institutions.said[cols]
        unknown = np.full(len(rows), np.nan, np.float32)
        near = np.where(said, state.near.scale(self.near[rows, cols]), unknown)
        if state.answers is None:
            return {"semantic": near, "semantic_sentence": unknown}
        values = state.whole[projects, cols] if state.whole is not None else state.table.pairs(projects, cols)
        return {"semantic": near, "semantic_sentence": state.answers(values, projects, cols)}

    def evidence(self, row: int, col: int) -> tuple[int, int]:
        """Numbers of the two sentences that carry most of a pair's closeness; -1 where a text has none."""
        left, right = self.state.sentences(np.array([row + self.start]), np.array([col]))
        return int(left[0]), int(right[0])


class SemanticState(State):
    """Both sides as vectors, and each feature's levels and scale."""

    def __init__(self, projects: Side, institutions: Side, with_sentences: bool = True) -> None:
        self.projects, self.institutions = projects, institutions
        sizes = len(projects.pooled), len(institutions.pooled)
        self.near = fit_local_scale(self._cosines, *sizes)
        self.table = Table(projects, institutions)
        self.whole: Floats | None = None
        if with_sentences and sizes[0] * sizes[1] <= WHOLE_PAIRS:
            self.whole = self.table(np.arange(sizes[0]), np.arange(sizes[1]))
        self.answers = fit_local_scale(self._answers, *sizes) if with_sentences else None

    def block(self, start: int, stop: int) -> _Block:
        """See :class:`features.family.State`."""
        return _Block(self, start, stop)

    def sentences(self, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
        """For each pair of the market the numbers of the two sentences most alike; -1 where a text has none."""
        return best_sentences(self.projects, self.institutions, rows, cols)

    def _cosines(self, rows: Indexes, cols: Indexes) -> Floats:
        values = self.projects.pooled[rows] @ self.institutions.pooled[cols].T
        values[~self.projects.said[rows]] = np.nan
        values[:, ~self.institutions.said[cols]] = np.nan
        return values

    def _answers(self, rows: Indexes, cols: Indexes) -> Floats:
        return self.table(rows, cols) if self.whole is None else self.whole[np.ix_(rows, cols)]


class _SilentBlock(BlockFeatures):
    """Without an encoder nothing is known."""

    def matrix(self) -> Floats | None:
        """Does not retrieve."""
        return None

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        """Unknown."""
        return {feature.name: np.full(len(rows), np.nan, np.float32) for feature in SemanticFamily.features}

    def evidence(self, row: int, col: int) -> tuple[int, int]:
        """None."""
        return -1, -1


class SilentState(State):
    """The state when no encoder can be had."""

    def block(self, start: int, stop: int) -> _SilentBlock:
        """See :class:`features.family.State`."""
        return _SilentBlock()

    def sentences(self, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
        """None."""
        return np.full(len(rows), -1, np.intp), np.full(len(rows), -1, np.intp)


class SemanticFamily:
    """Shared meaning."""

    name = "semantic"
    channels: tuple[str, ...] = ()
    features = (
        Feature("semantic", "含义相近", "Shared meaning", 1.0),
        Feature("semantic_sentence", "逐句相近", "Sentences answered", 0.6),
    )

    def fit(self, market: Market) -> State:
        """Encode and pool both sides."""
        if market.encode is None:
            return SilentState()
        projects, institutions = (
            pool_side([reading.sentences for reading in readings], market.encode, emphasis(readings))
            for readings in (market.project_texts, market.institution_texts)
        )
        return SemanticState(projects, institutions, market.weighs("semantic_sentence"))


def emphasis(readings: Sequence[Reading]) -> Floats:
    """Factor of each sentence of a side: the name, which stands first, counts more; what rules something out, less."""
    factors = []
    for reading in readings:
        ruling = reading.ruling
        for place, sentence in enumerate(reading.sentences):
            factors.append((NAME if place == 0 else 1.0) * (RULING if sentence in ruling else 1.0))
    return np.array(factors, np.float32)


FAMILY = SemanticFamily()
