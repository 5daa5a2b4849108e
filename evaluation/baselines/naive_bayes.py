"""Naive Bayes: recent activity times the lifts of the project's sector and region.

The log of decayed deals plus, for every attribute, the log of how much more often the institution deals with the
project's value than the market does, smoothed towards the market's share by ``strength`` deals.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evaluation.baseline import Baseline, Constants
from evaluation.baselines.recency import activity
from evaluation.past import Past, Scores
from features.family import Indexes

DEFAULT = {"time_constant": 2.0, "activity_prior": 0.1, "strength": 5.0}
GRID = {"time_constant": (1.0, 1.5, 2.0), "strength": (5.0, 10.0, 20.0, 40.0)}


def bayes(*attributes: str) -> Callable[[Past, Indexes, Constants], Scores]:
    """The scorer over some attributes; an unknown value adds nothing."""

    def score(past: Past, rows: Indexes, constants: Constants) -> Scores:
        strength = constants["strength"]
        recent = activity(past, constants["time_constant"])
        total = np.tile(np.log(recent + constants["activity_prior"]), (len(rows), 1))
        for attribute in attributes:
            table, index = past.counts(past.of_deals(attribute))
            share = ((table.sum(axis=1) + 1) / (table.sum() + max(len(table), 1)))[:, None]
            lift = np.log((table + strength * share) / (table.sum(axis=0) + strength) / share)
            values = past.of_projects(attribute)
            total += np.vstack([lift, np.zeros(past.n)])[[index.get(values[row], -1) for row in rows]]
        return total

    return score


BASELINE = Baseline("naive Bayes", 5, bayes("sector", "region"), DEFAULT, GRID)
