"""Figures that a sentence needs and no single result holds: counts over cells, totals of lengths, the best of many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.problem import DuijieError
from evaluation.crunchbase_cut import MAIN, OURS
from evaluation.crunchbase_rank import HISTORY
from evaluation.crunchbase_report import BAR
from evaluation.documents.investors import best_baseline
from evaluation.documents.table import interval, short, verdict
from evaluation.labelled_set import LENGTHS, NAMES
from evaluation.methods import METHODS, WITHOUT_RULES
from evaluation.methods import OURS as WHOLE
from evaluation.results import Result, Results

GOOD = 0.8
"""nDCG@10 from which a cell counts as good."""
COMPARED = ("character TF-IDF", "raw embeddings")
NOT_LIKENESS = (WHOLE, WITHOUT_RULES, "+ sector and chain")
"""Methods that are more than a likeness of texts."""
_DIFFERENCES = ("gain", "difference", "gives", "skill")
"""Words by which a path names a difference, which is shown with its sign."""


def figure(result: Any, path: str) -> str:
    """One number or interval of a result by its path, ``methods / duijie / nDCG@10``, as it stands in a sentence."""
    told = result
    for step in path.split(" / "):
        try:
            told = told[int(step)] if isinstance(told, list) else told[step]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise DuijieError("document.figure", f"no figure {path!r}", f"{step!r} is not there") from error
    signed = any(word in path for word in _DIFFERENCES)
    if isinstance(told, list) and len(told) == 3:
        return short(interval(told, signed=signed))
    if isinstance(told, float):
        return short(f"{told:+.3f}" if signed else f"{told:.3f}")
    if isinstance(told, int | str):
        return f"{told:,}" if isinstance(told, int) else told
    raise DuijieError("document.figure", f"no figure {path!r}", "a number, three numbers or a word is needed")


def derived(results: Results) -> dict[str, Result]:
    """Results made of results.

    ``reading SET`` over both lengths of a labelled set; ``best TASK DATE`` and ``cuts TASK`` on real investors; ``trial
    HEAD DATE`` of the learned ranker.
    """
    found = {f"reading {name}": told for name in NAMES if (told := _reading(results, name))}
    tasks = set()
    for name, told in results.items():
        if name.startswith("crunchbase "):
            tasks.add(told["task"])
            if told.get("comparisons"):
                found[f"best {name.removeprefix('crunchbase ')}"] = _best(told)
        if name.startswith("learned "):
            gain = told["difference"]
            found[f"trial {name.removeprefix('learned ')}"] = {"verdict": verdict(gain) if gain else "too few to tell"}
    return found | {f"cuts {task}": _signs(results, task) for task in sorted(tasks)}


def _reading(results: Results, name: str) -> Result:
    """Of the cells (channel x side x length) how many are good, and how many beat what; ruled-out pairs in all."""
    both = [results[key] for length in LENGTHS if (key := f"labelled {name} {length}") in results]
    if len(both) < len(LENGTHS):
        return {}
    means = {method: [cell[0] for told in both for cell in told["methods"][method]["ndcg10"]] for method in METHODS}
    traps = {
        method: [sum(cell[at] for told in both for cell in told["methods"][method]["ruled_out"]) for at in (0, 1)]
        for method in METHODS
    }
    similar = [traps[method][0] for method in METHODS if method not in NOT_LIKENESS]
    mine = means[WHOLE]
    reading: Result = {
        "cells": len(mine),
        "good": sum(mean >= GOOD for mean in mine),
        "ruled out": f"{traps[WHOLE][0]} of {traps[WHOLE][1]}",
        "ruled out by similarity": f"{min(similar)} to {max(similar)}",
    }
    reading["above"] = {
        method: sum(own > other for own, other in zip(mine, means[method], strict=True)) for method in COMPARED
    }
    reading["mean"] = {
        told["length"]: {
            method: sum(cell[0] for cell in found["ndcg10"]) / len(found["ndcg10"])
            for method, found in told["methods"].items()
        }
        for told in both
    }
    return reading


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
    above = [day for day, means in by_date.items() if means.get(OURS, means[HISTORY]) > means[BAR]]
    return {"above": len(above), "of": len(by_date), "dates": ", ".join(sorted(by_date))}
