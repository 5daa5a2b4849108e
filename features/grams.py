"""Sparse text indexes: character n-grams and words, as matrices built without a Python loop over characters.

A text becomes an array of code points; n-grams are formed by shifting and hashed to buckets. Products with the other
side are dense rows of float32. Only what both sides share is kept for the products.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from features.family import Floats
from features.text import normalise, tokens

LARGE_CORPUS = 2000
MOST_COMMON = 0.1
"""In a corpus of at least LARGE_CORPUS texts, grams in more than this share of them are dropped: they are nine tenths
of the work and next to none of the score."""
LENGTH_SALT = 0x9E3779B97F4A7C15
BUCKET_BITS = 20
BUCKETS = 1 << BUCKET_BITS
"""Hash buckets for n-grams. At 10 million distinct n-grams a collision costs less than the idf's own noise."""
CHUNK_TEXTS = 2048
"""Texts counted at a time: their n-grams are sorted while they are in the processor's cache."""

Keys = NDArray[np.uint64]


def char_grams(texts: Sequence[str], longest: int = 3) -> csr_matrix:
    """Counts of character 1- to ``longest``-grams within each text, n x BUCKETS, float32. White space breaks a gram."""
    sizes, columns, counts = [np.zeros(1, np.int64)], [np.zeros(0, np.int32)], [np.zeros(0, np.float32)]
    for start in range(0, len(texts), CHUNK_TEXTS):
        chunk = texts[start : start + CHUNK_TEXTS]
        keys = _gram_keys(chunk, longest)  # text number and bucket in one number: sorting groups equal grams
        keys.sort()
        first = np.flatnonzero(np.diff(keys, prepend=keys[:1] + np.uint64(1)))
        counts.append(np.diff(first, append=len(keys)).astype(np.float32))
        distinct = keys[first]
        columns.append((distinct & np.uint64(BUCKETS - 1)).astype(np.int32))
        sizes.append(np.bincount((distinct >> np.uint64(BUCKET_BITS)).astype(np.intp), minlength=len(chunk)))
    starts = np.cumsum(np.concatenate(sizes))
    return csr_matrix((np.concatenate(counts), np.concatenate(columns), starts), (len(texts), BUCKETS))


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
        return (self.left[start:stop] @ self.right).toarray()


def _narrow(matrix: csr_matrix, keep: NDArray[np.bool_], number: NDArray[np.int32]) -> csr_matrix:
    """The kept columns, renumbered in their order; float32."""
    kept = keep[matrix.indices]
    starts = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr].astype(matrix.indptr.dtype)
    data = matrix.data[kept].astype(np.float32)
    width = int(number[-1]) + 1 if len(number) else 0
    return csr_matrix((data, number[matrix.indices[kept]], starts), (matrix.shape[0], width))


class CharGrams(Products):
    """TF-IDF (sublinear tf, smooth idf, unit rows) over character 1-3-grams; idf over both sides."""

    def __init__(self, projects: Sequence[str], institutions: Sequence[str]) -> None:
        left, right = char_grams(projects), char_grams(institutions)
        df = np.bincount(left.indices, minlength=BUCKETS) + np.bincount(right.indices, minlength=BUCKETS)
        total = len(projects) + len(institutions)
        idf = (np.log((1 + total) / (1 + df)) + 1).astype(np.float32)
        if total >= LARGE_CORPUS:
            idf[df > MOST_COMMON * total] = 0
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
    indices: list[int] = []
    lengths = []
    for text in texts:
        words = [word for word in tokens(text) if len(word) > 1]
        indices.extend([vocabulary.setdefault(word, len(vocabulary)) for word in words])
        lengths.append(len(words))
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    data = np.ones(len(indices))
    counts = csr_matrix((data, np.array(indices, np.int32), indptr), (len(texts), max(len(vocabulary), 1)))
    counts.sum_duplicates()
    return counts
