"""The pairs of a run as numbers: who is matched with whom and at which rank, without reading the rest of the rows.

A run of a million matches is a few hundred megabytes as rows and twenty as numbers. A list is found among the numbers,
and only then are its rows read (:meth:`data.runs.Run.at`). Runs never change, so the numbers of the last few are kept.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data.runs import Run, listed_rows, numbered

KEPT = 6
"""Channels of runs whose pairs are kept, some twenty megabytes each of a million."""
INELIGIBLE = "ineligible"
_reading = threading.Lock()
NO_RANK = np.iinfo(np.int32).max
"""Rank of a pair that has none on a side: it stands behind all others."""


@dataclass(frozen=True, eq=False)
class Side:
    """One side of all pairs: ``ids`` sorted, and for each pair the place of its id and its rank in that id's list."""

    ids: pa.Array
    code: NDArray[np.int32]
    rank: NDArray[np.int32]

    @property
    def size(self) -> int:
        """How many ids have pairs."""
        return len(self.ids)

    @cached_property
    def order(self) -> NDArray[np.int32]:
        """Row numbers by id, those of one id in the order of the run."""
        return listed_rows(self.code)

    @cached_property
    def start(self) -> NDArray[np.int64]:
        """Where in ``order`` each id begins; behind the last id the number of pairs."""
        return np.concatenate([[0], np.cumsum(np.bincount(self.code, minlength=len(self.ids)))])

    def places(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Places of these ids that have pairs, ascending."""
        found = pc.index_in(pa.array(list(ids), pa.string()), value_set=self.ids).drop_null().to_numpy()
        return np.unique(found).astype(np.int64)

    def rows(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Row numbers of the pairs of these ids; of no ids named, of all."""
        if not ids:
            return np.arange(len(self.code), dtype=np.int64)
        parts = [self.order[self.start[one] : self.start[one + 1]] for one in self.places(ids)]
        return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Pairs:
    """All pairs of one channel of a run, by row number."""

    projects: Side
    institutions: Side
    ineligible: NDArray[np.bool_]

    def of(self, side: str) -> Side:
        """``projects`` or ``institutions``."""
        return self.projects if side == "projects" else self.institutions

    @cached_property
    def _listed(self) -> NDArray[np.int32]:
        """Where each row stands in the copy that is sorted by institution."""
        found = np.empty(len(self.ineligible), np.int32)
        found[self.institutions.order] = np.arange(len(found), dtype=np.int32)
        return found

    def listed_at(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where these rows stand in the copy that is sorted by institution."""
        return self._listed[rows].astype(np.int64)


def pairs_of(run: Run, channel: str) -> Pairs:
    """The pairs of a channel of a run.

    Whoever asks at the same time waits: read twice at once they take twice the room, which is many times what is kept.
    """
    with _reading:
        return _pairs(run.folder / f"matches_{channel}.parquet")


@functools.lru_cache(maxsize=KEPT)
def _pairs(path: Path) -> Pairs:
    ids = ["project_id", "institution_id"]
    columns = [*ids, "rank_for_project", "rank_for_institution", "status"]
    table = pq.read_table(path, columns=columns, read_dictionary=ids)
    out = pc.equal(table.column("status"), INELIGIBLE).to_numpy()
    found = Pairs(_side(table, "project"), _side(table, "institution"), np.asarray(out, dtype=bool))
    del table
    pa.default_memory_pool().release_unused()  # what was read is several times what is kept
    return found


def _side(table: pa.Table, one: str) -> Side:
    ids, code = numbered(table.column(f"{one}_id"))
    rank = pc.fill_null(table.column(f"rank_for_{one}"), pa.scalar(NO_RANK, pa.int32())).to_numpy()
    return Side(ids, code, rank.astype(np.int32))
