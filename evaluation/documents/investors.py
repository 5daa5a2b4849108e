"""Tables of the benchmark on real investments: accuracy, exposure, retrieval, strata, cuts, the learned ranker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evaluation.crunchbase_cut import MAIN, MEASURES, UNION
from evaluation.crunchbase_rank import DEPTH
from evaluation.crunchbase_report import BAR
from evaluation.crunchbase_text import ASKED
from evaluation.documents.table import Table, interval, verdict
from evaluation.results import Result, Results, of_kind

SHOWN = tuple(name for name in MEASURES if name != "Recall@20")
EXPOSURE = ("coverage", "gini", "largest")
TITLES = ("coverage@10", "Gini@10", "largest share@10")


def crunchbase(results: Results, task: str, *dates: str) -> Table | None:
    """Every method on real investors: accuracy with exposure beside it, and ours against each declared baseline."""
    told = _crunchbase(results, task, *dates)
    if told is None:
        return None
    rows = []
    same = [method for method, found in told["methods"].items() if method != BAR and not any(found[f"gain_{MAIN}"])]
    for method, found in told["methods"].items():
        if method in same:
            continue
        cells = [interval(found[name]) for name in SHOWN]
        cells.append("(bar)" if method == BAR else interval(found[f"gain_{MAIN}"], signed=True))
        cells += _exposure(found)
        rows.append((f"**{method}**" if method == _ours(told) else method, *cells))
    below = [
        f"{claim['ours']} - {claim['theirs']}: {interval(claim['difference'], signed=True)} "
        f"({claim['relative']:+.0%}), p {claim['p']:.4f}: {claim['verdict']}"
        for claim in told["comparisons"]
    ]
    if same:
        below.append(f"{', '.join(same)}: for these companies the same as {BAR}")
    head = ("method", *SHOWN, f"{MAIN} - bar", *TITLES)
    return Table(_command(task, dates), head, tuple(rows), tuple(below))


def summary(results: Results, *dates: str) -> Table | None:
    """Ours and the bar on every task of a date: accuracy with exposure beside it."""
    reports = {task: told for task in ASKED if (told := _crunchbase(results, task, *dates)) is not None}
    if not reports:
        return None
    rows = []
    for task, told in reports.items():
        for method in (_ours(told), BAR):
            found = told["methods"][method]
            cells = [interval(found[name]) for name in (MAIN, "Recall@10")]
            rows.append((ASKED[task], f"{told['queries']:,}", method, *cells, *_exposure(found)))
    head = ("queries", "number", "method", MAIN, "Recall@10", *TITLES)
    return Table("\n".join(_command(task, dates) for task in reports), head, tuple(rows))


def retrieval(results: Results, task: str, *dates: str) -> Table | None:
    """How much of what is relevant each retriever finds at all, and all of them together."""
    told = _crunchbase(results, task, *dates)
    if told is None:
        return None
    rows = [
        (name, f"{found['Recall@50']:.3f}", f"{found[f'Recall@{DEPTH}']:.3f}")
        for name, found in told["retrieval"].items()
    ]
    union = told["retrieval"][UNION]
    below = (f"the union holds {union['size@50']:.0f} and {union[f'size@{DEPTH}']:.0f} items a query",)
    return Table(_command(task, dates), ("retriever", "Recall@50", f"Recall@{DEPTH}"), tuple(rows), below)


def strata(results: Results, task: str, *dates: str) -> Table | None:
    """nDCG@10 by stratum of the bar, of the best baseline and of ours."""
    told = _crunchbase(results, task, *dates)
    if told is None or not told["strata"]:
        return None
    names = shown_in_strata(told)
    rows = [
        (stratum, str(found["queries"]), *(interval(found[name]) for name in names))
        for stratum, found in told["strata"].items()
    ]
    return Table(_command(task, dates), ("stratum", "queries", *names), tuple(rows))


def cuts(results: Results, task: str) -> Table | None:
    """nDCG@10 of every method by yearly cut, over all results of a task."""
    by_date: dict[str, Mapping[str, float]] = {}
    for told in of_kind(results, f"crunchbase {task} "):
        by_date |= told["cuts"]
    if not by_date:
        return None
    dates = sorted(by_date)
    methods = list(by_date[dates[-1]])
    rows = [(method, *(f"{by_date[day].get(method, float('nan')):.3f}" for day in dates)) for method in methods]
    return Table(_command(task, dates), ("method", *dates), tuple(rows))


def learned(results: Results) -> Table | None:
    """The learned ranker against the transparent one: every trial."""
    found = of_kind(results, "learned ")
    if not found:
        return None
    rows = []
    for told in found:
        shown = [interval(told[name]) if told[name] else "" for name in ("transparent", "learned")]
        gain = told["difference"]
        said = [interval(gain, signed=True), verdict(gain)] if gain else ["", "too few to tell"]
        rows.append((told["head"], told["as_of"], ", ".join(told["dates"]), f"{told['asked']:,}", *shown, *said))
    head = ("head", "known until", "asked on", "projects", "transparent", "learned", "difference", "verdict")
    commands = [f"duijie evaluate learned PATH --task {told['head']} --as-of {told['as_of']}" for told in found]
    return Table("\n".join(commands), head, tuple(rows))


def shown_in_strata(told: Result) -> list[str]:
    """Methods whose strata are shown: the bar, the best baseline, ours."""
    return list(dict.fromkeys([BAR, best_baseline(told), _ours(told)]))


def best_baseline(told: Result) -> str:
    """Of the baselines that ours is declared to be compared with the one with the best nDCG@10."""
    return str(max((claim["theirs"] for claim in told["comparisons"]), key=lambda name: told["methods"][name][MAIN][0]))


def _ours(told: Result) -> str:
    """The method the comparisons are about: duijie, or the history family where duijie did not run."""
    return str(told["comparisons"][0]["ours"])


def _exposure(method: Result) -> list[str]:
    """How widely a method shows, as cells."""
    return [f"{method['exposure@10'][name]:.3f}" for name in EXPOSURE]


def _crunchbase(results: Results, task: str, *dates: str) -> Result | None:
    told = results.get(" ".join(["crunchbase", task, *dates]))
    return told if told is not None and told["methods"] else None


def _command(task: str, dates: Iterable[str]) -> str:
    told = " ".join(f"--as-of {day}" for day in dates)
    return f"duijie evaluate crunchbase PATH --task {task} {told} --out work/"
