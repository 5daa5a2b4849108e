"""What an institution decided, and its saved searches. Organizers read decisions; only the institution's side writes.

Every function asks again what the visitor may see: a project that is not shown to the visitor can be neither read
here nor decided on.
"""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.dashboard.access import denied
from app.dashboard.desk import Desk, allowed
from app.dashboard.outcome_queries import today_of
from app.dashboard.queries import institution, institution_names, project_names, sees_project
from app.dashboard.rows import projects_of
from app.dashboard.run_texts import read_rows, rows_of
from app.dashboard.visitor import Visitor
from app.feedback import Decision, decide, decisions
from app.introductions import Allowance, allowance
from app.saved_searches import SavedSearch, forget_search, save_search, saved_searches
from data.decisions import DECISION, passes_of
from data.merging import MERGE, UNMERGE, Merges, merges_of
from features.families.feedback import Recurring, recurring


@st.cache_resource(max_entries=8, show_spinner=False)
def _decisions(key: tuple[object, ...], _desk: Desk) -> dict[tuple[str, str, str], Decision]:
    return decisions(_desk.system.store)


@allowed("institution", "organizer")
def decisions_of(visitor: Visitor, desk: Desk, institution_id: str) -> dict[str, Decision]:
    """Decisions of an institution in the desk's channel by project, newest last; of projects that may be shown only."""
    _check(desk, institution_id)
    names = project_names(desk, everything=visitor.role.organizes)
    return {
        project: decision
        for (institution, channel, project), decision in _decisions(desk.key, desk).items()
        if institution == institution_id and channel == desk.channel and project in names
    }


@allowed("institution", "organizer")
def hidden_projects(visitor: Visitor, desk: Desk, institution_id: str) -> frozenset[str]:
    """Projects that the institution passed, or snoozed until a later day. Nothing is hidden from the organizer."""
    if visitor.role.organizes:
        return frozenset()
    today = date.today()
    found = decisions_of(visitor, desk, institution_id)
    return frozenset(project for project, decision in found.items() if decision.hides(today))


@allowed("institution", "organizer")
def recurring_of(visitor: Visitor, desk: Desk, institution_id: str) -> list[Recurring]:
    """Reasons that recur among the institution's passes as they stand now: what the next run will learn from them."""
    _check(desk, institution_id)
    return [one for one in _recurring(desk.key, desk) if one.institution_id == institution_id]


@st.cache_resource(max_entries=4, show_spinner=False)
def _recurring(key: tuple[object, ...], _desk: Desk) -> list[Recurring]:
    told = _desk.system.store.journal(DECISION, MERGE, UNMERGE)
    passes = passes_of(told, merges_of(told), date.today())
    if not passes.num_rows:
        return []
    passed = pc.unique(passes.column("project_id"))  # no other project speaks of what recurs
    rows = rows_of(_desk, projects_of(_desk).places(passed.to_pylist()))
    return recurring(passes, _desk.channel, rows, read_rows(_desk, rows))


@allowed("institution")
def write_decision(
    visitor: Visitor,
    desk: Desk,
    institution_id: str,
    project_id: str,
    state: str,
    *,
    reason: str = "",
    note: str = "",
    until: date | None = None,
) -> None:
    """Keep a decision of the visitor's institution.

    Raises
    ------
    DuijieError
        ``access.denied`` for anybody else and for a project that is not shown; else as :func:`app.feedback.decide`.
    """
    _check(desk, institution_id)
    if not sees_project(desk, project_id):
        raise denied("decision on a project")
    decide(
        desk.system.store,
        project_id,
        institution_id,
        desk.channel,
        state,
        actor=visitor.actor,
        today=date.today(),
        reason=reason,
        note=note,
        until=until,
    )


@allowed("institution", "organizer")
def searches_of(visitor: Visitor, desk: Desk, institution_id: str, page: str) -> dict[str, SavedSearch]:
    """Saved searches of an institution on one page, by name."""
    _check(desk, institution_id)
    found = _searches(desk.key, institution_id, desk)
    return {one.name: one for one in found if one.page == page}


@st.cache_resource(max_entries=64, show_spinner=False)
def _searches(key: tuple[object, ...], institution_id: str, _desk: Desk) -> list[SavedSearch]:
    return saved_searches(_desk.system.store, institution_id, _desk.channel)


@allowed("institution")
def keep_search(
    visitor: Visitor, desk: Desk, institution_id: str, search: SavedSearch, *, forget: bool = False
) -> None:
    """Save a search of the visitor's institution, or forget it.

    Raises
    ------
    DuijieError
        ``access.denied`` for anybody else; else as :func:`app.saved_searches.save_search`.
    """
    _check(desk, institution_id)
    write = forget_search if forget else save_search
    write(desk.system.store, institution_id, desk.channel, search, actor=visitor.actor)


def _check(desk: Desk, institution_id: str) -> None:
    desk.access.require_institution(institution_id)
    if institution_id not in institution_names(desk):
        raise denied("institution of another channel")


@allowed("institution", "organizer")
def allowance_of(visitor: Visitor, desk: Desk, institution_id: str) -> Allowance | None:
    """What is left of the introductions that an institution said it can take; None where it named no number.

    The same for the institution and for every organizer, also of a region: it is a number about the institution.
    """
    _check(desk, institution_id)
    told = institution(desk, institution_id).get("attention")
    outcomes, merges = _outcomes(desk.key, desk)
    return allowance(told, outcomes, merges, institution_id, today_of(desk))


@st.cache_resource(max_entries=4, show_spinner=False)
def _outcomes(key: tuple[object, ...], _desk: Desk) -> tuple[pa.Table, Merges]:
    return _desk.system.store.current("outcomes"), _desk.system.store.merges()
