"""Sector fit on the tree and along the industrial chain (围绕产业链，部署创新链，配置资金链).

Each side becomes a weight vector over the nodes of the sector tree, from its labels and from its text. ``sector`` is
the soft cosine of the two vectors under the tree's affinity (Sidorov et al. 2014, soft cosine measure), so that
siblings, parents and neighbours on the chain count in part. It is a z-score over a fixed sample of pairs.

A name is a promise (“Healthcare Ventures”): where an institution says nothing else of its sectors, its own deals
outweigh it as they come in.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.reference.sectors import sectors
from features.claims import SharedValue, sentence_table
from features.deals import owners, read_deals
from features.family import BlockFeatures, Feature, Flags, Floats, Indexes, Market, State
from features.reading import Reading
from features.scaling import Scale, fit_scale

LABEL_WEIGHT = 1.0
"""A label somebody filled in. Labels are wrong now and then, so text outweighs a single one."""
TEXT_WEIGHT = 1.0
SMALLEST_NORM = 1e-3
NAME_WORTH = 4.0  # deals that a name is worth: as many as the prior of the lift of a sector in the history family


def node_weights(readings: Sequence[Reading]) -> Floats:
    """Weights over the sector nodes, n x K; each row sums to 1, or to 0 when nothing is known."""
    index = sectors().index
    weights = np.zeros((len(readings), len(index)), np.float32)
    for row, reading in enumerate(readings):
        for claim in reading.claims:
            if claim.kind == "sector" and claim.polarity > 0 and claim.value in index:
                scale = TEXT_WEIGHT * (claim.number or 1.0) if claim.sentence else LABEL_WEIGHT
                weights[row, index[claim.value]] += scale
    np.sqrt(weights, out=weights)  # a word said nine times is not nine times the evidence
    total = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)


class _Block(BlockFeatures):
    def __init__(self, fit: Floats, known: Flags, scale: Scale, trust: Floats) -> None:
        self.fit, self.known, self.scale, self.trust = fit, known, scale, trust

    def matrix(self) -> Floats:
        return self.fit

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        value = self.scale(self.fit[rows, cols]) * self.trust[cols]
        return {"sector": np.where(self.known[rows, cols], value, np.float32(np.nan))}


class _State(State):
    def __init__(self, market: Market) -> None:
        affinity = sectors().affinity()
        self.projects = node_weights(market.project_texts)
        institutions = node_weights(market.institution_texts)
        left, right = _norm(self.projects, affinity), _norm(institutions, affinity)
        self.left, self.right = left > 0, right > 0
        self.units = self.projects / np.maximum(left, SMALLEST_NORM)[:, None]
        self.spread = affinity @ (institutions / np.maximum(right, SMALLEST_NORM)[:, None]).T
        self.shared = SharedValue(
            self.projects,
            institutions,
            sentence_table(market.project_texts, "sector", sectors().index),
            sentence_table(market.institution_texts, "sector", sectors().index),
            affinity,
        )
        self.trust = _trust(market)
        self.scale = fit_scale(self._fit, len(self.projects), institutions.shape[0], self._known)

    def _fit(self, start: int, stop: int) -> Floats:
        return np.asarray(self.units[start:stop] @ self.spread, np.float32)

    def _known(self, start: int, stop: int) -> Flags:
        return self.left[start:stop, None] & self.right[None, :]

    def block(self, start: int, stop: int) -> _Block:
        return _Block(self._fit(start, stop), self._known(start, stop), self.scale, self.trust)

    def sentences(self, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
        """Sentences that name the sectors the two share most."""
        return self.shared.sentences(rows, cols)


def _trust(market: Market) -> Floats:
    """What each institution's word on its sectors is worth, N values in (0, 1]: 1, unless only its name says it."""
    silent = np.array([not _speaks(reading) for reading in market.institution_texts], bool)
    if not silent.any():
        return np.ones(len(silent), np.float32)
    institutions, owner = owners(market)
    deals = read_deals(market, institutions)
    made = np.bincount(deals.institution, deals.weight, minlength=len(institutions))[owner]
    return np.where(silent, NAME_WORTH / (NAME_WORTH + made), 1.0).astype(np.float32)


def _speaks(reading: Reading) -> bool:
    """Whether an institution has a text beyond its name, or a sector filled in."""
    return len(reading.sentences) > 1 or any(c.kind == "sector" and not c.sentence for c in reading.claims)


def _norm(weights: Floats, affinity: Floats) -> Floats:
    return np.sqrt(np.maximum(np.einsum("nk,nk->n", weights @ affinity, weights), 0)).astype(np.float32)


class SectorFamily:
    """Sector and chain distance."""

    name = "sector"
    channels: tuple[str, ...] = ()
    features = (Feature("sector", "所属领域与产业链位置", "Sector and position in the chain", 0.7),)

    def fit(self, market: Market) -> State:
        """Learn the node weights of both sides and the scale."""
        return _State(market)


FAMILY = SectorFamily()
