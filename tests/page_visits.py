"""Visiting a page without a browser, and a market's store to write into: what the tests of pages share."""

from __future__ import annotations

from pathlib import Path

import pytest
from dashboard_market import DashboardMarket, copied, draw_quickly
from streamlit.testing.v1 import AppTest

import app.dashboard
from app.dashboard.desk import Desk
from app.dashboard.queries import listing
from app.dashboard.roles import ROLES
from app.dashboard.visitor import Visitor
from data.store import Store

MAIN = Path(app.dashboard.__file__).parent / "main.py"
FUND = Visitor("zh", ROLES["fund"], "financing")
SERVICE = Visitor("zh", ROLES["service"], "services")
ORGANIZER = Visitor("zh", ROLES["organizer"], "financing")


def use(market: DashboardMarket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages read the store of a market."""
    for name, value in market.env.items():
        monkeypatch.setenv(name, value)
    draw_quickly(monkeypatch)


def copy_of(market: DashboardMarket, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of one's own to write into, with the runs of the market; pages read it."""
    own = copied(market, folder)
    monkeypatch.setenv("DUIJIE_STORE", str(own.store))
    return own.system.store


def visit(**params: str) -> AppTest:
    """The page that an address opens."""
    page = AppTest.from_file(str(MAIN), default_timeout=60)
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception[0].message
    return page


def texts_of(page: AppTest) -> str:
    """What a page says in its running text."""
    return "\n".join(str(one.value) for kind in (page.text, page.caption, page.info, page.error) for one in kind)


def first_of(desk: Desk, institution: str) -> str:
    """The first project of an institution's list."""
    return str(listing(desk, "institutions", institution, everything=False).frame["listed"].iloc[0])


def row_of(market: DashboardMarket, project_id: str) -> dict[str, object]:
    """A project as it is stored."""
    return next(row for row in market.system.store.current("projects").to_pylist() if row["project_id"] == project_id)
