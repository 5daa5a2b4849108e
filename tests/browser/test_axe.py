"""Every page fits every width, and axe finds nothing serious on it outside ``axe_exceptions.csv``, which says why."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from serving import CHROMIUM, EXCEPTIONS, serious_findings, visit

from app.dashboard.roles import DEMONSTRATED, ROLES
from app.dashboard.viewing import all_views

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: run tests/browser/setup.sh"),
]
WIDTHS = (768, 390)
"""Pixels; the page is drawn at 1440 first."""
SHORT = 6
"""Rows that the list of exceptions may have."""


def role_of(view: str) -> str:
    """The first role of the open demonstration that has a page; empty where only accounts have it."""
    roles = all_views()[view].roles
    return next((name for name in DEMONSTRATED if {*ROLES[name].kinds, name} & set(roles)), "")


DEMONSTRATED_PAGES = [view for view in all_views() if role_of(view)]


@pytest.mark.parametrize("view", DEMONSTRATED_PAGES)
def test_a_page_fits_every_width_and_has_nothing_serious(page: Any, address: str, view: str) -> None:
    language = ("zh", "en")[DEMONSTRATED_PAGES.index(view) % 2]
    visit(page, address, f"role={role_of(view)}&view={view}&lang={language}&q=电池")
    assert page.locator("[data-testid=stException]").count() == 0
    assert serious_findings(page, view) == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)  # the layout follows the width
        assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth"), width


def test_the_list_of_exceptions_is_short_and_says_why() -> None:
    rows = list(csv.DictReader(EXCEPTIONS.read_text("utf-8").splitlines()))
    assert 0 < len(rows) <= SHORT
    assert all(row["page"] in {"*", *all_views()} and row["rule"] and len(row["why"]) > 20 for row in rows)
