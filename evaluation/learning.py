"""Whether the learned ranker may rank: a paired test against the transparent one on the store's own later deals.

For each test date a model is taught on what was known on that date alone and asked who comes to whom in the year after
it. Only the order of the candidates counts that both rank; a counterpart that is no candidate is missed by both.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.problem import DuijieError
from evaluation.significance import Interval, Scores, bootstrap_interval, paired_interval
from features.deals import owners, read_deals
from features.family import Floats, Indexes, Market
from features.learned.cuts import HORIZON_DAYS, Question, ask
from features.learned.model import Asked, Model, gather, look_back, train

DATES = 2
"""Test dates, a year apart, the last one a year before the market's own date."""
LEAST_ASKED = 100
"""Projects over all test dates below which nothing is decided: the transparent ranker goes on."""
DEPTH = 10


@dataclass(frozen=True)
class Trial:
    """What was measured for one head. ``asked`` projects over ``dates``; nDCG@10 of both and of the difference."""

    head: str
    dates: tuple[str, ...]
    asked: int
    transparent: Interval | None
    learned: Interval | None
    difference: Interval | None

    @property
    def won(self) -> bool:
        """Whether the interval of the difference lies above 0."""
        return self.difference is not None and self.difference.low > 0

    def as_dict(self) -> dict[str, Any]:
        """For a manifest: figures with four decimals."""
        told = {
            name: [round(value, 4) for value in dataclasses.astuple(interval)] if interval else None
            for name in ("transparent", "learned", "difference")
            for interval in [getattr(self, name)]
        }
        return {"head": self.head, "dates": list(self.dates), "asked": self.asked, **told, "won": self.won}


def trial(market: Market, head: str) -> Trial:
    """Test a head on earlier dates of this market."""
    dates, ours, theirs, groups = [], [], [], []
    for question, then in _tests(market, head):
        try:
            model = train(gather(then, head), seeds=1)
        except DuijieError as error:
            if error.code != "learn.little":
                raise
            continue
        told = look_back(market, question)
        dates.append(question.cut.isoformat())
        theirs.append(ndcg(told.base, told))
        ours.append(ndcg(told.base + margins(model, told), told))
        groups += [f"{question.cut} {leader}" for leader in leaders(question)]
    if not groups or len(groups) < LEAST_ASKED:
        return Trial(head, tuple(dates), len(groups), None, None, None)
    mine, other = np.concatenate(ours), np.concatenate(theirs)
    return Trial(
        head,
        tuple(dates),
        len(groups),
        bootstrap_interval(other, groups),
        bootstrap_interval(mine, groups),
        paired_interval(mine, other, groups),
    )


def _tests(market: Market, head: str) -> Iterator[tuple[Question, Market]]:
    """Test questions, and the market as it was known on the date of each."""
    deals = read_deals(market, owners(market)[0], discounted=False)
    for year in range(1, DATES + 1):
        cut = market.view.as_of - timedelta(days=HORIZON_DAYS * year)
        question = ask(deals, cut, HORIZON_DAYS, head)
        if not len(question.rows):
            continue
        outcomes = market.view.outcomes
        known = outcomes.filter(pc.less(outcomes["at"], pa.scalar(cut, pa.date32())))
        yield question, dataclasses.replace(market, view=dataclasses.replace(market.view, as_of=cut, outcomes=known))


def margins(model: Model, told: Asked) -> Floats:
    """What a model adds to the candidates of a question, Q x K."""
    return model.margin(told.table).reshape(told.cols.shape)


def ndcg(score: Floats, told: Asked, k: int = DEPTH) -> Scores:
    """nDCG@k of each project under a score of its candidates; what was not proposed counts as missed."""
    order = np.argsort(-score, axis=1, kind="stable")[:, :k]
    gains = np.take_along_axis(told.found, order, axis=1)
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discount)[np.minimum(told.wanted, k) - 1]
    found: Scores = gains @ discount[: gains.shape[1]] / ideal
    return found


def leaders(question: Question) -> Indexes:
    """The group of each project: of the institutions it came to the one that most of the projects came to."""
    busy = Counter(question.found.tolist())
    best: dict[int, int] = {}
    for at, maker in zip(question.asked.tolist(), question.found.tolist(), strict=True):
        if at not in best or (busy[maker], -maker) > (busy[best[at]], -best[at]):
            best[at] = maker
    return np.array([best[at] for at in range(len(question.rows))], np.intp)
