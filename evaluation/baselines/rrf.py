"""Equal-weight reciprocal-rank fusion of sector match, region match, recent popularity and naive Bayes + round.

Cormack, Clarke and Buettcher, SIGIR 2009: the sum of ``1 / (k + rank)`` over the lists.
"""

from __future__ import annotations

import numpy as np

from evaluation.baseline import Baseline, Constants
from evaluation.baselines import naive_bayes_round, recency, region, sector
from evaluation.past import Past, Scores, ranks
from features.family import Indexes

PARTS = (sector.BASELINE, region.BASELINE, recency.BASELINE, naive_bayes_round.BASELINE)


def score(past: Past, rows: Indexes, constants: Constants) -> Scores:
    """Fuse the parts, each with the constants it was tuned to."""
    total = np.zeros((len(rows), past.n))
    for part in PARTS:
        total += 1.0 / (constants["k"] + ranks(part(past, rows)))
    return total


BASELINE = Baseline("equal-weight RRF", 7, score, {"k": 60.0}, {"k": (0, 1, 2, 5, 10, 20, 30, 40, 60, 100, 200, 500)})
