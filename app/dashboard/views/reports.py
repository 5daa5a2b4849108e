"""The organizer's page of what is handed up: deadlines, writing a report, and growth cases that a person confirms."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.outcome_queries import today_of
from app.dashboard.parts.asking import EARLIEST, message_of
from app.dashboard.parts.case_entry import say_and_redraw, show_told
from app.dashboard.parts.downloads import MIME
from app.dashboard.parts.paged import paged
from app.dashboard.plain import escape
from app.dashboard.report_queries import (
    LONGEST_NAME,
    WRITERS,
    Growth,
    Wanted,
    decide_growth,
    due_reports,
    growth_cases,
    write_report,
)
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from app.reports.deadlines import DUE, OVERDUE, Due, quarter_of
from app.reports.report import CONTEST, QUARTER
from data.problem import DuijieError

KINDS = (QUARTER, CONTEST)
LONGEST_BY = 40
WIDTHS = {"what": 380, "due": 88, "state": 88, "days": 88, "written": 88}
"""Pixels of the columns of deadlines."""
DEADLINES = ("what", "due", "state", "days", "written")
GROWTH = ("name", "criterion", "evidence", "claim", "shown", "state")
FILE = "report_file"
"""Where the session keeps the file that was written last, with what it was written for."""


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    st.caption(visitor.say("reports.about"))
    show_told(visitor)
    found = due_reports(desk, today_of(desk))
    with st.container(key="stack_reports"):
        left, right = st.columns((4, 7), gap="medium")
    with left, st.container(border=True, key="reports_write"):
        wanted = _ask(visitor, desk, found)
        if wanted is not None:
            _write(visitor, desk, wanted)
    with right, st.container(border=True, key="reports_due"):
        _deadlines(visitor, desk, found)
    if wanted is not None:
        with st.container(border=True, key="reports_growth"):
            _growth(visitor, desk, wanted)


def _ask(visitor: Visitor, desk: Desk, found: list[Due]) -> Wanted | None:
    """What is to be written; None while a contest or a day is missing."""
    st.subheader(visitor.say("reports.write"), anchor=False)
    kinds = KINDS[:1] if desk.access.region else KINDS
    kind = st.segmented_control(
        visitor.say("reports.kind"),
        kinds,
        default=QUARTER,
        required=True,
        key="report_kind",
        format_func=lambda one: visitor.say(f"reports.{one}"),
    )
    told = _quarter(visitor, desk, found) if kind == QUARTER else _contest(visitor, desk, found)
    if told is None:
        return None
    scope, first, last = told
    start, end = _period(visitor, desk, first, last, f"{kind}_{scope}_{first}_{last}")
    internal = st.toggle(visitor.say("reports.internal"), key="report_internal")
    return Wanted(str(kind), scope, start, end, visitor.language, internal)


def _quarter(visitor: Visitor, desk: Desk, found: list[Due]) -> tuple[str, date, date]:
    """Scope by its name, and the period of a quarter; the last that is over by default."""
    quarters = [(one.begins, one.ends) for one in found if one.kind == QUARTER and one.begins and one.ends]
    today = today_of(desk)
    quarters = list(dict.fromkeys([*quarters, quarter_of(today)]))[::-1]
    over = next((at for at, (_, last) in enumerate(quarters) if last <= today), 0)
    with st.container(horizontal=True, vertical_alignment="bottom", key="report_quarter_ask"):
        at = st.selectbox(
            visitor.say("reports.quarter"),
            range(len(quarters)),
            index=over,
            key="report_quarter",
            width=190,
            format_func=lambda one: quarter_name(visitor, quarters[one][0]),
        )
        hint = "reports.scope_region" if desk.access.region else "reports.scope_hint"
        scope = st.text_input(
            visitor.say("reports.scope"),
            key="report_scope",
            max_chars=LONGEST_NAME,
            placeholder=visitor.say(hint),
            width=260,
        )
    return scope.strip(), *quarters[at]


def quarter_name(visitor: Visitor, first: date) -> str:
    """A quarter in words: 2022年4季度, Q4 2022."""
    return visitor.say("reports.quarter_name", year=first.year, number=(first.month - 1) // 3 + 1)


def _contest(visitor: Visitor, desk: Desk, found: list[Due]) -> tuple[str, date, date] | None:
    """A contest, and the period that its summary may count: the year in which it ended, up to ten days after it."""
    contests = {one.scope.zh: one for one in found if one.kind == CONTEST}
    if not contests:
        st.info(visitor.say("reports.no_contest"))
        return None
    name = st.selectbox(
        visitor.say("reports.contest_name"),
        list(contests),
        index=None,
        key="report_contest",
        placeholder=visitor.say("reports.contest_hint"),
    )
    if name is None:
        return None
    today = today_of(desk)
    last = min(contests[name].due or today, today)
    return name, date(last.year, 1, 1), last


def _period(visitor: Visitor, desk: Desk, first: date, last: date, key: str) -> tuple[date, date]:
    """Both days of the period, those proposed unless changed."""
    latest = max(last, today_of(desk)) + timedelta(days=366)
    with st.container(horizontal=True, key="report_period"):
        days = [
            st.date_input(
                visitor.say(f"reports.{name}"),
                day,
                key=f"report_{name}_{key}",
                min_value=EARLIEST,
                max_value=latest,
                format="YYYY-MM-DD",
                width=160,
            )
            for name, day in (("from", first), ("to", last))
        ]
    return days[0], days[1]


def _write(visitor: Visitor, desk: Desk, wanted: Wanted) -> None:
    """Buttons that write the report, and the download of what was written."""
    if wanted.end > today_of(desk):
        st.warning(visitor.say("reports.not_over"))
    with st.container(horizontal=True, key="report_buttons"):
        for form in WRITERS:
            if st.button(visitor.say(f"reports.make_{form}"), key=f"make_{form}", type="primary"):
                try:
                    with st.spinner(visitor.say("reports.wait")):
                        st.session_state[FILE] = (wanted, form, *write_report(visitor, desk, wanted, form))
                except DuijieError as error:
                    st.session_state.pop(FILE, None)
                    _trouble(visitor, error)
    kept = st.session_state.get(FILE)
    if kept and kept[0] == wanted:
        _, form, name, content = kept
        st.success(visitor.say("reports.written", name=escape(name)))
        st.download_button(
            visitor.say("reports.download"),
            content,
            file_name=name,
            mime=MIME[form],
            key="report_download",
            on_click="ignore",
        )


def _trouble(visitor: Visitor, error: DuijieError) -> None:
    if error.code == "access.denied":
        st.error(visitor.say("reports.denied"))
        return
    st.error(escape(message_of(error, visitor.language)))
    if error.hint:
        st.caption(escape(error.hint))


def _deadlines(visitor: Visitor, desk: Desk, found: list[Due]) -> None:
    """What is due, the overdue and the next first."""
    st.subheader(visitor.say("reports.deadlines"), anchor=False)
    today = today_of(desk)
    late = sum(one.state == OVERDUE for one in found)
    st.caption(visitor.say("reports.deadlines_about", late=late, count=len(found)))
    order = {state: at for at, state in enumerate((DUE, OVERDUE))}
    rows = sorted(found, key=lambda one: (order.get(one.state, 2), -(one.due or date.min).toordinal()))
    table = pd.DataFrame(
        [
            {
                "what": _what(visitor, one),
                "due": one.due.isoformat() if one.due else "–",
                "state": visitor.say(f"reports.state_{one.state}"),
                "days": _days(visitor, one, today),
                "written": one.written.isoformat() if one.written else "",
            }
            for one in rows
        ],
        columns=list(DEADLINES),
    )
    columns = {name: visitor.say(f"reports.column_{name}") for name in DEADLINES}
    paged(visitor, table, columns, "deadlines", visitor.say("reports.deadlines"), widths=WIDTHS)


def _what(visitor: Visitor, one: Due) -> str:
    scope = one.scope.name(visitor.language)
    if one.kind == QUARTER and one.begins:
        return f"{quarter_name(visitor, one.begins)} · {scope}"
    return scope + (visitor.say("reports.provisional") if one.provisional else "")


def _days(visitor: Visitor, one: Due, today: date) -> str:
    days = one.days(today)
    if days is None or one.written:
        return ""
    if days == 0:
        return visitor.say("reports.days_today")
    return visitor.say("reports.days_left" if days > 0 else "reports.days_late", days=abs(days))


def _growth(visitor: Visitor, desk: Desk, wanted: Wanted) -> None:
    """Cases that a rule proposes for the scope and period; a person confirms."""
    st.subheader(visitor.say("growth.title"), anchor=False)
    st.caption(visitor.say("growth.about"))
    if not st.toggle(visitor.say("growth.ask"), key="growth_ask"):  # every text of the scope is read for it
        return
    try:
        with st.spinner(visitor.say("reports.wait")):
            found = growth_cases(desk, wanted)
    except DuijieError as error:
        _trouble(visitor, error)
        return
    if found.rows.empty:
        st.info(visitor.say("growth.none"))
        return
    rows = found.rows.copy()
    for name in ("shown", "state"):
        rows[name] = [visitor.say(f"growth.{one}") for one in rows[name]]
    columns = {name: visitor.say(f"growth.column_{name}") for name in GROWTH}
    paged(visitor, rows, columns, "growth", visitor.say("growth.title"), widths={"name": 200, "evidence": 330})
    _decide(visitor, desk, wanted, found)


def _decide(visitor: Visitor, desk: Desk, wanted: Wanted, found: Growth) -> None:
    names = dict(zip(found.rows["project_id"], found.rows["name"], strict=True))
    with st.container(horizontal=True, vertical_alignment="bottom", key="growth_decide"):
        chosen = st.selectbox(
            visitor.say("growth.choose"),
            list(names),
            index=None,
            key="growth_project",
            width=360,
            placeholder=visitor.say("growth.choose_hint"),
            format_func=lambda one: f"{names[one]}（{one}）" + (" ✓" if one in found.by else ""),
        )
        by = st.text_input(
            visitor.say("growth.by"), visitor.rights.account, key="growth_by", max_chars=LONGEST_BY, width=200
        )
        done = chosen in found.by
        label = visitor.say("growth.withdraw" if done else "growth.confirm")
        if st.button(label, key="growth_go", type="primary", disabled=chosen is None or not by.strip()):
            told = "growth.withdrawn" if done else "growth.confirmed_now"
            say_and_redraw(
                visitor,
                told,
                lambda: decide_growth(visitor, desk, wanted, str(chosen), by.strip(), take_back=done),
            )
    if done:
        st.caption(visitor.say("growth.confirmed_by", by=escape(found.by[str(chosen)])))


VIEW = View("reports", 74, ("organizer",), show)
