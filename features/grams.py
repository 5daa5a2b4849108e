"""Sparse text indexes: character n-grams and words, as matrices built without a Python loop over characters.

A text becomes an array of code points; n-grams are formed by shifting and hashed to buckets. Products with the other
side are dense rows of float32.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from features.family import Floats
from features.text import normalise, tokens

LARGE_CORPUS = 2000
MOST_COMMON = 0.1
"""In a corpus of at least LARGE_CORPUS texts, grams in more than this share of them are dropped: they are nine tenths of
the work and next to none of the score."""
LENGTH_SALT = 0x9E3779B97F4A7C15
BUCKETS = 1 << 20
"""Hash buckets for n-grams. At 10 million distinct n-grams a collision costs less than the idf's own noise."""


def char_grams(texts: Sequence[str], longest: int = 3) -> csr_matrix:
    """Counts of character 1- to ``longest``-grams within each text, n x BUCKETS, float32. White space breaks a gram."""
    points, owner = _code_points(texts)
    grams, owners = [], []
    key = np.zeros(len(points), np.uint64)
    valid = np.ones(len(points), bool)
    for length in range(1, longest + 1):
        shifted = np.zeros(len(points), np.uint64)
        inside = np.zeros(len(points), bool)
        n = len(points) - length + 1
        if n <= 0:
            break
        shifted[:n] = points[length - 1 :]
        inside[:n] = (owner[:n] == owner[length - 1 :]) & (shifted[:n] != 32)
        valid &= inside
        key = key * np.uint64(0x110000) + shifted
        grams.append(_hash(key[valid] ^ np.uint64(LENGTH_SALT * length % 2**64)))
        owners.append(owner[valid])
    columns = np.concatenate(grams) if grams else np.zeros(0, np.int32)
    rows = np.concatenate(owners) if owners else np.zeros(0, np.int32)
    counts = csr_matrix((np.ones(len(columns), np.float32), (rows, columns)), (len(texts), BUCKETS))
    counts.sum_duplicates()
    return counts


def _code_points(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Code points of all texts, lower-cased and normalised, and the text each belongs to; spaces for white space."""
    clean = [" ".join(normalise(text).lower().split()) for text in texts]
    points = np.frombuffer("".join(clean).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    owner = np.repeat(np.arange(len(clean), dtype=np.int32), [len(text) for text in clean])
    return points, owner


def _hash(keys: np.ndarray) -> np.ndarray:
    """Multiplicative (Fibonacci) hash of 64-bit keys to buckets."""
    mixed = (keys ^ (keys >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(64 - 20)).astype(np.int32)


class CharGrams:
    """TF-IDF (sublinear tf, smooth idf, unit rows) over character 1-3-grams; idf over both sides."""

    def __init__(self, projects: Sequence[str], institutions: Sequence[str]) -> None:
        left, right = char_grams(projects), char_grams(institutions)
        df = np.bincount(left.indices, minlength=BUCKETS) + np.bincount(right.indices, minlength=BUCKETS)
        total = len(projects) + len(institutions)
        idf = (np.log((1 + total) / (1 + df)) + 1).astype(np.float32)
        if total >= LARGE_CORPUS:
            idf[df > MOST_COMMON * total] = 0
        self.left = _weigh(left, idf)
        self.right = _weigh(right, idf).T.tocsr()

    def rows(self, start: int, stop: int) -> Floats:
        """Cosine of projects ``start:stop`` with all institutions, float32."""
        return (self.left[start:stop] @ self.right).toarray()


def _weigh(counts: csr_matrix, idf: Floats) -> csr_matrix:
    data = (1 + np.log(counts.data)) * idf[counts.indices]
    weighted = csr_matrix((data, counts.indices, counts.indptr), counts.shape)
    weighted.eliminate_zeros()
    norm = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    lengths = np.diff(weighted.indptr)
    weighted.data /= np.repeat(np.maximum(norm, 1e-9), lengths)
    return weighted.astype(np.float32)


class Bm25:
    """BM25 (Robertson and Zaragoza 2009; k1 1.2, b 0.75, idf as in Lucene) over words, both sides each other's query."""

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
        self.left, self.right = left.astype(np.float32), right.T.tocsr().astype(np.float32)

    def rows(self, start: int, stop: int) -> Floats:
        """Scores of projects ``start:stop`` against all institutions, float32."""
        return (self.left[start:stop] @ self.right).toarray()


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
