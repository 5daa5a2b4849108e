"""What is kept of results beside the documents: all that these show, and no more, so that it stays small."""

from __future__ import annotations

import json
from pathlib import Path

from evaluation.documents.investors import SHOWN, shown_in_strata
from evaluation.methods import OURS
from evaluation.results import Result, Results


def keep_results(results: Results, folder: Path) -> None:
    """Write results, one file each, as :func:`evaluation.results.read_results` reads them; others there stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, result in results.items():
        text = json.dumps(needed(result), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        (folder / f"{name.replace(' ', '-')}.json").write_text(text + "\n", encoding="utf-8")


def needed(result: Result) -> Result:
    """The part of a result that documents show."""
    if result.get("kind") == "labelled":
        return _labelled(result)
    if "cuts" in result:
        return _crunchbase(result)
    if result.get("later"):
        return {**result, "later": {name: result["later"][name] for name in ("later", "error", "skill")}}
    return result


def _labelled(result: Result) -> Result:
    """Intervals of the whole ranker only; of the other methods the means."""
    methods = {
        method: {
            **told,
            "ndcg10": [cell if method == OURS else cell[:1] for cell in told["ndcg10"]],
        }
        for method, told in result["methods"].items()
    }
    return {**result, "methods": methods}


def _crunchbase(result: Result) -> Result:
    """Of cuts that are pooled only the means by cut; of one cut what its tables show."""
    part = {name: result[name] for name in ("as_of", "task", "cuts")}
    if len(result["cuts"]) > 1:
        return {**part, "methods": {}}
    names = (*SHOWN, "gain_nDCG@10", "exposure@10")
    strata = shown_in_strata(result)
    return {
        **part,
        "queries": result["queries"],
        "methods": {method: {name: told[name] for name in names} for method, told in result["methods"].items()},
        "comparisons": result["comparisons"],
        "retrieval": result["retrieval"],
        "strata": {
            stratum: {"queries": told["queries"], **{name: told[name] for name in strata}}
            for stratum, told in result["strata"].items()
        },
    }
