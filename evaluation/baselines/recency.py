"""Recent popularity: the number of deals, each weighing ``exp(-age / time_constant)``."""

from __future__ import annotations

import numpy as np

from evaluation.baseline import Baseline, Constants
from evaluation.past import Past, Scores
from features.family import Indexes

YEARS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0)


def activity(past: Past, time_constant: float) -> Scores:
    """Decayed deals of each institution (N)."""
    return np.bincount(past.institution, past.decayed(time_constant), minlength=past.n).astype(np.float64)


def score(past: Past, rows: Indexes, constants: Constants) -> Scores:
    """Decayed deals of the institution; between projects, those that had more deals first."""
    return activity(past, constants["time_constant"])[None, :] + past.made[rows][:, None]


BASELINE = Baseline("recent popularity", 2, score, {"time_constant": 2.0}, {"time_constant": YEARS})
