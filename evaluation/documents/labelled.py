"""Tables of the labelled sets: every method, the whole ranker by channel and side, and what each family gives."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.crunchbase_tasks import TASKS
from evaluation.documents.table import Table, interval, verdict
from evaluation.labelled_set import LENGTHS, SIDES
from evaluation.methods import OURS
from evaluation.results import Results

CHANNELS = {"challenge": "ch.", "financing": "fin.", "placement": "pl.", "services": "serv."}
ARROWS = dict(zip(SIDES, ("P→I", "I→P"), strict=True))


def labelled(results: Results, name: str, length: str) -> Table | None:
    """nDCG@10 of every method in every channel and side, ruled-out pairs, and what the whole ranker gains."""
    told = results.get(f"labelled {name} {length}")
    if told is None:
        return None
    titles = [f"{CHANNELS[channel]} {ARROWS[side]}" for channel, side, _ in told["cells"]]
    rows = []
    for method, found in told["methods"].items():
        means = [cell[0] for cell in found["ndcg10"]]
        hit, of = (sum(cell[at] for cell in found["ruled_out"]) for at in (0, 1))
        shown = [*(f"{mean:.3f}" for mean in means), f"{sum(means) / len(means):.3f}", f"{hit}/{of}"]
        rows.append((f"**{method}**" if method == OURS else method, *shown))
    below = [f"{OURS} - {method}: {_with_verdict(gain)}" for method, gain in told["gains"].items()]
    head = ("method", *titles, "mean", "ruled out in top 5")
    return Table(f"duijie evaluate labelled --set {name}", head, tuple(rows), tuple(below))


def channels(results: Results, name: str) -> Table | None:
    """The whole ranker on a labelled set, channel by channel and side by side, with intervals, in both lengths."""
    both = [told for length in LENGTHS if (told := results.get(f"labelled {name} {length}")) is not None]
    if len(both) < len(LENGTHS):
        return None
    found = [told["methods"][OURS] for told in both]
    rows = [
        (
            f"{channel} {ARROWS[side]}",
            str(queries),
            *(interval(part["ndcg10"][at]) for part in found),
            *("/".join(map(str, part["ruled_out"][at])) for part in found),
        )
        for at, (channel, side, queries) in enumerate(both[0]["cells"])
    ]
    head = ("channel, side", "queries", "short", "long", "ruled out in top 5, short", "long")
    return Table(f"duijie evaluate labelled --set {name}", head, tuple(rows))


def ablation(results: Results, *on: str) -> Table | None:
    """What each family gives on a set and length, or on a task and date."""
    told = results.get(" ".join(["ablation", *on]))
    if told is None:
        return None
    if on[0] in TASKS:
        command = f"duijie evaluate ablation --crunchbase PATH --task {on[0]} --as-of {on[1]}"
    else:
        command = f"duijie evaluate ablation --set {on[0]} --length {on[1]}"
    rows = [(OURS, interval(told["whole"]), "", "")]
    for family, part in told["families"].items():
        gives = interval(part["gives"], signed=True) if part["gives"] else ""
        rows.append((family, interval(part["without"]), gives, part["verdict"]))
    head = ("family" if "--set" in command else "feature", "nDCG@10 without", "gives", "verdict")
    return Table(command, head, tuple(rows))


def _with_verdict(told: Sequence[float]) -> str:
    said = verdict(told)
    return interval(told, signed=True) + (f"  {said}" if said == "no difference shown" else "")
