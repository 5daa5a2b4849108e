"""Item-kNN: institutions like those a project already has, by the projects they share (Sarwar et al., WWW 2001).

Collaborative, so it answers projects with a history; without one it is naive Bayes + round
(:mod:`evaluation.collaborative`).
"""

from __future__ import annotations

import numpy as np

from evaluation.baseline import Baseline, Constants
from evaluation.collaborative import keep_largest, with_fallback
from evaluation.past import Past, Scores
from features.family import Indexes


def score(past: Past, rows: Indexes, constants: Constants) -> Scores:
    """Sum of the shrunk cosines of an institution to the project's, over its ``neighbours`` nearest institutions."""
    pairs = past.pairs
    shared = (pairs.T @ pairs).toarray()
    norm = np.sqrt(shared.diagonal())
    alike = shared / np.maximum(norm[:, None] * norm[None, :] + constants["shrink"], 1e-12)
    np.fill_diagonal(alike, 0.0)
    return with_fallback(past, rows, pairs[rows] @ keep_largest(alike, int(constants["neighbours"])))


BASELINE = Baseline(
    "item-kNN",
    8,
    score,
    {"neighbours": 100, "shrink": 0},
    {"neighbours": (50, 200, 1000), "shrink": (5, 20, 50, 100)},
    collaborative=True,
)
