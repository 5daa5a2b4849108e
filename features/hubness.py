"""Take out of a similarity what a text has with everything: cross-domain similarity local scaling.

Some texts are near to all others ("hubs") and crowd every list. Each text's level, its mean similarity to the nearest
few of the other side, is subtracted (CSLS, Conneau et al. 2018). Levels are taken on an even sample of the other side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from features.family import Floats, Indexes
from features.pooling import trust
from features.scaling import Scale

SAMPLE = 512
"""Texts of the other side on which a level is taken."""
FEWEST, MOST = 3, 10
"""Nearest texts that make a level: half the square root of the sample, within these bounds."""

_ROWS = 256

Table = Callable[[Indexes, Indexes], Floats]
"""Similarities of rows x columns, NaN where unknown."""


@dataclass(frozen=True)
class LocalScale:
    """``2 s - left - right`` as a z-score; ``left`` (n,) and ``right`` (m,) are the levels, 0 where unknown."""

    left: Floats
    right: Floats
    scale: Scale

    def __call__(self, values: Floats, rows: Indexes, cols: Indexes) -> Floats:
        """Corrected and scaled similarities of pairs; NaN stays NaN."""
        return self.scale(np.asarray(2 * values - self.left[rows] - self.right[cols], np.float32))


def fit_local_scale(table: Table, n_left: int, n_right: int) -> LocalScale:
    """Levels of both sides, and the scale over the sampled pairs."""
    rows, cols = spread(n_left), spread(n_right)
    left = _levels(table, n_left, cols)
    right = _levels(lambda some, others: table(others, some).T, n_right, rows)
    corrected = 2 * table(rows, cols) - left[rows][:, None] - right[cols]
    known = corrected[np.isfinite(corrected)].astype(np.float64)
    scale = Scale(float(known.mean()), float(known.std())) if known.size else Scale(0.0, 0.0)
    return LocalScale(left, right, scale)


def spread(count: int) -> Indexes:
    """At most :data:`SAMPLE` places out of ``count``, drawn evenly."""
    return np.unique(np.linspace(0, max(count - 1, 0), min(count, SAMPLE)).astype(np.intp))


def _levels(table: Table, count: int, others: Indexes) -> Floats:
    levels = np.zeros(count, np.float32)
    if not len(others):
        return levels
    near = min(int(np.clip(round(len(others) ** 0.5 / 2), FEWEST, MOST)), len(others))
    for start in range(0, count, _ROWS):
        part = np.arange(start, min(start + _ROWS, count))
        values = table(part, others)
        values = np.where(np.isfinite(values), values, -np.inf)
        nearest = np.partition(values, len(others) - near, axis=1)[:, len(others) - near :]
        finite = np.isfinite(nearest)
        total = np.where(finite, nearest, 0).sum(axis=1)
        levels[part] = np.divide(total, finite.sum(axis=1), out=np.zeros_like(total), where=finite.any(axis=1))
    return levels * trust(len(others))
