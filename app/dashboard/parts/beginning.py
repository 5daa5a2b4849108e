"""A page before there is anything to show: what comes next, for those who can do it, and patience for the others."""

from __future__ import annotations

import shlex

import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.plain import escape
from app.dashboard.session import store_path
from app.dashboard.store_queries import is_there, lacking, stored_rows
from app.dashboard.visitor import Visitor, go


def show_beginning(visitor: Visitor, desk: Desk, lack: str) -> None:
    """Draw what stands in the place of a page; ``lack`` is one of :data:`app.dashboard.desk.UNMATCHED`."""
    with st.container(key="beginning", width=760):
        if visitor.role.organizes:
            _organizer(visitor, desk, lack)
        else:
            with st.container(border=True):
                _others(visitor, lack)


def match_command() -> str:
    """The line that matches what is stored."""
    return f"duijie match --store {shlex.quote(str(store_path()))}"


def _organizer(visitor: Visitor, desk: Desk, lack: str) -> None:
    """The three steps from an empty store to the first recommendations, the done ones ticked."""
    missing = lacking(desk)
    title = "outdated" if lack == "run.outdated" else f"lacks_{missing}" if missing else "unmatched"
    st.header(visitor.say(f"beginning.{title}"), anchor=False)
    with st.container(border=True, key="beginning_import", gap="small"):
        _step(visitor, "import", done=not missing)
        st.text(visitor.say("beginning.stored", **stored_rows(desk)))
        where = "beginning.store" if is_there(desk) else "beginning.new_store"
        st.caption(visitor.say(where, path=escape(store_path())))
        st.button(
            visitor.say("beginning.go_import"),
            key="beginning_go",
            type="primary" if missing else "secondary",
            on_click=lambda: go(view="importing"),
        )
    with st.container(border=True, key="beginning_match", gap="small"):
        _step(visitor, "match")
        st.text(visitor.say("beginning.match"))
        st.code(match_command(), language=None, wrap_lines=True)
    with st.container(border=True, key="beginning_look", gap="small"):
        _step(visitor, "look")
        st.text(visitor.say("beginning.look"))
        st.button(visitor.say("beginning.reload"), key="beginning_reload")
    if missing == "all":
        st.caption(visitor.say("beginning.demo"))
        st.code("duijie demo", language=None)


def _step(visitor: Visitor, name: str, *, done: bool = False) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(visitor.say(f"beginning.step_{name}"), anchor=False, width="content")
        if done:
            st.badge(visitor.say("beginning.done"), color="green")


def _others(visitor: Visitor, lack: str) -> None:
    """Nobody but an organizer can do anything about it; in the open demonstration everybody may be one."""
    st.header(visitor.say("beginning.nothing"), anchor=False)
    st.text(visitor.say("beginning.outdated_wait" if lack == "run.outdated" else "beginning.wait"))
    if visitor.rights.account:
        st.button(visitor.say("beginning.reload"), key="beginning_reload")
    else:
        st.caption(visitor.say("beginning.demonstration"))
        leave = dict.fromkeys(("inst", "project", "view"))
        st.button(
            visitor.say("beginning.become"),
            key="beginning_become",
            type="primary",
            on_click=lambda: go(role="organizer", **leave),
        )
