"""Call-backs as a calendar that people subscribe to or import (iCalendar, RFC 5545).

One all-day event a case, on its due date, under an identity that never changes; the number of revisions grows with
every change, so that a calendar programme moves the event instead of adding one. Cases that ended or need no more
calls are cancelled; one whose project is let go since (withdrawn, say) is cancelled without its name where an earlier
export holds it, and else left out. The same cases give the same bytes. Texts come from entrants and staff: the library
escapes them, and contact data is masked before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pandas as pd
from icalendar import Calendar, Event

from app.following import LABELS
from data.cases import KEY
from data.followup import ACTION, CLOSED, COMPLETE
from data.reference.vocabularies import vocabulary
from data.store import Store

ZONE = "Asia/Shanghai"
CANCELLED_DAYS = 180
"""Cases that ended longer ago are left out: whoever refreshes twice a year has seen them cancelled."""


@dataclass
class Changes:
    """How often something was told of a case (the number only grows), and when last (UTC)."""

    count: int = 0
    last: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def add(self, at: datetime, count: int = 1) -> None:
        """Something was told."""
        self.count += count
        self.last = max(self.last, at)


Case = tuple[str, str, str]


def changes_of(store: Store) -> dict[Case, Changes]:
    """What was told of each case. An event counts by its day, which an import keeps, and what was entered by its entry.

    An event that is taken back counts twice: it is no longer among the events.
    """
    merges = store.merges()
    changes: dict[Case, Changes] = {}

    def told(case: Mapping[str, Any], at: datetime, count: int) -> None:
        key = (merges.get(case["project_id"], case["project_id"]), case["institution_id"], case["channel"])
        changes.setdefault(key, Changes()).add(at.replace(tzinfo=UTC), count)

    for event in store.current("outcomes").select([*KEY, "at"]).to_pylist():
        told(event, datetime.combine(event["at"], time.min), 1)
    for entry in store.journal("outcome", "retract", ACTION):
        payload = entry["payload"]
        for case in payload["events"] if entry["action"] == "outcome" else [payload]:
            told(case, entry["at"], {"outcome": 0, "retract": 2}.get(entry["action"], 1))
    return changes


def identity(case: Mapping[str, Any]) -> str:
    """The event's UID: the same for a case in every export, and telling nothing of it."""
    key = "\x1f".join((case["project_id"], case["institution_id"], case["channel"]))
    return f"{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}@followup.duijie.invalid"


def revisions(text: bytes) -> dict[str, tuple[int, str]]:
    """Number and content of every event of an earlier export, by UID; empty for what is no calendar."""
    try:
        calendar = Calendar.from_ical(text)
    except ValueError:
        return {}
    return {str(event["UID"]): (int(event.get("SEQUENCE", 0)), _content(event)) for event in calendar.walk("VEVENT")}


def calendar_of(
    found: pd.DataFrame,
    as_of: date,
    changes: Mapping[Case, Changes],
    before: Mapping[str, tuple[int, str]] | None = None,
) -> bytes:
    """The calendar of a follow-up list (columns of :func:`app.following.follow_up_list`).

    ``changes`` (see :func:`changes_of`) number the revisions even when no earlier export is at hand, and date them.
    ``before`` (see :func:`revisions`) adds what they cannot know, a new name or another plan.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Duijie//follow-up//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "回访 / Call-backs")
    calendar.add("x-wr-timezone", ZONE)
    for told_of in found.sort_values(KEY).to_dict("records"):
        row = {str(name): value for name, value in told_of.items()}
        event = _event(row, as_of)
        earlier, content = (before or {}).get(identity(row), (-1, ""))
        if event is None or (row["let_go"] and earlier < 0):
            continue
        told = changes.get((row["project_id"], row["institution_id"], row["channel"]), Changes())
        event.add("sequence", max(told.count, earlier if content == _content(event) else earlier + 1))
        event.add("dtstamp", max(told.last, datetime.combine(row["introduced_at"], time.min, UTC)))
        calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data


def _event(row: Mapping[str, Any], as_of: date) -> Event | None:
    """The event of one case; None for one that ended long ago."""
    over = row["state"] in (CLOSED, COMPLETE)
    day = _last_day(row) if over else row["due"].date()
    if over and not row["let_go"] and (as_of - day).days > CANCELLED_DAYS:
        return None
    event = Event()
    event.add("uid", identity(row))
    channel = vocabulary("channels")
    names = f"{row['project'] or row['project_id']} × {row['institution']}"
    event.add("summary", f"回访 Call back：{names}（{channel.label(row['channel'])}）")
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if over else "CONFIRMED")
    event.add("description", "\n".join(_description(row)))
    return event


def _last_day(row: Mapping[str, Any]) -> date:
    """The day on which a case ended, or was last spoken of."""
    days = [row[name] for name in ("ended_at", "last_contact", "introduced_at") if not pd.isna(row[name])]
    last: date = days[0].date()
    return last


def _description(row: Mapping[str, Any]) -> list[str]:
    zh, en = LABELS[""]
    lines = [
        f"负责人 Owner: {row['owner'] or f'{zh} / {en}'}",
        f"下一步 Next step: {row['next_step'] or '—'}",
        f"进展 Stage: {vocabulary('events').label(row['rung'])} / {vocabulary('events').label(row['rung'], 'en')}",
        f"{row['project_id']} × {row['institution_id']}",
    ]
    place = " ".join(row[name] for name in ("province", "city", "district") if row[name])
    return [*lines, *([f"地区 Region: {place}"] if place else [])]


def _content(event: Any) -> str:
    """What of an event a person sees; a change of it is a revision."""
    names = ("SUMMARY", "STATUS", "DESCRIPTION")
    return "\x1f".join([*(str(event.get(name, "")) for name in names), event["DTSTART"].to_ical().decode()])
