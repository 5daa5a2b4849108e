"""Claims as tables: which sentence of which text says what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
            left, right = self.left[rows[part]], self.right[cols[part]]
            spread = right if self.affinity is None else right @ self.affinity
            value = np.argmax(left * spread, axis=1)
            strength = (left * spread)[np.arange(len(value)), value]
            other = value if self.affinity is None else np.argmax(right * self.affinity[value], axis=1)
            mine[part] = np.where(strength > 0, value, -1)
            theirs[part] = np.where(strength > 0, other, -1)
        return mine, theirs

    def sentences(self, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
        """Sentence numbers of both sides for each pair, -1 where no sentence says it."""
        mine, theirs = self.values(rows, cols)
        left = np.where(mine >= 0, self.left_sentences[rows, mine], -1)
        right = np.where(theirs >= 0, self.right_sentences[cols, theirs], -1)
        return left.astype(np.intp), right.astype(np.intp)
