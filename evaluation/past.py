"""The past that baselines read: delivered deals of a market, up to its date, and the attributes of its projects.

Every delivered deal counts once. Kept apart from the history family on purpose, so that a fault there cannot move the
bar.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from data.reference.vocabularies import label_key, vocabulary
from features.deals import DAYS
from features.family import Indexes, Market, column

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Past:
    """D delivered deals of a market (parallel arrays) and the attributes of its P projects; N institutions.

    ``constants`` are those that a baseline was tuned to, by its name; a baseline without any takes its own defaults.
    """

    market: Market
    constants: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> pa.Table:
        """Delivered outcomes of the channel up to the view's date with institutions of the market."""
        outcomes = self.market.view.outcomes
        keep = pc.and_(pc.equal(outcomes["channel"], self.market.channel), pc.equal(outcomes["event"], "delivered"))
        keep = pc.and_(keep, pc.less_equal(outcomes["at"], pa.scalar(self.market.view.as_of, pa.date32())))
        keep = pc.and_(keep, pc.is_in(outcomes["institution_id"], self._institutions))
        return outcomes.filter(keep)

    @property
    def _institutions(self) -> pa.Array:
        return self.market.view.institutions["institution_id"].combine_chunks()

    @property
    def n(self) -> int:
        """Number of institutions."""
        return len(self._institutions)

    @cached_property
    def institution(self) -> Indexes:
        """Row of each deal's institution."""
        return np.array(pc.index_in(self.rows["institution_id"], self._institutions).to_pylist(), np.intp)

    @cached_property
    def project(self) -> list[int | None]:
        """Row of each deal's project, None where the market does not hold it."""
        ids = self.market.view.projects["project_id"].combine_chunks()
        return pc.index_in(self.rows["project_id"], ids).to_pylist()  # type: ignore[no-any-return]

    @cached_property
    def age(self) -> Scores:
        """Years before the view's date."""
        as_of = self.market.view.as_of
        return np.array([(as_of - day).days for day in self.rows["at"].to_pylist()], np.float64) / DAYS

    def decayed(self, time_constant: float) -> Scores:
        """Weight of each deal: ``exp(-age / time_constant)``, both in years; infinite: every deal weighs 1."""
        weights: Scores = np.exp(-self.age / time_constant)
        return weights

    @cached_property
    def pairs(self) -> sparse.csr_array:
        """P x N: 1 where a project and an institution have dealt before."""
        rows = np.array([-1 if row is None else row for row in self.project], np.intp)
        told = rows >= 0
        shape = (self.market.view.projects.num_rows, self.n)
        pairs = sparse.csr_array((np.ones(int(told.sum())), (rows[told], self.institution[told])), shape=shape)
        pairs.sum_duplicates()
        pairs.data[:] = 1.0
        return pairs

    @cached_property
    def made(self) -> Scores:
        """Earlier deals of each project (P)."""
        rows = [row for row in self.project if row is not None]
        return np.bincount(np.array(rows, np.intp), minlength=self.market.view.projects.num_rows).astype(np.float64)

    def counts(self, of_deals: Sequence[Hashable], weights: Scores | None = None) -> tuple[Scores, dict[Hashable, int]]:
        """Deals, weighted or not, by value and institution (V x N); a deal without the value (None) is left out."""
        index: dict[Hashable, int] = {}
        code = np.array([-1 if value is None else index.setdefault(value, len(index)) for value in of_deals], np.intp)
        table = np.zeros((len(index), self.n))
        weight = np.ones(len(code)) if weights is None else weights
        np.add.at(table, (code[code >= 0], self.institution[code >= 0]), weight[code >= 0])
        return table, index

    def of_projects(self, attribute: str) -> list[Hashable]:
        """The attribute of every project: ``sector`` its first label, ``region`` down to the city, ``round``."""
        table = self.market.view.projects
        if attribute == "sector":
            return [label_key(labels[0]) if labels else None for labels in column(table, "sectors")]
        if attribute == "round":
            return [_round(label) for label in column(table, "funding_round")]
        places = zip(*(column(table, name) for name in ("country", "province", "city")), strict=True)
        return [place if any(place) else None for place in places]

    def of_deals(self, attribute: str) -> list[Hashable]:
        """The attribute of every deal: of its project, but the round is the deal's own."""
        if attribute == "round":
            return [_round(label) for label in self.rows["round"].to_pylist()]
        values = self.of_projects(attribute)
        return [None if row is None else values[row] for row in self.project]


def _round(label: str | None) -> str | None:
    return (vocabulary("rounds").resolve(label) or label_key(label)) if label else None


def best(scores: Scores, k: int) -> Indexes:
    """The ``k`` best columns of each row, best first; ties go to the smaller column, that is the smaller id."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


def ranks(scores: Scores) -> Scores:
    """Rank of every column in its row, 1 the best; ties go to the smaller column."""
    order = np.argsort(-scores, axis=1, kind="stable")
    found = np.empty(scores.shape)
    np.put_along_axis(found, order, np.arange(1.0, scores.shape[1] + 1)[None, :], axis=1)
    return found
