"""Choose an institution or a project; the choice stands in the address."""

from __future__ import annotations

import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.naming import shown_name
from app.dashboard.parts.sheet import show_institution, show_project
from app.dashboard.queries import institution, institution_names, needs, project, project_names
from app.dashboard.visitor import Visitor, asked, go

MOST = 500
"""More options than this are not sent to the browser: a search narrows them first."""
CHOICE, SHEET = 520, 560
"""Widths in pixels."""


def choose_institution(visitor: Visitor, desk: Desk) -> str:
    """The chosen institution, the first by default; empty when the channel has none. Its own sheet can be unfolded."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="choose_inst"):
        chosen = _choose(visitor, institution_names(desk), "inst", desk.channel)
        if chosen:
            with st.popover(visitor.say("choose.about_institution")), st.container(width=SHEET, key=f"about_{chosen}"):
                show_institution(visitor, institution(desk, chosen), needs(desk, chosen), f"about_{chosen}")
    return chosen


def choose_project(visitor: Visitor, desk: Desk) -> str:
    """The chosen project, the first by default; empty when the run has none the visitor may see."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="choose_project"):
        chosen = _choose(visitor, project_names(desk, everything=visitor.role.organizes), "project", desk.channel)
        if chosen:
            with st.popover(visitor.say("choose.about_project")), st.container(width=SHEET, key=f"about_{chosen}"):
                show_project(visitor, project(desk, chosen), f"about_{chosen}")
    return chosen


def _choose(visitor: Visitor, names: dict[str, str], param: str, channel: str) -> str:
    if not names:
        st.info(visitor.say(f"choose.no_{param}"))
        return ""
    found = names
    if len(names) > MOST:
        found = search(names, st.text_input(visitor.say("choose.search"), key=f"search_{param}_{channel}"))
    current = asked(param, names)
    options = list(found)
    if current and current not in found:
        options.insert(0, current)
    if not options:
        st.info(visitor.say("choose.nothing"))
        return ""
    key = f"choose_{param}_{channel}"
    st.session_state[key] = current or options[0]  # the address leads, the widget follows
    return str(
        st.selectbox(
            visitor.say(f"choose.{param}"),
            options,
            key=key,
            width=CHOICE,
            format_func=lambda one: f"{shown_name(visitor, names[one])}（{one}）",
            on_change=lambda: go(**{param: st.session_state[key]}),
            filter_mode="contains",
        )
    )


def search(names: dict[str, str], text: str, most: int = MOST) -> dict[str, str]:
    """The first ``most`` whose id or name holds all words of a text."""
    words = text.casefold().split()
    hits = ((key, name) for key, name in names.items() if all(word in f"{key} {name}".casefold() for word in words))
    return dict(hit for hit, _ in zip(hits, range(most), strict=False))
