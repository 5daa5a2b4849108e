"""How many introductions an institution can still take this quarter, by what it said itself.

A list is not cut and not reordered by it: it says where the number ends that the institution asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from app.reports.deadlines import quarter_of
from data.merging import Merges

INTRODUCED = "introduced"


@dataclass(frozen=True)
class Allowance:
    """Introductions of one institution in the quarter from ``first`` to ``last``.

    ``limit`` is what it said it can take (column ``attention``), ``introduced`` how many projects it was introduced to
    in the quarter so far, in whatever channel.
    """

    limit: int
    introduced: int
    first: date
    last: date

    @property
    def left(self) -> int:
        """Introductions that are left; 0 where it was given more than it asked for."""
        return max(self.limit - self.introduced, 0)


def allowance(
    attention: float | None, outcomes: pa.Table, merges: Merges, institution_id: str, today: date
) -> Allowance | None:
    """What is left of ``attention`` on a day; None for an institution that named no number.

    ``outcomes`` are events in the columns of the interchange, of any institution and date, ``merges`` the records that
    stand under another. A project counts once for each channel in which it was introduced.
    """
    if attention is None:
        return None
    first, last = quarter_of(today)
    at = outcomes.column("at")
    mine = pc.and_(pc.equal(outcomes.column("institution_id"), institution_id), pc.equal(outcomes["event"], INTRODUCED))
    within = pc.and_(pc.greater_equal(at, pa.scalar(first)), pc.less_equal(at, pa.scalar(today)))
    found = outcomes.filter(pc.and_(mine, within)).select(["project_id", "channel"])
    pairs = {(merges.get(row["project_id"], row["project_id"]), row["channel"]) for row in found.to_pylist()}
    return Allowance(int(attention), len(pairs), first, last)
