"""Did the matching help? The answer of one channel, from its own runs and what became of them since.

Three questions, from the weakest to the strongest: how often recommendations of each place and score came to
something; whether the deployed ranking orders what came better than simple baselines on the same dates; and what a
recommendation itself does, and another policy would have done, from places that were drawn (:mod:`effect_estimators`).
The first two tell of the ranking and of the organisers together, since what was not introduced could not come.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from data.problem import DuijieError
from data.registry import discover
from data.runs import Run
from data.view import View
from evaluation.baseline import Baseline
from evaluation.comparisons import OUTSIDE, Claim, claims
from evaluation.effect_estimators import Answer, Limits, effect, no_draw, policy_value
from evaluation.effect_log import Log, as_of
from evaluation.metrics import measure
from evaluation.past import Past
from evaluation.significance import Interval, bootstrap_interval
from features.family import Market
from matcher.channel import channels

PLACES = ((1, 1), (2, 3), (4, 5), (6, 10), (11, 20), (21, 1000))
FIFTHS = 5
POLICIES = ("score", "random")
OURS = "duijie"
MEASURES = ("nDCG@10", "Recall@10", "MRR")
LEAST_LISTS = 20
"""Lists with an outcome below which the ranking is not compared."""


@dataclass(frozen=True)
class Group:
    """Shown pairs of one kind: how many, and which share reached the rung, with its interval clustered by project."""

    label: str
    pairs: int
    rate: Interval


@dataclass(frozen=True)
class Comparison:
    """The deployed ranking against baselines over lists on which something came; or why it cannot be compared."""

    lists: int
    scores: Mapping[str, Mapping[str, float]]
    claims: tuple[Claim, ...]
    refused: str


@dataclass(frozen=True)
class Effect:
    """Everything that can be said of one channel. ``policies`` are by name; refusals stand in the answers."""

    channel: str
    today: date
    target: str
    days: int
    runs: tuple[str, ...]
    unripe: int
    overlapping: int
    by_place: tuple[Group, ...]
    by_score: tuple[Group, ...]
    ranking: Comparison
    place: Answer
    policies: Mapping[str, Answer]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return dataclasses.asdict(self)


def measure_effect(
    log: Log,
    channel: str,
    today: date,
    target: str,
    days: int,
    view_of: Callable[[date], View],
    limits: Limits | None = None,
) -> Effect:
    """All answers of a channel from its log (:func:`evaluation.effect_log.read_log`).

    Raises
    ------
    DuijieError
        ``effect.unripe`` when no run is old enough for its outcomes to be known.
    """
    if not log.runs:
        raise DuijieError(
            "effect.unripe",
            f"没有满期的匹配 / no run of {channel!r} is {days} days old on {today}",
            "wait, or ask with a shorter --horizon",
        )
    shown = log.pairs[log.pairs["position"].notna()]
    return Effect(
        channel=channel,
        today=today,
        target=target,
        days=days,
        runs=tuple(run.run_id for run in log.runs),
        unripe=log.unripe,
        overlapping=log.overlapping,
        by_place=by_place(shown),
        by_score=by_score(shown),
        ranking=compare_rankings(log, channel, view_of),
        place=effect_of_a_place(log, limits),
        policies=other_policies(log, limits),
    )


def by_place(shown: pd.DataFrame) -> tuple[Group, ...]:
    """What came of each band of places."""
    bands = [(f"{a}" if a == b else f"{a}-{b}", shown["position"].between(a, b)) for a, b in PLACES]
    return tuple(_group(label, shown[mine]) for label, mine in bands if mine.any())


def by_score(shown: pd.DataFrame) -> tuple[Group, ...]:
    """What came of each fifth of the scores, the lowest first."""
    if shown.empty:
        return ()
    edges = np.unique(np.quantile(shown["score"].astype(float), np.linspace(0, 1, FIFTHS + 1)[1:-1]))
    fifth = np.searchsorted(edges, shown["score"].to_numpy(float), side="right")
    bounds = ["", *(f"{edge:.2f}" for edge in edges), ""]
    return tuple(
        _group(f"{bounds[at]}…{bounds[at + 1]}", shown[fifth == at])
        for at in range(len(edges) + 1)
        if (fifth == at).any()
    )


def _group(label: str, rows: pd.DataFrame) -> Group:
    rate = bootstrap_interval(rows["reached"].to_numpy(float), rows["project_id"].tolist(), draws=2000)
    return Group(label, len(rows), rate)


def compare_rankings(log: Log, channel: str, view_of: Callable[[date], View]) -> Comparison:
    """Deployed lists against those of every registered baseline as of the same dates, by what came afterwards."""
    grades: dict[str, dict[str, int]] = {}
    for run, project, institution in log.reached[["run", "project_id", "institution_id"]].itertuples(index=False):
        grades.setdefault(f"{run}|{project}", {})[institution] = 1
    deployed = _deployed(log)
    grades = {query: items for query, items in grades.items() if query in deployed}
    if len(grades) < LEAST_LISTS:
        why = f"结果太少 / something came on {len(grades)} lists, {LEAST_LISTS} are needed"
        return Comparison(len(grades), {}, (), why)
    rankings: dict[str, dict[str, list[str]]] = {OURS: deployed}
    for number, run in enumerate(log.runs):
        asked = [query.split("|", 1)[1] for query in grades if query.startswith(f"{number}|")]
        for name, lists in _baselines(run, channel, view_of(as_of(run)), asked).items():
            rankings.setdefault(name, {}).update({f"{number}|{project}": items for project, items in lists.items()})
    scores = {name: measure(grades, lists, MEASURES) for name, lists in rankings.items()}
    groups = [query.split("|", 1)[1] for query in sorted(grades)]
    found = claims(
        {name: values[MEASURES[0]] for name, values in scores.items()},
        OURS,
        [name for name in scores if name not in (OURS, *OUTSIDE)],
        groups,
    )
    means = {name: {key: float(value.mean()) for key, value in values.items()} for name, values in scores.items()}
    return Comparison(len(grades), means, tuple(found), "")


def _deployed(log: Log) -> dict[str, list[str]]:
    shown = log.pairs[log.pairs["position"].notna()].sort_values(["run", "project_id", "position"])
    lists: dict[str, dict[str, None]] = {}
    for run, project, institution in shown[["run", "project_id", "institution_id"]].itertuples(index=False):
        lists.setdefault(f"{run}|{project}", {})[institution] = None
    return {query: list(items) for query, items in lists.items()}


def _baselines(run: Run, channel: str, view: View, projects: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """Lists of every baseline for these projects, cut where the run's are; pairs the run ruled out are left out."""
    if not projects:
        return {}
    supply = channels()[channel].supply(view)
    market = Market(dataclasses.replace(view, institutions=supply), channel, (), (), None, {})
    row_of = {project: row for row, project in enumerate(view.projects["project_id"].to_pylist())}
    asked = [project for project in projects if project in row_of]
    rows = np.array([row_of[project] for project in asked], np.intp)
    ids = np.array(supply["institution_id"].to_pylist(), object)
    matches = run.table(f"matches_{channel}", where={"status": "ineligible"})
    ruled = set(zip(matches["project_id"].to_pylist(), matches["institution_id"].to_pylist(), strict=True))
    past, top = Past(market), int(run.manifest["top"])
    found: dict[str, dict[str, list[str]]] = {}
    baselines: dict[str, Baseline] = discover("evaluation.baselines", "BASELINE")
    for name, baseline in baselines.items():
        order = np.argsort(-baseline(past, rows), axis=1, kind="stable")
        found[name] = {
            project: [item for item in dict.fromkeys(ids[line]) if (project, item) not in ruled][:top]
            for project, line in zip(asked, order, strict=True)
        }
    return found


def effect_of_a_place(log: Log, limits: Limits | None = None) -> Answer:
    """What a place on the list does, over the pairs whose place was drawn."""
    frame = log.pairs
    return effect(
        frame["position"].notna().to_numpy(),
        frame["inclusion"].to_numpy(float),
        frame["reached"].to_numpy(float),
        frame["score"].to_numpy(float),
        pd.factorize(frame["project_id"])[0],
        limits,
    )


def other_policies(log: Log, limits: Limits | None = None) -> dict[str, Answer]:
    """Outcomes a list if all places were given by score, or all at random, among the pairs that had a chance."""
    frame = log.pairs.reset_index(drop=True)
    project = pd.factorize(frame["project_id"])[0]
    if not (frame["inclusion"] < 1).any():
        return dict.fromkeys(POLICIES, no_draw(project))
    by_list = frame.groupby(["run", "project_id"], sort=False)
    size = by_list["position"].transform("count").to_numpy(float)
    pool = by_list["score"].transform("size").to_numpy(float)
    rank = by_list["score"].rank(method="first", ascending=False).to_numpy(float)
    wanted = dict(zip(POLICIES, ((rank <= size).astype(float), size / np.maximum(pool, 1)), strict=True))
    shown, chance, reached, score = (
        frame["position"].notna().to_numpy(),
        *(frame[name].to_numpy(float) for name in ("inclusion", "reached", "score")),
    )
    listing = np.asarray(by_list.ngroup(), np.intp)
    return {
        name: policy_value(shown, chance, asked, reached, score, project, listing, limits=limits)
        for name, asked in wanted.items()
    }


def table_of(effect_: Effect) -> pa.Table:
    """The groups and estimates as one table: section, name, pairs, value, low, high, refused."""
    rows: list[dict[str, Any]] = []
    for section, groups in (("place", effect_.by_place), ("score", effect_.by_score)):
        rows += [_row(section, g.label, g.pairs, g.rate.mean, g.rate.low, g.rate.high) for g in groups]
    ranking = effect_.ranking
    rows += [
        _row("against", c.theirs, ranking.lists, c.difference.mean, c.difference.low, c.difference.high, c.verdict)
        for c in ranking.claims
    ]
    if ranking.refused:
        rows.append(_row("against", "", ranking.lists, None, None, None, ranking.refused))
    answers = {"effect": effect_.place, **{f"policy {name}": answer for name, answer in effect_.policies.items()}}
    for section, answer in answers.items():
        found = answer.estimates.values()
        rows += [_row(section, e.name, answer.support.pairs, e.value, e.low, e.high) for e in found]
        if answer.support.refused:
            rows.append(_row(section, "", answer.support.pairs, None, None, None, answer.support.refused))
    return pa.Table.from_pylist([{"channel": effect_.channel, **row} for row in rows])


def _row(
    section: str, name: str, pairs: int, value: float | None, low: float | None, high: float | None, note: str = ""
) -> dict[str, Any]:
    return {"section": section, "name": name, "pairs": pairs, "value": value, "low": low, "high": high, "note": note}
