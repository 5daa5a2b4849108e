"""How likely a step is when many cases are still open: cumulative incidence with a competing end, group by group.

A case that has not reached a step is either ended (declined, withdrawn: it never will) or open (it still may). Counting
open cases as failures makes young groups look bad; leaving them out makes them look good. The Aalen-Johansen estimator
uses each case for as long as it was followed, and is the plain share where nothing is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

OPEN, REACHED, ENDED = 0, 1, 2
LEVEL = 0.95
FOLLOWED = 10.0
"""A curve is read as long as so many cases, or a tenth of a group below a hundred, could have been followed."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Incidence:
    """One value a group: the probability of reaching the step, its interval, and up to which day it was followed.

    ``effective`` is how many fully followed cases would be as exact as the group's; without open cases, all of them.
    Everything is NaN where it cannot be said: no case, or a horizon up to which the group was not followed.
    """

    rate: Floats
    low: Floats
    high: Floats
    effective: Floats
    followed: Floats


@dataclass(frozen=True, slots=True)
class _Steps:
    """The curves of all groups, a row a day on which something happened in a group, in the order of both."""

    group: Ints
    day: Ints
    reached: Ints
    leaving: Ints
    at_risk: Ints
    before: Floats  # share still open just before the day
    worth: Floats  # cases that could have been followed until the day: falls from all cases as open ones drop out


def incidence(group: Ints, days: Ints, fate: Ints, groups: int, within: int | None = None) -> Incidence:
    """Probability of reaching a step within ``within`` days (None: as far as the group was followed).

    ``group`` numbers the group of each case (0 to ``groups`` - 1), ``days`` says how long after its beginning it
    reached the step, ended without it or was last seen open, ``fate`` which of the three.

    The rate is the Aalen-Johansen estimate (1978); on one day, steps and ends come before open cases drop out. The
    interval is Clopper and Pearson's with the effective number of cases in the place of the number of cases (Dorey &
    Korn, Statistics in Medicine 1987; Korn & Graubard 1998): exact where nothing is open, never narrower than that,
    and not empty where nobody or everybody reached the step, which a normal approximation would be. The effective
    number is the variance of a binomial over the Greenwood-type variance of the estimate (Marubini & Valsecchi 1995),
    and at most the number of cases followed for as long as the steps took, which also holds for the last few cases.

    The curve ends where fewer than :data:`FOLLOWED` cases could have been followed (a tenth of a small group): one
    old case must not decide. A horizon beyond that gives NaN unless no case is open there.
    """
    if not len(group):
        nothing = np.full(groups, np.nan)
        return Incidence(*(nothing.copy() for _ in range(5)))
    steps = _steps(group, days, fate, groups)
    size = np.bincount(group, minlength=groups).astype(np.float64)
    enough = steps.worth >= np.minimum(FOLLOWED, size / 10)[steps.group] - 1e-9
    kept = enough if within is None else enough & (steps.day <= within)
    jump = np.where(kept, steps.before * steps.reached / steps.at_risk, 0.0)
    rate = np.clip(_sum(steps.group, jump, groups), 0.0, 1.0)
    rate[rate > 1 - 1e-12] = 1.0
    effective = np.minimum(_effective(steps, jump, kept, rate, size), size)
    followed = np.full(groups, -1.0)
    np.maximum.at(followed, steps.group[kept], steps.day[kept])
    known = size > 0
    if within is not None:
        seen = _any(steps.group, enough & (steps.day >= within), groups)
        known &= seen | _any(steps.group, kept & (steps.leaving == steps.at_risk), groups)
        followed[known] = within
    low, high = exact_interval(rate * effective, effective)
    values = (np.where(known, value, np.nan) for value in (rate, low, high, effective, followed))
    return Incidence(*values)


def exact_interval(successes: Floats, trials: Floats, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Clopper-Pearson bounds of a share; neither number has to be whole. No trial says nothing: 0 to 1."""
    tail = (1 - level) / 2
    failures = np.maximum(trials - successes, 0.0)
    with np.errstate(invalid="ignore"):
        low = np.where(successes > 0, betaincinv(np.maximum(successes, 1e-300), failures + 1, tail), 0.0)
        high = np.where(failures > 1e-9, betaincinv(successes + 1, np.maximum(failures, 1e-300), 1 - tail), 1.0)
    return low, high


def _steps(group: Ints, days: Ints, fate: Ints, groups: int) -> _Steps:
    span = int(days.max()) + 1
    keys, row = np.unique(group.astype(np.int64) * span + days, return_inverse=True)
    at, rows = keys // span, len(keys)
    reached = np.bincount(row[fate == REACHED], minlength=rows)
    leaving = reached + np.bincount(row[fate == ENDED], minlength=rows)
    all_ = np.bincount(row, minlength=rows)
    size = np.bincount(group, minlength=groups)
    first = np.searchsorted(at, np.arange(groups))
    at_risk = size[at] - _before(all_, at, first)
    # The last case of a group to leave takes the share to 0, after which the group has no row: no logarithm needed.
    staying = np.where(leaving < at_risk, 1 - leaving / at_risk, 1.0)
    before = np.exp(_before(np.log(staying), at, first))
    return _Steps(at, keys % span, reached, leaving, at_risk, before, at_risk / before)


def _before(values: NDArray[Any], group: Ints, first: Ints) -> NDArray[Any]:
    """Running total of a group's rows before each row."""
    total = np.cumsum(values) - values
    return total - total[first[group]]


def _sum(group: Ints, values: Floats, groups: int) -> Floats:
    return np.bincount(group, values, minlength=groups).astype(np.float64)


def _any(group: Ints, mask: NDArray[np.bool_], groups: int) -> NDArray[np.bool_]:
    return np.bincount(group[mask], minlength=groups) > 0


def _effective(steps: _Steps, jump: Floats, kept: NDArray[np.bool_], rate: Floats, size: Floats) -> Floats:
    """How many fully followed cases would be as exact; see :func:`incidence`."""
    groups, group = len(rate), steps.group
    first = np.searchsorted(group, np.arange(groups))
    ahead = np.where(kept, rate[group] - _before(jump, group, first) - jump, 0.0)
    left = steps.at_risk - steps.leaving
    ends = np.where(left > 0, steps.leaving / np.maximum(steps.at_risk * left, 1), 0.0)
    own = jump * (steps.at_risk - steps.reached) / steps.at_risk**2 * steps.before
    variance = _sum(group, ahead**2 * ends + own - 2 * ahead * jump / steps.at_risk, groups)
    width = np.where(kept, steps.day - np.where(np.arange(len(group)) == first[group], 0, np.roll(steps.day, 1)), 0)
    length = _sum(group, width.astype(np.float64), groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_variance = np.where(variance > 1e-15, rate * (1 - rate) / variance, np.inf)
        by_following = rate / _sum(group, jump / steps.worth, groups)
        # Nobody reached the step: as if a step could have come on any day of the curve.
        by_days = np.where(length > 0, _sum(group, width * steps.worth, groups) / length, size)
    return np.where(rate > 0, np.minimum(by_variance, by_following), by_days)
