"""The design matrix of the scoreboard, asked for sums over cases without a dense row for every case.

Of a case few covariates are not zero, and many cases are alike. What a Newton step needs of a hundred thousand cases is
told from the kinds of cases there are, and of each institution once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Design:
    """Covariates of every case less their means, and beside them the mean covariates of its institution.

    Cases alike are told once: ``kinds`` are the rows of covariates that differ (``turned`` has a row a covariate),
    ``of_kind`` and ``own`` sum over the cases of each kind and of each institution, and ``mix`` has a row an
    institution. ``cells`` sums over the cases of one kind in one institution; these pairs stand in the order of a
    sparse matrix, institutions by kinds, whose places are ``indices`` and ``starts``. ``mix`` has no columns where only
    the covariates themselves count.
    """

    kinds: csr_array
    turned: csr_array
    center: Floats
    mix: Floats
    kind: Ints
    institution: Ints
    of_kind: csr_array
    own: csr_array
    cells: csr_array
    indices: Ints
    starts: Ints

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.center) + self.mix.shape[1]

    def alone(self) -> Design:
        """The covariates without the mix of the institutions."""
        return replace(self, mix=self.mix[:, :0])

    def times(self, beta: Floats) -> Floats:
        """The design times one number a column: one number a case."""
        first, second = beta[: len(self.center)], beta[len(self.center) :]
        plain = self.kinds @ first - self.center @ first
        return np.asarray(plain[self.kind] + (self.mix @ second)[self.institution])

    def sums(self, values: Floats) -> Floats:
        """Sums over the cases of columns times values (one or more a case)."""
        plain = self.turned @ (self.of_kind @ values) - np.multiply.outer(self.center, values.sum(axis=0))
        return np.concatenate([plain, self.mix.T @ (self.own @ values)], axis=0)

    def gram(self, weight: Floats) -> Floats:
        """Sums over the cases of column times column times weight."""
        of_kind, total = self.of_kind @ weight, weight.sum()
        weighted = csr_array((self.kinds.data * np.repeat(of_kind, np.diff(self.kinds.indptr)),
                              self.kinds.indices, self.kinds.indptr), self.kinds.shape)  # fmt: skip
        shifted = np.outer(self.center, self.turned @ of_kind)
        plain = (self.turned @ weighted).toarray() - shifted - shifted.T + total * np.outer(self.center, self.center)
        if not self.mix.shape[1]:
            return np.asarray(plain)
        of_own = self.own @ weight
        mixed = (self.of_institutions(weight) - np.outer(of_own, self.center)).T @ self.mix
        return np.block([[plain, mixed], [mixed.T, (self.mix.T * of_own) @ self.mix]])

    def of_institutions(self, weight: Floats) -> Floats:
        """Sums over the cases of each institution of covariates, as they came, times weight."""
        shape = (self.own.shape[0], self.kinds.shape[0])
        return np.asarray((csr_array((self.cells @ weight, self.indices, self.starts), shape) @ self.kinds).toarray())


def design_of(covariates: Floats, institution: Ints, institutions: int) -> Design:
    """The design of all cases: their covariates, and the number of the institution of each."""
    known: dict[bytes, int] = {}
    rows = np.ascontiguousarray(covariates)
    kind = np.array([known.setdefault(row.tobytes(), len(known)) for row in rows], np.int64)
    first = np.unique(kind, return_index=True)[1]
    pairs, cell = np.unique(institution * len(first) + kind, return_inverse=True)
    starts = np.searchsorted(pairs, np.arange(institutions + 1) * len(first))
    center, count = rows.mean(axis=0), np.bincount(institution, minlength=institutions)[:, None]
    kinds = csr_array(rows[first])
    found = Design(
        kinds, kinds.T.tocsr(), center, np.zeros((institutions, 0)), kind, institution,
        _summing(kind, len(first)), _summing(institution, institutions),
        _summing(cell, len(pairs)), pairs % max(len(first), 1), starts,
    )  # fmt: skip
    sums = found.of_institutions(np.ones(len(rows)))
    return replace(found, mix=(sums - count * center) / np.maximum(count, 1))


def _summing(group: Ints, count: int) -> csr_array:
    """What sums over the cases of each group."""
    return csr_array((np.ones(len(group)), (group, np.arange(len(group)))), shape=(count, len(group)))
