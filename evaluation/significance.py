"""How sure a difference is: bootstrap intervals and the paired randomisation test, both over groups of queries.

Queries of one organisation or one event are not independent, so whole groups are drawn and flipped. Wilcoxon and sign
tests are left out on purpose: at this size their type-1 error is inflated (Ihemelandu & Ekstrand, SIGIR 2023).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.problem import DuijieError

Scores = NDArray[np.float64]
DRAWS = 10_000
_CELLS = 4_000_000  # draws x groups held at a time


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over queries and the bounds of its percentile bootstrap interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap_interval(
    scores: Scores,
    groups: Sequence[Hashable] | None = None,
    *,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval:
    """Interval of the mean score; ``groups`` names the group of each query (None: each query is its own).

    Draws groups with replacement and takes the mean over the drawn groups' queries.
    """
    return bootstrap_intervals({"": scores}, groups, level=level, draws=draws, seed=seed)[""]


def bootstrap_intervals(
    scores: Mapping[str, Scores],
    groups: Sequence[Hashable] | None = None,
    *,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> dict[str, Interval]:
    """Intervals of several scores of the same queries, from the same draws."""
    grouped = [_by_group(values, groups) for values in scores.values()]
    sums, sizes = np.stack([total for total, _ in grouped], axis=1), grouped[0][1]
    rng = np.random.default_rng(seed)
    means = np.empty((draws, len(grouped)))
    step = max(1, _CELLS // len(sums))
    for start in range(0, draws, step):
        size = min(step, draws - start)
        times = _drawn(rng, size, len(sums))
        means[start : start + size] = (times @ sums) / (times @ sizes)[:, None]
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return {
        name: Interval(float(np.mean(values)), float(low[at]), float(high[at]))
        for at, (name, values) in enumerate(scores.items())
    }


def paired_interval(
    ours: Scores, theirs: Scores, groups: Sequence[Hashable] | None = None, *, draws: int = DRAWS, seed: int = 0
) -> Interval:
    """95 % interval of the mean difference ``ours - theirs`` over the same queries."""
    return bootstrap_interval(_difference(ours, theirs), groups, draws=draws, seed=seed)


def paired_randomisation(
    ours: Scores, theirs: Scores, groups: Sequence[Hashable] | None = None, *, draws: int = DRAWS, seed: int = 0
) -> float:
    """Two-sided p of no difference: how often flipping the signs of whole groups differs as much (never 0)."""
    sums, _ = _by_group(_difference(ours, theirs), groups)
    observed = abs(sums.sum()) * (1 - 1e-12)
    rng = np.random.default_rng(seed)
    reached, step = 0, max(1, _CELLS // len(sums))
    for start in range(0, draws, step):
        signs = rng.integers(0, 2, size=(min(step, draws - start), len(sums)), dtype=np.int8) * 2.0 - 1.0
        reached += int(np.count_nonzero(np.abs(signs @ sums) >= observed))
    return (reached + 1) / (draws + 1)


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p of a declared family of tests (Holm 1979), in the order given."""
    adjusted: dict[str, float] = {}
    worst = 0.0
    for rank, name in enumerate(sorted(p, key=lambda key: (p[key], key))):
        worst = max(worst, min(1.0, p[name] * (len(p) - rank)))
        adjusted[name] = worst
    return {name: adjusted[name] for name in p}


def _drawn(rng: np.random.Generator, draws: int, groups: int) -> Scores:
    """How often each group is drawn, draws x groups."""
    drawn = rng.integers(0, groups, size=(draws, groups)) + groups * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * groups).reshape(draws, groups).astype(np.float64)


def _difference(ours: Scores, theirs: Scores) -> Scores:
    if len(ours) != len(theirs):
        raise DuijieError("significance.unpaired", f"{len(ours)} and {len(theirs)} scores are not of the same queries")
    return np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)


def _by_group(scores: Scores, groups: Sequence[Hashable] | None) -> tuple[Scores, Scores]:
    """Sum and number of the scores of each group."""
    if len(scores) == 0:
        raise DuijieError("significance.empty", "there are no scores")
    if groups is None:
        return np.asarray(scores, np.float64), np.ones(len(scores))
    if len(groups) != len(scores):
        raise DuijieError("significance.groups", f"{len(groups)} groups for {len(scores)} scores")
    index: dict[Hashable, int] = {}
    code = np.array([index.setdefault(group, len(index)) for group in groups])
    sums: Scores = np.bincount(code, scores).astype(np.float64)
    return sums, np.bincount(code).astype(np.float64)
