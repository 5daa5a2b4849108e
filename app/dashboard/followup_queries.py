"""Follow-up for the organizer: what is due, who is in charge, entering call-backs, and the calendar of all that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from app.calendar import calendar_of, changes_of
from app.dashboard.access import denied
from app.dashboard.desk import Desk, allowed
from app.dashboard.outcome_queries import followed, scope_today, today_of
from app.dashboard.stamped import store_key
from app.dashboard.visitor import Visitor
from app.following import PLACES, counted
from data.cases import KEY
from data.entry import Entry, check_event, enter_event
from data.followup import CLOSED, COMPLETE, EVENT, NOT_CALLED, SCHEDULED
from data.followup_entry import call_back, set_followup

ORDER = (NOT_CALLED, SCHEDULED, COMPLETE, CLOSED)
"""States of the follow-up, the most pressing first."""
SOURCE = "回访 / call-back"


@allowed("organizer")
def followups_of(desk: Desk, as_of: date, channel: str) -> pd.DataFrame:
    """Follow-up of every case (of one channel, or of all), overdue first, the longest on top.

    Columns as :func:`app.dashboard.outcome_queries.followed`.
    """
    return _pressing(store_key(desk), desk.access.scope, as_of, channel, desk)


@st.cache_resource(max_entries=12, show_spinner=False)
def _pressing(
    key: tuple[object, ...], scope: tuple[object, ...], as_of: date, channel: str, _desk: Desk
) -> pd.DataFrame:
    found = followed(_desk, as_of)
    found = found[found["let_go"] == ""]  # nobody calls back
    found = found[found["channel"] == channel] if channel else found
    order = found["state"].map({state: at for at, state in enumerate(ORDER)})
    found = found.assign(order=order).sort_values(["order", "due", "owner", *KEY], ignore_index=True)
    return found.drop(columns="order")


@allowed("organizer")
def overdue_counts(desk: Desk, as_of: date, channel: str, by: str) -> pd.DataFrame:
    """Cases by province, city or owner, as :func:`app.following.counted` has them, most overdue first."""
    found = counted(followups_of(desk, as_of, channel), by)
    names = list(PLACES[: PLACES.index(by) + 1]) if by in PLACES else [by]
    rows = zip(*(found[name] for name in names), strict=True)
    found["label"] = [" ".join(part for part in dict.fromkeys(row) if part) for row in rows]
    return found.reset_index(drop=True)


@allowed("organizer")
def calendar_file(desk: Desk, as_of: date, rows: pd.DataFrame) -> bytes:
    """An .ics file of these rows of :func:`followups_of`; rows of cases that the person may not see are left out."""
    mine = followed(desk, as_of).merge(rows[KEY], on=KEY)
    return calendar_of(mine, as_of, changes_of(desk.system.store))


@allowed("organizer")
def assign(
    visitor: Visitor,
    desk: Desk,
    case: Mapping[str, str],
    *,
    owner: str | None = None,
    next_step: str | None = None,
    due: date | str | None = None,
) -> None:
    """Say who is in charge of a case, what comes next and when; see :func:`data.followup_entry.set_followup`."""
    _require(desk, case)
    told: dict[str, Any] = {"owner": owner, "next_step": next_step, "due": due}
    set_followup(desk.system.store, dict(case), actor=visitor.actor, today=today_of(desk), **told)


@allowed("organizer")
def called(
    visitor: Visitor, desk: Desk, case: Mapping[str, str], result: str, on: date, note: str, event: Mapping[str, Any]
) -> Entry | None:
    """Mark a call-back as made; with ``event`` (``event``, ``reason``) its news is entered as well.

    Gives what became of the event; when it is refused, the call is not entered either.
    """
    _require(desk, case)
    store, today = desk.system.store, today_of(desk)
    if not event:
        call_back(store, dict(case), result, actor=visitor.actor, today=today, on=on, note=note)
        return None
    cells = {**case, **event, "at": on, "source": SOURCE}
    checked = check_event(store, cells, today)
    if not checked.accepted:
        return checked
    call_back(store, dict(case), EVENT, actor=visitor.actor, today=today, on=on, note=note)
    return enter_event(store, cells, actor=visitor.actor, today=today)


def _require(desk: Desk, case: Mapping[str, str] | None) -> None:
    """Refuse a case of another region."""
    within = scope_today(desk)
    if not case or (within is not None and case["project_id"] not in within):
        raise denied("follow-up of a case")
