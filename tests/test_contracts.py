"""Contracts that everything registered must keep: families, channels, rules, encoders, readers, commands."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from data.registry import discover, modules
from data.store import Store
from data.tables import TABLES
from features.family import Family, Market, State
from matcher.block import DECIMALS
from matcher.candidates import BLOCK
from matcher.channel import Channel, channels
from matcher.gate import may_rank
from matcher.market import ChannelMarket, build_market, families, features_of
from matcher.pipeline import rank_channel
from matcher.rules import FAILS, MEETS, RULES, UNKNOWN
from matcher.settings import CandidateSettings, Settings
from matcher.tables import contributions_table, matches_table

LEXICAL = Settings(encoder="none")


@pytest.fixture(scope="module", params=sorted(channels()))
def market(request: pytest.FixtureRequest, sample_store: Store, sample_as_of: date) -> ChannelMarket:
    return build_market(sample_store.view(sample_as_of), channels()[request.param], LEXICAL, None)


@pytest.fixture(params=sorted(families()))
def family(request: pytest.FixtureRequest) -> Family:
    return families()[request.param]


def fitted(family: Family, market: Market) -> State:
    return family.fit(market)


def test_feature_names_are_distinct_and_labelled() -> None:
    names = [feature.name for family in families().values() for feature in family.features]
    assert len(names) == len(set(names))
    assert all(f.label_zh and f.label_en for family in families().values() for f in family.features)


def test_a_family_gives_what_it_declares(family: Family, market: ChannelMarket) -> None:
    if family.channels and market.channel.name not in family.channels:
        return
    state = market.states[family.name]
    n = market.n_institutions
    rows, cols = np.repeat(np.arange(5), n), np.tile(np.arange(n), 5)
    found = state.block(0, 5).pairs(rows, cols)
    assert list(found) == [feature.name for feature in family.features]
    for values in found.values():
        assert values.dtype == np.float32
        assert values.shape == rows.shape
        assert not np.isinf(values).any()
    matrix = state.block(0, 5).matrix()
    assert matrix is None or (matrix.shape == (5, n) and matrix.dtype == np.float32 and np.isfinite(matrix).all())


def test_a_family_gives_the_same_numbers_in_any_order_of_pairs(family: Family, market: ChannelMarket) -> None:
    if family.channels and market.channel.name not in family.channels:
        return
    block = market.states[family.name].block(0, 8)
    n = market.n_institutions
    rows, cols = np.repeat(np.arange(8), n), np.tile(np.arange(n), 8)
    mixed = np.random.default_rng(0).permutation(len(rows))
    straight, shuffled = block.pairs(rows, cols), block.pairs(rows[mixed], cols[mixed])
    for name, values in straight.items():
        np.testing.assert_array_equal(values[mixed], shuffled[name])


def test_rules_answer_meets_unknown_or_fails(market: ChannelMarket) -> None:
    n = market.n_institutions
    rows, cols = np.repeat(np.arange(6), n), np.tile(np.arange(n), 6)
    for name, check in market.checks.items():
        answer = check(0, 6, rows, cols)
        assert answer.shape == rows.shape, name
        assert set(np.unique(answer)) <= {MEETS, UNKNOWN, FAILS}, name


def test_channels_name_rules_that_exist() -> None:
    for channel in channels().values():
        assert set(channel.rules) <= set(RULES)
        assert channel.label_zh
        assert channel.label_en


def test_contributions_sum_to_the_score(market: ChannelMarket) -> None:
    result = rank_channel(market, np.ones(market.n_projects, bool), 10)
    table = contributions_table(market, result.ranked)
    names = [feature.name for feature in features_of(market.channel.name)]
    total = sum(table.column(name).to_numpy() for name in names)
    np.testing.assert_allclose(total, result.ranked.score, atol=10**-DECIMALS / 2, rtol=0)


def test_ranks_follow_the_score_and_ties_the_id(market: ChannelMarket) -> None:
    result = rank_channel(market, np.ones(market.n_projects, bool), 10)
    frame = matches_table(market, result, "r").to_pandas()
    eligible = frame[frame.status == "recommended"]
    for key, rank in (("project_id", "rank_for_project"), ("institution_id", "rank_for_institution")):
        for _, rows in eligible[eligible[rank].notna()].groupby(key):
            best = rows.sort_values(rank)
            assert best.score.is_monotonic_decreasing
            assert best[rank].head(10).tolist() == list(range(1, min(len(best), 10) + 1))
    assert (frame[frame.status == "ineligible"].rule != "").all()


def later_rows(as_of: date) -> Iterator[dict[str, pa.Table]]:
    """Rows dated after ``as_of``: outcomes, a project, an institution, a changed attribute."""
    later = as_of + timedelta(days=30)
    deal = {"channel": "financing", "event": "delivered", "at": later}
    ids = [("SAMPLE-P0001", f"SAMPLE-I{i:03d}") for i in range(1, 40)]
    yield {
        "outcomes": pa.Table.from_pylist(
            [deal | {"project_id": p, "institution_id": i} for p, i in ids], schema=TABLES["outcomes"].schema
        )
    }
    new = {"project_id": "LATER", "name": "后来的项目", "summary": "碳纤维", "listed_at": later}
    changed = {"project_id": "SAMPLE-P0001", "name": "改名", "summary": "改写后的全新内容", "updated_at": later}
    yield {"projects": pa.Table.from_pylist([new, changed], schema=TABLES["projects"].schema)}
    fund = {"institution_id": "LATER", "name": "后来的基金", "kind": "venture_capital", "listed_at": later}
    yield {"institutions": pa.Table.from_pylist([fund], schema=TABLES["institutions"].schema)}


def test_what_is_dated_later_changes_nothing(
    sample_intake: object, sample_as_of: date, tmp_path: Path, sample_store: Store
) -> None:
    store = Store(tmp_path / "s.duckdb")
    tables = sample_intake.tables  # type: ignore[attr-defined]
    store.write(tables, [], actor="test", note={})
    for later in later_rows(sample_as_of):
        store.write(later, [], actor="test", note={})
    for name in ("financing", "services"):
        before, after = (ranked_frame(s.view(sample_as_of), channels()[name]) for s in (sample_store, store))
        assert before.equals(after)


def ranked_frame(view: object, channel: Channel, settings: Settings = LEXICAL) -> pa.Table:
    market = build_market(view, channel, settings, None)  # type: ignore[arg-type]
    free = may_rank(market.market.view.projects, market.market.view.awards, channel.name)
    result = rank_channel(market, free, 10)
    table = matches_table(market, result, "r")
    for column in contributions_table(market, result.ranked).columns:
        table = table.append_column("c", column)
    return table


def test_the_same_view_gives_the_same_bytes(sample_store: Store, sample_as_of: date) -> None:
    view = sample_store.view(sample_as_of)
    one, two = (ranked_frame(view, channels()["placement"]) for _ in range(2))
    assert one.equals(two)


def test_candidates_find_nearly_all_that_ranking_every_pair_finds(sample_store: Store, sample_as_of: date) -> None:
    view = sample_store.view(sample_as_of)
    few = Settings(
        encoder="none", candidates=CandidateSettings(exhaustive_below=0, per_retriever=20, per_institution=40)
    )
    pairs = []
    for settings in (LEXICAL, few):
        frame = ranked_frame(view, channels()["financing"], settings).select([2, 3, 4]).to_pandas()
        best = frame[frame.rank_for_project <= 5]
        pairs.append(set(zip(best.project_id, best.institution_id, strict=True)))
    assert len(pairs[0] & pairs[1]) / len(pairs[0]) > 0.9


def test_blocks_cover_every_project_once() -> None:
    from matcher.candidates import blocks

    spans = blocks(3 * BLOCK + 5)
    assert [start for start, _ in spans[1:]] == [stop for _, stop in spans[:-1]]
    assert spans[-1][1] == 3 * BLOCK + 5
    assert all(stop - start <= BLOCK for start, stop in spans)


def test_importing_the_matcher_stays_light() -> None:
    heavy = "{'torch', 'sentence_transformers', 'streamlit'}"
    code = f"import sys, matcher, matcher.run; print(sorted({heavy} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("package", ["data.reading", "features.encoders"])
def test_plug_ins_are_found(package: str) -> None:
    attribute = {"data.reading": "READER", "features.encoders": "ENCODER"}[package]
    assert discover(package, attribute)


def test_every_command_module_defines_a_command_of_its_name() -> None:
    import importlib

    for name in modules("app.commands"):
        assert importlib.import_module(name).COMMAND.name == name.rsplit(".", 1)[1].rstrip("_")
