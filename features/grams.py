"""Sparse text indexes: character n-grams and words, as matrices built without a Python loop over characters.

A text becomes an array of code points; n-grams are formed by shifting and hashed to buckets. What both sides share is
kept for their products (:mod:`features.products`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from features.cores import over, slices
from features.family import Floats
from features.products import Products
from features.text import cut, fold, is_word, normalise

LARGE_CORPUS = 2000
MOST_COMMON = 0.1
"""In a corpus of at least LARGE_CORPUS texts, grams in more than this share of them are dropped: they are nine tenths
of the work and next to none of the score."""
LENGTH_SALT = 0x9E3779B97F4A7C15
BUCKET_BITS = 20
BUCKETS = 1 << BUCKET_BITS
"""Hash buckets for n-grams. At 10 million distinct n-grams a collision costs less than the idf's own noise."""
CHUNK_TEXTS = 256
"""Texts counted at a time: their n-grams are sorted while they are in the processor's cache."""

CHUNK_COLUMNS = 1 << 20

Keys = NDArray[np.uint64]
_CLAUSE = re.compile("[^。!?;,:、()]+[。!?;,:、()]*|[。!?;,:、()]+")
_NOTHING = np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32)


def char_grams(texts: Sequence[str], longest: int = 3, threads: int = 0, *, folded: bool = False) -> csr_matrix:
    """Counts of character 1- to ``longest``-grams within each text, n x BUCKETS, float32. White space breaks a gram.

    ``threads`` share the work (0: all cores); the counts do not depend on how many. ``folded``: the texts are in normal
    form (:func:`features.text.fold`) already.
    """

    def count(part: slice) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
        return _count(texts[part] if folded else [normalise(text).lower() for text in texts[part]], longest)

    parts = over(count, slices(len(texts), CHUNK_TEXTS), threads)
    sizes, columns, counts = zip(_NOTHING, *parts, strict=True)
    starts = np.cumsum(np.concatenate(sizes))
    return csr_matrix((np.concatenate(counts), np.concatenate(columns), starts), (len(texts), BUCKETS))


def _count(texts: Sequence[str], longest: int) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
    """Distinct n-grams of each folded text: how many, their buckets text after text, and their counts."""
    keys = _gram_keys(texts, longest)  # text number and bucket in one number: sorting groups equal grams
    keys.sort()
    first = np.flatnonzero(np.concatenate([keys[:1] == keys[:1], keys[1:] != keys[:-1]]))
    distinct = keys[first]
    columns = (distinct & np.uint64(BUCKETS - 1)).astype(np.int32)
    sizes = np.bincount((distinct >> np.uint64(BUCKET_BITS)).astype(np.intp), minlength=len(texts))
    return sizes, columns, np.diff(first, append=len(keys)).astype(np.float32)


def _gram_keys(texts: Sequence[str], longest: int) -> Keys:
    """``text number * BUCKETS + bucket`` of every n-gram, in no order."""
    points, owner = _code_points(texts)
    owner <<= np.uint64(BUCKET_BITS)
    keys = []
    key = np.zeros(len(points), np.uint64)
    valid = np.ones(len(points), bool)
    for length in range(1, min(longest, len(points)) + 1):
        n = len(points) - length + 1  # the n-gram that begins at each of the first n characters
        last = points[length - 1 :]
        valid = valid[:n] & (last != 32)
        key = key[:n] * np.uint64(0x110000) + last
        at = np.flatnonzero(valid)
        keys.append(owner[at] | _hash(key[at] ^ np.uint64(LENGTH_SALT * length % 2**64)))
    return np.concatenate(keys) if keys else np.zeros(0, np.uint64)


def _code_points(texts: Sequence[str]) -> tuple[Keys, Keys]:
    """Code points of all folded texts, and the text each belongs to.

    White space is a space, and a space stands between two texts: no n-gram reaches from one into the next.
    """
    points = np.frombuffer(" ".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    owner = np.repeat(np.arange(len(texts), dtype=np.uint64), [len(text) + 1 for text in texts])
    return points, owner[: len(points)]


def _hash(keys: Keys) -> Keys:
    """Multiplicative (Fibonacci) hash of 64-bit keys to buckets."""
    mixed = (keys ^ (keys >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed >> np.uint64(64 - BUCKET_BITS)


class CharGrams(Products):
    """TF-IDF (sublinear tf, smooth idf, unit rows) over character 1-3-grams; idf over both sides.

    ``most_common`` is the share of a large corpus above which a gram is dropped. ``folded``: as for :func:`char_grams`.
    """

    def __init__(
        self,
        projects: Sequence[str],
        institutions: Sequence[str],
        most_common: float = MOST_COMMON,
        *,
        folded: bool = False,
    ) -> None:
        left, right = over(lambda texts: char_grams(texts, folded=folded), (projects, institutions))
        mine, theirs = over(lambda side: _texts_with(side.indices), (left, right))
        df = mine + theirs
        total = len(projects) + len(institutions)
        idf = (np.log((1 + total) / (1 + df)) + 1).astype(np.float32)
        if total >= LARGE_CORPUS:
            idf[df > most_common * total] = 0
        keep = (mine > 0) & (theirs > 0) & (idf > 0)
        left, right = over(lambda side: _weigh(side, idf), (left, right))
        super().__init__(left, right, keep)


def _texts_with(columns: NDArray[np.int32]) -> NDArray[np.int64]:
    """How many texts hold each n-gram; ``columns`` lists those of each text.

    Sorted a part at a time: counting straight into the long table waits for memory at every entry.
    """
    total = np.zeros(BUCKETS, np.int64)
    for part in slices(len(columns), CHUNK_COLUMNS):
        ordered = np.sort(columns[part])
        first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        total[ordered[first]] += np.diff(first, append=len(ordered))
    return total


def _weigh(counts: csr_matrix, idf: Floats) -> csr_matrix:
    """TF-IDF of counts, unit rows, in the memory of ``counts``."""
    data = np.log(counts.data, out=counts.data)
    data += 1
    data *= idf[counts.indices]
    if not idf.all():
        counts.eliminate_zeros()
    squares = csr_matrix((counts.data * counts.data, counts.indices, counts.indptr), counts.shape)
    norm = np.maximum(np.sqrt(np.asarray(squares.sum(axis=1)).ravel()), 1e-9)
    counts.data /= np.repeat(norm, np.diff(counts.indptr))
    return counts


class Bm25(Products):
    """BM25 (Robertson and Zaragoza 2009; k1 1.2, b 0.75, idf as in Lucene) over words; projects are the queries."""

    def __init__(self, projects: Sequence[str], institutions: Sequence[str], k1: float = 1.2, b: float = 0.75) -> None:
        vocabulary: dict[str, int] = {}
        left = word_counts(map(fold, projects), vocabulary, _is_term)
        right = word_counts(map(fold, institutions), vocabulary, _is_term)
        width = max(len(vocabulary), 1)
        left.resize((len(projects), width))
        right.resize((len(institutions), width))
        df = np.bincount(right.indices, minlength=width)
        idf = np.log1p((len(institutions) - df + 0.5) / (df + 0.5))
        length = np.asarray(right.sum(axis=1)).ravel()
        norm = k1 * (1 - b + b * length / max(length.mean() if len(length) else 1.0, 1e-9))
        tf = right.data
        right.data = tf * (k1 + 1) / (tf + np.repeat(norm, np.diff(right.indptr)))
        left.data = np.minimum(left.data, 3) * idf[left.indices]
        size = np.sqrt(np.maximum(np.asarray(left.sum(axis=1)).ravel(), 1.0))
        left.data /= np.repeat(size, np.diff(left.indptr))  # long queries must not outscore short ones
        super().__init__(left, right)


def word_counts(texts: Iterable[str], vocabulary: dict[str, int], wanted: Callable[[str], bool]) -> csr_matrix:
    """Counts of the ``wanted`` pieces of each folded text, n x len(vocabulary); new ones are added to ``vocabulary``.

    A clause is cut once, however many texts hold it: nothing that rjieba cuts out reaches over punctuation.
    """
    number: dict[str, int] = {}
    columns: list[int] = []
    starts = [0]
    for text in texts:
        columns.extend(number.setdefault(part, len(number)) for part in _CLAUSE.findall(text))
        starts.append(len(columns))
    holds = csr_matrix((np.ones(len(columns)), columns, starts), (len(starts) - 1, len(number)))
    counts = csr_matrix(holds @ _piece_counts(number, vocabulary, wanted))
    counts.sort_indices()
    return counts


def _piece_counts(lines: Iterable[str], vocabulary: dict[str, int], wanted: Callable[[str], bool]) -> csr_matrix:
    """The same for folded lines, each cut as it is."""
    found: list[str] = []
    ends = [0]
    for line in lines:
        found.extend(cut(line))
        ends.append(len(found))
    column = {  # each distinct piece is judged once: there are a hundred times fewer
        piece: vocabulary.setdefault(piece, len(vocabulary)) if wanted(piece) else -1 for piece in dict.fromkeys(found)
    }
    columns = np.fromiter(map(column.__getitem__, found), np.int32, len(found))
    kept = np.flatnonzero(columns >= 0)
    shape = len(ends) - 1, max(len(vocabulary), 1)
    return csr_matrix((np.ones(len(kept)), columns[kept], np.searchsorted(kept, ends)), shape)


def _is_term(piece: str) -> bool:
    """Words of two characters and more."""
    return len(piece) > 1 and is_word(piece)
