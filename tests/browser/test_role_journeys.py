"""The whole way of each role through its pages in a real browser, in the open demonstration."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from dashboard_market import DashboardMarket
from serving import CHROMIUM, settle, visit

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: run tests/browser/setup.sh"),
]
FUND = "SAMPLE-I003"
CARD = '[class*="st-key-go_"] button'
REQUEST = '[class*="st-key-card_request_"]'
FACTS = '[class*="st-key-facts_"]'


def to_view(page: Any, name: str) -> None:
    """Choose a page in the sidebar."""
    page.get_by_test_id("stSidebar").get_by_text(name, exact=True).click()
    page.wait_for_function(f"() => document.querySelector('h1')?.innerText === {name!r}")
    settle(page)


def in_address(page: Any, name: str) -> str:
    return parse_qs(urlsplit(page.url).query).get(name, [""])[0]


def test_the_way_of_a_fund_manager(page: Any, address: str, market: DashboardMarket) -> None:
    """List, match, shortlist, comparison, search by words, a sheet in Word, and what was decided."""
    visit(page, address, f"role=fund&inst={FUND}")
    page.locator(CARD).nth(1).click()
    page.wait_for_url("**project=*")
    project = in_address(page, "project")
    page.locator(FACTS, has_text=project).wait_for()
    settle(page)
    page.get_by_role("button", name="加入候选").click()
    page.get_by_text("已入围").first.wait_for()
    page.get_by_text(re.compile("^加入对比")).click()
    page.wait_for_url(f"**cmp={project}*")
    to_view(page, "项目对比")
    assert project in page.locator('[class*="st-key-compare_table"]').inner_text()
    to_view(page, "全文搜索")
    box = page.get_by_role("textbox").first
    box.fill("储能 电池")
    box.press("Enter")
    page.locator('[class*="st-key-go_hit_"] button').first.wait_for()
    settle(page)
    page.get_by_role("tab", name="项目资料").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("Word")).first.click()
    assert waiting.value.suggested_filename.endswith(".docx")
    to_view(page, "我的决定")
    assert page.locator(f'[class*="st-key-decided_{project}"]').first.is_visible()
    entries = market.system.store.journal("decision")
    assert [entry["payload"]["state"] for entry in entries if entry["payload"]["project_id"] == project] == [
        "shortlisted"
    ]


def _wait_for_pair(page: Any) -> None:
    """Wait for the page of a pair: a click in a part of a page ends that part's script before the new page begins."""
    page.locator("h1").filter(has_text=re.compile("推荐项目|为何没有推荐")).wait_for()
    settle(page)


def test_the_way_of_a_park_operator(page: Any, address: str) -> None:
    """What is missing in the chain, who would fill it, what an extension adds, and one candidate in full."""
    visit(page, address, "role=park&view=hosting&inst=SAMPLE-I059")
    assert page.get_by_test_id("stMetricValue").count() >= 4
    area = page.get_by_label("如果再增加面积（平方米）")
    area.fill("5000")
    area.press("Enter")
    page.get_by_text("按此扩建").wait_for()
    settle(page)
    card = page.locator('[class*="st-key-go_host_"] button').first
    name = card.inner_text()
    card.click()
    page.wait_for_url("**project=*")
    _wait_for_pair(page)
    assert page.locator("h1").inner_text() in ("推荐项目", "为何没有推荐？")
    assert name.rstrip("…")[:8] in page.get_by_test_id("stMain").inner_text()
    to_view(page, "项目分布")
    assert page.locator("[data-testid=stMain] svg").count() >= 1


def test_the_way_of_a_service_platform(page: Any, address: str) -> None:
    """Requests with the sentence that asks, stated ones only, and the project behind one."""
    visit(page, address, "role=service&view=requests")
    cards = page.locator('[class*="st-key-go_request_"] button')
    assert cards.count() > 0
    page.get_by_text("只看明确提出的").click()
    settle(page)
    assert page.locator(REQUEST).get_by_text("推断", exact=True).count() == 0
    cards.first.click()
    page.wait_for_url("**project=SAMPLE-P*")
    _wait_for_pair(page)
    assert page.locator("h1").inner_text() in ("推荐项目", "为何没有推荐？")
    assert page.locator('[class*="st-key-title_"]').inner_text()


def test_the_way_of_an_organizer(page: Any, address: str) -> None:
    """The state of every project, a list of one institution, rules that fail, data quality, and the runs."""
    visit(page, address, "role=organizer&channel=financing")
    assert page.locator("[data-testid=stMetric]").count() == 6
    for name in ("项目状态", "按机构查看", "未通过规则", "成效漏斗", "数据质量", "运行对比"):
        to_view(page, name)
        assert page.locator("[data-testid=stException]").count() == 0, name
    page.get_by_test_id("stSidebar").get_by_text("落地入驻园区").click()
    page.wait_for_url("**channel=placement*")
    to_view(page, "落地规划")
    assert page.get_by_test_id("stMetricValue").count() >= 4


def test_a_page_of_another_role_is_not_in_the_sidebar_and_not_at_its_address(page: Any, address: str) -> None:
    visit(page, address, "role=fund&view=hosting")
    assert page.locator("h1").inner_text() == "推荐项目"
    assert page.get_by_test_id("stSidebar").get_by_text("落地规划").count() == 0


def test_the_keyboard_opens_a_match(page: Any, address: str) -> None:
    visit(page, address, f"role=fund&inst={FUND}")
    page.locator(CARD).nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**project=*")
    page.locator(FACTS, has_text=in_address(page, "project")).wait_for()
