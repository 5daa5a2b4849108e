"""What an institution decided on the projects it was shown: shortlisted, passed, snoozed, asked to meet.

Every decision is one entry of the journal and is never changed; the state of a pair is its last entry, so undoing is
an entry as well. A pass says why by a code of :data:`PASS_REASONS`, so that reasons can be counted and learned from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from data.problem import DuijieError
from data.store import Store

DECISION = "decision"
"""Name of the action in the journal."""
SHORTLISTED, PASSED, SNOOZED, MEETING, UNDONE = "shortlisted", "passed", "snoozed", "meeting", "undone"
STATES = (SHORTLISTED, MEETING, SNOOZED, PASSED)
HIDING = (PASSED, SNOOZED)
"""States that take a project out of the list: a pass until it is undone, a snooze until its day."""
PASS_REASONS = ("sector", "stage", "amount", "region", "maturity", "team", "rights", "known", "capacity", "other")
LONGEST_NOTE = 500
LONGEST_SNOOZE = 366
"""Days."""


@dataclass(frozen=True)
class Decision:
    """The last word of an institution on a project in a channel.

    ``reason`` is a code of :data:`PASS_REASONS` (a pass only), ``note`` what was typed, ``until`` the day on which a
    snoozed project comes back.
    """

    project_id: str
    institution_id: str
    channel: str
    state: str
    at: datetime
    actor: str
    reason: str = ""
    note: str = ""
    until: date | None = None

    def hides(self, today: date) -> bool:
        """Whether the project is kept out of the list on ``today``."""
        return self.state == PASSED or (self.state == SNOOZED and self.until is not None and today < self.until)


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
        raise DuijieError("decision.state", f"unknown decision {state!r}", f"one of {', '.join((*STATES, UNDONE))}")
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
    return latest(store.journal(DECISION))


def latest(entries: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], Decision]:
    """What follows from journal entries in their order."""
    found: dict[tuple[str, str, str], Decision] = {}
    for entry in entries:
        told = entry["payload"]
        key = (told["institution_id"], told["channel"], told["project_id"])
        found.pop(key, None)  # the newest stands last
        if told["state"] != UNDONE:
            found[key] = Decision(
                project_id=told["project_id"],
                institution_id=told["institution_id"],
                channel=told["channel"],
                state=told["state"],
                at=entry["at"],
                actor=entry["actor"],
                reason=told["reason"],
                note=told["note"],
                until=date.fromisoformat(told["until"]) if told["until"] else None,
            )
    return found
