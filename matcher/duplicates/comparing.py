"""A pair of projects in numbers, each 0 where a side does not say: silence counts neither for nor against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy.sparse import csr_matrix, vstack

from features.cores import over, slices
from features.grams import BUCKETS, char_grams
from matcher.duplicates.passages import (
    Floats,
    Shared,
    gram_weights,
    shared_passages,
    weigh_sentences,
)
from matcher.duplicates.records import Records, Rows, figures

FEATURES = {
    "name": "名称相近 · names alike, rare characters first (cosine)",
    "name_alone": "名称相近而无正文 · the same where a side has no text",
    "applicant_same": "申报单位相同 · applicants alike",
    "applicant_other": "申报单位不同 · applicants named and different",
    "applicant_alone": "申报单位相同而无正文 · applicants alike where a side has no text",
    "ip": "知识产权号相同 · share of the shorter list of IP numbers that both have",
    "text": "正文相近 · texts alike, rare characters first (cosine)",
    "passages": "相同段落 · share of the rare text of the side that is told more fully by the other",
    "passages_both": "相互覆盖 · the same share of the other side",
    "figures": "数据相同 · shared figures, rare ones first",
    "no_text": "缺正文 · a side has next to no text",
}
"""What is compared, in the order of the columns; all in [0, 1]."""
SHORTEST = 20
"""Characters below which a text is no text."""
LEAST_TEXT, LEAST_NAME, LEAST_FIGURES = 0.12, 0.55, 0.35
CHUNK_TEXTS = 4096
CHUNK_PAIRS = 16_384

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Compared:
    """Pairs (rows ``first`` < ``second``) with their features (n x len(FEATURES)) and what they share."""

    first: Rows
    second: Rows
    features: Numbers
    shared: Shared


def compare(records: Records, first: Rows, second: Rows, threads: int = 0) -> Compared:
    """The pairs that a first look at names, applicants, IP numbers, figures and words does not rule out, in numbers.

    Sentences, which cost most, are compared for these alone.
    """
    table, weights = gram_table(records.texts, threads)
    names, _ = gram_table(records.names, threads)
    short = np.array([len(text) for text in records.texts], np.intp) < SHORTEST
    columns = {
        "name": _cosines(names, first, second, threads),
        "text": _cosines(table, first, second, threads),
        "ip": shared_numbers(records, first, second),
        "figures": shared_figures(records, first, second, threads),
        "no_text": (short[first] | short[second]).astype(np.float64),
    }
    columns |= _applicants(records.applicants, first, second, threads)
    kept = (
        (columns["text"] >= LEAST_TEXT)
        | (columns["ip"] > 0)
        | (columns["figures"] >= LEAST_FIGURES)
        | (columns["name"] >= LEAST_NAME)
    )
    first, second = first[kept], second[kept]
    columns = {name: values[kept] for name, values in columns.items()}
    sentences = weigh_sentences(records.passages, records.size, weights, threads)
    shared = shared_passages(records, sentences, first, second, threads)
    columns["passages"] = np.maximum(shared.first, shared.second)
    columns["passages_both"] = np.minimum(shared.first, shared.second)
    columns["name_alone"] = columns["name"] * columns["no_text"]
    columns["applicant_alone"] = columns["applicant_same"] * columns["no_text"]
    features = np.column_stack([columns[name] for name in FEATURES])
    return Compared(first, second, np.asarray(np.round(features, 4), np.float64), shared)


def gram_table(texts: Sequence[str], threads: int = 0) -> tuple[csr_matrix, NDArray[np.float32]]:
    """Character 1-2-grams of each text as unit rows, weighted by rarity; and the weight of each gram."""
    parts = slices(len(texts), CHUNK_TEXTS)

    def seen(part: slice) -> NDArray[np.int64]:
        return np.bincount(char_grams(texts[part], 2, threads=1).indices, minlength=BUCKETS)

    documents = np.zeros(BUCKETS, np.int64)
    for portion in slices(len(parts), 8):
        documents += np.sum(over(seen, parts[portion], threads), axis=0)
    weights = gram_weights(documents, len(texts))

    def unit(part: slice) -> csr_matrix:
        counts = char_grams(texts[part], 2, threads=1)
        counts.data = (1 + np.log(counts.data)) * weights[counts.indices]
        counts.eliminate_zeros()
        squares = np.add.reduceat(np.append(counts.data**2, 0), counts.indptr[:-1]) * (np.diff(counts.indptr) > 0)
        counts.data /= np.repeat(np.sqrt(np.maximum(squares, 1e-12)), np.diff(counts.indptr)).astype(np.float32)
        return counts

    rows = over(unit, parts, threads)
    return (vstack(rows, "csr") if rows else csr_matrix((0, BUCKETS), dtype=np.float32)), weights


def _cosines(table: csr_matrix, first: Rows, second: Rows, threads: int) -> Floats:
    def one(part: slice) -> Floats:
        return np.asarray(table[first[part]].multiply(table[second[part]]).sum(axis=1), np.float64).ravel()

    return np.clip(np.concatenate([np.zeros(0), *over(one, slices(len(first), CHUNK_PAIRS), threads)]), 0, 1)


def _applicants(applicants: Sequence[str], first: Rows, second: Rows, threads: int) -> dict[str, Floats]:
    """How alike the applicants are where both are named: from 0 at a ratio of .5, which any two companies reach."""
    mine, theirs = [applicants[row] for row in first], [applicants[row] for row in second]
    ratio = process.cpdist(mine, theirs, scorer=fuzz.ratio, dtype=np.uint8, workers=threads or -1) / 100.0
    named = np.array([bool(name) for name in applicants], bool)
    both = named[first] & named[second]
    alike = np.clip(2 * ratio - 1, 0, 1)
    return {"applicant_same": alike * both, "applicant_other": (1 - alike) * both}


def shared_numbers(records: Records, first: Rows, second: Rows) -> Floats:
    """Share of the shorter list of IP numbers that both sides have."""
    numbers = records.numbers
    column: dict[str, int] = {}
    code = np.array([column.setdefault(number, len(column)) for number in numbers.normal], np.intp)
    table = csr_matrix((np.ones(len(code)), (numbers.owner, code)), (records.size, max(len(column), 1)))
    held = np.bincount(numbers.owner, minlength=records.size)
    shared = np.asarray(table[first].multiply(table[second]).sum(axis=1)).ravel()
    return shared / np.maximum(np.minimum(held[first], held[second]), 1)


def shared_figures(records: Records, first: Rows, second: Rows, threads: int = 0) -> Floats:
    """Weight of the shared figures over that of the side with fewer, and one more: one figure alone is half a proof."""
    rows, told = figures(records.texts)
    names = Counter(told)
    column = {token: at for at, token in enumerate(names)}
    weights = gram_weights(np.fromiter(names.values(), np.int64, len(names)), records.size)
    columns = np.fromiter(map(column.__getitem__, told), np.intp, len(told))
    table = csr_matrix((np.sqrt(weights[columns]), (rows, columns)), (records.size, max(len(names), 1)))
    total = np.bincount(rows, weights[columns], minlength=records.size)

    def one(part: slice) -> Floats:
        return np.asarray(table[first[part]].multiply(table[second[part]]).sum(axis=1), np.float64).ravel()

    shared = np.concatenate([np.zeros(0), *over(one, slices(len(first), CHUNK_PAIRS), threads)])
    return np.clip(shared / (np.minimum(total[first], total[second]) + 1), 0, 1)
