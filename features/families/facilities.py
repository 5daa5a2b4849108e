"""Facilities a project needs against those a park has.

``facilities`` is the share of needed facilities that the institution names, from -1 (none) to +1 (all). An institution
that names no facility is unknown, not lacking.
"""

from __future__ import annotations

import numpy as np

from features.families.services import said, service_weights, shared_service
from features.family import BlockFeatures, Feature, Flags, Floats, Indexes, Market, State


class _Block(BlockFeatures):
    def __init__(self, share: Floats, known: Flags) -> None:
        self.share, self.known = share, known

    def matrix(self) -> Floats | None:
        return None

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        value = np.float32(2) * self.share[rows, cols] - np.float32(1)
        return {"facilities": np.where(self.known[rows, cols], value, np.float32(np.nan))}


class _State(State):
    def __init__(self, market: Market) -> None:
        self.needed = service_weights(market.project_texts, "facility", "facilities")
        self.present = (service_weights(market.institution_texts, "facility", "facilities") > 0).astype(np.float32)

        self.shared = shared_service(market, self.needed, self.present, "facility", "facilities")

    def sentences(self, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
        """Sentences that name the facility the two share most."""
        return self.shared.sentences(rows, cols)

    def block(self, start: int, stop: int) -> _Block:
        needed = self.needed[start:stop]
        total = needed.sum(axis=1, keepdims=True)
        share = (needed @ self.present.T) / np.maximum(total, 1e-6)
        return _Block(share, (total > 0) & said(self.present)[None, :])


class FacilitiesFamily:
    """Facilities needed and present."""

    name = "facilities"
    channels = ("placement", "services")
    features = (Feature("facilities", "所需设施与现有设施", "Facilities needed and present", 0.6),)

    def fit(self, market: Market) -> State:
        """Collect needs and facilities."""
        return _State(market)


FAMILY = FacilitiesFamily()
