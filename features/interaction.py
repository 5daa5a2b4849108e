"""Late interaction of two texts' sentences: how well what an institution says is answered by what a project says.

Every sentence of the institution meets the project's most similar one (MaxSim, Khattab and Zaharia 2020); the answers
are averaged with the institution's sentence weights. Boilerplate counts little on either side.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.family import Floats, Indexes
from features.pooling import Side

DENSE_SHARE = 0.1
"""Above this share of a block's rectangle of pairs, whole matrix products beat gathering each project's candidates."""
MOST_ASKED, MOST_ASKING = 12, 8
"""Sentences of a project and of an institution that take part: the heaviest, which carry nearly all of the weight."""

_ROWS, _COLUMNS = 64, 256  # texts of each side in a tile of a dense product: the tile stays in the processor's cache


class Table:
    """The heaviest sentences of both sides, padded to equal numbers, so that best answers are plain array reductions.

    A project is padded with its own first sentence, which changes no maximum; an institution with weight 0.
    """

    def __init__(self, projects: Side, institutions: Side) -> None:
        self.said = projects.said, institutions.said
        self.mine, self.weight_mine = _heaviest(projects, MOST_ASKED)
        self.theirs, self.weight = _heaviest(institutions, MOST_ASKING)
        self.projects, self.institutions = projects, institutions
        self.least = np.sqrt(projects.novelty)

    def __call__(self, rows: Indexes, cols: Indexes) -> Floats:
        """Mean best answers of all pairs, len(rows) x len(cols); NaN where a text says nothing."""
        table = np.full((len(rows), len(cols)), np.nan, np.float32)
        said, heard = np.flatnonzero(self.said[0][rows]), np.flatnonzero(self.said[1][cols])
        for low in range(0, len(heard), _COLUMNS):
            right = heard[low : low + _COLUMNS]
            theirs = self.theirs[cols[right]].T  # k-major: sums over k are then contiguous
            weight = self.weight[cols[right]].T
            answers = self.institutions.vectors(theirs.ravel()).T
            for first in range(0, len(said), _ROWS):
                left = said[first : first + _ROWS]
                alike = self._asked(rows[left]) @ answers
                best = alike.reshape(len(left), -1, alike.shape[1]).max(axis=1).reshape(len(left), *theirs.shape)
                table[np.ix_(left, right)] = np.einsum("pkn,kn->pn", best, weight)
        return table

    def pairs(self, rows: Indexes, cols: Indexes) -> Floats:
        """The same for single pairs."""
        if not len(rows):
            return np.zeros(0, np.float32)
        left, row_at = np.unique(rows, return_inverse=True)
        right, col_at = np.unique(cols, return_inverse=True)
        if len(rows) >= DENSE_SHARE * len(left) * len(right):
            return np.asarray(self(left, right)[row_at, col_at])
        values = np.full(len(rows), np.nan, np.float32)
        for row, at in _by_row(rows):
            heard = at[self.said[1][cols[at]]]
            if self.said[0][row] and len(heard):
                theirs, weight = self.theirs[cols[heard]].T, self.weight[cols[heard]].T
                best = (self._asked(np.array([row])) @ self.institutions.vectors(theirs.ravel()).T).max(axis=0)
                values[heard] = (best.reshape(theirs.shape) * weight).sum(axis=0)
        return values

    def _asked(self, rows: Indexes) -> Floats:
        mine = self.mine[rows].ravel()
        return np.asarray(self.projects.vectors(mine) * self.least[mine, None])


def _heaviest(side: Side, most: int) -> tuple[Indexes, Floats]:
    """Numbers of each text's ``most`` heaviest sentences in their order, n x k, and their shares, summing to 1."""
    counts = np.diff(side.starts)
    width = int(min(counts.max(initial=0), most)) or 1
    owner = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort((-side.weights, owner))
    place = np.arange(len(order)) - side.starts[owner]
    kept = np.sort(order[place < width])
    mine = np.bincount(owner[kept], minlength=len(counts))
    column = np.arange(len(kept)) - np.repeat(np.cumsum(mine) - mine, mine)
    numbers = np.repeat(np.minimum(side.starts[:-1], max(len(order) - 1, 0))[:, None], width, axis=1)
    weights = np.zeros(numbers.shape, np.float32)
    numbers[owner[kept], column] = kept
    weights[owner[kept], column] = side.weights[kept]
    return numbers, weights / np.maximum(weights.sum(axis=1, keepdims=True), np.float32(1e-12))


def best_sentences(projects: Side, institutions: Side, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
    """For each pair the numbers of the two sentences that are most alike, boilerplate counting less; -1 without any."""
    left, right = np.full(len(rows), -1, np.intp), np.full(len(rows), -1, np.intp)
    both = np.flatnonzero(projects.said[rows] & institutions.said[cols])
    for row, inside in _by_row(rows[both]):
        at = both[inside]
        mine = slice(projects.starts[row], projects.starts[row + 1])
        theirs, starts = _gather(institutions, cols[at])
        alike = institutions.vectors(theirs) @ (projects.vectors(mine) * np.sqrt(projects.novelty[mine])[:, None]).T
        nearest = alike.argmax(axis=1)
        closeness = alike[np.arange(len(nearest)), nearest] * np.sqrt(institutions.novelty[theirs])
        segment = np.repeat(np.arange(len(at)), np.diff(starts))
        highest = np.maximum.reduceat(closeness, starts[:-1])
        hits = np.flatnonzero(closeness == highest[segment])
        chosen = hits[np.unique(segment[hits], return_index=True)[1]]  # the first of equals
        left[at], right[at] = nearest[chosen], chosen - starts[:-1]
    return left, right


def _by_row(rows: Indexes) -> Iterator[tuple[int, Indexes]]:
    """Each distinct row with the places where it stands."""
    order = np.argsort(rows, kind="stable")
    distinct, first = np.unique(rows[order], return_index=True)
    yield from zip(distinct.tolist(), np.split(order, first[1:]) if len(rows) else [], strict=True)


def _gather(side: Side, texts: Indexes) -> tuple[Indexes, Indexes]:
    """Rows of all sentences of ``texts``, text after text, and where each text starts among them, with the end."""
    counts = np.diff(side.starts)[texts]
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    return np.arange(starts[-1]) + np.repeat(side.starts[texts] - starts[:-1], counts), starts
