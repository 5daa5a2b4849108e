"""Decisions on a project, saved searches, and filters in the address."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dashboard_market import DashboardMarket, desk_of
from hypothesis import given
from hypothesis import strategies as st
from page_visits import FUND, ORGANIZER, first_of, texts_of, visit

from app.dashboard.decision_queries import (
    allowance_of,
    decisions_of,
    hidden_projects,
    keep_search,
    recurring_of,
    searches_of,
    write_decision,
)
from app.dashboard.parts.filters import Filters, from_value
from app.dashboard.queries import institution_names, listing, project_names
from app.dashboard.roles import ROLES
from app.dashboard.shown_strings import catalogue
from app.dashboard.visitor import Visitor
from app.feedback import MEETING, PASS_REASONS, PASSED, SHORTLISTED, SNOOZED, STATES, UNDONE
from app.saved_searches import SavedSearch
from data.declines import decline_label
from data.problem import DuijieError
from data.reference.regions import regions
from data.store import Store
from features.families.feedback import LEAST

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("pages")]  # whole pages are drawn


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
    assert next(box.value for box in page.text_input if box.key.startswith("text_")) == "电池"
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


def test_every_state_is_worded_and_the_page_offers_every_reason() -> None:
    assert {f"decision.{state}" for state in STATES} <= set(catalogue())
    page = visit(role="fund", inst="SAMPLE-I001", lang="en")
    box = next(box for box in page.selectbox if box.key.startswith("reason_"))
    assert box.options == [decline_label(reason, "en") for reason in PASS_REASONS]


def test_reasons_that_recur_are_told_on_the_page_of_decisions(own_store: Store) -> None:
    desk = desk_of("fund")
    frame = listing(desk, "institutions", "SAMPLE-I001", everything=False).frame
    province, rows = max(frame[frame["province"] != ""].groupby("province"), key=lambda group: len(group[1]))
    assert len(rows) >= LEAST
    for number, project in enumerate(rows["listed"][:LEAST]):
        assert recurring_of(FUND, desk_of("fund"), "SAMPLE-I001") == [], number
        write_decision(FUND, desk, "SAMPLE-I001", project, PASSED, reason="region")
    (told,) = recurring_of(FUND, desk_of("fund"), "SAMPLE-I001")
    assert (told.reason, told.count) == ("region", LEAST) and regions().label(str(told.value)) == province
    assert recurring_of(FUND, desk_of("fund"), "SAMPLE-I002") == []
    said = texts_of(visit(role="fund", inst="SAMPLE-I001", view="decisions"))
    assert f"{province} 项目 {LEAST} 次" in said


def test_what_is_left_of_the_introductions_is_told_the_same_to_both(market: DashboardMarket) -> None:
    rows = desk_of("fund").run.table("institutions").select(["institution_id", "attention", "kind"]).to_pylist()
    funds = [row for row in rows if row["institution_id"] in institution_names(desk_of("fund"))]
    named = next(row for row in funds if row["attention"])
    silent = next(row for row in funds if row["attention"] is None)
    told = allowance_of(FUND, desk_of("fund"), named["institution_id"])
    assert told and told.limit == named["attention"]
    assert told == allowance_of(ORGANIZER, desk_of("organizer"), named["institution_id"])
    line = f"本季可接受引荐数为 {told.limit} 件，已引荐 {told.introduced} 件"
    for role, view in (("fund", "matches"), ("organizer", "by_institution")):
        assert line in texts_of(visit(role=role, view=view, inst=named["institution_id"]))
        assert "本季可接受引荐数" not in texts_of(visit(role=role, view=view, inst=silent["institution_id"]))
