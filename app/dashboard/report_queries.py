"""Reports that organizers hand up: deadlines, writing one, and the growth cases that a person confirms.

An organizer of a region writes for that region and what lies inside; contests, whose projects may come from anywhere,
are left to the organizers of the whole country.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
import streamlit as st

from app.dashboard.access import denied
from app.dashboard.desk import Desk, allowed
from app.dashboard.outcome_queries import today_of
from app.dashboard.stamped import store_key
from app.dashboard.visitor import Visitor
from app.reports.awards import contest_wordings, contests_named, placed_awards
from app.reports.deadlines import Due, contest_end, deadlines, keep_written
from app.reports.document import write_document
from app.reports.facts import Facts, read_facts
from app.reports.growth import ACTION, WITHHELD, GrowthCase, confirm, confirmations, confirmed, propose, withdraw
from app.reports.report import CONTEST, QUARTER, make_report
from app.reports.scope import NATION, Scope, resolve_scope
from app.reports.template import load_template
from app.reports.workbook import proposal_rows, write_workbook
from data.problem import DuijieError
from data.reference.regions import regions

WRITERS = {"docx": write_document, "xlsx": write_workbook}
LONGEST_NAME = 80
"""Characters of the name of a scope."""


@dataclass(frozen=True)
class Wanted:
    """What a report is asked for: ``kind`` quarter or contest, name of the scope, period, and how it is written."""

    kind: str
    scope: str
    start: date
    end: date
    language: str = "zh"
    internal: bool = False


def _scope_of(desk: Desk, name: str) -> Scope:
    """The scope of a name, within the organizer's region; without a name, the region or the nation.

    Raises
    ------
    DuijieError
        ``access.denied`` for a scope beyond the region; else as :func:`app.reports.scope.resolve_scope`.
    """
    bound, (keys, wordings) = desk.access.region, _contests(store_key(desk), desk)
    if not bound:
        return resolve_scope(name[:LONGEST_NAME], keys, wordings=wordings)
    if not name.strip():
        return Scope("place", bound, regions().label(bound), regions().label(bound, "en"))
    scope = resolve_scope(name[:LONGEST_NAME], keys, wordings=wordings)
    if scope.kind != "place" or not (scope.key == bound or regions().covers(bound, regions().place(scope.key))):
        raise denied("report of another region")
    return scope


@st.cache_resource(max_entries=4, show_spinner=False)
def _contests(key: tuple[object, ...], _desk: Desk) -> tuple[list[str], list[tuple[str, str]]]:
    """Contests that stored awards name: their ids, and what the awards call them."""
    awards = placed_awards(_desk.system.store.shown("projects", "awards")["awards"])
    return sorted(contests_named(awards)), contest_wordings(awards)


@allowed("organizer")
def due_reports(desk: Desk, as_of: date) -> list[Due]:
    """Reports that are or will be due, by date: for a region its quarters only."""
    found = _due(store_key(desk), desk.access.region, as_of, desk)
    return [one for one in found if one.kind == QUARTER] if desk.access.region else found


@st.cache_resource(max_entries=8, show_spinner=False)
def _due(key: tuple[object, ...], region: str, as_of: date, _desk: Desk) -> list[Due]:
    return deadlines(_desk.system.store, as_of, _scope_of(_desk, "") if region else NATION)


def _facts(desk: Desk, wanted: Wanted) -> Facts:
    scope = _scope_of(desk, wanted.scope)
    if wanted.kind == CONTEST and scope.kind not in ("contest", "edition"):
        raise DuijieError("report.contest", f"{scope.zh} 不是赛事 / no contest", "赛事名 / NAME of a contest")
    return _kept_facts(store_key(desk), scope, wanted.start, wanted.end, desk)


@st.cache_resource(max_entries=4, show_spinner=False)
def _kept_facts(key: tuple[object, ...], scope: Scope, start: date, end: date, _desk: Desk) -> Facts:
    return read_facts(_desk.system.store, scope, start, end)


@allowed("organizer")
def write_report(visitor: Visitor, desk: Desk, wanted: Wanted, form: str) -> tuple[str, bytes]:
    """Write a report as ``docx`` or ``xlsx``, with its entry in the journal; gives the file's name and content.

    Raises
    ------
    DuijieError
        ``access.denied`` for a scope beyond the region, ``report.period``, ``report.contest``, ``scope.unknown``.
    """
    if form not in WRITERS:
        raise DuijieError("report.format", f"不支持 / no such format: {form}", f"one of {', '.join(WRITERS)}")
    store, today = desk.system.store, today_of(desk)
    facts = _facts(desk, wanted)
    ended = contest_end(store, facts.scope) if wanted.kind == CONTEST else None
    shape = load_template(wanted.kind, wanted.language, None)
    ends = ended[0] if ended else wanted.end
    report = make_report(store, facts, wanted.kind, shape, written=today, ends=ends, internal=wanted.internal)
    content = WRITERS[form](report)
    name = f"duijie-{wanted.kind}-{wanted.start}-{wanted.end}.{form}"
    keep_written(store, report, content, actor=visitor.actor, name=name)
    return name, content


def _proposals(desk: Desk, wanted: Wanted) -> list[GrowthCase]:
    """Kept by rows and events: a confirmation changes no proposal."""
    facts = _facts(desk, wanted)
    return _proposed(facts.fingerprint, facts.scope, wanted.start, wanted.end, facts)


@st.cache_resource(max_entries=8, show_spinner=False)
def _proposed(fingerprint: str, scope: Scope, start: date, end: date, _facts_: Facts) -> list[GrowthCase]:
    return propose(_facts_)


@dataclass(frozen=True)
class Growth:
    """Growth cases of a scope and period. ``rows``: one a piece of evidence, as the organizer may read it, in columns
    ``project_id, name, criterion, evidence, claim, shown, state``; ``by``: who confirmed which project.
    """

    rows: pd.DataFrame
    by: dict[str, str]


@allowed("organizer")
def growth_cases(desk: Desk, wanted: Wanted) -> Growth:
    """Growth cases that a rule proposes; those that may not be told at all are none."""
    cases, store = _proposals(desk, wanted), desk.system.store
    done = confirmed(cases, confirmations(store.journal(ACTION), store.merges()))
    names = {case.project_id: case.by for case in done}
    head, rows = proposal_rows(cases, set(names), wanted.language)
    return Growth(pd.DataFrame(rows, columns=list(head)), names)


@allowed("organizer")
def decide_growth(
    visitor: Visitor, desk: Desk, wanted: Wanted, growth_id: str, by: str, *, take_back: bool = False
) -> None:
    """Confirm the proposed growth case of project ``growth_id``, or take the confirmation back; kept in the journal.

    Raises
    ------
    DuijieError
        ``growth.unproposed`` for a project that no rule proposes in the scope; else as
        :func:`app.reports.growth.confirm` and :func:`app.reports.growth.withdraw`.
    """
    found = next((one for one in _proposals(desk, wanted) if _open(one) and one.project_id == growth_id), None)
    if found is None:
        raise DuijieError("growth.unproposed", "在此期间不符合任何一条标准 / meets no criterion in this period")
    store, today = desk.system.store, today_of(desk)
    if take_back:
        withdraw(store, growth_id, by=by, actor=visitor.actor, on=today)
    else:
        confirm(store, found, by=by, actor=visitor.actor, on=today)


def _open(case: GrowthCase) -> bool:
    return case.shown != WITHHELD
