"""The organizer's page of records that may be one project: why, side by side, and a person's decision, to be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk, renewed
from app.dashboard.duplicate_queries import (
    BANDS,
    SIGNS,
    PairTold,
    decided_pairs,
    keep_apart,
    merge_pair,
    open_pairs,
    pair_told,
    record_count,
    take_back,
)
from app.dashboard.naming import shown_actor, shown_name
from app.dashboard.parts.asking import ask_one
from app.dashboard.parts.case_entry import say_and_redraw, show_told
from app.dashboard.parts.filters import ask_named, label
from app.dashboard.parts.paged import page_of, turn_pages
from app.dashboard.parts.panes import list_and_detail
from app.dashboard.parts.side_by_side import NUMBERS, show_side_by_side
from app.dashboard.parts.style import draw_style
from app.dashboard.plain import escape, shorten
from app.dashboard.queries import records
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor, go
from app.same_project import SAME
from data.reference.vocabularies import vocabulary

PARAM, TAB = "pair", "tab"
"""Names in the address: the opened pair (both ids), and what is looked at."""
OPEN, DECIDED = "open", "decided"
AT_ONCE = 10_000
"""Records up to which nobody waits long for the comparison."""
PAGE, DECISIONS, NAME, LONGER = 8, 10, 30, 60
WIDTHS = (4, 8)
CERTAIN = 0.99
COLORS = {"certain": "red", "likely": "orange", "possible": "gray"}


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    draw_style("marks")
    st.caption(visitor.say("duplicates.about"))
    show_told(visitor)
    if not _wanted(visitor, record_count(desk)):
        return
    with st.spinner(visitor.say("duplicates.wait")):
        waiting = len(open_pairs(desk))
    counts = {OPEN: waiting, DECIDED: len(decided_pairs(desk))}
    tab = ask_one(
        TAB,
        (OPEN, DECIDED),
        visitor.say("duplicates.tab"),
        lambda one: visitor.say(f"duplicates.{one}", count=counts[one]),
    )
    (browse_pairs if tab == OPEN else browse_decisions)(visitor, desk)


def _wanted(visitor: Visitor, count: int) -> bool:
    """Whether to compare: at once in a small store, else when somebody asks."""
    if count <= AT_ONCE or st.session_state.get("duplicates_asked"):
        return True
    st.caption(visitor.say("duplicates.large", count=f"{count:,}"))
    if st.button(visitor.say("duplicates.ask"), key="duplicates_ask", type="primary"):
        st.session_state["duplicates_asked"] = True
        st.rerun()
    return False


@st.fragment
def browse_pairs(visitor: Visitor, desk: Desk) -> None:
    """Draw the pairs that wait, and the opened one; a click redraws only this part."""
    desk = renewed(desk)
    frame = open_pairs(desk)
    if frame.empty:
        st.info(visitor.say("duplicates.none"))
        return
    shown, digest = _narrowed(visitor, frame)
    if shown.empty:
        st.info(visitor.say("list.nothing_left"))
        return
    asked = str(st.query_params.get(PARAM, ""))
    keys = list(shown["key"])
    opened = asked if asked in keys else keys[0]
    left, right = list_and_detail(visitor, "pairs", PARAM, asked if asked in keys else "", WIDTHS)
    with left:
        _cards(visitor, shown, opened, digest)
    with right:
        if asked and asked not in keys:
            st.warning(visitor.say("list.not_here"))
        at = keys.index(opened)
        following = keys[at + 1] if at + 1 < len(keys) else None
        _detail(visitor, desk, pair_told(desk, opened), following if asked else None)


def _narrowed(visitor: Visitor, frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The pairs that pass the filters, and a text that changes with them."""
    groups = vocabulary("groups")
    labels: dict[str, Callable[[str], str]] = {
        "band": lambda one: visitor.say(f"pair.band.{one}"),
        "signs": lambda one: visitor.say(f"pair.sign.{one}"),
        "places": lambda one: label("province", one, visitor.language),
        "groups": lambda one: groups.label(one, visitor.language),
    }
    with st.container(horizontal=True, vertical_alignment="bottom", key="pairs_filters_row", gap="small"):
        text = ask_named(visitor, "pairs_text", 240)
        chosen = sum(bool(st.session_state.get(f"pairs_{name}")) for name in labels)
        title = visitor.say("filter.more_chosen", count=chosen) if chosen else visitor.say("filter.more")
        with st.popover(title), st.container(width=280, key="pairs_filters"):
            wanted = {name: _choice(visitor, frame, name, shown) for name, shown in labels.items()}
    return narrowed(frame, text, wanted), f"{text}_{wanted}"


def _choice(visitor: Visitor, frame: pd.DataFrame, name: str, shown: Callable[[str], str]) -> list[str]:
    """The wanted values of a column, each with how many pairs have it."""
    counts = frame[name].explode().value_counts()
    order = {one: at for at, one in enumerate((*BANDS, *SIGNS))}
    return st.multiselect(
        visitor.say(f"duplicates.by_{name}"),
        sorted((str(one) for one in counts.index), key=lambda one: (order.get(one, len(order)), one)),
        key=f"pairs_{name}",
        placeholder=visitor.say("filter.all"),
        format_func=lambda one: f"{shown(one)} ({int(counts.get(one, 0))})",
    )


def narrowed(frame: pd.DataFrame, text: str, wanted: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Pairs whose ids and names hold every word of a text, and that have one of the wanted values (none: all)."""
    keep = pd.Series(True, index=frame.index)
    named = (frame["key"] + " " + frame["name_one"] + " " + frame["name_other"]).str.casefold()
    for word in text.casefold().split():
        keep &= named.str.contains(word, regex=False)
    for name, values in wanted.items():
        if values:
            cells = [[cell] if isinstance(cell, str) else cell for cell in frame[name]]
            keep &= pd.Series([bool(set(cell) & set(values)) for cell in cells], frame.index, dtype=bool)
    return frame[keep]


def _cards(visitor: Visitor, shown: pd.DataFrame, opened: str, digest: str) -> None:
    name = f"page_pairs_{digest}"
    page, pages = page_of(name, len(shown), PAGE)
    for row in records(shown.iloc[(page - 1) * PAGE : page * PAGE]):
        kind = "opencard" if row["key"] == opened else "card"
        with st.container(border=True, key=f"{kind}_pair_{row['key']}", gap=None):
            st.button(
                f"{NUMBERS[0]} {escape(shorten(shown_name(visitor, row['name_one'], row['one']), NAME))}",
                key=f"go_pair_{row['key']}",
                type="tertiary",
                width="stretch",
                on_click=go,
                kwargs={PARAM: row["key"]},
            )
            st.text(f"{NUMBERS[1]} {shorten(shown_name(visitor, row['name_other'], row['other']), NAME)}")
            signs = " · ".join(visitor.say(f"pair.sign.{one}") for one in row["signs"])
            st.text(
                " · ".join(
                    part
                    for part in (signs, " / ".join(label("province", one, visitor.language) for one in row["places"]))
                    if part
                )
            )
            _sureness(visitor, row["score"], row["band"])
    turn_pages(visitor, name, len(shown), pages)


def _sureness(visitor: Visitor, score: float, band: str) -> None:
    percent = f"{score:.0%}" if score < CERTAIN else f">{CERTAIN:.0%}"  # nothing is told to be 100 % sure
    told = visitor.say("pair.score", band=visitor.say(f"pair.band.{band}"), score=percent)
    st.badge(told, color=COLORS[band])  # type: ignore[arg-type]


def _detail(visitor: Visitor, desk: Desk, pair: PairTold, following: str | None) -> None:
    """One pair: how sure and why, the decision, both records."""
    with st.container(border=True, key=f"detail_pair_{pair.key}", gap="small"):
        with st.container(horizontal=True, gap="small", key="pair_why"):
            _sureness(visitor, pair.score, next(band for band, least in BANDS.items() if pair.score >= least))
            for sign, weight in pair.signs.items():
                st.badge(
                    visitor.say("pair.weight", sign=visitor.say(f"pair.sign.{sign}"), weight=f"{weight:+.1f}"),
                    color="green" if weight > 0 else "orange",
                )
        st.caption(visitor.say("pair.why_about"))
        _decide(visitor, desk, pair, following)
        show_side_by_side(visitor, pair)


def _decide(visitor: Visitor, desk: Desk, pair: PairTold, following: str | None) -> None:
    """What decides: same, and which record stays, or different."""
    one, other = pair.sides
    names = {}
    for number, side in zip(NUMBERS, pair.sides, strict=True):
        name = shorten(shown_name(visitor, side.row.get("name"), side.shown), LONGER)
        names[side.shown] = f"{number} {escape(name)}（{escape(side.shown)}）"
    for side in pair.sides:
        if side.record != side.shown:
            st.caption(visitor.say("pair.shows_as", record=escape(side.record), shown=escape(side.shown)))
    kept = st.radio(
        visitor.say("pair.kept"),
        list(names),
        index=int(other.filled > one.filled),
        key=f"kept_{pair.key}",
        format_func=names.__getitem__,
        help=visitor.say("pair.kept_help"),
    )
    absorbed = next(side.shown for side in pair.sides if side.shown != kept)

    def merge() -> None:
        merge_pair(visitor, desk, kept, absorbed)
        go(**{PARAM: following})

    def part() -> None:
        keep_apart(visitor, desk, one.shown, other.shown)
        go(**{PARAM: following})

    with st.container(horizontal=True, gap="small", key=f"decide_pair_{pair.key}"):
        same = st.button(visitor.say("pair.same"), key=f"same_{pair.key}", type="primary")
        different = st.button(visitor.say("pair.different"), key=f"different_{pair.key}")
    if same:
        say_and_redraw(visitor, "pair.merged", merge)
    if different:
        say_and_redraw(visitor, "pair.parted", part)
    st.caption(visitor.say("pair.merge_about"))


@st.fragment
def browse_decisions(visitor: Visitor, desk: Desk) -> None:
    """Draw the decisions that stand, the latest first, each to be taken back."""
    desk = renewed(desk)
    told = decided_pairs(desk)
    if not told:
        st.info(visitor.say("duplicates.none_decided"))
        return
    name = "page_decided_pairs"
    page, pages = page_of(name, len(told), DECISIONS)
    for row in told[(page - 1) * DECISIONS : page * DECISIONS]:
        _decision(visitor, desk, row)
    turn_pages(visitor, name, len(told), pages)


def _decision(visitor: Visitor, desk: Desk, row: dict[str, Any]) -> None:
    seq = int(row["seq"])
    with st.container(border=True, key=f"decidedpair_{seq}", gap="small"):
        st.badge(visitor.say(f"pair.verdict.{row['verdict']}"), color="green" if row["verdict"] == SAME else "gray")
        roles = ("kept", "absorbed") if row["verdict"] == SAME else ("one", "one")
        with st.container(key=f"decidednames_{seq}", gap=None):
            for number, (role, side) in enumerate(zip(roles, ("one", "other"), strict=True)):
                name = shorten(shown_name(visitor, row[f"name_{side}"]), LONGER)
                st.text(visitor.say(f"pair.as_{role}", number=NUMBERS[number], name=name, record=row[side]))
        when = row["at"].astimezone().strftime("%Y-%m-%d %H:%M")
        st.caption(visitor.say("pair.who_when", actor=escape(shown_actor(visitor, row["actor"])), when=when))
        if st.button(visitor.say("pair.undo"), key=f"undo_pair_{seq}"):
            say_and_redraw(visitor, "pair.undone", lambda: take_back(visitor, desk, seq))


VIEW = View("duplicates", 56, ("organizer",), show, needs_run=False, needs_projects=True)
