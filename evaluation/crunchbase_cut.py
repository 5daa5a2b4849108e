"""One cut in time, measured: the scores of every query by method, kept as JSON so that an interrupted run resumes.

A file is used again only when its key fits: the digest of the export, the task, the date, the settings, the tuned
constants and the code of features, matcher and evaluation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np

from evaluation.baseline import tuned
from evaluation.crunchbase_rank import DEPTH, HISTORY, TOP, Lists, Ranker, rank_with_duijie
from evaluation.crunchbase_tables import FILES, Benchmark
from evaluation.exposure import exposure
from evaluation.metrics import measure
from evaluation.significance import Scores
from matcher.run import code_fingerprint

MEASURES = ("Recall@10", "Recall@20", "nDCG@10", "MRR@20")
RETRIEVAL = ("Recall@50", "Recall@200")
MAIN = "nDCG@10"
OURS = "duijie"
UNION = "union of all"

Step = Callable[[str], None]


@dataclass(frozen=True)
class Cut:
    """What was measured on one cut. Lists run over the queries in order of id.

    ``methods``: method -> measure -> score of each query. ``retrieval``: retriever -> mean Recall@50 and @200, and for
    the union the mean number of items it holds. ``exposure``: method -> coverage@10, Gini, largest share.
    ``strata``: stratum -> its queries (positions) and method -> nDCG@10 of each. ``groups``: group of each query.
    """

    key: str
    task: str
    as_of: str
    pairs: int
    candidates: int
    queries: list[str]
    groups: list[str]
    methods: dict[str, dict[str, list[float]]]
    retrieval: dict[str, dict[str, float]]
    exposure: dict[str, dict[str, float]]
    strata: dict[str, dict[str, list[float]]]
    strata_queries: dict[str, list[int]]

    def scores(self, method: str, name: str = MAIN) -> Scores:
        """Scores of a method by query."""
        return np.array(self.methods[method][name])


def key_of(path: Path, task: str, as_of: date, settings: Path | None, ranked: bool) -> str:
    """Digest of all that a cut's figures depend on."""
    digest = hashlib.sha256(f"{task} {as_of} {ranked} {code_fingerprint()}".encode())
    digest.update(json.dumps(tuned(task), sort_keys=True).encode())
    for file in [*(path / name for name in FILES), *sorted(Path(__file__).parent.rglob("*.py"))]:
        digest.update(file.read_bytes())
    if settings is not None:
        digest.update(settings.read_bytes())
    return digest.hexdigest()[:16]


def load_cut(file: Path, key: str) -> Cut | None:
    """A cut that was kept with this key; None where there is none, or not a whole one."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return Cut(**told) if told["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_cut(file: Path, cut: Cut) -> None:
    """Write a cut, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".part")
    half.write_text(json.dumps(asdict(cut)), encoding="utf-8")
    half.replace(file)


def measure_cut(benchmark: Benchmark, key: str, out: Path | None, settings: Path | None, step: Step) -> Cut:
    """Rank with everything and measure; ``out`` None leaves duijie itself out. ``step`` is told what comes next."""
    ranker = Ranker(benchmark, tuned(benchmark.task))
    deep: dict[str, Lists] = {}
    for name, score in ranker.scorers():
        step(name)
        deep[name] = ranker.lists(score(), DEPTH)
    full = {name: lists for name, lists in deep.items() if not name.startswith("term: ")}
    if out is not None:
        step(OURS)
        full[OURS] = ranker.drop_known(rank_with_duijie(benchmark, out, settings))
    shown = {name: {query: items[:TOP] for query, items in lists.items()} for name, lists in full.items()}
    queries, grades = ranker.queries, benchmark.grades
    return Cut(
        key=key,
        task=benchmark.task,
        as_of=benchmark.as_of.isoformat(),
        pairs=sum(map(len, grades.values())),
        candidates=len(ranker.items),
        queries=queries,
        groups=[benchmark.groups[query] for query in queries],
        methods={name: _rounded(measure(grades, lists, MEASURES)) for name, lists in shown.items()},
        retrieval=_retrieval(benchmark, deep),
        exposure={name: exposure(lists, ranker.items).as_dict() for name, lists in shown.items()},
        strata={
            stratum: {name: _rounded(measure(part, lists, [MAIN]))[MAIN] for name, lists in shown.items()}
            for stratum, part in benchmark.strata.items()
        },
        strata_queries={
            stratum: [queries.index(query) for query in sorted(part)] for stratum, part in benchmark.strata.items()
        },
    )


def _rounded(scores: Mapping[str, Scores]) -> dict[str, list[float]]:
    return {name: np.round(values, 6).tolist() for name, values in scores.items()}


def _retrieval(benchmark: Benchmark, deep: Mapping[str, Lists]) -> dict[str, dict[str, float]]:
    """Recall of each retriever's first 50 and 200, and of the union of all first 50 and all first 200.

    Chance and the history family as a whole (which is made of its terms) are no part of the union.
    """
    found = {
        name: {key: float(values.mean()) for key, values in measure(benchmark.grades, lists, RETRIEVAL).items()}
        for name, lists in deep.items()
    }
    parts = [lists for name, lists in deep.items() if name not in ("random", HISTORY)]
    union: dict[str, float] = {}
    for k in (50, DEPTH):
        recalls, sizes = [], []
        for query, relevant in benchmark.grades.items():
            held = set().union(*(lists[query][:k] for lists in parts))
            recalls.append(len(held & set(relevant)) / len(relevant))
            sizes.append(len(held))
        union |= {f"Recall@{k}": float(np.mean(recalls)), f"size@{k}": float(np.mean(sizes))}
    return found | {UNION: union}
