"""Which sentences of two projects tell the same, and how much that says.

A sentence weighs what it tells that others do not: the idf of its character pairs above that of what one in twenty
projects has. So a slogan weighs nothing, and a sentence on the applicant (team, capital, certificates) little: it is
the same in all projects of one applicant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from features.cores import over, slices
from features.grams import char_grams
from matcher.duplicates.records import Passages, Records, Rows

Floats = NDArray[np.float64]

SMALLEST_CORPUS = 1000
"""Rarity is judged as in a store of at least so many projects: in one of three, two that agree are not the rule."""
ORDINARY = 20
"""What more than one in ORDINARY projects says is ordinary."""
LONGEST = 24
"""Sentences of a project that are compared: those that weigh most."""
ALIKE, SAME = 0.5, 0.9
"""Two sentences tell nothing of each other up to the first similarity, the same from the second on, linear between."""
COMPARISONS = 2_000_000  # pairs of sentences held at a time
ASIDE_SHARE = 0.2
"""How much of its weight a sentence beside the point keeps; see :data:`matcher.duplicates.records.ASIDE`."""


@dataclass(frozen=True)
class Sentences:
    """The sentences that are compared: number within :class:`Passages`, weight, and where each project begins."""

    number: Rows
    weight: Floats
    starts: Rows  # size + 1
    total: Floats  # weight of each project, float64


@dataclass(frozen=True)
class Shared:
    """What the two sides of each pair share; arrays with one entry a pair.

    ``first`` and ``second`` are the shares of each side's weight that the other side tells as well, ``best`` the
    numbers of the two sentences that show it (-1: none).
    """

    first: Floats
    second: Floats
    best: tuple[Rows, Rows]


def gram_weights(documents: NDArray[np.int64], size: int) -> NDArray[np.float32]:
    """Weight of a gram by the number of ``size`` projects that have it: idf above the ordinary, 1 for a unique one."""
    total = max(size, SMALLEST_CORPUS)
    rarity = np.log((1 + total) / (1 + documents) / ORDINARY) / np.log((1 + total) / 2 / ORDINARY)
    return np.clip(rarity, 0, 1).astype(np.float32)


def weigh_sentences(passages: Passages, size: int, weights: NDArray[np.float32], threads: int = 0) -> Sentences:
    """The LONGEST heaviest sentences of each of ``size`` projects."""

    def one(part: slice) -> Floats:
        counts = char_grams(passages.folded[part], 2, threads=1)
        counts.data[:] = 1
        return np.asarray(counts @ weights, np.float64)

    parts = over(one, slices(len(passages.folded), 8192), threads)
    weight = np.concatenate([np.zeros(0), *parts])
    weight = np.round(weight * np.where(passages.aside, ASIDE_SHARE, 1.0), 4)
    order = np.lexsort((-weight, passages.owner))
    owner = passages.owner[order]
    number = np.sort(order[np.arange(len(owner)) - np.searchsorted(owner, owner) < LONGEST])
    starts = np.searchsorted(passages.owner[number], np.arange(size + 1))
    total = np.bincount(passages.owner[number], weight[number], minlength=size).astype(np.float64)
    return Sentences(number, weight[number], starts, total)


def shared_passages(records: Records, sentences: Sentences, first: Rows, second: Rows, threads: int = 0) -> Shared:
    """Compare the sentences of each pair of rows, all with all of the two."""
    parts = [
        _compare(records, sentences, first[part], second[part], threads) for part in _portions(sentences, first, second)
    ]
    empty = Shared(np.zeros(0), np.zeros(0), (np.zeros(0, np.intp), np.zeros(0, np.intp)))
    told = [empty, *parts]
    return Shared(
        np.concatenate([part.first for part in told]),
        np.concatenate([part.second for part in told]),
        (np.concatenate([part.best[0] for part in told]), np.concatenate([part.best[1] for part in told])),
    )


def _portions(sentences: Sentences, first: Rows, second: Rows) -> Iterator[slice]:
    """Slices of the pairs with about COMPARISONS pairs of sentences each."""
    held = np.diff(sentences.starts)
    ends = np.cumsum(held[first] * held[second])
    start = 0
    while start < len(first):
        done = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + COMPARISONS, side="right")))
        yield slice(start, stop)
        start = stop


def _compare(records: Records, sentences: Sentences, first: Rows, second: Rows, threads: int) -> Shared:
    left, right, pair = _crossed(sentences, first, second)
    folded, number = records.passages.folded, sentences.number
    likeness = process.cpdist(
        [folded[at] for at in number[left]],
        [folded[at] for at in number[right]],
        scorer=fuzz.ratio,
        score_cutoff=100 * ALIKE,
        dtype=np.uint8,
        workers=threads or -1,
    )
    told = np.clip((likeness / 100.0 - ALIKE) / (SAME - ALIKE), 0, 1)
    mine, theirs = (_told(sentences, side, pair, told, len(first)) for side in (left, right))
    totals = np.maximum(sentences.total, 1e-9)
    said = told * np.minimum(sentences.weight[left], sentences.weight[right])
    return Shared(
        mine / totals[first],
        theirs / totals[second],
        _best(said, number[left], number[right], pair, len(first)),
    )


def _crossed(sentences: Sentences, first: Rows, second: Rows) -> tuple[Rows, Rows, Rows]:
    """Every sentence of the one with every sentence of the other: both positions, and the pair they belong to."""
    mine, theirs = (np.diff(sentences.starts)[side] for side in (first, second))
    counts = mine * theirs
    pair = np.repeat(np.arange(len(first)), counts)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
    left = sentences.starts[first][pair] + within // np.maximum(theirs[pair], 1)
    return left, sentences.starts[second][pair] + within % np.maximum(theirs[pair], 1), pair


def _told(sentences: Sentences, side: Rows, pair: Rows, told: Floats, pairs: int) -> Floats:
    """Weight of one side that the other side tells as well: each sentence by the best answer to it."""
    if not len(pair):
        return np.zeros(pairs)
    place = pair * (len(sentences.number) + 1) + side
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    best = np.maximum.reduceat(told[order], starts)
    at = order[starts]
    return np.bincount(pair[at], best * sentences.weight[side[at]], minlength=pairs).astype(np.float64)


def _best(said: Floats, left: Rows, right: Rows, pair: Rows, pairs: int) -> tuple[Rows, Rows]:
    """The two sentences of each pair that say most; the first of several, -1 where nothing is alike."""
    order = np.lexsort((-said, pair))
    starts = order[np.flatnonzero(np.diff(pair[order], prepend=-1))]
    starts = starts[said[starts] > 0]
    shown = np.full((2, pairs), -1, np.intp)
    shown[0, pair[starts]], shown[1, pair[starts]] = left[starts], right[starts]
    return shown[0], shown[1]
