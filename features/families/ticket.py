"""Ticket size: the amount a project seeks against what an institution puts in.

+1 inside the institution's range, falling with the number of powers of ten outside it (twice per decade), down to -2.
Amounts in different currencies are unknown, never compared.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.family import BlockFeatures, Feature, Floats, Indexes, Market, State, column
from features.reading import Reading

FLOOR = -2.0
DEFAULT_CURRENCY = "CNY"


def amounts(readings: Sequence[Reading], kind: str) -> Floats:
    """Amounts claimed under ``kind``, NaN when unknown; a column outweighs the text."""
    found = np.full(len(readings), np.nan, np.float32)
    for row, reading in enumerate(readings):
        told = [c for c in reading.claims if c.kind == kind and c.number is not None and c.number > 0]
        if told:
            found[row] = min(told, key=lambda claim: bool(claim.sentence)).number
    return found


class _Block(BlockFeatures):
    def __init__(self, state: _State, start: int, stop: int) -> None:
        self.state, self.rows = state, slice(start, stop)

    def matrix(self) -> Floats | None:
        return None

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        state = self.state
        sought = state.sought[self.rows][rows]
        below = np.nan_to_num(state.low[cols] - sought, nan=0.0)
        above = np.nan_to_num(sought - state.high[cols], nan=0.0)
        value = np.maximum(1.0 - 2.0 * np.maximum(0.0, np.maximum(below, above)), FLOOR)
        comparable = state.currency_p[self.rows][rows] == state.currency_i[cols]
        known = comparable & np.isfinite(sought) & state.has_range[cols]
        return {"ticket": np.where(known, value, np.nan).astype(np.float32)}


class _State(State):
    def __init__(self, market: Market) -> None:
        self.sought = np.log10(amounts(market.project_texts, "amount"))
        self.low = np.log10(amounts(market.institution_texts, "ticket_min"))
        self.high = np.log10(amounts(market.institution_texts, "ticket_max"))
        self.has_range = np.isfinite(self.low) | np.isfinite(self.high)
        number: dict[str, int] = {}
        self.currency_p = _currencies(column(market.view.projects, "currency"), number)
        self.currency_i = _currencies(column(market.view.institutions, "currency"), number)

    def block(self, start: int, stop: int) -> _Block:
        return _Block(self, start, stop)


def _currencies(values: Sequence[str | None], number: dict[str, int]) -> NDArray[np.int32]:
    """Numbers that are equal where the currencies are: strings compare twenty times slower."""
    told = [(value or DEFAULT_CURRENCY).upper() for value in values]
    return np.array([number.setdefault(each, len(number)) for each in told], np.int32)


class TicketFamily:
    """Ticket size."""

    name = "ticket"
    channels = ("financing",)
    features = (Feature("ticket", "融资额与单笔额度", "Amount sought and ticket size", 0.5),)

    def fit(self, market: Market) -> State:
        """Collect amounts and ranges."""
        return _State(market)


FAMILY = TicketFamily()
