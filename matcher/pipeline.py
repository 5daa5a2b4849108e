"""The run of one channel: reduce (learn the market), blocks (rank), reduce (the best of every institution)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.cores import in_turn
from features.family import Floats, Indexes
from matcher.block import Ranked, match_block, ranks
from matcher.candidates import (
    Bars,
    BestOfInstitutions,
    Pairs,
    best_of_projects,
    blocks,
    distinct,
    every_pair,
    is_exhaustive,
    prepare,
    retrieval,
)
from matcher.exploring import Explorer, Exposure
from matcher.market import ChannelMarket
from matcher.shortlist import shortlist

Progress = Callable[[int], object]


@dataclass(frozen=True)
class Result:
    """All kept pairs of a channel, sorted by project and institution.

    ``rank_for_institution`` is 0 where the project is not among the institution's best, ``rank_for_project`` (in
    ``ranked.rank``) where the pair is ineligible. ``exposure`` is None where places are given by score alone.
    """

    ranked: Ranked
    rank_for_institution: NDArray[np.int32]
    exposure: Exposure | None = None


def rank_channel(
    market: ChannelMarket,
    may_rank: NDArray[np.bool_],
    top: int,
    progress: Progress | None = None,
    explorer: Explorer | None = None,
) -> Result:
    """Rank all projects for which ``may_rank`` holds; keep the ``top`` of every project and every institution.

    An ``explorer`` gives some of each project's places otherwise than by score.
    """
    told = progress or (lambda done: None)
    proposals = None if is_exhaustive(market) else propose(market, may_rank)
    parts: list[Ranked] = []
    seen: list[Exposure] = []
    floors = Floors(top, market.n_institutions)
    depth = explorer.depth if explorer else top

    def match(block: tuple[int, int, NDArray[np.float64]]) -> Ranked | None:
        start, stop, least = block
        pairs = pairs_of_block(market, start, stop, may_rank, proposals.keys if proposals is not None else None)
        bars = proposals.bars[start] if proposals is not None else None
        return match_block(market, start, stop, pairs, depth, least, bars) if len(pairs.rows) else None

    bounds = blocks(market.n_projects)
    asked = ((start, stop, floors.score.copy()) for start, stop in bounds)
    for (start, stop), part in zip(bounds, in_turn(match, asked), strict=True):
        if part is not None:
            if explorer:
                part, exposure = explorer(part)
                seen.append(exposure)
            parts.append(part)
            floors.add(market.owner[part.cols], part)
        told(stop - start)
    result = reduce_blocks(parts, market, top)
    return replace(result, exposure=joined_exposure(seen)) if explorer else result


class Floors:
    """What a pair has to exceed to be among the best ``top`` of its institution, after the blocks seen so far."""

    def __init__(self, top: int, n_institutions: int) -> None:
        self.top = top
        self.score = np.full(n_institutions, -np.inf)
        self._owner, self._best = np.zeros(0, np.intp), np.zeros(0)

    def add(self, owner: Indexes, ranked: Ranked) -> None:
        """Take in one block; ``owner`` is the institution of each of its pairs."""
        able = (ranked.failed == 0) & (ranked.score > self.score[owner])
        owners = np.concatenate([self._owner, owner[able]])
        scores = np.concatenate([self._best, ranked.score[able]])
        rank = ranks(owners, scores)
        last = rank == self.top
        self.score[owners[last]] = scores[last]
        self._owner, self._best = owners[rank <= self.top], scores[rank <= self.top]


class Proposals(NamedTuple):
    """Sorted distinct ``keys`` ``project * N + institution`` worth ranking, and what was said of each block (by its
    start), so that the second pass need not ask again.
    """

    keys: NDArray[np.int64]
    bars: dict[int, Bars]


def propose(market: ChannelMarket, may_rank: NDArray[np.bool_]) -> Proposals:
    """First pass over a large market."""
    settings, n = market.settings.candidates, market.n_institutions
    of_institutions = BestOfInstitutions(settings.per_institution, n)
    of_projects, said = [], {}

    def retrieve(block: tuple[int, int]) -> tuple[dict[str, Floats], Bars, NDArray[np.int64]]:
        start, stop = block
        prepared = prepare(market, start, stop)
        matrices, bars = retrieval(market, prepared)
        best = best_of_projects(matrices, bars, settings.per_retriever, may_rank[start:stop])
        if len(best):
            best = shortlist(market, start, stop, prepared, matrices, best)
        return matrices, bars, best

    bounds = blocks(market.n_projects)
    for (start, stop), (matrices, bars, best) in zip(bounds, in_turn(retrieve, bounds), strict=True):
        of_institutions.add(start, matrices, may_rank[start:stop])
        of_projects.append(best + start * n)
        said[start] = bars
    return Proposals(distinct([of_institutions.keys(), *of_projects]), said)


def pairs_of_block(
    market: ChannelMarket, start: int, stop: int, may_rank: NDArray[np.bool_], proposals: NDArray[np.int64] | None
) -> Pairs:
    """Pairs to rank in one block."""
    n = market.n_institutions
    if proposals is None:
        return every_pair(may_rank[start:stop], n)
    first, last = np.searchsorted(proposals, [start * n, stop * n])
    mine = proposals[first:last] - start * n
    return Pairs((mine // n).astype(np.intp), (mine % n).astype(np.intp))


def reduce_blocks(parts: list[Ranked], market: ChannelMarket, top: int) -> Result:
    """Join the blocks and cut the institutions' lists to their overall best."""
    if not parts:
        return Result(_empty(len(market.weights)), np.zeros(0, np.int32))
    joined: dict[str, Any] = {
        field.name: parts[0].retrievers
        if field.name == "retrievers"
        else np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Ranked)
    }
    ranked = Ranked(**joined)
    eligible = np.flatnonzero(ranked.failed == 0)
    owner = market.owner[ranked.cols]
    mirror = np.zeros(len(ranked.rows), np.int32)
    mirror[eligible] = ranks(owner[eligible], ranked.score[eligible])
    mirror[mirror > top] = 0
    keep = (ranked.failed != 0) | (mirror > 0) | (ranked.rank <= top)
    kept = Ranked(**{n: v if n == "retrievers" else v[keep] for n, v in joined.items()})
    return Result(kept, mirror[keep])


def joined_exposure(parts: list[Exposure]) -> Exposure:
    """What the blocks showed, one after the other."""
    if not parts:
        i, f = np.zeros(0, np.intp), np.zeros(0)
        return Exposure(i, i, f, i.astype(np.int32), f, f, i.astype(np.int8))
    return Exposure(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Exposure)})


def _empty(n_features: int) -> Ranked:
    i, f = np.zeros(0, np.int64), np.zeros(0)
    return Ranked(i, i, f, i.astype(np.int32), i, i, i, i, np.zeros((0, n_features)), ())
