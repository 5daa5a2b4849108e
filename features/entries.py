"""How far a project had come when an institution first dealt with it: as the first, or after whom.

Some institutions open, others join once somebody busy is in. Only delivered deals count, and of a pair only the first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.deals import DAYS, EPOCH, index_of, steps_of
from features.family import Indexes, Market
from features.lifts import Path

BUSY = (3, 10, 30, 80)
"""Deals that the busiest earlier counterpart had made: the bounds between five steps."""
MOST_BEFORE = 3  # days with a deal before: more count as this many
FIRST: Path = ("first",)


@dataclass(frozen=True)
class Entries:
    """First deals of pairs. ``paths`` says how each stood then (see :func:`standing`), ``institution`` who came in
    (a number of the asked institutions), ``age`` in years before the view's date; ``of_projects`` how every project
    of the view stands now.
    """

    paths: list[Path]
    institution: Indexes
    age: NDArray[np.float64]
    of_projects: list[Path]


def read_entries(market: Market, institutions: pa.Array) -> Entries:
    """Entries of the ``institutions`` in the market's channel; who came before counts, among them or not."""
    rows = steps_of(market)
    rows = rows.filter(pc.equal(rows["event"], "delivered")).sort_by(
        [("at", "ascending"), ("project_id", "ascending"), ("institution_id", "ascending")]
    )
    project_ids, maker_ids = (rows[name].combine_chunks() for name in ("project_id", "institution_id"))
    projects = pc.unique(project_ids)
    project, maker = index_of(project_ids, projects), index_of(maker_ids, pc.unique(maker_ids))
    day = rows["at"].cast(pa.int32()).to_numpy().astype(np.int64)
    before, busiest, now = _histories(project, _so_far(maker), day)
    first = np.unique(np.stack([project, maker]), axis=1, return_index=True)[1] if len(day) else np.zeros(0, np.intp)
    column = index_of(maker_ids, institutions)
    kept = np.sort(first[column[first] >= 0])
    of_view = index_of(market.view.projects["project_id"].combine_chunks(), projects)
    return Entries(
        paths=[standing(int(n), int(b)) for n, b in zip(before[kept], busiest[kept], strict=True)],
        institution=column[kept],
        age=((market.view.as_of - EPOCH).days - day[kept]) / DAYS,
        of_projects=[standing(*now[code]) if code >= 0 else FIRST for code in of_view],
    )


def standing(before: int, busiest: int) -> Path:
    """From coarse to fine: first or later, how busy the busiest of those before is, on how many days somebody dealt."""
    if not before:
        return FIRST
    busy = f"busy:{int(np.searchsorted(BUSY, busiest, side='right'))}"
    return ("later", busy, f"{busy} after:{min(before, MOST_BEFORE)}")


def _so_far(maker: Indexes) -> NDArray[np.int64]:
    """Deals of each row's institution up to and with the row."""
    order = np.argsort(maker, kind="stable")
    ranks = np.empty(len(maker), np.int64)
    starts = np.flatnonzero(np.diff(maker[order], prepend=-1))
    ranks[order] = np.arange(len(maker)) - np.repeat(starts, np.diff(np.append(starts, len(maker)))) + 1
    return ranks


def _histories(
    project: Indexes, made: NDArray[np.int64], day: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], dict[int, tuple[int, int]]]:
    """Per row, earlier days of its project with a deal and the most deals any counterpart had made on one; the same per
    project up to now. Rows are in order of ``day``; those of one day do not see each other.
    """
    before, busiest = np.zeros(len(day), np.int64), np.zeros(len(day), np.int64)
    now: dict[int, tuple[int, int]] = {}
    for at, stop in _days(day):
        for row in range(at, stop):
            before[row], busiest[row] = now.get(int(project[row]), (0, 0))
        for code in set(project[at:stop].tolist()):
            days, most = now.get(code, (0, 0))
            mine = made[at:stop][project[at:stop] == code]
            now[code] = (days + 1, max(most, int(mine.max())))
    return before, busiest, now


def _days(day: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Start and stop of the rows of each day."""
    starts = np.flatnonzero(np.diff(day, prepend=-1)) if len(day) else np.zeros(0, np.intp)
    return list(zip(starts.tolist(), np.append(starts, len(day))[1:].tolist(), strict=True))
