"""What a baseline is: scores of projects against all institutions from past deals alone, and the constants it has.

A module of :mod:`evaluation.baselines` defines one as ``BASELINE``. All are tuned with the same budget: at most
:data:`BUDGET` settings of a declared grid, by nDCG@10 on cuts in time before the reported one; what was found is kept
in ``evaluation/baselines/constants.csv`` (:mod:`evaluation.tuning` writes it).
"""

from __future__ import annotations

import csv
import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from evaluation.past import Past, Scores
from features.family import Indexes

BUDGET = 12
KEPT = Path(__file__).parent / "baselines" / "constants.csv"

Constants = Mapping[str, float]


@dataclass(frozen=True)
class Baseline:
    """One baseline. ``score(past, rows, constants)`` gives R x N scores of project rows, higher is better.

    ``order`` is its place in tables. ``default`` holds its constants as they are in the literature, or as they were
    first measured; ``grid`` the values tried for them (nothing to tune: empty). A ``collaborative`` one has nothing of
    its own to say about projects without a history.
    """

    name: str
    order: int
    score: Callable[[Past, Indexes, Constants], Scores]
    default: Constants = field(default_factory=dict)
    grid: Mapping[str, Sequence[float]] = field(default_factory=dict)
    collaborative: bool = False

    def __call__(self, past: Past, rows: Indexes, trial: Constants | None = None) -> Scores:
        """Scores with the defaults, overridden by what ``past`` says it was tuned to and by ``trial``."""
        return self.score(past, rows, {**self.default, **past.constants.get(self.name, {}), **(trial or {})})

    def trials(self, budget: int = BUDGET) -> list[dict[str, float]]:
        """Settings to try: the whole grid where it fits the budget, else a seeded sample of it."""
        settings = [dict(zip(self.grid, values, strict=True)) for values in itertools.product(*self.grid.values())]
        if len(settings) <= budget:
            return settings
        chosen = np.random.default_rng(0).choice(len(settings), size=budget, replace=False)
        return [settings[at] for at in sorted(chosen)]


@cache
def tuned(task: str) -> dict[str, dict[str, float]]:
    """The constants kept for a task: baseline -> constant -> value."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    with KEPT.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["task"] == task:
                found[row["baseline"]][row["constant"]] = float(row["value"])
    return dict(found)
