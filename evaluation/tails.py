"""Bounds of many columns at once, of rows that come a part at a time: what lies between them is not kept."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def ranks_within(draws: Floats) -> NDArray[Any]:
    """Ranks (1 the best) within each draw."""
    numbers = np.arange(1, draws.shape[1] + 1, dtype=np.min_scalar_type(draws.shape[1] + 1))
    ranks = np.empty(draws.shape, numbers.dtype)
    np.put_along_axis(ranks, np.argsort(-draws, axis=1), numbers[None, :], axis=1)
    return ranks


class Tails:
    """Bounds of each column of ``count`` rows that come a part at a time; only as many values as lie outside are kept.

    The bounds stand at the places of :func:`numpy.quantile` among the values in order.
    """

    def __init__(self, count: int, level: float) -> None:
        tail = (1 - level) / 2
        self.low, self.high = (count - 1) * tail, (count - 1) * (1 - tail)
        self.kept = min(math.floor(self.low) + 2, count)
        self.before = count - self.kept
        """How many values stand before the greatest ones."""
        self.least: NDArray[Any] | None = None
        self.most: NDArray[Any] | None = None

    def add(self, rows: NDArray[Any]) -> None:
        """Take in rows."""
        values = np.array(rows.T, order="C")  # of its own: it is put in order
        least = values if self.least is None else np.concatenate([self.least, values], axis=1)
        most = values.copy() if self.most is None else np.concatenate([self.most, values], axis=1)
        kept = min(self.kept, least.shape[1])
        least.partition(kept - 1, axis=1)
        most.partition(most.shape[1] - kept, axis=1)
        self.least, self.most = least[:, :kept].copy(), most[:, -kept:].copy()

    def _at(self, place: int) -> NDArray[Any]:
        """The value at this place, which is one of those that are kept."""
        assert self.least is not None and self.most is not None
        if place < self.kept:
            return np.asarray(np.partition(self.least, place, axis=1)[:, place])
        return np.asarray(np.partition(self.most, place - self.before, axis=1)[:, place - self.before])

    def between(self) -> tuple[Floats, Floats]:
        """Both bounds, between two values where they fall between them."""
        found = []
        for place in (self.low, self.high):
            first = math.floor(place)
            lower, upper, part = self._at(first), self._at(math.ceil(place)), place - first
            step = upper - lower
            found.append(lower + step * part if part < 0.5 else upper - step * (1 - part))
        return found[0], found[1]

    def around(self) -> tuple[Ints, Ints]:
        """The value at or before the lower bound, and the one at or after the upper."""
        low, high = self._at(math.floor(self.low)), self._at(math.ceil(self.high))
        return low.astype(np.int64), high.astype(np.int64)
