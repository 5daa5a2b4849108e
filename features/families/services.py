"""Services a project wants, says or only implies, against what an institution offers.

Wants and offers come from the closed list of services (requirements D7-D9, D13, D16), from columns and from text. An
inferred want counts less than a stated one. A rare service counts more than one everybody offers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.reference.vocabularies import vocabulary
from features.claims import SharedValue, sentence_table
from features.family import BlockFeatures, Feature, Flags, Floats, Indexes, Market, State
from features.reading import Reading

INFERRED = 0.8
"""Weight of a want that the text only implies, against one that is stated."""


def service_weights(readings: Sequence[Reading], kind: str = "service", vocabulary_name: str = "services") -> Floats:
    """Weights over a vocabulary, n x S in [0, 1]; 0 where nothing is said."""
    index = {code: i for i, code in enumerate(vocabulary(vocabulary_name).codes)}
    weights = np.zeros((len(readings), len(index)), np.float32)
    for row, reading in enumerate(readings):
        for claim in reading.claims:
            if claim.kind == kind and claim.value in index:
                column = index[claim.value]
                if claim.polarity > 0:
                    weights[row, column] = max(weights[row, column], INFERRED if claim.inferred else 1.0)
        for claim in reading.claims:  # what is ruled out is not offered, however often it is named
            if claim.kind == kind and claim.polarity < 0 and claim.value in index:
                weights[row, index[claim.value]] = 0
    return weights


class _Block(BlockFeatures):
    def __init__(self, fit: Floats, known: Flags) -> None:
        self.fit, self.known = fit, known

    def matrix(self) -> Floats | None:
        return None

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        return {"services": np.where(self.known[rows, cols], self.fit[rows, cols], np.float32(np.nan))}


class _State(State):
    def __init__(self, market: Market) -> None:
        wanted = service_weights(market.project_texts)
        offered = service_weights(market.institution_texts)
        self.shared = shared_service(market, wanted, offered)
        share = (offered > 0).mean(axis=0) if len(offered) else np.zeros(offered.shape[1])
        rarity = 1.0 / np.sqrt(0.05 + share)
        self.wanted = _unit(wanted * rarity.astype(np.float32))
        self.offered = _unit(offered * rarity.astype(np.float32))
        fit = self.wanted[: min(len(wanted), 512)] @ self.offered.T
        known = fit[np.ix_(self.wanted[: len(fit)].any(axis=1), self.offered.any(axis=1))]
        self.mean = float(known.mean()) if known.size else 0.0
        self.spread = max(float(known.std()), 0.05) if known.size else 1.0

    def block(self, start: int, stop: int) -> _Block:
        wanted = self.wanted[start:stop]
        fit = (wanted @ self.offered.T - np.float32(self.mean)) / np.float32(self.spread)
        known = said(wanted)[:, None] & said(self.offered)[None, :]
        return _Block(fit.astype(np.float32), known)

    def sentences(self, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
        """Sentences that name the service the two share most."""
        return self.shared.sentences(rows, cols)


def shared_service(
    market: Market, wanted: Floats, offered: Floats, kind: str = "service", vocabulary_name: str = "services"
) -> SharedValue:
    """The value of a vocabulary that two sides share most, with its sentences."""
    index = {code: i for i, code in enumerate(vocabulary(vocabulary_name).codes)}
    return SharedValue(
        wanted,
        offered,
        sentence_table(market.project_texts, kind, index),
        sentence_table(market.institution_texts, kind, index),
    )


def said(weights: Floats) -> Flags:
    """Rows in which anything is said (n,)."""
    return np.asarray(weights.any(axis=1))


def _unit(rows: Floats) -> Floats:
    norm = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, norm, out=np.zeros_like(rows), where=norm > 0)


class ServicesFamily:
    """Services wanted and offered."""

    name = "services"
    channels = ("services", "placement")
    features = (Feature("services", "所需服务与所供服务", "Services wanted and offered", 0.4),)

    def fit(self, market: Market) -> State:
        """Learn wants, offers and how rare each service is."""
        return _State(market)


FAMILY = ServicesFamily()
