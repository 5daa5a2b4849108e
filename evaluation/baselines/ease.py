"""EASE: the linear autoencoder with zero diagonal, in closed form (Steck, WWW 2019, arXiv 1905.03375).

Collaborative, so it answers projects with a history; without one it is naive Bayes + round
(:mod:`evaluation.collaborative`).
"""

from __future__ import annotations

import numpy as np
from scipy import linalg

from evaluation.baseline import Baseline, Constants
from evaluation.collaborative import with_fallback
from evaluation.past import Past, Scores
from features.family import Indexes


def score(past: Past, rows: Indexes, constants: Constants) -> Scores:
    """The project's institutions times the item-to-item weights; institutions without any deal weigh nothing."""
    pairs = past.pairs
    seen = np.flatnonzero(pairs.sum(axis=0))
    inner = pairs[:, seen]
    gram = (inner.T @ inner).toarray() + constants["ridge"] * np.eye(len(seen))
    precision = linalg.inv(gram, overwrite_a=True, check_finite=False)
    weights = -precision / precision.diagonal()[None, :]
    np.fill_diagonal(weights, 0.0)
    found = np.zeros((len(rows), past.n))
    found[:, seen] = inner[rows] @ weights
    return with_fallback(past, rows, found)


BASELINE = Baseline(
    "EASE",
    10,
    score,
    {"ridge": 50.0},
    {"ridge": (5, 10, 20, 35, 50, 75, 100, 200, 350, 500, 1000, 2000)},
    collaborative=True,
)
