"""Learned: what boosted trees, taught by this store's own past deals, add to the transparent score.

Counts only where a model was taught for the channel (``duijie learn``) and beat the transparent score on later dates;
otherwise every feature is 0. A project's best candidates by the transparent score are scored anew: the log-odds of a
deal, told apart into groups of columns by Shapley values (Lundberg et al. 2020), so that they are summands like any
other. Projects without a deal of their own have one model (``cold``), those with deals another (``warm``).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from features.family import BlockFeatures, Feature, Floats, Indexes, Market, State
from features.learned.columns import GROUPS, Columns, base
from features.learned.model import Model, candidates, dealt

TOLD_APART = 50
"""Candidates of a project whose score is told apart by group; that of the others stands under ``learned_fit``."""
_LABELS = {
    "pace": ("由往期成交学得：出手节奏", "Learned from past deals: pace"),
    "sector": ("由往期成交学得：领域习惯", "Learned from past deals: sector"),
    "region": ("由往期成交学得：地区习惯", "Learned from past deals: region"),
    "round": ("由往期成交学得：轮次习惯", "Learned from past deals: round"),
    "fit": ("由往期成交学得：综合", "Learned from past deals: overall"),
}


class LearnedFamily:
    """Groups of columns of the learned ranker."""

    name = "learned"
    channels: tuple[str, ...] = ()
    features = tuple(Feature(f"learned_{group}", *_LABELS[group], 1.0) for group in GROUPS)

    def fit(self, market: Market) -> State:
        """Take the channel's models, if there are any; nothing is learned here."""
        return LearnedState(market)


class LearnedState:
    """The models of the channel by head, and the columns of the market."""

    def __init__(self, market: Market) -> None:
        self.market, self.models = market, dict(market.learned)

    @cached_property
    def columns(self) -> Columns:
        """Columns of the market as it stands."""
        return Columns(self.market)

    @cached_property
    def warm(self) -> np.ndarray:
        """Projects that have a deal of their own."""
        told = np.zeros(self.market.view.projects.num_rows, bool)
        project = self.columns.deals.project
        told[project[project >= 0]] = True
        return told

    def block(self, start: int, stop: int) -> LearnedBlock:
        """Prepare projects ``start`` to ``stop``."""
        return LearnedBlock(self, start, stop)


class LearnedBlock(BlockFeatures):
    """Contributions of one block, made when first asked for."""

    def __init__(self, state: LearnedState, start: int, stop: int) -> None:
        self.state, self.start, self.stop = state, start, stop

    @cached_property
    def table(self) -> Floats:
        """Block rows x distinct institutions x groups."""
        state = self.state
        table = np.zeros((self.stop - self.start, state.columns.n, len(GROUPS)), np.float32)
        for head, model in state.models.items():
            rows = np.flatnonzero(state.warm[self.start : self.stop] == (head == "warm"))
            if len(rows):
                table[rows] = _contributions(state.columns, model, rows + self.start)
        return table

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        """What each group adds; 0 without a model."""
        if not self.state.models:
            return {feature.name: np.zeros(len(rows), np.float32) for feature in FAMILY.features}
        found = self.table[rows, self.state.columns.history.owner[cols]]
        return {feature.name: found[:, at] for at, feature in enumerate(FAMILY.features)}

    def matrix(self) -> Floats | None:
        """Proposes nobody: it scores what the history proposes."""
        return None


def _contributions(columns: Columns, model: Model, rows: Indexes) -> Floats:
    """Rows x institutions x groups. Who is no candidate gets what the least of the candidates gets."""
    tables = columns.tables(rows)
    score = base(tables)
    cols = candidates(score, dealt(columns, rows))
    shape = cols.shape
    places = np.repeat(np.arange(len(rows)), shape[1])
    told, _, groups = columns.pairs(rows, tables, places, cols.ravel())
    margin = model.margin(told).reshape(shape)
    total = np.take_along_axis(score, cols, axis=1) + margin
    first = np.argsort(-total, axis=1, kind="stable")[:, :TOLD_APART]
    table = np.zeros((*score.shape, len(GROUPS)), np.float32)
    overall = table[:, :, GROUPS.index("fit")]
    overall[:] = margin.min(axis=1, keepdims=True)
    np.put_along_axis(overall, cols, margin, axis=1)
    place = np.repeat(np.arange(len(rows)), first.shape[1])
    apart = np.take_along_axis(cols, first, axis=1).ravel()
    table[place, apart] = model.contributions(told.reshape(*shape, -1)[place, first.ravel()], groups)
    return table


FAMILY = LearnedFamily()
