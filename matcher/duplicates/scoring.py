"""From a pair's numbers to a probability: one logistic model, small enough to be read.

The weights come from ``duijie evaluate duplicates --fit``, on planted pairs whose phrases are not those of the set that
is reported. They say how sure to be on data like that; a store where pairs are rarer has more false ones at a score.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matcher.duplicates.comparing import FEATURES, Numbers
from matcher.duplicates.passages import Floats

BIAS = -8.708
WEIGHTS: Mapping[str, float] = {
    "name": 1.52,
    "name_alone": 2.557,
    "applicant_same": 1.781,
    "applicant_other": -2.535,
    "applicant_alone": 3.565,
    "ip": 2.23,
    "text": 7.522,
    "passages": 2.922,
    "passages_both": 1.647,
    "figures": 6.216,
    "no_text": 2.695,
}


def contributions(features: Numbers) -> Numbers:
    """Weight times value of each feature: with BIAS they sum to the log odds."""
    return features * np.array([WEIGHTS[name] for name in FEATURES])


def probabilities(features: Numbers) -> Floats:
    """Probability that the two are the same or a similar project, in [0, 1], to six decimals."""
    odds = BIAS + np.round(contributions(features), 9).sum(axis=1)
    return np.round(1 / (1 + np.exp(-np.clip(odds, -40, 40))), 6)
