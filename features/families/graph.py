"""Graph: whom the project's earlier partners usually act together with.

Projects and institutions are joined by their deals. From a project a walk goes to the institutions it has dealt with,
from them to the other projects they dealt with, and on to those projects' institutions: three steps, as in RP3beta
(Paudel et al., ACM TiiS 2017) but with old links worth less and busy institutions damped on the way, not at the end.
A later round counts in full: who joins it is what is asked. A project without any deal has nowhere to start: 0. What a
walk passes can be told in words (:mod:`features.graph`). Constants were tuned on investments of 2009 and 2010 only.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import sparse

from features.deals import Deals, owners, read_deals
from features.family import BlockFeatures, Feature, Floats, Indexes, Market, State

HALF_LIFE = 4.0  # years
DAMPING = 0.5  # power of the degree that a step is divided by
CREDIBLE = 20.0  # weighted deals of the whole market at which the walk counts half, as in the history family


class GraphFamily:
    """Common partners of the institutions that a project has dealt with."""

    name = "graph"
    channels: tuple[str, ...] = ()
    features = (Feature("graph_partners", "已合作机构的常见伙伴", "Partners of earlier counterparts", 1.25),)

    def fit(self, market: Market) -> State:
        """Join the deals of the market's channel up to the view's date."""
        return GraphState(market)


class GraphState:
    """Links as sparse matrices; ``owner`` maps supply rows (needs of one owner) to distinct institutions."""

    def __init__(self, market: Market) -> None:
        self.institutions, self.owner = owners(market)
        self.deals = read_deals(market, self.institutions, discounted=False)
        n = market.view.projects.num_rows
        weight = np.where(self.deals.delivered, self.deals.decayed(HALF_LIFE), 0.0)  # a talk makes no partners
        self.credibility = np.float32(weight.sum() / (weight.sum() + CREDIBLE))
        links = _links(self.deals, weight, len(self.institutions))
        self.first = _rows_of(self.deals, n, links.shape[0]) @ _damped(links, 1)
        self.second = _without_diagonal(_damped(links, 0).T @ _damped(links, 1))
        reached = (self.first @ self.second).data if self.first.nnz else np.zeros(0)
        self.unit = np.float32(np.median(reached)) if len(reached) else np.float32(1.0)

    def block(self, start: int, stop: int) -> GraphBlock:
        """Prepare projects ``start`` to ``stop``."""
        return GraphBlock(self, start, stop)


class GraphBlock(BlockFeatures):
    """The walk from one block of projects, made when first asked for."""

    def __init__(self, state: GraphState, start: int, stop: int) -> None:
        self.state, self.start, self.stop = state, start, stop

    @cached_property
    def table(self) -> Floats:
        """Block rows x distinct institutions: ``log(1 + walk / median walk)``, times the market's credibility."""
        state = self.state
        walk = (state.first[self.start : self.stop] @ state.second).tocsr()
        table: Floats = np.log1p(walk.toarray() / state.unit).astype(np.float32)
        table *= state.credibility
        return table

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        """The walk of pairs; 0 where it does not reach."""
        return {"graph_partners": self.table[rows, self.state.owner[cols]]}

    def matrix(self) -> Floats | None:
        """The walk, B x N; None where no project of the market has a deal."""
        if not self.state.first.nnz:
            return None
        return np.ascontiguousarray(self.table[:, self.state.owner])

    def matrix_at(self, rows: Indexes, cols: Indexes) -> Floats | None:
        """The walk of pairs, without laying out the matrix."""
        return self.pairs(rows, cols)["graph_partners"] if self.state.first.nnz else None


def _links(deals: Deals, weight: np.ndarray, n_institutions: int) -> sparse.csr_array:
    """Projects of deals x institutions: decayed weight of the deals of each pair."""
    shape = (int(deals.code.max(initial=-1)) + 1, n_institutions)
    links = sparse.csr_array((weight, (deals.code, deals.institution)), shape=shape)
    links.sum_duplicates()
    links.eliminate_zeros()
    return links


def _damped(links: sparse.csr_array, axis: int) -> sparse.csr_array:
    """Links divided by a power of the weight of their start: of the project (axis 1) or of the institution (axis 0)."""
    degree = np.maximum(np.asarray(links.sum(axis=axis)).ravel(), 1e-9) ** -DAMPING
    scale = sparse.diags_array(degree)
    return (scale @ links if axis == 1 else links @ scale).tocsr()


def _without_diagonal(walk: sparse.csr_array) -> sparse.csr_array:
    """The walk between different institutions: nobody is their own partner."""
    entries = walk.tocoo()
    apart = entries.row != entries.col
    return sparse.csr_array((entries.data[apart], (entries.row[apart], entries.col[apart])), shape=walk.shape)


def _rows_of(deals: Deals, n_projects: int, n_codes: int) -> sparse.csr_array:
    """Projects of the view x projects of deals: 1 where they are the same."""
    known = deals.project >= 0
    pairs = np.unique(np.stack([deals.project[known], deals.code[known]]), axis=1)
    return sparse.csr_array((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), shape=(n_projects, n_codes))


FAMILY = GraphFamily()
