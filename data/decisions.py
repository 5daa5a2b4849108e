"""What an institution decided on the projects it was shown: shortlisted, passed, snoozed, asked to meet.

Every decision is one entry of the journal (``decision``) and is never changed; the state of a pair in a channel is its
last entry, so undoing is an entry as well. A pass says why by a code of the vocabulary ``decline_reasons``, the same
codes by which declined introductions are counted. What stands passed on a date is part of the view of that date: it is
not recommended to that institution again, and reasons that recur are learned from (:mod:`features.families.feedback`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from data.consents import entered_on
from data.merging import Merges

DECISION = "decision"
"""Name of the action in the journal."""
SHORTLISTED, PASSED, SNOOZED, MEETING, UNDONE = "shortlisted", "passed", "snoozed", "meeting", "undone"
STATES = (SHORTLISTED, MEETING, SNOOZED, PASSED)
PASS_REASONS = (
    *("sector", "stage", "amount", "instrument", "region", "capacity", "conditions", "team", "rights", "market"),
    *("excluded", "known", "other"),
)
"""Codes of ``decline_reasons`` that an institution can give for a project which it has only read of."""
_FORMER = {"maturity": "stage"}
"""Codes of older journals, and what they are called now."""
PASSES = pa.schema(
    [
        ("institution_id", pa.string()),
        ("channel", pa.string()),
        ("project_id", pa.string()),
        ("reason", pa.string()),
    ]
)
"""One row for each project that an institution has passed in a channel, sorted."""
Entries = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Decision:
    """The last word of an institution on a project in a channel.

    ``reason`` is a code of :data:`PASS_REASONS` (a pass only), ``note`` what was typed, ``until`` the day on which a
    snoozed project comes back. ``at`` is UTC.
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


def latest(entries: Entries, merges: Merges, as_of: date | None = None) -> dict[tuple[str, str, str], Decision]:
    """The last decision of each (institution, channel, project), newest last; undone ones are absent.

    ``entries`` are of the journal in their order, other actions among them are passed over. ``as_of`` leaves out what
    was entered later; None takes all. A decision on one of several merged records is one on the project.
    """
    found: dict[tuple[str, str, str], Decision] = {}
    for entry in entries:
        if entry["action"] != DECISION or (as_of is not None and entered_on(entry) > as_of):
            continue
        told = entry["payload"]
        project = merges.get(told["project_id"], told["project_id"])
        key = (told["institution_id"], told["channel"], project)
        found.pop(key, None)
        if told["state"] != UNDONE:
            found[key] = Decision(
                project_id=project,
                institution_id=told["institution_id"],
                channel=told["channel"],
                state=told["state"],
                at=entry["at"],
                actor=entry["actor"],
                reason=_FORMER.get(told["reason"], told["reason"]),
                note=told["note"],
                until=date.fromisoformat(told["until"]) if told["until"] else None,
            )
    return found


def passes_of(entries: Entries, merges: Merges, as_of: date) -> pa.Table:
    """What stands passed on a date, in the columns of :data:`PASSES`."""
    standing = latest(entries, merges, as_of).items()
    rows = [(*key, decision.reason) for key, decision in sorted(standing) if decision.state == PASSED]
    columns = list(zip(*rows, strict=True)) or [()] * len(PASSES)
    return pa.table([pa.array(cells, pa.string()) for cells in columns], schema=PASSES)
