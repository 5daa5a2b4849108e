"""The history family: what past deals say, and that nothing is said without them."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from data.tables import TABLES
from data.view import View
from features.deals import STEP_WEIGHT, owners, read_deals
from features.entries import FIRST, read_entries, standing
from features.families.history import CREDIBLE, FAMILY, HistoryState
from features.family import Market
from features.lifts import fit_lifts, read_values

AS_OF = date(2022, 8, 1)
NAMES = [feature.name for feature in FAMILY.features]
Row = dict[str, Any]


def project(key: str, **cells: Any) -> Row:
    return {"project_id": key, "name": key} | cells


def institution(key: str, **cells: Any) -> Row:
    return {"institution_id": key, "name": key, "kind": "venture_capital"} | cells


def deal(project_id: str, institution_id: str, days_ago: int = 100, **cells: Any) -> Row:
    at = AS_OF - timedelta(days=days_ago)
    row = {"project_id": project_id, "institution_id": institution_id, "at": at}
    return row | {"channel": "financing", "event": "delivered"} | cells


def market(projects: list[Row], institutions: list[Row], outcomes: list[Row], channel: str = "financing") -> Market:
    tables = {"projects": projects, "institutions": institutions, "outcomes": outcomes}
    made = {
        name: pa.Table.from_pylist(tables.get(name, []), schema=TABLES[name].schema)
        for name in ("projects", "institutions", "outcomes", "awards", "needs", "judging")
    }
    return Market(View(AS_OF, **made), channel, (), (), None, {})


def tables_of(told: Market) -> dict[str, np.ndarray]:
    """Every feature as projects x institutions."""
    n, m = told.view.projects.num_rows, told.view.institutions.num_rows
    rows, cols = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
    found = FAMILY.fit(told).block(0, n).pairs(rows, cols)
    return {name: values.reshape(n, m) for name, values in found.items()}


PROJECTS = [
    project("p1", province="浙江省", city="杭州市", sectors=["人工智能"], funding_round="A轮"),
    project("p2", province="浙江省", city="宁波市", sectors=["人工智能"], funding_round="B轮"),
    project("p3", province="广东省", city="深圳市", sectors=["新材料"], funding_round="A轮"),
    project("p4"),
]
FUNDS = [
    institution("f1", province="浙江", city="杭州"),
    institution("f2", province="广东", city="深圳"),
    institution("f3"),
]
DEALS = [deal("p1", "f1", 50), deal("p2", "f1", 300), deal("p3", "f2", 100), deal("p3", "f2", 2000, round="天使轮")]


def test_without_history_every_feature_is_exactly_zero_or_unknown() -> None:
    told = market(PROJECTS, FUNDS, [])
    for name, values in tables_of(told).items():
        assert values.dtype == np.float32
        assert set(np.unique(values[~np.isnan(values)])) <= {0.0}, name
    assert FAMILY.fit(told).block(0, 4).matrix() is None


def test_market_without_institutions_or_projects_can_be_fitted() -> None:
    assert FAMILY.fit(market(PROJECTS, [], [])).block(0, 4).matrix() is None
    assert FAMILY.fit(market([], FUNDS, DEALS)).block(0, 0).matrix().shape == (0, 3)  # type: ignore[union-attr]


def test_unknown_attributes_are_unknown_and_the_known_ones_are_not() -> None:
    found = tables_of(market(PROJECTS, FUNDS, DEALS))
    for name in ("history_sector", "history_region", "history_round"):
        assert np.isnan(found[name][3]).all() and not np.isnan(found[name][:3]).any()
    assert np.isnan(found["history_home"][3]).all() and np.isnan(found["history_home"][:, 2]).all()
    assert not np.isnan(found["history_activity"]).any()


def test_an_institution_is_drawn_to_what_it_dealt_with() -> None:
    found = tables_of(market(PROJECTS, FUNDS, DEALS))
    for name in ("history_sector", "history_region", "history_home"):
        assert found[name][0, 0] > 0 > found[name][0, 1], name
        assert found[name][2, 1] > 0 > found[name][2, 0], name
    assert found["history_region"][0, 0] > found["history_region"][2, 0]
    assert (found["history_region"][:3, 2] == 0).all()  # no deals, no leaning


def test_recent_deals_make_active_and_the_mean_institution_is_the_origin() -> None:
    found = tables_of(market(PROJECTS, FUNDS, DEALS))["history_activity"][0]
    assert found[0] > found[1] > found[2]
    even = tables_of(market(PROJECTS, FUNDS[:2], [deal("p1", "f1"), deal("p3", "f2")]))["history_activity"]
    np.testing.assert_allclose(even, 0, atol=1e-7)


def test_a_single_deal_counts_little() -> None:
    few = tables_of(market(PROJECTS, FUNDS, DEALS[:1]))
    assert max(np.nanmax(np.abs(values)) for values in few.values()) < 1 / CREDIBLE


@pytest.mark.parametrize(
    "noise",
    [
        deal("p1", "f2", -1),  # dated after the view
        deal("p1", "f2", channel="services"),
        deal("p1", "f2", event="introduced"),
        deal("p1", "f2", event="declined"),
        deal("p1", "f9", 20),  # no institution of this market, and later than the project's first deal
    ],
)
def test_what_is_no_deal_of_this_market_changes_nothing(noise: Row) -> None:
    plain, noisy = tables_of(market(PROJECTS, FUNDS, DEALS)), tables_of(market(PROJECTS, FUNDS, [*DEALS, noise]))
    for name in NAMES:
        np.testing.assert_array_equal(plain[name], noisy[name])


def test_order_of_the_outcomes_does_not_matter() -> None:
    some = [deal(f"p{i % 3 + 1}", f"f{i % 2 + 1}", 37 * i + 1) for i in range(30)]
    one, other = tables_of(market(PROJECTS, FUNDS, some)), tables_of(market(PROJECTS, FUNDS, some[::-1]))
    for name in NAMES:
        np.testing.assert_array_equal(one[name], other[name])


def test_weights_of_deals() -> None:
    rows = [
        deal("p1", "f1", 500),
        deal("p1", "f1", 510, event="met"),  # a step of the same deal
        deal("p1", "f2", 400),  # follows f1's
        deal("p2", "f2", 300, event="intent"),
        deal("p2", "f2", 350, event="met"),
    ]
    told = market(PROJECTS, FUNDS, rows)
    found = read_deals(told, owners(told)[0])
    assert found.weight.tolist() == [1.0, 0.5, STEP_WEIGHT["intent"]]
    assert found.project.tolist() == [0, 0, 1] and found.institution.tolist() == [0, 1, 1]
    np.testing.assert_allclose(found.decayed(1.0)[0], 0.5 ** (500 / 365.25))
    services = market(PROJECTS, FUNDS, [row | {"channel": "services"} for row in rows], "services")
    assert read_deals(services, owners(services)[0]).weight.tolist() == [1.0, 1.0, STEP_WEIGHT["intent"]]


def test_matrix_is_the_weighted_mean_of_the_pairs() -> None:
    told = market(PROJECTS, FUNDS, DEALS)
    total = sum(
        np.nan_to_num(values) * f.weight for values, f in zip(tables_of(told).values(), FAMILY.features, strict=True)
    )
    matrix = FAMILY.fit(told).block(0, 4).matrix()
    assert matrix is not None and matrix.dtype == np.float32
    np.testing.assert_allclose(matrix * sum(f.weight for f in FAMILY.features), total, rtol=1e-5, atol=1e-6)


def test_blocks_give_what_the_whole_gives() -> None:
    state = FAMILY.fit(market(PROJECTS, FUNDS, DEALS))
    whole, cols = state.block(0, 4), np.array([0, 1, 2])
    for start in range(4):
        part = state.block(start, start + 1).pairs(np.zeros(3, np.intp), cols)
        for name, values in whole.pairs(np.full(3, start), cols).items():
            np.testing.assert_array_equal(values, part[name])


def test_needs_of_one_owner_share_its_history() -> None:
    found = tables_of(market(PROJECTS, [FUNDS[0], FUNDS[0], FUNDS[1]], DEALS))
    for values in found.values():
        np.testing.assert_array_equal(values[:, 0], values[:, 1])


def test_evidence_counts_deals() -> None:
    state = HistoryState(market(PROJECTS, FUNDS, [*DEALS, deal("p3", "f1", 10, event="met"), deal("gone", "f1", 3000)]))
    assert state.evidence(0, 0) == {
        "deals": 3,
        "recent": 2,
        "same_sector": 2,
        "same_region": 2,
        "same_city": 1,
        "same_round": 1,
        "last": AS_OF - timedelta(days=50),
    }
    assert state.evidence(0, 2) == dict.fromkeys(
        ("deals", "recent", "same_sector", "same_region", "same_city", "same_round"), 0
    ) | {"last": None}


def test_lift_is_observed_against_expected_shrunk_to_the_parent() -> None:
    rows = [(("east", "north"),), (("east", "south"),), (("west",),)]
    values = read_values(rows)
    deals = values.members[[0, 0, 1, 2, 2, 2]]
    maker, weight = np.array([0, 0, 0, 0, 1, 1]), np.ones(6)
    lifts = fit_lifts(deals, maker, weight, values, 2, strength=0.5).block(0, 3)
    east = (3 + 0.5) / (4 * 3 / 6 + 0.5)
    north = (2 + 0.5 * east) / (4 * 2 / 6 + 0.5)
    west = (1 + 0.5) / (4 * 3 / 6 + 0.5)
    np.testing.assert_allclose(lifts[[0, 2], 0], np.log([north, west]), rtol=1e-6)
    assert lifts[2, 1] == pytest.approx(math.log((2 + 0.5) / (2 * 3 / 6 + 0.5)))


def test_a_value_never_seen_in_deals_takes_its_parent() -> None:
    values = read_values([(("east", "north"),), (("east", "new"),), (("far",),), ()])
    deals = values.members[[0, 0]]
    lifts = fit_lifts(deals, np.array([0, 0]), np.ones(2), values, 1, strength=1.0)
    assert lifts.block(1, 2)[0, 0] == pytest.approx(0)  # east is all there is
    assert lifts.block(2, 3)[0, 0] == 0 and np.isnan(lifts.block(3, 4)[0, 0])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.floats(0.01, 1)), max_size=40),
    st.floats(0.1, 10),
)
def test_lifts_are_finite_and_silent_without_deals(made: list[tuple[int, int, float]], strength: float) -> None:
    values = read_values([(("a", "b"),), (("a", "c"), ("d",)), (("d", "e", "f"),), (("g",),), ()])
    rows, maker, weight = (np.array([row[i] for row in made]) for i in range(3))
    deals = values.members[rows.astype(np.intp)] if made else sparse.csr_array((0, len(values.parent)))
    found = fit_lifts(deals, maker.astype(np.intp), weight.astype(float), values, 5, strength).block(0, 5)
    assert np.isfinite(found[:4]).all() and np.isnan(found[4]).all()
    assert (found[:4, 4] == 0).all()  # institution 4 never dealt


def test_who_joins_late_is_told_from_who_comes_first() -> None:
    """Two institutions alike in everything but the moment: one opens, the other joins after the first."""
    opened = [deal(f"q{k}", "opens", 900 - k) for k in range(12)]
    joined = [deal(f"q{k}", "joins", 400 - k) for k in range(12)]
    projects = [project("fresh"), project("begun"), *(project(f"q{k}") for k in range(12))]
    begun = [deal("begun", "opens", 300)]
    told = market(projects, [institution("joins"), institution("opens")], opened + joined + begun)
    entry = tables_of(told)["history_entry"]
    assert entry[1, 0] > 0 > entry[1, 1]  # somebody is in: the one that joins
    assert entry[0, 1] > 0 > entry[0, 0]  # nobody is in: the one that opens


def test_entries_count_first_delivered_deals_of_pairs_and_days_before() -> None:
    outcomes = [
        deal("p", "a", 300),
        deal("p", "b", 300),  # of the same day: neither came after the other
        deal("p", "a", 200),  # a later round of the same pair is no entry
        deal("p", "elsewhere", 150),  # not among the asked, but a day with a deal
        deal("p", "c", 100),
        deal("p", "d", 50, event="accepted"),
        deal("other", "c", 20),
    ]
    asked = market([project("p"), project("other"), project("none")], [institution(k) for k in "abcd"], outcomes)
    entries = read_entries(asked, owners(asked)[0])
    assert entries.institution.tolist() == [0, 1, 2, 2]
    assert entries.paths == [FIRST, FIRST, standing(3, 2), FIRST]
    assert entries.of_projects == [standing(4, 2), standing(1, 2), FIRST]
    assert entries.age.tolist() == pytest.approx([300 / 365.25, 300 / 365.25, 100 / 365.25, 20 / 365.25])
