"""Measure the pages on a large market: ``python tests/browser/bench_ui.py [FOLDER]``.

Writes the market of :mod:`large_market` into FOLDER (a temporary one by default; one that holds a market is used as it
is), serves it and prints one table of every page, role and action (:mod:`page_walk`: server time without a browser),
and one of the aims:

- ready: from the start of the server until it answers; first: the first page of all, when nothing is kept yet;
- page: a whole page of an institution in Chromium, of which the server has not drawn the list before;
- click: open, filter and next: until what was asked for stands there, the script is done and two frames passed;
- server: an action on any page, without the first look of each page (``cold``);
- sessions: 20 sessions over HTTP, each an action every 5 seconds for a minute; errors; memory of the server.

Nothing is asserted: other work on the machine counts into every figure but processor time.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from large_market import CHANNEL, Size, write_large_market
from page_walk import COLD, Step, at, memory, table, walk
from serving import chromium, free_port, settle

from app.commands.serve import dashboard_command
from app.dashboard.parts.cards import PAGE
from app.lists import shown_pairs, shown_projects
from app.system import open_system
from data.run_pairs import NO_RANK, pairs_of

LISTS, SESSIONS, EVERY, SECONDS = 12, 20, 5.0, 60.0
"""Lists that are looked at; sessions, seconds between two actions of one, and seconds of the whole."""
AIMS = {
    "ready": "5 s",
    "page": "2 s",
    "click": "p50 0.5 s, p95 1 s",
    "server": "p95 0.15 s",
    "sessions: action": "p95 2 s",
}
WORD = "样例"
DRAWN = """() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"""
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
Times = dict[str, list[float]]


def bench(folder: Path) -> None:
    """Measure everything and print it."""
    if not (folder / "market.duckdb").exists():
        write_large_market(folder, Size())
    chosen = _institutions(folder)
    env = {"DUIJIE_STORE": str(folder / "market.duckdb"), "DUIJIE_SETTINGS": str(folder / "duijie.toml")}
    times: Times = defaultdict(list)
    began = time.perf_counter()
    with _server(env, folder / "server.log") as (address, process):
        times["ready"].append(time.perf_counter() - began)
        sizes = {"idle": memory(process)}
        _in_browser(address, chosen[:LISTS], times)
        sizes["browsed"] = memory(process)
        errors = _sessions(address, chosen[LISTS:], times)
        sizes["sessions"], sizes["peak"] = memory(process), memory(process, "VmHWM")
    steps = list(walk(env))
    print("\n".join(table(steps)))
    print()
    for line in _aims(times, steps, errors, sizes):
        print(line)
    print(f"load {os.getloadavg()[0]:.1f}")


def _aims(times: Times, steps: list[Step], errors: int, sizes: dict[str, int]) -> Iterator[str]:
    """Each aim with what was measured."""
    warm = [step for step in steps if step.action != COLD]
    times["click"] = [one for name in ("open", "next", "filter") for one in times[name]]
    times["server"] = [step.wall for step in warm]
    times["server, processor"] = [step.processor for step in warm]
    times["server, cold, processor"] = [step.processor for step in steps if step.action == COLD]
    yield f"{'what':26s} {'n':>4s} {'p50 s':>8s} {'p95 s':>8s}   aim"
    for name, told in times.items():
        yield f"{name:26s} {len(told):4d} {at(told, 0.5):8.3f} {at(told, 0.95):8.3f}   {AIMS.get(name, '')}"
    broken = sum(bool(step.error) for step in steps)
    yield f"errors of sessions {errors}, of pages {broken} (aim 0); memory of the server in MB: {sizes} (aim 600)"
    peak = max(step.peak for step in steps)
    yield f"memory of one process that drew every page: {steps[-1].after} MB, at its peak {peak} MB"


def _institutions(folder: Path) -> list[str]:
    """Institutions whose lists have two pages or more."""
    system = open_system(folder / "market.duckdb", str(folder / "duijie.toml"))
    run = system.run_of(CHANNEL)
    pairs = pairs_of(run, CHANNEL)
    print(f"{run.manifest['counts']}  matches {len(pairs.ineligible):,}  load {os.getloadavg()[0]:.1f}")
    given = [one for one, answer in shown_projects(system, CHANNEL).items() if answer == "given"]
    listed = shown_pairs(pairs, given) & (pairs.institutions.rank < NO_RANK)
    long = np.flatnonzero(np.bincount(pairs.institutions.code[listed]) > 2 * PAGE)
    return random.Random(1).sample(pairs.institutions.ids.take(pa.array(long)).to_pylist(), LISTS + SESSIONS)


@contextmanager
def _server(env: dict[str, str], log: Path) -> Iterator[tuple[str, int]]:
    """Address and process of a server that answers; its sessions can be driven without a browser."""
    port = free_port()
    command = [*dashboard_command(port), "--server.enableAgentApi", "true"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=os.environ | env, stdout=out, stderr=out)
        try:
            while process.poll() is None:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(20)


def _in_browser(address: str, institutions: list[str], times: Times) -> None:
    """From click to rendered, list by list."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 1000}, locale="zh-CN")
        page.set_default_timeout(60_000)
        for number, institution in enumerate(institutions):
            _look(page, address, institution, times, "page" if number else "first")
        page.close()


def _look(page: Any, address: str, institution: str, times: Times, name: str) -> None:
    """Open a list, a match of it, its next page, and filter it by the name of that match."""
    _timed(times, name, lambda: _goto(page, address, institution))
    cards = page.locator("[class*=st-key-go_] button")
    wanted = cards.nth(3).inner_text().split("\u2002", 1)[-1].strip()
    title = page.locator("[class*=st-key-title_]")
    _timed(times, "open", lambda: _act(page, cards.nth(3).click, lambda: wanted[:20] in title.inner_text()))
    first = cards.nth(0).inner_text()
    follow = page.locator("[data-testid=stPagination] button").last
    if follow.count():
        _timed(times, "next", lambda: _act(page, follow.click, lambda: cards.nth(0).inner_text() != first))
    _timed(times, "filter", lambda: _filter(page, wanted[:4]))


def _goto(page: Any, address: str, institution: str) -> None:
    page.goto(f"{address}/?role=fund&inst={institution}")
    settle(page)
    page.locator("[class*=st-key-go_] button").first.wait_for()
    page.evaluate(TWO_FRAMES)


def _filter(page: Any, text: str) -> None:
    box = page.locator("[class*=st-key-text_] input").first
    box.fill(text)
    _act(page, lambda: box.press("Enter"), lambda: page.locator("[class*=st-key-clear_]").count() > 0)


def _act(page: Any, act: Callable[[], object], done: Callable[[], bool]) -> None:
    """Act and wait until it is done, the script is, and two frames were drawn."""
    act()
    deadline = time.perf_counter() + 30
    while not done():
        if time.perf_counter() > deadline:
            raise TimeoutError("the page did not follow the click")
        page.wait_for_timeout(10)
    page.wait_for_function(DRAWN)
    page.evaluate(TWO_FRAMES)


def _timed(times: Times, name: str, act: Callable[[], object]) -> None:
    began = time.perf_counter()
    act()
    times[name].append(time.perf_counter() - began)


def _sessions(address: str, institutions: list[str], times: Times) -> int:
    """Sessions at one time, each with a list of its own; gives the number of errors."""
    errors: list[str] = []
    until = time.monotonic() + SECONDS
    threads = [
        threading.Thread(target=_one_session, args=(address, one, until, times["sessions: action"], errors, number))
        for number, one in enumerate(institutions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for told in dict.fromkeys(errors):
        print("error:", told[:300])
    return len(errors)


def _one_session(
    address: str, institution: str, until: float, told: list[float], errors: list[str], number: int
) -> None:
    """Open a list, then open matches, turn pages and filter in turn."""
    draw = random.Random(number)
    time.sleep(draw.random() * EVERY)
    asked: dict[str, Any] = {"query_params": {"role": ["fund"], "inst": [institution]}}
    session, actions, step = "", [], 0
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            found = _post(address, ({"session_id": session} if session else {}) | asked)
        except (OSError, ValueError) as error:
            errors.append(repr(error))
        else:
            told.append(time.perf_counter() - began)
            if found["status"] != "ready":
                errors.append(json.dumps(found)[:300])
            session, actions = found["session_id"], [one["key"] for one in found["actions"]]
        time.sleep(max(EVERY - (time.perf_counter() - began), 0.0))
        step, asked = step + 1, _next_action(actions, step, draw)


def _next_action(actions: list[str], step: int, draw: random.Random) -> dict[str, Any]:
    pages, texts = ([one for one in actions if one.startswith(name)] for name in ("page_", "text_"))
    cards = [one for one in actions if one.startswith("go_")]
    if step % 3 == 1 and cards:
        return {"trigger": {"key": draw.choice(cards)}}
    if step % 3 == 2 and pages:
        return {"widget_state": {pages[0]: 1 + step % 2}}
    return {"widget_state": {texts[0]: (WORD, "")[step % 2]}} if texts else {}


def _post(address: str, asked: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{address}/_stcore/agent/interact", json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        raise ValueError(error.read().decode()[:300]) from error
    return found


if __name__ == "__main__":
    if len(sys.argv) > 1:
        bench(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as work:
            bench(Path(work))
