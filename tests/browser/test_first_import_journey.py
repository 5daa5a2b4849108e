"""From a store that is not there yet to the first recommendations, in the browser; meanwhile the others are told so."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from import_uploads import INSTITUTIONS, PROJECTS
from serving import CHROMIUM, serious_findings, served, settle, visit

from app.accounts.account import Account
from app.accounts.book import add_account
from app.accounts.file import AccountsFile
from data.store import Store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: run tests/browser/setup.sh"),
]
PASSWORD = "right horse 9"
ACCOUNTS = (Account("first", "organizer"), Account("fund", "fund", institutions=("I1",)))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The name of a store with accounts beside it, and nothing else."""
    folder = tmp_path_factory.mktemp("first")
    store = Store(folder / "market.duckdb")
    for account in ACCOUNTS:
        add_account(AccountsFile.beside(store.path), account, PASSWORD, actor="test")
    (folder / "duijie.toml").write_text('encoder = "none"\n', encoding="utf-8")
    return store


@pytest.fixture(scope="module")
def address(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it is served."""
    env = {"DUIJIE_STORE": str(store.path), "DUIJIE_SETTINGS": str(store.path.with_name("duijie.toml"))}
    with served(env, tmp_path_factory.mktemp("log") / "server.log") as url:
        yield url


def enter(page: Any, address: str, name: str, query: str = "") -> None:
    """Ask for a page, and log in at the form that comes instead."""
    page.goto(f"{address}/?{query}")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.locator("button[type=submit]").click()
    settle(page)


def upload(page: Any, files: dict[str, str]) -> None:
    """Put files into the empty uploader."""
    content = [{"name": name, "mimeType": "text/csv", "buffer": text.encode()} for name, text in files.items()]
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(content)


def run(line: str, store: Store) -> None:
    """Run a line as a page tells it, on the server's machine and with its settings."""
    command = line.split()
    assert command[0] == "duijie"
    settings = {"DUIJIE_SETTINGS": str(store.path.with_name("duijie.toml")), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *command[1:]], env=os.environ | settings, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()


def test_a_fund_waits_for_the_organizer(page: Any, address: str) -> None:  # the journey below fills the store
    page.set_viewport_size({"width": 390, "height": 844})
    enter(page, address, "fund", "lang=en")
    page.get_by_text("There is nothing here yet").wait_for()
    assert serious_findings(page) == []
    assert page.locator("[data-testid=stCode]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_way_from_nothing_to_the_first_list(page: Any, address: str, store: Store) -> None:
    enter(page, address, "first", "lang=zh")
    page.get_by_text("库中还没有数据").wait_for()
    assert serious_findings(page) == []
    page.get_by_role("button", name="去导入").click()
    page.get_by_text("第一次导入：先导入").wait_for()
    settle(page)
    upload(page, {"projects.csv": PROJECTS.replace("P3,检测芯片（样例）", "P3,"), "institutions.csv": INSTITUTIONS})
    page.get_by_text("有 1 处错误，什么也没有导入").wait_for()
    settle(page)
    assert page.get_by_text("projects.csv · 第 3 行 · 项目名称：必填项").is_visible() and not store.path.exists()
    for _ in range(2):
        page.locator("[data-testid=stFileUploaderDeleteBtn] button, button[aria-label^=Remove]").first.click()
        settle(page)
    page.get_by_text("可以导入什么").wait_for()
    settle(page)
    upload(page, {"projects.csv": PROJECTS, "institutions.csv": INSTITUTIONS})
    page.get_by_text("导入将新增或更改 5 行").wait_for()
    settle(page)
    page.get_by_role("button", name="导入", exact=True).click()
    page.get_by_text("已导入，新增或更改 5 行").wait_for()
    settle(page)
    line = page.locator("[data-testid=stCode]", has_text="duijie match").inner_text().strip()
    assert [entry["actor"] for entry in store.journal("import")] == ["first"]
    visit(page, address, "view=overview&lang=zh")
    assert page.get_by_text("本渠道还没有匹配过").is_visible() and page.get_by_text("✓ 已完成").is_visible()
    run(line, store)
    page.get_by_role("button", name="刷新").click()
    page.get_by_text("投融资对接 · 数据截至").wait_for()
    settle(page)
    visit(page, address, "view=by_institution&lang=zh&channel=financing")
    assert page.get_by_text("钙钛矿产线（样例）").first.is_visible()
