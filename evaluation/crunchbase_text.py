"""A report as text for the terminal and as JSON for programs."""

from __future__ import annotations

import json

from evaluation.crunchbase_cut import MAIN, MEASURES, UNION
from evaluation.crunchbase_rank import DEPTH
from evaluation.crunchbase_report import ATTRIBUTION, BAR, Report
from evaluation.significance import Interval

ASKED = {
    "cold": "companies never funded before",
    "warm": "companies with earlier deals, new investors only",
    "deals": "organisations, new companies only",
}


def shown_in_strata(report: Report) -> list[str]:
    """Methods whose strata are printed: the bar, the best collaborative one (cold: there is none), ours."""
    if report.task == "cold":
        return [BAR, report.ours]
    means = {result.name: result.scores[MAIN].mean for result in report.results}
    best = max((name for name in ("item-kNN", "RP3beta", "EASE", "iALS") if name in means), key=means.__getitem__)
    return [BAR, best, report.ours]


def notes(report: Report) -> list[str]:
    """What has to be known to read the figures."""
    told = [
        "bar: naive Bayes + round (recency x sector x region x round)",
        "baselines tuned with the same budget on cuts before the reported one; collaborative ones (item-kNN, RP3beta, "
        "EASE, iALS) are naive Bayes + round for companies without a history",
        f"intervals and tests draw {report.groups} groups: "
        + ("organisations" if report.task == "deals" else "companies of one leading organisation, batches kept whole"),
        "p after Holm over the comparisons; a difference under 5 % of the other's mean is called small",
    ]
    if report.seen:
        told.append(f"constants were chosen on {', '.join(report.seen)}: there the figures flatter what was tuned")
    return [*told, ATTRIBUTION]


def heading(report: Report) -> str:
    """What was asked, when, and how much of it."""
    pairs = sum(cut.pairs for cut in report.cuts)
    candidates = ", ".join(str(cut.candidates) for cut in report.cuts)
    return (
        f"as of {', '.join(cut.as_of for cut in report.cuts)}: {report.queries} {ASKED[report.task]}, "
        f"{pairs} investments, {candidates} candidates; mean [95 % bootstrap interval]"
    )


def signed(told: Interval) -> str:
    """An interval of a difference."""
    return f"{told.mean:+.3f} [{told.low:+.3f}, {told.high:+.3f}]"


def as_text(report: Report) -> str:
    """The report as tables."""
    return "\n".join(
        [
            heading(report),
            *_main(report),
            "",
            f"{report.ours} against each baseline, nDCG@10",
            *(f"  {claim}" for claim in report.claims),
            "",
            *_shown(report),
            "",
            *_retrieved(report),
            *_parts(report),
            *_by_cut(report),
            "",
            *notes(report),
        ]
    )


def _main(report: Report) -> list[str]:
    lines = [f"{'method':22s}" + "".join(f"{name:>23s}" for name in MEASURES) + f"{'nDCG@10 - bar':>26s}"]
    for result in report.results:
        cells = "".join(f"{result.scores[name]!s:>23s}" for name in MEASURES)
        lines.append(f"{result.name:22s}{cells}{signed(result.gain):>26s}")
    return lines


def _shown(report: Report) -> list[str]:
    lines = [f"{'exposure':22s}{'coverage@10':>13s}{'Gini@10':>9s}{'largest share@10':>18s}"]
    for name, told in report.exposure.items():
        lines.append(f"{name:22s}{told['coverage']:13.3f}{told['gini']:9.3f}{told['largest']:18.3f}")
    return lines


def _retrieved(report: Report) -> list[str]:
    lines = [f"{'retriever':26s}{'Recall@50':>11s}{'Recall@200':>12s}"]
    for name, told in report.retrieval.items():
        lines.append(f"{name:26s}{told['Recall@50']:11.3f}{told[f'Recall@{DEPTH}']:12.3f}")
    told = report.retrieval[UNION]
    return [*lines, f"the union holds {told['size@50']:.0f} and {told[f'size@{DEPTH}']:.0f} items a query"]


def _parts(report: Report) -> list[str]:
    methods = shown_in_strata(report)
    if not report.strata:
        return []
    lines = ["", f"{'nDCG@10 by stratum':44s}{'queries':>8s}" + "".join(f"{name:>24s}" for name in methods)]
    for part in report.strata:
        lines.append(f"{part.name:44s}{part.queries:8d}" + "".join(f"{part.scores[name]!s:>24s}" for name in methods))
    return lines


def _by_cut(report: Report) -> list[str]:
    if len(report.cuts) < 2:
        return []
    lines = ["", f"{'nDCG@10 by cut':22s}" + "".join(f"{cut.as_of:>12s}" for cut in report.cuts)]
    for result in report.results:
        cells = "".join(f"{cut.scores(result.name).mean():12.3f}" for cut in report.cuts)
        lines.append(f"{result.name:22s}{cells}")
    return lines


def as_json(report: Report) -> str:
    """The report for programs."""
    methods = {
        result.name: {
            **{key: _triple(value) for key, value in result.scores.items()},
            "gain_nDCG@10": _triple(result.gain),
            "p": result.p,
            "exposure@10": report.exposure[result.name],
        }
        for result in report.results
    }
    told = {
        "as_of": ", ".join(cut.as_of for cut in report.cuts),
        "task": report.task,
        "queries": report.queries,
        "candidates": report.cuts[-1].candidates,
        "groups": report.groups,
        "methods": methods,
        "comparisons": [
            {
                "ours": claim.ours,
                "theirs": claim.theirs,
                "difference": _triple(claim.difference),
                "relative": claim.relative,
                "p": claim.p,
                "verdict": claim.verdict,
            }
            for claim in report.claims
        ],
        "retrieval": report.retrieval,
        "strata": {
            part.name: {"queries": part.queries, **{name: _triple(value) for name, value in part.scores.items()}}
            for part in report.strata
        },
        "cuts": {cut.as_of: {name: float(cut.scores(name).mean()) for name in cut.methods} for cut in report.cuts},
        "notes": notes(report),
        "attribution": ATTRIBUTION,
    }
    return json.dumps(told, allow_nan=False)


def _triple(told: Interval) -> list[float]:
    return [told.mean, told.low, told.high]
