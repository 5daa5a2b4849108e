"""What an institution's own text rules out (“不投医药”, “不接受涉重金属工艺”, “单笔不低于三千万”).

``exclusion`` is 1 where words of the project show what is ruled out, less where they may: see
:mod:`features.reading.ruling`. What is a plain no (a sector, stage, round, region or amount by name) also fails the
rule ``exclusion``. A process, a technique or a way of business is told by words that are right two times in three, so
it weighs heavily against the pair and carries its sentences, and does not strike it off.
``exclusion_meaning`` compares by meaning what no word connects: see :mod:`features.reading.likeness`.
"""

from __future__ import annotations

import numpy as np

from features.family import BlockFeatures, Feature, Flags, Floats, Indexes, Market, State
from features.reading.likeness import rule_out_by_meaning
from features.reading.ruling import CODES, Ruling, rule_out

CLEAR = 0.75
HINT = 0.2
_BLOCKS = 4  # of the latest ones kept: more than are under way at once
PLAIN = ("sector", "stage", "round", "region", "only_region", "ticket_min", "ticket_max")
"""Kinds of exclusion that are a plain no where they clearly apply; a named topic counts as strongly as it was read."""
STRIKES = tuple(code for code in CODES if code != "topic")
WORDS, MEANING = 10.0, 1.5
"""Points that a clear exclusion takes off, and that each standard deviation of likeness does."""
STRENGTHS, PRICES = (0.0, 0.5, 0.75, 1.0), (0.0, 0.3, 0.6, 1.0)


class _Block(BlockFeatures):
    def __init__(self, words: Floats, meaning: Floats | None) -> None:
        self.words, self.meaning = words, meaning

    def matrix(self) -> Floats | None:
        return None

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        meaning = np.full(len(rows), np.nan, np.float32) if self.meaning is None else self.meaning[rows, cols]
        return {"exclusion": price(self.words[rows, cols]), "exclusion_meaning": meaning}


class _State(State):
    def __init__(self, market: Market) -> None:
        self.words = rule_out(market.project_texts, market.institution_texts, weigh)
        self._made: dict[tuple[int, int], tuple[Floats, Flags]] = {}
        self.meaning: Ruling | None = None
        if market.encode is not None and market.weighs("exclusion_meaning"):
            self.meaning = rule_out_by_meaning(market.project_texts, market.institution_texts, market.encode)

    def block(self, start: int, stop: int) -> _Block:
        meaning = None if self.meaning is None else self.meaning.block(start, stop)
        return _Block(self.strengths(start, stop)[0], meaning)

    def strengths(self, start: int, stop: int) -> tuple[Floats, Flags]:
        """How strongly words of every institution rule out the projects ``start:stop``, and where it is a plain no."""
        made = self._made.get((start, stop))
        if made is None:  # the rule of eligibility asks for a block just prepared
            words, plain = self.words.block(start, stop), self.words.block(start, stop, STRIKES) >= CLEAR
            self._made[start, stop] = made = words, plain
            for old in list(self._made)[:-_BLOCKS]:
                self._made.pop(old, None)
        return made

    def sentences(self, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
        """Sentence of the project and of the institution that weigh most for each pair, -1 where there is none."""
        words = self.words.of(rows, cols)
        left, right = words.project_sentences.astype(np.intp), words.institution_sentences.astype(np.intp)
        if self.meaning is not None:
            meaning = self.meaning.of(rows, cols)
            nearer = MEANING * meaning.strength > WORDS * price(words.strength)
            left = np.where(nearer, meaning.project_sentences, left)
            right = np.where(nearer, meaning.institution_sentences, right)
        return left, right


def price(strength: Floats) -> Floats:
    """Share of the full weight that a strength in [0, 1] costs: one sign alone (0.5) is right every second time."""
    return np.interp(strength, STRENGTHS, PRICES).astype(np.float32)


def weigh(kind: str, strength: Floats) -> Floats:
    """Strengths that count. What is ruled out by name is a plain no; anything else is a hint at most.

    That a fund "looks at medicine" (``only_sector``) rules little out; facilities and services have families of their
    own.
    """
    if kind == "topic":
        return strength
    plain = (strength >= CLEAR) & (kind in PLAIN)
    return np.where(plain, strength, np.minimum(strength, HINT)).astype(np.float32)


class ExclusionFamily:
    """Exclusions read in the institution's text."""

    name = "exclusion"
    channels: tuple[str, ...] = ()
    features = (
        Feature("exclusion", "机构明确排除", "Ruled out by the institution's own text", -WORDS),
        Feature("exclusion_meaning", "与机构排除的意思相近", "Close in meaning to what its text rules out", -MEANING),
    )

    def fit(self, market: Market) -> State:
        """Apply every exclusion to every project once."""
        return _State(market)


FAMILY = ExclusionFamily()
EXCLUSIONS = frozenset(feature.name for feature in FAMILY.features)
