"""What an institution's own passes say of similar projects: a reason that recurs lowers what shares its value.

A pass names its reason (:mod:`data.decisions`). When an institution has passed at least :data:`LEAST` projects for the
same of four reasons and these projects share the value it speaks of (field of the sector tree, stage, province, band
of the amount sought), other projects of this value get a number below 0: -count / :data:`MOST`, never under -1. One
pass, and passes for other reasons, say nothing of other projects. What was passed itself is a matter of the rule
``passed``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from data.reference.regions import regions
from data.reference.sectors import sectors
from data.reference.vocabularies import vocabulary
from features.families.stage import own_code
from features.families.ticket import DEFAULT_CURRENCY, amounts
from features.family import BlockFeatures, Feature, Floats, Indexes, Market, State, column
from features.reading import Reading

REASONS = ("sector", "stage", "region", "amount")
LEAST, MOST = 3, 6
"""Passes from which on a reason counts as one that recurs, and from which on it counts in full."""
BANDS = 2
"""Bands of the amount sought to a power of ten."""


@dataclass(frozen=True)
class Recurring:
    """A reason that an institution gave for ``count`` projects which share ``value``.

    ``value`` is a field of the sector tree, a code of the vocabulary ``stages``, the code of a province (abroad: its
    name), or of an amount the currency and the power of ten at which its band begins. ``effect`` is what other projects
    of this value get for it, from -1 to 0.
    """

    institution_id: str
    reason: str
    value: Hashable
    count: int

    @property
    def effect(self) -> float:
        """-count / MOST, at least -1."""
        return -min(self.count, MOST) / MOST


def recurring(passes: pa.Table, channel: str, projects: pa.Table, texts: Sequence[Reading]) -> list[Recurring]:
    """Reasons that recur in a channel, the most frequent first; ``texts`` are the readings of ``projects``."""
    values = values_of(projects, texts)
    at = {key: row for row, key in enumerate(column(projects, "project_id"))}
    counts: Counter[tuple[str, str, Hashable]] = Counter()
    for row in passes.to_pylist():
        place = at.get(row["project_id"])
        if row["channel"] == channel and row["reason"] in REASONS and place is not None:
            value = values[row["reason"]][place]
            if value is not None:
                counts[row["institution_id"], row["reason"], value] += 1
    return [Recurring(*key, count) for key, count in counts.most_common() if count >= LEAST]


def values_of(projects: pa.Table, texts: Sequence[Reading]) -> dict[str, list[Hashable]]:
    """For each reason the value of each project of which it speaks; None where it is unknown."""
    stages = (*vocabulary("stages").codes, None)
    places = zip(*(column(projects, name) for name in ("country", "province", "city")), strict=True)
    currencies = column(projects, "currency")
    sought = np.floor(np.log10(amounts(texts, "amount")) * BANDS)
    return {
        "sector": [_field(text) for text in texts],
        "stage": [stages[position] for position in own_code(texts, "stage", "stages")],
        "region": [_province(*place) for place in places],
        "amount": [
            None if np.isnan(band) else (currency or DEFAULT_CURRENCY, float(band) / BANDS)
            for currency, band in zip(currencies, sought, strict=True)
        ],
    }


def _field(text: Reading) -> str | None:
    """The field of the first sector that is told; a column outweighs the text."""
    told = [claim for claim in text.claims if claim.kind == "sector" and claim.polarity > 0]
    return sectors().field_of(min(told, key=lambda claim: bool(claim.sentence)).value) if told else None


@cache
def _province(country: str | None, province: str | None, city: str | None) -> str | None:
    place = regions().resolve(country, province, city)
    return (place.province_code if place else province or country) or None


class _Block(BlockFeatures):
    def __init__(self, state: _State, start: int, stop: int) -> None:
        self.state, self.rows = state, slice(start, stop)

    def matrix(self) -> Floats | None:
        return None

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        found = {}
        for reason in REASONS:
            told = self.state.tables.get(reason)
            found[f"feedback_{reason}"] = (
                np.zeros(len(rows), np.float32) if told is None else told[1][told[0][self.rows][rows], cols]
            )
        return found


class _State(State):
    """For each reason that recurs the row of each project in a table of values x institutions; row 0 is all others."""

    def __init__(self, market: Market) -> None:
        self.tables: dict[str, tuple[Indexes, Floats]] = {}
        if not market.view.passes.num_rows:
            return
        told = recurring(market.view.passes, market.channel, market.view.projects, market.project_texts)
        values = values_of(market.view.projects, market.project_texts) if told else {}
        supply = column(market.view.institutions, "institution_id")
        for reason in {one.reason for one in told}:
            own = [one for one in told if one.reason == reason]
            row = {value: number for number, value in enumerate(dict.fromkeys(one.value for one in own), start=1)}
            effect = {(row[one.value], one.institution_id): one.effect for one in own}
            table = np.zeros((len(row) + 1, len(supply)), np.float32)
            for number in row.values():
                table[number] = [effect.get((number, key), 0.0) for key in supply]
            self.tables[reason] = (np.array([row.get(value, 0) for value in values[reason]], np.intp), table)

    def block(self, start: int, stop: int) -> _Block:
        return _Block(self, start, stop)


class FeedbackFamily:
    """Reasons for which an institution passes again and again."""

    name = "feedback"
    channels = ()
    features = (
        Feature("feedback_sector", "多次因领域不符婉拒同领域项目", "Passed this field again and again", 0.5),
        Feature("feedback_stage", "多次因阶段不符婉拒同阶段项目", "Passed this stage again and again", 0.5),
        Feature("feedback_region", "多次因地域婉拒同省项目", "Passed this province again and again", 0.5),
        Feature("feedback_amount", "多次因金额不符婉拒同量级项目", "Passed amounts like this again and again", 0.5),
    )

    def fit(self, market: Market) -> State:
        """Count the institution's passes as of the view's date."""
        return _State(market)


FAMILY = FeedbackFamily()
