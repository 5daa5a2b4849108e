"""Sparse text indexes: character n-grams and words, as matrices built without a Python loop over characters.

A text becomes an array of code points; n-grams are formed by shifting and hashed to buckets. Products with the other
side are dense rows of float32. Only what both sides share is kept for the products.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import _sparsetools, csr_matrix

from features.cores import over, slices
from features.family import Floats
from features.text import is_word, normalise, pieces

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

Keys = NDArray[np.uint64]
_NOTHING = np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32)


def char_grams(texts: Sequence[str], longest: int = 3, threads: int = 0) -> csr_matrix:
    """Counts of character 1- to ``longest``-grams within each text, n x BUCKETS, float32. White space breaks a gram.

    ``threads`` share the work (0: all cores); the counts do not depend on how many.
    """
    parts = over(lambda part: _count(texts[part], longest), slices(len(texts), CHUNK_TEXTS), threads)
    sizes, columns, counts = zip(_NOTHING, *parts, strict=True)
    starts = np.cumsum(np.concatenate(sizes))
    return csr_matrix((np.concatenate(counts), np.concatenate(columns), starts), (len(texts), BUCKETS))


def _count(texts: Sequence[str], longest: int) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
    """Distinct n-grams of each text: how many, their buckets text after text, and their counts."""
    keys = _gram_keys(texts, longest)  # text number and bucket in one number: sorting groups equal grams
    keys.sort()
    first = np.flatnonzero(np.diff(keys, prepend=keys[:1] + np.uint64(1)))
    distinct = keys[first]
    columns = (distinct & np.uint64(BUCKETS - 1)).astype(np.int32)
    sizes = np.bincount((distinct >> np.uint64(BUCKET_BITS)).astype(np.intp), minlength=len(texts))
    return sizes, columns, np.diff(first, append=len(keys)).astype(np.float32)


def _gram_keys(texts: Sequence[str], longest: int) -> Keys:
    """``text number * BUCKETS + bucket`` of every n-gram, in no order."""
    points, owner = _code_points(texts)
    keys = []
    key = np.zeros(len(points), np.uint64)
    valid = np.ones(len(points), bool)
    for length in range(1, min(longest, len(points)) + 1):
        n = len(points) - length + 1  # the n-gram that begins at each of the first n characters
        last = points[length - 1 :]
        valid = valid[:n] & (owner[:n] == owner[length - 1 :]) & (last != 32)
        key = key[:n] * np.uint64(0x110000) + last
        hashed = _hash(key[valid] ^ np.uint64(LENGTH_SALT * length % 2**64))
        keys.append((owner[:n][valid] << np.uint64(BUCKET_BITS)) | hashed)
    return np.concatenate(keys) if keys else np.zeros(0, np.uint64)


def _code_points(texts: Sequence[str]) -> tuple[Keys, Keys]:
    """Code points of all texts, lower-cased and normalised, and the text each belongs to; spaces for white space."""
    clean = [" ".join(normalise(text).lower().split()) for text in texts]
    points = np.frombuffer("".join(clean).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    owner = np.repeat(np.arange(len(clean), dtype=np.uint64), [len(text) for text in clean])
    return points, owner


def _hash(keys: Keys) -> Keys:
    """Multiplicative (Fibonacci) hash of 64-bit keys to buckets."""
    mixed = (keys ^ (keys >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed >> np.uint64(64 - BUCKET_BITS)


class Products:
    """Inner products of the sparse rows of two sides that share their columns."""

    def __init__(self, left: csr_matrix, right: csr_matrix) -> None:
        mine, theirs = (np.bincount(side.indices, minlength=side.shape[1]) > 0 for side in (left, right))
        number = np.cumsum(mine & theirs, dtype=np.int32) - 1  # columns that only one side has add nothing
        keep = mine & theirs
        self.left = _narrow(left, keep, number)
        self.right = _narrow(right, keep, number).T.tocsr()

    def rows(self, start: int, stop: int) -> Floats:
        """Rows ``start:stop`` of the left side against all of the right, float32."""
        return _product(self.left[start:stop], self.right)

    def take_common(self, share: float) -> tuple[Floats, Floats]:
        """Take out the columns that more than this share of all pairs have in common, as dense matrices P x C, C x N.

        A dense product does these in less time. What is left and their product add up to the whole.
        """
        pairs = np.bincount(self.left.indices, minlength=self.left.shape[1]) * np.diff(self.right.indptr)
        common = pairs > share * self.left.shape[0] * self.right.shape[1]
        dense = self.left[:, np.flatnonzero(common)].toarray(), self.right[np.flatnonzero(common)].toarray()
        number = np.cumsum(~common, dtype=np.int32) - 1
        self.left = _narrow(self.left, ~common, number)
        self.right = self.right[np.flatnonzero(~common)]
        return dense


def _product(left: csr_matrix, right: csr_matrix) -> Floats:
    """Their product, dense, by scipy's kernel for sparse rows with room for all pairs.

    ``left @ right`` counts the pairs first, which takes half as long again; the sums are the same.
    """
    shape = left.shape[0], right.shape[1]
    index = np.int32 if max(shape[0] * shape[1], left.nnz, right.nnz) < 2**31 else np.int64
    starts = np.zeros(shape[0] + 1, index)
    columns, values = np.empty(shape[0] * shape[1], index), np.empty(shape[0] * shape[1], np.float32)
    mine, theirs = (
        (side.indptr.astype(index, copy=False), side.indices.astype(index, copy=False), side.data)
        for side in (left, right)
    )
    _sparsetools.csr_matmat(*shape, *mine, *theirs, starts, columns, values)
    dense = np.zeros(shape, np.float32)
    _sparsetools.csr_todense(*shape, starts, columns, values, dense)
    return dense


def _narrow(matrix: csr_matrix, keep: NDArray[np.bool_], number: NDArray[np.int32]) -> csr_matrix:
    """The kept columns, renumbered in their order; float32."""
    kept = keep[matrix.indices]
    starts = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr].astype(matrix.indptr.dtype)
    data = matrix.data[kept].astype(np.float32)
    width = int(number[-1]) + 1 if len(number) else 0
    return csr_matrix((data, number[matrix.indices[kept]], starts), (matrix.shape[0], width))


class CharGrams(Products):
    """TF-IDF (sublinear tf, smooth idf, unit rows) over character 1-3-grams; idf over both sides.

    ``most_common`` is the share of a large corpus above which a gram is dropped.
    """

    def __init__(self, projects: Sequence[str], institutions: Sequence[str], most_common: float = MOST_COMMON) -> None:
        left, right = over(char_grams, (projects, institutions))
        df = np.bincount(left.indices, minlength=BUCKETS) + np.bincount(right.indices, minlength=BUCKETS)
        total = len(projects) + len(institutions)
        idf = (np.log((1 + total) / (1 + df)) + 1).astype(np.float32)
        if total >= LARGE_CORPUS:
            idf[df > most_common * total] = 0
        super().__init__(_weigh(left, idf), _weigh(right, idf))


def _weigh(counts: csr_matrix, idf: Floats) -> csr_matrix:
    data = (1 + np.log(counts.data)) * idf[counts.indices]
    weighted = csr_matrix((data, counts.indices, counts.indptr), counts.shape)
    weighted.eliminate_zeros()
    norm = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    lengths = np.diff(weighted.indptr)
    weighted.data /= np.repeat(np.maximum(norm, 1e-9), lengths)
    return weighted.astype(np.float32)


class Bm25(Products):
    """BM25 (Robertson and Zaragoza 2009; k1 1.2, b 0.75, idf as in Lucene) over words; projects are the queries."""

    def __init__(self, projects: Sequence[str], institutions: Sequence[str], k1: float = 1.2, b: float = 0.75) -> None:
        vocabulary: dict[str, int] = {}
        left = _word_counts(projects, vocabulary)
        right = _word_counts(institutions, vocabulary)
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


def _word_counts(texts: Sequence[str], vocabulary: dict[str, int]) -> csr_matrix:
    """Counts of words of two characters and more, n x len(vocabulary); new words are added to ``vocabulary``."""
    found: list[str] = []
    ends = [0]
    for text in texts:
        found.extend(pieces(text))
        ends.append(len(found))
    column = {  # each distinct piece is judged once: there are a hundred times fewer
        piece: vocabulary.setdefault(piece, len(vocabulary)) if len(piece) > 1 and is_word(piece) else -1
        for piece in dict.fromkeys(found)
    }
    columns = np.fromiter(map(column.__getitem__, found), np.int32, len(found))
    kept = columns >= 0
    starts = np.concatenate([[0], np.cumsum(kept)])[ends]
    shape = len(texts), max(len(vocabulary), 1)
    counts = csr_matrix((np.ones(int(kept.sum())), columns[kept], starts), shape)
    counts.sum_duplicates()
    return counts
