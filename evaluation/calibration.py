"""Do the probabilities mean what they say? On later cases that the calibration has not seen.

The method is fitted on a store's earlier cases, all decided before the first of the later ones was introduced, and
held against these: reliability by tenths, Brier score and its skill over the base rate with intervals clustered by
project, expected calibration error, and what abstaining below a threshold would have cost and saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.significance import Interval, bootstrap_interval, bootstrap_intervals
from matcher.calibrating import CONSTANT, compare, fit, log_loss, split

THRESHOLDS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
BINS = 10
LEAST = 20
"""Later cases below which nothing is said."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Bin:
    """Cases of similar probability: what was said, and how often it came so, with its interval."""

    cases: int
    said: float
    came: Interval


@dataclass(frozen=True)
class Abstaining:
    """Keep only cases with at least this probability: share kept (coverage), share of those reached (precision)."""

    threshold: float
    coverage: float
    precision: float | None


@dataclass(frozen=True)
class Reliability:
    """How a calibration does on later cases. ``skill`` is the Brier score saved against the earlier base rate."""

    method: str
    earlier: int
    later: int
    reached: int
    brier: Interval
    skill: Interval
    log_loss: float
    error: float
    bins: tuple[Bin, ...]
    abstaining: tuple[Abstaining, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def later_reliability(frame: pd.DataFrame, target: str, days: int, seed: int = 0) -> Reliability | None:
    """Fit on earlier, judge on later cases of :func:`matcher.calibrating.past_cases`; None where they are too few."""
    told = frame[frame[target].notna()]
    earlier, later = split(told, days)
    losses = compare(told, target, days)
    if not losses or len(later) < LEAST:
        return None
    method = _choose_earlier(earlier, target, days)
    fitted, plain = (
        fit(name, earlier["score"].to_numpy(np.float64), earlier[target].to_numpy(np.float64))
        for name in (method, CONSTANT)
    )
    score = later["score"].to_numpy(np.float64)
    reached, groups = later[target].to_numpy(bool), later["project_id"].tolist()
    told_by = judge(fitted(score), plain(score), reached, groups, seed)
    return Reliability(method=method, earlier=len(earlier), **told_by)


def _choose_earlier(earlier: pd.DataFrame, target: str, days: int) -> str:
    """The method that the earlier cases alone would have chosen: the later ones must not choose what they judge."""
    losses = compare(earlier, target, days)
    return min(losses, key=lambda name: losses[name]) if losses else "logistic"


def judge(
    probability: Numbers, plain: Numbers, reached: NDArray[np.bool_], groups: Sequence[str], seed: int = 0
) -> dict[str, Any]:
    """The measures of :class:`Reliability` for probabilities against what came; ``plain`` is what they have to beat."""
    loss, other = (probability - reached) ** 2, (plain - reached) ** 2
    found = bootstrap_intervals({"brier": loss, "skill": other - loss}, groups, seed=seed)
    bins = reliability(probability, reached, groups, seed)
    return {
        "later": len(reached),
        "reached": int(reached.sum()),
        "brier": found["brier"],
        "skill": found["skill"],
        "log_loss": log_loss(probability, reached),
        "error": sum(part.cases * abs(part.said - part.came.mean) for part in bins) / len(reached),
        "bins": bins,
        "abstaining": tuple(abstaining(probability, reached)),
    }


def reliability(
    probability: Numbers, reached: NDArray[np.bool_], groups: Sequence[str], seed: int = 0
) -> tuple[Bin, ...]:
    """Bins of equally many cases, by rising probability; fewer where many share one probability."""
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, BINS + 1)[1:-1]))
    bin_of = np.searchsorted(edges, probability, side="right")
    names = np.array(groups, object)
    bins = []
    for number in np.unique(bin_of):
        mine = bin_of == number
        came = bootstrap_interval(reached[mine].astype(np.float64), names[mine].tolist(), draws=2000, seed=seed)
        bins.append(Bin(int(mine.sum()), float(probability[mine].mean()), came))
    return tuple(bins)


def abstaining(probability: Numbers, reached: NDArray[np.bool_]) -> list[Abstaining]:
    """Coverage and precision at each of :data:`THRESHOLDS`; no precision where nothing is kept."""
    rows = []
    for threshold in THRESHOLDS:
        kept = probability >= threshold
        precision = float(reached[kept].mean()) if kept.any() else None
        rows.append(Abstaining(threshold, float(kept.mean()), precision))
    return rows
