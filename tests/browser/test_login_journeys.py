"""Journeys with accounts in a real browser: in, refused, out; and imports and matches while the dashboard runs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest
from dashboard_market import DashboardMarket
from serving import CHROMIUM, free_port, serious_findings, settle, wait_until_drawn

from app.accounts.account import Account
from app.accounts.book import add_account
from app.accounts.file import AccountsFile
from app.accounts.sessions import FREE_TRIES, log_in
from app.dashboard.session import COOKIE
from data.tables import OUTCOMES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: run tests/browser/setup.sh"),
]
PASSWORD = "right horse 9"
ACCOUNTS = (
    Account("fund", "fund", institutions=("SAMPLE-I001",)),
    Account("forgetful", "fund", institutions=("SAMPLE-I001",)),
    Account("provincial", "organizer", region="320000"),
    Account("national", "organizer"),
    Account("boss", "admin"),
)


@pytest.fixture(scope="module", autouse=True)
def _accounts(market: DashboardMarket) -> None:
    """The accounts stand before the server starts: with the first of them the open demonstration is closed."""
    file = AccountsFile.beside(market.store)
    for account in (*ACCOUNTS, Account("owner", "owner", projects=(market.hostile[1],))):
        add_account(file, account, PASSWORD, actor="test")


def enter(page: Any, address: str, name: str, query: str = "", password: str = PASSWORD) -> None:
    """Ask for a page, and log in at the form that comes instead."""
    page.goto(f"{address}/?{query}")
    page.wait_for_selector("#name")
    submit(page, name, password)


def submit(page: Any, name: str, password: str) -> None:
    page.fill("#name", name)
    page.fill("#password", password)
    page.locator("button[type=submit]").click()


def test_the_page_that_was_asked_for_opens_after_the_login(page: Any, address: str) -> None:
    enter(page, address, "fund", "view=whynot&lang=en")
    settle(page)
    assert page.locator("h1").inner_text() == "Why not?"
    assert parse_qs(urlsplit(page.url).query) == {"view": ["whynot"], "lang": ["en"]}
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("document.cookie").find(COOKIE) < 0  # no script can read it


def test_the_language_of_the_document_follows_the_choice(page: Any, address: str) -> None:
    enter(page, address, "fund")
    settle(page)
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.get_by_text("English", exact=True).click()
    page.wait_for_function("() => document.documentElement.lang === 'en'")


def test_a_wrong_password_and_then_a_wait(page: Any, address: str) -> None:
    enter(page, address, "forgetful", "lang=zh", "wrong horse 9")
    page.get_by_role("alert").get_by_text("账号或密码不正确").wait_for()
    for _ in range(FREE_TRIES):
        submit(page, "forgetful", "wrong horse 9")
        page.get_by_role("alert").wait_for()
    page.get_by_text("尝试次数过多").wait_for()
    submit(page, "forgetful", PASSWORD)
    page.get_by_text("尝试次数过多").wait_for()


@pytest.mark.parametrize("query", ["view=overview", "channel=placement", "inst=SAMPLE-I002"])
def test_a_link_beyond_the_account_is_refused_with_a_way_home(
    page: Any, address: str, market: DashboardMarket, query: str
) -> None:
    enter(page, address, "fund", query)
    page.get_by_text("您无权查看此页").wait_for()
    assert page.locator("h1").count() == 0
    tries = AccountsFile.beside(market.store).journal("access.denied")
    assert tries[-1]["actor"] == "fund" and query in tries[-1]["payload"]["address"]
    page.get_by_role("button", name="回到我的首页").click()
    settle(page)
    assert page.locator("h1").inner_text() == "推荐项目"


def test_leaving_and_coming_back_to_the_same_link(page: Any, address: str) -> None:
    enter(page, address, "fund", "view=whynot")
    settle(page)
    page.get_by_role("button", name="退出登录").click()
    page.get_by_text("您已退出登录").wait_for()
    page.reload()
    page.wait_for_selector("#name")
    submit(page, "fund", PASSWORD)
    settle(page)
    assert page.locator("h1").inner_text() == "为何没有推荐？"


def test_a_provincial_organizer_sees_her_province(page: Any, address: str, market: DashboardMarket) -> None:
    rows = market.system.store.current("projects").to_pylist()
    own = sum(row["province"] in ("江苏省", "江苏") for row in rows)
    enter(page, address, "provincial", "view=overview&channel=financing")
    settle(page)
    assert "江苏省" in page.locator('[class*="st-key-account"]').inner_text()
    assert page.get_by_test_id("stMetricValue").first.inner_text() == str(own)
    assert 0 < own < len(rows)


def test_the_administrator_reads_the_accounts(page: Any, address: str) -> None:
    enter(page, address, "boss", "view=accounts")
    settle(page)
    assert page.locator("[data-testid=stDataFrame]").count() == 2
    assert page.locator("[data-testid=stException]").count() == 0


def test_a_download_needs_the_session(page: Any, address: str) -> None:
    enter(page, address, "fund")
    settle(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="导出").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    assert waiting.value.path().stat().st_size > 500
    url = next(url for url in [waiting.value.url, *asked] if "/media/" in url)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url)
    assert refused.value.code == 401


@pytest.mark.parametrize("path", ["/media/../../etc/passwd", "/static/..%2f..%2fserver.py", "/..%2f..%2fetc%2fpasswd"])
def test_no_path_leads_out_of_the_program(address: str, market: DashboardMarket, path: str) -> None:
    token = log_in(AccountsFile.beside(market.store), "national", PASSWORD).token
    request = urllib.request.Request(f"{address}{path}", headers={"cookie": f"{COOKIE}={token}"})
    try:
        with urllib.request.urlopen(request) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:
        body = error.read()
    assert b"root:" not in body and b"import" not in body.split(b"<script")[0]


def duijie(*args: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *args], env=os.environ | {"PYTHONIOENCODING": "utf-8"}, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()


def test_import_and_match_work_while_the_dashboard_runs(
    page: Any, address: str, market: DashboardMarket, tmp_path: Path
) -> None:
    enter(page, address, "national", "view=run")
    settle(page)
    shown = page.locator('[class*="st-key-field_run_run_id"]')
    before = shown.inner_text()
    table = tmp_path / "projects.csv"
    table.write_text("project_id,name,summary,consent\nNEW-1,新项目（样例）,储能电池,financing\n", encoding="utf-8")
    duijie("import", str(table), "--store", str(market.store))
    duijie("match", "--channel", "financing", "--store", str(market.store), "--settings", str(market.settings))
    page.reload()
    settle(page)
    assert shown.inner_text() != before
    page.goto(f"{address}/?view=by_project&project=NEW-1")
    settle(page)
    page.wait_for_function("() => [...document.querySelectorAll('input')].some(one => one.value.includes('NEW-1'))")


@pytest.mark.parametrize("query", ["", "view=overview"])
def test_axe_finds_nothing_serious_at_the_door(page: Any, address: str, query: str) -> None:
    """The login page, and the page of those who may not."""
    page.goto(f"{address}/?{query}")
    page.wait_for_selector("#name")
    if query:
        submit(page, "fund", PASSWORD)
        page.get_by_role("button", name="回到我的首页").wait_for()
        wait_until_drawn(page)
    assert serious_findings(page) == []


def test_axe_finds_nothing_serious_on_the_administrators_page(page: Any, address: str) -> None:
    enter(page, address, "boss", "view=accounts")
    settle(page)
    assert serious_findings(page, "accounts") == []


def test_the_way_of_an_owner(page: Any, address: str, market: DashboardMarket) -> None:
    """What is recommended, an introduction accepted, consent taken back and given again."""
    project = market.hostile[1]
    told = {"project_id": project, "institution_id": "SAMPLE-I001", "channel": "financing", "event": "introduced"}
    market.system.store.record(
        pa.Table.from_pylist([told | {"at": date.today()}], schema=OUTCOMES.schema), actor="test"
    )
    enter(page, address, "owner")
    settle(page)
    assert serious_findings(page, "recommended") == []
    accept = page.locator('[class*="st-key-accept_financing_SAMPLE-I001"] button')
    accept.click()
    accept.wait_for(state="detached")
    financing = page.locator('[class*="st-key-owner_financing"]')
    financing.get_by_role("button", name="撤回同意").click()
    financing.get_by_text("您未同意或已撤回").wait_for()
    financing.get_by_role("button", name="同意该渠道").click()
    financing.get_by_text("您已同意").wait_for()
    answers = [entry["payload"]["answer"] for entry in market.system.store.journal("consent")]
    assert answers == ["withdrawn", "given"]


def test_stopping_the_command_stops_the_server(market: DashboardMarket) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--store", str(market.store), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/_stcore/health"
    try:
        assert answers_within(url, 60)
    finally:
        process.terminate()
        process.wait(30)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=2)


def answers_within(url: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return True
        except OSError:
            time.sleep(0.2)
    return False
