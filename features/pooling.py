"""From sentences to texts: weigh sentences by length and novelty, pool, centre; and match sentences of two texts.

What many other texts of a side say too (staff, patents, certificates, "we welcome cooperation") is paraphrased rather
than repeated, so a sentence's novelty follows from its vector similarity to sentences of *other* texts. What a side has
in common after that is subtracted as its mean: raw E5 similarities are nearly constant without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from features.cores import over, slices

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Indexes = NDArray[np.intp]

REFERENCE_SENTENCES = 2000
"""A sentence is compared with at most so many others: enough to estimate how common it is."""
NEIGHBOUR_SHARE = 0.01
"""Of the reference: boilerplate of one sort is a larger share of all sentences, a topic a smaller one."""
FEWEST_NEIGHBOURS = 6
NOVELTY_POWER = 2.0
LEAST_NOVELTY = 0.02
LONGEST_SENTENCE = 60
"""Characters up to which a longer sentence weighs more."""
TRUSTED_TEXTS = 16
"""From so many texts on a side's mean is subtracted in full."""

WIDENED_SENTENCES = 200_000
"""Up to so many distinct sentences (300 MB) a side keeps its vectors in float32 besides."""

_CHUNK = 16384  # sentences encoded at a time
_TEXTS = 512  # texts summed at a time
_BLOCK = 2048  # sentences compared with the reference at a time


@dataclass(frozen=True)
class Side:
    """One side of a market: ``n`` texts with ``m`` sentences altogether, vectors of ``d`` numbers.

    Attributes
    ----------
    pooled
        Text vectors (n, d) float32, centred, unit rows; a zero row for a text without sentences.
    distinct
        Vectors (k, d) float16, centred, unit rows, of the distinct sentences: a side repeats many.
    which
        (m,) number of each sentence's vector in ``distinct``.
    novelty
        (m,) float32 in (0, 1]: how unlike other texts' sentences each sentence is.
    weights
        (m,) float32, share of each sentence in its text: novelty times length times emphasis, summing to 1.
    starts
        (n + 1,) sentences of text ``i`` are ``starts[i]:starts[i + 1]``.
    """

    pooled: Floats
    distinct: Halves
    which: Indexes
    novelty: Floats
    weights: Floats
    starts: Indexes

    @property
    def sentences(self) -> Halves:
        """Sentence vectors (m, d) float16."""
        return self.distinct[self.which]

    @cached_property
    def _whole(self) -> Floats:
        return self.distinct.astype(np.float32)

    def vectors(self, at: slice | Indexes) -> Floats:
        """Sentence vectors ``at`` as float32. A small side is widened once: widening is slower than multiplying."""
        if len(self.distinct) <= WIDENED_SENTENCES:
            return self._whole[self.which[at]]
        return self.distinct[self.which[at]].astype(np.float32)

    def vectors_in(self, room: Floats, at: Indexes) -> Floats:
        """The same, written to the first rows of ``room`` where it fits: fresh memory costs more."""
        if len(self.distinct) > WIDENED_SENTENCES or len(at) > len(room):
            return self.vectors(at)
        return np.take(self._whole, self.which[at], axis=0, out=room[: len(at)], mode="clip")

    @property
    def said(self) -> NDArray[np.bool_]:
        """Which texts have sentences (n,)."""
        return np.diff(self.starts) > 0


def pool_side(
    texts: Sequence[Sequence[str]], encode: Callable[[Sequence[str]], Floats], emphasis: Floats | None = None
) -> Side:
    """Encode, weigh, pool and centre one side; ``texts`` are its texts as sentences, ``encode`` gives unit vectors.

    ``emphasis`` (m,) multiplies the sentences' weights; below 1 it makes them less novel, too.
    """
    starts = np.cumsum([0, *map(len, texts)]).astype(np.intp)
    said, which = numbered([sentence for text in texts for sentence in text])
    raw = _encode(said, encode)
    owner = np.repeat(np.arange(len(texts)), np.diff(starts))
    novelty = novelty_of(raw, owner, which)
    lengths = np.array([min(len(sentence), LONGEST_SENTENCE) for sentence in said], np.float32)[which]
    emphasis = np.ones(len(which), np.float32) if emphasis is None else emphasis
    weights = _shares(novelty * lengths * emphasis, starts, owner)
    pooled = unit(_sums(raw, which, weights, starts))
    full = np.diff(starts) > 0
    centre = pooled[full].mean(axis=0) * trust(int(full.sum())) if full.any() else pooled.sum(axis=0)
    pooled[full] -= centre
    return Side(unit(pooled), _centred(raw, centre), which, novelty * np.minimum(emphasis, 1), weights, starts)


def numbered(lines: Sequence[str]) -> tuple[list[str], Indexes]:
    """The distinct lines in order, and the number of each line's among them."""
    number: dict[str, int] = {}
    which = np.array([number.setdefault(line, len(number)) for line in lines], np.intp)
    return list(number), which


def _sums(raw: Halves, which: Indexes, weights: Floats, starts: Indexes) -> Floats:
    """Weighted sum of each text's sentences (n, d), added in their order."""
    pooled = np.zeros((len(starts) - 1, raw.shape[1]), np.float32)

    def add(texts: slice) -> None:
        bounds = starts[texts.start : texts.stop + 1]
        part = slice(bounds[0], bounds[-1])
        weighted = raw[which[part]].astype(np.float32) * weights[part, None]
        ones = np.ones(len(weighted), np.float32)
        shape = len(bounds) - 1, len(weighted)
        pooled[texts] = csr_matrix((ones, np.arange(len(weighted)), bounds - bounds[0]), shape) @ weighted

    over(add, slices(len(pooled), _TEXTS))
    return pooled


def trust(texts: int) -> np.float32:
    """How much of the mean of ``texts`` texts to subtract: nothing of one text's, all from TRUSTED_TEXTS on."""
    return np.float32(min(max((texts - 1) / (TRUSTED_TEXTS - 1), 0.0), 1.0))


def unit(rows: Floats) -> Floats:
    """Rows divided by their length; zero rows stay zero."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, length, out=np.zeros_like(rows), where=length > 1e-6), np.float32)


def novelty_of(vectors: Halves, owner: Indexes, which: Indexes | None = None) -> Floats:
    """Novelty (m,) in (0, 1] of sentences, each belonging to text ``owner``; text after text.

    ``vectors`` (k, d) are their vectors, ``which`` (m,) says which is whose (one each). One minus the mean similarity,
    after centring, to the nearest :data:`NEIGHBOUR_SHARE` of a sample of sentences of other texts, to the power
    :data:`NOVELTY_POWER`.
    """
    which = np.arange(len(owner)) if which is None else which
    novelty = np.ones(len(owner), np.float32)
    sample = np.unique(np.linspace(0, max(len(owner) - 1, 0), min(len(owner), REFERENCE_SENTENCES)).astype(np.intp))
    if not len(owner) or len(np.unique(owner[sample])) < 2:
        return novelty
    mean = vectors[which[sample]].astype(np.float32).mean(axis=0)
    reference = unit(vectors[which[sample]].astype(np.float32) - mean)
    near = min(max(FEWEST_NEIGHBOURS, int(np.ceil(NEIGHBOUR_SHARE * len(sample)))), len(sample) - 1)

    def compare(wanted: Indexes, owners: Indexes | None = None) -> Floats:
        similar = unit(vectors[wanted].astype(np.float32) - mean) @ reference.T
        if owners is not None:
            similar[_own(owners, owner[sample])] = 0.0  # with few texts they dilute
        similar.partition(len(sample) - near, axis=1)
        nearest = similar[:, len(sample) - near :]
        return np.asarray(np.clip(1.0 - nearest.mean(axis=1), LEAST_NOVELTY, 1.0) ** NOVELTY_POWER)

    sampled = np.isin(owner, owner[sample])
    at = np.flatnonzero(sampled)
    novelty[at] = _joined(over(lambda part: compare(which[at[part]], owner[at[part]]), slices(len(at), _BLOCK)))
    # Of texts that are not in the sample equal sentences are equally novel.
    distinct, place = np.unique(which[~sampled], return_inverse=True)
    found = _joined(over(lambda part: compare(distinct[part]), slices(len(distinct), _BLOCK)))
    novelty[~sampled] = found[place]
    return novelty


def _joined(parts: Sequence[Floats]) -> Floats:
    return np.concatenate([np.zeros(0, np.float32), *parts])


def _own(owner: Indexes, others: Indexes) -> tuple[Indexes, Indexes]:
    """Places (row, column) where two sorted lists of owners are equal: a few of each row, so not all are compared."""
    first, last = (np.searchsorted(others, owner, side=side) for side in ("left", "right"))
    count = last - first
    rows = np.repeat(np.arange(len(owner)), count)
    return rows, np.arange(len(rows)) - np.repeat(np.cumsum(count) - count - first, count)


def _encode(said: Sequence[str], encode: Callable[[Sequence[str]], Floats]) -> Halves:
    parts = [encode(said[start : start + _CHUNK]).astype(np.float16) for start in range(0, len(said), _CHUNK)]
    return np.concatenate(parts) if parts else np.zeros((0, encode([]).shape[1]), np.float16)


def _shares(weights: Floats, starts: Indexes, owner: Indexes) -> Floats:
    totals = np.bincount(owner, weights, minlength=len(starts) - 1)
    return (weights / np.maximum(totals, 1e-12)[owner]).astype(np.float32)


def _centred(raw: Halves, centre: Floats) -> Halves:
    centred = np.empty_like(raw)

    def subtract(part: slice) -> None:
        centred[part] = unit(raw[part].astype(np.float32) - centre)

    over(subtract, slices(len(raw), _BLOCK))
    return centred
