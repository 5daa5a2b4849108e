"""iALS: implicit alternating least squares (Hu, Koren and Volinsky, ICDM 2008; Rendle et al., arXiv 2110.14037).

Collaborative, so it answers projects with a history; without one it is naive Bayes + round
(:mod:`evaluation.collaborative`).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from evaluation.baseline import Baseline, Constants
from evaluation.collaborative import with_fallback
from evaluation.past import Past, Scores
from features.family import Indexes

SWEEPS = 8
_ROWS = 1024  # rows solved at a time: 1024 x 64 x 64 float64 are 32 MiB


def score(past: Past, rows: Indexes, constants: Constants) -> Scores:
    """Inner products of ``factors`` numbers a side; a pair never seen weighs ``unobserved`` against a deal's 1."""
    pairs, factors = past.pairs, int(constants["factors"])
    theirs = np.random.default_rng(0).normal(0.0, 0.1 / np.sqrt(factors), (past.n, factors))
    theirs[np.asarray(pairs.sum(axis=0)) == 0] = 0.0
    for _ in range(SWEEPS):
        mine = solve(pairs, theirs, constants["unobserved"], constants["ridge"])
        theirs = solve(pairs.T.tocsr(), mine, constants["unobserved"], constants["ridge"])
    return with_fallback(past, rows, solve(pairs[rows], theirs, constants["unobserved"], constants["ridge"]) @ theirs.T)


def solve(pairs: sparse.csr_array, other: Scores, unobserved: float, ridge: float) -> Scores:
    """The factors of one side given the other's (M x d): one small system a row of ``pairs`` (R x M), all at once.

    The ridge grows with what a row is fitted to, deals plus weighted rest, as Rendle et al. advise.
    """
    d = other.shape[1]
    squares = (other[:, :, None] * other[:, None, :]).reshape(len(other), d * d)
    found = np.empty((pairs.shape[0], d))
    for start in range(0, pairs.shape[0], _ROWS):
        part = pairs[start : start + _ROWS]
        left = (part @ squares).reshape(-1, d, d) + unobserved * (other.T @ other)
        weight = ridge * (np.asarray(part.sum(axis=1)) + unobserved * len(other))
        left += weight[:, None, None] * np.eye(d)
        found[start : start + _ROWS] = np.linalg.solve(left, (part @ other)[:, :, None])[:, :, 0]
    return found


BASELINE = Baseline(
    "iALS",
    11,
    score,
    {"factors": 32, "unobserved": 0.01, "ridge": 0.05},
    {"factors": (32, 64), "unobserved": (0.01, 0.1), "ridge": (0.003, 0.02, 0.1)},
    collaborative=True,
)
