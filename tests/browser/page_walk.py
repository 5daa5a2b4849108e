"""Every page that a role of the open demonstration has, drawn without a browser (``AppTest``) and timed.

A page is drawn for several institutions; on each its first card is opened, its list turned and a text filtered where it
has these. A role's first look at a page is told by itself (``cold``): then the page reads what it keeps for the run.
Roles whose channel the market has no run of are left out.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from app.dashboard.access import open_access
from app.dashboard.desk import open_desk
from app.dashboard.memory import keep_little
from app.dashboard.queries import institution_names
from app.dashboard.roles import DEMONSTRATED, ROLES
from app.dashboard.viewing import all_views
from data.runs import latest_channels
from data.store import Store

MAIN = Path(__file__).parents[2] / "app" / "dashboard" / "main.py"
VISITS = 4
"""Times that each page is drawn."""
WORD = "样例"
ASKED = ("钙钛矿叠层 产线", "机器人 视觉检测", "创新药 临床", "储能 电池")
"""Texts that are searched for, one a visit."""
COLD = "cold"


class Step(NamedTuple):
    """One action: seconds on the clock and of the processor; memory of the process in MB after it and at its peak; what
    the page said instead of what it should show.
    """

    page: str
    role: str
    action: str
    wall: float
    processor: float
    after: int
    peak: int
    error: str = ""


def walk(env: dict[str, str], roles: Iterable[str] = DEMONSTRATED) -> Iterator[Step]:
    """Walk through all pages of these roles in this process."""
    from streamlit.components.v2 import manifest_scanner
    from streamlit.testing.v1 import AppTest

    manifest_scanner.scan_component_manifests = lambda *_, **__: []  # a server looks once; here each page would
    logging.disable(logging.CRITICAL)
    os.environ |= env
    keep_little()
    seen: set[tuple[str, str]] = set()
    matched = latest_channels(Store(env["DUIJIE_STORE"]).runs_folder)
    for role in roles:
        if ROLES[role].channel and ROLES[role].channel not in matched:
            continue
        for page, institutions in _pages(role):
            for visit in range(VISITS):
                drawn = AppTest.from_file(str(MAIN), default_timeout=600)
                for name, value in _address(role, page, institutions, visit).items():
                    drawn.query_params[name] = value
                yield _timed(page, role, "page" if (page, role) in seen else COLD, drawn.run)
                seen.add((page, role))
                for action, act in _actions(drawn).items():
                    yield _timed(page, role, action, act)


def _pages(role: str) -> Iterator[tuple[str, list[str]]]:
    """Pages of a role with some institutions of its channel."""
    access = open_access(role)
    desk = open_desk(access.role.channel or "financing", access)
    known = list(institution_names(desk))
    chosen = known[3 :: max(len(known) // VISITS, 1)]
    for name, view in all_views().items():
        if access.has(view.roles):
            yield name, chosen


def _address(role: str, page: str, institutions: list[str], visit: int) -> dict[str, str]:
    told = {"role": role, "view": page}
    if institutions:
        told["inst"] = institutions[visit % len(institutions)]
    if page == "search":
        told["q"] = ASKED[visit % len(ASKED)]
    if role == "organizer" and page in ("hosting", "requests"):
        told["channel"] = "placement" if page == "hosting" else "services"
        del told["inst"]
    return told


def _actions(drawn: Any) -> dict[str, Callable[[], Any]]:
    """What is done on a page as it stands: each looks at the page as the one before left it."""
    cards = [one for one in drawn.button if (one.key or "").startswith("go_")]
    found: dict[str, Callable[[], Any]] = {}
    if cards:
        found["open"] = lambda: cards[min(3, len(cards) - 1)].click().run()
    if drawn.pagination:
        found["next"] = lambda: drawn.pagination[0].set_value(2).run() if drawn.pagination else drawn
    if any(_filters(one.key) for one in drawn.text_input):
        found["filter"] = lambda: _filter(drawn)
    return found


def _filters(key: str | None) -> bool:
    return bool(key) and any(part in str(key) for part in ("text", "pairs_"))


def _filter(drawn: Any) -> Any:
    box = next((one for one in drawn.text_input if _filters(one.key)), None)
    return box.set_value(WORD).run() if box else drawn


def _timed(page: str, role: str, action: str, act: Callable[[], Any]) -> Step:
    _forget_peak()
    wall, processor = time.perf_counter(), time.process_time()
    drawn = act()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    error = drawn.exception[0].message if drawn.exception else ""
    return Step(page, role, action, wall, processor, memory(os.getpid()), memory(os.getpid(), "VmHWM"), error)


def memory(process: int, name: str = "VmRSS") -> int:
    """Resident memory of a process in MB: now, or at its peak (``VmHWM``)."""
    told = Path(f"/proc/{process}/status").read_text().split(f"{name}:")[1]
    return int(told.split()[0]) // 1024


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return  # then the peak is that of all actions so far


def table(steps: Iterable[Step]) -> list[str]:
    """One line a page, role and action: how often, median and 95 % of both times, memory."""
    groups: dict[tuple[str, str, str], list[Step]] = {}
    for step in steps:
        groups.setdefault(step[:3], []).append(step)
    head = f"{'page':15s} {'role':10s} {'action':7s} {'n':>3s}"
    lines = [f"{head} {'p50 ms':>8s} {'p95 ms':>8s} {'cpu p50':>8s} {'cpu p95':>8s} {'MB':>5s} {'peak':>5s}"]
    for (page, role, action), told in groups.items():
        wall, processor = ([one[at] * 1000 for one in told] for at in (3, 4))
        times = " ".join(f"{at(values, share):8.0f}" for values in (wall, processor) for share in (0.5, 0.95))
        size = f"{told[-1].after:5d} {max(one.peak for one in told):5d}"
        error = next((one.error for one in told if one.error), "")
        lines.append(f"{page:15s} {role:10s} {action:7s} {len(told):3d} {times} {size} {error[:60]}".rstrip())
    return lines


def at(told: list[float], share: float) -> float:
    """The value below which this share lies (nearest rank)."""
    ordered = sorted(told)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")
