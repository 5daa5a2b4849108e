"""What a park could host: missing links, answers by the ranking's own rules, area left, what an extension adds."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from dashboard_market import DashboardMarket, desk_of

from app.dashboard.hosting_queries import Extension, plan
from app.dashboard.queries import project_names
from app.dashboard.roles import ROLES
from app.dashboard.visitor import Visitor
from data.problem import DuijieError
from data.reference.sectors import sectors
from data.tables import OUTCOMES, PROJECTS
from features.reading import read_institution
from features.reading.indicators import indicators
from matcher.chain import gaps, leaves_below, links_of_park, neighbourhood
from matcher.channel import channels
from matcher.hosting import area_left, by_quarter, hosting, tenants
from matcher.lifting import smallest_changes
from matcher.market import build_market, read_texts
from matcher.rules import FAILS, MEETS, UNKNOWN
from matcher.run import as_date
from matcher.settings import Settings

PARK = Visitor("zh", ROLES["park"], "placement")
LEXICAL = Settings(encoder="none")
pytestmark = pytest.mark.usefixtures("pages")


def test_the_answers_are_those_of_the_ranking(market: DashboardMarket) -> None:
    view = market.system.store.view(as_date(market.system.run_of("placement").manifest["as_of"]))
    channel = channels()["placement"]
    texts = read_texts(view.projects, "projects")
    ranked = build_market(view, channel, LEXICAL, None, texts)
    n = view.projects.num_rows
    for col in (0, 2, 5):
        park = ranked.market.view.institutions.slice(col, 1).to_pylist()[0]
        told = hosting(view, channel, [park], LEXICAL, texts)
        for at, (name, check) in enumerate(ranked.checks.items()):
            own = check(0, n, np.arange(n), np.full(n, col))
            assert told.rules[at] == name
            assert (told.answers[0, :, at] == own).all(), name


def test_an_extension_never_makes_an_answer_worse_and_more_area_lets_more_in(market: DashboardMarket) -> None:
    view = market.system.store.view(as_date(market.system.run_of("placement").manifest["as_of"]))
    channel = channels()["placement"]
    texts = read_texts(view.projects, "projects")
    park = next(row for row in channel.supply(view).to_pylist() if row["verified"])
    small = {**park, "capacity_m2": 100.0, "facilities": ["effluent"], "profile": ""}
    large = {**small, "capacity_m2": 50_000.0, "facilities": ["effluent", "clean_room"]}
    told = hosting(view, channel, [small, large], LEXICAL, texts)
    assert (told.overall[1] >= told.overall[0]).all()
    assert (told.overall[1] > told.overall[0]).any()
    clean = told.codes.index("clean_room")
    needing = told.needed[:, clean]
    assert needing.any()
    assert (told.facilities[0, needing, clean] == FAILS).all()
    assert (told.facilities[1, needing, clean] == MEETS).all()
    unknown = hosting(view, channel, [{**small, "capacity_m2": None}, {**small, "capacity_m2": 500.0}], LEXICAL, texts)
    space = unknown.rules.index("space")
    needed = np.array(view.projects.column("space_m2").to_pylist(), dtype=float)
    assert (unknown.answers[1, needed > 500, space] == UNKNOWN).all()
    assert (unknown.answers[1, needed <= 500, space] == MEETS).all()


def test_a_park_that_names_no_facility_is_unknown_not_lacking(market: DashboardMarket) -> None:
    view = market.system.store.view(as_date(market.system.run_of("placement").manifest["as_of"]))
    park = {**channels()["placement"].supply(view).to_pylist()[0], "facilities": None, "profile": ""}
    told = hosting(view, channels()["placement"], [park], LEXICAL, read_texts(view.projects, "projects"))
    assert set(told.facilities[0][told.needed].tolist()) == {UNKNOWN}
    assert (told.facilities[0][~told.needed] == MEETS).all()


def test_area_left_and_quarters() -> None:
    rows = [("P1", "2022-02-01", 3000.0), ("P2", "2022-03-31", None), ("P3", "2022-11-05", 1500.0)]
    projects = pa.Table.from_pylist(
        [{"project_id": one, "name": one, "space_m2": m2} for one, _, m2 in rows], PROJECTS.schema
    )
    events = [
        {"project_id": one, "institution_id": "K", "channel": channel, "event": event, "at": date.fromisoformat(at)}
        for one, at, _ in rows
        for channel, event in (("placement", "delivered"), ("placement", "signed"), ("financing", "delivered"))
    ]
    events.append({**events[0], "at": date(2023, 1, 1)})
    moved = tenants(pa.Table.from_pylist(events, OUTCOMES.schema), projects, "K")
    assert list(moved["project_id"]) == ["P1", "P2", "P3"]
    assert area_left(5000.0, moved["space_m2"]) == 500.0
    assert area_left(4000.0, moved["space_m2"]) == 0.0
    assert area_left(None, moved["space_m2"]) is None
    found = by_quarter(moved, 5000.0, 3.0)
    assert found[["quarter", "count", "left_m2", "places_left"]].to_numpy().tolist() == [
        ["2022Q1", 2, 2000.0, 1.0],
        ["2022Q4", 1, 500.0, 2.0],
    ]
    assert by_quarter(moved, None, None)["left_m2"].isna().all()
    assert by_quarter(moved.head(0), 5000.0, 3.0).empty
    assert pd.isna(by_quarter(moved.iloc[1:2], 1.0, 1.0)["space_m2"].iloc[0])


def test_gaps_border_on_what_is_there_or_are_said_to_be_missing() -> None:
    tree = sectors()
    found = gaps({"pv_cell"}, {"mould": "正在补齐模具环节。"})
    assert found[0].sector == "mould" and found[0].sentence
    assert {gap.sector for gap in found[1:]} == set(tree["pv_cell"].upstream) | set(tree["pv_cell"].downstream)
    for gap in found[1:]:
        assert gap.upstream_of == ("pv_cell",) or gap.downstream_of == ("pv_cell",)
    assert gaps((), {}) == []
    up, own, down = neighbourhood(["pv_cell", "pv_cell"])
    assert own == ("pv_cell",) and not (set(up) | set(down)) & set(own) and not set(up) & set(down)


def test_a_park_says_what_it_has_and_what_it_lacks() -> None:
    park = {
        "name": "样例园",
        "kind": "park",
        "sectors": ["光伏电池与组件"],
        "profile": "已有机器人企业9家投产。正在补齐模具环节。",
    }
    there, missing = links_of_park(read_institution(park))
    assert "pv_cell" in there
    assert missing == {"mould": "正在补齐模具环节。"}
    assert not set(there) & set(missing)
    assert leaves_below("pv_cell") == ("pv_cell",)
    assert leaves_below("green") == ()  # a whole field says nothing of single links


def test_a_plan_shows_consenting_projects_and_only_to_the_park(market: DashboardMarket) -> None:
    desk = desk_of("park")
    told = plan(PARK, desk, "SAMPLE-I061", Extension())
    assert {one.project_id for one in told.candidates} <= set(project_names(desk, everything=False))
    assert all(one.now == one.then for one in told.candidates)
    order = [one.then for one in told.candidates]
    assert order == sorted(order, reverse=True)
    listed = {gap.sector for gap in told.gaps}
    assert all(set(one.fills) <= listed for one in told.candidates)
    assert any(one.fills for one in told.candidates)
    more = plan(PARK, desk, "SAMPLE-I061", Extension(2000.0, ("clean_room",)))
    assert all(one.then >= one.now for one in more.candidates)
    for where, park in ((desk_of("fund"), "SAMPLE-I061"), (desk, "SAMPLE-I001")):
        with pytest.raises(DuijieError) as error:
            plan(PARK, where, park, Extension())
        assert error.value.code == "access.denied"


def test_the_smallest_change_is_the_fewest_rules_of_the_ranking(market: DashboardMarket) -> None:
    view = market.system.store.view(as_date(market.system.run_of("placement").manifest["as_of"]))
    channel = channels()["placement"]
    texts = read_texts(view.projects, "projects")
    ranked = build_market(view, channel, LEXICAL, None, texts)
    m = ranked.n_institutions
    for row, change in smallest_changes(view, channel, LEXICAL, texts, range(30)).items():
        failed = [
            {
                name
                for name, check in ranked.checks.items()
                if check(row, row + 1, np.array([0]), np.array([col]))[0] == FAILS
            }
            for col in range(m)
        ]
        movable = [rules for rules in failed if not rules & {"contact", "judge"}]
        assert len(change.rules) == min(map(len, movable))
        assert change.institutions
        assert failed.count(set(change.rules)) >= len(change.institutions) > 0


def test_indicators_are_numbers_with_units_in_their_clause() -> None:
    found = indicators(["转换效率 28.6%，寿命 5,000 小时；接触电阻 5 mΩ·cm²。2021年成立。", None, "转换效率 28.6%。"])
    assert [(one.number, one.unit) for one in found] == [("28.6", "%"), ("5,000", "小时"), ("5", "mΩ·cm²")]
    assert found[1].clause == "寿命 5,000 小时"
