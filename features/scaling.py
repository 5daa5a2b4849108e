"""Scale of a similarity: z-score against the pairs of the market at hand.

Raw similarities have no common unit. The mean and standard deviation come from whole project rows drawn evenly over
the market, so the same market gives the same scale whatever the block size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from features.family import Flags, Floats

SAMPLE_ROWS = 256
SMALLEST_SPREAD = 1e-4
"""Below this the similarity tells nothing: everything scales to 0."""


@dataclass(frozen=True, slots=True)
class Scale:
    """``(x - mean) / spread``; a spread of 0 maps everything to 0."""

    mean: float
    spread: float

    def __call__(self, values: Floats) -> Floats:
        if self.spread < SMALLEST_SPREAD:
            return np.zeros_like(values)
        return ((values - np.float32(self.mean)) / np.float32(self.spread)).astype(np.float32)


def fit_scale(
    values: Callable[[int, int], Floats],
    n_projects: int,
    n_institutions: int,
    known: Callable[[int, int], Flags] | None = None,
) -> Scale:
    """Scale from up to :data:`SAMPLE_ROWS` project rows; ``values(start, stop)`` gives rows of the B x N matrix."""
    if n_projects == 0 or n_institutions == 0:
        return Scale(0.0, 0.0)
    picked = np.unique(np.linspace(0, n_projects - 1, min(n_projects, SAMPLE_ROWS)).astype(int))
    sample = []
    for row in picked:
        drawn = values(int(row), int(row) + 1)
        sample.append(drawn[known(int(row), int(row) + 1)] if known else drawn.ravel())
    flat = np.concatenate(sample).astype(np.float64)
    return Scale(float(flat.mean()), float(flat.std())) if flat.size else Scale(0.0, 0.0)
