"""Benchmark on real investments: who funds a company that nobody had funded before?

``python -m evaluation.crunchbase PATH --as-of 2011-07-01 --out DIR`` turns the CrunchBase export of 2013 (three CSV:
edges, companies, investors) into interchange tables as they stood on the date, lets the console command ``duijie``
import and rank them, and measures its lists beside the baselines on what happened in the twelve months after.

A query is a company whose first recorded investment falls in these months; known of it are its category, its place and
the type of the round it raises. Relevant are the organisations that fund it in these months; candidates all with at
least five earlier deals, all of them ranked. The data is read from PATH and stays there.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from data.problem import DuijieError
from evaluation.baselines import BASELINES, Past, best
from evaluation.crunchbase_tables import CHANNEL, FILES, Benchmark, market_of, read_benchmark, write_tables
from evaluation.metrics import Grades, Rankings, measure
from evaluation.significance import Interval, bootstrap_intervals, paired_randomisation

ATTRIBUTION = "Data: CrunchBase (https://www.crunchbase.com), export of October 2013, licence CC-BY."
MEASURES = ("Recall@10", "Recall@20", "nDCG@10")
TOP = 20


def rank_with_duijie(benchmark: Benchmark, out: Path, settings: Path | None = None) -> dict[str, list[str]]:
    """Import and rank with the console command, in ``out``; give its lists by query."""
    write_tables(benchmark, out / "tables")
    store, listing = out / "benchmark.duckdb", out / "matches.csv"
    store.unlink(missing_ok=True)
    at = ["--store", str(store), *(["--settings", str(settings.resolve())] if settings else [])]
    _duijie(out, "import", str(out / "tables"), *at)
    _duijie(out, "match", "--channel", CHANNEL, "--as-of", benchmark.as_of.isoformat(), "--top", str(TOP), *at)
    listed = ["--for", "projects", "--top", str(TOP), "--format", "csv", "--out", str(listing)]
    _duijie(out, "matches", "--channel", CHANNEL, *listed, *at)
    ranked: dict[str, list[tuple[int, str]]] = defaultdict(list)
    with listing.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["rank_for_project"] and int(row["rank_for_project"]) > 0:
                ranked[row["project_id"]].append((int(row["rank_for_project"]), row["institution_id"]))
    return {query: [item for _, item in sorted(pairs)] for query, pairs in ranked.items()}


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
            "benchmark.command", "the command duijie is not installed", "pip install -e . in the repository"
        )
    done = subprocess.run([command, *arguments], cwd=folder, stdout=sys.stderr, check=False)
    if done.returncode:
        raise DuijieError("benchmark.command", f"duijie {arguments[0]} ended with {done.returncode}")


def rank_with_baselines(benchmark: Benchmark) -> dict[str, dict[str, list[str]]]:
    """Lists of every baseline, and of the history family on its own, by query."""
    from features.families.history import FAMILY

    market = market_of(benchmark)
    ids = market.view.projects["project_id"].to_pylist()
    institutions = np.array(market.view.institutions["institution_id"].to_pylist(), dtype=object)
    rows = np.array([row for row, key in enumerate(ids) if key in benchmark.grades], np.intp)
    scores = {name: baseline(Past(market), rows) for name, baseline in BASELINES.items()}
    history = FAMILY.fit(market).block(0, len(ids)).matrix()
    if history is not None:
        scores["history family alone"] = history[rows].astype(np.float64)
    return {
        name: {ids[row]: institutions[items].tolist() for row, items in zip(rows, best(score, TOP), strict=True)}
        for name, score in scores.items()
    }


@dataclass(frozen=True)
class Result:
    """One method: each measure with its 95 % interval, and its nDCG@10 against naive Bayes + round."""

    name: str
    scores: dict[str, Interval]
    gain: Interval
    p: float


def compare(grades: Grades, rankings: Mapping[str, Rankings], bar: str = "naive Bayes + round") -> list[Result]:
    """Measure every method over all queries; those it did not answer count as zero."""
    scores = {name: measure(grades, ranking, MEASURES) for name, ranking in rankings.items()}
    columns = {f"{name}/{key}": values for name, found in scores.items() for key, values in found.items()}
    gains = {f"{name}/gain": found["nDCG@10"] - scores[bar]["nDCG@10"] for name, found in scores.items()}
    intervals = bootstrap_intervals(columns | gains)
    return [
        Result(
            name,
            {key: intervals[f"{name}/{key}"] for key in MEASURES},
            intervals[f"{name}/gain"],
            paired_randomisation(found["nDCG@10"], scores[bar]["nDCG@10"]),
        )
        for name, found in scores.items()
    ]


def as_text(benchmark: Benchmark, results: Sequence[Result]) -> str:
    """The results as a table."""
    pairs = sum(map(len, benchmark.grades.values()))
    lines = [
        f"as of {benchmark.as_of}: {len(benchmark.grades)} companies never funded before, {pairs} investments, "
        f"{len(benchmark.institutions)} candidates; mean [95 % bootstrap interval]",
        f"{'method':22s}" + "".join(f"{name:>23s}" for name in MEASURES) + f"{'nDCG@10 - bar':>26s}{'p':>8s}",
    ]
    for result in results:
        cells = "".join(f"{result.scores[name]!s:>23s}" for name in MEASURES)
        gain = f"{result.gain.mean:+.3f} [{result.gain.low:+.3f}, {result.gain.high:+.3f}]"
        lines.append(f"{result.name:22s}{cells}{gain:>26s}{result.p:8.4f}")
    return "\n".join([*lines, "bar: naive Bayes + round (recency x sector x region x round)", ATTRIBUTION])


def as_json(benchmark: Benchmark, results: Sequence[Result]) -> str:
    """The results for programs."""
    told = {
        result.name: {
            **{key: [value.mean, value.low, value.high] for key, value in result.scores.items()},
            "gain_nDCG@10": [result.gain.mean, result.gain.low, result.gain.high],
            "p": result.p,
        }
        for result in results
    }
    counts = {"queries": len(benchmark.grades), "candidates": len(benchmark.institutions)}
    return json.dumps({"as_of": benchmark.as_of.isoformat(), **counts, "methods": told, "attribution": ATTRIBUTION})


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of ``python -m evaluation.crunchbase``; 0 done, 2 wrong use."""
    parser = argparse.ArgumentParser("evaluation.crunchbase", description=str(__doc__).split("\n\n")[0])
    parser.add_argument("path", type=Path, metavar="PATH", help=f"folder with {', '.join(FILES)}")
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2011, 7, 1), metavar="DATE")
    parser.add_argument("--out", type=Path, metavar="DIR", help="working folder, kept; without it only baselines run")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="duijie.toml to rank with; default: the defaults")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    told = parser.parse_args(arguments)
    try:
        benchmark = read_benchmark(told.path, told.as_of)
        rankings: dict[str, Rankings] = dict(rank_with_baselines(benchmark))
        if told.out is not None:
            rankings["duijie"] = rank_with_duijie(benchmark, told.out.resolve(), told.settings)
    except DuijieError as error:
        print(f"error {error}", file=sys.stderr)
        return 2
    results = compare(benchmark.grades, rankings)
    print(as_json(benchmark, results) if told.json else as_text(benchmark, results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
