"""Tune every baseline with the same budget, on cuts in time before the one that is reported.

The settings of a baseline's grid are tried on the three cuts one, two and three years before the date (the last ends
where the reported year begins), and the one with the best mean nDCG@10 over their queries is kept.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from tqdm import tqdm

from evaluation.baseline import Constants
from evaluation.baselines import BASELINES
from evaluation.crunchbase_rank import Ranker
from evaluation.crunchbase_tables import Benchmark, Export, cut
from evaluation.metrics import measure

YEARS = (3, 2, 1)
MEASURE = "nDCG@10"


def tuning_cuts(export: Export, as_of: date, task: str) -> list[Benchmark]:
    """The three years before the date."""
    return [cut(export, as_of.replace(year=as_of.year - years), task) for years in YEARS]


def tune(cuts: Sequence[Benchmark], names: Sequence[str] = tuple(BASELINES)) -> dict[str, dict[str, float]]:
    """The best constants of each baseline, in the order of tables."""
    found: dict[str, dict[str, float]] = {}
    rankers = [Ranker(benchmark, found) for benchmark in cuts]  # what is built of other baselines sees theirs
    cold = cuts[0].task == "cold"  # where the collaborative ones are naive Bayes whatever their constants
    able = [name for name in names if not (cold and BASELINES[name].collaborative)]
    trials = [(name, trial) for name in able for trial in BASELINES[name].trials() if trial]
    marks: dict[str, float] = {}
    for name, trial in tqdm(trials, desc=f"tune {cuts[0].task}", disable=None):
        mark = quality(rankers, name, trial)
        if mark > marks.get(name, -1.0):  # of equals the first of the grid
            marks[name], found[name] = mark, trial
    return found


def quality(rankers: Sequence[Ranker], name: str, trial: Constants) -> float:
    """Mean nDCG@10 of a baseline over the queries of all cuts."""
    scores = []
    for ranker in rankers:
        lists = ranker.lists(BASELINES[name](ranker.past, ranker.rows, trial), 10)
        scores.append(measure(ranker.benchmark.grades, lists, [MEASURE])[MEASURE])
    return float(np.concatenate(scores).mean())


def as_csv(task: str, found: Mapping[str, Constants]) -> str:
    """Rows of ``evaluation/baselines/constants.csv``."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["task", "baseline", "constant", "value"])
    writer.writerows([task, name, key, f"{value:g}"] for name, told in found.items() for key, value in told.items())
    return stream.getvalue()
