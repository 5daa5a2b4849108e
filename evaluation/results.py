"""Results of an evaluation as plain data: what its commands write with JSON, and what the documents are made of.

A folder of results is read by what its files hold, not by what they are called. Each result gets a name:
``labelled heldout short``, ``crunchbase cold 2011-07-01``, ``ablation cold 2011-07-01``, ``learned cold 2010-07-01``,
``duplicates 2400 11``, ``calibration financing accepted``, ``matching 500 1000``, ``encoders``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from data.problem import DuijieError
from evaluation.ablation import Ablation
from evaluation.duplicates import Judged, calibration_error, peak_memory, quality
from evaluation.learning import Trial
from evaluation.methods import METHODS, OURS, Row, gain
from evaluation.significance import Interval

DIGITS = 6
"""Decimals of every number that is kept: more than any document shows."""

Result = dict[str, Any]
Results = Mapping[str, Result]


def triple(told: Interval) -> list[float]:
    """Mean and bounds."""
    return [told.mean, told.low, told.high]


def labelled_result(name: str, length: str, rows: Sequence[Row]) -> Result:
    """One labelled set and length: figures of every method by cell, and what the whole ranker gains over the others.

    ``cells`` are channel and side, with the number of queries of each; the lists of a method run along them.
    """
    mine = [row.score for row in rows if row.method == OURS]
    methods: dict[str, dict[str, list[Any]]] = {}
    for row in rows:
        told = methods.setdefault(row.method, {"ndcg10": [], "ruled_out": []})
        told["ndcg10"].append(triple(row.interval))
        told["ruled_out"].append([row.score.trapped, row.score.traps])
    return {
        "kind": "labelled",
        "set": name,
        "length": length,
        "cells": [[score.channel, score.side, len(score.ndcg)] for score in mine],
        "methods": methods,
        "gains": {method: triple(gain(rows, OURS, method)) for method in METHODS if method != OURS},
    }


def ablation_result(on: Sequence[str], whole: Interval, found: Sequence[Ablation]) -> Result:
    """What each family gives; ``on`` is a set and length, or a task and date."""
    families = {
        part.family: {
            "without": triple(part.without),
            "gives": triple(part.gives) if part.moved else None,
            "verdict": part.verdict,
        }
        for part in found
    }
    return {"kind": "ablation", "on": list(on), "whole": triple(whole), "families": families}


def learned_result(as_of: date, told: Trial) -> Result:
    """The paired test of the learned ranker against the transparent one on real investments."""
    return {"kind": "learned", "as_of": as_of.isoformat(), **told.as_dict()}


def duplicates_result(judged: Judged, seed: int) -> Result:
    """A planted set of duplicates: what was found, and what a score is worth."""
    told = quality(judged)
    return {
        "kind": "duplicates",
        "records": judged.planted.projects.num_rows,
        "seed": seed,
        "pairs": told.wanted,
        "traps": len(judged.planted.traps),
        "found": told.found,
        "precision": told.precision,
        "recall": told.recall,
        "trapped": sum(told.trapped.values()),
        "calibration_error": calibration_error(judged),
        "seconds": judged.seconds,
        "gib": peak_memory(),
    }


def as_json(told: Result | list[Result]) -> str:
    """A result as one line of JSON, numbers rounded to :data:`DIGITS` decimals."""
    return json.dumps(rounded(told), ensure_ascii=False, allow_nan=False)


def rounded(told: Any) -> Any:
    """The same with every fraction rounded, however deep."""
    if isinstance(told, float):
        return round(told, DIGITS)
    if isinstance(told, dict):
        return {key: rounded(value) for key, value in told.items()}
    return [rounded(value) for value in told] if isinstance(told, list) else told


def read_results(folder: Path) -> dict[str, Result]:
    """All results of a folder, by name.

    Raises
    ------
    DuijieError
        ``results.missing`` when there is no such folder; ``results.unreadable`` for a file that is no JSON or no
        result; ``results.twice`` when two files hold the same result.
    """
    if not folder.is_dir():
        raise DuijieError("results.missing", f"没有结果文件夹 / no folder of results: {folder}", "make documents")
    found: dict[str, Result] = {}
    for file in sorted(folder.glob("*.json")):
        try:
            told = rounded(json.loads(file.read_text(encoding="utf-8")))
        except ValueError as error:
            raise DuijieError("results.unreadable", f"{file.name}: {error}", "run its command again") from error
        for name, result in _named(file.name, told):
            if name in found:
                raise DuijieError("results.twice", f"{file.name}: 结果重复 / a second result “{name}”", "keep one")
            found[name] = result
    return found


def of_kind(results: Results, start: str) -> list[Result]:
    """Results whose name begins so, in order of name."""
    return [told for name, told in sorted(results.items()) if name.startswith(start)]


def _named(file: str, told: Any) -> Iterator[tuple[str, Result]]:
    """The results that a file holds, each with its name."""
    for part in told if isinstance(told, list) else [told]:
        if not isinstance(part, dict):
            break
        if "sizes" in part:  # a report of the bench
            yield from ((_name(size), size) for size in part["sizes"])
            if part.get("encoders"):
                yield "encoders", {"kind": "encoders", "encoders": part["encoders"]}
            continue
        name = _name(part)
        if not name:
            break
        yield name, part
    else:
        return
    raise DuijieError("results.unreadable", f"{file}: 不是评测结果 / not a result of an evaluation", "duijie evaluate")


def _name(told: Result) -> str:
    """The name of a result, '' for what is none."""
    kind = told.get("kind", "")
    if kind == "labelled":
        return f"labelled {told['set']} {told['length']}"
    if kind == "ablation":
        return " ".join(["ablation", *told["on"]])
    if kind == "learned":
        return f"learned {told['head']} {told['as_of']}"
    if kind == "duplicates":
        return f"duplicates {told['records']} {told['seed']}"
    if kind == "encoders":
        return "encoders"
    if "rounds" in told:
        return f"matching {told['projects']} {told['institutions']}"
    if "methods" in told and "task" in told:
        return f"crunchbase {told['task']} {told['as_of'].replace(', ', ' ')}"
    if "channel" in told and "target" in told:
        return f"calibration {told['channel']} {told['target']}"
    return ""
