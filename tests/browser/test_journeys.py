"""Journeys through the dashboard in a real browser."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from dashboard_market import SCRIPT, DashboardMarket
from serving import CHROMIUM, settle, visit

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: run tests/browser/setup.sh"),
]
OPENED = '[class*="st-key-title_"]'
FACTS = '[class*="st-key-facts_"]'
CARD = '[class*="st-key-go_"] button'
QUOTE = '[class*="st-key-quote_"]'


def test_a_fund_opens_a_match_and_sees_the_sentences(page: Any, address: str) -> None:
    visit(page, address, "role=fund&inst=SAMPLE-I001")
    assert page.get_by_text("示例数据（虚构）").is_visible()
    page.locator(CARD).nth(2).click()
    page.wait_for_url("**project=*")
    project = parse_qs(urlsplit(page.url).query)["project"][0]
    page.locator(FACTS, has_text=project).wait_for()
    settle(page)
    quotes = page.locator(QUOTE).all_inner_texts()
    assert any("项目原文" in quote for quote in quotes)
    assert any("机构原文" in quote for quote in quotes)
    page.reload()  # the address alone brings the match back
    settle(page)
    assert project in page.locator(FACTS).inner_text()
    page.get_by_role("tab", name="项目资料").click()
    assert page.locator('[class*="st-key-fields_"]').last.is_visible()


def test_markup_in_a_name_is_shown_as_text(page: Any, address: str, market: DashboardMarket) -> None:
    institution, hostile = market.hostile
    visit(page, address, f"role=fund&inst={institution}&project={hostile}")
    assert SCRIPT in page.locator(OPENED).inner_text()
    card = page.locator(f'[class*="{hostile}"] button').first.inner_text()
    assert "<script>window.hit=1</script>" in card
    assert page.evaluate("window.hit === undefined")
    assert page.locator("a[href*='example.com']").count() == 0
    assert page.locator("[class*='st-key-go_'] .katex, [class*='st-key-go_'] img").count() == 0
    visit(page, address, f"role=organizer&view=by_project&project={hostile}")
    visit(page, address, "role=organizer&view=ineligible")
    assert page.evaluate("window.hit === undefined")


def test_the_language_changes_and_the_rest_stays(page: Any, address: str) -> None:
    visit(page, address, "role=park")
    page.get_by_text("English", exact=True).click()
    page.wait_for_function("() => document.querySelector('h1').innerText === 'Recommended projects'")
    settle(page)
    assert "lang=en" in page.url and "role=park" in page.url
    assert page.locator('[class*="st-key-card_"]').count() > 0


def test_another_role_starts_afresh(page: Any, address: str) -> None:
    visit(page, address, "role=fund&inst=SAMPLE-I001")
    page.get_by_text("主办方").first.click()
    page.wait_for_function("() => document.querySelector('h1').innerText === '概况'")
    settle(page)
    assert "inst=" not in page.url
    assert page.locator("[data-testid=stMetric]").count() == 6


def test_a_table_has_no_download_of_its_own(page: Any, address: str) -> None:
    """The table's own download would write formulas as they come."""
    visit(page, address, "role=organizer&view=ineligible")
    page.get_by_test_id("stDataFrame").hover()
    toolbar = page.get_by_test_id("stElementToolbar").first
    assert "ownload" not in toolbar.inner_html()


def test_searching_narrows_and_paging_goes_on(page: Any, address: str) -> None:
    visit(page, address, "role=fund&inst=SAMPLE-I001")
    page.get_by_role("button", name="Page 2").click()
    page.locator(CARD, has_text=re.compile(r"^9\u2002")).wait_for()
    search = page.get_by_placeholder("名称、简介、关键词")
    search.fill("没有这样的词")
    search.press("Enter")
    page.get_by_text("没有符合筛选条件的条目").wait_for()


@pytest.mark.parametrize("form", ["CSV", "XLSX", "JSON"])
def test_a_list_is_downloaded(page: Any, address: str, form: str) -> None:
    visit(page, address, "role=fund&inst=SAMPLE-I001")
    page.get_by_role("button", name="导出").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=form).click()
    path = waiting.value.path()
    assert waiting.value.suggested_filename == f"duijie-financing-SAMPLE-I001.{form.lower()}"
    assert path.stat().st_size > 500


def test_why_not_a_project(page: Any, address: str, market: DashboardMarket) -> None:
    visit(page, address, f"role=fund&view=whynot&inst={market.hostile[0]}")
    box = page.get_by_placeholder("输入项目名称或编号")
    box.fill(market.hostile[1])
    box.press("Enter")
    page.locator('[class*="st-key-detail_whynot"]').wait_for()
    assert SCRIPT in page.locator(OPENED).inner_text()
