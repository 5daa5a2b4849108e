"""Follow-up of the sample's introductions: who is in charge, what comes next, and which call-backs were made.

They are entries of the journal, as a person's are; some call-backs were never made, and some reached nobody.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from random import Random
from typing import Any

from data.followup import ACTION, CALLED, CONTACTED, MONTHS, NOT_REACHED, SET
from data.sample.entities import AS_OF, Row
from data.sample.pools import MARK
from data.store import Store

_OWNERS = ("对接一组", "对接二组", "对接三组", "对接四组", "成果转化组")
_STEPS = ("补充财务材料", "约第二次会面", "安排现场考察", "确认意向条款", "核实场地条件", "提交立项材料")
_NOTES = {
    CONTACTED: ("双方仍在沟通", "等待内部评审", "已补充材料", "下月再约", ""),
    NOT_REACHED: ("电话未接通", "联系人出差", ""),
}
_MONTH_DAYS = 30.4
_MADE, _REACHED = 0.72, 0.85


def build_followups(rng: Random, outcomes: list[Row]) -> list[tuple[str, dict[str, Any]]]:
    """Entries (action, payload) for the cases of outcome rows, in order of their day."""
    found: list[dict[str, Any]] = []
    for case, rows in _cases(outcomes).items():
        begun = min(date.fromisoformat(row["at"]) for row in rows)
        closed = [
            date.fromisoformat(row["at"]) for row in rows if row["event"] in ("declined", "withdrawn", "delivered")
        ]
        until = min([AS_OF, *closed])
        ids = dict(zip(("project_id", "institution_id", "channel"), case, strict=True))
        if rng.random() < 0.9:
            owner = rng.choice(_OWNERS) + MARK
            found.append({"kind": SET, **ids, "on": (begun + timedelta(days=1)).isoformat(), "owner": owner})
        found += [{"kind": CALLED, **ids, **call} for call in _calls(rng, begun, until)]
        if not closed and rng.random() < 0.4:
            on = max(begun, AS_OF - timedelta(days=rng.randint(3, 60)))
            due = on + timedelta(days=rng.randint(5, 45))
            step = {"next_step": rng.choice(_STEPS), "due": due.isoformat()}
            found.append({"kind": SET, **ids, "on": on.isoformat(), **step})
    found = [entry for entry in found if entry["on"] <= AS_OF.isoformat()]
    return [(ACTION, entry) for entry in sorted(found, key=lambda entry: str(entry["on"]))]


def _cases(outcomes: list[Row]) -> dict[tuple[str, str, str], list[Row]]:
    """Rows of every case that was an introduction, by project, institution and channel."""
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in outcomes:
        found[row["project_id"], row["institution_id"], row["channel"]].append(row)
    return {case: rows for case, rows in found.items() if any(row["event"] != "delivered" for row in rows)}


def _calls(rng: Random, begun: date, until: date) -> list[dict[str, str]]:
    calls = []
    for month in MONTHS:
        on = begun + timedelta(days=round(month * _MONTH_DAYS) + rng.randint(-3, 9))
        if on <= until and rng.random() < _MADE:
            result = CONTACTED if rng.random() < _REACHED else NOT_REACHED
            calls.append({"on": on.isoformat(), "result": result, "note": rng.choice(_NOTES[result])})
    return calls


def write_followups(store: Store, outcomes: list[Row], seed: int = 7) -> int:
    """Enter the follow-up of the sample into a store that holds it; a second time does nothing. Number of entries."""
    told = build_followups(Random(f"duijie-sample-{seed}-followups"), outcomes)
    return len(told) if store.append_all("demo", told, once=f"sample follow-up {seed}") else 0
