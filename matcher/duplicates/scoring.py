"""From a pair's numbers to a probability: one logistic model, small enough to be read.

The weights come from ``duijie evaluate duplicates --fit``, on planted pairs whose phrases are not those of the set that
is reported. They say how sure to be on data like that; a store where pairs are rarer has more false ones at a score.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matcher.duplicates.comparing import FEATURES, Numbers
from matcher.duplicates.passages import Floats

BIAS = -8.725
WEIGHTS: Mapping[str, float] = {
    "name": 1.5,
    "name_alone": 2.61,
    "applicant_same": 1.753,
    "applicant_other": -2.546,
    "applicant_alone": 3.519,
    "ip": 2.217,
    "text": 7.498,
    "passages": 2.952,
    "passages_both": 1.687,
    "figures": 6.232,
    "no_text": 2.683,
}


def contributions(features: Numbers) -> Numbers:
    """Weight times value of each feature: with BIAS they sum to the log odds."""
    return features * np.array([WEIGHTS[name] for name in FEATURES])


def probabilities(features: Numbers) -> Floats:
    """Probability that the two are the same or a similar project, in [0, 1], to six decimals."""
    odds = BIAS + np.round(contributions(features), 9).sum(axis=1)
    return np.round(1 / (1 + np.exp(-np.clip(odds, -40, 40))), 6)
