"""Stage of the project and round it raises, against the stages and rounds an institution takes.

Both are +1 when the institution names the project's own, and fall by 1 for each step of distance on the ladder
(lab, prototype, pilot, market, growth; seed, angel, a, b, c+), down to -2.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np

from data.reference.vocabularies import vocabulary
from features.family import BlockFeatures, Feature, Floats, Indexes, Market, State
from features.reading import Reading

FLOOR = -2.0
LOAN = "debt"


def own_code(readings: Sequence[Reading], kind: str, name: str) -> Indexes:
    """Position of each project's own code in the vocabulary, its length when unknown; a column outweighs the text."""
    codes = vocabulary(name).codes
    own = np.full(len(readings), len(codes), np.intp)
    for row, reading in enumerate(readings):
        told = [c for c in reading.claims if c.kind == kind and c.polarity > 0 and c.value in codes]
        if told:
            own[row] = codes.index(min(told, key=lambda claim: bool(claim.sentence)).value)
    return own


def fit_by_code(readings: Sequence[Reading], kind: str, name: str) -> Floats:
    """Fit of each institution for each code, (codes + 1) x N; NaN where one of the two is unknown."""
    words = vocabulary(name)
    number: dict[frozenset[str], int] = {}  # what institutions take: a handful of different sets
    taken = [
        frozenset(c.value for c in reading.claims if c.kind == kind and c.polarity > 0 and c.value in words.codes)
        for reading in readings
    ]
    which = np.array([number.setdefault(codes, len(number)) for codes in taken], np.intp)
    table = np.full((len(words.codes) + 1, len(number)), np.nan, np.float32)
    for codes, col in number.items():
        for row, code in enumerate(words.codes):
            table[row, col] = _fit(code, codes, words.ladder)
    return table[:, which]


def _fit(code: str, taken: Set[str], ladder: tuple[str, ...]) -> float:
    """+1 for a named code, one less a step on the ladder; loans and equity are a step apart, else unknown."""
    if code in taken:
        return 1.0
    steps = [ladder.index(other) for other in taken if other in ladder]
    if code in ladder and steps:
        return max(FLOOR, 1.0 - min(abs(ladder.index(code) - step) for step in steps))
    if (code == LOAN and steps) or (code in ladder and taken == {LOAN}):
        return -1.0
    return float("nan")


class _Block(BlockFeatures):
    def __init__(self, rows: dict[str, tuple[Indexes, Floats]]) -> None:
        self.rows = rows

    def matrix(self) -> Floats | None:
        return None

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        return {name: table[position[rows], cols] for name, (position, table) in self.rows.items()}


class _State(State):
    def __init__(self, market: Market) -> None:
        self.parts = {}
        for kind, name in (("stage", "stages"), ("round", "rounds")):
            own = own_code(market.project_texts, kind, name)
            self.parts[kind] = (own, fit_by_code(market.institution_texts, kind, name))

    def block(self, start: int, stop: int) -> _Block:
        return _Block({kind: (where[start:stop], table) for kind, (where, table) in self.parts.items()})


class StageFamily:
    """Stage and round."""

    name = "stage"
    channels = ("financing", "placement")
    features = (
        Feature("stage", "发展阶段", "Stage", 0.3),
        Feature("round", "融资轮次", "Funding round", 0.4),
    )

    def fit(self, market: Market) -> State:
        """Collect the steps of both sides."""
        return _State(market)


FAMILY = StageFamily()
