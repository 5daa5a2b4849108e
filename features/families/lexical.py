"""Lexical fit: TF-IDF over character 1- to 3-grams, and BM25 over words.

Character n-grams are the stronger of the two on Chinese (docs/benchmarks.md); both are z-scores. The sparse work is in
:mod:`features.grams`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from features.family import BlockFeatures, Feature, Floats, Indexes, Market, State
from features.grams import Bm25, CharGrams
from features.products import Products
from features.scaling import Scale, fit_scale


def side_texts(market: Market) -> tuple[list[str], list[str]]:
    """Running text of both sides, one string a row, without the sentences that rule something out."""
    left, right = (
        ["\n".join(s for s in reading.sentences if s not in reading.ruling) for reading in readings]
        for readings in (market.project_texts, market.institution_texts)
    )
    return left, right


INDEXES: dict[str, Callable[[Sequence[str], Sequence[str]], Products]] = {"char_tfidf": CharGrams, "bm25": Bm25}


class _Block(BlockFeatures):
    def __init__(self, raw: dict[str, Floats], scales: dict[str, Scale]) -> None:
        self.raw, self.scales = raw, scales

    def matrix(self) -> Floats | None:
        return next(iter(self.raw.values()), None)

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        unused = np.full(len(rows), np.nan, np.float32)
        return {name: self.scales[name](self.raw[name][rows, cols]) if name in self.raw else unused for name in INDEXES}


class _State(State):
    def __init__(self, market: Market) -> None:
        projects, institutions = side_texts(market)
        self.indexes = {name: kind(projects, institutions) for name, kind in INDEXES.items() if market.weighs(name)}
        self.scales = {
            name: fit_scale(index.rows, len(projects), len(institutions)) for name, index in self.indexes.items()
        }

    def block(self, start: int, stop: int) -> _Block:
        return _Block({name: index.rows(start, stop) for name, index in self.indexes.items()}, self.scales)


class LexicalFamily:
    """Shared wording."""

    name = "lexical"
    channels: tuple[str, ...] = ()
    features = (
        Feature("char_tfidf", "用词相近（字）", "Shared wording (characters)", 0.45),
        Feature("bm25", "用词相近（词）", "Shared wording (words)", 0.0),
    )

    def fit(self, market: Market) -> State:
        """Index both sides; an index that weighs nothing is not built."""
        return _State(market)


FAMILY = LexicalFamily()
