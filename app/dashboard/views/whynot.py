"""Why not this pair: any project and institution, explained against the whole market."""

from __future__ import annotations

import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.parts.choosing import choose_institution, search
from app.dashboard.parts.why import show_why
from app.dashboard.plain import escape
from app.dashboard.queries import project_names
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor, asked, go
from app.dashboard.whynot_queries import whynot
from app.wording import phrase, word

HITS = 20
WIDTH = 860


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    st.caption(visitor.say("whynot.about"))
    institution = choose_institution(visitor, desk)
    names = project_names(desk, everything=visitor.role.organizes)
    text = st.text_input(
        visitor.say("whynot.search"), key=f"whynot_{desk.channel}", placeholder=visitor.say("whynot.hint")
    )
    chosen = asked("project", names)
    if text.strip():
        found = search(names, text, HITS)
        if not found:
            _nothing(visitor)
            return
        if chosen not in found:
            chosen = next(iter(found))
        chosen = _one_of(visitor, found, chosen)
    elif not chosen and "project" in st.query_params:
        _nothing(visitor)
    if institution and chosen:
        with st.spinner(visitor.say("whynot.wait")):
            told = whynot(desk, chosen, institution)
        _answer(visitor, told, names[chosen])


def _nothing(visitor: Visitor) -> None:
    """Says the same of a project that does not exist and of one that may not be shown."""
    st.info(visitor.say("whynot.nothing" if visitor.role.organizes else "whynot.not_shown"))


def _one_of(visitor: Visitor, found: dict[str, str], chosen: str) -> str:
    if len(found) == 1:
        return chosen
    key = f"whynot_hits_{len(found)}_{chosen}"
    picked = st.selectbox(
        visitor.say("whynot.hits", count=len(found)),
        list(found),
        index=list(found).index(chosen),
        key=key,
        format_func=lambda one: f"{found[one]}（{one}）",
        on_change=lambda: go(project=st.session_state[key]),
    )
    return str(picked)


def _answer(visitor: Visitor, told: dict[str, object], name: str) -> None:
    with st.container(border=True, key="detail_whynot", width=WIDTH):
        with st.container(key="title_whynot", gap=None):
            st.text(name)
        blocked = [word(str(code), visitor.language) for code in (told["held_back"],) if code]
        if told["consent"] != "given":
            blocked.append(word(str(told["consent"]), visitor.language))
        blocked += [phrase("rule", code, visitor.language) for code in str(told["rule"] or "").split(";") if code]
        for line in blocked:
            st.error(escape(line))
        place = told["rank_for_project"] or int(str(told["better"])) + 1
        key = "whynot.place_if" if told["rule"] else "whynot.place"
        st.info(visitor.say(key, place=place, of=told["institutions"], score=f"{told['score']:.2f}"))
        show_why(visitor, told["reasons"], "whynot")  # type: ignore[arg-type]


VIEW = View("whynot", 50, ("institution", "organizer"), show)
