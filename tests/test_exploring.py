"""Exploration: bounded, seeded, off by default where it would change nothing, with chances that are the true ones."""

from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.problem import DuijieError
from data.store import Store
from data.view import View
from matcher.block import Ranked, ranks
from matcher.channel import channels
from matcher.exploring import COLD, POLICIES, RANDOM, SCORE, Explorer, explorer, places
from matcher.market import ChannelMarket, build_market
from matcher.pipeline import Result, rank_channel
from matcher.run import make_manifest, rank_view
from matcher.settings import ExplorationSettings, Settings, parse_settings
from matcher.tables import contributions_table, exposure_table, matches_table

TOP = 20
LEXICAL = Settings(encoder="none", exploration=ExplorationSettings(cold_share=0.0))


def with_shares(cold: float = 0.0, random: float = 0.0, **more: int) -> Settings:
    told = ExplorationSettings(cold_share=cold, random_share=random, **more)
    return dataclasses.replace(LEXICAL, exploration=told)


@pytest.fixture(scope="module")
def view(sample_store: Store, sample_as_of: date) -> View:
    """The sample with every fifth institution made unknown."""
    full = sample_store.view(sample_as_of)
    unknown = full.institutions["institution_id"].to_pylist()[::5]
    known = pc.invert(pc.is_in(full.outcomes["institution_id"], value_set=pa.array(unknown)))
    return dataclasses.replace(full, outcomes=full.outcomes.filter(known))


@pytest.fixture(scope="module")
def market(view: View) -> ChannelMarket:
    return build_market(view, channels()["financing"], LEXICAL, None)


def explored(market: ChannelMarket, told: Settings, top: int = TOP) -> Result:
    changed = dataclasses.replace(market, settings=told)
    return rank_channel(changed, np.ones(market.n_projects, bool), top, None, explorer(changed, top))


def frames(market: ChannelMarket, result: Result) -> tuple[pd.DataFrame, pd.DataFrame]:
    assert result.exposure is not None
    return matches_table(market, result, "r").to_pandas(), exposure_table(market, result.exposure).to_pandas()


def test_without_a_share_nothing_changes(market: ChannelMarket) -> None:
    plain = rank_channel(market, np.ones(market.n_projects, bool), TOP)
    off = explored(market, LEXICAL)
    assert explorer(market, TOP) is None
    assert off.exposure is None
    for make in (lambda result: matches_table(market, result, "r"), lambda r: contributions_table(market, r.ranked)):
        assert make(plain).equals(make(off))


def test_a_market_in_which_nobody_is_unknown_is_left_alone(sample_store: Store, sample_as_of: date) -> None:
    full = build_market(sample_store.view(sample_as_of), channels()["financing"], with_shares(cold=0.2), None)
    assert explorer(full, TOP) is None


def test_random_places_are_off_by_default() -> None:
    assert ExplorationSettings().random_share == 0


def test_random_places_stand_last_and_the_head_keeps_its_order(market: ChannelMarket) -> None:
    plain = matches_table(market, explored(market, LEXICAL), "r").to_pandas()
    matches, log = frames(market, explored(market, with_shares(random=0.25)))
    pair = ["project_id", "institution_id"]
    head = plain[(plain.rank_for_project <= TOP - 5) & (plain.status == "recommended")][[*pair, "rank_for_project"]]
    again = matches.merge(head, on=pair, suffixes=("", "_before"))
    assert len(again) == len(head)
    assert (again.rank_for_project == again.rank_for_project_before).all()
    drawn = matches[matches.found_by.str.contains("random")]
    assert set(drawn.rank_for_project) == set(range(TOP - 4, TOP + 1))
    assert len(drawn) == (log.policy == RANDOM).sum() > 500
    listed = matches[(matches.rank_for_project <= TOP) & (matches.status == "recommended")]
    assert (listed.groupby("project_id").size() <= TOP).all()
    assert not listed.duplicated(["project_id", "rank_for_project"]).any()


def test_institutions_lists_and_why_not_are_those_without_exploration(market: ChannelMarket) -> None:
    plain = matches_table(market, explored(market, LEXICAL), "r").to_pandas()
    matches, _ = frames(market, explored(market, with_shares(cold=0.1, random=0.2)))
    key = ["institution_id", "rank_for_institution", "project_id", "score"]
    pd.testing.assert_frame_equal(
        *(f[f.rank_for_institution.notna()][key].sort_values(key[:2], ignore_index=True) for f in (plain, matches))
    )
    key = ["project_id", "institution_id", "rule", "score"]
    pd.testing.assert_frame_equal(*(f[f.status == "ineligible"][key].reset_index(drop=True) for f in (plain, matches)))


def test_the_same_manifest_gives_the_same_bytes_and_another_seed_other_places(view: View) -> None:
    told = with_shares(cold=0.1, random=0.2)
    manifest = make_manifest(view, ["placement"], told, TOP, {"name": "none"})
    one, two = (rank_view(view, manifest, told, None) for _ in range(2))
    assert all(one[name].equals(two[name]) for name in one)
    assert manifest["exploration"] == {"policy": "last-places-1", "cold": 2, "random": 4, "reach": 3, "seed": 7}
    other = dataclasses.replace(told, seed=8)
    third = rank_view(view, make_manifest(view, ["placement"], other, TOP, {"name": "none"}), other, None)
    assert not one["exposure_placement"].equals(third["exposure_placement"])


def test_other_projects_change_no_draw(view: View) -> None:
    """The draw of a project hangs on its own id: with half of the projects not ranked the rest draw the same."""
    market = build_market(view, channels()["financing"], with_shares(random=0.2), None)
    every, half = np.ones(market.n_projects, bool), np.arange(market.n_projects) % 2 == 0
    logs = []
    for free in (every, half):
        result = rank_channel(market, free, TOP, None, explorer(market, TOP))
        assert result.exposure is not None
        logs.append(exposure_table(market, result.exposure).to_pandas())
    kept = logs[0][logs[0].project_id.isin(logs[1].project_id)].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, logs[1])


def block_of(counts: list[int], seed: int) -> Ranked:
    """Projects with so many eligible institutions each, scored at random; the first feature is the history."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(np.arange(len(counts)), counts)
    cols = np.concatenate([np.arange(count) for count in counts]).astype(np.intp)
    parts = np.round(rng.normal(size=(len(rows), 2)), 6)
    score = np.round(parts.sum(axis=1), 6)
    blank = np.zeros(len(rows), np.int64)
    return Ranked(
        rows, cols, score, ranks(rows, score), blank, blank, blank, blank, np.c_[parts, np.zeros(len(rows))], ("all",)
    )


def explorer_of(told: ExplorationSettings, top: int, cold: list[bool], n_projects: int, seed: int) -> Explorer:
    rng = np.random.default_rng(seed)
    n = len(cold)
    keys = [rng.integers(0, 2**64, size, dtype=np.uint64) for size in (n_projects, n)]
    return Explorer(told, top, np.array(cold), np.arange(n), (0,), (2,), *keys)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
    st.lists(st.booleans(), min_size=40, max_size=40),
    st.integers(1, 12),
    st.floats(0, 0.6),
    st.floats(0, 0.4),
    st.integers(1, 4),
    st.integers(0, 10**6),
)
def test_a_share_is_never_exceeded_and_every_list_is_full(
    counts: list[int], cold: list[bool], top: int, cold_share: float, random_share: float, reach: int, seed: int
) -> None:
    told = ExplorationSettings(cold_share, random_share, reach)
    explore = explorer_of(told, top, cold, len(counts), seed)
    block = block_of(counts, seed)
    near = Ranked(
        **{
            f.name: getattr(block, f.name)
            if f.name == "retrievers"
            else getattr(block, f.name)[block.rank <= explore.depth]
            for f in dataclasses.fields(Ranked)
        }
    )
    ranked, log = explore(near)
    shown = log.position > 0
    for row, count in enumerate(counts):
        mine = shown & (log.rows == row)
        size = min(count, top)
        assert sorted(log.position[mine]) == list(range(1, size + 1))
        policies = np.bincount(log.policy[mine], minlength=3)
        assert policies[POLICIES.index(COLD)] <= cold_share * top + 1e-9
        assert policies[POLICIES.index(RANDOM)] <= random_share * top + 1e-9
        assert log.inclusion[log.rows == row].sum() == pytest.approx(size)
        if count <= top:
            assert policies[POLICIES.index(SCORE)] == size
    assert np.array(cold)[log.cols[shown & (log.policy == POLICIES.index(COLD))]].all()
    assert (log.inclusion[shown] >= log.propensity[shown] - 1e-12).all()
    assert (log.inclusion <= 1 + 1e-12).all()
    for row in range(len(counts)):  # ranks stay a permutation
        mine = np.sort(ranked.rank[ranked.rows == row])
        assert len(set(mine)) == len(mine)


def test_the_logged_chances_are_the_true_ones() -> None:
    """One project drawn for 20,000 times: how often each pair came on the list, and to its place, as logged."""
    n, times = 24, 20_000
    cold = [at % 3 == 0 for at in range(n)]
    one = block_of([n], 17)
    block = Ranked(
        **{
            f.name: one.retrievers
            if f.name == "retrievers"
            else np.arange(times).repeat(n)
            if f.name == "rows"
            else np.concatenate([getattr(one, f.name)] * times)
            for f in dataclasses.fields(Ranked)
        }
    )
    log = explorer_of(ExplorationSettings(0.3, 0.2, 3), 10, cold, times, 1)(block)[1]
    frame = pd.DataFrame({f.name: getattr(log, f.name) for f in dataclasses.fields(type(log))})
    assert (frame.groupby("cols").inclusion.nunique() == 1).all()
    chance = frame.groupby("cols").inclusion.first()
    seen = frame[frame.position > 0].groupby("cols").size().reindex(chance.index, fill_value=0) / times
    error = np.sqrt(chance * (1 - chance) / times)
    assert (np.abs(seen - chance) <= 4.5 * error + 1e-9).all()
    assert ((chance > 0.01) & (chance < 0.99)).sum() >= 10
    places_ = frame[frame.position > 0].groupby(["cols", "position"]).agg(n=("rows", "size"), p=("propensity", "first"))
    error = np.sqrt(places_.p * (1 - places_.p) / times)
    assert (np.abs(places_.n / times - places_.p) <= 4.5 * error + 1e-9).all()
    assert set(frame[frame.position > 0].policy) == {0, 1, 2}


def test_only_those_who_fit_get_a_cold_place() -> None:
    """History apart, whoever is drawn reaches the median of the places that stay."""
    told = ExplorationSettings(0.3, 0.0, 4)
    block = block_of([40] * 100, 3)
    log = explorer_of(told, 10, [at % 2 == 1 for at in range(40)], 100, 2)(block)[1]
    fit = {(r, c): f for r, c, f in zip(block.rows, block.cols, block.score - block.contributions[:, 0], strict=True)}
    drawn = 0
    for row in range(100):
        mine = (log.rows == row) & (log.position > 0)
        given_ = [fit[row, col] for col in log.cols[mine & (log.policy == 1)]]
        natural = int((log.cols[mine & (log.position <= 7)] % 2).sum())
        head = log.cols[mine & (log.position <= 10 - max(0, 3 - natural))]
        stays = sorted((fit[row, col] for col in head), reverse=True)
        assert all(value >= stays[(len(stays) + 1) // 2 - 1] - 1e-9 for value in given_)
        drawn += len(given_)
    assert drawn > 10


@pytest.mark.parametrize(
    ("share", "top", "whole"), [(0.05, 20, 1), (0.05, 19, 0), (0.3, 10, 3), (0.0, 50, 0), (1, 7, 7)]
)
def test_places_never_exceed_the_share(share: float, top: int, whole: int) -> None:
    assert places(share, top) == whole


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"exploration": {"cold_share": 0.7, "random_share": 0.4}}, "settings.range"),
        ({"exploration": {"cold_share": -0.1}}, "settings.range"),
        ({"exploration": {"cold_share": "all"}}, "settings.type"),
        ({"exploration": {"share": 0.1}}, "settings.unknown"),
        ({"calibration": {"target": "met"}}, "settings.range"),
        ({"calibration": {"abstain_below": 2}}, "settings.range"),
    ],
)
def test_wrong_settings_are_refused(told: dict[str, object], code: str) -> None:
    with pytest.raises(DuijieError) as error:
        parse_settings(told)
    assert error.value.code == code


def test_a_whole_number_is_a_share_too() -> None:
    assert parse_settings({"exploration": {"random_share": 1, "cold_share": 0}}).exploration.random_share == 1
