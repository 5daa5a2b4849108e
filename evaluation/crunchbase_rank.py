"""Lists for the queries of a benchmark: of every baseline, of the history family and each of its terms, of duijie."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from data.problem import DuijieError
from evaluation.baseline import Baseline, Constants, tuned
from evaluation.baselines import BASELINES
from evaluation.crunchbase_tables import CHANNEL, Benchmark, market_of, write_tables
from evaluation.past import Past, Scores, best
from features.family import BlockFeatures, Floats, Indexes, Market, State

TOP = 20  # of the lists that are measured
DEPTH = 200  # of the lists of single retrievers
SPARE = (
    40  # asked of duijie beyond TOP where known counterparts are taken out of its lists: the most that any query has
)
HISTORY = "history family alone"
_BLOCK = 512  # projects a block of the history family

Lists = dict[str, list[str]]


@dataclass(frozen=True)
class Ranker:
    """Turns scores of projects against institutions into lists for the queries of a benchmark.

    A query is a row of the scores, or in the task ``deals`` a column; what it had before is never listed.
    """

    benchmark: Benchmark
    constants: Mapping[str, Constants]

    @cached_property
    def past(self) -> Past:
        """The market of the benchmark, as baselines read it."""
        return Past(market_of(self.benchmark), self.constants)

    @cached_property
    def rows(self) -> Indexes:
        """Rows of the projects that are in the market."""
        return np.array(
            [row for row, told in enumerate(self.benchmark.projects) if told["consent"] == CHANNEL], np.intp
        )

    @property
    def backwards(self) -> bool:
        """Whether institutions ask and projects are listed."""
        return self.benchmark.task == "deals"

    @cached_property
    def items(self) -> list[str]:
        """All that can be listed, by id."""
        return self._institutions if not self.backwards else self._projects

    @cached_property
    def _projects(self) -> list[str]:
        return [self.benchmark.projects[row]["project_id"] for row in self.rows]

    @cached_property
    def _institutions(self) -> list[str]:
        return [row["institution_id"] for row in self.benchmark.institutions]

    @cached_property
    def queries(self) -> list[str]:
        """Queries in order of id."""
        return sorted(self.benchmark.grades)

    @cached_property
    def _places(self) -> Indexes:
        """Row (column, backwards) of the scores of each query."""
        place = {key: at for at, key in enumerate(self._institutions if self.backwards else self._projects)}
        return np.array([place[key] for key in self.queries], np.intp)

    @cached_property
    def _known(self) -> tuple[Indexes, Indexes]:
        """Query and item of the pairs that are never listed."""
        place = {key: at for at, key in enumerate(self.items)}
        pairs = [
            (query, place[item])
            for query, key in enumerate(self.queries)
            for item in sorted(self.benchmark.known.get(key, ()))
            if item in place
        ]
        told = np.array(pairs, np.intp).reshape(-1, 2)
        return told[:, 0], told[:, 1]

    def lists(self, scores: Scores, k: int = DEPTH) -> Lists:
        """The ``k`` best items of every query; ``scores`` are ``rows`` x institutions."""
        mine = (scores.T if self.backwards else scores)[self._places].astype(np.float64)
        mine[self._known] = -np.inf
        names = np.array(self.items, dtype=object)
        found = best(mine, k)
        listed = np.take_along_axis(mine, found, axis=1) > -np.inf
        return {key: names[row[ok]].tolist() for key, row, ok in zip(self.queries, found, listed, strict=True)}

    def drop_known(self, lists: Mapping[str, Sequence[str]]) -> Lists:
        """Lists that were made elsewhere, without what the query had before."""
        known = self.benchmark.known
        return {key: [item for item in items if item not in known.get(key, ())] for key, items in lists.items()}

    def scorers(self) -> Iterator[tuple[str, Callable[[], Scores]]]:
        """Names of all retrievers with what computes their scores: baselines, the history family, each of its terms."""
        for name, baseline in BASELINES.items():
            yield name, _bound(baseline, self.past, self.rows)
        terms: dict[str, Scores] = {}
        yield HISTORY, lambda: self._history(terms)
        from features.families.history import FAMILY

        for feature in FAMILY.features:
            yield f"term: {feature.name}", _popped(terms, feature.name)

    def _history(self, terms: dict[str, Scores]) -> Scores:
        """The family's own score; leaves the score of each term in ``terms``, unknown as 0."""
        from features.families.history import FAMILY

        whole = np.zeros((len(self.rows), self.past.n), np.float32)
        for feature in FAMILY.features:
            terms[feature.name] = np.zeros((len(self.rows), self.past.n), np.float32)  # type: ignore[assignment]
        for mine, inside, block in self.blocks(FAMILY.fit):
            matrix = block.matrix()
            if matrix is None:
                continue
            whole[mine] = matrix[inside]
            for name, values in self.values(block, inside).items():
                terms[name][mine] = values
        return whole  # type: ignore[return-value]

    def blocks(self, fit: Callable[[Market], State]) -> Iterator[tuple[Indexes, Indexes, BlockFeatures]]:
        """A family, by its ``fit``, block by block: positions in ``rows``, rows inside the block, the block."""
        state, total = fit(self.past.market), len(self.benchmark.projects)
        for start in range(0, total, _BLOCK):
            mine = np.flatnonzero((self.rows >= start) & (self.rows < start + _BLOCK))
            if len(mine):
                yield mine, self.rows[mine] - start, state.block(start, min(start + _BLOCK, total))

    def values(self, block: BlockFeatures, inside: Indexes) -> dict[str, Floats]:
        """Every feature of these rows of a block for every institution, unknown as 0."""
        told = block.pairs(np.repeat(inside, self.past.n), np.tile(np.arange(self.past.n), len(inside)))
        return {name: np.nan_to_num(values).reshape(len(inside), self.past.n) for name, values in told.items()}


def _bound(baseline: Baseline, past: Past, rows: Indexes) -> Callable[[], Scores]:
    return lambda: baseline(past, rows)


def _popped(terms: dict[str, Scores], name: str) -> Callable[[], Scores]:
    """Scores of a term, given away once: a table of the task ``deals`` takes 50 MB."""
    return lambda: terms.pop(name)


def rank_with_baselines(benchmark: Benchmark, constants: Mapping[str, Constants] | None = None) -> dict[str, Lists]:
    """Lists of every baseline, and of the history family on its own, by query.

    ``constants`` None: those the baselines were tuned to; empty: their defaults.
    """
    ranker = Ranker(benchmark, tuned(benchmark.task) if constants is None else constants)
    return {name: ranker.lists(score(), TOP) for name, score in ranker.scorers() if not name.startswith("term: ")}


def rank_with_duijie(benchmark: Benchmark, out: Path, settings: Path | None = None) -> Lists:
    """Import and rank with the console command, in ``out``; give its lists by query."""
    backwards = benchmark.task == "deals"
    side, query, item, rank = "projects", "project_id", "institution_id", "rank_for_project"
    if backwards:
        side, query, item, rank = "institutions", "institution_id", "project_id", "rank_for_institution"
    top = str(TOP + (SPARE if any(benchmark.known.values()) else 0))
    write_tables(benchmark, out / "tables")
    store, listing = out / "benchmark.duckdb", out / "matches.csv"
    store.unlink(missing_ok=True)
    at = ["--store", str(store), *(["--settings", str(settings.resolve())] if settings else [])]
    _duijie(out, "import", str(out / "tables"), *at)
    _duijie(out, "match", "--channel", CHANNEL, "--as-of", benchmark.as_of.isoformat(), "--top", top, *at)
    listed = ["--for", side, "--top", top, "--format", "csv", "--out", str(listing)]
    _duijie(out, "matches", "--channel", CHANNEL, *listed, *at)
    ranked: dict[str, list[tuple[int, str]]] = defaultdict(list)
    with listing.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if row[rank] and int(row[rank]) > 0 and row[query] in benchmark.grades:
                ranked[row[query]].append((int(row[rank]), row[item]))
    return {key: [item for _, item in sorted(pairs)] for key, pairs in ranked.items()}


def _duijie(folder: Path, *arguments: str) -> None:
    """Run the console command; its messages go to standard error.

    Raises
    ------
    DuijieError
        ``benchmark.command`` when it cannot be found or fails.
    """
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = shutil.which("duijie", path=beside)
    if command is None:
        raise DuijieError(
            "benchmark.command",
            "未安装 duijie 命令 / the command duijie is not installed",
            "pip install -e . in the repository",
        )
    done = subprocess.run([command, *arguments], cwd=folder, stdout=sys.stderr, check=False)
    if done.returncode:
        raise DuijieError(
            "benchmark.command", f"duijie {arguments[0]} 以 {done.returncode} 结束 / ended with {done.returncode}"
        )
