"""Places that are not given by score: to institutions nobody knows yet, and to a seeded draw that can be learned from.

Both work on one project's list at a time and only inside its neighbourhood, the first ``reach`` x ``top`` eligible
institutions by score. They take the last places, so the best of a list is never touched.

*Cold places* go to institutions without any outcome before the run's date, at most ``cold_share`` of the list. Those on
the list by their own score already count towards the share, so where they stand well nothing is given. Who is drawn
must fit as well, history apart, as the median of the places that stay: a place is a chance for the unknown, not for
the unfit. *Random places*, off by default, are drawn from everybody in the neighbourhood who has no place, so that what
a recommendation does can be estimated later (``duijie effect``). For both the chance of each pair is kept
(:class:`Exposure`).

Institutions' lists are by score alone: projects hardly ever have a history, so all compete on equal terms there.
The draw depends on seed, date, channel, project and institution only: the same run gives the same places, and other
projects of the market or the size of the blocks change nothing.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.families.exclusion import EXCLUSIONS
from features.family import Flags, Indexes
from matcher.block import Ranked, ranks
from matcher.market import ChannelMarket, families, features_of
from matcher.settings import ExplorationSettings, Settings

SCORE, COLD, RANDOM = "score", "cold", "random"
POLICIES = (SCORE, COLD, RANDOM)
"""What gave a place, in the order of :attr:`Exposure.policy`."""
FOUND_BY = ("explore", "random")
"""How cold and random places are marked in ``found_by``."""
POLICY = "last-places-1"
"""Name of this way to give places; another way gets another name, so that logs of different ways are never mixed."""
_UNIT = 1e6  # :func:`matcher.block.ranks` looks at six decimals: draws are spread over 1e12 values, not 1e6

Numbers = NDArray[np.float64]
Counts = NDArray[np.intp]


@dataclass(frozen=True)
class Exposure:
    """Pairs that were shown, might have been, or would have been by score; parallel, sorted by project, institution.

    ``position`` is the place on the project's list (0: not shown), ``propensity`` the probability with which exactly
    this pair came to exactly this place (NaN: not shown), ``inclusion`` the probability of any place on the list.
    """

    rows: Indexes
    cols: Indexes
    score: Numbers
    position: NDArray[np.int32]
    propensity: Numbers
    inclusion: Numbers
    policy: NDArray[np.int8]


@dataclass(frozen=True)
class Explorer:
    """Gives the places of a block of projects; a pure function of it. ``cold`` is by supply row."""

    settings: ExplorationSettings
    top: int
    cold: Flags
    owner: Indexes
    history: tuple[int, ...]
    exclusions: tuple[int, ...]
    project_keys: NDArray[np.uint64]
    institution_keys: NDArray[np.uint64]

    @property
    def depth(self) -> int:
        """How many candidates of a project have to be ranked."""
        return self.top * max(self.settings.reach, 1)

    def __call__(self, ranked: Ranked) -> tuple[Ranked, Exposure]:
        """The block with its places given anew and cut to the lists, and who was or might have been shown.

        ``ranked`` holds :attr:`depth` candidates a project, as :func:`matcher.block.match_block` gives them.
        """
        near = np.flatnonzero((ranked.failed == 0) & (ranked.rank > 0) & (ranked.rank <= self.depth))
        drawn = self._draw(ranked, near)
        rank, found = ranked.rank.copy(), ranked.found.copy()
        shown = drawn.position > 0
        unseen = near[~shown]
        rank[near[shown]] = drawn.position[shown]
        rank[unseen] = self.top + ranks(ranked.rows[unseen], -ranked.rank[unseen].astype(np.float64))
        bits = len(ranked.retrievers)
        for number, policy in enumerate((COLD, RANDOM)):
            at = near[shown & (drawn.policy == POLICIES.index(policy))]
            found[at] |= np.int64(1) << (bits + number)
        keep = self._keep(ranked, rank)
        given = dataclasses.replace(ranked, rank=rank, found=found)
        cut = {f.name: getattr(given, f.name)[keep] for f in dataclasses.fields(Ranked) if f.name != "retrievers"}
        logged = shown | (drawn.inclusion > 0) | (ranked.rank[near] <= self.top)
        exposure = Exposure(**{f.name: getattr(drawn, f.name)[logged] for f in dataclasses.fields(Exposure)})
        return Ranked(**cut, retrievers=(*ranked.retrievers, *FOUND_BY)), exposure

    def _draw(self, ranked: Ranked, near: Indexes) -> Exposure:
        """Places and chances of the candidates ``near`` (positions in ``ranked``).

        The head of a list keeps its order. Of the C cold candidates behind it that fit, M are drawn; places that this
        leaves go to the next by score; K places are then drawn from the Q that have none. All four numbers depend on
        the scores alone, never on a draw, so the chances are exact: M/C, and K/Q for who was not drawn before.
        """
        group, rank = ranked.rows[near] - ranked.rows.min(initial=0), ranked.rank[near]
        cold = self.cold[ranked.cols[near]]
        count, m, k = self._quotas(group, rank, cold)
        regular = rank <= np.where(count > self.top, self.top - m - k, count)[group]
        pool = ~regular & cold & (m[group] > 0) & self._fits(ranked, near, group, regular)
        size = np.bincount(group[pool], minlength=len(count))
        taken = np.minimum(m, size)
        first, second = (self._uniform(ranked, near, stage) for stage in (1, 2))
        cold_place = _places(group, first, pool, taken)
        rest = ~regular & ~pool
        regular |= _places(group, -rank.astype(np.float64), rest, m - taken) > 0
        left = ~regular & (cold_place == 0)
        random_place = _places(group, second, left, k)
        position = np.where(regular, _order(group, -rank.astype(np.float64), regular), 0)
        position = np.where(cold_place > 0, (self.top - k - taken)[group] + cold_place, position)
        position = np.where(random_place > 0, (self.top - k)[group] + random_place, position)
        policy = np.select([cold_place > 0, random_place > 0], [1, 2], 0)
        chance = np.where(pool, taken[group] / np.maximum(size[group], 1), 0.0)
        waiting = np.maximum(count - self.top + k, 1)[group]
        late = (1 - chance) / waiting
        inclusion = np.where(regular, 1.0, chance + late * k[group])
        exact = np.select(
            [regular, cold_place > 0, random_place > 0], [1.0, 1 / np.maximum(size[group], 1), late], np.nan
        )
        return Exposure(
            rows=ranked.rows[near],
            cols=ranked.cols[near],
            score=ranked.score[near],
            position=position.astype(np.int32),
            propensity=exact,
            inclusion=inclusion,
            policy=policy.astype(np.int8),
        )

    def _quotas(self, group: Indexes, rank: NDArray[np.int32], cold: Flags) -> tuple[Counts, Counts, Counts]:
        """For each list its candidates, and how many cold and random places it has: none where all have a place."""
        quota, k = (places(share, self.top) for share in (self.settings.cold_share, self.settings.random_share))
        count = np.bincount(group)
        many = count > self.top
        natural = np.bincount(group[cold & (rank <= self.top - quota - k)], minlength=len(count))
        return count, np.where(many, np.maximum(quota - natural, 0), 0), np.where(many, k, 0)

    def _fits(self, ranked: Ranked, near: Indexes, group: Indexes, regular: Flags) -> Flags:
        """Whether a candidate's score without its history reaches the median of the places that stay."""
        fit = ranked.score[near] - ranked.contributions[near][:, list(self.history)].sum(axis=1)
        order = _order(group, fit, regular)
        middle = (np.bincount(group[regular], minlength=int(group.max(initial=-1)) + 1) + 1) // 2
        floor = np.full(len(middle), -np.inf)
        at = regular & (order == middle[group])
        floor[group[at]] = fit[at]
        return np.asarray(fit >= floor[group])

    def _uniform(self, ranked: Ranked, near: Indexes, stage: int) -> Numbers:
        """A number in [0, 1e6) for every pair and stage: a hash of the two ids, seed, date and channel."""
        salt = np.uint64(stage * 0x9E3779B97F4A7C15 % 2**64)
        pair = self.project_keys[ranked.rows[near]] + _mixed(self.institution_keys[ranked.cols[near]] + salt)
        return (_mixed(pair) >> np.uint64(11)).astype(np.float64) * (_UNIT * 2.0**-53)

    def _keep(self, ranked: Ranked, rank: NDArray[np.int32]) -> Flags:
        """What a run with lists of ``top`` keeps: of ineligible pairs what would have stood among a project's best."""
        eligible = np.flatnonzero(ranked.failed == 0)
        keep = np.zeros(len(rank), bool)
        keep[eligible] = rank[eligible] <= self.top
        keep[eligible[ranks(self.owner[ranked.cols[eligible]], ranked.score[eligible]) <= self.top]] = True
        worst = np.full(int(ranked.rows.max(initial=-1)) + 1, -np.inf)
        last = eligible[ranked.rank[eligible] == self.top]
        worst[ranked.rows[last]] = ranked.score[last]
        apart = ranked.score - ranked.contributions[:, self.exclusions].sum(axis=1)
        ruled = np.flatnonzero((ranked.failed != 0) & (apart >= worst[ranked.rows]))
        keep[ruled[ranks(ranked.rows[ruled], apart[ruled]) <= self.top]] = True
        return keep


def explorer(market: ChannelMarket, top: int) -> Explorer | None:
    """The explorer of a channel, or None when there is nothing to give: no whole place, or nobody to tell apart."""
    told, view = market.settings.exploration, market.market.view
    known = pc.is_in(view.institutions["institution_id"], value_set=pc.unique(view.outcomes["institution_id"]))
    cold = ~np.asarray(known.to_numpy(zero_copy_only=False), bool)
    some_cold = cold.any() and not cold.all() and places(told.cold_share, top) > 0
    if not some_cold and not places(told.random_share, top):
        return None
    names = [feature.name for feature in features_of(market.channel.name)]
    of_history = [feature.name for feature in families()["history"].features]
    salt = f"{market.settings.seed}|{view.as_of.isoformat()}|{market.channel.name}"
    return Explorer(
        settings=told,
        top=top,
        cold=cold,
        owner=market.owner,
        history=tuple(at for at, name in enumerate(names) if name in of_history),
        exclusions=tuple(at for at, name in enumerate(names) if name in EXCLUSIONS),
        project_keys=_keys(view.projects["project_id"].to_pylist(), f"project|{salt}"),
        institution_keys=_keys(_rows_apart(view.institutions["institution_id"].to_pylist()), f"institution|{salt}"),
    )


def stamp(settings: Settings, top: int) -> dict[str, Any]:
    """What the manifest says: how places were given, how many of each list, and from which seed."""
    told = settings.exploration
    given = {"cold": places(told.cold_share, top), "random": places(told.random_share, top)}
    return {"policy": POLICY, **given, "reach": told.reach, "seed": settings.seed}


def places(share: float, top: int) -> int:
    """Whole places of a list that a share of it gives: never more than the share."""
    return int(np.floor(share * top + 1e-9))


def _rows_apart(ids: Sequence[str]) -> list[str]:
    """Ids made distinct: several needs of one institution are drawn for apart."""
    counts: dict[str, int] = {}
    told = []
    for key in ids:
        counts[key] = counts.get(key, -1) + 1
        told.append(f"{key}|{counts[key]}")
    return told


def _keys(ids: Sequence[str], salt: str) -> NDArray[np.uint64]:
    made = [hashlib.blake2b(f"{salt}|{key}".encode(), digest_size=8).digest() for key in ids]
    return np.frombuffer(b"".join(made), "<u8")


def _mixed(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finaliser of splitmix64: neighbouring keys come out unrelated."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(keys ^ (keys >> np.uint64(31)), np.uint64)


def _order(group: Indexes, key: Numbers, among: Flags) -> NDArray[np.int32]:
    """Rank by falling ``key`` within each group of those ``among``; 0 for the others."""
    order = np.zeros(len(group), np.int32)
    order[among] = ranks(group[among], key[among])
    return order


def _places(group: Indexes, key: Numbers, among: Flags, count: NDArray[np.int64]) -> NDArray[np.int32]:
    """The same for the first ``count`` of each group, 0 for the rest."""
    order = _order(group, key, among)
    return np.where(order <= count[group], order, 0).astype(np.int32)
