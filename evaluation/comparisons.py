"""What may be said of a comparison: the declared family, Holm's correction over it, and a least effect worth a word.

The family is declared here and not by the data: ours against every registered baseline but chance. With thousands of
queries almost any difference is beyond chance, so one below :data:`LEAST` of the other's mean is called small.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from evaluation.significance import DRAWS, Interval, Scores, bootstrap_intervals, holm, paired_randomisation

LEVEL = 0.05
LEAST = 0.05  # of the other's mean
OUTSIDE = ("random",)  # beating chance is not a claim

BETTER, WORSE, SMALL, NONE = "better", "worse", "beyond chance, but under the least effect", "no difference shown"


@dataclass(frozen=True, slots=True)
class Claim:
    """Ours against another: the mean difference with its 95 % interval, its p after Holm, and what may be said."""

    ours: str
    theirs: str
    difference: Interval
    relative: float
    p: float
    verdict: str = NONE

    def __str__(self) -> str:
        told = self.difference
        return (
            f"{self.ours} - {self.theirs}: {told.mean:+.3f} [{told.low:+.3f}, {told.high:+.3f}] "
            f"({self.relative:+.0%}), p {self.p:.4f}: {self.verdict}"
        )


def verdict(difference: Interval, p: float, relative: float) -> str:
    """No difference where the interval covers 0 or the corrected p is above 5 %; else which, if it is large enough."""
    if difference.low <= 0 <= difference.high or p > LEVEL:
        return NONE
    if abs(relative) < LEAST:
        return SMALL
    return BETTER if difference.mean > 0 else WORSE


def claims(
    scores: Mapping[str, Scores],
    ours: str,
    family: Sequence[str],
    groups: Sequence[Hashable] | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> list[Claim]:
    """Ours against every member of the declared family, on the same queries, drawn and flipped in groups."""
    differences = {name: scores[ours] - scores[name] for name in family}
    if not differences:
        return []
    intervals = bootstrap_intervals(differences, groups, draws=draws, seed=seed)
    corrected = holm(
        {name: paired_randomisation(scores[ours], scores[name], groups, draws=draws, seed=seed) for name in family}
    )
    found = []
    for name in family:
        relative = intervals[name].mean / max(float(scores[name].mean()), 1e-12)
        told = verdict(intervals[name], corrected[name], relative)
        found.append(Claim(ours, name, intervals[name], relative, corrected[name], told))
    return found
