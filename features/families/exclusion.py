"""What an institution's own text rules out (“不投医药”, “不接受涉重金属工艺”, “单笔不低于三千万”).

``exclusion`` is the strength in [0, 1] with which the pair is ruled out: 1 when the project is clearly in what is
excluded, 0.5 when it may be. From :data:`CLEAR` on the pair fails the rule ``exclusion``; below, it carries the
sentence as the point against it. See :mod:`features.reading.ruling`.
"""

from __future__ import annotations

import numpy as np

from features.family import BlockFeatures, Feature, Floats, Indexes, Market, State
from features.reading.ruling import rule_out

CLEAR = 0.75
HINT = 0.2
_BLOCKS = 4  # of the latest ones kept: more than are under way at once
PLAIN = ("sector", "stage", "round", "region", "only_region", "ticket_min", "ticket_max")
"""Kinds of exclusion that are a plain no where they clearly apply; a named topic counts as strongly as it was read."""


class _Block(BlockFeatures):
    def __init__(self, strength: Floats) -> None:
        self.strength = strength

    def matrix(self) -> Floats | None:
        return None

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        return {"exclusion": self.strength[rows, cols]}


class _State(State):
    def __init__(self, market: Market) -> None:
        self.ruling = rule_out(market.project_texts, market.institution_texts, market.encode, weigh)
        self._made: dict[tuple[int, int], Floats] = {}

    def block(self, start: int, stop: int) -> _Block:
        return _Block(self.strength(start, stop))

    def strength(self, start: int, stop: int) -> Floats:
        """Strength with which every institution rules out the projects ``start:stop``, B x N."""
        made = self._made.get((start, stop))
        if made is None:  # the rule of eligibility asks for a block just prepared
            self._made[start, stop] = made = self.ruling.block(start, stop)
            for old in list(self._made)[:-_BLOCKS]:
                self._made.pop(old, None)
        return made

    def sentences(self, rows: Indexes, cols: Indexes) -> tuple[Indexes, Indexes]:
        """Sentence of the project and of the institution for each pair, -1 where there is none."""
        ruled = self.ruling.of(rows, cols)
        return ruled.project_sentences.astype(np.intp), ruled.institution_sentences.astype(np.intp)


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
    features = (Feature("exclusion", "机构明确排除", "Ruled out by the institution's own text", -2.0),)

    def fit(self, market: Market) -> State:
        """Apply every exclusion to every project once."""
        return _State(market)


FAMILY = ExclusionFamily()
