"""The pages of fund managers and organizers: decisions, search, comparison, sheets, filters, charts."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import docx
import pandas as pd
import pytest
from dashboard_market import CONTACT, DashboardMarket, desk_of, draw_quickly, write_market
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import app.dashboard
from app.dashboard.decision_queries import (
    decisions_of,
    hidden_projects,
    keep_search,
    searches_of,
    write_decision,
)
from app.dashboard.desk import Desk
from app.dashboard.facts_queries import FACTS, band_of, branches_of, origins, with_facts
from app.dashboard.parts.filters import Filters, from_value, narrow
from app.dashboard.parts.tile_map import counts_by_province, tile_spec
from app.dashboard.quality_queries import compare_runs, gaps_in_data, runs_of
from app.dashboard.queries import listing, project_names
from app.dashboard.request_queries import neighbourhood_of, offered, requests
from app.dashboard.roles import ROLES
from app.dashboard.search_queries import find, masked
from app.dashboard.sheet_queries import awards_of, rights_of, shown_project, word_sheet
from app.dashboard.shown_strings import catalogue
from app.dashboard.standing_queries import standings
from app.dashboard.views.chain import SIDES, graph_spec
from app.dashboard.visitor import Visitor
from app.feedback import MEETING, PASS_REASONS, PASSED, SHORTLISTED, SNOOZED, UNDONE
from app.saved_searches import SavedSearch
from app.searching import words_in, words_of
from data.problem import DuijieError
from data.reference.divisions import CORPS
from data.reference.province_tiles import province_tiles
from data.reference.regions import regions
from data.reference.sectors import sectors
from data.store import Store
from matcher.settings import Settings

MAIN = Path(app.dashboard.__file__).parent / "main.py"
FUND = Visitor("zh", ROLES["fund"], "financing")
SERVICE = Visitor("zh", ROLES["service"], "services")
ORGANIZER = Visitor("zh", ROLES["organizer"], "financing")


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> DashboardMarket:
    return write_market(tmp_path_factory.mktemp("pages"))


@pytest.fixture(autouse=True)
def _env(market: DashboardMarket, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in market.env.items():
        monkeypatch.setenv(name, value)
    draw_quickly(monkeypatch)
    yield


@pytest.fixture
def own_store(market: DashboardMarket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of one's own to write into, with the runs of the market."""
    store = Store(tmp_path / "market.duckdb")
    store.path.write_bytes(market.store.read_bytes())
    store.runs_folder.symlink_to(market.system.store.runs_folder)
    monkeypatch.setenv("DUIJIE_STORE", str(store.path))
    return store


def visit(**params: str) -> AppTest:
    page = AppTest.from_file(str(MAIN), default_timeout=60)
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception[0].message
    return page


def texts_of(page: AppTest) -> str:
    return "\n".join(str(one.value) for kind in (page.text, page.caption, page.info, page.error) for one in kind)


def first_of(desk: Desk, institution: str) -> str:
    return str(listing(desk, "institutions", institution, everything=False).frame["listed"].iloc[0])


def row_of(market: DashboardMarket, project_id: str) -> dict[str, object]:
    return next(row for row in market.system.store.current("projects").to_pylist() if row["project_id"] == project_id)


def test_a_pass_with_a_reason_hides_the_project_until_it_is_undone(own_store: Store) -> None:
    page = visit(role="fund", inst="SAMPLE-I001")
    project = first_of(desk_of("fund"), "SAMPLE-I001")
    own = next(button.key for button in page.button if button.key.startswith("passgo_")).removeprefix("passgo_")
    assert own.endswith(project)
    page.selectbox(key=f"reason_{own}").set_value("amount").run()
    page.text_area(key=f"passnote_{own}").set_value("<b>太贵</b> **x**").run()
    page.button(key=f"passgo_{own}").click().run()
    assert not page.exception
    (entry,) = own_store.journal("decision")
    assert (entry["payload"]["state"], entry["payload"]["reason"]) == (PASSED, "amount")
    assert not any(button.key.startswith("go_") and button.key.endswith(project) for button in page.button)
    shown = visit(role="fund", inst="SAMPLE-I001", view="decisions")
    assert "“<b>太贵</b> **x**”" in [text.value for text in shown.text]
    shown.button(key=f"undo_decided_{project}").click().run()
    assert not shown.exception
    assert hidden_projects(FUND, desk_of("fund"), "SAMPLE-I001") == frozenset()
    again = visit(role="fund", inst="SAMPLE-I001")
    assert any(button.key.endswith(project) for button in again.button)


def test_the_last_decision_counts_and_a_snooze_ends_by_itself(own_store: Store) -> None:
    desk, institution = desk_of("fund"), "SAMPLE-I001"
    one, two, three = listing(desk, "institutions", institution, everything=False).frame["listed"][:3]
    day = date.today() + timedelta(days=30)
    for project, state, more in ((one, SHORTLISTED, {}), (one, MEETING, {"note": "  周三 "}), (two, SHORTLISTED, {})):
        write_decision(FUND, desk, institution, project, state, **more)
    write_decision(FUND, desk, institution, two, UNDONE)
    write_decision(FUND, desk, institution, three, SNOOZED, until=day)
    desk = desk_of("fund")
    found = decisions_of(FUND, desk, institution)
    assert list(found) == [one, three]
    assert (found[one].state, found[one].note) == (MEETING, "周三")
    assert hidden_projects(FUND, desk, institution) == {three}
    assert not found[three].hides(day)
    assert hidden_projects(ORGANIZER, desk_of("organizer"), institution) == frozenset()
    assert set(decisions_of(ORGANIZER, desk_of("organizer"), institution)) == {one, three}


@pytest.mark.parametrize(
    ("code", "state", "more"),
    [
        ("decision.reason", PASSED, {}),
        ("decision.reason", PASSED, {"reason": "nonsense"}),
        ("decision.until", SNOOZED, {}),
        ("decision.until", SNOOZED, {"until": date.today()}),
        ("decision.until", SNOOZED, {"until": date.today() + timedelta(days=400)}),
        ("decision.state", "loved", {}),
        ("decision.note", MEETING, {"note": "长" * 501}),
    ],
)
def test_a_decision_that_says_too_little_is_refused(own_store: Store, code: str, state: str, more: dict) -> None:
    desk = desk_of("fund")
    with pytest.raises(DuijieError) as error:
        write_decision(FUND, desk, "SAMPLE-I001", first_of(desk, "SAMPLE-I001"), state, **more)
    assert error.value.code == code
    assert own_store.journal("decision") == []


def test_nobody_decides_on_what_is_not_shown_or_for_others(own_store: Store, market: DashboardMarket) -> None:
    desk = desk_of("fund")
    names = project_names(desk, everything=False)
    hidden = next(
        one for one in market.system.store.current("projects").column("project_id").to_pylist() if one not in names
    )
    first = first_of(desk, "SAMPLE-I001")
    park = next(iter(project_names(desk_of("park"), everything=False)))
    for visitor, where, institution, project in (
        (FUND, desk, "SAMPLE-I001", hidden),
        (FUND, desk, "SAMPLE-I061", first),
        (ORGANIZER, desk_of("organizer"), "SAMPLE-I001", first),
        (Visitor("zh", ROLES["park"], "placement"), desk_of("park"), "SAMPLE-I001", park),
    ):
        with pytest.raises(DuijieError) as error:
            write_decision(visitor, where, institution, project, SHORTLISTED)
        assert error.value.code == "access.denied"
    assert own_store.journal("decision") == []


def test_filters_are_saved_called_back_and_forgotten(own_store: Store) -> None:
    wanted = Filters(text="电池", facets={"province": ("江苏省",)}, least=1.5)
    desk = desk_of("fund")
    keep_search(FUND, desk, "SAMPLE-I001", SavedSearch(" 江苏 ", "list", wanted.to_value()))
    (kept,) = searches_of(FUND, desk_of("fund"), "SAMPLE-I001", "list").values()
    assert kept.name == "江苏"
    assert narrow_equal(from_value(kept.value), wanted)
    assert searches_of(FUND, desk_of("fund"), "SAMPLE-I002", "list") == {}
    keep_search(FUND, desk, "SAMPLE-I001", kept, forget=True)
    assert searches_of(FUND, desk_of("fund"), "SAMPLE-I001", "list") == {}
    for bad in (SavedSearch("", "list", ""), SavedSearch("长" * 41, "list", ""), SavedSearch("x", "list", "y" * 3000)):
        with pytest.raises(DuijieError):
            keep_search(FUND, desk, "SAMPLE-I001", bad)


def narrow_equal(one: Filters, two: Filters) -> bool:
    return (one.text, one.sector, one.least, one.facets) == (two.text, two.sector, two.least, two.facets)


def test_a_search_is_saved_by_typing_its_name(own_store: Store) -> None:
    page = visit(role="fund", inst="SAMPLE-I001", f='{"text":"电池"}')
    assert page.text_input[0].value == "电池"
    name = next(box.key for box in page.text_input if box.key.startswith("savename_"))
    page.text_input(key=name).set_value("我的电池").run()
    assert not page.exception
    kept = searches_of(FUND, desk_of("fund"), "SAMPLE-I001", "list")
    assert from_value(kept["我的电池"].value).text == "电池"


@given(st.text(max_size=80))
def test_any_text_in_the_address_gives_filters(value: str) -> None:
    assert isinstance(from_value(value), Filters)


@pytest.mark.parametrize(
    "value", ['{"least":NaN}', '{"least":1e999}', "[1]", '{"province":"x"}', "[" * 900, "{}" * 600]
)
def test_broken_filters_choose_nothing(value: str) -> None:
    assert from_value(value).active == 0


def test_a_link_with_filters_opens_the_narrowed_list_and_one_click_clears_them() -> None:
    told = listing(desk_of("fund"), "institutions", "SAMPLE-I001", everything=False).frame
    province = told["province"].iloc[3]
    page = visit(role="fund", inst="SAMPLE-I001", f=f'{{"province":["{province}"]}}')
    expected = int((told["province"] == province).sum())
    assert f"共 {expected} 条" in texts_of(page)
    clear = next(group for group in page.get("button_group") if "清除" in str(group.options))
    clear.set_value(clear.options[0]).run()
    assert not page.exception
    assert f"共 {len(told)} 条" in texts_of(page)


def test_facts_are_joined_to_a_list_without_changing_it() -> None:
    desk = desk_of("fund")
    frame = listing(desk, "institutions", "SAMPLE-I001", everything=False).frame
    before = list(frame.columns)
    found = with_facts(FUND, desk, frame)
    assert list(frame.columns) == before
    assert set(FACTS) <= set(found.columns)
    assert list(found["listed"]) == list(frame["listed"])
    rights = desk.system.store.current("ip").to_pandas()
    live = rights[rights["status"] != "失效"].groupby("project_id").size()
    for row in found.to_dict("records"):
        count = int(live.get(row["project_id"], 0))
        assert int(row["rights"]) <= count
        assert set(row["branches"]) <= {field.id for field in sectors().fields}
    chosen = narrow(found, Filters(facets={"rights": ("0",)}))
    assert all(live.get(one, 0) == 0 for one in chosen["project_id"])


@pytest.mark.parametrize(
    ("amount", "currency", "band"),
    [(5e6, None, "0"), (5e6 + 1, "CNY", "1"), (2e8, None, "4"), (None, None, "unknown"), (1e6, "USD", "unknown")],
)
def test_bands_of_amounts(amount: float | None, currency: str | None, band: str) -> None:
    assert band_of(amount, currency) == band


def test_a_branch_is_told_by_labels_first_then_by_the_text() -> None:
    assert branches_of(["光伏新能源"], "人工智能") == ["green"]
    assert branches_of(None, "钙钛矿叠层电池产线") == ["green"]
    assert branches_of([], "") == []


def test_search_finds_words_first_and_shows_their_sentence(market: DashboardMarket) -> None:
    desk = desk_of("fund")
    names = project_names(desk, everything=False)
    found = find(FUND, desk, "电池 电站")
    assert found and {one.row["project_id"] for one in found} <= set(names)
    whole = [len(one.words) == 2 for one in found]
    assert whole == sorted(whole, reverse=True)
    assert any(one.words for one in found)
    for one in found:
        assert not one.sentence or any(word in one.sentence.lower() for word in one.words)
    assert find(FUND, desk, "  \n ") == []


def test_an_anonymous_project_is_not_found_by_its_name(market: DashboardMarket) -> None:
    _, anonymous = market.teaser
    row = row_of(market, anonymous)
    desk = desk_of("fund")
    for secret in (str(row["name"]), str(row["applicant"])):
        found = {one.row["project_id"]: one for one in find(FUND, desk, secret)}
        if anonymous in found:
            assert secret not in str(found[anonymous])
            assert found[anonymous].words == words_in(shown_project(FUND, desk, anonymous), words_of(secret))
    searched = masked(desk.run.table("projects"), frozenset({anonymous})).to_pylist()
    told = str(next(one for one in searched if one["project_id"] == anonymous))
    assert not any(str(row[name]) in told for name in ("name", "applicant", "city"))


def test_the_search_page_opens_a_hit_and_keeps_it_plain(market: DashboardMarket) -> None:
    institution, hostile = market.hostile
    page = visit(role="fund", view="search", q="电池", inst=institution, project=hostile)
    assert not page.markdown or not any("<script>" in str(one.value) for one in page.markdown)
    assert any(button.key.startswith("go_hit_") for button in page.button)
    assert not any("<script>" in button.label for button in page.button)


def test_the_full_text_is_shown_whole_with_its_evidence_marked() -> None:
    desk = desk_of("fund")
    told = listing(desk, "institutions", "SAMPLE-I008", everything=False)
    project = next(
        one
        for one in told.frame["listed"]
        if any(
            r["weight"] and r.get("evidence_project") in str(shown_project(FUND, desk, one)["summary"] or "")
            for r in told.reasons[one]
            if r.get("evidence_project")
        )
    )
    page = visit(role="fund", inst="SAMPLE-I008", project=project)
    pieces = [text.value for text in page.text]
    summary = str(shown_project(FUND, desk, project)["summary"])
    evidence = {str(r["evidence_project"]) for r in told.reasons[project] if r["weight"] and r.get("evidence_project")}
    assert any(sentence in pieces and sentence in summary for sentence in evidence)
    assert summary in "".join(pieces)


def test_four_projects_are_compared_and_a_fifth_is_left_out(market: DashboardMarket) -> None:
    desk = desk_of("fund")
    five = list(listing(desk, "institutions", "SAMPLE-I001", everything=False).frame["listed"][:5])
    page = visit(role="fund", view="compare", inst="SAMPLE-I001", cmp=",".join(["nobody", *five]))
    told = texts_of(page)
    assert all(one in told for one in five[:4])
    assert five[4] not in told
    hidden = next(
        one
        for one in desk.run.table("projects").column("project_id").to_pylist()
        if one not in project_names(desk, everything=False)
    )
    assert hidden not in texts_of(visit(role="fund", view="compare", inst="SAMPLE-I001", cmp=f"{five[0]},{hidden}"))


def words_of_sheet(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def test_the_word_sheet_holds_what_may_be_shown(market: DashboardMarket) -> None:
    institution, hostile = market.hostile
    desk = desk_of("fund")
    data = word_sheet(FUND, desk, hostile, institution)
    told = words_of_sheet(data)
    assert "<script>window.hit=1</script>" in told  # as text
    assert CONTACT[5:16] not in told
    assert catalogue()["word.awards"][0] in told or not awards_of(FUND, desk, hostile)
    strongest = max(
        listing(desk, "institutions", institution, everything=False).reasons[hostile], key=lambda one: one["weight"]
    )
    assert f"{strongest['weight']:+.2f}" in told
    assert 'w:eastAsia="宋体"' in docx.Document(io.BytesIO(data)).styles["Normal"].element.xml


def test_the_word_sheet_of_an_anonymous_project_names_nothing(market: DashboardMarket) -> None:
    institution, anonymous = market.teaser
    desk, row = desk_of("fund"), row_of(market, anonymous)
    told = words_of_sheet(word_sheet(FUND, desk, anonymous, institution))
    for secret in (row["name"], row["applicant"], row["city"]):
        assert not secret or str(secret) not in told
    rights = desk.system.store.current("ip").to_pylist()
    for right in rights:
        if right["project_id"] == anonymous:
            assert right["title"] not in told and right["number"] not in told
    for award in awards_of(FUND, desk, anonymous):
        assert award["contest"] not in told
    assert all(set(right) == {"kind", "status"} for right in rights_of(FUND, desk, anonymous))


def test_sheets_of_hidden_projects_are_denied(market: DashboardMarket) -> None:
    desk = desk_of("fund")
    shown = project_names(desk, everything=False)
    hidden = next(one for one in desk.run.table("projects").column("project_id").to_pylist() if one not in shown)
    for ask in (shown_project, awards_of, rights_of):
        with pytest.raises(DuijieError) as error:
            ask(FUND, desk, hidden)
        assert error.value.code == "access.denied"
    with pytest.raises(DuijieError):
        word_sheet(FUND, desk, hidden, "SAMPLE-I001")


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
    from app.system import System

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


@pytest.mark.parametrize("ask", [standings, gaps_in_data, runs_of])
def test_organizers_pages_are_denied_to_institutions(ask: object) -> None:
    with pytest.raises(DuijieError) as error:
        ask(FUND, desk_of("fund"))  # type: ignore[operator]
    assert error.value.code == "access.denied"


def test_every_typed_reason_and_state_is_worded() -> None:
    assert {f"pass.{reason}" for reason in PASS_REASONS} <= set(catalogue())
    assert {f"decision.{state}" for state in (SHORTLISTED, MEETING, SNOOZED, PASSED)} <= set(catalogue())


def test_charts_never_format_with_names_of_entrants() -> None:
    sources = [path.read_text("utf-8") for path in MAIN.parent.rglob("*.py")]
    found = [formatter for source in sources for formatter in re.findall(r'"formatter":\s*(\S+?)[,}]+\s', source)]
    assert set(found) <= {'"{b}"', '"{@share}%"'}
    assert found
    assert not any('"tooltip": {"show": True' in source for source in sources)


def test_frames_that_pages_share_are_not_changed() -> None:
    desk = desk_of("fund")
    before = listing(desk, "institutions", "SAMPLE-I001", everything=False).frame.copy()
    visit(role="fund", inst="SAMPLE-I001")
    pd.testing.assert_frame_equal(listing(desk, "institutions", "SAMPLE-I001", everything=False).frame, before)


def test_the_map_counts_the_projects_the_visitor_may_see() -> None:
    for visitor, role, everything in ((FUND, "fund", False), (ORGANIZER, "organizer", True)):
        desk = desk_of(role)
        frame = origins(visitor, desk)
        assert set(frame["project_id"]) == set(project_names(desk, everything=everything))
    counts, elsewhere = counts_by_province(zip(frame["country"], frame["province"], strict=True))
    assert sum(counts.values()) + elsewhere == len(frame)
    assert not visit(role="organizer", view="origins", lang="en").error
