"""The server and the browser that journeys share; a module's market is the one of ``tests/conftest.py``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dashboard_market import DashboardMarket
from serving import chromium, served, strangers


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


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
