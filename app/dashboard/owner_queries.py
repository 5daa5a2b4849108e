"""What a project owner sees and says of her own projects: recommendations by channel, consent, introductions.

Every function asks first whether the project is hers. What she says of consent holds at once, for everything that is
shown; what she answers to an introduction passes the checks of every event that is entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.dashboard.access import denied
from app.dashboard.desk import Desk, allowed, open_desk
from app.dashboard.outcome_queries import today_of
from app.dashboard.queries import held, listing, records, sees_project
from app.dashboard.stamped import store_key
from app.dashboard.visitor import Visitor
from data.cases import OPEN, cases
from data.consents import ANSWERS, CONSENT, GIVEN, REFUSED, WITHDRAWN, consent_entry, consent_of
from data.declines import decline_label
from data.entry import Entry, enter_event
from data.problem import DuijieError
from matcher.channel import channels

SOURCE = "项目方 / owner"
"""``source`` of the events that an owner enters, and what she says in the journal of consents."""
ACCEPTED, DECLINED = "accepted", "declined"
DECLINE_REASONS = (
    *("known", "relocation", "instrument", "amount", "valuation", "conditions", "schedule", "paused", "no_need"),
    "other",
)
"""Codes of ``decline_reasons`` that the project's side can give."""
MOST = 3
"""Institutions named in the summary of a channel; all of them stand in its list."""


@dataclass(frozen=True)
class ChannelStanding:
    """How a project stands in one channel today.

    ``consent`` is ``given``, ``refused`` or ``not_asked``; ``held`` the code of what keeps it out, or ``""``.
    ``count`` institutions are recommended by the last run, None when the run does not know the project or there is
    none; ``best`` are the first of them, each with ``listed``, ``name`` and ``reasons``.
    """

    channel: str
    consent: str
    held: str
    count: int | None
    best: list[dict[str, Any]]


@allowed("owner")
def standing_of(visitor: Visitor, desk: Desk, project_id: str) -> list[ChannelStanding]:
    """How a project of the visitor's own stands in every channel."""
    _own(desk, project_id)
    told = _consent(store_key(desk), project_id, desk)
    return [_standing(desk, name, project_id, consent_of(told, name)) for name in channels()]


def _standing(desk: Desk, channel: str, project_id: str, answer: str) -> ChannelStanding:
    try:
        own = open_desk(channel, desk.access)
    except DuijieError as error:
        if error.code not in ("run.missing", "run.outdated"):
            raise
        return ChannelStanding(channel, answer, "", None, [])
    reason = held(own).get(project_id, "")
    if not sees_project(own, project_id):
        return ChannelStanding(channel, answer, reason, None, [])
    found = listing(own, "projects", project_id, everything=False)
    best = [{**row, "reasons": found.reasons[str(row["listed"])]} for row in records(found.frame.head(MOST))]
    return ChannelStanding(channel, answer, reason, len(found.frame), best)


@st.cache_resource(max_entries=64, show_spinner=False)
def _consent(key: tuple[object, ...], project_id: str, _desk: Desk) -> list[str] | None:
    """The cell ``consent`` of a project as it stands now; None where nobody said anything."""
    store = _desk.system.store
    shown = store.merges().get(project_id, project_id)
    projects = store.shown("projects")["projects"]
    cells = projects.filter(pc.equal(projects.column("project_id"), shown)).column("consent").to_pylist()
    return cells[0] if cells else None


def answers_to(consent: str) -> tuple[str, ...]:
    """What can be said next: a consent is withdrawn, everything else is given or refused."""
    return {GIVEN: (WITHDRAWN,), REFUSED: (GIVEN,)}.get(consent, (GIVEN, REFUSED))


@allowed("owner")
def answer_consent(visitor: Visitor, desk: Desk, project_id: str, channel: str, answer: str) -> None:
    """Give, refuse or withdraw the consent of the visitor's own project to a channel; it holds at once.

    Raises
    ------
    DuijieError
        ``access.denied`` for another's project; else as :func:`data.consents.consent_entry`.
    """
    _own(desk, project_id)
    if answer not in ANSWERS:
        raise denied(f"consent {answer}")
    store = desk.system.store
    known = store.current("projects").column("project_id").to_pylist()
    store.append(visitor.actor, CONSENT, consent_entry(project_id, [channel], answer, SOURCE, known))


@allowed("owner")
def introductions_of(visitor: Visitor, desk: Desk, project_id: str) -> list[dict[str, Any]]:
    """Introductions of the visitor's own project in every channel, the latest first.

    A row has the ids, ``channel``, ``name`` of the institution, ``introduced_at``, ``last_event``, ``last_at`` and
    ``open``: whether it waits for an answer.
    """
    _own(desk, project_id)
    found = cases(_events(store_key(desk), project_id, desk), today_of(desk))
    names = _names(store_key(desk), desk)
    rows = [_introduction(row, names) for row in records(found[~found["history"]])]
    return sorted(rows, key=lambda row: (row["introduced_at"], row["institution_id"]), reverse=True)


def _introduction(case: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {
        "institution_id": case["institution_id"],
        "name": names.get(case["institution_id"], ""),
        "channel": case["channel"],
        "introduced_at": pd.Timestamp(case["reached_introduced"]).date(),
        "last_event": case["last_event"],
        "last_at": pd.Timestamp(case["last_at"]).date(),
        "open": case["state"] == OPEN and case["rung"] == 0,
    }


@allowed("owner")
def answer_introduction(
    visitor: Visitor,
    desk: Desk,
    project_id: str,
    institution_id: str,
    channel: str,
    event: str,
    reason: str = "",
) -> Entry:
    """Accept or decline an introduction of the visitor's own project, today; ``reason`` is a code of
    :data:`DECLINE_REASONS` and belongs to a decline.

    Raises
    ------
    DuijieError
        ``access.denied`` for another's project or an introduction that waits for no answer, ``outcome.reason`` for a
        decline without a reason.
    """
    waiting = introductions_of(visitor, desk, project_id)
    asked = (institution_id, channel, True)
    if event not in (ACCEPTED, DECLINED) or asked not in {
        (row["institution_id"], row["channel"], row["open"]) for row in waiting
    }:
        raise denied("answer to an introduction")
    if event == DECLINED and reason not in DECLINE_REASONS:
        raise DuijieError("outcome.reason", "谢绝须选择理由 / a decline needs a reason", ", ".join(DECLINE_REASONS))
    cells = {"project_id": project_id, "institution_id": institution_id, "channel": channel, "event": event}
    told = {"at": today_of(desk).isoformat(), "source": SOURCE}
    said = {"reason": decline_label(reason)} if event == DECLINED else {}
    return enter_event(desk.system.store, cells | told | said, actor=visitor.actor, today=date.today())


@st.cache_resource(max_entries=64, show_spinner=False)
def _events(key: tuple[object, ...], project_id: str, _desk: Desk) -> pa.Table:
    outcomes = _desk.system.store.shown("projects", "outcomes")["outcomes"]
    return outcomes.filter(pc.equal(outcomes.column("project_id"), project_id))


@st.cache_resource(max_entries=4, show_spinner=False)
def _names(key: tuple[object, ...], _desk: Desk) -> dict[str, str]:
    rows = _desk.system.store.current("institutions").select(["institution_id", "name"]).to_pylist()
    return {row["institution_id"]: row["name"] for row in rows}


def _own(desk: Desk, project_id: str) -> None:
    """Refuse a project that is not the visitor's; whether it exists is not told."""
    if project_id not in desk.access.projects:
        raise denied("project of somebody else")
