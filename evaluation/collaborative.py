"""What the collaborative baselines share: a project without a history has nothing that they could start from."""

from __future__ import annotations

import numpy as np

from evaluation.past import Past, Scores, ranks
from features.family import Indexes


def with_fallback(past: Past, rows: Indexes, scores: Scores) -> Scores:
    """Order of ``scores`` (R x N), ties in the order of naive Bayes + round; cold rows are in that order throughout.

    Given as negative ranks, so that rows of both kinds are on one scale when an institution orders projects. Breaking
    ties this way makes the baselines stronger: a walk that reaches twenty institutions leaves a thousand at zero.
    """
    from evaluation.baselines.naive_bayes_round import BASELINE

    order = np.argsort(-BASELINE(past, rows), axis=1, kind="stable")
    warm = (past.made[rows] > 0)[:, None]
    found = ranks(np.take_along_axis(np.where(warm, scores, 0.0), order, axis=1))
    placed = np.empty_like(found)
    np.put_along_axis(placed, order, found, axis=1)
    return -placed


def keep_largest(table: Scores, k: int) -> Scores:
    """The table with all but the ``k`` largest values of each column set to 0."""
    if k >= len(table):
        return table
    least = np.partition(table, len(table) - k, axis=0)[len(table) - k]
    return np.where(table >= least[None, :], table, 0.0)
