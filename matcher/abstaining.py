"""“无合适对象 / no suitable counterpart”: projects for which the honest answer is nobody, and why.

A statement about a project, beside its list and not instead of it: the statuses of the matches stay what they are, and
an organizer who knows better may still introduce. Why is said in codes of rules and features, which have their words.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.family import Indexes
from matcher.calibration import Curve
from matcher.market import ChannelMarket, features_of
from matcher.pipeline import Result

NOBODY, ALL_RULED_OUT, UNLIKELY = "no_institutions", "all_ineligible", "unlikely"

SCHEMA = pa.schema(
    [
        ("project_id", pa.string()),
        ("code", pa.string()),
        ("rule", pa.string()),
        ("feature", pa.string()),
        ("institution_id", pa.string()),
        ("score", pa.float64()),
        ("probability", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("threshold", pa.float64()),
    ]
)
"""``code`` is one of the three above. ``institution_id`` is the best that is left, with its score and probability;
``feature`` its lowest part. ``rule`` keeps most of those apart that would have ranked above it."""


def abstentions_table(
    market: ChannelMarket, result: Result, free: NDArray[np.bool_], curve: Curve | None, threshold: float
) -> pa.Table:
    """One row for every ranked project (``free``) that should be told: no suitable counterpart.

    Without a ``curve`` nobody can say what is unlikely, and only projects with no eligible institution are told so.
    """
    ranked, n = result.ranked, market.n_projects
    best = _best(result, n)
    has = best >= 0
    score = np.where(has, ranked.score[best] if len(ranked.score) else 0.0, -np.inf)
    chance = curve.at(score) if curve else (np.ones(n), np.ones(n), np.ones(n))
    told = np.flatnonzero(free & (~has | (chance[0] < threshold)))
    ruled = (ranked.failed != 0) & (ranked.score > score[ranked.rows])
    seen = np.bincount(ranked.rows, minlength=n) > 0
    code = np.where(has[told], UNLIKELY, np.where(seen[told], ALL_RULED_OUT, NOBODY))
    known = has[told]
    at = best[told]
    ids = market.market.view.institutions["institution_id"]
    numbers = [np.where(known, part[told], np.nan) for part in (score, *chance)]
    if curve is None:
        numbers[1:] = [np.full(len(told), np.nan)] * 3
    columns = [
        market.market.view.projects["project_id"].take(pa.array(told)),
        pa.array(code, pa.string()),
        pa.array(_strongest_rule(market, result, ruled, n)[told], pa.string()),
        pa.array(_lowest_part(market, result, at, known), pa.string()),
        ids.take(pa.array(np.where(known, ranked.cols[at] if len(ranked.cols) else 0, 0), mask=~known)),
        *(pa.array(part, pa.float64(), from_pandas=True) for part in numbers),
        pa.array(np.full(len(told), threshold), pa.float64(), mask=np.full(len(told), curve is None)),
    ]
    return pa.table(dict(zip(SCHEMA.names, columns, strict=True)), schema=SCHEMA)


def _best(result: Result, n: int) -> Indexes:
    """Position of each project's best eligible pair by score, -1 where it has none."""
    ranked = result.ranked
    eligible = np.flatnonzero((ranked.failed == 0) & (ranked.rank > 0))
    order = eligible[np.lexsort((ranked.score[eligible], ranked.rows[eligible]))]
    best = np.full(n, -1, np.intp)
    best[ranked.rows[order]] = order  # of a project's pairs the last one written is the best
    return best


def _strongest_rule(market: ChannelMarket, result: Result, ruled: NDArray[np.bool_], n: int) -> NDArray[np.object_]:
    """For each project the rule that fails for most of its ``ruled`` pairs, of equals the earlier; ``""`` if none."""
    names = list(market.checks)
    rows, failed = result.ranked.rows[ruled], result.ranked.failed[ruled]
    counts = [np.bincount(rows[(failed >> bit & 1) > 0], minlength=n) for bit in range(len(names))]
    if not counts:
        return np.full(n, "", object)
    table = np.stack(counts)
    strongest = np.array(names, object)[table.argmax(axis=0)]
    strongest[table.max(axis=0) == 0] = ""
    return strongest


def _lowest_part(market: ChannelMarket, result: Result, at: Indexes, known: NDArray[np.bool_]) -> NDArray[np.object_]:
    """The feature that takes most off the best pair of each project; ``""`` where none takes anything off."""
    names = np.array([feature.name for feature in features_of(market.channel.name)], object)
    lowest = np.full(len(at), "", object)
    if known.any():
        parts = result.ranked.contributions[at[known]]
        found = names[parts.argmin(axis=1)]
        found[parts.min(axis=1) >= 0] = ""
        lowest[known] = found
    return lowest
