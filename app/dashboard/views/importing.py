"""The organizer's page to import files: what they hold, what is wrong, what would change, and the import itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.import_queries import LONGEST_TOLD, Declared, Imported, Preview, import_files, preview_files
from app.dashboard.import_scope import NATIONAL
from app.dashboard.parts.asking import message_of
from app.dashboard.parts.beginning import match_command
from app.dashboard.parts.import_guide import show_guide
from app.dashboard.parts.import_preview import show_files, show_first_errors, show_problems, show_rows
from app.dashboard.parts.style import draw_style
from app.dashboard.plain import escape
from app.dashboard.store_queries import lacking
from app.dashboard.uploads import MOST_BYTES, MOST_FILES, Upload
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from data.intake import readers
from data.problem import DuijieError
from data.reference.regions import regions
from data.tables import TABLES
from matcher.channel import channels

STATE = "importing"
CHANGES = ("added", "changed", "unchanged")


@dataclass
class _State:
    """What a session holds of its import: nobody else sees it, and a new turn forgets the files.

    It is changed in place: a click that interrupts the page between two of its steps finds it whole.
    """

    turn: int = 0
    shown: dict[tuple[object, ...], Preview] = field(default_factory=dict)
    done: Imported | None = None


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    state: _State = st.session_state.setdefault(STATE, _State())
    draw_style("importing")
    st.caption(visitor.say("importing.about"))
    if desk.access.bounded:
        region = regions().label(desk.access.region, visitor.language)
        st.info(visitor.say("importing.region", region=escape(region)))
    above = st.container()
    with st.container(border=True, key="import_ask"):
        files = st.file_uploader(
            visitor.say("importing.files"),
            type=sorted(suffix.lstrip(".") for suffix in readers()),
            accept_multiple_files=True,
            key=f"import_files_{state.turn}",
            max_upload_size=MOST_BYTES >> 20,
        )
        st.caption(visitor.say("importing.bounds", files=MOST_FILES, megabytes=MOST_BYTES >> 20))
        declared = _declared(visitor, state.turn)
    if files:
        state.done = None
        _preview(visitor, desk, state, files, declared)
    else:
        state.shown.clear()
        with above:
            if state.done is not None:
                _told(visitor, desk, state.done)
            elif lacking(desk) == "all" and not desk.access.bounded:
                st.info(visitor.say("importing.first"))
        with st.container(border=True, key="import_guide"):
            show_guide(visitor, [name for name in TABLES if not (desk.access.bounded and name in NATIONAL)])


def _declared(visitor: Visitor, turn: int) -> Declared:
    """What lists and forms may not say themselves, and consent that the organizer holds."""
    with st.expander(visitor.say("importing.told")):
        st.caption(visitor.say("importing.told_about"))
        with st.container(horizontal=True, key="import_told"):
            programme, edition, contest = (
                st.text_input(
                    visitor.say(f"importing.{name}"),
                    key=f"import_{name}_{turn}",
                    max_chars=LONGEST_TOLD,
                    placeholder=visitor.say(f"importing.{name}_hint"),
                    width=220,
                ).strip()
                for name in ("programme", "edition", "contest")
            )
        known = channels()
        consent = st.multiselect(
            visitor.say("importing.consent"),
            list(known),
            key=f"import_consent_{turn}",
            placeholder=visitor.say("importing.consent_hint"),
            format_func=lambda one: known[one].label(visitor.language),
        )
        st.caption(visitor.say("importing.consent_about"))
    return Declared(programme, edition, contest, tuple(consent))


def _preview(visitor: Visitor, desk: Desk, state: _State, files: list[Any], declared: Declared) -> None:
    """Draw what the files would change. It is read anew when files, declarations, rights or the store change."""
    key = (tuple(one.file_id for one in files), declared, desk.access, desk.stamp)
    if key not in state.shown:
        with st.spinner(visitor.say("importing.reading"), show_time=True):
            found = preview_files(desk, _uploads(files), declared)
        state.shown = {key: found}
    preview = state.shown[key]
    with st.container(border=True, key="import_read"):
        show_files(visitor, preview)
        _decide(visitor, desk, state, files, declared, preview)
    with st.container(border=True, key="import_problems"):
        show_problems(visitor, preview.problems)
    if not preview.rows.empty:
        with st.container(border=True, key="import_rows"):
            show_rows(visitor, preview)


def _uploads(files: list[Any]) -> list[Upload]:
    return [Upload(str(one.name), one.getvalue()) for one in files]


def _decide(
    visitor: Visitor, desk: Desk, state: _State, files: list[Any], declared: Declared, preview: Preview
) -> None:
    """Say whether the files can be imported, and import them when asked to."""
    if preview.blocked:
        st.error(visitor.say("importing.blocked", count=preview.errors))
        show_first_errors(visitor, preview.problems)
        return
    if preview.tables.empty:
        st.warning(visitor.say("importing.nothing"))
        return
    if not preview.changing:
        st.info(visitor.say("importing.same"))
    else:
        st.success(visitor.say("importing.ready", count=preview.changing))
    if preview.clearing:
        st.warning(visitor.say("importing.clearing", count=preview.clearing))
    if not st.button(visitor.say("importing.do"), key="import_go", type="primary"):
        return
    try:
        with st.spinner(visitor.say("importing.writing"), show_time=True):
            state.done = import_files(visitor, desk, _uploads(files), declared)
    except DuijieError as error:
        st.error(escape(message_of(error, visitor.language)))
        return
    state.turn += 1
    state.shown = {}
    st.rerun()


def _told(visitor: Visitor, desk: Desk, done: Imported) -> None:
    """What the last import changed, and what comes next."""
    with st.container(border=True, key="import_done"):
        changed = sum(change.added + change.changed for change in done.changes)
        st.success(visitor.say("importing.done" if changed else "importing.done_same", count=changed))
        rows = [
            {"table": visitor.say(f"table.{one.table}"), **{name: getattr(one, name) for name in CHANGES}}
            for one in done.changes
        ]
        names = ("table", *CHANGES)
        st.dataframe(
            pd.DataFrame(rows, columns=list(names)),
            hide_index=True,
            width="stretch",
            height="content",
            column_config={name: visitor.say(f"importing.column_{name}") for name in names},
            key="import_changes",
            alt=visitor.say("importing.counts"),
        )
        if done.contacts:
            st.caption(visitor.say("importing.contacts_kept", count=done.contacts))
        if changed:
            _next(visitor, desk)


def _next(visitor: Visitor, desk: Desk) -> None:
    """What comes after an import: the line that matches, or what has to be imported before it can."""
    missing = lacking(desk)
    if not missing:
        st.text(visitor.say("importing.next"))
        st.code(match_command(), language=None, wrap_lines=True)
        return
    national = "_national" if desk.access.bounded and missing in NATIONAL else ""
    st.info(visitor.say(f"importing.then_{missing}{national}"))


VIEW = View("importing", 54, ("organizer",), show, needs_run=False)
