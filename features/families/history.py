"""History: how active an institution lately is, and whom it deals with more often than the market does.

A sum of six named logarithms, each with weight 1 (a naive Bayes score whose likelihoods are shrunk lifts):

- ``history_activity``  deals of the last years, halved every year, against the mean institution;
- ``history_sector``    lift of the project's sectors: label -> node of the sector tree -> ... -> field;
- ``history_region``    lift of its place: district -> city -> province -> country;
- ``history_home``      what the whole market shows about dealing in one's own city, province, country, or elsewhere;
- ``history_round``     lift of the round it raises;
- ``history_entry``     lift of how far it has come: nobody dealt with it yet, or who did (:mod:`features.entries`).

All are multiplied by the market's credibility ``W / (W + 20)``, W its weighted deals: without a history each is exactly
0, and a handful of deals cannot outvote what the texts say. Constants were tuned on investments of 2008-2011 only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache, cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from data.reference.regions import regions
from data.reference.sectors import sectors
from data.reference.vocabularies import label_key, vocabulary
from features.cores import slices
from features.deals import Deals, owners, read_deals
from features.entries import read_entries
from features.family import BlockFeatures, Feature, Floats, Indexes, Market, State, column
from features.homes import Home
from features.lifts import Lifts, Path, Paths, Values, fit_lifts, read_values

ACTIVITY_HALF_LIFE = 1.0  # years
LIFT_HALF_LIFE = 4.0
ACTIVITY_PRIOR = 1.0  # deals added to everybody's activity
STRENGTH = {"history_sector": 4.0, "history_region": 0.35, "history_round": 1.0}  # deals that the prior is worth
ENTRY_STRENGTH = 3.0
CREDIBLE = 20.0  # weighted deals of the whole market at which history counts half
RECENT_DAYS = 730
_ROWS = 16  # of a block summed at a time: they stay in the processor's cache

Weights = NDArray[np.float64]


class HistoryFamily:
    """Activity and lifts of past deals."""

    name = "history"
    channels: tuple[str, ...] = ()
    features = (
        Feature("history_activity", "近期活跃度", "Recent activity", 1.0),
        Feature("history_sector", "以往同领域合作", "Past deals in the sector", 1.0),
        Feature("history_region", "以往同地区合作", "Past deals in the region", 1.0),
        Feature("history_home", "本地合作倾向", "Deals near home", 1.0),
        Feature("history_round", "以往同轮次合作", "Past deals at this round", 1.0),
        Feature("history_entry", "以往进入时点", "When it came in before", 1.0),
    )

    def fit(self, market: Market) -> State:
        """Count the deals of the market's channel up to the view's date."""
        return HistoryState(market)


class HistoryState:
    """Tables of log-lifts over distinct institutions; ``owner`` maps supply rows (needs of one owner) to them."""

    def __init__(self, market: Market) -> None:
        self.weights = {feature.name: market.weights.get(feature.name, feature.weight) for feature in FAMILY.features}
        self.institutions, self.owner = owners(market)
        self.deals = read_deals(market, self.institutions)
        weight = self.deals.decayed(LIFT_HALF_LIFE)
        self.credibility = np.float32(weight.sum() / (weight.sum() + CREDIBLE))
        places, homes = _places(market.view.projects), _places(market.view.institutions)
        self.values = {
            "history_sector": read_values(_sectors(market)),
            "history_region": read_values([(place,) if place else () for place in places]),
            "history_round": read_values([*_rounds(market.view.projects), *_rounds_of_deals(self.deals, market)]),
        }
        n = market.view.projects.num_rows
        self.of_deals = {name: _take(values.members, self.deals.project) for name, values in self.values.items()}
        self.of_deals["history_round"] = self.values["history_round"].members[n:]
        self.lifts = {name: self._lifts(name, weight) for name in STRENGTH}
        self.lifts["history_entry"] = self._entry(market)
        self.activity = self._activity()
        self.home = Home(places, [homes[i] for i in self._first()], self.deals, weight)

    def _lifts(self, name: str, weight: Weights) -> Lifts:
        maker, values = self.deals.institution, self.values[name]
        return fit_lifts(self.of_deals[name], maker, weight, values, len(self.institutions), STRENGTH[name])

    def _entry(self, market: Market) -> Lifts:
        """Lifts of how far a project had come, over the first deal of every pair, whatever round it was."""
        entries = read_entries(market, self.institutions)
        n = len(entries.of_projects)
        values = read_values([(path,) for path in [*entries.of_projects, *entries.paths]])
        weight = 0.5 ** (entries.age / LIFT_HALF_LIFE)
        asked = Values(values.parent, values.members[:n])
        maker, size = entries.institution, len(self.institutions)
        return fit_lifts(values.members[n:], maker, weight, asked, size, ENTRY_STRENGTH)

    def _activity(self) -> Floats:
        """Log of recent deals against the mean institution; all 0 without deals."""
        recent = np.bincount(
            self.deals.institution, self.deals.decayed(ACTIVITY_HALF_LIFE), minlength=len(self.institutions)
        )
        mean = recent.mean() if len(recent) else 0.0
        log: Floats = np.log((recent + ACTIVITY_PRIOR) / (mean + ACTIVITY_PRIOR)).astype(np.float32)
        return log

    def _first(self) -> Indexes:
        return np.unique(self.owner, return_index=True)[1]

    @cached_property
    def one_each(self) -> bool:
        """Whether every supply row is an institution of its own, in their order."""
        return np.array_equal(self.owner, np.arange(len(self.institutions)))

    def block(self, start: int, stop: int) -> HistoryBlock:
        """Prepare projects ``start`` to ``stop``."""
        return HistoryBlock(self, start, stop)

    def evidence(self, row: int, col: int) -> dict[str, int | date | None]:
        """What the history of a pair consists of, in whole deals: project ``row`` of the view, supply row ``col``.

        ``deals`` carried through so far, ``recent`` of them in the last two years, ``same_sector``, ``same_region``
        (the province), ``same_city``, ``same_round``, and the date of the ``last`` (None without deals).
        """
        start, stop = self._slices[self.owner[col] : self.owner[col] + 2]
        mine = self._by_institution[start:stop]
        mine = mine[self.deals.delivered[mine]]
        day = self.deals.day[mine]
        place = self.home.depth(np.full(len(mine), row), self.deals.project[mine])
        return {
            "deals": len(mine),
            "recent": int(np.count_nonzero(self.deals.age[mine] * 365.25 <= RECENT_DAYS)),
            "same_sector": self._same("history_sector", row, mine),
            "same_region": int(np.count_nonzero(place >= 2)),
            "same_city": int(np.count_nonzero(place >= 3)),
            "same_round": self._same("history_round", row, mine),
            "last": date(1970, 1, 1) + timedelta(days=int(day.max())) if len(mine) else None,
        }

    def _same(self, name: str, row: int, mine: Indexes) -> int:
        """How many of these deals share a finest value with the project."""
        shared = self.of_deals[name][mine] @ self.values[name].members[[row]].T
        return int(np.count_nonzero(shared.toarray()))

    @cached_property
    def _by_institution(self) -> Indexes:
        return np.argsort(self.deals.institution, kind="stable")

    @cached_property
    def _slices(self) -> Indexes:
        ordered = self.deals.institution[self._by_institution]
        return np.searchsorted(ordered, np.arange(len(self.institutions) + 1))


class HistoryBlock(BlockFeatures):
    """The features of one block; a matrix of each is made when first asked for and gathered from afterwards."""

    def __init__(self, state: HistoryState, start: int, stop: int) -> None:
        self.state, self.start, self.stop = state, start, stop

    @cached_property
    def tables(self) -> dict[str, Floats]:
        """Block rows x distinct institutions, one table a feature."""
        state, size = self.state, self.stop - self.start
        tables = {name: lifts.block(self.start, self.stop) for name, lifts in state.lifts.items()}
        tables["history_home"] = state.home.block(self.start, self.stop)
        tables["history_activity"] = np.broadcast_to(state.activity, (size, len(state.activity)))
        return {feature.name: tables[feature.name] * state.credibility for feature in FAMILY.features}

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        """Log-lifts of pairs; NaN where the project does not say its sector, place or round."""
        owner = self.state.owner[cols]
        return {name: table[rows, owner] for name, table in self.tables.items()}

    def matrix(self) -> Floats | None:
        """Weighted mean of the six, B x N (times the sum of their weights: what they add); None without any deal."""
        if not self._retrieves:
            return None
        total = np.empty((self.stop - self.start, len(self.state.activity)), np.float32)
        for rows in slices(len(total), _ROWS):
            total[rows] = self._mean({name: table[rows] for name, table in self.tables.items()})
        return total if self.state.one_each else np.take(total, self.state.owner, axis=1)

    def matrix_at(self, rows: Indexes, cols: Indexes) -> Floats | None:
        """The same at pairs, without laying out the matrix."""
        return self._mean(self.pairs(rows, cols)) if self._retrieves else None

    @property
    def _retrieves(self) -> bool:
        return bool(len(self.state.deals.project)) and any(self.state.weights.values())

    def _mean(self, tables: Mapping[str, Floats]) -> Floats:
        weights = self.state.weights
        total = np.zeros_like(next(iter(tables.values())))
        for name, weight in weights.items():
            part = tables[name] * np.float32(weight)
            np.copyto(part, np.float32(0), where=np.isnan(part))
            total += part
        total /= np.float32(sum(weights.values()))
        return total


def _take(members: sparse.csr_array, rows: Indexes) -> sparse.csr_array:
    """Rows of a matrix; an empty row for -1."""
    inside = sparse.csr_array(
        (np.ones(np.count_nonzero(rows >= 0)), (np.flatnonzero(rows >= 0), rows[rows >= 0])),
        shape=(len(rows), members.shape[0]),
    )
    return inside @ members


def _sectors(market: Market) -> list[Paths]:
    """Paths of each project's labels in the sector tree; of what its text says where it has no label."""
    labels = column(market.view.projects, "sectors")
    texts = market.project_texts or [None] * len(labels)
    return [
        tuple(_label_path(label) for label in told) if told else tuple(_node_path(node) for node in _nodes(text))
        for told, text in zip(labels, texts, strict=True)
    ]


def _nodes(reading: object) -> list[str]:
    claims = getattr(reading, "claims", ())
    return list(dict.fromkeys(claim.value for claim in claims if claim.kind == "sector" and claim.polarity > 0))


@cache
def _label_path(label: str) -> Path:
    """A label under its node of the tree; on its own when the tree does not know it."""
    nodes = sectors().resolve(label)
    return (*(_node_path(nodes[0]) if nodes else ()), f"label:{label_key(label)}")


@cache
def _node_path(node: str) -> Path:
    return tuple(sectors().path(node))


def _places(table: pa.Table) -> list[Path]:
    """Country, province, city, district of each row; empty where no place is given."""
    parts = zip(*(column(table, name) for name in ("country", "province", "city", "district")), strict=True)
    return [_place(*part) for part in parts]


@cache
def _place(country: str | None, province: str | None, city: str | None, district: str | None) -> Path:
    if not (country or province or city or district):
        return ()
    place = regions().resolve(country, province, city, district)
    if place:
        parts = ["中国", place.province, place.city, place.district]
    else:
        parts = [label_key(part or "") for part in (country, province, city, district)]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)


def _rounds(projects: pa.Table) -> list[Paths]:
    return [_round(label) for label in column(projects, "funding_round")]


def _rounds_of_deals(deals: Deals, market: Market) -> list[Paths]:
    """The round of each deal; where it does not say, the round its project stands at."""
    now = column(market.view.projects, "funding_round")
    return [
        _round(label or (now[project] if project >= 0 else None))
        for label, project in zip(deals.round, deals.project, strict=True)
    ]


@cache
def _round(label: str | None) -> Paths:
    code = vocabulary("rounds").resolve(label) or label_key(label) if label else ""
    return ((code,),) if code and code != "none" else ()


FAMILY = HistoryFamily()
