"""What the learned ranker sees of a pair: an institution's pace, its deals by sector, place and round, and the fit.

All of it comes from the history and graph families as fitted to the market of one date, at several half-lives and as
plain counts, so that trees can find what the transparent sum does not say: pace, habits, and what goes together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from features.deals import read_deals
from features.families.graph import FAMILY as GRAPH
from features.families.history import FAMILY as HISTORY
from features.families.history import HistoryState
from features.family import Floats, Indexes, Market, State

GROUPS = ("pace", "sector", "region", "round", "fit")
"""What the columns are about; a contribution is told by group."""
PACES = (0.25, 0.5, 1.0, 2.0, 4.0)  # half-lives in years
LONG, SHORT = 4.0, 1.5
STRENGTH = {"sector": 4.0, "province": 1.0, "city": 0.5, "spot": 0.5, "round": 1.0}
CROSSES = {  # pairs of attributes, and the group that speaks for them
    ("sector", "city"): "sector",
    ("sector", "province"): "sector",
    ("sector", "spot"): "sector",
    ("sector", "round"): "round",
    ("city", "round"): "round",
    ("province", "round"): "round",
}
_BLOCK = 512  # projects
LATER = 0.5  # weight of a deal with a project that somebody had closed a deal with before

Weights = NDArray[np.float64]


@dataclass(frozen=True)
class Counts:
    """Decayed deals by value and institution, V x N; ``share`` of each value in the market, ``own`` of each maker."""

    table: sparse.csr_array
    share: Weights
    own: Weights

    def __call__(self, values: Indexes, cols: Indexes) -> Weights:
        """Deals of institutions ``cols`` with ``values``; 0 where a value is not known."""
        known = np.flatnonzero(values >= 0)
        told = np.zeros(len(values))
        told[known] = np.asarray(self.table[values[known], cols[known]]).ravel()
        return told

    def lift(self, values: Indexes, cols: Indexes, strength: float) -> Weights:
        """Logarithm of deals against what the market's shares let expect; NaN where the value is not known."""
        expected = np.append(self.share, np.nan)[values] * self.own[cols]  # -1 takes the last
        return np.log((self(values, cols) + strength) / (expected + strength))


class Columns:
    """Columns of pairs of a project and a distinct institution in one market."""

    def __init__(self, market: Market) -> None:
        self.history: HistoryState = HISTORY.fit(market)  # type: ignore[assignment]
        self.graph: State = GRAPH.fit(market)
        self.deals = read_deals(market, self.history.institutions, discounted=False)
        self.n = len(self.history.institutions)
        self.fresh = _fresh(self.deals.code)
        self.projects = _attributes(self.history, np.arange(market.view.projects.num_rows))
        self.of_deals = _attributes(self.history, self.deals.project)
        rounds = _first(self.history.of_deals["history_round"])
        self.of_deals["round"] = rounds
        for pair in CROSSES:
            sides = [_crossed(*(side[name] for name in pair)) for side in (self.projects, self.of_deals)]
            self.projects["+".join(pair)], self.of_deals["+".join(pair)] = _renumbered(*sides)

    def pairs(
        self, rows: Indexes, tables: Mapping[str, Floats], places: Indexes, cols: Indexes
    ) -> tuple[Floats, tuple[str, ...], Indexes]:
        """Columns of pairs, M x F, their names and their groups.

        ``places`` are positions in ``rows``, ``tables`` those of :meth:`tables` for the same rows.
        """
        found: list[tuple[str, str, NDArray[Any]]] = [("pace", name, told[cols]) for name, told in self._pace.items()]
        for name, strength in STRENGTH.items():
            values = self.projects[name][rows][places]
            group = name if name in GROUPS else "region"
            found.append((group, f"lift {name}", self._counts[name, LONG].lift(values, cols, strength)))
            found.append((group, f"recent {name}", self._counts[name, SHORT](values, cols)))
            found.append((group, f"deals {name}", self._counts[name, np.inf](values, cols)))
        for pair, group in CROSSES.items():
            name = "+".join(pair)
            found.append((group, f"recent {name}", self._counts[name, SHORT](self.projects[name][rows][places], cols)))
        found += [("fit", name, table[places, cols]) for name, table in tables.items()]
        total = base(tables)
        rank = (-total).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
        found += [("fit", "base", total[places, cols]), ("fit", "rank", np.log1p(rank[places, cols]))]
        table = np.stack([told for _, _, told in found], axis=1).astype(np.float32)
        return table, tuple(name for _, name, _ in found), np.array([GROUPS.index(group) for group, _, _ in found])

    def tables(self, rows: Indexes) -> dict[str, Floats]:
        """Tables of the two families, rows x institutions; NaN where something is unknown."""
        tables: dict[str, list[Floats]] = {}
        for start in np.unique(rows // _BLOCK) * _BLOCK:
            stop = min(start + _BLOCK, len(self.projects["sector"]))
            inside = rows[(rows >= start) & (rows < stop)] - start
            walk: Floats = self.graph.block(start, stop).table  # type: ignore[attr-defined]
            for name, table in {**self.history.block(start, stop).tables, "graph_partners": walk}.items():
                tables.setdefault(name, []).append(table[inside])
        return {name: np.concatenate(parts) for name, parts in tables.items()}

    @cached_property
    def _counts(self) -> dict[tuple[str, float], Counts]:
        wanted = [(name, half) for name in STRENGTH for half in (LONG, SHORT, np.inf)]
        wanted += [("+".join(pair), SHORT) for pair in CROSSES]
        return {(name, half): self._count(name, half) for name, half in wanted}

    def _count(self, name: str, half_life: float) -> Counts:
        values, weight = self.of_deals[name], self._weights(half_life)
        size = int(max(values.max(initial=-1), self.projects[name].max(initial=-1))) + 1
        known = np.flatnonzero(values >= 0)
        cells = (weight[known], (values[known], self.deals.institution[known]))
        table = sparse.csr_array(cells, shape=(size, self.n))
        table.sum_duplicates()
        total = np.asarray(table.sum(axis=1)).ravel()
        return Counts(table, total / max(total.sum(), 1e-9), np.asarray(table.sum(axis=0)).ravel())

    def _weights(self, half_life: float) -> Weights:
        if half_life == np.inf:
            return np.ones(len(self.fresh))
        return np.where(self.fresh, 1.0, LATER) * self.deals.decayed(half_life)

    @cached_property
    def _pace(self) -> dict[str, Weights]:
        """How often, how lately and how each institution deals."""
        maker, age, fresh = self.deals.institution, self.deals.age, self.fresh
        told: dict[str, Weights] = {}
        for half in PACES:
            told[f"pace {half}"] = np.log(np.bincount(maker, self._weights(half), minlength=self.n) + 0.3)
            new = np.bincount(maker[fresh], self.deals.decayed(half)[fresh], minlength=self.n)
            told[f"new {half}"] = np.log(new + 0.3)
        total = np.bincount(maker, minlength=self.n)
        year, before, quarter = (_within(maker, age, span, self.n) for span in ((0, 1), (1, 2), (0, 0.25)))
        told["last"], told["last new"] = _youngest(maker, age, self.n), _youngest(maker[fresh], age[fresh], self.n)
        told["first"] = -_youngest(maker, -age, self.n)
        told["total"] = np.log(total + 0.3)
        told["share new"] = np.bincount(maker[fresh], minlength=self.n) / np.maximum(total, 1)
        told["momentum"] = np.log((year + 1) / (before + 1))
        told["quarter"] = np.log((quarter + 0.5) / (year / 4 + 0.5))
        together = np.bincount(self.deals.code)[self.deals.code]
        told["company kept"] = np.bincount(maker, together, minlength=self.n) / np.maximum(total, 1)
        return told


def base(tables: Mapping[str, Floats]) -> Floats:
    """The transparent score of history and graph, rows x institutions: what proposes candidates."""
    total: Floats = np.sum([np.nan_to_num(table) for table in tables.values()], axis=0, dtype=np.float32)
    return total


def _within(maker: Indexes, age: Weights, span: tuple[float, float], n: int) -> Weights:
    return np.bincount(maker[(age >= span[0]) & (age < span[1])], minlength=n).astype(float)


def _youngest(maker: Indexes, age: Weights, n: int) -> Weights:
    """Smallest age of each institution's deals, in years; 99 without any."""
    told = np.full(n, 99.0)
    np.minimum.at(told, maker, age)
    return told


def _fresh(codes: Indexes) -> NDArray[np.bool_]:
    """Deals, sorted by date, that are the first of their project."""
    fresh = np.zeros(len(codes), bool)
    fresh[np.unique(codes, return_index=True)[1]] = True
    return fresh


def _first(members: sparse.csr_array) -> Indexes:
    """The first value of each row, -1 without any."""
    starts, some = members.indptr[:-1], np.diff(members.indptr) > 0
    told = np.full(len(starts), -1, np.intp)
    told[some] = members.indices[starts[some]]
    return told


def _attributes(history: HistoryState, projects: Indexes) -> dict[str, Indexes]:
    """Sector, province, city, finest place and round of these projects (rows of the view; -1: none) as numbers."""
    places = history.home.places[projects]
    told = {"province": places[:, 1], "city": places[:, 2]}
    for name, column in (("sector", "history_sector"), ("spot", "history_region"), ("round", "history_round")):
        told[name] = np.where(projects >= 0, _first(history.values[column].members)[projects], -1)
    return told


def _renumbered(left: Indexes, right: Indexes) -> tuple[Indexes, Indexes]:
    """The same values as small numbers; -1 stays."""
    numbers = np.unique(np.concatenate([left, right, [-1]]), return_inverse=True)[1] - 1
    return numbers[: len(left)], numbers[len(left) : -1]


def _crossed(left: Indexes, right: Indexes) -> Indexes:
    """One number for two values; -1 where one is not known."""
    return np.where((left >= 0) & (right >= 0), left * 65536 + right, -1)
