"""The bench's figures as tables of text."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

APART = ("start", "import", "encode")
"""Stages that are not matching."""
WHAT = {
    "start": "start Python, load libraries",
    "import": "import files",
    "read": "read texts",
    "vectors": "fetch cached vectors",
    "market": "features: fit the market",
    "candidates": "candidates",
    "rank": "rank",
    "export": "export CSV, Parquet",
}


TITLES = {
    "duijie": "duijie, texts new",
    "again": "duijie, texts read before",
    "plain": "pandas + scikit-learn",
    "retrieval": "the same retrieval with our parts",
}
"""What runs, by kind."""


def matching_table(report: dict[str, Any]) -> Iterator[str]:
    """Stages of all pipelines: median seconds of processor and wall clock, and peak memory."""
    encoding = report["encoding"]
    stage = encoding["stages"][0]
    texts = encoding["projects_texts"] + encoding["institutions_texts"]
    yield f"## {report['projects']:,} projects x {report['institutions']:,} institutions"
    yield (
        f"encoding, apart ({encoding['encoder']}): {texts:,} texts, {stage['cpu']:.2f} s CPU,"
        f" {stage['wall']:.2f} s wall ({texts / max(stage['wall'], 1e-9):,.0f} texts/s)"
    )
    if not report["rounds"]:
        return
    yield f"medians of {len(report['rounds'])} alternated round(s); seconds"
    yield "| stage | " + " | ".join(f"{title} CPU | wall | peak MiB" for title in TITLES.values()) + " |"
    yield "|---|" + "---|---|---|" * len(TITLES)
    for name in WHAT:
        cells = [cell for kind in TITLES for cell in _cells(report["rounds"], kind, name)]
        yield f"| {WHAT[name]} | " + " | ".join(cells) + " |"
    for what, apart in (("matching", APART), ("matching without reading", (*APART, "read"))):
        sums = [f"{_total(report['rounds'], kind, unit, apart):.2f}" for kind in TITLES for unit in ("cpu", "wall")]
        cells = [cell for cpu, wall in zip(sums[::2], sums[1::2], strict=True) for cell in (cpu, wall, "")]
        yield f"| **{what}** | " + " | ".join(cells) + " |"
    told, same, again = report["ratios"], report["ratios of retrieval"], ratios(report["rounds"], "again")
    yield f"plain / duijie, texts read before: {again['cpu']:.1f} x CPU, {again['wall']:.1f} x wall"
    yield (
        f"plain / duijie: {told['cpu']:.1f} x CPU, {told['wall']:.1f} x wall;"
        f" without reading {told['cpu without reading']:.1f} x CPU; lists in common: {report['overlap']:.0%}"
    )
    yield (
        f"plain / the same retrieval with our parts: {same['cpu']:.1f} x CPU, {same['wall']:.1f} x wall;"
        f" lists in common: {report['overlap of retrieval']:.0%}"
    )


def _stages(rounds: Sequence[dict[str, Any]], kind: str, name: str) -> list[dict[str, float]]:
    return [stage for runs in rounds for stage in runs[kind]["stages"] if stage["name"] == name]


def _cells(rounds: Sequence[dict[str, Any]], kind: str, name: str) -> list[str]:
    stages = _stages(rounds, kind, name)
    if not stages:
        return ["", "", ""]
    cpu, wall, peak = (statistics.median(stage[unit] for stage in stages) for unit in ("cpu", "wall", "peak"))
    return [f"{cpu:.2f}", f"{wall:.2f}", f"{peak:,.0f}"]


def seconds(stages: Sequence[dict[str, Any]], unit: str, apart: Sequence[str] = APART) -> float:
    """Seconds (``cpu`` or ``wall``) of all stages but those ``apart``."""
    return float(sum(stage[unit] for stage in stages if stage["name"] not in apart))


def ratios(rounds: Sequence[dict[str, Any]], kind: str = "duijie") -> dict[str, float]:
    """Median over the rounds of the plain pipeline's seconds by those of ``kind``."""

    def median(unit: str, apart: Sequence[str] = APART) -> float:
        both = [[seconds(each[run]["stages"], unit, apart) for run in ("plain", kind)] for each in rounds]
        return statistics.median(plain / max(mine, 1e-9) for plain, mine in both)

    return {"cpu": median("cpu"), "wall": median("wall"), "cpu without reading": median("cpu", (*APART, "read"))}


def _total(rounds: Sequence[dict[str, Any]], kind: str, unit: str, apart: Sequence[str]) -> float:
    return statistics.median(seconds(runs[kind]["stages"], unit, apart) for runs in rounds)


def recall_lines(report: dict[str, Any]) -> Iterator[str]:
    """What the candidate stage keeps."""
    recall = report.get("recall")
    if recall:
        yield (
            f"candidate recall: {recall['recall']:.4f} of the exact top 20 ({recall['pairs']:,} pairs);"
            f" {recall['candidates_per_project']:,.0f} candidates a project"
        )


def encoding_table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Encoders: texts a second and nDCG@10."""
    sets = list(rows[0]["ndcg"]) if rows else []
    titles = ["encoder", "dtype", "texts/s wall", "texts/CPU-s", "peak MiB", *(f"nDCG@10 {name}" for name in sets)]
    yield f"| {' | '.join(titles)} |"
    yield "|---|---|---|---|---|" + "---|" * len(sets)
    for row in rows:
        stage = row["stages"][0]
        speeds = [row["texts"] / max(stage[unit], 1e-9) for unit in ("wall", "cpu")]
        cells = [f"{speed:,.1f}" for speed in speeds] + [f"{stage['peak']:,.0f}"]
        cells += [f"{row['ndcg'][name]:.4f}" if name in row["ndcg"] else "" for name in sets]
        yield f"| {row['encoder']} | {row['dtype']} | {' | '.join(cells)} |"
