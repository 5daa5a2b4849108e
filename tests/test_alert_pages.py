"""The page of saved searches: what is new to whom, by the filters of the list; renamed, deleted, put into digests."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from dashboard_market import desk_of
from page_visits import FUND, ORGANIZER, first_of, texts_of, visit
from streamlit.testing.v1 import AppTest

from app.dashboard.alert_queries import alerts_of, change_search, look_at
from app.dashboard.decision_queries import keep_search, write_decision
from app.dashboard.facts_queries import with_facts
from app.dashboard.queries import listing
from app.dashboard.shown_strings import catalogue
from app.feedback import PASSED
from app.list_filters import Filters, narrow
from app.new_matches import new_matches
from app.project_facts import FACTS
from app.saved_searches import SavedSearch, saved_searches
from app.system import System
from data.problem import DuijieError
from data.store import Store
from matcher.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("own_store")]  # whole pages are drawn
FUND_ID = "SAMPLE-I001"
ALL = SavedSearch("全部", "list", "")


def list_with_facts(institution: str) -> pd.DataFrame:
    """The institution's list with all that a filter may ask for."""
    desk = desk_of("fund")
    return with_facts(FUND, desk, listing(desk, "institutions", institution, everything=False).frame)


def one_filter_each(frame: pd.DataFrame) -> dict[str, Filters]:
    """A choice of every facet, of words, sector and score, each of which leaves something and takes something away."""
    found = {"least": Filters(least=float(frame["score"].median()))}
    for name in ("province", "stage", "group", *FACTS):
        cells = frame[name].map(lambda cell: cell if isinstance(cell, list) else [cell] if cell else [])
        counts = cells.explode().dropna().value_counts()
        value = next((str(value) for value, count in counts.items() if count < len(frame)), "")
        if value:
            found[name] = Filters(facets={name: (value,)})
    sector = next(one for labels in frame["sectors"] for one in labels)
    return found | {"sector": Filters(sector=sector[:2]), "text": Filters(text=str(frame["name"].iloc[0])[:4])}


def test_a_digest_tells_what_the_list_shows_under_every_saved_facet(own_store: Store) -> None:
    frame = list_with_facts(FUND_ID)
    wanted = one_filter_each(frame)
    assert {"branches", "funding_round", "ticket", "award", "rights"} <= set(wanted)
    for name, filters in wanted.items():
        keep_search(FUND, desk_of("fund"), FUND_ID, SavedSearch(name, "list", filters.to_value()))
    told = {one.kept.search.name: one for one in new_matches(System(own_store, Settings(encoder="none")), date.today())}
    shorter = 0
    for name, filters in wanted.items():
        shown = list(narrow(frame, filters)["listed"])
        rows = told[name].rows if name in told else []
        assert [row["project_id"] for row in rows] == shown, name
        assert not told[name].ignored if name in told else True
        shorter += 0 < len(shown) < len(frame)
    assert shorter >= len(wanted) - 1
    page = {one.search.name: [row["listed"] for row in one.new] for one in alerts_of(FUND, desk_of("fund"), FUND_ID)}
    assert page == {name: list(narrow(frame, filters)["listed"]) for name, filters in wanted.items()}


def test_what_was_looked_at_is_not_new_to_that_person_and_is_to_another() -> None:
    keep_search(FUND, desk_of("fund"), FUND_ID, ALL)
    (before,) = alerts_of(FUND, desk_of("fund"), FUND_ID)
    assert not before.looked and len(before.new) == before.found > 0
    look_at(FUND, desk_of("fund"), FUND_ID, ALL)
    (after,) = alerts_of(FUND, desk_of("fund"), FUND_ID)
    assert after.looked and not after.new and after.found == before.found
    (organizer,) = alerts_of(ORGANIZER, desk_of("organizer"), FUND_ID)
    assert not organizer.looked and len(organizer.new) == before.found
    change_search(FUND, desk_of("fund"), FUND_ID, ALL, name="改名")
    (renamed,) = alerts_of(FUND, desk_of("fund"), FUND_ID)
    assert renamed.search.name == "改名" and renamed.looked and not renamed.new
    keep_search(FUND, desk_of("fund"), FUND_ID, renamed.search, forget=True)
    assert alerts_of(FUND, desk_of("fund"), FUND_ID) == []


def test_looking_twice_writes_once_and_a_passed_project_is_not_new(own_store: Store) -> None:
    first = first_of(desk_of("fund"), FUND_ID)
    keep_search(FUND, desk_of("fund"), FUND_ID, ALL)
    write_decision(FUND, desk_of("fund"), FUND_ID, first, PASSED, reason="sector")
    (alert,) = alerts_of(FUND, desk_of("fund"), FUND_ID)
    assert first not in [row["listed"] for row in alert.new]
    for _ in range(2):
        look_at(FUND, desk_of("fund"), FUND_ID, ALL)
    look_at(FUND, desk_of("fund"), FUND_ID, SavedSearch("没有这个", "list", ""))
    (entry,) = own_store.journal("search.seen")
    assert entry["payload"]["projects"] == [row["listed"] for row in alert.new]


def test_only_the_institution_changes_its_searches() -> None:
    keep_search(FUND, desk_of("fund"), FUND_ID, ALL)
    with pytest.raises(DuijieError, match="permitted"):
        change_search(ORGANIZER, desk_of("organizer"), FUND_ID, ALL, name="x")
    with pytest.raises(DuijieError, match="permitted"):
        alerts_of(FUND, desk_of("fund"), "SAMPLE-I061")  # an institution of another channel
    with pytest.raises(DuijieError) as error:
        change_search(FUND, desk_of("fund"), FUND_ID, SavedSearch("没有这个", "list", ""), name="x")
    assert error.value.code == "search.unknown"


def button(page: AppTest, kind: str) -> object:
    return next(one for one in page.button if str(one.key).startswith(f"{kind}_"))


def test_the_page_opens_the_list_with_the_search_and_marks_it_as_seen(own_store: Store) -> None:
    province = str(list_with_facts(FUND_ID)["province"].iloc[0])
    value = Filters(facets={"province": (province,)}).to_value()
    keep_search(FUND, desk_of("fund"), FUND_ID, SavedSearch("本省 **x**", "list", value))
    page = visit(role="fund", view="alerts", inst=FUND_ID)
    assert "本省 **x**" in [one.value for one in page.text]
    assert province in texts_of(page)
    button(page, "alertopen").click().run()  # type: ignore[attr-defined]
    assert not page.exception
    assert page.title[0].value == catalogue()["view.matches"][0]
    expected = int((list_with_facts(FUND_ID)["province"] == province).sum())
    assert f"共 {expected} 条" in texts_of(page)
    assert len(own_store.journal("search.seen")) == 1
    again = visit(role="fund", view="alerts", inst=FUND_ID, lang="en")
    assert not [one for one in again.button if str(one.key).startswith("alertseen_")]


def test_the_page_renames_deletes_and_takes_out_of_digests(own_store: Store) -> None:
    keep_search(FUND, desk_of("fund"), FUND_ID, ALL)
    page = visit(role="fund", view="alerts", inst=FUND_ID)
    next(one for one in page.toggle if one.key.startswith("alertdigest_")).set_value(False).run()
    assert not page.exception
    assert [one.digest for one in saved_searches(own_store, FUND_ID, "financing")] == [False]
    next(one for one in page.text_input if one.key.startswith("alertname_")).set_value("新名").run()
    button(page, "alertrename").click().run()  # type: ignore[attr-defined]
    assert [(one.name, one.digest) for one in saved_searches(own_store, FUND_ID, "financing")] == [("新名", False)]
    button(page, "alertforget").click().run()  # type: ignore[attr-defined]
    assert not page.exception
    assert saved_searches(own_store, FUND_ID, "financing") == []
    assert catalogue()["alerts.none"][0] in texts_of(page)


def test_an_organizer_sees_the_searches_and_has_no_buttons_to_change_them() -> None:
    keep_search(FUND, desk_of("fund"), FUND_ID, ALL)
    page = visit(role="organizer", view="alerts", inst=FUND_ID, channel="financing")
    assert "全部" in [one.value for one in page.text]
    kinds = ("alertdigest_", "alertrename_", "alertforget_")
    assert not [one for one in (*page.button, *page.toggle) if str(one.key).startswith(kinds)]
    button(page, "alertopen").click().run()  # type: ignore[attr-defined]
    assert page.title[0].value == catalogue()["view.by_institution"][0]
