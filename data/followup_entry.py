"""Entries of the follow-up: who is in charge, what comes next, and the call-backs that were made."""

from __future__ import annotations

from datetime import date
from typing import Any

from data.cases import KEY, OPEN, state_of
from data.followup import ACTION, CALLED, RESULTS, SET
from data.problem import DuijieError
from data.store import Store

LONGEST_OWNER, LONGEST_STEP = 40, 200
LATEST_YEARS = 5
"""A due date lies at most so many years ahead."""


def set_followup(
    store: Store,
    case: dict[str, str],
    *,
    actor: str,
    today: date,
    owner: str | None = None,
    next_step: str | None = None,
    due: date | str | None = None,
) -> None:
    """Say who is in charge of an open case, what comes next and when; what is None stays as it is.

    ``""`` takes an owner, a step or a due date away: then the plan's date holds again.

    Raises
    ------
    DuijieError
        ``case.unknown``, ``case.closed``, ``followup.empty`` (nothing to say), ``followup.owner`` and
        ``followup.step`` (too long), ``followup.due`` (in the past, or years ahead).
    """
    if _case(store, case, today)["state"] != OPEN:
        raise DuijieError("case.closed", f"该对接已结束 / the case has ended: {_name(case)}", "duijie outcome … --list")
    told: dict[str, Any] = {}
    for name, value, most in (("owner", owner, LONGEST_OWNER), ("next_step", next_step, LONGEST_STEP)):
        if value is not None:
            told[name] = _plain(value, most, f"followup.{name.removeprefix('next_')}")
    if due is not None:
        told["due"] = due.isoformat() if isinstance(due, date) else ""
        if isinstance(due, date) and not 0 <= (due - today).days <= LATEST_YEARS * 366:
            raise DuijieError("followup.due", f"截止日 {due} 已过或过远 / the due date is past or too far ahead")
    if not told:
        raise DuijieError("followup.empty", "没有要更改的 / nothing to change", "--owner, --next-step or --due")
    store.append(actor, ACTION, {"kind": SET, **_ids(case), "on": today.isoformat(), **told})


def call_back(
    store: Store, case: dict[str, str], result: str, *, actor: str, today: date, on: date | None = None, note: str = ""
) -> None:
    """Enter a call-back of a day (default: today). A second entry of that day replaces the first; ``void`` removes it.

    Raises
    ------
    DuijieError
        ``case.unknown``, ``followup.result``, ``followup.on`` (in the future, or before the introduction),
        ``followup.note`` (too long).
    """
    if result not in RESULTS:
        raise DuijieError("followup.result", f"未知结果 / unknown result {result!r}", ", ".join(RESULTS))
    day = on or today
    introduced = _case(store, case, today)["reached_introduced"].date()
    if not introduced <= day <= today:
        raise DuijieError(
            "followup.on", f"回访日 {day} 须在引荐日 {introduced} 与今天之间 / between the introduction and today"
        )
    told = {"result": result, "note": _plain(note, LONGEST_STEP, "followup.note")}
    store.append(actor, ACTION, {"kind": CALLED, **_ids(case), "on": day.isoformat(), **told})


def _ids(case: dict[str, str]) -> dict[str, str]:
    return {name: case[name] for name in KEY}


def _name(case: dict[str, str]) -> str:
    return " × ".join(_ids(case).values())


def _case(store: Store, case: dict[str, str], today: date) -> dict[str, Any]:
    shown = store.merges().get(case["project_id"], case["project_id"])
    outcomes = store.shown("projects", "outcomes")["outcomes"]
    found = state_of(outcomes, shown, case["institution_id"], case["channel"], today)
    if not found or found["history"]:
        raise DuijieError(
            "case.unknown", f"没有这一对接 / no such introduction: {_name(case)}", "duijie export outcomes"
        )
    return found


def _plain(text: str, most: int, code: str) -> str:
    """One line of printable text."""
    line = "".join(character for character in " ".join(text.split()) if character.isprintable())
    if len(line) > most:
        raise DuijieError(code, f"超过 {most} 字 / longer than {most} characters")
    return line
