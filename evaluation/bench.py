"""``make bench``: time and memory of every stage beside a plain pandas and scikit-learn pipeline, and of every encoder.

``python -m evaluation.bench [--sizes 500x1000,20000x5000] [--parts matching,recall,encoding] [--json FILE]``

Each run has a process of its own; they take turns: the product when it has read none of the texts, the product again,
the plain pipeline, and the plain pipeline's retrieval done with the product's parts. Ratios are those of processor
seconds, which a busy machine disturbs less than wall clock. *Matching* is everything but starting Python, importing
files and encoding.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evaluation.bench_market import write_market
from evaluation.bench_report import encoding_table, matching_table, ratios, recall_lines

SIZES = "500x1000,20000x5000"
PARTS = ("matching", "recall", "encoding")
KINDS = ("duijie", "again", "plain", "retrieval")
ROUNDS = 3
LARGE = 10_000_000
"""Pairs from which one round is enough: it takes minutes."""
TOP = 20

Report = dict[str, Any]


def work_once(kind: str, threads: int, **told: Any) -> Report:
    """One run of :mod:`evaluation.bench_worker` in a process of its own."""
    command = [sys.executable, "-m", "evaluation.bench_worker", kind, json.dumps(told, default=str)]
    room = {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    done = subprocess.run(command, env={**os.environ, **room}, stdout=subprocess.PIPE, text=True, check=True)
    found: Report = json.loads(done.stdout.splitlines()[-1])
    return found


def bench_size(
    n_projects: int, n_institutions: int, encoder: str, threads: int, rounds: int, parts: Sequence[str]
) -> Report:
    """The pipelines on one synthetic market, in turns, and what the candidate stage loses there."""
    report: Report = {"projects": n_projects, "institutions": n_institutions, "encoder": encoder, "rounds": []}
    with tempfile.TemporaryDirectory(prefix="duijie-bench-") as folder:
        source, work = Path(folder) / "market", Path(folder) / "vectors"
        work.mkdir()
        write_market(source, n_projects, n_institutions)
        told = {"folder": source, "work": work, "encoder": encoder, "top": TOP}
        report["encoding"] = work_once("encode", threads, **told)
        if "matching" in parts:
            for _ in range(rounds):
                shutil.rmtree(work / "readings", ignore_errors=True)
                runs = {kind: work_once(kind, threads, **told, out=_fresh(folder)) for kind in KINDS}
                lists = {kind: run.pop("lists") for kind, run in runs.items()}
                report["overlap"] = overlap(lists["duijie"], lists["plain"])
                report["overlap of retrieval"] = overlap(lists["retrieval"], lists["plain"])
                report["rounds"].append(runs)
            report["ratios"] = ratios(report["rounds"])
            report["ratios of retrieval"] = ratios(report["rounds"], "retrieval")
        if "recall" in parts:
            report["recall"] = work_once("recall", threads, **told, out=_fresh(folder))
    return report


def _fresh(folder: str) -> Path:
    return Path(tempfile.mkdtemp(dir=folder))


def overlap(mine: dict[str, list[str]], theirs: dict[str, list[str]]) -> float:
    """Mean share of the other pipeline's list that stands in the first one's, over projects with a list."""
    shares = [len(set(mine[key]) & set(theirs[key])) / len(theirs[key]) for key in mine if mine[key] and theirs[key]]
    return statistics.fmean(shares) if shares else 0.0


def bench_encoding(threads: int, texts: int, sets: Sequence[str], formats: Sequence[str]) -> list[Report]:
    """Every encoder and number format: texts a second, and nDCG@10 on the labelled sets but for an emulated format."""
    from evaluation.bench_encoding import VARIANTS

    with tempfile.TemporaryDirectory(prefix="duijie-bench-") as folder:
        told = {"work": folder, "texts": texts, "sets": list(sets)}
        return [
            work_once("quality", threads, encoder=encoder, dtype=dtype, **told)
            for encoder, dtype in VARIANTS
            if dtype in formats
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench and print its tables."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.bench", description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default=SIZES, help="projects x institutions, comma-separated")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--encoder", default="static", help="static, or hashed (needs no model)")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--threads", type=int, default=int(os.environ.get("OMP_NUM_THREADS", "2")))
    parser.add_argument("--formats", default="fp32,bf16,int8", help="number formats in the encoding table")
    parser.add_argument("--texts", type=int, default=24, help="texts of 400 characters in the encoding table")
    parser.add_argument("--json", type=Path, help="write everything measured to this file")
    told = parser.parse_args(arguments)
    parts = told.parts.split(",")
    report: Report = {"threads": told.threads, "sizes": []}
    for size in told.sizes.split(",") if {"matching", "recall"} & set(parts) else ():
        n_projects, n_institutions = map(int, size.split("x"))
        rounds = 1 if n_projects * n_institutions >= LARGE else told.rounds
        found = bench_size(n_projects, n_institutions, told.encoder, told.threads, rounds, parts)
        report["sizes"].append(found)
        print("\n".join([*matching_table(found), *recall_lines(found), ""]), flush=True)
    if "encoding" in parts:
        report["encoders"] = bench_encoding(told.threads, told.texts, ("dev", "test"), told.formats.split(","))
        print("\n".join(encoding_table(report["encoders"])))
    if told.json:
        told.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
