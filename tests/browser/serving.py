"""A dashboard served for a test, and a browser that notes every request it makes."""

from __future__ import annotations

import csv
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.commands.serve import dashboard_command

CHROMIUM = Path("/usr/bin/chromium")
EXCEPTIONS = Path(__file__).with_name("axe_exceptions.csv")
START_SECONDS = 60.0
OWN = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(env: Mapping[str, str], log: Path) -> Iterator[str]:
    """The address of a dashboard that runs until the block ends."""
    port = free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(dashboard_command(port), env=os.environ | env, stdout=out, stderr=out)
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the dashboard did not start:\n{log.read_text(errors='replace')}")


@contextmanager
def chromium() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        try:
            yield browser
        finally:
            browser.close()


def settle(page: Any) -> None:
    """Wait until the page has been drawn: the script is done and no placeholder is left."""
    page.wait_for_selector("h1")
    wait_until_drawn(page)


def visit(page: Any, address: str, query: str) -> None:
    """Open a page and wait until it has been drawn."""
    page.goto(f"{address}/?{query}")
    settle(page)


def wait_until_drawn(page: Any) -> None:
    """Wait until the script is done, also on a page without a title."""
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
        " && !document.querySelector('[data-testid=stSkeleton]')"
    )


def serious_findings(page: Any, view: str = "") -> list[tuple[str, list[str]]]:
    """What axe finds serious or critical on a page as it is drawn, without what ``axe_exceptions.csv`` excepts."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_timeout(500)  # what was just drawn fades in
    with EXCEPTIONS.open(encoding="utf-8", newline="") as stream:
        excepted = {row["rule"] for row in csv.DictReader(stream) if row["page"] in ("*", view)}
    found = Axe().run(page).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical") and one["id"] not in excepted]
    return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in grave]


def strangers(urls: list[str]) -> list[str]:
    """Those addresses that are not on this machine."""
    return [url for url in urls if not url.startswith(OWN)]
