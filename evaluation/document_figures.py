"""Figures that a sentence needs and no single result holds: counts over cells, totals of lengths, the best of many."""

from __future__ import annotations

from collections.abc import Mapping

from evaluation.crunchbase_cut import MAIN, OURS
from evaluation.crunchbase_report import BAR
from evaluation.document_tables import best_baseline
from evaluation.labelled_set import LENGTHS, NAMES
from evaluation.methods import METHODS
from evaluation.methods import OURS as WHOLE
from evaluation.results import Result, Results

GOOD = 0.8
"""nDCG@10 that a cell is counted by."""
COMPARED = ("character TF-IDF", "raw embeddings")


def derived(results: Results) -> dict[str, Result]:
    """``reading SET`` over both lengths of a labelled set, ``best TASK DATE`` on real investors, ``cuts TASK``."""
    found = {f"reading {name}": told for name in NAMES if (told := _reading(results, name))}
    tasks = set()
    for name, told in results.items():
        if name.startswith("crunchbase "):
            found[f"best {name.removeprefix('crunchbase ')}"] = _best(told)
            tasks.add(told["task"])
    return found | {f"cuts {task}": _signs(results, task) for task in sorted(tasks)}


def _reading(results: Results, name: str) -> Result:
    """Of the cells (channel x side x length) how many are good, and how many beat what; ruled-out pairs in all."""
    both = [results[key] for length in LENGTHS if (key := f"labelled {name} {length}") in results]
    if len(both) < len(LENGTHS):
        return {}
    means = {
        method: [cell["ndcg10"][0] for told in both for cell in told["methods"][method].values()] for method in METHODS
    }
    traps = {
        method: [
            sum(cell["ruled_out"][at] for told in both for cell in told["methods"][method].values()) for at in (0, 1)
        ]
        for method in METHODS
    }
    similar = [traps[method][0] for method in METHODS[:-2]]
    mine = means[WHOLE]
    found: Result = {
        "cells": len(mine),
        "good": sum(mean >= GOOD for mean in mine),
        "ruled out": f"{traps[WHOLE][0]} of {traps[WHOLE][1]}",
        "ruled out by similarity": f"{min(similar)} to {max(similar)}",
    }
    found["above"] = {
        method: sum(own > other for own, other in zip(mine, means[method], strict=True)) for method in COMPARED
    }
    found["mean"] = {
        told["length"]: {
            method: sum(cell["ndcg10"][0] for cell in cells.values()) / len(cells)
            for method, cells in told["methods"].items()
        }
        for told in both
    }
    return found


def _best(told: Result) -> Result:
    """The best baseline of a report: its name, its nDCG@10, and ours less that with what may be said."""
    name = best_baseline(told)
    claim = next(claim for claim in told["comparisons"] if claim["theirs"] == name)
    found = {"name": name, "ndcg10": told["methods"][name][MAIN], "verdict": claim["verdict"], "p": claim["p"]}
    return found | {"difference": claim["difference"]}


def _signs(results: Results, task: str) -> Result:
    """In how many of the yearly cuts of a task ours lies above the bar."""
    by_date: dict[str, Mapping[str, float]] = {}
    for told in results.values():
        if told.get("task") == task:
            by_date |= told["cuts"]
    above = [day for day, means in by_date.items() if means.get(OURS, 0.0) > means[BAR]]
    return {"above": len(above), "of": len(by_date), "dates": ", ".join(sorted(by_date))}
