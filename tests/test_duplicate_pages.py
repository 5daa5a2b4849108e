"""The organizer's pages of duplicates and conflicts as they are drawn: plain text, decisions, empty states."""

from __future__ import annotations

import pytest
from dashboard_market import FORMULA, SCRIPT, DashboardMarket
from deciding import call, conflicts_found, desk, keys, look, messages, visitor
from duplicate_market import verdicts
from page_visits import texts_of, visit

from app.dashboard.conflict_queries import confirm_conflict
from app.dashboard.duplicate_queries import decided_pairs, keep_apart
from app.dashboard.shown_strings import catalogue, say
from app.dashboard.views import duplicates as duplicates_page
from app.same_project import DIFFERENT, SAME
from app.wording import LANGUAGES

pytestmark = pytest.mark.slow  # whole pages are drawn


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["A|B", "E|F", "G|H"])
def test_the_page_shows_a_pair_as_plain_text(duplicates: DashboardMarket, language: str, key: str) -> None:
    page = look("duplicates", language, pair=key)
    assert page.title[0].value == catalogue()["view.duplicates"][language == "en"]
    told = texts_of(page)
    assert not any(SCRIPT in str(one.value) for one in page.markdown)
    if key == "A|B":
        assert SCRIPT.split("<img")[0] in "".join(text.value for text in page.text)
        assert any(FORMULA in text.value for text in page.text)
        assert "13800138000" not in told
        assert all("<script>" not in one.label.replace("\\<", "") for one in page.button)
    if key == "E|F":
        assert "澄野光伏膜" not in told and say("pair.teaser", language) in told
    if key == "G|H":
        assert "阀芯" not in told and say("pair.hidden", language) in messages(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_merge_reject_and_undo_on_the_page(duplicates: DashboardMarket, language: str) -> None:
    store = duplicates.system.store
    page = look("duplicates", language, pair="A|B")
    assert page.radio(key="kept_A|B").value == "A"  # the fuller one is proposed
    page.radio(key="kept_A|B").set_value("B").run()
    page.button(key="same_A|B").click().run()
    assert not page.exception and say("pair.merged", language) in messages(page)
    assert store.merges() == {"A": "B"}
    page = look("duplicates", language)
    page.button(key="different_C|D").click().run()
    assert say("pair.parted", language) in messages(page)
    page = look("duplicates", language, tab="decided")
    told = decided_pairs(desk())
    assert [one["verdict"] for one in told] == [DIFFERENT, SAME]
    page.button(key=f"undo_pair_{told[1]['seq']}").click().run()
    assert say("pair.undone", language) in messages(page)
    assert store.merges() == {} and sorted(keys()) == ["A|B", "E|F", "G|H"]


def test_a_stale_decision_is_told_on_the_page(duplicates: DashboardMarket) -> None:
    page = look("duplicates", pair="A|B")
    call(duplicates, "merge", "X", "B")
    page.button(key="same_A|B").click().run()
    assert not page.exception
    told = " ".join(messages(page))
    assert "不在这份清单里" in told  # the click finds the pair gone already, and the page says so
    assert [action for action, _ in verdicts(duplicates.system.store)] == ["merge"]
    assert duplicates.system.store.merges() == {"B": "X"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_to_decide_and_links_that_name_nothing(duplicates: DashboardMarket, language: str) -> None:
    page = look("duplicates", language, pair="nobody|x")
    assert say("list.not_here", language) in messages(page)
    assert say("duplicates.none_decided", language) in messages(look("duplicates", language, tab="decided"))
    assert say("conflicts.none_confirmed", language) in messages(look("conflicts", language, tab="confirmed"))
    for key in keys():
        keep_apart(visitor(), desk(), *key.split("|"))
    for ids in conflicts_found():
        confirm_conflict(visitor(), desk(), *ids, "已告知（样例）")
    assert say("duplicates.none", language) in messages(look("duplicates", language))
    assert say("conflicts.none", language) in messages(look("conflicts", language))


def test_a_large_store_is_compared_when_somebody_asks(
    duplicates: DashboardMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates_page, "AT_ONCE", 5)
    page = look("duplicates")
    assert not any((button.key or "").startswith("same_") for button in page.button)
    page.button(key="duplicates_ask").click().run()
    assert any(button.key.startswith("same_") for button in page.button)


@pytest.mark.parametrize("view", ["duplicates", "conflicts"])
def test_another_role_has_no_such_page(duplicates: DashboardMarket, view: str) -> None:
    page = visit(role="fund", view=view)
    assert page.title[0].value != catalogue()[f"view.{view}"][0]
