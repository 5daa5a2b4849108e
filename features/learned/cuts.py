"""Earlier dates to learn from: the market as it stood then, who was looking for a counterpart, and who was found.

A question has one of two heads. ``cold``: projects without any deal up to the date that close their first one within
the horizon; ``warm``: projects with deals that come to institutions they never dealt with. The horizon never passes the
market's own date, so nothing is used that was not known on it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.deals import Deals
from features.family import Indexes, Market

HEADS = ("cold", "warm")
STEP_DAYS = 182
HORIZON_DAYS = 365
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Question:
    """Q projects asking on a date. ``rows`` are their rows in the view, ``rounds`` what each was raising.

    ``asked`` and ``found`` are parallel: position of a project in ``rows`` and the institution it came to.
    """

    cut: date
    rows: Indexes
    rounds: list[str]
    asked: Indexes
    found: Indexes


def cuts(as_of: date, first: date) -> Iterator[tuple[date, int]]:
    """Dates every half year back from ``as_of`` down to ``first``, latest first, each with its horizon in days."""
    cut = as_of - timedelta(days=STEP_DAYS)
    while cut >= first:
        yield cut, min(HORIZON_DAYS, (as_of - cut).days)
        cut -= timedelta(days=STEP_DAYS)


def ask(deals: Deals, cut: date, horizon: int, head: str) -> Question:
    """The question of a head on ``cut``; what a project raised is the round of its first deal in the horizon."""
    start = (cut - _EPOCH).days
    use = np.flatnonzero(deals.delivered & (deals.project >= 0))
    project, institution, day = deals.project[use], deals.institution[use], deals.day[use]
    before, inside = day < start, (day >= start) & (day < start + horizon)
    dealt = np.zeros(int(project.max(initial=-1)) + 1, bool)
    dealt[project[before]] = True
    inside &= dealt[project] == (head == "warm")
    if head == "warm":
        span = int(institution.max(initial=0)) + 1
        known = np.unique(project[before] * span + institution[before])
        inside &= ~np.isin(project * span + institution, known)
    rows, asked = np.unique(project[inside], return_inverse=True)
    rounds = [""] * len(rows)
    for at, round_ in zip(asked[::-1], deals.round[use][inside][::-1], strict=True):  # deals are sorted by day
        rounds[at] = str(round_)
    return Question(cut, rows, rounds, asked, institution[inside])


def market_at(market: Market, question: Question) -> Market:
    """The market as it stood on the question's date: its deals end the day before, its projects raise what they raised.

    Attributes of projects and institutions are those of the market's own date: the past versions of a row are not
    known to a market. They may tell what a project became; they cannot tell what came after the market's date.
    """
    view, eve = market.view, question.cut - timedelta(days=1)
    outcomes = view.outcomes.filter(pc.less_equal(view.outcomes["at"], pa.scalar(eve, pa.date32())))
    rounds: list[str | None] = [None] * view.projects.num_rows
    for row, round_ in zip(question.rows, question.rounds, strict=True):
        rounds[row] = round_ or None
    at = view.projects.schema.get_field_index("funding_round")
    projects = view.projects.set_column(at, view.projects.schema.field(at), pa.array(rounds, pa.string()))
    then = dataclasses.replace(view, as_of=question.cut, outcomes=outcomes, projects=projects)
    return dataclasses.replace(market, view=then)
