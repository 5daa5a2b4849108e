"""The market, the server and the browser that journeys share: the market is written once, a module has its own copy."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from dashboard_market import DashboardMarket, write_market
from serving import chromium, served, strangers

from app.system import System
from data.store import Store
from matcher.settings import Settings


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> DashboardMarket:
    """The market that modules copy; nobody writes into it."""
    return write_market(tmp_path_factory.mktemp("written"))


@pytest.fixture(scope="module")
def market(written: DashboardMarket, tmp_path_factory: pytest.TempPathFactory) -> DashboardMarket:
    """A market of the module's own, in the open demonstration."""
    store = Store(tmp_path_factory.mktemp("market") / "market.duckdb")
    shutil.copy(written.store, store.path)
    shutil.copytree(written.system.store.runs_folder, store.runs_folder)
    return dataclasses.replace(written, store=store.path, system=System(store, Settings(encoder="none")))


@pytest.fixture(scope="module")
def address(market: DashboardMarket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the module's market is served."""
    with served(market.env, tmp_path_factory.mktemp("log") / "server.log") as url:
        yield url


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page at 1440 px; whatever the journey was, no request left this machine and no script failed."""
    context = browser.new_context(viewport={"width": 1440, "height": 1100}, locale="zh-CN")
    context.set_default_timeout(30_000)
    page = context.new_page()
    urls: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert len(urls) > 2
    assert strangers(urls) == []
    assert errors == []
