"""Learn from a store's own past what a score means.

The past is walked through in quarters. At the beginning of each the market is learned from the outcomes known by then,
and the introductions of the quarter are scored; what became of each within the horizon is its label. Introductions
younger than the horizon are left out, whatever became of them already: an early answer must not count as a rule.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.cases import cases
from data.view import View
from features.family import Indexes
from matcher.block import answers, contribution, feature_values
from matcher.calibration import Calibration, Curve
from matcher.candidates import Pairs, blocks, prepare
from matcher.channel import Channel
from matcher.market import ChannelMarket, Encode, build_market, features_of
from matcher.settings import TARGETS, Settings

STEP = timedelta(days=91)
DRAWS, KNOTS = 400, 41
LATER = 0.3
"""Share of the cases, the last ones, on which the methods are compared."""
CONSTANT, LOGISTIC, ISOTONIC = "constant", "logistic", "isotonic"
METHODS = (CONSTANT, LOGISTIC, ISOTONIC)
"""From the simplest to the freest; a freer one is taken only if it loses less on later cases."""

Numbers = NDArray[np.float64]
Fitted = Callable[[Numbers], Numbers]


def past_cases(
    view_of: Callable[[date], View],
    channel: Channel,
    as_of: date,
    settings: Settings,
    encode: Encode | None,
    progress: Callable[[date], object] = lambda cut: None,
) -> pd.DataFrame:
    """Introductions of a channel old enough to be judged, each with the score it had when its quarter began.

    Columns: ``project_id``, ``institution_id``, ``introduced`` (date), ``score``, and for each of
    :data:`matcher.settings.TARGETS` 1 or 0: whether it was reached within its horizon (NaN: not old enough to tell).
    Sorted by date and ids. Pairs that a rule would have kept apart are left out: no probability is ever given for them.
    """
    told = cases(view_of(as_of).outcomes, as_of)
    told = told[(told["channel"] == channel.name) & ~told["history"].astype(bool)]
    frame = told[["project_id", "institution_id"]].assign(introduced=told["reached_introduced"])
    for target in TARGETS:
        until = told["reached_introduced"] + pd.Timedelta(days=settings.calibration.days(target))
        frame[target] = (told[f"reached_{target}"] <= until).astype(float).where(until <= pd.Timestamp(as_of))
    frame = frame[frame[list(TARGETS)].notna().any(axis=1)]
    parts = []
    for begin, end, mine in _quarters(frame):
        progress(begin)
        market = build_market(_known(view_of(begin), view_of(end)), channel, settings, encode)
        parts.append(mine.assign(score=_scores(market, mine)).dropna(subset="score"))
    columns = ["project_id", "institution_id", "introduced", "score", *TARGETS]
    joined = pd.concat(parts, ignore_index=True) if parts else frame.assign(score=0.0).head(0)
    return joined[columns].sort_values(["introduced", "project_id", "institution_id"], ignore_index=True)


def _quarters(frame: pd.DataFrame) -> Iterator[tuple[date, date, pd.DataFrame]]:
    """Begin and end of every quarter with introductions, and they: later than the begin, not later than the end."""
    if frame.empty:
        return
    days = frame["introduced"]
    begin, last = days.min().date() - timedelta(days=1), days.max().date()
    while begin < last:
        end = begin + STEP
        mine = frame[(days > pd.Timestamp(begin)) & (days <= pd.Timestamp(end))]
        if len(mine):
            yield begin, end, mine
        begin = end


def _known(before: View, after: View) -> View:
    """The view of a quarter's begin, with those who joined in the quarter: else nobody new would be scored."""
    changed = {
        name: _with_newcomers(getattr(before, name), getattr(after, name), key)
        for name, key in (("projects", "project_id"), ("institutions", "institution_id"), ("needs", "need_id"))
    }
    return dataclasses.replace(before, **changed)


def _with_newcomers(before: pa.Table, after: pa.Table, key: str) -> pa.Table:
    new = after.filter(pc.invert(pc.is_in(after[key], value_set=before[key].combine_chunks())))
    return pa.concat_tables([before, new]).sort_by(key)


def _scores(market: ChannelMarket, frame: pd.DataFrame) -> Numbers:
    """Score of each case; NaN where a rule keeps the pair apart or one side is not in the market.

    Of several needs of one institution the best that no rule forbids.
    """
    view = market.market.view
    supply = pd.DataFrame({"institution_id": view.institutions["institution_id"].to_pylist()})
    supply["col"] = np.arange(len(supply))
    demand = pd.DataFrame({"project_id": view.projects["project_id"].to_pylist()})
    demand["row"] = np.arange(len(demand))
    pairs = frame[["project_id", "institution_id"]].assign(case=np.arange(len(frame)))
    pairs = pairs.merge(demand, on="project_id").merge(supply, on="institution_id").sort_values(["row", "col"])
    pairs["score"] = score_pairs(market, pairs["row"].to_numpy(np.intp), pairs["col"].to_numpy(np.intp))
    best = pairs.groupby("case")["score"].max()
    return best.reindex(range(len(frame))).to_numpy(np.float64)


def score_pairs(market: ChannelMarket, rows: Indexes, cols: Indexes) -> Numbers:
    """Scores of pairs sorted by row, as a run gives them; NaN where a rule fails."""
    score = np.full(len(rows), np.nan)
    names = [feature.name for feature in features_of(market.channel.name)]
    for start, stop in blocks(market.n_projects):
        first, last = np.searchsorted(rows, [start, stop])
        if first == last:
            continue
        pairs = Pairs(rows[first:last] - start, cols[first:last])
        values = feature_values(prepare(market, start, stop), pairs.rows, pairs.cols)
        total = sum((contribution(values[name], market.weights[name]) for name in names), np.zeros(last - first))
        score[first:last] = np.where(answers(market, start, stop, pairs)[0] == 0, total, np.nan)
    return score


def learn(channel: str, frame: pd.DataFrame, as_of: date, settings: Settings, scorer: str) -> Calibration:
    """The calibration of a channel from :func:`past_cases`; a rung with too little history is refused, with why."""
    told = settings.calibration
    curves, refused = {}, {}
    for target in TARGETS:
        old = frame[frame[target].notna()]
        why = too_little(old, target, told.cases, told.positives)
        if why:
            refused[target] = why
        else:
            curves[target] = fit_curve(old, target, told.days(target), settings.seed)
    return Calibration(channel, as_of, scorer, curves, refused)


def too_little(frame: pd.DataFrame, target: str, least: int, positives: int) -> str:
    """Why nothing can be learned, or ``""``."""
    reached = int(frame[target].sum())
    if len(frame) < least:
        return f"满期对接不足 / {len(frame)} introduced cases are old enough, {least} are needed"
    if min(reached, len(frame) - reached) < positives:
        return f"结果太少 / {reached} of {len(frame)} reached it; {positives} of either outcome are needed"
    return ""


def fit_curve(frame: pd.DataFrame, target: str, days: int, seed: int) -> Curve:
    """The method that loses least on later cases, fitted to all of them, with a bootstrap interval over projects."""
    score, reached = frame["score"].to_numpy(np.float64), frame[target].to_numpy(np.float64)
    losses = compare(frame, target, days)
    method = min(losses, key=lambda name: losses[name]) if losses else LOGISTIC
    knots = np.unique(np.quantile(score, np.linspace(0, 1, KNOTS)))
    value = fit(method, score, reached)(knots)
    project = pd.factorize(frame["project_id"])[0]
    rng = np.random.default_rng(seed)
    n = int(project.max()) + 1
    drawn = np.empty((DRAWS, len(knots)))
    for at in range(DRAWS):
        times = np.bincount(rng.integers(0, n, n), minlength=n)[project].astype(np.float64)
        drawn[at] = fit(method, score, reached, times)(knots)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    parts = [
        tuple(np.round(part, 6).tolist()) for part in (knots, value, np.minimum(low, value), np.maximum(high, value))
    ]
    return Curve(days, method, parts[0], parts[1], parts[2], parts[3], len(frame), int(reached.sum()), losses)


def split(frame: pd.DataFrame, days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Earlier cases, all of them decided before the first of the later ones was introduced, and the later ones."""
    border = frame["introduced"].quantile(1 - LATER, interpolation="higher")
    later = frame[frame["introduced"] >= border]
    return frame[frame["introduced"] + pd.Timedelta(days=days) <= border], later


def compare(frame: pd.DataFrame, target: str, days: int) -> dict[str, float]:
    """Log-loss of each method on later cases, fitted on earlier ones; empty where these are too few to tell."""
    earlier, later = split(frame, days)
    if not 10 <= earlier[target].sum() <= len(earlier) - 10 or len(later) < 50:
        return {}
    losses = {}
    for method in METHODS:
        made = fit(method, earlier["score"].to_numpy(np.float64), earlier[target].to_numpy(np.float64))
        losses[method] = round(log_loss(made(later["score"].to_numpy(np.float64)), later[target].to_numpy(bool)), 6)
    return losses


def log_loss(probability: Numbers, reached: NDArray[np.bool_]) -> float:
    """Mean negative log-likelihood, in nats."""
    return float(-np.log(np.where(reached, probability, 1 - probability)).mean())


def fit(method: str, score: Numbers, reached: Numbers, weight: Numbers | None = None) -> Fitted:
    """Probability as a function of the score; never 0 or 1, whatever the data say."""
    weight = np.ones(len(score)) if weight is None else weight
    total, positive = float(weight.sum()), float(weight @ reached)
    if method == CONSTANT:
        return lambda asked: np.full(len(asked), (positive + 1) / (total + 2))
    if method == ISOTONIC:
        return _isotonic(score, reached, weight, 1 / (total + 2))
    # Platt's targets: one case of each outcome is added, so that a perfect split gives no certainty.
    target = np.where(reached > 0, (positive + 1) / (positive + 2), 1 / (total - positive + 2))
    return _logistic(score, target, weight)


def _isotonic(score: Numbers, reached: Numbers, weight: Numbers, margin: float) -> Fitted:
    from sklearn.isotonic import IsotonicRegression

    used = weight > 0
    model = IsotonicRegression(y_min=margin, y_max=1 - margin, out_of_bounds="clip")
    model.fit(score[used], reached[used], sample_weight=weight[used])
    return lambda asked: np.asarray(model.predict(asked), np.float64)


def _logistic(score: Numbers, target: Numbers, weight: Numbers) -> Fitted:
    """Logistic regression on one number by Newton's steps; scores are scaled first."""
    middle, spread = float(score.mean()), float(score.std()) or 1.0
    design = np.c_[np.ones(len(score)), (score - middle) / spread]
    beta = np.zeros(2)
    for _ in range(25):
        p = _sigmoid(design @ beta)
        curvature = (design * (weight * p * (1 - p))[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (weight * (target - p)))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return lambda asked: _sigmoid(beta[0] + beta[1] * (np.asarray(asked) - middle) / spread)


def _sigmoid(value: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(value, -30, 30))), np.float64)
