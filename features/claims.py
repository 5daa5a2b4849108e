"""Claims as tables: which sentence of which text says what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.family import Floats, Indexes
from features.reading import Reading

CHUNK = 8192
"""Pairs handled at a time when the best shared value of each pair is sought."""


def sentence_table(readings: Sequence[Reading], kind: str, index: Mapping[str, int]) -> NDArray[np.int32]:
    """Number of the first sentence in which each text claims each value, n x K; -1 where it does not say so."""
    table = np.full((len(readings), len(index)), -1, np.int32)
    for row, reading in enumerate(readings):
        position = {sentence: i for i, sentence in reversed(list(enumerate(reading.sentences)))}
        for claim in reading.claims:
            if claim.kind == kind and claim.polarity > 0 and claim.value in index and claim.sentence in position:
                column = index[claim.value]
                if table[row, column] < 0:
                    table[row, column] = position[claim.sentence]
    return table


class SharedValue:
    """The value that two texts share most, and the sentences that say so.

    ``left`` (P x K) and ``right`` (N x K) are weights over the values, ``affinity`` (K x K) how near two values are.
    """

    def __init__(
        self,
        left: Floats,
        right: Floats,
        left_sentences: NDArray[np.int32],
        right_sentences: NDArray[np.int32],
        affinity: Floats | None = None,
    ) -> None:
        self.left, self.right = left, right
        self.left_sentences, self.right_sentences = left_sentences, right_sentences
        self.affinity = affinity

    def values(self, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
        """The value of each side that carries most of each pair's fit; -1 where they share nothing."""
        mine, theirs = np.full(len(rows), -1, np.intp), np.full(len(rows), -1, np.intp)
        for at in range(0, len(rows), CHUNK):
            part = slice(at, at + CHUNK)
            value, strength = _largest(self._left, rows[part], self._spread, cols[part])
            other = value
            if self.affinity is not None:
                other, _ = _largest(self._right, cols[part], self.affinity, value)
            mine[part] = np.where(strength > 0, value, -1)
            theirs[part] = np.where(strength > 0, other, -1)
        return mine, theirs

    @cached_property
    def _spread(self) -> Floats:
        """How near each text of the right side is to each value, N x K."""
        return self.right if self.affinity is None else np.asarray(self.right @ self.affinity, np.float32)

    @cached_property
    def _left(self) -> _Told:
        return _told(self.left)

    @cached_property
    def _right(self) -> _Told:
        return _told(self.right)

    def sentences(self, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
        """Sentence numbers of both sides for each pair, -1 where no sentence says it."""
        mine, theirs = self.values(rows, cols)
        left = np.where(mine >= 0, self.left_sentences[rows, mine], -1)
        right = np.where(theirs >= 0, self.right_sentences[cols, theirs], -1)
        return left.astype(np.intp), right.astype(np.intp)


class _Told(NamedTuple):
    """The values that each text has: numbers in rising order and weights, n x most; filled up with weight 0."""

    numbers: Indexes
    weights: Floats


def _told(weights: Floats) -> _Told:
    """Of a few hundred values a text has a handful: the others need not be looked at for every pair."""
    row, value = np.nonzero(weights)
    count = np.bincount(row, minlength=len(weights))
    place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    told = _Told(*(np.zeros((len(weights), max(int(count.max(initial=0)), 1)), kind) for kind in (np.intp, np.float32)))
    told.numbers[row, place], told.weights[row, place] = value, weights[row, value]
    return told


def _largest(told: _Told, rows: Indexes, table: Floats, others: Indexes) -> tuple[Indexes, Floats]:
    """For each pair the value with the largest product of both weights, the first of equals, and that product.

    ``rows`` are the pairs' texts in ``told``, ``others`` their rows in ``table``, which weighs all values.
    """
    numbers = told.numbers[rows]
    product = told.weights[rows] * table[others[:, None], numbers]
    at = np.argmax(product, axis=1)[:, None]
    return np.take_along_axis(numbers, at, 1)[:, 0], np.take_along_axis(product, at, 1)[:, 0]
