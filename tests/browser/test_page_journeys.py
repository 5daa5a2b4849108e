"""Journeys of fund managers and park operators through their pages in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from dashboard_market import DashboardMarket
from serving import CHROMIUM, settle, visit

from app.saved_searches import saved_searches

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: run tests/browser/setup.sh"),
]
CARD = '[class*="st-key-go_"] button'
MARK = '[class*="st-key-mark_"]'


def test_a_passed_project_leaves_the_list_and_comes_back(page: Any, address: str) -> None:
    visit(page, address, "role=fund&inst=SAMPLE-I003")
    first = page.locator(CARD).first.inner_text().split("\u2002")[1]
    page.get_by_role("button", name="婉拒").click()
    page.get_by_role("combobox", name="婉拒的理由").click()
    page.get_by_role("option", name="金额不符").click()
    page.get_by_role("button", name="确认").click()
    page.get_by_text("显示已婉拒和暂缓的 1 个项目").wait_for()
    settle(page)
    assert first not in page.locator(CARD).first.inner_text()
    visit(page, address, "role=fund&inst=SAMPLE-I003&view=decisions")
    assert page.get_by_text("已婉拒 · 金额不符").is_visible()
    page.get_by_role("button", name="撤销决定").click()
    page.get_by_text("还没有作出决定").wait_for()


def test_evidence_is_marked_inside_the_running_text(page: Any, address: str) -> None:
    visit(page, address, "role=fund&inst=SAMPLE-I008")
    cards = page.locator(CARD).count()
    for number in range(cards):
        page.locator(CARD).nth(number).click()
        settle(page)
        page.get_by_role("tab", name="全文与依据").click()
        if page.locator(MARK).count():
            break
    mark = page.locator(MARK).first
    mark.wait_for()
    assert mark.evaluate("one => getComputedStyle(one).display") == "inline"
    color = mark.locator("[data-testid=stText]").evaluate("one => getComputedStyle(one).backgroundColor")
    assert color not in ("rgba(0, 0, 0, 0)", "transparent")


def test_hostile_text_is_searched_compared_and_marked_as_text(page: Any, address: str, market: DashboardMarket) -> None:
    institution, hostile = market.hostile
    for query in (
        f"role=fund&view=search&q=电池&inst={institution}&project={hostile}",
        f"role=fund&view=compare&inst={institution}&cmp={hostile}",
        f"role=fund&inst={institution}&project={hostile}",
        "role=park&view=hosting&inst=SAMPLE-I061",
        "role=organizer&view=standing&channel=placement",
    ):
        visit(page, address, query)
        assert page.evaluate("window.hit === undefined"), query
        assert page.locator("a[href*='example.com']").count() == 0, query
        assert page.locator("[data-testid=stException]").count() == 0, query


def test_a_text_is_saved_and_opened_again_from_the_alerts(page: Any, address: str, market: DashboardMarket) -> None:
    visit(page, address, "role=fund&view=search&inst=SAMPLE-I005&q=储能电池")
    first = page.locator(CARD).first.inner_text()
    page.get_by_role("button", name="已存搜索（0）").click()
    name = page.get_by_label("将当前搜索文字保存为")
    name.fill("储能")
    name.press("Enter")
    page.get_by_role("button", name="已存搜索（1）").wait_for()
    settle(page)
    visit(page, address, "role=fund&view=alerts&inst=SAMPLE-I005")
    assert page.get_by_text("文字：“储能电池”").is_visible() and page.get_by_text("尚未查看").is_visible()
    page.get_by_role("button", name="打开搜索").click()
    page.wait_for_url("**view=search*")
    page.locator('[class*="st-key-go_hit_"] button').first.wait_for()
    settle(page)
    assert page.locator(CARD).first.inner_text() == first
    (kept,) = saved_searches(market.system.store, "SAMPLE-I005", "financing")
    assert (kept.page, kept.value) == ("search", "储能电池")
    visit(page, address, "role=fund&view=alerts&inst=SAMPLE-I005")
    assert page.get_by_text("没有新项目").is_visible()


def test_a_park_asks_what_if(page: Any, address: str) -> None:
    visit(page, address, "role=park&view=hosting&inst=SAMPLE-I059")
    area = page.get_by_label("如果再增加面积（平方米）")
    area.fill("2000")
    area.press("Enter")
    page.get_by_text("按此扩建").wait_for()
    settle(page)
    assert page.locator('[class*="st-key-chart_"] svg').count() >= 2  # the links, and the map
