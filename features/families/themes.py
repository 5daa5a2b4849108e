"""Themes: techniques, materials, kinds of product and ways of business that both texts speak of, each in its words.

A fund says 储能电芯, a project 磷酸锰铁锂正极: a table of topics (``data/reference/reading/topics``) knows that both
speak of lithium cells. Each side becomes a vector over the topics, the rarer ones weighing more; ``theme`` is their
cosine, as a z-score over a fixed sample of pairs. What an institution rules out is no theme of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy.sparse import csr_matrix

from features.claims import SharedValue, sentence_table
from features.family import BlockFeatures, Feature, Flags, Floats, Indexes, Market, State
from features.pooling import unit
from features.reading import Reading
from features.reading.cues import topic_groups
from features.scaling import Scale, fit_scale

RAREST = 1e-3
"""Share of the texts below which a topic gains no more weight by being rare."""


def theme_weights(readings: Sequence[Reading]) -> Floats:
    """How much each text speaks of each topic, n x K. A root: a word said nine times is not nine times the evidence."""
    index = _numbers()
    weights = np.zeros((len(readings), len(index)), np.float32)
    for row, reading in enumerate(readings):
        for claim in reading.claims:
            if claim.kind == "theme":
                weights[row, index[claim.value]] += claim.number or 0.0
    return np.sqrt(weights, out=weights)


class _Block(BlockFeatures):
    def __init__(self, fit: Floats, known: Flags, scale: Scale) -> None:
        self.fit, self.known, self.scale = fit, known, scale

    def matrix(self) -> Floats | None:
        return None

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        return {"theme": np.where(self.known[rows, cols], self.scale(self.fit[rows, cols]), np.float32(np.nan))}


class _State(State):
    def __init__(self, market: Market) -> None:
        projects, institutions = theme_weights(market.project_texts), theme_weights(market.institution_texts)
        share = (np.count_nonzero(projects, axis=0) + np.count_nonzero(institutions, axis=0)) / (
            len(projects) + len(institutions)
        )
        rarity = -np.log(np.maximum(share, RAREST)).astype(np.float32)
        projects, institutions = unit(projects * rarity), unit(institutions * rarity)
        self.left, self.right = (np.asarray(side.any(axis=1), bool) for side in (projects, institutions))
        self.units, self.spread = csr_matrix(projects), np.ascontiguousarray(institutions.T)
        self.shared = SharedValue(
            projects,
            institutions,
            sentence_table(market.project_texts, "theme", _numbers()),
            sentence_table(market.institution_texts, "theme", _numbers()),
        )
        self.scale = fit_scale(self._fit, len(projects), len(institutions), self._known)

    def _fit(self, start: int, stop: int) -> Floats:
        return np.asarray(self.units[start:stop] @ self.spread, np.float32)

    def _known(self, start: int, stop: int) -> Flags:
        return self.left[start:stop, None] & self.right[None, :]

    def block(self, start: int, stop: int) -> _Block:
        return _Block(self._fit(start, stop), self._known(start, stop), self.scale)

    def sentences(self, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
        """Sentences that speak of the topic the two share most."""
        return self.shared.sentences(rows, cols)


@cache
def _numbers() -> dict[str, int]:
    """Column of each topic."""
    return {topic: number for number, topic in enumerate(topic_groups())}


class ThemesFamily:
    """Techniques, materials and ways of business."""

    name = "themes"
    channels: tuple[str, ...] = ()
    features = (Feature("theme", "技术、材料与业务类型", "Techniques, materials and ways of business", 0.4),)

    def fit(self, market: Market) -> State:
        """Learn the topics of both sides, how rare each is, and the scale."""
        return _State(market)


FAMILY = ThemesFamily()
