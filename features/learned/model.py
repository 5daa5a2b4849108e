"""Training: the questions of all earlier dates, the candidates that the transparent score proposes, and boosted trees.

Trees predict whether a proposed pair comes to a deal within the horizon (LightGBM, binary; Ke et al. 2017). LambdaMART
on the same rows ranked worse or alike on the tuning dates, and a probability adds to a score of logarithms.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.problem import DuijieError
from features.deals import owners, read_deals
from features.family import Floats, Indexes, Market
from features.learned.columns import GROUPS, Columns, base
from features.learned.cuts import Question, ask, cuts, market_at

CANDIDATES = 200
"""Institutions a project that are learned from and rescored, by the transparent score."""
LEAST_FOUND = 300
"""Pairs found over all dates below which nothing is learned."""
ROUNDS = 200
SEEDS = 2
PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 15,
    "min_data_in_leaf": 300,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "verbose": -1,
    "deterministic": True,
    "force_row_wise": True,
}


@dataclass(frozen=True)
class Asked:
    """One question with its candidates. ``cols`` is Q x K, best first by ``base``; ``found`` says which came to a deal.

    ``wanted`` is how many institutions each project came to, proposed or not. ``table`` is (Q K) x F.
    """

    question: Question
    cols: Indexes
    base: Floats
    found: NDArray[np.bool_]
    wanted: Indexes
    table: Floats
    groups: Indexes


def candidates(score: Floats, known: NDArray[np.bool_]) -> Indexes:
    """The best institutions of each row, best first; ``known`` pairs stand last."""
    score = np.where(known, -np.inf, score)
    size = min(CANDIDATES, score.shape[1])
    return np.argsort(-score, axis=1, kind="stable")[:, :size]


def look_back(market: Market, question: Question) -> Asked:
    """The columns of a question's candidates as they stood on its date."""
    columns = Columns(market_at(market, question))
    tables = columns.tables(question.rows)
    score = base(tables)
    cols = candidates(score, dealt(columns, question.rows))
    came = np.zeros(score.shape, bool)
    came[question.asked, question.found] = True
    places = np.repeat(np.arange(len(cols)), cols.shape[1])
    table, _, groups = columns.pairs(question.rows, tables, places, cols.ravel())
    return Asked(
        question,
        cols,
        np.take_along_axis(score, cols, axis=1),
        np.take_along_axis(came, cols, axis=1),
        came.sum(axis=1),
        table,
        groups,
    )


def dealt(columns: Columns, rows: Indexes) -> NDArray[np.bool_]:
    """Pairs of these rows that had a deal by then, rows x institutions."""
    known = np.zeros((len(rows), columns.n), bool)
    place = np.full(int(max(rows.max(initial=-1), columns.deals.project.max(initial=-1))) + 2, -1, np.intp)
    place[rows] = np.arange(len(rows))
    at = place[columns.deals.project]
    known[at[at >= 0], columns.deals.institution[at >= 0]] = True
    return known


def gather(market: Market, head: str) -> list[Asked]:
    """All questions of a head, latest first. Those whose horizon is cut short by the market's date come first."""
    deals = read_deals(market, owners(market)[0], discounted=False)
    if not len(deals.day):
        return []
    first = date(1970, 1, 1) + timedelta(days=int(np.quantile(deals.day, 0.1)))
    asked = (ask(deals, cut, horizon, head) for cut, horizon in cuts(market.view.as_of, first))
    return [look_back(market, question) for question in asked if len(question.rows)]


@dataclass(frozen=True)
class Model:
    """Boosted trees of several seeds. ``scale`` turns their log-odds into the spread of the transparent score.

    ``means`` are the log-odds that each gives to the mean pair; they are left out of everything that is added.
    """

    boosters: Sequence[Any]
    means: Sequence[float]
    scale: float

    def contributions(self, table: Floats, groups: Indexes) -> Floats:
        """What each group of columns adds to the score of a pair, M x G: sums of Shapley values (Lundberg 2020)."""
        told = np.zeros((len(table), len(GROUPS)))
        for booster in self.boosters:
            values = booster.predict(table, pred_contrib=True, num_threads=1)
            for group in range(len(GROUPS)):
                told[:, group] += values[:, :-1][:, groups == group].sum(axis=1)
        return np.asarray(told * self.scale / len(self.boosters), np.float32)

    def margin(self, table: Floats) -> Floats:
        """The same as one number a pair."""
        told = np.zeros(len(table))
        for booster, mean in zip(self.boosters, self.means, strict=True):
            told += booster.predict(table, raw_score=True, num_threads=1) - mean
        return np.asarray(told * self.scale / len(self.boosters), np.float32)

    def to_text(self) -> str:
        """The model as JSON text; the same model gives the same text."""
        trees = [booster.model_to_string() for booster in self.boosters]
        return json.dumps({"trees": trees, "means": list(self.means), "scale": self.scale})

    @staticmethod
    def from_text(text: str) -> Model:
        """The model of :meth:`to_text`."""
        import lightgbm

        told = json.loads(text)
        return Model([lightgbm.Booster(model_str=tree) for tree in told["trees"]], told["means"], told["scale"])


def train(asked: Sequence[Asked], seeds: int = SEEDS) -> Model:
    """Learn from these questions; the same rows give the same trees.

    Raises
    ------
    DuijieError
        ``learn.little`` when fewer than :data:`LEAST_FOUND` pairs were found over all dates.
    """
    found = sum(int(told.found.sum()) for told in asked)
    if found < LEAST_FOUND:
        message = f"往期成交只有 {found} 对，少于 {LEAST_FOUND} / {found} past pairs, {LEAST_FOUND} are needed"
        raise DuijieError("learn.little", message, "透明排序照常使用 / the transparent ranker goes on")
    import lightgbm

    table = np.concatenate([told.table for told in asked])
    label = np.concatenate([told.found.ravel() for told in asked]).astype(np.int8)
    data = lightgbm.Dataset(table, label, params=PARAMETERS, free_raw_data=False)
    one = {"num_threads": 1}  # more change the order of sums
    boosters = [lightgbm.train(PARAMETERS | one | {"seed": seed + 1}, data, ROUNDS) for seed in range(seeds)]
    means = [float(np.asarray(booster.predict(table[:1], pred_contrib=True))[0, -1]) for booster in boosters]
    margin = Model(boosters, means, 1.0).margin(asked[0].table).reshape(asked[0].cols.shape)
    return Model(boosters, means, _spread(asked[0].base) / max(_spread(margin), 1e-9))


def _spread(scores: Floats) -> float:
    """Standard deviation within projects."""
    return float(np.std(scores - scores.mean(axis=1, keepdims=True)))
