"""One case: what was told of it, entering an event and taking one back. Every write passes :mod:`data.entry`.

The organizer tells of every case within the region, and introduces. An institution tells of its own introductions only,
what it can know itself; it takes back only what it entered itself. A signing and a delivery need their proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from app.dashboard.access import denied
from app.dashboard.desk import Desk, allowed
from app.dashboard.outcome_queries import followed, scope_today, today_of
from app.dashboard.rows import outcomes_of
from app.dashboard.visitor import Visitor
from app.masking import MASK, PERSONAL
from data.cases import AFTER, EVENTS, state_of
from data.entry import Entry, case_history, enter_event, retract_event
from data.problem import DuijieError
from data.proof import PROVEN, UNPROVEN

INSTITUTION_EVENTS = ("accepted", "met", "second_contact", "intent", "signed", "delivered", "declined")
"""What an institution can tell: it introduces nobody, and a project withdraws itself."""
TEXTS = ("reason", "note", "source")


@allowed("institution", "organizer", "owner")
def cases_of(desk: Desk, institution_id: str, as_of: date) -> pd.DataFrame:
    """Cases of the desk's channel that the person may see; with ``institution_id`` that institution's only.

    Columns as :func:`app.dashboard.outcome_queries.followed`.
    """
    if institution_id:
        desk.access.require_institution(institution_id)
    elif desk.access.has(("institution",)):
        raise denied("cases of every institution")
    found = followed(desk, as_of)
    found = found[found["channel"] == desk.channel]
    return found[found["institution_id"] == institution_id] if institution_id else found


@allowed("institution", "organizer")
def events_allowed(desk: Desk) -> tuple[str, ...]:
    """Events that the person may enter."""
    told = EVENTS if desk.access.has(("organizer",)) else (*INSTITUTION_EVENTS, *AFTER)
    return told if desk.channel == "placement" else tuple(event for event in told if event not in AFTER)


@allowed("institution", "organizer", "owner")
def history_of(desk: Desk, project_id: str, institution_id: str) -> list[dict[str, Any]]:
    """Everything that was told of a case, in its order, with corrections; see :func:`data.entry.case_history`.

    Contacts in typed texts are masked. Who told it is the organizer's to know; ``mine`` marks what the person entered
    under an account of the own.
    """
    _require_case(desk, project_id, institution_id)
    rows = case_history(desk.system.store, _case(desk, project_id, institution_id))
    return [_shown(desk, row) for row in rows]


def _shown(desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
    actor = row["actor"]
    mine = actor == (desk.access.account or desk.access.role.name)
    told = {name: PERSONAL.sub(MASK, row[name]) if row[name] else "" for name in TEXTS}
    return {**row, **told, "actor": actor if desk.access.has(("organizer",)) else "", "mine": mine}


@allowed("institution", "organizer", "owner")
def state_on(desk: Desk, project_id: str, institution_id: str, as_of: date) -> dict[str, Any]:
    """State of a case on any past date in the columns of :func:`data.cases.cases`; empty before its introduction."""
    _require_case(desk, project_id, institution_id)
    return state_of(outcomes_of(desk), project_id, institution_id, desk.channel, as_of)


@allowed("institution", "organizer")
def enter(visitor: Visitor, desk: Desk, project_id: str, institution_id: str, cells: Mapping[str, Any]) -> Entry:
    """Enter an event of a case: ``cells`` are ``event``, ``at``, ``amount``, ``round``, ``reason``, ``source``.

    Raises
    ------
    DuijieError
        ``access.denied`` for a case or an event that is not the person's to tell, ``outcome.proof`` for a signing or
        delivery without a source.
    """
    event = str(cells["event"]) if cells else ""
    if desk.access.has(("organizer",)):
        within = scope_today(desk)
        if within is not None and project_id not in within:
            raise denied("event of another region")
    else:
        _require_case(desk, project_id, institution_id)
    if event not in events_allowed(desk):
        raise denied(f"event {event}")
    if event in PROVEN and not str(cells.get("source") or "").strip():
        raise DuijieError(UNPROVEN.code, UNPROVEN.message, UNPROVEN.hint)
    told = {**_case(desk, project_id, institution_id), **cells}
    return enter_event(desk.system.store, told, actor=visitor.actor, today=today_of(desk))


@allowed("institution", "organizer")
def take_back(
    visitor: Visitor, desk: Desk, project_id: str, institution_id: str, event: str, at: date, reason: str
) -> None:
    """Take an event of a case back; it stays in the history.

    Raises
    ------
    DuijieError
        ``access.denied`` for another's case, and for an institution that did not enter the event itself; else as
        :func:`data.entry.retract_event`.
    """
    _require_case(desk, project_id, institution_id)
    rows = history_of(desk, project_id, institution_id)
    standing = next((row for row in rows if row["stands"] and (row["event"], row["at"]) == (event, at)), None)
    if not desk.access.has(("organizer",)) and not (standing and standing["action"] == "entered" and standing["mine"]):
        raise denied("event of somebody else")
    case = _case(desk, standing["project_id"] if standing else project_id, institution_id)
    retract_event(desk.system.store, {**case, "event": event}, actor=visitor.actor, reason=reason, at=at)


def _case(desk: Desk, project_id: str, institution_id: str) -> dict[str, str]:
    return {"project_id": project_id, "institution_id": institution_id, "channel": desk.channel}


def _require_case(desk: Desk, project_id: str, institution_id: str) -> None:
    """Refuse a case that the person may not see; whether it exists is not told."""
    if desk.access.has(("institution",)):
        desk.access.require_institution(institution_id)
    found = followed(desk, today_of(desk))
    mine = (
        (found["project_id"] == project_id)
        & (found["institution_id"] == institution_id)
        & (found["channel"] == desk.channel)
    )
    if not mine.any():
        raise denied("case")
