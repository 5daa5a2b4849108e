"""A channel's result as tables: matches, contributions, evidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.tables import MATCHES
from features.family import Indexes
from matcher.block import DECIMALS, Ranked
from matcher.calibration import Calibration, Curve
from matcher.exploring import POLICIES, Exposure
from matcher.market import ChannelMarket, families_of, features_of
from matcher.pipeline import Result

RECOMMENDED, INELIGIBLE = "recommended", "ineligible"
TEXT_FAMILY = "semantic"
"""The family whose sentences also stand for shared wording."""


def names_of_mask(mask: NDArray[np.int64], names: Sequence[str]) -> pa.Array:
    """For each bit mask the names of its bits, joined by ``;``."""
    distinct, inverse = np.unique(mask, return_inverse=True)
    words = [";".join(name for bit, name in enumerate(names) if value >> bit & 1) for value in distinct.tolist()]
    return pa.array(words, pa.string()).take(pa.array(inverse))


def _blank_zero(ranks: NDArray[np.int32]) -> pa.Array:
    return pa.array(ranks, pa.int32(), mask=ranks == 0)


def matches_table(market: ChannelMarket, result: Result, run_id: str, curve: Curve | None = None) -> pa.Table:
    """Matches in the columns of the interchange.

    A pair beyond a side's kept list has no rank there; without a ``curve``, or ineligible, it has no probability.
    """
    ranked = result.ranked
    n = len(ranked.rows)
    return pa.table(
        {
            "run_id": pa.array([run_id] * n, pa.string()),
            "channel": pa.array([market.channel.name] * n, pa.string()),
            "project_id": market.market.view.projects.column("project_id").take(pa.array(ranked.rows)),
            "institution_id": market.market.view.institutions.column("institution_id").take(pa.array(ranked.cols)),
            "rank_for_project": _blank_zero(ranked.rank),
            "rank_for_institution": _blank_zero(result.rank_for_institution),
            "score": pa.array(ranked.score),
            "probability": _probability(curve, ranked)[0],
            "status": pa.array(np.where(ranked.failed == 0, RECOMMENDED, INELIGIBLE)),
            "rule": names_of_mask(ranked.failed, tuple(market.checks)),
            "found_by": names_of_mask(ranked.found, ranked.retrievers),
        },
        schema=MATCHES,
    )


def _probability(curve: Curve | None, ranked: Ranked) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Probability and its bounds; empty for what is ineligible, and without a curve."""
    if curve is None:
        empty = pa.nulls(len(ranked.rows), pa.float64())
        return empty, empty, empty
    ruled = ranked.failed != 0
    value, low, high = (pa.array(np.round(part, DECIMALS), mask=ruled) for part in curve.at(ranked.score))
    return value, low, high


def probabilities_table(market: ChannelMarket, ranked: Ranked, calibration: Calibration) -> pa.Table:
    """For every rung that is calibrated its probability with the 95 % bounds ``<rung>_low`` and ``<rung>_high``.

    Rows are those of :func:`matches_table`, in its order.
    """
    columns: dict[str, pa.Array] = {}
    for target, curve in calibration.curves.items():
        columns[target], columns[f"{target}_low"], columns[f"{target}_high"] = _probability(curve, ranked)
    return pa.table(columns)


def contributions_table(market: ChannelMarket, ranked: Ranked) -> pa.Table:
    """What each feature adds to each match, one column a feature; ``unknown`` names rules and features without answer.

    Rows are those of :func:`matches_table`, in its order; each row's columns sum to the score.
    """
    names = [feature.name for feature in features_of(market.channel.name)]
    columns: dict[str, pa.Array] = {name: pa.array(ranked.contributions[:, i]) for i, name in enumerate(names)}
    columns["unknown_rules"] = names_of_mask(ranked.unknown, tuple(market.checks))
    columns["unknown_features"] = names_of_mask(ranked.absent, names)
    return pa.table(columns)


def evidence_table(market: ChannelMarket, ranked: Ranked) -> pa.Table:
    """Verbatim sentences: columns ``<family>_project`` and ``<family>_institution``, empty where nothing is said."""
    columns: dict[str, pa.Array] = {}
    projects = _sentences(market.market.project_texts)
    institutions = _sentences(market.market.institution_texts)
    for family in families_of(market.channel.name):
        find = getattr(market.states[family.name], "sentences", None)
        if find is None or not any(market.weights[feature.name] for feature in family.features):
            continue
        left, right = find(ranked.rows, ranked.cols)
        columns[f"{family.name}_project"] = projects.pick(ranked.rows, left)
        columns[f"{family.name}_institution"] = institutions.pick(ranked.cols, right)
    return pa.table(columns) if columns else pa.table({"none": pa.nulls(len(ranked.rows), pa.string())})


def exposure_table(market: ChannelMarket, exposure: Exposure) -> pa.Table:
    """Who was shown where, and with which chance: the log from which effects can be estimated.

    One row for every pair that was shown, might have been, or would have been by score alone. ``position``,
    ``propensity`` (of exactly this place) and ``policy`` (what gave it) are empty where the pair was not shown;
    ``inclusion`` is the probability of any place.
    """
    hidden = exposure.position == 0
    return pa.table(
        {
            "project_id": market.market.view.projects["project_id"].take(pa.array(exposure.rows)),
            "institution_id": market.market.view.institutions["institution_id"].take(pa.array(exposure.cols)),
            "score": pa.array(exposure.score),
            "position": pa.array(exposure.position, pa.int32(), mask=hidden),
            "propensity": pa.array(exposure.propensity, pa.float64(), mask=hidden),
            "inclusion": pa.array(exposure.inclusion),
            "policy": pa.array(POLICIES).take(pa.array(exposure.policy, mask=hidden)),
        }
    )


class _sentences:
    """All sentences of one side in one array, to be picked by text and number."""

    def __init__(self, readings: Sequence[object]) -> None:
        texts = [reading.sentences for reading in readings]  # type: ignore[attr-defined]
        self.start = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.int64)
        self.all = pa.array([sentence for text in texts for sentence in text], pa.string())

    def pick(self, rows: Indexes, numbers: Indexes) -> pa.Array:
        at = np.where(numbers >= 0, self.start[rows] + numbers, -1)
        return self.all.take(pa.array(at, pa.int64(), mask=at < 0)).dictionary_encode()
