"""Inner products of two sides' sparse rows, as dense rows of float32. Only columns that both sides have are kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import _sparsetools, csr_matrix, hstack, vstack

from features.cores import slices
from features.family import Floats

MUCH_SHARED = 10
"""Shared n-grams a pair from which sums are collected row by row; below, most of the time would go into the lists."""

_ROWS = 16  # of a product at a time: what they have in common stays in the processor's cache

Csr = tuple[NDArray[np.integer], NDArray[np.integer], Floats]
"""Starts, columns and values of a sparse matrix."""


class Products:
    """Inner products of the sparse rows of two sides that share their columns."""

    def __init__(self, left: csr_matrix, right: csr_matrix, keep: NDArray[np.bool_] | None = None) -> None:
        """``keep`` are the columns that count, if that is known; those that only one side has add nothing."""
        if keep is None:
            mine, theirs = (np.bincount(side.indices, minlength=side.shape[1]) > 0 for side in (left, right))
            keep = mine & theirs
        number = np.cumsum(keep, dtype=np.int32) - 1
        self.left = _narrow(left, keep, number)
        self.right = _narrow(right, keep, number).T.tocsr()

    def rows(self, start: int, stop: int) -> Floats:
        """Rows ``start:stop`` of the left side against all of the right, float32."""
        return self.add_rows(start, stop, np.zeros((stop - start, self.right.shape[1]), np.float32))

    def add_rows(self, start: int, stop: int, dense: Floats) -> Floats:
        """Add them to ``dense`` (in rows of memory), which is given back."""
        return _add_product(self.left[start:stop], self.right, dense)

    def take_common(self, share: float) -> tuple[csr_matrix, Floats]:
        """Take out the columns that more than this share of all pairs have in common: P x C and, dense, C x N.

        A dense product does these in less time. What is left and their product add up to the whole.
        """
        pairs = np.bincount(self.left.indices, minlength=self.left.shape[1]) * np.diff(self.right.indptr)
        common = pairs > share * self.left.shape[0] * self.right.shape[1]
        number = np.cumsum(common, dtype=np.int32) - 1
        taken = _narrow(self.left, common, number), self.right[np.flatnonzero(common)].toarray()
        number = np.cumsum(~common, dtype=np.int32) - 1
        self.left = _narrow(self.left, ~common, number)
        self.right = self.right[np.flatnonzero(~common)]
        return taken


def weighted(parts: Sequence[tuple[Products, float]]) -> Products:
    """One index whose products are the weighted sum of those of several over the same texts."""
    both = Products.__new__(Products)
    both.left = hstack([index.left for index, _ in parts], format="csr")
    both.right = vstack([index.right * np.float32(weight) for index, weight in parts], format="csr")
    return both


def _add_product(left: csr_matrix, right: csr_matrix, dense: Floats) -> Floats:
    """Add their product to ``dense``. Both ways give the same sums; which is faster depends on how much they share."""
    if not dense.size:
        return dense
    index = np.int32 if max(dense.size, left.nnz, right.nnz) < 2**31 else np.int64
    rows, table = (
        (side.indptr.astype(index, copy=False), side.indices.astype(index, copy=False), side.data)
        for side in (left, right)
    )
    shared = np.diff(table[0])[rows[1]].sum(dtype=np.int64)
    (_add_collected if shared > MUCH_SHARED * dense.size else _add_each)(rows, table, dense)
    return dense


def _add_collected(rows: Csr, table: Csr, dense: Floats) -> None:
    """By scipy's kernel for sparse products, with room for all pairs: it sums a row up before it writes it down.

    ``left @ right`` counts the pairs first, which takes half as long again.
    """
    index = rows[0].dtype
    starts = np.zeros(len(dense) + 1, index)
    columns, values = np.empty(dense.size, index), np.empty(dense.size, np.float32)
    _sparsetools.csr_matmat(*dense.shape, *rows, *table, starts, columns, values)
    _sparsetools.csr_todense(*dense.shape, starts, columns, values, dense)


def _add_each(rows: Csr, table: Csr, dense: Floats) -> None:
    """Every row of ``table`` that one of ``rows`` names, times its weight there, straight into ``dense``."""
    sizes = np.diff(table[0])
    for part in slices(len(dense), _ROWS):
        bounds = rows[0][part.start : part.stop + 1]
        named, weights = (each[bounds[0] : bounds[-1]] for each in rows[1:])
        ends = np.concatenate([[0], np.cumsum(sizes[named])]).astype(table[0].dtype)
        found, values = np.empty(ends[-1], table[1].dtype), np.empty(ends[-1], np.float32)
        _sparsetools.csr_row_index(len(named), named, *table, found, values)
        values *= np.repeat(weights, sizes[named])
        starts = ends[bounds - bounds[0]]
        _sparsetools.csr_todense(len(starts) - 1, dense.shape[1], starts, found, values, dense[part])


def _narrow(matrix: csr_matrix, keep: NDArray[np.bool_], number: NDArray[np.int32]) -> csr_matrix:
    """The kept columns, renumbered in their order; float32."""
    kept = keep[matrix.indices]
    full = np.flatnonzero(np.diff(matrix.indptr))
    sizes = np.zeros(matrix.shape[0] + 1, matrix.indptr.dtype)
    if len(full):
        sizes[full + 1] = np.add.reduceat(kept, matrix.indptr[full], dtype=sizes.dtype)
    data = matrix.data[kept].astype(np.float32, copy=False)
    width = int(number[-1]) + 1 if len(number) else 0
    columns = number[matrix.indices[kept]]
    return csr_matrix((data, columns, np.cumsum(sizes, dtype=sizes.dtype)), (matrix.shape[0], width))
