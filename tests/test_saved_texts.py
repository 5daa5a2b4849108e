"""Free-text searches that are kept: saved and called back on their page, told on the page of alerts and in digests."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pyarrow as pa
import pytest
from dashboard_market import DashboardMarket, desk_of
from page_visits import FUND, ORGANIZER, row_of, texts_of, visit
from streamlit.testing.v1 import AppTest

from app import found_texts, preselecting
from app.dashboard import search_queries
from app.dashboard.alert_queries import Alert, alerts_of, change_search, look_at
from app.dashboard.decision_queries import keep_search, searches_of, write_decision
from app.dashboard.search_queries import find
from app.dashboard.shown_strings import catalogue
from app.digests import digests
from app.feedback import PASSED
from app.new_matches import NewMatches, keep_told, new_matches
from app.saved_searches import LIST, TEXT, SavedSearch, saved_searches
from app.searching import MOST_FOUND
from app.system import System
from data.problem import DuijieError
from data.sample.generator import AS_OF
from data.store import Store
from data.tables import PROJECTS
from matcher.settings import Settings

FUND_ID, ASKED = "SAMPLE-I001", "储能电池 电站"
SEARCH = SavedSearch("储能", TEXT, ASKED)
NOTHING = pd.DataFrame(columns=["owner", "project_id"])
slow = pytest.mark.slow  # whole pages are drawn


def found() -> list[str]:
    """What the page of the search shows for the text."""
    return [str(one.row["project_id"]) for one in find(FUND, desk_of("fund"), ASKED)]


def alert() -> Alert:
    (told,) = alerts_of(FUND, desk_of("fund"), FUND_ID)
    return told


def fresh(store: Store) -> list[NewMatches]:
    return new_matches(System(store, Settings(encoder="none")), date.today())


def ids(rows: list[dict[str, object]], name: str) -> list[str]:
    return [str(row[name]) for row in rows]


def keep(search: SavedSearch = SEARCH) -> None:
    keep_search(FUND, desk_of("fund"), FUND_ID, search)


def key_of(page: AppTest, kind: str, prefix: str) -> str:
    return next(str(one.key) for one in page.get(kind) if str(one.key).startswith(prefix))


def test_page_alerts_and_digest_tell_the_same_of_a_saved_text(own_store: Store) -> None:
    keep()
    shown = found()
    assert len(shown) == MOST_FOUND
    told = alert()
    assert (told.search, told.found, told.looked) == (SEARCH, MOST_FOUND, False)
    assert ids(told.new, "listed") == shown
    (digest,) = fresh(own_store)
    assert ids(digest.rows, "project_id") == shown
    assert [row["name"] for row in digest.rows] == [row["name"] for row in told.new]
    assert [row["rank"] for row in digest.rows] == [row["rank"] for row in told.new] == list(range(1, MOST_FOUND + 1))


def test_what_was_told_or_looked_at_is_not_new_and_passed_projects_never_are(own_store: Store) -> None:
    keep()
    passed, *rest = found()
    write_decision(FUND, desk_of("fund"), FUND_ID, passed, PASSED, reason="sector")
    assert ids(alert().new, "listed") == rest
    matches = fresh(own_store)
    assert ids(matches[0].rows, "project_id") == rest
    keep_told(own_store, matches, actor="test")
    assert fresh(own_store) == []
    look_at(FUND, desk_of("fund"), FUND_ID, SEARCH)
    after = alert()
    assert after.looked and not after.new and after.found == len(rest)


def test_a_project_that_comes_with_the_next_run_is_new_and_alone(own_store: Store, market: DashboardMarket) -> None:
    keep()
    look_at(FUND, desk_of("fund"), FUND_ID, SEARCH)
    keep_told(own_store, fresh(own_store), actor="test")
    text = {"name": "新到项目（样例）", "summary": "储能电池用于电站。", "applicant": None, "profile": None}
    open_ = {"consent": ["financing"], "confidentiality": "public", "state": "active", "listed_at": None}
    row = {**row_of(market, market.hostile[1]), **text, **open_, "project_id": "NEW"}
    own_store.write({"projects": pa.Table.from_pylist([row], schema=PROJECTS.schema)}, [], actor="test", note={})
    System(own_store, Settings(encoder="none")).match(["financing"], AS_OF)
    assert "NEW" in found()
    assert ids(alert().new, "listed") == ["NEW"]
    (digest,) = fresh(own_store)
    assert ids(digest.rows, "project_id") == ["NEW"]
    text_of_digest = digests(AS_OF, [digest], NOTHING, NOTHING, [], {})[0].text
    assert "全文搜索的新项目" in text_of_digest and "新到项目（样例）" in text_of_digest


def test_a_list_and_a_text_may_have_one_name_and_stay_apart(own_store: Store) -> None:
    over_list = SavedSearch(SEARCH.name, LIST, "")
    keep()
    keep(over_list)
    assert {one.search.page for one in alerts_of(FUND, desk_of("fund"), FUND_ID)} == {LIST, TEXT}
    look_at(FUND, desk_of("fund"), FUND_ID, SEARCH)
    change_search(FUND, desk_of("fund"), FUND_ID, SEARCH, name="改名", digest=False)
    kept = saved_searches(own_store, FUND_ID, "financing")
    assert kept == [over_list, SavedSearch("改名", TEXT, ASKED, digest=False)]
    looked = {one.search.page: one.looked for one in alerts_of(FUND, desk_of("fund"), FUND_ID)}
    assert looked == {LIST: False, TEXT: True}
    assert [one.kept.search.page for one in fresh(own_store)] == [LIST]


def test_who_is_not_of_the_channel_hears_nothing_and_an_unknown_page_is_nobodys(own_store: Store) -> None:
    for institution, page in (("SAMPLE-I061", TEXT), (FUND_ID, "map")):
        payload = {"institution_id": institution, "channel": "financing", "name": "x", "page": page, "value": ASKED}
        own_store.append("x", "search.saved", payload)
    assert fresh(own_store) == []
    assert alerts_of(FUND, desk_of("fund"), FUND_ID) == []
    with pytest.raises(DuijieError, match="permitted"):
        look_at(FUND, desk_of("fund"), "SAMPLE-I061", SEARCH)


@slow
def test_a_text_is_saved_by_a_name_and_called_back(own_store: Store) -> None:
    page = visit(role="fund", view="search", inst=FUND_ID)
    assert page.text_input(key=key_of(page, "text_input", "savename_")).disabled  # nothing to save yet
    page = visit(role="fund", view="search", inst=FUND_ID, q=ASKED)
    page.text_input(key=key_of(page, "text_input", "savename_")).set_value("储能").run()
    assert not page.exception
    assert searches_of(FUND, desk_of("fund"), FUND_ID, TEXT) == {"储能": SEARCH}
    page = visit(role="fund", view="search", inst=FUND_ID, q="别的文字")
    page.selectbox(key=key_of(page, "selectbox", "saved_")).select("储能").run()
    assert not page.exception
    assert page.text_input(key="query_financing").value == ASKED
    first = next(one for one in page.button if str(one.key).startswith("go_hit_"))
    assert first.key == f"go_hit_{found()[0]}"
    page.selectbox(key=key_of(page, "selectbox", "forget_")).select("储能").run()
    assert searches_of(FUND, desk_of("fund"), FUND_ID, TEXT) == {}


@slow
def test_the_alerts_open_a_saved_text_where_it_is_searched(own_store: Store) -> None:
    keep()
    page = visit(role="fund", view="alerts", inst=FUND_ID)
    assert f"文字：“{ASKED}”" in texts_of(page).replace("\\", "")
    page.button(key=key_of(page, "button", "alertopen_")).click().run()
    assert not page.exception
    assert page.title[0].value == catalogue()["view.search"][0]
    assert page.text_input(key="query_financing").value == ASKED
    assert len(own_store.journal("search.seen")) == 1
    page = visit(role="fund", view="alerts", inst=FUND_ID, lang="en")
    assert not [one for one in page.button if str(one.key).startswith("alertseen_")]


@slow
def test_an_organizer_calls_a_text_back_and_keeps_none(own_store: Store) -> None:
    keep()
    page = visit(role="organizer", view="search", inst=FUND_ID, channel="financing")
    assert not [one for one in page.text_input if str(one.key).startswith("savename_")]
    page.selectbox(key=key_of(page, "selectbox", "saved_")).select("储能").run()
    assert page.text_input(key="query_financing").value == ASKED
    with pytest.raises(DuijieError, match="permitted"):
        change_search(ORGANIZER, desk_of("organizer"), FUND_ID, SEARCH, name="x")


def test_page_and_digest_choose_the_same_projects_of_a_large_run(
    own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preselecting, "WHOLE", 10)
    monkeypatch.setattr(preselecting, "RANKED", 25)
    monkeypatch.setattr(found_texts, "search_projects", lambda *_: pytest.fail("ranks every project"))
    monkeypatch.setattr(found_texts, "searched_view", lambda *_: pytest.fail("masks every project"))
    search_queries._hits.clear()
    keep()
    shown = found()
    assert 0 < len(shown) <= 25
    (digest,) = fresh(own_store)
    assert ids(digest.rows, "project_id") == shown
    search_queries._hits.clear()
