"""The simulated check: do intervals cover the truth, and is a null model ever called better?

1,000 comparisons are simulated with what real ones look like: clustered queries, groups of very different sizes, most
per-query differences exactly 0, the rest skewed. The functions that reports call are the ones that are tried.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.comparisons import BETTER, NONE, SMALL, WORSE, claims, verdict
from evaluation.significance import Interval, paired_interval

COMPARISONS, DRAWS = 1000, 1000
LARGEST = (130, 63, 45, 24, 24, 20)  # the groups of the task cold as of 2011-07-01: 322, of which these are the largest
REST = 316

Floats = NDArray[np.float64]


def simulate(gain: float, seed: int) -> tuple[list[Floats], list[Floats], NDArray[np.int64], float]:
    """Scores of both methods in every comparison, the group of each query, and the true mean difference.

    A query is answered differently with probability .35; the difference then has a group's part and its own, with
    mean ``gain``. Scores are not clipped: the truth would then be known by simulation only.
    """
    rng = np.random.default_rng(seed)
    sizes = np.concatenate([LARGEST, rng.geometric(0.38, REST).clip(max=18)])
    group = np.repeat(np.arange(len(sizes)), sizes)
    shape = (COMPARISONS, len(group))
    theirs = rng.beta(0.4, 1.6, shape)
    shared = rng.normal(0.0, 0.06, (COMPARISONS, len(sizes)))[:, group]
    own = rng.gamma(1.2, 0.12, shape) - 1.2 * 0.12
    differs = rng.random(shape) < 0.35
    difference = np.where(differs, gain + shared + own, 0.0)
    return list(theirs + difference), list(theirs), group, 0.35 * gain


@pytest.mark.parametrize("gain", [0.0, 0.05])
def test_intervals_cover_the_truth_in_93_to_97_percent(gain: float) -> None:
    ours, theirs, group, truth = simulate(gain, seed=11)
    found = [
        paired_interval(a, b, group.tolist(), draws=DRAWS, seed=number)
        for number, (a, b) in enumerate(zip(ours, theirs, strict=True))
    ]
    covered = np.mean([told.low <= truth <= told.high for told in found])
    assert 0.93 <= covered <= 0.97


def test_ignoring_the_groups_would_not_do() -> None:
    ours, theirs, _, truth = simulate(0.0, seed=11)
    found = [paired_interval(a, b, draws=DRAWS) for a, b in zip(ours[:300], theirs[:300], strict=True)]
    assert np.mean([told.low <= truth <= told.high for told in found]) < 0.93


def test_a_null_model_is_called_better_at_most_5_percent_of_the_time() -> None:
    ours, theirs, group, _ = simulate(0.0, seed=12)
    told = [
        claims({"ours": a, "theirs": b}, "ours", ["theirs"], group.tolist(), draws=DRAWS, seed=number)[0].verdict
        for number, (a, b) in enumerate(zip(ours, theirs, strict=True))
    ]
    assert told.count(BETTER) / COMPARISONS <= 0.05
    assert (told.count(BETTER) + told.count(WORSE) + told.count(SMALL)) / COMPARISONS <= 0.07


def test_a_real_difference_is_found() -> None:
    ours, theirs, group, _ = simulate(0.15, seed=13)
    told = [
        claims({"o": a, "t": b}, "o", ["t"], group.tolist(), draws=300)[0].verdict
        for a, b in zip(ours[:50], theirs[:50], strict=True)
    ]
    assert told.count(BETTER) >= 48


def test_the_family_is_corrected_as_a_whole() -> None:
    """Eleven null comparisons at once: any of them is called in at most 5 % of the families."""
    rng = np.random.default_rng(14)
    called = 0
    for number in range(200):
        base = rng.normal(0.2, 0.1, 150)
        scores = {"ours": base + rng.normal(0, 0.1, 150)} | {f"b{i}": base + rng.normal(0, 0.1, 150) for i in range(11)}
        found = claims(scores, "ours", list(scores)[1:], draws=400, seed=number)
        called += any(claim.verdict != NONE for claim in found)
    assert called / 200 <= 0.08  # 5 % and two standard errors of 200 families


@pytest.mark.parametrize(
    ("interval", "p", "relative", "told"),
    [
        (Interval(0.02, -0.001, 0.04), 0.001, 0.2, NONE),  # covers 0
        (Interval(0.02, 0.001, 0.04), 0.06, 0.2, NONE),  # not after Holm
        (Interval(0.02, 0.001, 0.04), 0.01, 0.2, BETTER),
        (Interval(0.002, 0.001, 0.003), 0.001, 0.01, SMALL),
        (Interval(-0.02, -0.04, -0.001), 0.01, -0.2, WORSE),
        (Interval(0.0, 0.0, 0.0), 1.0, 0.0, NONE),
    ],
)
def test_verdict(interval: Interval, p: float, relative: float, told: str) -> None:
    assert verdict(interval, p, relative) == told
