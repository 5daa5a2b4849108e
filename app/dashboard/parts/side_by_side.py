"""Two records side by side: field by field, what agrees and what differs, with the difference marked in both.

Every text is drawn as plain text. Whether a field agrees is said in words as well as by the mark.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.dashboard.duplicate_queries import PairTold, Side
from app.dashboard.parts.fulltext import PROJECT_TEXTS
from app.dashboard.visitor import Visitor
from app.differences import differing_pieces, own_sentences
from app.highlighting import Piece
from app.values import value_of
from data.tables import PROJECTS
from features.text import fold

NUMBERS = "①②"
FIELDS = (
    *("name", "applicant", "place", "group", "stage", "sectors", "keywords", "founded_at"),
    *("funding_round", "funding_sought", "space_m2"),
)
MASKED = ("name", "applicant", "place", "founded_at")
"""Fields of which an anonymous project shows nothing or less than it holds: whether they agree is not told."""
AGREES, DIFFERS, ONE_SIDED, UNTOLD = "agrees", "differs", "one_sided", "untold"
COLORS = {AGREES: "green", DIFFERS: "orange", ONE_SIDED: "gray", UNTOLD: "gray"}
ORDER = (DIFFERS, AGREES, ONE_SIDED, UNTOLD)


def show_side_by_side(visitor: Visitor, pair: PairTold) -> None:
    """Draw both records; what differs first, then what agrees, then what only one side tells."""
    if any(side.hidden for side in pair.sides):
        st.warning(visitor.say("pair.hidden"))
        return
    if any(side.teaser for side in pair.sides):
        st.caption(visitor.say("pair.teaser"))
    rows = [(*row, _state(pair, row[0], row[2])) for row in _facts(visitor, pair) if any(row[2])]
    rows.sort(key=lambda row: ORDER.index(row[3]))
    with st.container(key="compare_pair", gap="small"):
        if all(side.evidence for side in pair.sides):
            texts = pair.sides[0].evidence, pair.sides[1].evidence
            _row(visitor, "evidence", visitor.say("pair.evidence"), texts, _state(pair, "evidence", texts))
        for name, label, values, state in rows:
            _row(visitor, name, label, values, state)
    with st.expander(visitor.say("pair.texts")):
        _texts(visitor, pair)


def _facts(visitor: Visitor, pair: PairTold) -> list[tuple[str, str, tuple[str, str]]]:
    """Name, label and both values of every field."""
    found = [(name, _label(visitor, name), _both(pair, partial(_value, visitor, name))) for name in FIELDS]
    found.append(("awards", visitor.say("word.awards"), _both(pair, lambda side: "\n".join(side.awards))))
    found.append(("rights", visitor.say("word.rights"), _both(pair, lambda side: "\n".join(side.rights))))
    return found


def _label(visitor: Visitor, name: str) -> str:
    return visitor.say("choose.project" if name == "name" else f"field.{name}")


def _both(pair: PairTold, told: Callable[[Side], str]) -> tuple[str, str]:
    first, second = pair.sides
    return told(first), told(second)


def _value(visitor: Visitor, name: str, side: Side) -> str:
    return value_of(PROJECTS, side.row, name, visitor.language)


def _state(pair: PairTold, name: str, values: tuple[str, str]) -> str:
    """Whether a field agrees, apart from case, width and spaces."""
    if name in (*MASKED, "rights", "awards") and any(side.teaser for side in pair.sides):
        return UNTOLD
    if not all(values):
        return ONE_SIDED
    return AGREES if fold(values[0]) == fold(values[1]) else DIFFERS


def _row(visitor: Visitor, name: str, label: str, values: tuple[str, str], state: str) -> None:
    """One field of both records; the number tells on a narrow screen whose it is."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"pairlabel_{name}"):
        st.caption(label, width="content")
        st.badge(visitor.say(f"pair.{state}"), color=COLORS[state])  # type: ignore[arg-type]
    cut = differing_pieces(*values) if state == DIFFERS else tuple([Piece(value, False)] for value in values)
    for number, (column, told) in enumerate(zip(st.columns(2, gap="medium"), cut, strict=True)):
        with column, st.container(key=f"cell_{name}_{number}", gap=None):
            _cell(visitor, number, told, f"{name}_{number}")


def _cell(visitor: Visitor, number: int, told: list[Piece], key: str) -> None:
    with st.container(key=f"flow_{key}", gap=None):
        if not any(piece.text for piece in told):
            st.text(f"{NUMBERS[number]} {visitor.say('pair.empty')}")
            return
        with st.container(key=f"number_{key}", gap=None):
            st.text(NUMBERS[number])
        for at, piece in enumerate(told):
            if piece.marked:
                with st.container(key=f"mark_{key}_{at}", gap=None):
                    st.text(piece.text)
            else:
                st.text(piece.text)


def _texts(visitor: Visitor, pair: PairTold) -> None:
    """The running texts; marked are sentences that the other record has nowhere."""
    whole = [_whole(side) for side in pair.sides]
    if not any(whole):
        st.caption(visitor.say("pair.no_texts"))
        return
    st.caption(visitor.say("pair.texts_about"))
    for name in PROJECT_TEXTS:
        values = [str(side.row.get(name) or "") for side in pair.sides]
        if not any(values):
            continue
        st.caption(visitor.say(f"field.{name}"))
        for number, column in enumerate(st.columns(2, gap="medium")):
            with column, st.container(key=f"cell_{name}_{number}", gap=None):
                _cell(visitor, number, own_sentences(values[number], whole[1 - number]), f"text_{name}_{number}")


def _whole(side: Side) -> str:
    """All running texts of a record."""
    return "\n".join(str(side.row[name]) for name in PROJECT_TEXTS if side.row.get(name))
