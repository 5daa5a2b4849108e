"""The funnel: of all introductions of a group, how many came how far, and how likely each rung is.

Labels arrive months late, so open cases are censored, not failed (requirement N16): see :mod:`evaluation.survival`.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data.cases import ENDS, LADDER
from evaluation.survival import ENDED, OPEN, REACHED, Ints, incidence

COLUMNS = ("group", "stage", "cases", "reached", "open", "rate", "low", "high")
SMALL = 5
"""A group of fewer cases has no rates: a share of three cases says nothing and may name somebody."""


def funnel(
    cases: pd.DataFrame, groups: pd.DataFrame, as_of: date, *, within: int | None = None, at_least: int = SMALL
) -> pd.DataFrame:
    """Every group by every rung of the ladder, in the columns of :data:`COLUMNS`.

    ``cases`` as :func:`data.cases.cases` gives them for ``as_of``; ``groups`` says which case (``case``, a position)
    stands in which ``group``, as :func:`evaluation.grouping.case_groups` does; a category keeps its order. There is no
    total row: where groups overlap it would not be the sum, and with it a hidden cell could be worked out.

    ``cases``: introductions of the group (past deals of which only the end is known are none); ``reached``: those that
    came to the rung; ``open``: those that did not and still may. ``rate``, ``low`` and ``high``: probability of coming
    to the rung within ``within`` days after the introduction (None: as far as the group was followed) and its 95 %
    interval, with open cases censored on ``as_of`` and declined or withdrawn ones as a competing end. The interval
    takes cases as independent. Rates are NaN in groups of fewer than ``at_least`` cases, and where the group was not
    yet followed for ``within`` days. The first rung is certain: it is what makes a case; and as no rung is reached
    without the one below, a rate is at most that of the rung below (estimated apart, open cases may turn them round).
    """
    names, member, group = _members(cases, groups)
    count = len(names)
    size = np.bincount(group, minlength=count)
    parts, ceiling = [], np.ones(count)
    for rung in range(len(LADDER)):
        days, fate = _fates(cases, rung, as_of)
        told = incidence(group, days[member], fate[member], count, within)
        reached = np.bincount(group[fate[member] == REACHED], minlength=count)
        still = np.bincount(group[fate[member] == OPEN], minlength=count)
        ceiling = np.fmin(ceiling, told.rate)
        rate = np.minimum(ceiling, told.rate)  # stays NaN where it cannot be said
        bounds = (rate, np.minimum(told.low, rate), told.high) if rung else (np.ones(count),) * 3
        figures = [np.where(size < at_least, np.nan, bound) for bound in bounds]
        rows = [names, np.full(count, LADDER[rung], object), size, reached, still, *figures]
        parts.append(pd.DataFrame(dict(zip(COLUMNS, rows, strict=True))))
    order = np.arange(count * len(LADDER)).reshape(len(LADDER), count).T.ravel()
    return pd.concat(parts, ignore_index=True).take(order).reset_index(drop=True)


def _members(cases: pd.DataFrame, groups: pd.DataFrame) -> tuple[NDArray[np.object_], Ints, Ints]:
    """Groups with cases in their order; and case and group of every membership, by position."""
    column = groups["group"].astype("category").cat
    member = groups["case"].to_numpy(np.int64)
    asked = ~cases["history"].to_numpy(dtype=bool)[member]
    present, group = np.unique(column.codes.to_numpy()[asked], return_inverse=True)
    return np.asarray(column.categories, dtype=object)[present], member[asked], group


def funnel_table(found: pd.DataFrame) -> pa.Table:
    """A funnel as an Arrow table; what is not told is empty."""
    kinds = [pa.string(), pa.string(), *[pa.int64()] * 3, *[pa.float64()] * 3]
    schema = pa.schema(list(zip(COLUMNS, kinds, strict=True)))
    return pa.Table.from_pandas(found, schema, preserve_index=False)


def for_outsiders(found: pd.DataFrame, at_least: int = SMALL) -> pd.DataFrame:
    """A funnel for readers who are not the organizer: groups of fewer than ``at_least`` cases keep their name only."""
    figures = list(COLUMNS[2:])
    hidden = found["cases"] < at_least
    return found.assign(**{name: found[name].astype("Float64").mask(hidden) for name in figures})


def _fates(cases: pd.DataFrame, rung: int, as_of: date) -> tuple[Ints, Ints]:
    """Days from the introduction to what became of each case at a rung, and what that was."""
    begun = _days(cases["reached_introduced"])
    reached = cases["rung"].to_numpy() >= rung
    ended = cases["state"].isin(ENDS).to_numpy()
    last = np.where(ended, _days(cases["ended_at"]), np.datetime64(as_of, "D").astype(np.int64))
    until = np.where(reached, _days(cases[f"reached_{LADDER[rung]}"]), last)
    fate = np.where(reached, REACHED, np.where(ended, ENDED, OPEN))
    return np.maximum(until - begun, 0), fate


def _days(dates: pd.Series[pd.Timestamp]) -> Ints:
    """Dates as days since 1970; NaT becomes a number that nobody reads."""
    days: Ints = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    return days
