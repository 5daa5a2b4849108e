"""An organizer decides in a real browser: records are merged, kept apart and parted again, a conflict is disclosed."""

from __future__ import annotations

from typing import Any

import pytest
from dashboard_market import DashboardMarket
from duplicate_market import verdicts, write_duplicates
from serving import CHROMIUM, serious_findings, settle, visit

from app.wording import word

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: run tests/browser/setup.sh"),
]
PAGE = "role=organizer&view=duplicates"
MAIN = "stMain"


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> DashboardMarket:
    """Records that may be one project and institutions in conflict."""
    return write_duplicates(tmp_path_factory.mktemp("deciding"))


def choose(page: Any, words: str) -> None:
    """Look at what waits or at what was decided."""
    page.get_by_test_id(MAIN).get_by_role("radio", name=words).click()
    settle(page)


def tell(page: Any, words: str) -> None:
    """Wait until the page says so."""
    page.get_by_test_id("stAlert").get_by_text(words).wait_for()
    settle(page)


def pair(page: Any, key: str) -> Any:
    """The card of a pair that waits."""
    return page.locator(f'[class*="st-key-go_pair_{key}"] button')


def test_two_records_are_merged_and_parted_again(page: Any, address: str, market: DashboardMarket) -> None:
    store, done = market.system.store, list(verdicts(market.system.store))
    visit(page, address, PAGE)
    pair(page, "C-D").click()
    page.wait_for_url("**pair=C%7CD*")
    settle(page)
    detail = page.locator('[class*="st-key-detail_pair_"]')
    assert "盐碱地改良颗粒（二期）" in detail.inner_text()
    assert detail.locator('[class*="st-key-mark_"]').count() > 0  # what differs is marked
    assert serious_findings(page, "duplicates") == []
    detail.get_by_text("② 盐碱地改良颗粒（二期）（D）").click()
    settle(page)
    page.get_by_role("button", name="是同一项目，合并").click()
    tell(page, "已合并")
    assert store.merges() == {"C": "D"}
    assert pair(page, "C-D").count() == 0
    visit(page, address, "role=organizer&view=by_project&channel=financing&project=C")
    assert page.get_by_text(word("merged", "zh")).is_visible()  # at once, before the next run
    visit(page, address, PAGE)
    choose(page, "已决定 1")
    card = page.locator('[class*="st-key-decidedpair_"]')
    card.get_by_text("保留：盐碱地改良颗粒（二期）（D）").wait_for()
    card.get_by_text("主办方").wait_for()
    settle(page)
    card.get_by_role("button", name="撤销").click()
    tell(page, "已撤销")
    choose(page, "待核对 4")
    pair(page, "C-D").wait_for()
    assert store.merges() == {}
    assert list(verdicts(store))[len(done) :] == [("merge", "organizer"), ("unmerge", "organizer")]


def test_two_that_are_different_are_not_asked_again(page: Any, address: str, market: DashboardMarket) -> None:
    done = len(list(verdicts(market.system.store)))
    visit(page, address, f"{PAGE}&pair=A%7CB")
    page.get_by_role("button", name="不是同一项目").click()
    tell(page, "已记为不同项目")
    assert pair(page, "A-B").count() == 0
    assert page.evaluate("window.hit === undefined")  # the name of A is hostile
    choose(page, "已决定 1")
    page.get_by_text("① 斜拉索探伤机器人").wait_for()
    page.locator('[class*="st-key-decidedpair_"]').get_by_role("button", name="撤销").click()
    tell(page, "已撤销")
    choose(page, "待核对 4")
    pair(page, "A-B").wait_for()
    assert [action for action, _ in verdicts(market.system.store)][done:] == ["differ", "undiffer"]


def test_a_conflict_is_disclosed_and_taken_back(page: Any, address: str, market: DashboardMarket) -> None:
    done = len(list(verdicts(market.system.store)))
    visit(page, address, "role=organizer&view=conflicts")
    search = page.get_by_placeholder("名称或编号")
    search.fill("盐碱地改良颗粒 二期 评审基金")
    search.press("Enter")
    card = page.locator('[class*="st-key-conflict_D_JUDGE"]')
    page.wait_for_function("() => document.querySelectorAll('[class*=\"st-key-conflict_\"]').length === 1")
    settle(page)
    assert "2023 届评审记录" in card.inner_text()
    card.get_by_role("button", name="确认已披露").click()
    card.get_by_text("须写明如何披露").wait_for()  # not without saying how it was disclosed
    assert len(list(verdicts(market.system.store))) == done
    card.get_by_label("如何披露、谁同意").fill("已书面告知双方（样例）")
    card.get_by_role("button", name="确认已披露").click()
    tell(page, "已确认")
    visit(page, address, "role=organizer&view=conflicts")
    choose(page, "已确认 1")
    told = page.locator('[class*="st-key-conflict_D_JUDGE"]')
    told.get_by_text("“已书面告知双方（样例）”").wait_for()
    told.get_by_text("主办方").wait_for()
    settle(page)
    told.get_by_role("textbox").fill("对方撤回同意（样例）")
    told.get_by_role("button").last.click()
    tell(page, "已收回")
    choose(page, "已确认 0")
    page.get_by_text("还没有确认过的利益冲突").wait_for()
    assert [action for action, _ in verdicts(market.system.store)][done:] == ["confirm", "unconfirm"]
