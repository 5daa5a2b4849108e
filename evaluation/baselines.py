"""What a ranking has to beat: popularity, recent popularity, sector match, region match, naive Bayes.

Each gives scores of projects against all institutions of a market from past deals alone. They count every delivered
deal once, and are kept apart from the history family on purpose, so that a fault there cannot move the bar.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.reference.vocabularies import label_key, vocabulary
from features.deals import DAYS
from features.family import Indexes, Market, column

TIME_CONSTANT = 2.0  # years: a deal weighs exp(-age / 2)
ACTIVITY_PRIOR = 0.1
STRENGTH = 5.0

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Past:
    """Delivered deals of a market (parallel arrays) and the attributes of its projects."""

    market: Market

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

    def counts(self, of_deals: Sequence[Hashable]) -> tuple[Scores, dict[Hashable, int]]:
        """Deals by value and institution (V x N); a deal without the value (None) is left out."""
        index: dict[Hashable, int] = {}
        code = np.array([-1 if value is None else index.setdefault(value, len(index)) for value in of_deals], np.intp)
        table = np.zeros((len(index), self.n))
        np.add.at(table, (code[code >= 0], self.institution[code >= 0]), 1.0)
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


def popularity(past: Past, rows: Indexes) -> Scores:
    """Number of deals so far."""
    return np.tile(np.bincount(past.institution, minlength=past.n).astype(np.float64), (len(rows), 1))


def recency(past: Past, rows: Indexes) -> Scores:
    """Number of deals, each decayed by its age."""
    return np.tile(_recent(past), (len(rows), 1))


def _recent(past: Past) -> Scores:
    return np.bincount(past.institution, np.exp(-past.age / TIME_CONSTANT), minlength=past.n).astype(np.float64)


def _match(attribute: str) -> Callable[[Past, Indexes], Scores]:
    """Number of deals with the project's value, ties by popularity."""

    def score(past: Past, rows: Indexes) -> Scores:
        table, index = past.counts(past.of_deals(attribute))
        table = np.vstack([table, np.zeros(past.n)])
        values = past.of_projects(attribute)
        at = [index.get(values[row], -1) for row in rows]
        return table[at] + 1e-6 * popularity(past, rows)

    return score


def _naive_bayes(*attributes: str) -> Callable[[Past, Indexes], Scores]:
    """Log of recent activity plus log-lifts smoothed towards the market's shares by five deals."""

    def score(past: Past, rows: Indexes) -> Scores:
        total = np.tile(np.log(_recent(past) + ACTIVITY_PRIOR), (len(rows), 1))
        for attribute in attributes:
            table, index = past.counts(past.of_deals(attribute))
            share = ((table.sum(axis=1) + 1) / (table.sum() + max(len(table), 1)))[:, None]
            lift = np.log((table + STRENGTH * share) / (table.sum(axis=0) + STRENGTH) / share)
            values = past.of_projects(attribute)
            total += np.vstack([lift, np.zeros(past.n)])[[index.get(values[row], -1) for row in rows]]
        return total

    return score


BASELINES: dict[str, Callable[[Past, Indexes], Scores]] = {
    "popularity": popularity,
    "recent popularity": recency,
    "sector match": _match("sector"),
    "region match": _match("region"),
    "naive Bayes": _naive_bayes("sector", "region"),
    "naive Bayes + round": _naive_bayes("sector", "region", "round"),
}
"""Name -> scores (rows x institutions) of project rows."""


def best(scores: Scores, k: int) -> Indexes:
    """The ``k`` best columns of each row, best first; ties go to the smaller column, that is the smaller id."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]
