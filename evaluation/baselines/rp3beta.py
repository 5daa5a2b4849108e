"""RP3beta: three steps of a random walk from a project, popular ends discounted (Paudel et al., ACM TiiS 2017).

Collaborative, so it answers projects with a history; without one it is naive Bayes + round
(:mod:`evaluation.collaborative`).
"""

from __future__ import annotations

import numpy as np

from evaluation.baseline import Baseline, Constants
from evaluation.collaborative import with_fallback
from evaluation.past import Past, Scores
from features.family import Indexes


def score(past: Past, rows: Indexes, constants: Constants) -> Scores:
    """Walk probabilities to the power ``alpha`` a step, divided by the end's degree to the power ``beta``."""
    pairs, alpha = past.pairs, constants["alpha"]
    of_projects = np.maximum(pairs.sum(axis=1), 1.0) ** -alpha
    degree = np.maximum(pairs.sum(axis=0), 1.0)
    forth = pairs.multiply(of_projects[:, None]).tocsr()
    back = pairs.multiply(degree[None, :] ** -alpha).tocsr().T
    walk = forth[rows] @ (back @ forth).toarray()
    return with_fallback(past, rows, walk * degree[None, :] ** -constants["beta"])


BASELINE = Baseline(
    "RP3beta",
    9,
    score,
    {"alpha": 1.0, "beta": 0.6},
    {"alpha": (0.25, 0.5, 0.75, 1.0), "beta": (0.0, 0.1, 0.3)},
    collaborative=True,
)
