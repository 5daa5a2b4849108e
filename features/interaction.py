"""Late interaction of two texts' sentences: how well what an institution says is answered by what a project says.

Every sentence of the institution meets the project's most similar one (MaxSim, Khattab and Zaharia 2020); the answers
are averaged with the institution's sentence weights. Boilerplate counts little on either side.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from features.cores import over, slices
from features.family import Floats, Indexes
from features.pooling import Side

DENSE_SHARE = 0.1
"""Above this share of a block's rectangle of pairs, whole matrix products beat gathering each project's candidates."""
MOST_ASKED, MOST_ASKING = 12, 8
"""Sentences of a project and of an institution that take part: the heaviest, which carry nearly all of the weight."""

WHOLE_NUMBERS = 50_000_000
"""Up to so many numbers (200 MB) the institutions' heaviest sentences are laid out once for gathering."""

_ROOM = 4096  # sentences: those of a list's institutions
_ASKED = 128  # projects that a thread answers for at a time
_ROWS, _COLUMNS = 64, 256  # texts of each side in a tile of a dense product: the tile stays in the processor's cache


class Table:
    """The heaviest sentences of both sides, padded to equal numbers, so that best answers are plain array reductions.

    A project is padded with its own first sentence, which changes no maximum; an institution with weight 0.
    """

    def __init__(self, projects: Side, institutions: Side) -> None:
        self.said = projects.said, institutions.said
        self.mine, _ = _heaviest(projects, MOST_ASKED)
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

            def tile(part: slice, right: Indexes = right, weight: Floats = weight, answers: Floats = answers) -> None:
                left = said[part]
                alike = self._asked(rows[left]) @ answers
                best = alike.reshape(len(left), -1, alike.shape[1]).max(axis=1).reshape(len(left), *weight.shape)
                table[np.ix_(left, right)] = np.einsum("pkn,kn->pn", best, weight)

            over(tile, slices(len(said), _ROWS))
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
        wanted = np.flatnonzero(self.said[0][rows] & self.said[1][cols])
        asked = list(_by_row(rows[wanted]))

        def answer(part: slice) -> None:
            room = np.empty((0, 0), np.float32)  # for all projects of a part: fresh memory costs more than filling it
            for row, inside in asked[part]:
                at = wanted[inside]
                weight = self.weight[cols[at]]
                if weight.size > len(room):
                    room = np.empty((2 * weight.size, self.institutions.distinct.shape[1]), np.float32)
                answers = self._answers(cols[at], room)
                alike = answers @ self._asked(np.array([row])).T  # the longer side first takes a quarter less
                best = np.ascontiguousarray(alike.T).max(axis=0).reshape(weight.shape)
                values[at] = np.ascontiguousarray((best * weight).T).sum(axis=0)  # summed in the order of __call__

        over(answer, slices(len(asked), _ASKED))
        return values

    def _asked(self, rows: Indexes) -> Floats:
        mine = self.mine[rows].ravel()
        return np.asarray(self.projects.vectors(mine) * self.least[mine, None])

    def _answers(self, cols: Indexes, room: Floats) -> Floats:
        """Vectors of the institutions' heaviest sentences, text after text, in ``room``."""
        if self._whole is None:
            return self.institutions.vectors(self.theirs[cols].ravel())
        width = self.theirs.shape[1]
        taken = room[: len(cols) * width]
        np.take(self._whole, cols, axis=0, out=taken.reshape(len(cols), -1), mode="clip")
        return taken

    @cached_property
    def _whole(self) -> Floats | None:
        """Heaviest sentences of every institution side by side, N x (k d): one run of memory each; None if too many."""
        size = self.theirs.size * self.institutions.distinct.shape[1]
        if size > WHOLE_NUMBERS:
            return None
        return self.institutions.vectors(self.theirs.ravel()).reshape(len(self.theirs), -1)


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
    asked = list(_by_row(rows[both]))
    weighed = np.sqrt(institutions.novelty)

    def choose(part: slice) -> None:
        room = np.empty((_ROOM, institutions.distinct.shape[1]), np.float32)
        for row, inside in asked[part]:
            at = both[inside]
            mine = slice(projects.starts[row], projects.starts[row + 1])
            theirs, starts = _gather(institutions, cols[at])
            alike = (
                institutions.vectors_in(room, theirs)
                @ (projects.vectors(mine) * np.sqrt(projects.novelty[mine])[:, None]).T
            )
            nearest = alike.argmax(axis=1)
            closeness = alike[np.arange(len(nearest)), nearest] * weighed[theirs]
            segment = np.repeat(np.arange(len(at)), np.diff(starts))
            highest = np.maximum.reduceat(closeness, starts[:-1])
            hits = np.flatnonzero(closeness == highest[segment])
            chosen = hits[np.unique(segment[hits], return_index=True)[1]]  # the first of equals
            left[at], right[at] = nearest[chosen], chosen - starts[:-1]

    over(choose, slices(len(asked), _ASKED))
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
