"""What pages no longer read of all projects changes nothing in them: rows, readings, counts, candidates, searches."""

from __future__ import annotations

import threading

import numpy as np
import pyarrow as pa
import pytest
from dashboard_market import DashboardMarket, desk_of

import data.run_pairs
from app import preselecting, run_parts
from app.dashboard import hosting_queries, search_queries
from app.dashboard.decision_queries import recurring_of, write_decision
from app.dashboard.desk import Desk
from app.dashboard.hosting_queries import CHANNEL, Extension, plan, run_view
from app.dashboard.queries import institution, institution_names, project, project_names, shown_rows
from app.dashboard.request_queries import requests
from app.dashboard.rows import LONG, Rows, projects_of
from app.dashboard.run_texts import lean_texts, needs_sentences, rows_of, searched
from app.dashboard.search_queries import find
from app.dashboard.standing_queries import _changes, standings
from app.dashboard.visitor import Visitor
from app.run_parts import masked_part
from app.searching import masked_projects, words_in, words_of
from data.run_pairs import pairs_of
from features.families.feedback import recurring
from features.reading import Reading, read_institution
from matcher.chain import gaps, links_of_park, links_of_project
from matcher.channel import channels
from matcher.gate import may_rank
from matcher.hosting import area_left, hosting, tenants
from matcher.lifting import smallest_changes
from matcher.market import read_texts

pytestmark = pytest.mark.usefixtures("pages")


@pytest.fixture(scope="module")
def readings(market: DashboardMarket) -> list[Reading]:
    return read_texts(market.system.run_of("financing").table("projects"), "projects")


def visitor_of(desk: Desk) -> Visitor:
    return Visitor("zh", desk.access.role, desk.channel, desk.access)


def test_pairs_are_read_once_by_whoever_asks_at_the_same_time(
    market: DashboardMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, side = market.system.run_of("financing"), data.run_pairs._side
    read: list[str] = []
    begun = threading.Barrier(4)
    monkeypatch.setattr(data.run_pairs, "_side", lambda table, one: read.append(one) or side(table, one))
    data.run_pairs._pairs.cache_clear()

    def ask() -> None:
        begun.wait()
        pairs_of(run, "financing")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == ["project", "institution"]


def test_rows_by_id_are_those_of_the_run(market: DashboardMarket) -> None:
    desk = desk_of("organizer", "financing")
    table, rows = desk.run.table("projects"), projects_of(desk)
    assert not set(LONG) & set(rows.table.column_names)
    whole = {row["project_id"]: row for row in table.to_pylist()}
    some = [*list(whole)[5:50:7], "nobody"]
    assert rows.some(some) == {key: whole[key] for key in some[:-1]}
    assert [list(row) for row in rows.some(some).values()] == [table.column_names] * (len(some) - 1)
    assert all(rows.get(key) == whole[key] for key in some[:-1]) and rows.get("nobody") == {}
    narrow = rows.some(some, {"name", "technology"})
    assert {tuple(row) for row in narrow.values()} <= {("project_id", "name", "technology"), tuple(sorted(
        ("project_id", "name", "technology"), key=table.column_names.index))}  # fmt: skip
    assert rows_of(desk, rows.places(some)).to_pylist() == [whole[key] for key in some[:-1]]
    twice = Rows(pa.table({"id": ["b", "a", "b"], "n": [1, 2, 3]}), "id")
    assert twice.get("b")["n"] == 1 == twice.some(["b"])["b"]["n"]
    assert twice.place == {"b": 0, "a": 1}


def test_rows_are_shown_as_one_by_one_and_only_to_whom_they_may_be(market: DashboardMarket) -> None:
    fund, organizer = desk_of("fund"), desk_of("organizer", "financing")
    ids = list(project_names(organizer, everything=True))[:40]
    for desk in (fund, organizer):
        told = shown_rows(desk, ids)
        assert told == {one: row for one in ids if (row := project(desk, one))}
    assert len(shown_rows(fund, ids)) < len(shown_rows(organizer, ids))


def test_readings_without_sentences_host_as_whole_ones(market: DashboardMarket, readings: list[Reading]) -> None:
    desk = desk_of("organizer", CHANNEL)
    view, lean = run_view(desk), lean_texts(desk)
    parks = [institution(desk, one) for one in institution_names(desk)]
    plain = [park for park in parks if not needs_sentences(read_institution(park))]
    assert len(plain) > 5
    for park in plain:
        states = [park, {**park, "capacity_m2": 1e6}]
        told = [hosting(view, channels()[CHANNEL], states, desk.system.settings, texts) for texts in (lean, readings)]
        for name in ("answers", "facilities", "needed"):
            np.testing.assert_array_equal(getattr(told[0], name), getattr(told[1], name))
    assert [set(links_of_project(one)) for one in lean] == [set(links_of_project(one)) for one in readings]


def by_hand(desk: Desk, park_id: str, extension: Extension, readings: list[Reading]) -> list[tuple[object, ...]]:
    """Candidates of a park in their order, project by project."""
    view, park = run_view(desk), institution(desk, park_id)
    ids = view.projects.column("project_id").to_pylist()
    moved_in = tenants(view.outcomes, view.projects, park_id)
    left = area_left(park.get("capacity_m2"), moved_in["space_m2"])
    there, stated = links_of_park(read_institution(park))
    for tenant in moved_in["project_id"]:
        if tenant in ids:
            there |= {leaf: "" for leaf in links_of_project(readings[ids.index(tenant)]) if leaf not in there}
    missing = gaps(there, {leaf: told for leaf, told in stated.items() if leaf not in there})
    order = {gap.sector: number for number, gap in enumerate(missing)}
    now = {**park, "capacity_m2": left}
    more = {**now, "facilities": [*(park.get("facilities") or []), *extension.facilities] or None}
    if extension.area_m2:
        more["capacity_m2"] = (left or 0.0) + extension.area_m2
    told = hosting(view, channels()[CHANNEL], [now, more], desk.system.settings, readings)
    names, free = project_names(desk, everything=True), may_rank(view.projects, view.awards, CHANNEL)
    found = []
    for row, key in enumerate(ids):
        if key in names and free[row] and key not in set(moved_in["project_id"]):
            fills = sorted((leaf for leaf in links_of_project(readings[row]) if leaf in order), key=order.__getitem__)
            rules = dict(zip(told.rules, told.answers[1, row].tolist(), strict=True))
            needed = {told.codes[at]: int(told.facilities[1, row, at]) for at in np.flatnonzero(told.needed[row])}
            overall = told.overall[:, row].tolist()
            found.append((key, tuple(fills), *overall, rules, needed))
    return sorted(found, key=lambda one: (-one[3], not one[1], min((order[leaf] for leaf in one[1]), default=0)))


@pytest.mark.parametrize("extension", [Extension(), Extension(3000.0, ("clean_room",))])
def test_a_plan_has_the_candidates_that_whole_readings_give(
    market: DashboardMarket, readings: list[Reading], extension: Extension
) -> None:
    desk = desk_of("organizer", CHANNEL)
    parks = list(institution_names(desk))
    own = [one for one in parks if needs_sentences(read_institution(institution(desk, one)))]
    for park in (*parks[:4], *own[:2]):
        told = plan(visitor_of(desk), desk, park, extension)
        listed = [(one.project_id, one.fills, one.now, one.then, one.rules, one.facilities) for one in told.candidates]
        assert listed == by_hand(desk, park, extension, readings)
        first = told.candidates[0]
        assert dict(first.row) == project(desk, first.project_id)
        assert first.row.get("province") == project(desk, first.project_id)["province"]


def test_a_park_with_words_of_its_own_is_asked_with_whole_readings_in_parts(
    market: DashboardMarket, readings: list[Reading], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of("organizer", CHANNEL)
    park = list(institution_names(desk))[4]
    monkeypatch.setattr(hosting_queries, "needs_sentences", lambda reading: True)
    monkeypatch.setattr(hosting_queries, "lean_texts", lambda desk: pytest.fail("without sentences"))
    monkeypatch.setattr(run_parts, "PART", 50)
    told = plan(visitor_of(desk), desk, park, Extension())
    listed = [(one.project_id, one.fills, one.now, one.then, one.rules, one.facilities) for one in told.candidates]
    assert listed == by_hand(desk, park, Extension(), readings)


def test_what_would_help_is_told_as_of_all_projects(market: DashboardMarket, readings: list[Reading]) -> None:
    desk = desk_of("organizer", "financing")
    frame, view = standings(visitor_of(desk), desk), run_view(desk)
    free = np.flatnonzero(may_rank(view.projects, view.awards, "financing")).tolist()
    told = smallest_changes(view, channels()["financing"], desk.system.settings, readings, free)
    ids = view.projects.column("project_id").to_pylist()
    changes = {ids[row]: change for row, change in told.items()}
    asked = [*ids[::3], "nobody"]
    assert _changes(desk, asked) == {one: change for one, change in changes.items() if one in set(asked)}
    assert len({change.institutions for change in changes.values()}) > 5  # who would take it differs by project
    assert _changes(desk, []) == {}
    listed = frame[frame["count"] > 0].set_index("project_id")["count"].to_dict()
    pairs = pairs_of(desk.run, "financing")
    shown = {one for one in frame.loc[frame["why"] == "", "project_id"]}
    ranked = pairs.projects.code[pairs.projects.rank < data.run_pairs.NO_RANK]
    counts = np.bincount(ranked, minlength=pairs.projects.size)
    expected = dict(zip(pairs.projects.ids.to_pylist(), counts.tolist(), strict=True))
    assert {one: count for one, count in listed.items() if one in shown} == {
        one: count for one, count in expected.items() if count and one in shown
    }


def test_requests_are_those_of_masked_texts_read_one_by_one(market: DashboardMarket) -> None:
    desk = desk_of("service")
    names, masks = project_names(desk, everything=False), searched(desk)[2]
    assert masks
    masked = masked_projects(desk.run.table("projects"), masks)
    expected = {
        (project_id, one.value, one.inferred, one.sentence)
        for project_id, text in zip(
            masked.column("project_id").to_pylist(), read_texts(masked, "projects"), strict=True
        )
        if project_id in names
        for one in text.of("service", 1)
    }
    frame = requests(visitor_of(desk), desk)
    told = set(zip(*(frame[name] for name in ("project_id", "service", "inferred", "sentence")), strict=True))
    assert told == expected and expected
    assert frame["name"].tolist() == [names[one] for one in frame["project_id"]]
    order = frame.assign(bare=frame["sentence"] == "").sort_values(["inferred", "bare", "project_id", "service"])
    assert order.index.tolist() == list(range(len(frame)))


def test_only_anonymous_rows_of_a_part_are_changed(market: DashboardMarket) -> None:
    desk = desk_of("organizer", "financing")
    table, masks = desk.run.table("projects"), searched(desk)[2]
    told = masked_part(table, masks)
    hidden = [one in masks for one in table.column("project_id").to_pylist()]
    assert any(hidden) and told.column("project_id").to_pylist() == table.column("project_id").to_pylist()
    expected = masked_projects(table, masks)
    for row, (anonymous, found) in enumerate(zip(hidden, told.to_pylist(), strict=True)):
        assert found == (expected if anonymous else table).slice(row, 1).to_pylist()[0]
    assert masked_part(table, {}) is table


def test_what_recurs_is_told_as_of_all_projects(market: DashboardMarket, readings: list[Reading]) -> None:
    desk = desk_of("fund")
    mine = market.hostile[0]
    listed = list(project_names(desk, everything=False))[:12]
    for one in listed:
        write_decision(visitor_of(desk), desk, mine, one, "passed", reason="sector")
    desk = desk_of("fund")
    passes = pa.Table.from_pylist(
        [{"project_id": one, "institution_id": mine, "channel": "financing", "reason": "sector"} for one in listed]
    )
    expected = recurring(passes, "financing", desk.run.table("projects"), readings)
    assert recurring_of(visitor_of(desk), desk, mine) == expected and expected


def test_a_search_of_a_large_run_finds_words_and_betrays_nobody(
    market: DashboardMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of("fund")
    names = project_names(desk, everything=False)
    whole = {one.row["project_id"]: one for one in find(visitor_of(desk), desk, "电池 储能")}
    hidden = projects_of(desk).get(market.teaser[1])
    secret = f"{hidden['name']} {hidden['applicant']}"
    known = {one.row["project_id"]: one.words for one in find(visitor_of(desk), desk, secret)}
    monkeypatch.setattr(preselecting, "WHOLE", 10)
    monkeypatch.setattr(preselecting, "RANKED", 25)
    search_queries._hits.clear()
    found = find(visitor_of(desk), desk, "电池 储能")
    both = [one for one in whole.values() if len(one.words) == 2]
    assert both and {one.row["project_id"] for one in both} <= {one.row["project_id"] for one in found}
    assert {one.row["project_id"] for one in found} <= set(names) and len(found) <= 25
    assert [len(one.words) == 2 for one in found] == sorted((len(one.words) == 2 for one in found), reverse=True)
    asked = find(visitor_of(desk), desk, secret)
    assert asked and all(known.get(one.row["project_id"], one.words) == one.words for one in asked)
    assert all(one.words == words_in(one.row, words_of(secret)) for one in asked)
    assert find(visitor_of(desk), desk, "𠀀𠀁") == []
    search_queries._hits.clear()
