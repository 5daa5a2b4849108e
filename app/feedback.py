"""Deciding on a project that was shown, and what stands decided now; what a decision is: :mod:`data.decisions`."""

from __future__ import annotations

from datetime import date, timedelta

from data.decisions import (
    DECISION,
    MEETING,
    PASS_REASONS,
    PASSED,
    SHORTLISTED,
    SNOOZED,
    STATES,
    UNDONE,
    Decision,
    latest,
)
from data.merging import MERGE, UNMERGE, merges_of
from data.problem import DuijieError
from data.store import Store

__all__ = [
    "DECISION", "LONGEST_NOTE", "LONGEST_SNOOZE", "MEETING", "PASSED", "PASS_REASONS", "SHORTLISTED", "SNOOZED",
    "STATES", "UNDONE", "Decision", "decide", "decisions",
]  # fmt: skip
LONGEST_NOTE = 500
LONGEST_SNOOZE = 366
"""Days."""


def decide(
    store: Store,
    project_id: str,
    institution_id: str,
    channel: str,
    state: str,
    *,
    actor: str,
    today: date,
    reason: str = "",
    note: str = "",
    until: date | None = None,
) -> None:
    """Write one decision into the journal.

    Raises
    ------
    DuijieError
        ``decision.state``, ``decision.reason`` (a pass without a known reason), ``decision.until`` (a snooze without
        a day within a year) or ``decision.note`` (longer than :data:`LONGEST_NOTE`).
    """
    note = note.strip()
    if state not in (*STATES, UNDONE):
        raise DuijieError(
            "decision.state",
            f"没有 {state!r} 这种决定 / unknown decision {state!r}",
            f"one of {', '.join((*STATES, UNDONE))}",
        )
    if state == PASSED and reason not in PASS_REASONS:
        raise DuijieError("decision.reason", "婉拒须选择理由 / a pass needs a reason", f"{', '.join(PASS_REASONS)}")
    if state == SNOOZED and not (until and today < until <= today + timedelta(days=LONGEST_SNOOZE)):
        raise DuijieError("decision.until", "暂缓须给出一年内的日期 / a snooze needs a day within a year")
    if len(note) > LONGEST_NOTE:
        raise DuijieError("decision.note", f"说明超过 {LONGEST_NOTE} 字 / the note exceeds {LONGEST_NOTE} characters")
    payload = {
        "project_id": project_id,
        "institution_id": institution_id,
        "channel": channel,
        "state": state,
        "reason": reason if state == PASSED else "",
        "note": note,
        "until": until.isoformat() if state == SNOOZED and until else "",
    }
    store.append(actor, DECISION, payload)


def decisions(store: Store) -> dict[tuple[str, str, str], Decision]:
    """The last decision of each (institution, channel, project); undone ones are absent."""
    told = store.journal(DECISION, MERGE, UNMERGE)
    return latest(told, merges_of(told))
