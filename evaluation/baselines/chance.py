"""Chance: an order drawn anew for every project, the floor of every measure."""

from __future__ import annotations

from zlib import crc32

import numpy as np

from evaluation.baseline import Baseline, Constants
from evaluation.past import Past, Scores
from features.family import Indexes, column


def score(past: Past, rows: Indexes, constants: Constants) -> Scores:
    """Uniform numbers, seeded by the project's id: other projects of the market change nothing."""
    ids = column(past.market.view.projects, "project_id")
    seed = int(constants["seed"])
    return np.stack([np.random.default_rng([seed, crc32(ids[row].encode())]).random(past.n) for row in rows])


BASELINE = Baseline("random", 0, score, default={"seed": 0})
