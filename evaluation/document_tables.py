"""Results as tables: what stands in the documents, and what a page may show. Every cell is text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evaluation.bench_report import encoding_table, matching_table
from evaluation.crunchbase_cut import MAIN, MEASURES, OURS
from evaluation.crunchbase_rank import HISTORY
from evaluation.crunchbase_report import BAR
from evaluation.labelled_set import SIDES
from evaluation.results import Result, Results

CHANNELS = {"challenge": "ch.", "financing": "fin.", "placement": "pl.", "services": "serv."}
ARROWS = dict(zip(SIDES, ("P→I", "I→P"), strict=True))
FINE = 0.02
"""A difference whose numbers are all below this is shown with four decimals, else with three."""


@dataclass(frozen=True)
class Table:
    """The command that gives the figures, the table, and lines below it."""

    command: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    below: tuple[str, ...] = ()

    def markdown(self) -> str:
        """As it stands in a document."""
        lines = [self.head, ("---",) * len(self.head), *self.rows]
        table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        told = "".join(f"\n- {line}" for line in self.below)
        return f"```sh\n{self.command}\n```\n\n{table}" + (f"\n{told}" if told else "")


def interval(told: Sequence[float], *, signed: bool = False) -> str:
    """``0.232 [0.169, 0.285]``; ``signed`` shows the sign of what is not negative."""
    digits = 4 if signed and max(abs(value) for value in told) < FINE else 3
    mean, low, high = (f"{value:{'+' if signed else ''}.{digits}f}" for value in told)
    return f"{mean} [{low}, {high}]"


def verdict(told: Sequence[float]) -> str:
    """Of a difference: nothing is shown where its interval covers 0."""
    if told[1] <= 0 <= told[2]:
        return "no difference shown"
    return "better" if told[1] > 0 else "worse"


def labelled(results: Results, name: str, length: str) -> Table | None:
    """nDCG@10 of every method in every channel and side, ruled-out pairs, and what the whole ranker gains."""
    told = results.get(f"labelled {name} {length}")
    if told is None:
        return None
    cells = [(channel, side) for channel in CHANNELS for side in SIDES]
    titles = [f"{CHANNELS[channel]} {ARROWS[side]}" for channel, side in cells]
    rows = []
    for method, found in told["methods"].items():
        parts = [found[f"{channel}/{side}"] for channel, side in cells]
        means = [part["ndcg10"][0] for part in parts]
        hit, of = (sum(part["ruled_out"][at] for part in parts) for at in (0, 1))
        shown = [*(f"{mean:.3f}" for mean in means), f"{sum(means) / len(means):.3f}", f"{hit}/{of}"]
        rows.append((f"**{method}**" if method not in told["gains"] else method, *shown))
    below = [f"whole ranker - {method}: {_with_verdict(gain)}" for method, gain in told["gains"].items()]
    head = ("method", *titles, "mean", "ruled out in top 5")
    return Table(f"duijie evaluate labelled --set {name}", head, tuple(rows), tuple(below))


def channels(results: Results, name: str) -> Table | None:
    """The whole ranker on a labelled set, channel by channel and side by side, with intervals, in both lengths."""
    both = [results.get(f"labelled {name} {length}") for length in ("short", "long")]
    found = [told["methods"]["whole ranker"] for told in both if told is not None]
    if len(found) < 2:
        return None
    rows = [
        (
            f"{channel} {ARROWS[side]}",
            str(found[0][f"{channel}/{side}"]["queries"]),
            *(interval(part[f"{channel}/{side}"]["ndcg10"]) for part in found),
            *("/".join(map(str, part[f"{channel}/{side}"]["ruled_out"])) for part in found),
        )
        for channel in CHANNELS
        for side in SIDES
    ]
    head = ("channel, side", "queries", "short", "long", "ruled out in top 5, short", "long")
    return Table(f"duijie evaluate labelled --set {name}", head, tuple(rows))


def ablation(results: Results, *on: str) -> Table | None:
    """What each family gives on a set and length, or on a task and date."""
    told = results.get(" ".join(["ablation", *on]))
    if told is None:
        return None
    if on[0] in ("cold", "warm", "deals"):
        command = f"duijie evaluate ablation --crunchbase PATH --task {on[0]} --as-of {on[1]}"
    else:
        command = f"duijie evaluate ablation --set {on[0]} --length {on[1]}"
    rows = [("whole ranker", interval(told["whole"]), "", "")]
    for family, part in told["families"].items():
        gives = interval(part["gives"], signed=True) if part["gives"] else ""
        rows.append((family, interval(part["without"]), gives, part["verdict"]))
    head = ("family" if "--set" in command else "feature", "nDCG@10 without", "gives", "verdict")
    return Table(command, head, tuple(rows))


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
        shown = found["exposure@10"]
        cells = [interval(found[name]) for name in MEASURES if name != "Recall@20"]
        cells += [interval(found[f"gain_{MAIN}"], signed=True)]
        cells += [f"{shown[name]:.3f}" for name in ("coverage", "gini", "largest")]
        rows.append((f"**{method}**" if method == OURS else method, *cells))
    below = [
        f"{claim['ours']} - {claim['theirs']}: {interval(claim['difference'], signed=True)} "
        f"({claim['relative']:+.0%}), p {claim['p']:.4f}: {claim['verdict']}"
        for claim in told["comparisons"]
    ]
    if same:
        below.append(f"{', '.join(same)}: for these companies the same as {BAR}")
    measures = [name for name in MEASURES if name != "Recall@20"]
    head = ("method", *measures, f"{MAIN} - bar", "coverage@10", "Gini@10", "largest share@10")
    return Table(_command(task, dates), head, tuple(rows), tuple(below))


def retrieval(results: Results, task: str, *dates: str) -> Table | None:
    """How much of what is relevant each retriever finds at all, and all of them together."""
    told = _crunchbase(results, task, *dates)
    if told is None:
        return None
    rows = [
        (name, f"{found['Recall@50']:.3f}", f"{found['Recall@200']:.3f}") for name, found in told["retrieval"].items()
    ]
    union = told["retrieval"]["union of all"]
    below = (f"the union holds {union['size@50']:.0f} and {union['size@200']:.0f} items a query",)
    return Table(_command(task, dates), ("retriever", "Recall@50", "Recall@200"), tuple(rows), below)


def strata(results: Results, task: str, *dates: str) -> Table | None:
    """nDCG@10 by stratum of the bar, of the best baseline and of ours."""
    told = _crunchbase(results, task, *dates)
    if told is None:
        return None
    names = list(dict.fromkeys([BAR, best_baseline(told), OURS]))
    rows = [
        (stratum, str(found["queries"]), *(interval(found[name]) for name in names))
        for stratum, found in told["strata"].items()
    ]
    return Table(_command(task, dates), ("stratum", "queries", *names), tuple(rows))


def cuts(results: Results, task: str) -> Table | None:
    """nDCG@10 of every method by yearly cut, over all results of a task."""
    by_date: dict[str, Mapping[str, float]] = {}
    for told in _of(results, f"crunchbase {task} "):
        by_date |= told["cuts"]
    if not by_date:
        return None
    dates = sorted(by_date)
    methods = list(by_date[dates[-1]])
    rows = [(method, *(f"{by_date[day].get(method, float('nan')):.3f}" for day in dates)) for method in methods]
    return Table(_command(task, dates), ("method", *dates), tuple(rows))


def learned(results: Results) -> Table | None:
    """The learned ranker against the transparent one: every trial."""
    found = _of(results, "learned ")
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


def duplicates(results: Results, records: str) -> Table | None:
    """Planted duplicates found and traps avoided: every set of a size."""
    found = _of(results, f"duplicates {records} ")
    if not found:
        return None
    rows = [
        (
            f"{told['records']:,}, seed {told['seed']}",
            f"{told['pairs']:,}",
            *(f"{told[name]:.3f}" for name in ("precision", "recall")),
            f"{told['trapped']} of {told['traps']:,}",
            f"{told['calibration_error']:.3f}",
            f"{told['seconds']:.0f}",
            f"{told['gib']:.1f}",
        )
        for told in found
    ]
    head = ("records", "true pairs", "precision", "recall", "traps found", "calibration error", "seconds", "peak GiB")
    commands = [
        f"duijie evaluate duplicates --records {told['records']} --pairs {told['pairs']} --seed {told['seed']}"
        for told in found
    ]
    return Table("\n".join(commands), head, tuple(rows))


def calibration(results: Results) -> Table | None:
    """What is known of the probabilities of each channel and rung: on later cases, or why there is none."""
    found = _of(results, "calibration ")
    if not found:
        return None
    rows = []
    for told in found:
        later = told.get("later")
        if "none" in told:
            rows.append((told["channel"], told["target"], "", "", "", "", f"no probability: {told['none']}"))
            continue
        made = (told["channel"], told["target"], f"{told['positives']:,} of {told['cases']:,}")
        if not later:
            rows.append((*made, "", "", "", "too short a history to check"))
            continue
        skill = [later["skill"][name] for name in ("mean", "low", "high")]
        rows.append(
            (*made, f"{later['later']:,}", f"{later['error']:.3f}", interval(skill, signed=True), verdict(skill))
        )
    head = ("channel", "rung", "reached", "later cases", "calibration error", "Brier saved", "against the base rate")
    command = "duijie demo --no-serve\nduijie calibrate --store .demo/duijie.duckdb --as-of 2022-12-31"
    return Table(command, head, tuple(rows))


def matching(results: Results, projects: str, institutions: str) -> Table | None:
    """Time and memory of every stage of a synthetic market beside a plain pipeline."""
    told = results.get(f"matching {projects} {institutions}")
    if told is None:
        return None
    command = f"python -m evaluation.bench --sizes {projects}x{institutions} --parts matching"
    return _from_lines(command, list(matching_table(told))[1:])


def encoders(results: Results) -> Table | None:
    """Speed, memory and quality of the encoders."""
    told = results.get("encoders")
    if told is None:
        return None
    return _from_lines("python -m evaluation.bench --parts encoding", list(encoding_table(told["encoders"])))


SECTIONS: Mapping[str, Callable[..., Table | None]] = {
    told.__name__: told
    for told in (
        labelled, channels, ablation, crunchbase, retrieval, strata, cuts, learned, duplicates, calibration, matching,
        encoders,
    )
}  # fmt: skip
"""What may stand in a marked place, by name; the words after the name are its arguments. None: no such result."""


def best_baseline(told: Result) -> str:
    """The method with the best nDCG@10 that is neither ours nor a part of it."""
    others = {name: found[MAIN][0] for name, found in told["methods"].items() if name not in (OURS, HISTORY)}
    return max(others, key=lambda name: others[name])


def _of(results: Results, start: str) -> list[Result]:
    return [told for name, told in sorted(results.items()) if name.startswith(start)]


def _crunchbase(results: Results, task: str, *dates: str) -> Result | None:
    return results.get(" ".join(["crunchbase", task, *dates]))


def _command(task: str, dates: Iterable[str]) -> str:
    told = " ".join(f"--as-of {day}" for day in dates)
    return f"duijie evaluate crunchbase PATH --task {task} {told} --out work/"


def _with_verdict(told: Sequence[float]) -> str:
    said = verdict(told)
    return interval(told, signed=True) + (f"  {said}" if said == "no difference shown" else "")


def _from_lines(command: str, lines: Sequence[str]) -> Table:
    """A table that its own report prints as Markdown, with the other lines below."""
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("|")]
    rows = tuple(row for row in cells[1:] if not set("".join(row)) <= {"-"})
    return Table(command, cells[0], rows, tuple(line for line in lines if not line.startswith("|")))
