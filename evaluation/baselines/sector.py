"""Sector match: who has most deals in the project's sector, as a filter in a directory would list them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evaluation.baseline import Baseline, Constants
from evaluation.past import Past, Scores
from features.family import Indexes

YEARS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0, float("inf"))


def matching(attribute: str) -> Callable[[Past, Indexes, Constants], Scores]:
    """Decayed deals with the project's value of ``attribute``; ties by all deals, whatever their value."""

    def score(past: Past, rows: Indexes, constants: Constants) -> Scores:
        table, index = past.counts(past.of_deals(attribute), past.decayed(constants["time_constant"]))
        table = np.vstack([table, np.zeros(past.n)])
        values = past.of_projects(attribute)
        at = [index.get(values[row], -1) for row in rows]
        return table[at] + 1e-6 * np.bincount(past.institution, minlength=past.n)

    return score


BASELINE = Baseline("sector match", 3, matching("sector"), {"time_constant": float("inf")}, {"time_constant": YEARS})
