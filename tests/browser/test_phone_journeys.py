"""The dashboard on a phone: the first project at once, list or detail, and everything within a thumb's reach."""

from __future__ import annotations

from typing import Any

import pytest
from dashboard_market import DashboardMarket
from serving import CHROMIUM, serious_findings, settle, visit
from test_axe import DEMONSTRATED_PAGES, role_of

from app.lists import list_matches
from app.saved_searches import SavedSearch, save_search

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: run tests/browser/setup.sh"),
]
WIDTH, HEIGHT = 390, 844
LEAST = 44
"""Pixels that a button is high at least."""
FUND = "role=fund&inst=SAMPLE-I001"
CARD = '[class*="st-key-go_"] button'
DETAIL = '[class*="st-key-detail_"]'
FILTERS = '[class*="filters_"] input'
SWITCH = '[class*="st-key-filterswitch_"] button'
BACK = '[class*="st-key-back_"] button'
FOUND_LOW_OR_CUT = """(least) => {
  const own = one => one.closest('[class*="card_"], [data-testid="stTooltipIcon"], [role="toolbar"]');
  const fields = '[role="group"], [data-testid="stDateInput"], [data-testid="stNumberInput"]';
  const inside = one => one.querySelector(':scope > svg') && one.closest(fields);
  const found = [];
  for (const one of document.querySelectorAll('[data-testid="stMain"] button')) {
    const box = one.getBoundingClientRect();
    const toolbar = one.closest('[data-testid="stElementToolbar"]');
    if (!box.width || !box.height || own(one) || inside(one) || toolbar) continue;
    const name = one.innerText || one.ariaLabel || one.outerHTML.slice(0, 80);
    if (box.left < -1 || box.right > window.innerWidth + 1) found.push(name + ': cut off');
    if (box.height < least) found.push(name + ': ' + box.height);
  }
  return found;
}"""
"""Buttons that are too low or not wholly on the screen; not those that a larger target covers (cards, fields)."""


@pytest.fixture
def phone(page: Any) -> Any:
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    return page


def test_the_first_project_is_on_the_first_screen(phone: Any, address: str) -> None:
    for query in (FUND, f"{FUND}&lang=en", "role=organizer&view=by_project", "role=organizer&view=by_institution"):
        visit(phone, address, query)
        box = phone.locator(CARD).first.bounding_box()
        assert box["y"] + 100 < HEIGHT, (query, box)
        assert not phone.locator(FILTERS).first.is_visible()
    assert (
        not phone.get_by_test_id("stSidebar").is_visible() or phone.get_by_test_id("stSidebar").bounding_box()["x"] < 0
    )


def test_filters_open_and_shut_and_the_button_counts_them(phone: Any, address: str) -> None:
    visit(phone, address, f'{FUND}&f={{"least":1}}')
    switch = phone.locator(SWITCH)
    assert switch.inner_text() == "筛选 · 1 项"
    switch.press("Enter")  # by keyboard
    phone.get_by_role("button", name="收起筛选").wait_for()
    search = phone.get_by_placeholder("名称、简介、关键词")
    search.fill("没有这样的词")
    search.press("Enter")
    phone.get_by_text("没有符合筛选条件的条目").wait_for()
    assert "f=" in phone.url
    switch.click()
    phone.get_by_role("button", name="筛选 · 2 项").wait_for()
    assert not search.is_visible()


def test_a_match_stands_alone_until_one_goes_back(phone: Any, address: str) -> None:
    visit(phone, address, FUND)
    assert not phone.locator(DETAIL).is_visible()
    card = phone.locator(CARD).nth(5)
    card.scroll_into_view_if_needed()
    card.click()
    phone.wait_for_url("**project=*")
    phone.locator(BACK).wait_for()
    settle(phone)
    assert phone.locator(DETAIL).is_visible() and not card.is_visible()
    phone.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop === 0")
    assert serious_findings(phone) == []
    phone.reload()  # a link opens the match as well
    settle(phone)
    assert phone.locator(DETAIL).is_visible()
    phone.locator(BACK).click()
    phone.locator(CARD).first.wait_for()
    settle(phone)
    assert "project=" not in phone.url and not phone.locator(DETAIL).is_visible()


def test_a_page_chosen_in_the_sidebar_is_uncovered(phone: Any, address: str) -> None:
    visit(phone, address, FUND)
    phone.get_by_test_id("stExpandSidebarButton").click()
    phone.get_by_test_id("stSidebar").get_by_text("我的决定", exact=True).click()
    phone.wait_for_function("() => document.querySelector('h1')?.innerText === '我的决定'")
    phone.get_by_test_id("stExpandSidebarButton").wait_for()


def test_a_saved_search_is_opened_from_the_alerts(phone: Any, address: str, market: DashboardMarket) -> None:
    value = '{"ticket":["unknown"]}'
    save_search(market.system.store, "SAMPLE-I001", "financing", SavedSearch("未填金额", "list", value), actor="test")
    visit(phone, address, f"{FUND}&view=alerts")
    assert phone.get_by_text("尚未查看").is_visible() and phone.get_by_text("融资需求：未填写").is_visible()
    phone.get_by_role("button", name="打开清单").click()
    phone.wait_for_url("**view=matches*")
    phone.get_by_role("button", name="筛选 · 1 项").wait_for()
    visit(phone, address, f"{FUND}&view=alerts")
    assert phone.get_by_text("没有新项目").is_visible()


def test_a_comparison_shows_two_projects_side_by_side(phone: Any, address: str, market: DashboardMarket) -> None:
    rows = list_matches(market.system, "financing", "institutions", ["SAMPLE-I001"], consented_only=True).to_pylist()
    first, second, third = (row["project_id"] for row in rows[:3])
    visit(phone, address, f"{FUND}&view=compare&cmp={first},{second},{third}")
    head = phone.locator('[class*="st-key-comparerow_head"]')
    told = head.locator('[data-testid="stText"]:visible')
    assert [text.split("\n")[-1] for text in told.all_inner_texts()] == [first, second]
    left, right = (told.nth(place).bounding_box() for place in (0, 1))
    assert left["y"] == right["y"] and left["x"] + left["width"] <= right["x"]
    assert right["x"] + right["width"] <= WIDTH
    phone.get_by_test_id("stMain").get_by_role("radio", name="② ③").click()
    phone.wait_for_url("**two=23*")
    phone.wait_for_function(
        f"() => document.querySelector('[class*=st-key-cell_head_2]')?.innerText.includes('{third}')"
    )
    settle(phone)
    assert [text.split("\n")[-1] for text in told.all_inner_texts()] == [second, third]
    phone.evaluate("document.querySelector('[data-testid=stMain]').scrollTop = 900")
    assert 0 < told.first.bounding_box()["y"] < HEIGHT / 2  # the names stay in sight
    assert serious_findings(phone, "compare") == []


@pytest.mark.parametrize("view", DEMONSTRATED_PAGES)
def test_no_button_is_too_low_or_cut_off(phone: Any, address: str, view: str) -> None:
    language = ("en", "zh")[DEMONSTRATED_PAGES.index(view) % 2]
    visit(phone, address, f"role={role_of(view)}&view={view}&lang={language}&q=电池")
    assert phone.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= window.innerWidth")
    assert phone.evaluate(FOUND_LOW_OR_CUT, LEAST) == []
