"""A project owner's page: consent and recommendations by channel, introductions to answer, and the list in full."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.owner_queries import (
    ACCEPTED,
    DECLINE_REASONS,
    DECLINED,
    ChannelStanding,
    answer_consent,
    answer_introduction,
    answers_to,
    introductions_of,
    standing_of,
)
from app.dashboard.parts.browser import browse
from app.dashboard.parts.choosing import choose_project
from app.dashboard.parts.declining import choose_reason
from app.dashboard.parts.writing import redraw_after
from app.dashboard.plain import shorten
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from app.wording import story, word
from data.reference.vocabularies import vocabulary

NAME, REASONS, WIDTH, WAITING = 40, 2, 320, 12
COLORS = {"given": "green", "refused": "red", "not_asked": "orange"}


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    anchor = choose_project(visitor, desk)
    if not anchor:
        return
    with st.container(key="above_list"):  # a telephone leaves it out while a match is open
        st.caption(visitor.say("recommended.about"))
        st.subheader(visitor.say("owner.channels"), anchor=False)
        with st.grid(min_column_width=300, gap="small", key="owner_channels"):
            for told in standing_of(visitor, desk, anchor):
                _channel(visitor, desk, anchor, told)
        _introductions(visitor, desk, anchor)
    browse(visitor, desk, "projects", anchor)


def _channel(visitor: Visitor, desk: Desk, anchor: str, told: ChannelStanding) -> None:
    """One channel: what was said of consent and can be said next, what keeps the project out, who is recommended."""
    with st.container(border=True, key=f"owner_{told.channel}", gap="small"):
        st.subheader(vocabulary("channels").label(told.channel, visitor.language), anchor=False)
        st.badge(visitor.say(f"owner.consent_{told.consent}"), color=COLORS[told.consent])  # type: ignore[arg-type]
        if told.held and told.held != "refused":
            st.badge(word(told.held, visitor.language), color="red")
        _best(visitor, told)
        with st.container(horizontal=True, gap="small"):
            for answer in answers_to(told.consent):
                if st.button(visitor.say(f"owner.{answer}"), key=f"consent_{told.channel}_{answer}_{anchor}"):
                    redraw_after(visitor, partial(answer_consent, visitor, desk, anchor, told.channel, answer))


def _best(visitor: Visitor, told: ChannelStanding) -> None:
    if told.count is None:
        st.caption(visitor.say("owner.not_matched"))
        return
    st.caption(visitor.say("owner.count", count=told.count))
    for row in told.best:
        pro = story(row["reasons"], most=REASONS).pro
        said = visitor.comma.join(word(reason["code"], visitor.language) for reason in pro)
        name = shorten(str(row["name"]), NAME)
        st.text(visitor.say("state.line", label=name, value=said or visitor.say("card.no_reason")))


def _introductions(visitor: Visitor, desk: Desk, anchor: str) -> None:
    """Introductions that wait for an answer, the latest first; what became of the others is told on their own page."""
    waiting = [row for row in introductions_of(visitor, desk, anchor) if row["open"]]
    if not waiting:
        return
    st.subheader(visitor.say("owner.introductions", count=len(waiting)), anchor=False)
    with st.grid(min_column_width=300, gap="small", key="owner_introductions"):
        for row in waiting[:WAITING]:
            key = f"{row['channel']}_{row['institution_id']}"
            with st.container(border=True, key=f"introduced_{key}", gap="small"):
                st.text(shorten(str(row["name"] or row["institution_id"]), NAME))
                st.caption(_told(visitor, row))
                _answer(visitor, desk, anchor, row, key)


def _told(visitor: Visitor, row: dict[str, Any]) -> str:
    channel = vocabulary("channels").label(row["channel"], visitor.language)
    return visitor.say("owner.introduced", channel=channel, day=row["introduced_at"].isoformat())


def _answer(visitor: Visitor, desk: Desk, anchor: str, row: dict[str, Any], key: str) -> None:
    def answer(event: str, reason: str = "") -> None:
        where = (anchor, row["institution_id"], row["channel"])
        redraw_after(visitor, lambda: answer_introduction(visitor, desk, *where, event, reason))

    with st.container(horizontal=True, gap="small"):
        if st.button(visitor.say("owner.accept"), key=f"accept_{key}", type="primary"):
            answer(ACCEPTED)
        with st.popover(visitor.say("owner.decline")), st.container(width=WIDTH, key=f"declining_{key}"):
            reason = choose_reason(visitor, "owner.decline_reason", DECLINE_REASONS, f"why_{key}")
            if st.button(visitor.say("decide.confirm"), key=f"decline_{key}", disabled=reason is None):
                answer(DECLINED, str(reason))


VIEW = View("recommended", 10, ("owner",), show)
