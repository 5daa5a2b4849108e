"""Semantic fit: closeness of meaning where the wording differs, from sentence vectors of any encoder.

Two features, both z-scores over the market: ``semantic``, the cosine of the pooled and centred texts, which also
retrieves; and ``semantic_sentence``, how well the institution's sentences are answered by the project's.
"""

from __future__ import annotations

import numpy as np

from features.family import BlockFeatures, Feature, Floats, Indexes, Market, State
from features.interaction import answered, best_sentences
from features.pooling import Side, pool_side
from features.scaling import Scale

SAMPLE_SIDE = 64
"""The sentence feature is scaled on so many projects times so many institutions, drawn evenly."""


class _Block(BlockFeatures):
    """Features of the projects ``start`` to ``stop``."""

    def __init__(self, state: SemanticState, start: int, stop: int) -> None:
        self.state, self.start = state, start
        self.near = state.projects.pooled[start:stop] @ state.institutions.pooled.T

    def matrix(self) -> Floats:
        """Cosines of the pooled texts, B x N."""
        return self.near

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        """See :class:`features.family.BlockFeatures`."""
        state, projects = self.state, rows + self.start
        said = state.projects.said[projects] & state.institutions.said[cols]
        near = np.where(said, state.scales["semantic"](self.near[rows, cols]), np.float32(np.nan))
        if not state.with_sentences:
            return {"semantic": near, "semantic_sentence": np.full(len(rows), np.nan, np.float32)}
        answer = answered(state.projects, state.institutions, projects, cols)
        return {"semantic": near, "semantic_sentence": state.scales["semantic_sentence"](answer)}

    def evidence(self, row: int, col: int) -> tuple[int, int]:
        """Numbers of the two sentences that carry most of a pair's closeness; -1 where a text has none."""
        left, right = self.state.sentences(np.array([row + self.start]), np.array([col]))
        return int(left[0]), int(right[0])


class SemanticState(State):
    """Both sides as vectors, and the scale of each feature."""

    def __init__(self, projects: Side, institutions: Side, with_sentences: bool) -> None:
        self.projects, self.institutions = projects, institutions
        self.with_sentences = with_sentences
        self.scales = {
            "semantic": cosine_scale(projects.pooled[projects.said], institutions.pooled[institutions.said]),
            "semantic_sentence": self._sentence_scale() if with_sentences else Scale(0.0, 0.0),
        }

    def block(self, start: int, stop: int) -> _Block:
        """See :class:`features.family.State`."""
        return _Block(self, start, stop)

    def sentences(self, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
        """Sentence numbers of both sides for each pair of the market that carry most of its closeness, -1 without any."""
        return best_sentences(self.projects, self.institutions, rows, cols)

    def _sentence_scale(self) -> Scale:
        rows, cols = _spread(self.projects.said), _spread(self.institutions.said)
        values = answered(self.projects, self.institutions, np.repeat(rows, len(cols)), np.tile(cols, len(rows)))
        return Scale(float(values.mean()), float(values.std())) if len(values) else Scale(0.0, 0.0)


def _spread(said: np.ndarray) -> Indexes:
    texts = np.flatnonzero(said)
    return texts[np.unique(np.linspace(0, max(len(texts) - 1, 0), min(len(texts), SAMPLE_SIDE)).astype(np.intp))]


def cosine_scale(left: Floats, right: Floats) -> Scale:
    """Mean and standard deviation of all inner products of two sets of rows, exactly and without forming them.

    The mean is the product of the means, the second moment the product of the second-moment matrices.
    """
    if not len(left) or not len(right):
        return Scale(0.0, 0.0)
    mean = float(left.mean(axis=0, dtype=np.float64) @ right.mean(axis=0, dtype=np.float64))
    moments = [(rows.T @ rows).astype(np.float64) / len(rows) for rows in (left, right)]
    return Scale(mean, float(np.sqrt(max(np.sum(moments[0] * moments[1]) - mean**2, 0.0))))


class _SilentBlock(BlockFeatures):
    """Without an encoder nothing is known."""

    def matrix(self) -> None:
        """Does not retrieve."""

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
        Feature("semantic_sentence", "逐句相近", "Sentences answered", 0.5),
    )

    def fit(self, market: Market) -> State:
        """Encode and pool both sides."""
        if market.encode is None:
            return SilentState()
        projects = pool_side([reading.sentences for reading in market.project_texts], market.encode)
        institutions = pool_side([reading.sentences for reading in market.institution_texts], market.encode)
        return SemanticState(projects, institutions, market.weighs("semantic_sentence"))


FAMILY = SemanticFamily()
