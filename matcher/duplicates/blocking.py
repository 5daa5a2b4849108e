"""Which pairs are worth a look. Nothing here compares everything with everything.

Two kinds of key lead to a pair, and both are bounded, so the work grows with the number of projects and not with its
square:

- *rare keys* (character n-grams of texts, names and applicants; pairs of figures): each project keeps a bottom-k sketch
  (Broder 1997) of at most ``SKETCH`` keys; a key of more than ``BLOCK`` projects is dropped as boilerplate; of those it
  shares rare keys with a project keeps the ``top`` heaviest. At most ``size * SKETCH * BLOCK`` additions.
- *same keys* (applicant, IP number, name): sorted neighbourhood (Hernández and Stolfo 1995), each project with the
  ``WINDOW`` next of its key. A block of up to ``WINDOW + 1`` is compared whole; a university with 2,000 entries is not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from features.cores import over, slices
from matcher.duplicates.records import Records, Rows, figures

Keys = NDArray[np.uint64]
Keyed = tuple[Rows, Keys]

TEXT_GRAMS = (3, 5, 8)
"""Characters of a text's keys: a rare term, a rare phrase, most of a clause, rare in a store of any size."""
NAME_GRAMS = (2, 3)
SKETCH = 384
BLOCK = 40
WINDOW = 24
TEXT_TOP, NAME_TOP, FIGURE_TOP = 10, 6, 6
RAREST_FIGURES = 10
CHUNK_TEXTS = 1024
CHUNK_ROWS = 4096
_PRIME = np.uint64(0x100000001B3)


def candidate_pairs(records: Records, threads: int = 0) -> tuple[Rows, Rows]:
    """Rows of the pairs worth a look: first < second, each pair once, in order.

    ``threads`` share the work (0: all cores); the pairs do not depend on how many.
    """
    size = records.size
    found = [
        rare_neighbours(*sketches(records.texts, TEXT_GRAMS, threads), size, TEXT_TOP, threads),
        rare_neighbours(*sketches(records.name_cores, NAME_GRAMS, threads), size, NAME_TOP, threads),
        rare_neighbours(*sketches(records.applicants, NAME_GRAMS, threads), size, NAME_TOP, threads),
        rare_neighbours(*figure_pairs(records.texts), size, FIGURE_TOP, threads),
        same_key(np.arange(size), records.applicants, records.name_cores),
        same_key(np.arange(size), records.name_cores, records.applicants),
        same_key(records.numbers.owner, records.numbers.normal, records.numbers.normal),
    ]
    first, second = (np.concatenate(side) for side in zip(*found, strict=True))
    low, high = np.minimum(first, second), np.maximum(first, second)
    codes = np.unique(low[low != high] * np.intp(max(size, 1)) + high[low != high])
    return codes // max(size, 1), codes % max(size, 1)


def sketches(texts: Sequence[str], lengths: Sequence[int], threads: int = 0) -> Keyed:
    """The up to SKETCH smallest hashes of the character n-grams of each text: row and key, row after row.

    White space and punctuation break a gram. Texts of equal content have equal sketches.
    """
    parts = over(lambda part: _sketch(texts[part], lengths, part.start), slices(len(texts), CHUNK_TEXTS), threads)
    return _joined(parts)


def _joined(parts: Sequence[Keyed]) -> Keyed:
    if not parts:
        return np.zeros(0, np.intp), np.zeros(0, np.uint64)
    return np.concatenate([rows for rows, _ in parts]), np.concatenate([keys for _, keys in parts])


def _sketch(texts: Sequence[str], lengths: Sequence[int], start: int) -> Keyed:
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    broken = np.concatenate([[0], np.cumsum(_breaks(texts))])
    rows, keys = [np.zeros(0, np.intp)], [np.zeros(0, np.uint64)]
    for length in lengths:
        n = len(points) - length + 1
        if n <= 0:
            continue
        key = np.full(n, length, np.uint64)
        for shift in range(length):
            key = key * _PRIME + points[shift : shift + n]
        valid = (owner[:n] == owner[length - 1 :]) & (broken[length : length + n] == broken[:n])
        rows.append(owner[:n][valid])
        keys.append(_mixed(key[valid]))
    return _smallest(np.concatenate(rows), np.concatenate(keys), start)


def _breaks(texts: Sequence[str]) -> NDArray[np.bool_]:
    return np.fromiter((not character.isalnum() for text in texts for character in text), bool)


def _mixed(keys: Keys) -> Keys:
    """Bits of a key spread over all 64 (finaliser of MurmurHash3)."""
    keys = (keys ^ (keys >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    keys = (keys ^ (keys >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return keys ^ (keys >> np.uint64(33))


def _smallest(rows: Rows, keys: Keys, start: int) -> Keyed:
    order = np.lexsort((keys, rows))
    rows, keys = rows[order], keys[order]
    new = np.ones(len(rows), bool)
    new[1:] = (rows[1:] != rows[:-1]) | (keys[1:] != keys[:-1])
    rows, keys = rows[new], keys[new]
    kept = np.arange(len(rows)) - np.searchsorted(rows, rows) < SKETCH
    return rows[kept] + start, keys[kept]


def figure_pairs(texts: Sequence[str]) -> Keyed:
    """Every two of the rarest figures of a text as one key: they outlive any rewording. Row and key."""
    rows, told = figures(texts)
    if not told:
        return np.zeros(0, np.intp), np.zeros(0, np.uint64)
    names, token = np.unique(np.array(told), return_inverse=True)
    order = np.lexsort((token, np.bincount(token, minlength=len(names))[token], rows))
    rows, token = rows[order], token[order]
    kept = np.arange(len(rows)) - np.searchsorted(rows, rows) < RAREST_FIGURES
    order = np.lexsort((token[kept], rows[kept]))
    rows, token = rows[kept][order], token[kept][order]
    parts: list[Keyed] = []
    for step in range(1, RAREST_FIGURES):
        same = rows[step:] == rows[:-step]
        pair = token[:-step][same].astype(np.uint64) << np.uint64(32) | token[step:][same].astype(np.uint64)
        parts.append((rows[step:][same], pair))
    return _joined(parts)


def rare_neighbours(rows: Rows, keys: Keys, size: int, top: int, threads: int = 0) -> tuple[Rows, Rows]:
    """For each of ``size`` projects the ``top`` others with which it shares most rare keys, by summed idf.

    ``rows`` and ``keys`` name the keys of each project, each key once a project.
    """
    _, column, counts = np.unique(keys, return_inverse=True, return_counts=True)
    rare = (counts > 1) & (counts <= BLOCK)
    kept = rare[column]
    number = np.cumsum(rare) - 1
    weight = np.sqrt(np.log(max(size, BLOCK * 2) / counts[rare])).astype(np.float32)
    columns = number[column[kept]].astype(np.int32)
    table = csr_matrix((weight[columns], (rows[kept], columns)), (size, int(rare.sum())))
    across = table.T.tocsr()
    parts = over(lambda part: _heaviest(table[part] @ across, part.start, top), slices(size, CHUNK_ROWS), threads)
    if not parts:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    return np.concatenate([first for first, _ in parts]), np.concatenate([second for _, second in parts])


def _heaviest(products: csr_matrix, start: int, top: int) -> tuple[Rows, Rows]:
    rows = np.repeat(np.arange(products.shape[0]), np.diff(products.indptr))
    columns = products.indices.astype(np.intp)
    other = columns != rows + start
    rows, columns, data = rows[other], columns[other], products.data[other]
    order = np.lexsort((columns, -np.round(data, 3), rows))  # rounded: sums differ in their last bits by order
    rows, columns = rows[order], columns[order]
    kept = np.arange(len(rows)) - np.searchsorted(rows, rows) < top
    return rows[kept] + start, columns[kept]


def same_key(owner: Rows, keys: Sequence[str], order_by: Sequence[str]) -> tuple[Rows, Rows]:
    """Pairs of owners with an equal key, at most WINDOW steps apart in the order of ``order_by``; ``""`` is no key."""
    filled = np.array([at for at, key in enumerate(keys) if key], np.intp)
    key = _ranks([keys[at] for at in filled])
    rank = _ranks([order_by[at] for at in filled])
    rows = np.asarray(owner, np.intp)[filled]
    order = np.lexsort((rows, rank, key))
    rows, key = rows[order], key[order]
    first, second = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    for step in range(1, max(min(WINDOW, len(rows) - 1), 0) + 1):
        same = key[step:] == key[:-step]
        first.append(rows[:-step][same])
        second.append(rows[step:][same])
    return np.concatenate(first), np.concatenate(second)


def _ranks(texts: Sequence[str]) -> Rows:
    """Place of each text among the distinct ones in their order."""
    place = {text: at for at, text in enumerate(sorted(set(texts)))}
    return np.array([place[text] for text in texts], np.intp)
