"""How strongly one exclusion applies to every project: one function a kind, over columns of the whole market."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.reference.regions import regions
from data.reference.sectors import sectors
from features.reading.claims import Claim, Reading
from features.reading.phrases import PhraseIndex
from features.reading.stages import ROUNDS, STAGES

CLEAR_SHARE, POSSIBLE_SHARE = 0.5, 0.3
LABEL_WEIGHT = 0.35
"""Share that a sector column has beside the text, which it contradicts in about one row of twelve."""
NEAR = 0.3
NO_LIMIT = 0.0
OFTEN_BORROWED = frozenset(
    {"office", "showroom", "dormitory", "canteen", "production_hall", "lab_bench", "pilot_line", "other"}
)


class Grounds(NamedTuple):
    """Projects to which an exclusion applies: row, strength, number of the sentence that shows it (-1: a column)."""

    code: str
    rows: NDArray[np.int32]
    strength: NDArray[np.float32]
    sentences: NDArray[np.int32]


def _grounds(code: str, strength: NDArray[np.float32], sentences: NDArray[np.int32]) -> Grounds:
    rows = np.flatnonzero(strength > 0).astype(np.int32)
    return Grounds(code, rows, np.minimum(strength[rows], 1).astype(np.float32), sentences[rows].astype(np.int32))


class Market:
    """The projects' claims as columns."""

    def __init__(self, projects: Sequence[Reading]) -> None:
        self.projects = projects
        self.size = len(projects)

    @cached_property
    def claims(self) -> dict[str, list[tuple[int, Claim, int]]]:
        """Claims of polarity +1 by kind: (project, claim, sentence number or -1)."""
        found: dict[str, list[tuple[int, Claim, int]]] = defaultdict(list)
        for row, reading in enumerate(self.projects):
            number = {sentence: position for position, sentence in enumerate(reading.sentences)}
            for claim in reading.claims:
                if claim.polarity > 0:
                    found[claim.kind].append((row, claim, number.get(claim.sentence, -1)))
        return found

    @cached_property
    def by_value(self) -> dict[tuple[str, str], list[tuple[int, Claim, int]]]:
        """As :attr:`claims`, by kind and value."""
        found: dict[tuple[str, str], list[tuple[int, Claim, int]]] = defaultdict(list)
        for kind, items in self.claims.items():
            for item in items:
                found[kind, item[1].value].append(item)
        return found

    @cached_property
    def sectors(self) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Share of every sector node in every project (rows sum to at most 1), and the sentence that shows it."""
        index = sectors().index
        text = np.zeros((self.size, len(index)), np.float32)
        label = np.zeros_like(text)
        shown = np.full(text.shape, -1, np.int32)
        for row, claim, sentence in self.claims.get("sector", ()):
            if claim.sentence:
                text[row, index[claim.value]] += claim.number or 0.0
                shown[row, index[claim.value]] = sentence
            else:
                label[row, index[claim.value]] = 1.0
        text, label = _unit(text), _unit(label)
        weight = np.where(text.any(axis=1), LABEL_WEIGHT, 1.0) * label.any(axis=1)
        return (text * (1 - weight[:, None]) + label * weight[:, None]).astype(np.float32), shown

    @cached_property
    def leading(self) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The largest sector of every project, and whether it has any."""
        share = self.sectors[0]
        return np.asarray(share.argmax(axis=1), np.intp), np.asarray(share.any(axis=1), bool)

    def number(self, kind: str) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """The number of a claim that each project makes at most once (amount), NaN without, and its sentence."""
        values, shown = np.full(self.size, np.nan), np.full(self.size, -1, np.int32)
        for row, claim, sentence in self.claims.get(kind, ()):
            if claim.number is not None and np.isnan(values[row]):
                values[row], shown[row] = claim.number, sentence
        return values, shown

    def ladder(
        self, kind: str, steps: Sequence[str]
    ) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.int32]]:
        """Step of each project (-1 unknown), how sure it is (a column or outright 1, inferred 0.75), its sentence."""
        step, sure = np.full(self.size, -1, np.int32), np.zeros(self.size, np.float32)
        shown = np.full(self.size, -1, np.int32)
        for row, claim, sentence in self.claims.get(kind, ()):
            if claim.value in steps and step[row] < 0:
                step[row], sure[row], shown[row] = steps.index(claim.value), 0.75 if claim.inferred else 1.0, sentence
        return step, sure, shown

    @cached_property
    def places(self) -> tuple[NDArray[np.intp], NDArray[np.intp], list[str]]:
        """Projects whose place is known, the number of it, and the distinct places."""
        told = self.claims.get("place", ())
        number: dict[str, int] = {}
        place = np.array([number.setdefault(claim.value, len(number)) for _, claim, _ in told], np.intp)
        return np.array([row for row, _, _ in told], np.intp), place, list(number)

    @cached_property
    def phrases(self) -> PhraseIndex:
        """Search of free phrases in the projects' sentences."""
        return PhraseIndex(self.projects)


def _unit(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled down to sum to 1; a row below stays, for little was said."""
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1.0)


def grounds_of(market: Market, kind: str, values: Sequence[str], number: float, own: bool) -> Grounds:
    """Apply one exclusion. ``own`` marks a topic that is the institution's own phrase, in no table."""
    if kind in ("sector", "only_sector"):
        return _by_sector(market, values, number, only=kind == "only_sector")
    if kind in ("stage", "only_stage"):
        return _by_step(market, "stage", STAGES, values, number, only=kind == "only_stage")
    if kind in ("round", "only_round"):
        return _by_step(market, "round", ROUNDS, values, number, only=kind == "only_round")
    if kind in ("region", "only_region"):
        return _by_region(market, values, number, only=kind == "only_region")
    if kind in ("ticket_min", "ticket_max"):
        return _by_ticket(market, kind, values[0], number)
    if kind == "topic" and own:
        return _by_phrase(market, values[0], min(number, 1.0))
    if kind == "topic":
        return _by_topic(market, values[0], number)
    return _by_value(market, kind, values[0], number)


def _by_sector(market: Market, values: Sequence[str], firm: float, *, only: bool) -> Grounds:
    tree = sectors()
    share, shown = market.sectors
    inside = sorted({tree.index[node] for value in values for node in tree.descendants(value)})
    if only:
        near = tree.affinity()[:, inside].max(axis=1)
        best = (share * near[None, :]).sum(axis=1)
        top, known = market.leading
        strength = np.where(known & (best < NEAR / 3), 1.0, np.where(known & (best < NEAR), 0.5, 0.0)) * firm
        return _grounds("sector", strength.astype(np.float32), shown[np.arange(market.size), top])
    shares = share[:, inside]
    part = shares.sum(axis=1)
    top = np.array(inside)[shares.argmax(axis=1)]
    leading = np.isin(market.leading[0], inside)
    strength = np.where((part >= CLEAR_SHARE) & leading, 1.0, np.where(part >= POSSIBLE_SHARE, 0.5, 0.0)) * firm
    return _grounds("sector", strength.astype(np.float32), shown[np.arange(market.size), top])


def _by_step(
    market: Market, kind: str, steps: Sequence[str], values: Sequence[str], firm: float, *, only: bool
) -> Grounds:
    step, sure, shown = market.ladder(kind, steps)
    wanted = np.array([steps.index(value) for value in values if value in steps], dtype=np.int32)
    if not len(wanted):
        return _grounds(kind, np.zeros(market.size, np.float32), shown)
    distance = np.abs(step[:, None] - wanted[None, :]).min(axis=1)
    known = step >= 0
    if only:
        # what a text calls its stage is rough: one step off is only possibly outside; rounds are exact
        clear = 1 if kind == "round" else 2
        strength = np.where(distance >= clear, sure, np.where(distance == 1, 0.5, 0.0))
    else:
        strength = np.where(distance == 0, sure, 0.0)
    return _grounds(kind, (np.where(known, strength, 0.0) * firm).astype(np.float32), shown)


@lru_cache(maxsize=1 << 16)
def _covered(code: str, place: str) -> bool:
    return regions().covers(code, regions().place(place))


def _by_region(market: Market, values: Sequence[str], firm: float, *, only: bool) -> Grounds:
    strength, shown = np.zeros(market.size, np.float32), np.full(market.size, -1, np.int32)
    rows, place, distinct = market.places
    inside = np.array([any(_covered(value, code) for value in values) for code in distinct], bool)
    strength[rows] = np.where(inside[place] != only, firm, 0.0)
    for row, claim, _ in market.claims.get("region", ()):  # a project that is willing to settle there is not outside
        if only and strength[row] and any(value == claim.value for value in values):
            strength[row] = 0.0
    return _grounds("region", strength, shown)


def _by_ticket(market: Market, kind: str, how: str, limit: float) -> Grounds:
    amount, shown = market.number("amount")
    with np.errstate(invalid="ignore"):
        if kind == "ticket_max":
            strength = np.where(amount > 4 * limit, 0.5, 0.0)
        elif how == "floor":
            strength = np.where(amount < 0.95 * limit, 1.0, 0.0)
        else:
            strength = np.where(amount < 0.5 * limit, 1.0, np.where(amount < 0.8 * limit, 0.5, 0.0))
    return _grounds("ticket", strength.astype(np.float32), shown)


def _by_phrase(market: Market, phrase: str, firm: float) -> Grounds:
    """A phrase of the institution's own, by its words."""
    return _grounds("topic", *market.phrases.strength(phrase, firm))


def _by_topic(market: Market, value: str, firm: float) -> Grounds:
    """Topics of a phrase: the surest of the alternatives of every place, on average over the places."""
    best, shown = np.zeros(market.size, np.float32), np.full(market.size, -1, np.int32)
    places = value.split("+")
    total = np.zeros(market.size, np.float32)
    for place in places:
        sure = np.zeros(market.size, np.float32)
        for topic in place.split("|"):
            for row, claim, sentence in market.by_value.get(("topic", topic), ()):
                level = claim.number or 0.0
                sure[row] = max(sure[row], level)
                if level > best[row]:
                    best[row], shown[row] = level, sentence
        total += sure
    return _grounds("topic", total * np.float32(min(firm, 1.0) / len(places)), shown)


def _by_value(market: Market, kind: str, value: str, number: float) -> Grounds:
    """Topics, facilities, services and kinds of applicant: the project must show the same value."""
    strength, shown = np.zeros(market.size, np.float32), np.full(market.size, -1, np.int32)
    alone = _alone(market) if kind == "service" else None
    for row, claim, sentence in market.by_value.get((kind, value), ()):
        sure = _sure(kind, value, claim, number, alone is not None and bool(alone[row]))
        if sure > strength[row]:
            strength[row], shown[row] = sure, sentence
    return _grounds(kind, strength, shown)


def _sure(kind: str, value: str, claim: Claim, number: float, alone: bool) -> float:
    if kind == "service":
        return (1.0 if alone else 0.5) * min(number, 1.0)
    if kind == "facility":
        if number != NO_LIMIT and claim.number is not None:
            return 1.0 if claim.number > number else 0.0
        return 0.5 if value in OFTEN_BORROWED else 1.0
    return min(number, 1.0)


def _alone(market: Market) -> NDArray[np.bool_]:
    """Projects that need one service only."""
    counts = np.bincount([row for row, _, _ in _items(market.claims.get("service", ()))], minlength=market.size)
    return counts == 1


def _items(items: Iterable[tuple[int, Claim, int]]) -> list[tuple[int, Claim, int]]:
    return list(items)
