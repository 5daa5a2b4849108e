"""Lifts: how much more often an institution deals with a value of an attribute than the market does.

``lift = (observed + s * prior) / (expected + s)``: observed and expected are time-decayed numbers of deals, ``s`` the
strength of the prior in deals, and the prior is the lift of the value's parent (district -> city -> province ->
country; label -> sector -> field) or 1. This is the gamma-Poisson shrinkage of disproportionality analysis
(DuMouchel 1999): without deals the lift is its prior, and a value that is rare in the market cannot run away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from features.family import Floats, Indexes

Path = tuple[str, ...]
Paths = tuple[Path, ...]

MAX_VALUES = 4096
"""Values of one attribute that get a row of their own; the rarer ones fall back on their parents."""


@dataclass(frozen=True)
class Values:
    """The values of an attribute that some rows (projects, or deals) have.

    ``parent`` gives the value above each value, -1 at the top. ``members`` (rows x V, CSR) holds the finest values of
    each row with weights that sum to 1, or to 0 where nothing is known.
    """

    parent: Indexes
    members: sparse.csr_array

    @property
    def known(self) -> NDArray[np.bool_]:
        """Rows of which a value is known."""
        return np.diff(self.members.indptr) > 0


def read_values(rows: Sequence[Paths]) -> Values:
    """Values from paths: each row has any number of paths, each from the top value down to the finest.

    The same prefix of a path is the same value, so a label that stands under two parents makes two values.
    """
    index: dict[Path, int] = {}
    parent: list[int] = []
    finest: dict[Paths, list[int]] = {}
    for paths in dict.fromkeys(rows):
        finest[paths] = list(dict.fromkeys(_enter(path, index, parent) for path in paths))
    sizes = np.array([len(finest[paths]) for paths in rows], np.intp)
    columns = np.array([value for paths in rows for value in finest[paths]], np.intp)
    weights = np.repeat(1.0 / np.maximum(sizes, 1), sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    members = sparse.csr_array((weights, columns, starts), shape=(len(rows), len(parent)))
    return Values(np.array(parent, np.intp), members)


def _enter(path: Path, index: dict[Path, int], parent: list[int]) -> int:
    """Number of a path's finest value; values on the way that are new get the next numbers."""
    above = -1
    for depth in range(len(path)):
        key = path[: depth + 1]
        if key not in index:
            index[key] = len(parent)
            parent.append(above)
        above = index[key]
    return above


@dataclass(frozen=True)
class Lifts:
    """Logarithms of the lifts. ``table`` is values x institutions; ``weights`` (rows x values) averages it per row."""

    table: Floats
    weights: sparse.csr_array
    known: NDArray[np.bool_]

    def block(self, start: int, stop: int) -> Floats:
        """Mean log-lift of rows ``start`` to ``stop`` for every institution; NaN where nothing is known of the row."""
        mean: Floats = np.asarray(self.weights[start:stop] @ self.table, np.float32)
        mean[~self.known[start:stop]] = np.nan
        return mean


def fit_lifts(
    deals: sparse.csr_array,
    institution: Indexes,
    weight: NDArray[np.float64],
    values: Values,
    n_institutions: int,
    strength: float,
) -> Lifts:
    """Lifts of every value seen in deals.

    ``deals`` (D x V) holds the finest values of each deal, ``institution`` and ``weight`` its maker and its weight;
    ``values.members`` are the rows that will be asked about.
    """
    made = sparse.csr_array((weight, (np.arange(len(weight)), institution)), shape=(len(weight), n_institutions))
    ancestors = _ancestors(values.parent)
    seen, row = _seen(np.asarray((deals @ ancestors).T @ weight).ravel(), values.parent)
    counts = ((deals @ ancestors)[:, seen].T @ made).toarray()
    known = np.diff(deals.indptr) > 0
    per_institution = np.bincount(institution[known], weight[known], minlength=n_institutions)
    share = counts.sum(axis=1) / max(per_institution.sum(), 1e-12)
    lift = np.ones((len(seen) + 1, n_institutions))  # the last row: nothing to say
    above = np.where(values.parent[seen] >= 0, row[values.parent[seen]], len(seen))
    for level in _levels(above, len(seen)):
        expected = share[level, None] * per_institution[None, :]
        lift[level] = (counts[level] + strength * lift[above[level]]) / (expected + strength)
    table: Floats = np.log(lift, out=lift).astype(np.float32)
    return Lifts(table, _at_rows(values.members, row, len(seen) + 1), values.known)


def _ancestors(parent: Indexes) -> sparse.csr_array:
    """V x V: 1 where the column is the row itself or stands above it."""
    rows, columns, at, up = [], [], np.arange(len(parent)), np.arange(len(parent))
    while len(at):
        rows.append(at)
        columns.append(up)
        at, up = at[parent[up] >= 0], parent[up][parent[up] >= 0]
    row = np.concatenate(rows) if rows else np.zeros(0, np.intp)
    column = np.concatenate(columns) if columns else np.zeros(0, np.intp)
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(parent), len(parent)))


def _seen(total: NDArray[np.float64], parent: Indexes) -> tuple[Indexes, Indexes]:
    """The values with a row of their own, and for every value the row that speaks for it (the last: none does)."""
    seen = np.flatnonzero(total > 0)
    if len(seen) > MAX_VALUES:
        seen = np.sort(seen[np.lexsort((seen, -total[seen]))[:MAX_VALUES]])  # a parent outweighs its children
    row = np.full(len(total), len(seen), np.intp)
    row[seen] = np.arange(len(seen))
    for value in range(len(total)):  # parents stand before their children
        if row[value] == len(seen) and parent[value] >= 0:
            row[value] = row[parent[value]]
    return seen, row


def _levels(above: Indexes, top: int) -> list[Indexes]:
    """Rows by depth, so that parents are ready before their children. ``top`` stands for no parent."""
    levels, ready = [], np.flatnonzero(above == top)
    while len(ready):
        levels.append(ready)
        ready = np.flatnonzero(np.isin(above, ready))
    return levels


def _at_rows(members: sparse.csr_array, row: Indexes, width: int) -> sparse.csr_array:
    moved = sparse.csr_array(
        (members.data.astype(np.float32), row[members.indices], members.indptr), shape=(members.shape[0], width)
    )
    moved.sum_duplicates()
    return moved
