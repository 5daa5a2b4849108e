"""Today's gate and masks: who may be shown and how, read from the store once and asked for any number of projects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.masking import MASKED
from app.system import System
from data.store_shown import shown_columns
from matcher.gate import PENDING, consent, held_back

COLUMNS = {
    "projects": (*MASKED, "consent", "state", "confidentiality"),
    "awards": ("project_id", "status"),
    "ip": ("project_id", "number"),
}


@dataclass(frozen=True, eq=False)
class Today:
    """Projects of the store as they stand now, merged records as one. ``absorbed`` are those that show as another."""

    projects: pa.Table
    awards: pa.Table
    ip: pa.Table
    absorbed: frozenset[str]

    @cached_property
    def reasons(self) -> pa.Array:
        """Why each project is held back: codes of :func:`matcher.gate.held_back`."""
        return _held(self.projects, self.awards)

    def consents(self, channel: str) -> pa.Array:
        """Consent of each project to a channel: answers of :func:`matcher.gate.consent`."""
        code = _distinct(pc.binary_join(self.projects.column("consent"), "\n"))
        first = np.unique(code, return_index=True)[1]
        told = consent(self.projects.select(["consent"]).take(pa.array(first)), channel)
        return pa.array(told, pa.string()).take(pa.array(code))

    def answers(self, channel: str) -> dict[str, str]:
        """Projects that may be shown, with their consent (``given`` or ``not_asked``)."""
        told = self.consents(channel)
        keep = pc.and_(pc.equal(self.reasons, ""), pc.not_equal(told, "refused"))
        ids = self.projects.column("project_id").filter(keep).to_pylist()
        return dict(zip(ids, told.filter(keep).to_pylist(), strict=True))

    def held(self, channel: str) -> dict[str, str]:
        """Why projects take no part: ``merged``, a code of the gate, or ``refused``."""
        refused = pc.equal(self.consents(channel), "refused")
        code = pc.if_else(pc.and_(pc.equal(self.reasons, ""), refused), "refused", self.reasons)
        keep = pc.not_equal(code, "")
        ids = self.projects.column("project_id").filter(keep).to_pylist()
        return dict.fromkeys(sorted(self.absorbed), "merged") | dict(
            zip(ids, code.filter(keep).to_pylist(), strict=True)
        )

    @cached_property
    def teasers(self) -> frozenset[str]:
        """Projects that are anonymous today."""
        anonymous = pc.fill_null(pc.equal(self.projects.column("confidentiality"), "teaser"), False)
        return frozenset(self.projects.column("project_id").filter(anonymous).to_pylist())

    @cached_property
    def _right(self) -> tuple[NDArray[np.object_], pa.Array]:
        """The project of each right, sorted, and the numbers beside them."""
        order = pc.sort_indices(self.ip.column("project_id"))
        ids = self.ip.column("project_id").take(order).to_numpy(zero_copy_only=False)
        return ids, self.ip.column("number").take(order).combine_chunks()

    def numbers(self, project_id: str) -> list[str | None]:
        """Numbers of a project's rights."""
        ids, numbers = self._right
        begin, end = np.searchsorted(ids, project_id, "left"), np.searchsorted(ids, project_id, "right")
        found: list[str | None] = numbers.slice(begin, end - begin).to_pylist()
        return found


def read_today(system: System) -> Today:
    """The store as it stands now."""
    tables, absorbed = shown_columns(system.store.path, COLUMNS)
    return Today(tables["projects"], tables["awards"], tables["ip"], absorbed)


def _distinct(*columns: pa.ChunkedArray) -> NDArray[np.int64]:
    """A number for each row, the same where all columns are the same; numbers begin at 0 and leave none out."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        told = column.dictionary_encode(null_encoding="encode")
        told = told.unify_dictionaries().combine_chunks()
        if isinstance(told, pa.DictionaryArray):
            code = code * (len(told.dictionary) + 1) + told.indices.to_numpy()
    return np.unique(code, return_inverse=True)[1]


def _held(projects: pa.Table, awards: pa.Table) -> pa.Array:
    """:func:`matcher.gate.held_back`, asked once for all projects alike; awards matter where one is pending."""
    pending = awards.filter(pc.is_in(awards.column("status"), value_set=pa.array(PENDING)))
    waits = pc.is_in(projects.column("project_id"), value_set=pending.column("project_id").combine_chunks())
    code = _distinct(projects.column("state"), projects.column("confidentiality"))
    first = np.unique(code, return_index=True)[1]
    alike = pa.array(held_back(projects.take(pa.array(first)), awards.slice(0, 0)), pa.string())
    told = alike.take(pa.array(code)).to_numpy(zero_copy_only=False)
    own = np.flatnonzero(waits.to_numpy())
    told[own] = held_back(projects.take(pa.array(own)), _awards_of(awards, pending))
    return pa.array(told, pa.string())


def _awards_of(awards: pa.Table, pending: pa.Table) -> pa.Table:
    """Every award of the projects that have a pending one."""
    return awards.filter(pc.is_in(awards.column("project_id"), value_set=pending.column("project_id").combine_chunks()))
