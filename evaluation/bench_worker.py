"""One measured run in a process of its own, so that its start and its peak memory are its own too.

``python -m evaluation.bench_worker KIND JSON`` prints one line of JSON: the stages and what the run found.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evaluation.bench_clock import Clock


def run(kind: str, told: dict[str, Any]) -> dict[str, Any]:
    """Run ``kind`` (a key of :data:`_KINDS`) with the arguments ``told``."""
    clock = Clock()
    found = _KINDS[kind](told, clock)
    return {**found, "stages": [asdict(stage) for stage in clock.stages.values()]}


def _encode(told: dict[str, Any], clock: Clock) -> dict[str, Any]:
    from evaluation.bench_duijie import encode_market

    return encode_market(Path(told["folder"]), told["encoder"], Path(told["work"]), clock)


def _duijie(told: dict[str, Any], clock: Clock) -> dict[str, Any]:
    from evaluation.bench_duijie import run_duijie

    folder, work, out = (Path(told[name]) for name in ("folder", "work", "out"))
    ids, lists = run_duijie(folder, told["encoder"], work, out, clock, told["top"])
    return {"lists": dict(zip(ids, lists, strict=True))}


def _plain(told: dict[str, Any], clock: Clock) -> dict[str, Any]:
    from evaluation.bench_plain import run_plain

    folder, work, out = (Path(told[name]) for name in ("folder", "work", "out"))
    ids, lists = run_plain(folder, work, out, clock, told["top"])
    return {"lists": dict(zip(ids, lists, strict=True))}


def _retrieval(told: dict[str, Any], clock: Clock) -> dict[str, Any]:
    from evaluation.bench_retrieval import run_retrieval

    folder, work, out = (Path(told[name]) for name in ("folder", "work", "out"))
    ids, lists = run_retrieval(folder, work, out, clock, told["top"])
    return {"lists": dict(zip(ids, lists, strict=True))}


def _recall(told: dict[str, Any], clock: Clock) -> dict[str, Any]:
    from evaluation.bench_duijie import build, import_market
    from evaluation.bench_recall import candidate_recall

    view = import_market(Path(told["folder"]), Path(told["out"]), clock)
    market, free = build(view, told["encoder"], Path(told["work"]), clock)
    return candidate_recall(market, free, told["top"])


def _quality(told: dict[str, Any], clock: Clock) -> dict[str, Any]:
    from evaluation.bench_encoding import measure

    return measure(told["encoder"], told["dtype"], Path(told["work"]), told["texts"], tuple(told["sets"]), clock)


_KINDS = {
    "encode": _encode,
    "duijie": _duijie,
    "again": _duijie,
    "plain": _plain,
    "retrieval": _retrieval,
    "recall": _recall,
    "quality": _quality,
}


def main() -> None:
    """Run what the command line says."""
    print(json.dumps(run(sys.argv[1], json.loads(sys.argv[2]))))


if __name__ == "__main__":
    main()
