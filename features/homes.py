"""Dealing near home: how much more often institutions deal in their own city, province and country than by chance."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.deals import Deals
from features.family import Floats, Indexes
from features.lifts import Path

Weights = NDArray[np.float64]
HOME_STRENGTH = 5.0  # deals that the prior (a lift of 1) is worth


class Home:
    """How much more often than by chance institutions deal in their own city, province, country and elsewhere."""

    DEPTH = 3  # country, province, city

    def __init__(self, places: Sequence[Path], homes: Sequence[Path], deals: Deals, weight: Weights) -> None:
        index: dict[Path, int] = {}
        self.places = self._codes([*places, ()], index)  # the last row, -1: no such project
        self.homes = self._codes(homes, index)
        self.log = self._fit(deals, weight, len(index)) if len(deals.project) else np.zeros(self.DEPTH + 1)

    def _codes(self, paths: Sequence[Path], index: dict[Path, int]) -> Indexes:
        """Number of each prefix of each path, n x 3; -1 where the path is shorter."""
        codes = np.full((len(paths), self.DEPTH), -1, np.intp)
        for row, path in enumerate(paths):
            for depth in range(min(len(path), self.DEPTH)):
                codes[row, depth] = index.setdefault(path[: depth + 1], len(index))
        return codes

    def _fit(self, deals: Deals, weight: Weights, n_codes: int) -> Weights:
        """Log-lift for 0 to 3 levels in common, from deals of which both provinces are known."""
        at, home = self.places[deals.project], self.homes[deals.institution]
        use = (at[:, 1] >= 0) & (home[:, 1] >= 0)
        at, home, weight = at[use], home[use], weight[use]
        observed = np.bincount(((at == home) & (at >= 0)).sum(axis=1), weight, minlength=self.DEPTH + 1)
        chance = [np.full(len(weight), 1.0)]
        for level in range(self.DEPTH):
            share = np.bincount(at[:, level] + 1, weight, minlength=n_codes + 1) / max(weight.sum(), 1e-12)
            chance.append(np.where(home[:, level] >= 0, share[home[:, level] + 1], 0.0))
        at_least = np.array([share @ weight for share in chance])
        expected = at_least - np.append(at_least[1:], 0.0)
        return np.log((observed + HOME_STRENGTH) / (expected + HOME_STRENGTH))

    def depth(self, rows: Indexes, others: Indexes) -> Indexes:
        """Levels that the places of two projects have in common (0 to 3); 0 where one is unknown (row -1)."""
        common = (self.places[rows] == self.places[others]) & (self.places[rows] >= 0)
        depth: Indexes = common.sum(axis=1)
        return depth

    def block(self, start: int, stop: int) -> Floats:
        """Log-lift of project rows against every institution; NaN where it cannot be told how near they are."""
        places, place = np.unique(self.places[start:stop], axis=0, return_inverse=True)
        homes, home = self._distinct
        at = places[:, None, :]
        common = ((at == homes[None]) & (at >= 0)).sum(axis=2)
        told = np.minimum((at >= 0).sum(axis=2), (homes >= 0).sum(axis=1)[None])
        value = self.log.astype(np.float32)[common]
        value[(told == common) & (common < 2)] = np.nan
        return value[place][:, home]

    @cached_property
    def _distinct(self) -> tuple[Indexes, Indexes]:
        """The distinct homes, and which of them each institution has: many share a city."""
        homes, home = np.unique(self.homes, axis=0, return_inverse=True)
        return homes, home
