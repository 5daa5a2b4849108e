"""The price of a floor: how much fit the lists lose when every group gets at least a part of its eligible share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from data.problem import DuijieError

FLOORS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)
COLUMNS = ("floor", "score", "price", "changed", "short")
SECONDS = 60.0
"""How long one floor may be searched for where groups overlap."""


def floor_prices(
    pairs: pd.DataFrame, groups: pd.DataFrame, places: int, floors: Sequence[float] = FLOORS
) -> pd.DataFrame:
    """The best lists under each floor, a row a floor in rising order, columns :data:`COLUMNS`.

    ``pairs``: ``project_id``, ``institution_id`` and ``score`` of every pair that may stand on a list; ``groups``:
    ``project_id`` and ``group`` of all eligible projects. Each institution's list has ``places`` places (fewer where it
    has fewer pairs). Under floor f every group has at least f times its share of eligible projects of all places,
    rounded down. ``score``: mean score of a place. ``price``: the loss against no floor, as a share of what the
    best lists gain over blind ones (the mean of each institution's pairs), so neither the scale nor the origin of
    scores matters. It never falls with the floor. ``changed``: places that differ from the lists without a floor.
    ``short``: groups that cannot have so many places, joined by ``;``, or ``*`` where each alone could but not all
    together; score and price are then NaN: no lists meet that floor.

    Exact: an integer programme (HiGHS). Where no project stands in two groups it is a flow and solved as a linear one.
    """
    task = _task(pairs, groups, places)
    free = _free(task)
    best, blind, total = float(task.score @ free), float(task.slots @ task.mean), float(task.slots.sum())
    rows: list[dict[str, Any]] = []
    for floor in sorted(floors):
        need = np.floor(floor * task.share * total + 1e-9)
        found = _best(task, need)
        if found is None:
            rows.append({"floor": floor, "short": _short(task, need)})
            continue
        score = float(task.score @ found)
        price = (best - score) / (best - blind) if best - blind > 1e-12 else 0.0
        row = {"floor": floor, "score": score / total, "price": max(price, 0.0), "short": ""}
        rows.append({**row, "changed": round(total - float(found @ free))})
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"score": float, "price": float, "changed": "Int64"})


@dataclass(frozen=True, slots=True)
class _Task:
    """Pairs as columns; ``lists`` and ``held`` say which list and which groups each pair counts for."""

    score: NDArray[np.float64]
    institution: NDArray[np.intp]
    lists: csr_array[Any, Any]
    held: csr_array[Any, Any]
    slots: NDArray[np.float64]
    mean: NDArray[np.float64]
    share: NDArray[np.float64]
    names: tuple[str, ...]
    overlapping: bool


def _task(pairs: pd.DataFrame, groups: pd.DataFrame, places: int) -> _Task:
    eligible = pd.unique(groups["project_id"])
    pairs = pairs[pairs["project_id"].isin(eligible)].reset_index(drop=True)
    if pairs.empty:
        raise DuijieError("exposure.empty", "没有可展示的匹配 / there is no match to show", "duijie match")
    column = groups["group"].astype("category").cat
    institution = pd.factorize(pairs["institution_id"], sort=True)[0]
    each = np.bincount(institution).astype(np.float64)
    member = pairs.reset_index(names="pair").merge(
        pd.DataFrame({"project_id": groups["project_id"], "code": column.codes.astype(np.int64)}), on="project_id"
    )
    score = pairs["score"].to_numpy(np.float64)
    ones, size = np.ones(len(pairs)), (len(column.categories), len(pairs))
    return _Task(
        score=score,
        institution=institution,
        lists=csr_array((ones, (institution, np.arange(len(pairs)))), shape=(len(each), len(pairs))),
        held=csr_array((np.ones(len(member)), (member["code"], member["pair"])), shape=size),
        slots=np.minimum(each, places),
        mean=np.bincount(institution, score) / each,
        share=np.bincount(column.codes, minlength=size[0]) / len(eligible),
        names=tuple(map(str, column.categories)),
        overlapping=len(groups) > len(eligible),
    )


def _free(task: _Task) -> NDArray[np.float64]:
    """The best lists without any floor, 1 for every pair on them."""
    order = np.lexsort((-task.score, task.institution))
    first = np.searchsorted(task.institution[order], np.arange(len(task.slots)))
    place = np.arange(len(order)) - first[task.institution[order]]
    chosen = np.zeros(len(order))
    chosen[order] = place < task.slots[task.institution[order]]
    return chosen


def _best(task: _Task, need: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Which pairs stand on the best lists (0 or 1 each), None where no lists give the groups what they need.

    Raises
    ------
    DuijieError
        ``exposure.time`` when neither was found in :data:`SECONDS`.
    """
    rules = [LinearConstraint(task.lists, task.slots, task.slots), LinearConstraint(task.held, need, np.inf)]
    found = milp(
        -task.score,
        integrality=int(task.overlapping),
        bounds=Bounds(0, 1),
        constraints=rules,
        options={"mip_rel_gap": 0.0, "time_limit": SECONDS},
    )
    if found.status == 2:
        return None
    if found.status != 0:
        raise DuijieError(
            "exposure.time",
            f"{SECONDS:.0f} 秒内未得出结果 / no answer in {SECONDS:.0f} s: {found.message}",
            "group by region or group, or fewer places",
        )
    chosen: NDArray[np.float64] = np.round(found.x)
    return chosen


def _short(task: _Task, need: NDArray[np.float64]) -> str:
    """Groups that cannot have what they need even if the lists were filled for them alone."""
    most = np.array([np.minimum(task.lists @ row, task.slots).sum() for row in task.held.toarray()])
    return ";".join(name for name, short in zip(task.names, most < need, strict=True) if short) or "*"
