"""Saved searches, over the list and by free text, and what is new for each since the person last looked; named, deleted
and put into digests here.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.dashboard.alert_queries import Alert, alerts_of, change_search, look_at
from app.dashboard.decision_queries import keep_search
from app.dashboard.desk import Desk
from app.dashboard.parts.cards import facts, name_button
from app.dashboard.parts.choosing import choose_institution
from app.dashboard.parts.filters import PARAM, in_words
from app.dashboard.parts.saving import QUERY
from app.dashboard.parts.writing import redraw_after
from app.dashboard.plain import escape
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor, go
from app.list_filters import UNREADABLE
from app.saved_searches import LIST, LONGEST_NAME, TEXT, SavedSearch
from app.searching import MOST_FOUND

SHOWN, WIDTH = 6, 300


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    anchor = choose_institution(visitor, desk)
    if not anchor:
        return
    whose = "_organizer" if visitor.role.organizes else ""
    found = alerts_of(visitor, desk, anchor)
    if not found:
        st.info(visitor.say(f"alerts.none{whose}"))
        with st.container(horizontal=True, gap="small", key="alerts_begin"):
            if st.button(visitor.say("alerts.to_list"), key="alerts_to_list"):
                _open(visitor, anchor, SavedSearch("", LIST, ""))
            if st.button(visitor.say("alerts.to_search"), key="alerts_to_search"):
                _open(visitor, anchor, SavedSearch("", TEXT, ""))
        return
    st.caption(visitor.say(f"alerts.about{whose}", most=MOST_FOUND))
    for number, alert in enumerate(sorted(found, key=lambda one: not one.new)):
        _one(visitor, desk, anchor, alert, f"{anchor}_{number}")


def _one(visitor: Visitor, desk: Desk, anchor: str, alert: Alert, key: str) -> None:
    """One search: its name, its filters, what is new, and what can be done with it."""
    with st.container(border=True, key=f"alert_{key}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(key=f"title_{key}", width="content"):
                st.text(alert.search.name)
            _badges(visitor, alert)
        st.caption(escape(_asked(visitor, alert)))
        if alert.ignored:
            names = ", ".join(alert.ignored) if alert.ignored != (UNREADABLE,) else UNREADABLE
            st.warning(escape(visitor.say("alerts.ignored", names=names)))
        _new(visitor, anchor, alert, key)
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"alertdo_{key}"):
            words = visitor.say("alerts.open" if alert.search.page == LIST else "alerts.open_search")
            if st.button(words, key=f"alertopen_{key}", type="primary"):
                look_at(visitor, desk, anchor, alert.search)
                _open(visitor, anchor, alert.search)
            if (alert.new or not alert.looked) and st.button(visitor.say("alerts.seen"), key=f"alertseen_{key}"):
                look_at(visitor, desk, anchor, alert.search)
                st.rerun()
            if not visitor.role.organizes:
                _edit(visitor, desk, anchor, alert, key)


def _asked(visitor: Visitor, alert: Alert) -> str:
    """What a search asks for, in one line."""
    if alert.search.page == LIST:
        return in_words(visitor, alert.filters)
    return visitor.say("alerts.text", text=alert.search.value)


def _badges(visitor: Visitor, alert: Alert) -> None:
    st.badge(visitor.say(f"alerts.{alert.search.page}"), color="blue")
    if alert.looked and not alert.new:
        st.badge(visitor.say("alerts.nothing_new"), color="gray")
    else:
        told = visitor.say("alerts.new", count=len(alert.new)) if alert.looked else visitor.say("alerts.unseen")
        st.badge(told, color="green")
    st.badge(visitor.say("alerts.found", count=alert.found), color="gray")


def _new(visitor: Visitor, anchor: str, alert: Alert, key: str) -> None:
    """The best of what is new; a click opens it in the list, or among what the text finds."""
    there = _where(visitor, anchor, alert.search)
    there |= {PARAM: None} if alert.search.page == LIST else {}  # other filters than the list's own may hide it there
    with st.grid(min_column_width=280, gap="small", key=f"alertnew_{key}"):
        for row in alert.new[:SHOWN]:
            with st.container(border=True, key=f"card_{key}_{row['listed']}", gap=None):
                where = there | {"project": str(row["listed"])}
                name_button(visitor, int(row["rank"]), row["name"], f"go_{key}_{row['listed']}", **where)
                st.text(facts(visitor, row))
    if len(alert.new) > SHOWN:
        st.caption(visitor.say("alerts.more", count=len(alert.new) - SHOWN))


def _edit(visitor: Visitor, desk: Desk, anchor: str, alert: Alert, key: str) -> None:
    """Rename, delete, and whether digests tell of it."""
    was, switch, wish = alert.search.name, f"alertdigest_{key}", f"alertwish_{key}"
    wanted = st.session_state.pop(wish, None)
    if wanted is not None:
        redraw_after(visitor, partial(change_search, visitor, desk, anchor, alert.search, digest=bool(wanted)))
    st.session_state[switch] = alert.search.digest

    def note() -> None:
        st.session_state[wish] = st.session_state[switch]

    st.toggle(visitor.say("alerts.digest"), key=switch, help=visitor.say("alerts.digest_help"), on_change=note)
    with st.popover(visitor.say("alerts.edit")), st.container(width=WIDTH, key=f"alertedit_{key}"):
        name = st.text_input(visitor.say("alerts.rename"), was, key=f"alertname_{key}_{was}", max_chars=LONGEST_NAME)
        if st.button(visitor.say("alerts.rename_do"), key=f"alertrename_{key}", disabled=name.strip() in ("", was)):
            redraw_after(visitor, partial(change_search, visitor, desk, anchor, alert.search, name=name))
        if st.button(visitor.say("alerts.forget"), key=f"alertforget_{key}"):
            redraw_after(visitor, partial(keep_search, visitor, desk, anchor, alert.search, forget=True))


def _where(visitor: Visitor, anchor: str, search: SavedSearch) -> dict[str, str | None]:
    """What the address says where a search is open."""
    if search.page == TEXT:
        return {"view": "search", "inst": anchor, "project": None, QUERY: search.value}
    view = "by_institution" if visitor.role.organizes else "matches"
    return {"view": view, "inst": anchor, "project": None, PARAM: search.value}


def _open(visitor: Visitor, anchor: str, search: SavedSearch) -> None:
    """Open the page of a search with what it asks for."""
    go(**_where(visitor, anchor, search))
    st.rerun()


VIEW = View("alerts", 14, ("institution", "organizer"), show)
