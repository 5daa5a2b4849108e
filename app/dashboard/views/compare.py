"""Up to four projects side by side: facts, figures, rights, awards, and what speaks for and against each.

A phone has room for two columns: which two is asked there, and ``marks.css`` hides the others.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.naming import shown_name
from app.dashboard.parts.asking import ask_one
from app.dashboard.parts.choosing import choose_institution
from app.dashboard.parts.deciding import COMPARE, MOST_COMPARED, compared
from app.dashboard.parts.style import draw_style
from app.dashboard.plain import shorten
from app.dashboard.queries import listing, project_names
from app.dashboard.sheet_queries import awards_of, indicators_of, reasons_for, rights_of, shown_project
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor, go
from app.project_sheet import award_lines
from app.values import value_of
from app.wording import phrase, story, word
from data.tables import PROJECTS

FIELDS = (
    *("sectors", "place", "stage", "group", "funding_round", "funding_sought", "space_m2"),
    *("facilities", "services_wanted", "regions_wanted"),
)
NUMBERS = "①②③④"
LABEL, COLUMN = 2, 5
"""Widths of a label and of a project's column, of each other."""
TWO = "two"
"""Name in the address of the two projects that a phone shows: their places."""
SUMMARY, SENTENCE, FIGURES, AWARDS, OPTIONS = 160, 80, 4, 3, 500


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    draw_style("marks")
    anchor = choose_institution(visitor, desk)
    if not anchor:
        return
    chosen = _choose(visitor, desk, anchor)
    if not chosen:
        st.info(visitor.say("compare.none"))
        return
    told = [_facts(visitor, desk, project_id, anchor) for project_id in chosen]
    aside = _aside(visitor, len(told))
    with st.container(key="compare_table", gap="small"):
        for place, label in enumerate(told[0]):
            if any(one[label] for one in told):
                _row(label, [one[label] for one in told], aside, "head" if place == 0 else str(place))


def _aside(visitor: Visitor, count: int) -> frozenset[int]:
    """Places of the projects that a phone does not show: all but the two that were chosen there."""
    pairs = {f"{one + 1}{other + 1}": {one, other} for one, other in combinations(range(count), 2)}
    if count <= 2:
        return frozenset()
    with st.container(key="comparetwo"):
        chosen = ask_one(
            TWO, list(pairs), visitor.say("compare.two"), lambda one: " ".join(NUMBERS[int(place) - 1] for place in one)
        )
    return frozenset(range(count)) - pairs[chosen]


def _row(label: str, texts: list[str], aside: frozenset[int], name: str) -> None:
    """One fact of all projects on one line, after its label; on a phone the label stands above."""
    with st.container(key=f"comparerow_{name}", gap=None):
        named, *columns = st.columns([LABEL, *[COLUMN] * len(texts)], gap="small")
        with named:
            st.caption(label)
        for place, (column, text) in enumerate(zip(columns, texts, strict=True)):
            kind = "cellaside" if place in aside else "cell"
            with column, st.container(key=f"{kind}_{name}_{place}", gap=None):
                st.text(f"{NUMBERS[place]} {text}" if name == "head" else text or "—")


def _choose(visitor: Visitor, desk: Desk, anchor: str) -> list[str]:
    """The projects to compare; they stand in the address. Offered are those of the institution's list."""
    names = project_names(desk, everything=visitor.role.organizes)
    held = compared(visitor, desk)
    listed = list(listing(desk, "institutions", anchor, everything=visitor.role.organizes).frame["listed"])
    options = list(dict.fromkeys([*held, *(one for one in listed if one in names)]))[:OPTIONS]
    key = f"comparing_{desk.channel}_{anchor}"
    st.session_state[key] = held
    chosen = st.multiselect(
        visitor.say("compare.choose", most=MOST_COMPARED),
        options,
        key=key,
        max_selections=MOST_COMPARED,
        placeholder=visitor.say("compare.hint"),
        format_func=lambda one: f"{shown_name(visitor, names[one])}（{one}）",
        on_change=lambda: go(**{COMPARE: ",".join(st.session_state[key])}),
        filter_mode="contains",
    )
    return list(chosen)


def _facts(visitor: Visitor, desk: Desk, project_id: str, anchor: str) -> dict[str, str]:
    """What is compared of one project, by label; every text comes masked and is shown as plain text."""
    row = shown_project(visitor, desk, project_id)
    told = {visitor.say("compare.project"): f"{shorten(shown_name(visitor, row['name']), 60)}\n{project_id}"}
    told |= {visitor.say(f"field.{name}"): value_of(PROJECTS, row, name, visitor.language) for name in FIELDS}
    told[visitor.say("field.summary")] = shorten(str(row.get("summary") or ""), SUMMARY)
    figures = indicators_of(visitor, desk, project_id)[:FIGURES]
    told[visitor.say("word.indicators")] = "\n".join(f"· {shorten(one.clause, SENTENCE)}" for one in figures)
    told[visitor.say("word.rights")] = visitor.say("compare.rights", count=len(rights_of(visitor, desk, project_id)))
    awards = award_lines(awards_of(visitor, desk, project_id), anonymous=row.get("confidentiality") == "teaser")
    told[visitor.say("word.awards")] = "\n".join(awards[:AWARDS])
    return told | _why(visitor, reasons_for(visitor, desk, project_id, anchor))


def _why(visitor: Visitor, reasons: list[dict[str, Any]]) -> dict[str, str]:
    """What speaks for a project, what against it and what is unknown; where it is not in the list, just that."""
    labels = [visitor.say(name) for name in ("why.pro", "why.con", "why.unknown")]
    if not reasons:
        return dict(zip(labels, (visitor.say("search.not_in_list"), "", ""), strict=True))
    told = story(reasons, most=2)
    pro = []
    for reason in told.pro:
        pro.append(f"＋ {word(reason['code'], visitor.language)} {reason['weight']:+.2f}")
        if reason.get("evidence_project"):
            pro.append(f"“{shorten(reason['evidence_project'], SENTENCE)}”")
    con = f"− {word(told.con['code'], visitor.language)} {told.con['weight']:+.2f}" if told.con else ""
    unknown = visitor.comma.join(phrase("unknown", code, visitor.language) for code in told.unknown)
    texts = ("\n".join(pro), con or visitor.say("why.no_con"), unknown or visitor.say("why.no_unknown"))
    return dict(zip(labels, texts, strict=True))


VIEW = View("compare", 16, ("institution", "organizer"), show)
