"""Scoreboard of institutions for 优秀对接服务单位 (C22: 后续对接服务中工作突出、成效显著).

Totals reward whoever takes the most and the easiest cases; bare rates reward one lucky case. Here every institution is
held against what the market achieves with cases like its own in the same time (:mod:`evaluation.skill`), few cases
count little, every rank has an interval, and the rank without the best case stands beside it. An open case is no
failure. A case that nobody called back (未回访) is watched until its last contact only; because silence would
then pay, the rank with all silent cases taken as unsuccessful until today stands there as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data.awarded import WORDING, place_awards
from data.cases import OPEN, cases
from data.edition import LEVELS
from data.followup import NOT_CALLED, Plan, followups
from data.merging import Merges
from data.problem import DuijieError
from data.programmes import editions
from data.view import View
from evaluation.grouping import UNKNOWN, case_groups
from evaluation.skill import Bounds, Floats, Skills, Watched, learn

STAGES = {"met": 90, "signed": 365, "delivered": 365}
"""What may count as success, and the days within which its rate is told."""
LEAST = 5
"""With fewer matured cases an institution is listed without a rank: nobody wins with 1 of 1."""
COLUMNS = (
    *("institution_id", "name", "cases", "matured", "open", "not_called", "observed", "expected", "raw_rate"),
    *("adjusted_rate", "low", "high", "rank", "rank_low", "rank_high", "rank_without_best_case"),
    *("rank_without_worst_case", "rank_if_silent_failed"),
)


@dataclass(frozen=True)
class _Board:
    """Cases under observation in the order of ``frame``; ``ids`` are the institutions by number."""

    frame: pd.DataFrame
    ids: list[str]
    watched: Watched
    silent: Watched


def scoreboard(
    view: View,
    entries: Iterable[Mapping[str, Any]],
    *,
    stage: str = "delivered",
    channel: str | None = None,
    plan: Plan | None = None,
    merges: Merges | None = None,
    least: int = LEAST,
    seed: int = 0,
) -> pd.DataFrame:
    """One row an institution that was introduced to a project by the view's date, ranked ones first.

    ``entries`` are the journal's follow-up entries. Columns are :data:`COLUMNS`: ``cases``; ``matured`` (reached the
    stage, ended, or watched for the days of :data:`STAGES`); ``open`` and, of these, ``not_called``; ``observed``
    successes and those ``expected`` of the market with these cases in this time; ``raw_rate`` (observed by cases, for
    comparison only); ``adjusted_rate``: the share of typical cases that would succeed within the days of the stage,
    with its 95 % interval; ``rank`` by it among institutions with at least ``least`` matured cases (None for others),
    the interval of the rank, and the rank when the one case is left out that helps most, or hurts most (None when too
    few cases would be left).

    Raises
    ------
    DuijieError
        ``scoreboard.stage`` for an unknown stage, ``scoreboard.empty`` when there are no cases.
    """
    if stage not in STAGES:
        raise DuijieError("scoreboard.stage", f"没有这个阶段 / no stage {stage!r}", f"one of {', '.join(STAGES)}")
    from threadpoolctl import threadpool_limits

    board = _read(view, list(entries), stage, channel, plan, merges or {})
    with threadpool_limits(limits=1, user_api="blas"):  # threads that wait for one another cost many times the work
        return _judged(board, stage, view, least, seed)


def _judged(board: _Board, stage: str, view: View, least: int, seed: int) -> pd.DataFrame:
    """The table of :func:`scoreboard`."""
    skills, matured = learn(board.watched), _matured(board, STAGES[stage])
    table = _counts(board, skills, matured, view)
    ranked = np.flatnonzero(table["matured"].to_numpy() >= least)
    bounds = skills.bounds(ranked, seed=seed)
    _add_rates(table, skills, STAGES[stage], bounds)
    _add_ranks(table, skills, board, matured, least, bounds)
    order = table.assign(unranked=table["rank"].isna(), best=-table["adjusted_rate"])
    order = order.sort_values(["unranked", "rank", "best", "institution_id"], ignore_index=True)
    return order[list(COLUMNS)]


def _read(
    view: View, entries: list[Mapping[str, Any]], stage: str, channel: str | None, plan: Plan | None, merges: Merges
) -> _Board:
    found = cases(view.outcomes, view.as_of)
    found = found[~found["history"].to_numpy(bool)].reset_index(drop=True)
    calls = followups(view.outcomes, entries, view.as_of, plan, merges)
    found["silent"] = (calls["state"] == NOT_CALLED).to_numpy()
    found["last_contact"] = calls["last_contact"].fillna(found["reached_introduced"]).to_numpy()
    if channel:
        found = found[found["channel"] == channel].reset_index(drop=True)
    if found.empty:
        raise DuijieError(
            "scoreboard.empty", "没有引荐记录 / no introductions to judge by", "duijie import outcomes, duijie outcome"
        )
    found["open"] = found["state"] == OPEN
    reached = found[f"reached_{stage}"]
    success = reached.notna().to_numpy()
    # Whether a case of which nobody has heard has succeeded since is not known; that of a met case is, whatever comes.
    found["silent"] &= found["open"] & ~success
    today = pd.Timestamp(view.as_of)
    until = found["last_contact"].where(found["silent"], today)
    begun = found["reached_introduced"]
    known = _length(begun, reached.where(reached.notna(), until))
    loud = _length(begun, reached.where(reached.notna(), today))
    numbers, ids = pd.factorize(found["institution_id"], sort=True)
    covariates = _covariates(found, view)
    watched, silent = (Watched(numbers.astype(np.int64), covariates, days, success, len(ids)) for days in (known, loud))
    return _Board(found, [str(one) for one in ids], watched, silent)


def _length(begun: pd.Series[Any], until: pd.Series[Any]) -> Floats:
    """Days watched; an event on the day of the introduction came after half a day."""
    days = (until - begun).dt.days.to_numpy().astype(np.float64)
    return np.asarray(np.maximum(days, 0) + 0.5)


def _matured(board: _Board, days: int) -> NDArray[np.bool_]:
    ended = ~board.frame["open"].to_numpy(bool)
    return np.asarray(board.watched.success | ended | (board.watched.days >= days))


def _covariates(found: pd.DataFrame, view: View) -> Floats:
    """Columns of 0 to 1 for every value of what is allowed for: channel; group, stage, fields and contest
    region of the project; highest step of its awards. A project of two fields is half in each; unknown is a value.
    """
    code, ids = pd.factorize(found["project_id"])
    projects, place = pd.DataFrame({"project_id": ids}), np.arange(len(ids))
    parts = []
    for by in ("group", "sector", "region"):
        told = case_groups(projects, by, view)
        parts.append(_shares(told["case"].to_numpy(), told["group"].astype(object).to_numpy(), len(ids)))
    stages = view.projects.select(["project_id", "stage"]).to_pandas().set_index("project_id")["stage"]
    for labels in (stages, _levels(view)):
        known = projects["project_id"].map(labels).astype(object)
        parts.append(_shares(place, known.where(known.notna(), UNKNOWN).to_numpy(), len(ids)))
    channel = _shares(np.arange(len(found)), found["channel"].to_numpy(), len(found))
    matrix = np.concatenate([channel, np.concatenate(parts, axis=1)[code]], axis=1)
    return np.asarray(matrix[:, np.ptp(matrix, axis=0) > 0])  # what all cases share tells nothing


def _shares(case: NDArray[Any], labels: NDArray[Any], count: int) -> Floats:
    """Share of every case in every label."""
    codes, names = pd.factorize(labels, sort=True)
    matrix = np.bincount(case * len(names) + codes, minlength=count * len(names)).reshape(count, len(names))
    return np.asarray(matrix / matrix.sum(axis=1, keepdims=True))


def _levels(view: View) -> pd.Series[Any]:
    """Highest step (市, 省, 国) of each project's awards, where the notices tell."""
    awards = view.awards.select(["project_id", *WORDING]).to_pandas()
    wording = awards.groupby(list(WORDING), dropna=False, sort=False).ngroup().to_numpy()
    first = np.unique(wording, return_index=True)[1]
    told = place_awards(editions(), view.awards.select(list(WORDING)).take(pa.array(first)).to_pylist())
    step = np.array([LEVELS.index(placed.level) if placed.level else -1 for placed in told], np.int64)
    best = pd.Series(step[wording], awards["project_id"]).groupby(level=0).max()
    best = best[best >= 0]
    return pd.Series(np.array(LEVELS, dtype=object)[best.to_numpy()], best.index, dtype=object)


def _counts(board: _Board, skills: Skills, matured: NDArray[np.bool_], view: View) -> pd.DataFrame:
    """What can be counted of every institution."""
    grouped = board.frame.assign(matured=matured).groupby(board.watched.institution)
    table = grouped.agg(
        cases=("matured", "size"), matured=("matured", "sum"), open=("open", "sum"), not_called=("silent", "sum")
    ).reset_index(drop=True)
    names = dict(view.institutions.select(["institution_id", "name"]).to_pandas().itertuples(index=False, name=None))
    table["institution_id"], table["name"] = board.ids, [names.get(key, "") for key in board.ids]
    table["observed"], table["expected"] = skills.observed.astype(np.int64), skills.expected
    table["raw_rate"] = skills.observed / table["cases"]
    return table


def _add_rates(table: pd.DataFrame, skills: Skills, days: int, bounds: Bounds) -> None:
    for name, skill in (("adjusted_rate", skills.mean()), ("low", bounds.low), ("high", bounds.high)):
        table[name] = skills.rate(skill, days)


def _add_ranks(
    table: pd.DataFrame, skills: Skills, board: _Board, matured: NDArray[np.bool_], least: int, bounds: Bounds
) -> None:
    """Ranks among institutions with enough matured cases, and what becomes of them in other cases."""
    counts = table["matured"].to_numpy()
    ranked = np.flatnonzero(counts >= least)
    mean, harsh = skills.mean(), learn(board.silent).mean()
    best = np.sort(mean[ranked])
    ranks = {name: np.zeros(len(table), np.int64) for name in COLUMNS if name.startswith("rank")}  # 0 stands for none
    ranks["rank"][ranked] = _rank(best, mean[ranked], mean[ranked])
    ranks["rank_low"][ranked], ranks["rank_high"][ranked] = bounds.rank_low, bounds.rank_high
    ranks["rank_if_silent_failed"][ranked] = _rank(np.sort(harsh[ranked]), harsh[ranked], harsh[ranked])
    without = _without_one(skills, board.watched)
    for name, case in zip(("best", "worst"), _extremes(without, board.watched), strict=True):
        enough = counts[ranked] - matured[case[ranked]] >= least
        those = ranked[enough]
        ranks[f"rank_without_{name}_case"][those] = _rank(best, mean[those], without[case[those]])
    for name, values in ranks.items():
        table[name] = pd.array(values, dtype="Int64").copy()
        table.loc[values == 0, name] = pd.NA


def _without_one(skills: Skills, watched: Watched) -> Floats:
    """For every case the skill of its institution without it, under the same market."""
    of_case = watched.institution
    return skills.mean(skills.observed[of_case] - watched.success, skills.expected[of_case] - skills.case_expected)


def _extremes(without: Floats, watched: Watched) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of every institution the case without which its skill is lowest, and highest; the first where several are."""
    place = np.arange(len(without))
    found = []
    for value in (without, -without):
        order = np.lexsort((place, value, watched.institution))
        found.append(order[np.searchsorted(watched.institution[order], np.arange(watched.institutions))])
    return found[0], found[1]


def _rank(best: Floats, mean: Floats, values: Floats) -> NDArray[np.int64]:
    """Rank of institutions of skill ``mean`` with these values instead; ``best`` holds the ranked skills, sorted."""
    above = len(best) - np.searchsorted(best, values, side="right")
    return np.asarray(1 + above - (mean > values))
