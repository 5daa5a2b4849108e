"""The whole way of an organizer's file: refused for a broken row, mended, previewed, imported, and in the store."""

from __future__ import annotations

import re
from typing import Any

import pytest
from dashboard_market import DashboardMarket
from serving import CHROMIUM, serious_findings, settle, visit

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: run tests/browser/setup.sh"),
]
HEADER = "项目编号,项目名称,省份,项目状态\n"
MENDED = HEADER + "SAMPLE-NEW1,潮汐电站（样例）,浙江省,active\nSAMPLE-NEW2,<b>海水</b>提锂（样例）,江苏省,active\n"
BROKEN = MENDED.replace("<b>海水</b>提锂（样例）", "")


def upload(page: Any, name: str, text: str) -> None:
    """Put one file into the empty uploader."""
    content = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(content)


def remove(page: Any) -> None:
    """Take the file out of the uploader, as somebody does who has mended it."""
    page.locator("[data-testid=stFileUploaderDeleteBtn] button, button[aria-label^=Remove]").first.click()
    page.get_by_text("可以导入什么").wait_for()
    settle(page)


def test_the_way_of_a_file_that_has_a_broken_row(page: Any, address: str, market: DashboardMarket) -> None:
    visit(page, address, "role=organizer&view=importing&channel=financing")
    assert page.get_by_text("可以导入什么").is_visible()
    assert serious_findings(page, "importing") == []
    imports = len(market.system.store.journal("import"))
    upload(page, "projects.csv", BROKEN)
    page.get_by_text("有 1 处错误，什么也没有导入").wait_for()
    settle(page)
    assert page.get_by_role("button", name="导入", exact=True).count() == 0
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("下载全部问题")).click()
    told = waiting.value.path().read_text("utf-8-sig")
    assert "projects.csv,projects,2,name,cell.missing,error,必填项“项目名称”" in told
    assert serious_findings(page, "importing") == []
    remove(page)
    upload(page, "projects.csv", MENDED)
    page.get_by_text("导入将新增或更改 2 行").wait_for()
    settle(page)
    assert len(market.system.store.journal("import")) == imports
    page.get_by_role("button", name="导入", exact=True).dblclick()
    page.get_by_text("已导入，新增或更改 2 行").wait_for()
    settle(page)
    assert page.get_by_text("duijie match --store").is_visible()
    entries = market.system.store.journal("import")[imports:]
    assert [(entry["actor"], list(entry["payload"]["files"])) for entry in entries] == [("organizer", ["projects.csv"])]
    names = market.system.store.current("projects").select(["project_id", "name"]).to_pylist()
    assert {"project_id": "SAMPLE-NEW2", "name": "<b>海水</b>提锂（样例）"} in names
