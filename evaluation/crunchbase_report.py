"""Cuts of one task pooled into what is reported: intervals, the declared comparisons, exposure, retrieval, strata."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.baselines import BASELINES
from evaluation.comparisons import OUTSIDE, Claim, claims
from evaluation.crunchbase_cut import MAIN, MEASURES, OURS, Cut
from evaluation.crunchbase_rank import HISTORY
from evaluation.significance import Interval, Scores, bootstrap_intervals, paired_randomisation

ATTRIBUTION = "Data: CrunchBase (https://www.crunchbase.com), export of October 2013, licence CC-BY."
BAR = "naive Bayes + round"
TUNED_BEFORE = "2011-07-01"
"""The constants of baselines and of the history family were chosen on cuts whose year ends by this date."""


@dataclass(frozen=True)
class Result:
    """One method: each measure with its 95 % interval, its nDCG@10 against the bar, and the uncorrected p of that."""

    name: str
    scores: dict[str, Interval]
    gain: Interval
    p: float


@dataclass(frozen=True)
class Stratum:
    """nDCG@10 of every method over a part of the queries, or over a part of what is relevant to them."""

    name: str
    queries: int
    scores: dict[str, Interval]


@dataclass(frozen=True)
class Report:
    """All that is told of a task; ``exposure`` and ``retrieval`` are means over cuts, weighted by queries."""

    task: str
    cuts: list[Cut]
    groups: int
    results: list[Result]
    claims: list[Claim]
    exposure: dict[str, dict[str, float]]
    retrieval: dict[str, dict[str, float]]
    strata: list[Stratum]

    @property
    def queries(self) -> int:
        """Queries of all cuts."""
        return sum(len(cut.queries) for cut in self.cuts)

    @property
    def ours(self) -> str:
        """The method the comparisons are about."""
        return ours_of([result.name for result in self.results])

    @property
    def seen(self) -> list[str]:
        """Dates of cuts that constants were chosen on."""
        return [cut.as_of for cut in self.cuts if cut.as_of < TUNED_BEFORE]


def ours_of(methods: Sequence[str]) -> str:
    """duijie, or the history family where duijie did not run."""
    return OURS if OURS in methods else HISTORY


def family_of(task: str) -> list[str]:
    """The declared family: every registered baseline but chance.

    Where no company has a history the collaborative ones are the bar itself, not four more hypotheses.
    """
    able = {name for name, baseline in BASELINES.items() if not (task == "cold" and baseline.collaborative)}
    return [name for name in BASELINES if name in able and name not in OUTSIDE]


def assess(
    scores: Mapping[str, Mapping[str, Scores]], groups: Sequence[Hashable] | None = None, bar: str = BAR
) -> list[Result]:
    """Intervals of every method and measure, and every method against the bar."""
    columns = {f"{name}/{key}": values for name, found in scores.items() for key, values in found.items()}
    gains = {f"{name}/gain": found[MAIN] - scores[bar][MAIN] for name, found in scores.items()}
    intervals = bootstrap_intervals(columns | gains, groups)
    p = {name: paired_randomisation(found[MAIN], scores[bar][MAIN], groups) for name, found in scores.items()}
    return [
        Result(name, {key: intervals[f"{name}/{key}"] for key in found}, intervals[f"{name}/gain"], p[name])
        for name, found in scores.items()
    ]


def report_of(cuts: Sequence[Cut]) -> Report:
    """Pool the cuts of one task. An organisation is one group in all of them."""
    methods = list(cuts[0].methods)
    scores = {name: {key: _pooled(cuts, name, key) for key in MEASURES} for name in methods}
    groups = [group for cut in cuts for group in cut.groups]
    return Report(
        task=cuts[0].task,
        cuts=list(cuts),
        groups=len(set(groups)),
        results=assess(scores, groups),
        claims=claims(
            {name: found[MAIN] for name, found in scores.items()}, ours_of(methods), family_of(cuts[0].task), groups
        ),
        exposure=_weighted(cuts, [cut.exposure for cut in cuts]),
        retrieval=_weighted(cuts, [cut.retrieval for cut in cuts]),
        strata=_strata(cuts),
    )


def _pooled(cuts: Sequence[Cut], method: str, name: str) -> Scores:
    return np.concatenate([cut.scores(method, name) for cut in cuts])


def _weighted(cuts: Sequence[Cut], told: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, dict[str, float]]:
    weights = [len(cut.queries) for cut in cuts]
    return {
        name: {key: float(np.average([part[name][key] for part in told], weights=weights)) for key in found}
        for name, found in told[0].items()
    }


def _strata(cuts: Sequence[Cut]) -> list[Stratum]:
    found = []
    for name in dict.fromkeys(name for cut in cuts for name in cut.strata):
        parts = [cut for cut in cuts if name in cut.strata]
        groups = [cut.groups[at] for cut in parts for at in cut.strata_queries[name]]
        scores = {
            method: np.concatenate([np.array(cut.strata[name][method]) for cut in parts])
            for method in parts[0].strata[name]
        }
        found.append(Stratum(name, len(groups), bootstrap_intervals(scores, groups)))
    return found
