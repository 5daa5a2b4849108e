"""What the institutions of a market did before: one row a deal, weighted by how far it got and how long ago it was.

Read from ``view.outcomes`` of the market's own channel only, up to the view's date. A *deal* is what an institution
and a project came to: every ``delivered`` outcome is one; where nothing was delivered, the farthest step of the pair
counts as a part of one (:data:`STEP_WEIGHT`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.family import Indexes, Market

STEP_WEIGHT = {"delivered": 1.0, "signed": 0.8, "intent": 0.4, "second_contact": 0.2, "met": 0.1, "accepted": 0.05}
"""Share of a deal that a step is worth. An introduction is the organizer's doing and says nothing."""

FOLLOW_ON = {"financing": 0.5}
"""Weight, by channel, of a deal with a project that somebody had already closed a deal with: a later round, often by
the same investors, says less about which new projects an institution takes. Tuned, see docs; 1 in other channels."""

DAYS = 365.25


@dataclass(frozen=True)
class Deals:
    """D deals sorted by date, project, institution; parallel arrays of length D.

    ``project`` is a row of ``view.projects`` (-1: not there), ``code`` a number of the distinct projects of deals,
    ``institution`` a number of the market's distinct institutions, ``weight`` in (0, 1], ``age`` in years before
    ``as_of``, ``day`` the days since 1970-01-01, ``delivered`` whether it was carried through, ``round`` as written
    ('' unknown).
    """

    project: Indexes
    code: Indexes
    institution: Indexes
    weight: NDArray[np.float64]
    age: NDArray[np.float64]
    day: NDArray[np.int64]
    delivered: NDArray[np.bool_]
    round: NDArray[np.object_]

    def decayed(self, half_life: float) -> NDArray[np.float64]:
        """Weights halved every ``half_life`` years."""
        return self.weight * 0.5 ** (self.age / half_life)


def owners(market: Market) -> tuple[pa.Array, Indexes]:
    """Distinct institution ids of the supply side, and the number of each supply row's institution among them."""
    ids = market.view.institutions.column("institution_id").combine_chunks()
    distinct = pc.unique(ids)
    return distinct, index_of(ids, distinct)


def read_deals(market: Market, institutions: pa.Array, *, discounted: bool = True) -> Deals:
    """Deals of the ``institutions`` in the market's channel; later rounds ``discounted`` by :data:`FOLLOW_ON`."""
    rows = steps_of(market)
    if not rows.num_rows:
        return _none()
    project, institution = _codes(rows, "project_id"), _codes(rows, "institution_id")
    weight = np.array(list(STEP_WEIGHT.values()))[index_of(rows["event"].combine_chunks(), pa.array(list(STEP_WEIGHT)))]
    delivered = weight == STEP_WEIGHT["delivered"]
    day = rows["at"].cast(pa.int32()).to_numpy().astype(np.int64)
    weight = np.where(_counts(project, institution, weight, day, delivered), weight, 0.0)
    if discounted:
        weight *= np.where(_follows(project, day, delivered), FOLLOW_ON.get(market.channel, 1.0), 1.0)
    column = index_of(rows["institution_id"].combine_chunks(), institutions)
    keep = np.flatnonzero((weight > 0) & (column >= 0))
    keep = keep[np.lexsort((column[keep], project[keep], day[keep]))]
    last = (market.view.as_of - EPOCH).days
    return Deals(
        project=index_of(rows["project_id"].combine_chunks(), market.view.projects["project_id"].combine_chunks())[
            keep
        ],
        code=project[keep],
        institution=column[keep],
        weight=weight[keep],
        age=(last - day[keep]) / DAYS,
        day=day[keep],
        delivered=delivered[keep],
        round=np.array(pc.fill_null(rows["round"], "").to_pylist(), dtype=object)[keep],
    )


_COLUMNS = ["project_id", "institution_id", "event", "at", "round"]
EPOCH = np.datetime64(0, "D").item()


def steps_of(market: Market) -> pa.Table:
    """Outcomes of the channel that are worth something, none later than the view's date."""
    outcomes = market.view.outcomes
    mine = pc.equal(outcomes["channel"], market.channel)
    by_then = pc.less_equal(outcomes["at"], pa.scalar(market.view.as_of, pa.date32()))
    step = pc.is_in(outcomes["event"], pa.array(list(STEP_WEIGHT)))
    return outcomes.filter(pc.and_(pc.and_(mine, by_then), step)).select(_COLUMNS)


def _codes(rows: pa.Table, name: str) -> Indexes:
    """Numbers that are equal where the ids are; in order of the ids, whatever the order of the rows."""
    ids = rows[name].combine_chunks()
    return index_of(ids, pc.unique(ids).sort())


def index_of(ids: pa.Array, among: pa.Array) -> Indexes:
    """Places of ``ids`` in ``among``, -1 where they are not."""
    return np.asarray(pc.fill_null(pc.index_in(ids, value_set=among), -1).to_numpy(zero_copy_only=False), np.intp)


def _counts(
    project: Indexes,
    institution: Indexes,
    weight: NDArray[np.float64],
    day: NDArray[np.int64],
    delivered: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Rows that are deals: everything delivered, and of a pair that delivered nothing the first of its best steps."""
    order = np.lexsort((day, -weight, institution, project))
    first = np.ones(len(order), bool)
    first[1:] = (project[order][1:] != project[order][:-1]) | (institution[order][1:] != institution[order][:-1])
    counts = delivered.copy()
    counts[order[first]] = True
    return counts


def _follows(project: Indexes, day: NDArray[np.int64], delivered: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows later than the first delivered deal of their project, whoever made it."""
    first = np.full(int(project.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, project[delivered], day[delivered])
    return day > first[project]


def _none() -> Deals:
    i, f = np.zeros(0, np.intp), np.zeros(0)
    return Deals(i, i, i, f, f, np.zeros(0, np.int64), np.zeros(0, bool), np.zeros(0, object))
