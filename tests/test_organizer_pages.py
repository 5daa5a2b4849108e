"""Charts and figures over the market: requests, the chain, the map, standings, data quality, runs."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from dashboard_market import DashboardMarket, desk_of
from page_visits import FUND, MAIN, ORGANIZER, SERVICE, visit

from app.dashboard.facts_queries import origins
from app.dashboard.hosting_queries import Extension, plan
from app.dashboard.parts.tile_map import counts_by_province, tile_spec
from app.dashboard.quality_queries import compare_runs, gaps_in_data, runs_of
from app.dashboard.queries import project_names
from app.dashboard.request_queries import neighbourhood_of, offered, requests
from app.dashboard.roles import ROLES
from app.dashboard.sheet_queries import shown_project
from app.dashboard.shown_strings import catalogue
from app.dashboard.standing_queries import standings
from app.dashboard.viewing import views_of
from app.dashboard.views.chain import SIDES, graph_spec
from app.dashboard.visitor import Visitor
from app.system import System
from data.problem import DuijieError
from data.reference.divisions import CORPS
from data.reference.province_tiles import province_tiles
from data.reference.regions import regions
from data.reference.sectors import sectors
from data.store import Store
from matcher.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("pages")]  # whole pages are drawn


def test_requests_come_with_a_sentence_of_the_shown_text_and_say_what_is_inferred() -> None:
    desk = desk_of("service")
    frame = requests(SERVICE, desk)
    assert set(frame["project_id"]) <= set(project_names(desk, everything=False))
    assert set(frame["inferred"]) == {True, False}
    assert (frame[frame["inferred"]]["sentence"] != "").all()
    for row in frame[frame["sentence"] != ""].head(40).to_dict("records"):
        shown = shown_project(SERVICE, desk, row["project_id"])
        assert any(row["sentence"] in str(value) for value in shown.values() if isinstance(value, str))
    page = visit(role="service", view="requests")
    assert catalogue()["requests.stated_badge"][0] in str([one.value for one in page.markdown]) or page.text
    names = [one for one in desk.run.table("institutions").to_pylist() if one["kind"] == "ip_agency"]
    assert any(offered(desk, one["institution_id"]) for one in names)


def test_the_chain_is_drawn_with_names_of_the_reference_only() -> None:
    desk = desk_of("organizer")
    told = next(
        found
        for one in project_names(desk, everything=True)
        if (found := neighbourhood_of(ORGANIZER, desk, one)).own and found.upstream and found.downstream
    )
    tree = sectors()
    for leaf in told.upstream:
        assert set(tree[leaf].downstream) & set(told.own)
    spec = graph_spec(told, {side: list(getattr(told, side)) for side in SIDES}, "zh")
    (series,) = spec["series"]
    assert {node["id"] for node in series["data"]} == set(told.leaves)
    assert all(node["name"].startswith(tree[node["id"]].name_zh) for node in series["data"])
    assert all(link["target"] in tree[link["source"]].downstream for link in series["links"])
    assert "tooltip" not in spec


def test_tiles_are_the_34_provinces_each_on_a_square_of_its_own() -> None:
    tiles = province_tiles()
    assert {tile.adcode for tile in tiles} == {
        one.code for one in regions().divisions.values() if one.level == 0 and one.code != CORPS
    }
    assert len({(tile.column, tile.row) for tile in tiles}) == len(tiles) == 34
    counts, elsewhere = counts_by_province([("中国", "浙江省"), (None, "浙江"), ("美国", None), (None, None)])
    assert counts["330000"] == 2 and elsewhere == 2
    assert len({tile.letters for tile in tiles}) == 34
    for language, name in (("zh", "浙江"), ("en", "ZJ")):
        data = tile_spec(counts, language)["series"][0]["data"]
        assert f"{name}\n2" in [square["name"] for square in data]


def test_standings_count_every_project_once_and_the_smallest_change_opens_somebody() -> None:
    frame = standings(ORGANIZER, desk_of("organizer", "placement"))
    assert sorted(frame["project_id"]) == sorted(project_names(desk_of("organizer"), everything=True))
    none = frame[frame["standing"] == "none"]
    assert len(none) and (none["count"] == 0).all()
    stuck = none[none["rules"] != ""]
    assert len(stuck) and (stuck["opens"] > 0).all()
    assert (frame.loc[frame["standing"] == "listed", "count"] >= 3).all()


def test_missing_fields_are_counted_as_the_store_has_them(market: DashboardMarket) -> None:
    frame = gaps_in_data(ORGANIZER, desk_of("organizer"))
    rows = market.system.store.current("projects").to_pylist()
    told = frame[(frame["table"] == "projects") & (frame["column"] == "funding_sought")].iloc[0]
    assert told["missing"] == sum(row["funding_sought"] is None for row in rows)
    assert 0 < told["unknown"] <= 1
    assert (frame["missing"] > 0).all()


def test_two_runs_differ_in_what_was_changed(
    market: DashboardMarket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "market.duckdb")
    store.path.write_bytes(market.store.read_bytes())
    monkeypatch.setenv("DUIJIE_STORE", str(store.path))
    as_of = date.fromisoformat(market.system.run_of("challenge").manifest["as_of"])
    first = System(store, Settings(encoder="none")).match(("challenge",), as_of)
    second = System(store, Settings(encoder="none", weights={"challenge": {"sector": 5.0}})).match(
        ("challenge",), as_of
    )
    desk = desk_of("organizer", "challenge")
    assert {run.run_id for run in runs_of(ORGANIZER, desk)} == {first.run_id, second.run_id}
    facts, moved = compare_runs(ORGANIZER, desk, first.run_id, second.run_id, 3)
    assert [fact.name for fact in facts if fact.differs] == ["settings"]
    assert (moved["change"] == "gained").sum() > 0
    assert (moved["change"] == "gained").sum() == (moved["change"] == "lost").sum()
    same = compare_runs(ORGANIZER, desk, first.run_id, first.run_id, 3)
    assert same[1].empty and not any(fact.differs for fact in same[0])
    with pytest.raises(DuijieError):
        compare_runs(ORGANIZER, desk, "../etc", second.run_id, 3)
    assert not visit(role="organizer", channel="challenge", view="runs").error


def test_the_plan_of_a_park_and_requests_are_for_those_they_concern() -> None:
    for view, roles in (("hosting", {"park"}), ("requests", {"service", "mentor"})):
        for name, role in ROLES.items():
            shown = view in views_of(Visitor("zh", role, ""))
            assert shown == (name in roles or role.organizes), (view, name)
    for ask in (requests, lambda visitor, desk: plan(visitor, desk, "SAMPLE-I001", Extension())):
        with pytest.raises(DuijieError) as error:
            ask(FUND, desk_of("fund"))
        assert error.value.code == "access.denied"


@pytest.mark.parametrize("ask", [standings, gaps_in_data, runs_of])
def test_organizers_pages_are_denied_to_institutions(ask: object) -> None:
    with pytest.raises(DuijieError) as error:
        ask(FUND, desk_of("fund"))  # type: ignore[operator]
    assert error.value.code == "access.denied"


def test_charts_never_format_with_names_of_entrants() -> None:
    sources = [path.read_text("utf-8") for path in MAIN.parent.rglob("*.py")]
    found = [formatter for source in sources for formatter in re.findall(r'"formatter":\s*(\S+?)[,}]+\s', source)]
    assert set(found) <= {'"{b}"', '"{@share}%"', '"{@[1]}%"', '"{@[2]}%"'}
    assert found
    assert not any('"tooltip": {"show": True' in source for source in sources)


def test_the_map_counts_the_projects_the_visitor_may_see() -> None:
    for visitor, role, everything in ((FUND, "fund", False), (ORGANIZER, "organizer", True)):
        desk = desk_of(role)
        frame = origins(visitor, desk)
        assert set(frame["project_id"]) == set(project_names(desk, everything=everything))
    counts, elsewhere = counts_by_province(zip(frame["country"], frame["province"], strict=True))
    assert sum(counts.values()) + elsewhere == len(frame)
    assert not visit(role="organizer", view="origins", lang="en").error
