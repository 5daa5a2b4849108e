"""Free-text search over meaning and words; what is opened can be shortlisted, passed, compared like in the list."""

from __future__ import annotations

import zlib

import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.naming import shown_name
from app.dashboard.parts.cards import facts, name_button
from app.dashboard.parts.choosing import choose_institution
from app.dashboard.parts.deciding import compare_toggle, decide_on
from app.dashboard.parts.downloads import word_download
from app.dashboard.parts.fulltext import PROJECT_TEXTS, show_fulltext
from app.dashboard.parts.paged import page_of
from app.dashboard.parts.panes import list_and_detail
from app.dashboard.parts.saving import QUERY, saved_texts
from app.dashboard.parts.sheet import show_project
from app.dashboard.parts.style import draw_style
from app.dashboard.parts.why import show_why
from app.dashboard.plain import shorten
from app.dashboard.search_queries import Found, find
from app.dashboard.sheet_queries import reasons_for
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor, go
from app.highlighting import word_spans
from app.searching import LONGEST_QUERY

PAGE, SENTENCE = 8, 90
FACTS = ("stage", "funding_round")


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    draw_style("marks")
    anchor = choose_institution(visitor, desk)
    if not anchor:
        return
    key = f"query_{desk.channel}"
    st.session_state[key] = str(st.query_params.get(QUERY, ""))[:LONGEST_QUERY]  # the address leads, the widget follows
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="search_asked"):
        text = st.text_input(
            visitor.say("search.text"),
            key=key,
            max_chars=LONGEST_QUERY,
            placeholder=visitor.say("search.hint"),
            on_change=lambda: _ask(st.session_state[key]),
        )
        saved_texts(visitor, desk, anchor, text, _ask, f"search_{desk.channel}_{anchor}")
    st.caption(visitor.say("search.about"))
    if not text.strip():
        return
    with st.spinner(visitor.say("search.wait")):
        found = find(visitor, desk, text)
    if not found:
        st.info(visitor.say("search.nothing"))
        return
    _results(visitor, desk, found, text, anchor)


def _ask(text: str) -> None:
    """Search for a text: it stands in the address."""
    go(**{QUERY: text, "project": None})


@st.fragment
def _results(visitor: Visitor, desk: Desk, found: list[Found], text: str, anchor: str) -> None:
    by_id = {str(one.row["project_id"]): one for one in found}
    wanted = str(st.query_params.get("project", ""))
    chosen = wanted if wanted in by_id else ""
    opened = chosen or next(iter(by_id))
    left, right = list_and_detail(visitor, f"search_{desk.channel}", "project", chosen)
    with left:
        st.subheader(visitor.say("search.title", count=len(found)), anchor=False)
        name = f"hits_{desk.channel}_{zlib.crc32(text.encode())}"
        page, pages = page_of(name, len(found), PAGE)
        for number in range((page - 1) * PAGE, min(page * PAGE, len(found))):
            _card(visitor, found[number], number + 1, opened)
        if pages > 1:
            st.pagination(pages, key=name)
    with right, st.container(border=True, key="detail_search"):
        _detail(visitor, desk, by_id[opened], anchor, f"search_{desk.channel}_{anchor}_{opened}")


def _card(visitor: Visitor, one: Found, number: int, opened: str) -> None:
    project_id = str(one.row["project_id"])
    with st.container(border=True, key=f"{'opencard' if project_id == opened else 'card'}_hit_{project_id}", gap=None):
        name_button(visitor, number, one.row["name"], f"go_hit_{project_id}", project=project_id)
        st.text(facts(visitor, one.row, FACTS))
        if one.words:
            st.text(f"{visitor.say('search.words')}{visitor.comma.join(one.words)}")
        if one.sentence:
            st.text(f"“{shorten(one.sentence, SENTENCE)}”")


def _detail(visitor: Visitor, desk: Desk, one: Found, anchor: str, key: str) -> None:
    project_id = str(one.row["project_id"])
    with st.container(key=f"title_{key}", gap=None):
        st.text(shown_name(visitor, one.row["name"]))
    with st.container(key=f"facts_{key}", gap=None):
        st.text(f"{project_id} · {facts(visitor, one.row, FACTS)}")
    decide_on(visitor, desk, anchor, project_id, key)
    compare_toggle(visitor, desk, project_id, key)
    reasons = reasons_for(visitor, desk, project_id, anchor)
    text, why, sheet = st.tabs([visitor.say(name) for name in ("tab.hits", "tab.why", "tab.sheet_institutions")])
    with text:
        texts = "\n".join(str(one.row[name]) for name in PROJECT_TEXTS if one.row.get(name))
        show_fulltext(visitor, one.row, PROJECT_TEXTS, word_spans(texts, one.words), key)
    with why:
        if reasons:
            show_why(visitor, reasons, key)
        else:
            st.caption(visitor.say("search.not_in_list"))
            if st.button(visitor.say("search.whynot"), key=f"whynot_{key}"):
                go(view="whynot", project=project_id, inst=anchor)
                st.rerun()
    with sheet:
        word_download(visitor, desk, project_id, anchor, key)
        show_project(visitor, one.row, key)


VIEW = View("search", 12, ("institution", "organizer"), show)
