"""Measures of a ranking: Recall@k, nDCG@k and MRR, full ranking, a query that got no answer counts as zero.

:func:`measure` is the one way in; it computes on arrays and agrees with ``ir_measures`` (a test holds the two equal),
which :func:`measure_with_ir_measures` calls where any other measure is wanted. Judged documents that are not ranked
and ranked ones that are not judged count as they do in trec_eval: the former stay in the ideal, the latter gain 0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.problem import DuijieError

Grades = Mapping[str, Mapping[str, int]]
"""Query -> item -> grade; a grade above 0 is relevant."""
Rankings = Mapping[str, Sequence[str]]
"""Query -> items, best first, none twice."""
Scores = NDArray[np.float64]

_MEASURE = re.compile(r"^(Recall|nDCG|nDCG-linear|MRR)(?:@(\d+))?$")


@dataclass(frozen=True)
class Judged:
    """Queries with at least one relevant item, in order of id, against rankings of one length.

    ``grades`` (Q x K) are the grades of the ranked items by rank, 0 beyond a ranking's end; ``ideal`` (Q x R) all
    grades of a query, falling, padded with 0.
    """

    queries: tuple[str, ...]
    grades: NDArray[np.int64]
    ideal: NDArray[np.int64]


def judge(grades: Grades, rankings: Rankings) -> Judged:
    """Look up what was ranked. Queries without a relevant item say nothing and are left out.

    Raises
    ------
    DuijieError
        ``metrics.twice`` when a ranking holds an item twice; ``metrics.empty`` when no query has a relevant item.
    """
    queries = tuple(sorted(query for query, items in grades.items() if any(grade > 0 for grade in items.values())))
    if not queries:
        raise DuijieError("metrics.empty", "no query has a relevant item", "check that ids of both files are the same")
    found = [[max(grades[query].get(item, 0), 0) for item in rankings.get(query, ())] for query in queries]
    for query in queries:
        ranking = rankings.get(query, ())
        if len(set(ranking)) != len(ranking):
            raise DuijieError("metrics.twice", f"the ranking of {query!r} holds an item twice")
    ideal = [sorted((grade for grade in grades[query].values() if grade > 0), reverse=True) for query in queries]
    return Judged(queries, _padded(found), _padded(ideal))


def _padded(rows: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    table = np.zeros((len(rows), max(map(len, rows), default=0)), np.int64)
    for row, values in enumerate(rows):
        table[row, : len(values)] = values
    return table


def recall(judged: Judged, k: int) -> Scores:
    """Share of each query's relevant items among its first ``k``."""
    scores: Scores = (judged.grades[:, :k] > 0).sum(axis=1) / (judged.ideal > 0).sum(axis=1)
    return scores


def ndcg(judged: Judged, k: int, *, linear: bool = False) -> Scores:
    """Normalised discounted cumulative gain of the first ``k`` with gain ``2**grade - 1``, or the grade itself."""
    scores: Scores = _dcg(judged.grades[:, :k], linear) / _dcg(judged.ideal[:, :k], linear)
    return scores


def _dcg(grades: NDArray[np.int64], linear: bool) -> Scores:
    gains = grades.astype(np.float64) if linear else np.exp2(grades) - 1.0
    discounts = 1.0 / np.log2(np.arange(2, grades.shape[1] + 2))
    dcg: Scores = (gains * discounts).sum(axis=1)
    return dcg


def reciprocal_rank(judged: Judged, k: int | None = None) -> Scores:
    """One over the rank of the first relevant item; 0 when none is among the first ``k`` (None: all that is ranked)."""
    relevant = judged.grades[:, :k] > 0
    if not relevant.shape[1]:
        return np.zeros(len(relevant))
    return np.where(relevant.any(axis=1), 1.0 / (relevant.argmax(axis=1) + 1.0), 0.0)


def measure(grades: Grades, rankings: Rankings, measures: Sequence[str]) -> dict[str, Scores]:
    """Scores of every query, in order of id, by measure.

    Measures are ``Recall@k``, ``nDCG@k``, ``nDCG-linear@k``, ``MRR`` and ``MRR@k``.

    Raises
    ------
    DuijieError
        ``metrics.unknown`` for a measure of another name.
    """
    judged = judge(grades, rankings)
    return {name: _score(judged, name) for name in measures}


def _score(judged: Judged, name: str) -> Scores:
    match = _MEASURE.match(name)
    if match is None or (match[1] != "MRR" and match[2] is None):
        raise DuijieError(
            "metrics.unknown", f"no measure is called {name!r}", "Recall@10, nDCG@10, nDCG-linear@10, MRR"
        )
    kind, k = match[1], int(match[2]) if match[2] else None
    if kind == "MRR":
        return reciprocal_rank(judged, k)
    assert k is not None
    return recall(judged, k) if kind == "Recall" else ndcg(judged, k, linear=kind == "nDCG-linear")


def measure_with_ir_measures(grades: Grades, rankings: Rankings, measures: Sequence[str]) -> dict[str, Scores]:
    """The same through ``ir_measures`` (development dependency), which also knows every other measure by its name."""
    import ir_measures

    top = max((grade for items in grades.values() for grade in items.values()), default=1)
    judged = {query: dict(items) for query, items in grades.items() if any(grade > 0 for grade in items.values())}
    run = {
        query: {item: float(len(ranking) - rank) for rank, item in enumerate(ranking)}
        for query, ranking in rankings.items()
    }
    row = {query: at for at, query in enumerate(sorted(judged))}
    scores = {name: np.zeros(len(row)) for name in measures}
    for name, values in scores.items():  # one by one: in one call measures that differ in their gains only are one
        for metric in ir_measures.iter_calc([ir_measures.parse_measure(_ir_name(name, top))], judged, run):
            values[row[metric.query_id]] = metric.value
    return scores


def _ir_name(name: str, top: int) -> str:
    match = _MEASURE.match(name)
    if match is None:
        return name
    cut = f"@{match[2]}" if match[2] else ""
    gains = ",".join(f"{grade}:{2**grade - 1}" for grade in range(1, top + 1))
    return {"Recall": "R", "MRR": "RR", "nDCG-linear": "nDCG", "nDCG": f"nDCG(gains={{{gains}}})"}[match[1]] + cut
