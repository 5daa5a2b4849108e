"""The organizer's page of conflicts of interest: found ones wait for a person, confirmed ones can be taken back; and
values on which the imported files differ, to be settled in the files.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.conflict_queries import confirm_conflict, conflicts_of_interest, differing_values
from app.dashboard.desk import Desk, renewed
from app.dashboard.naming import shown_actor, shown_name
from app.dashboard.parts.asking import ask_one, half
from app.dashboard.parts.case_entry import LONGEST_TEXT, say_and_redraw, show_told
from app.dashboard.parts.filters import ask_named
from app.dashboard.parts.paged import page_of, paged, turn_pages
from app.dashboard.plain import escape
from app.dashboard.queries import records
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from data.conflicts import KINDS
from data.reference.headers import header_label

TAB = "tab"
OPEN, CONFIRMED, VALUES = "open", "confirmed", "values"
PAGE = 8
VALUE_COLUMNS = ("table", "row", "column", "message")
COLORS = {"judge": "red", "host": "orange", "recommender": "blue", "owner": "violet"}


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    st.caption(visitor.say("conflicts.about"))
    show_told(visitor)
    with st.spinner(visitor.say("conflicts.wait")):
        found = conflicts_of_interest(visitor, desk)
    confirmed = int(found["confirmed"].sum())
    counts = {OPEN: len(found) - confirmed, CONFIRMED: confirmed}
    values = pd.DataFrame() if desk.access.bounded else differing_values(visitor, desk)
    if not desk.access.bounded:  # such values quote cells of every region
        counts[VALUES] = len(values)
    tab = ask_one(
        TAB,
        tuple(counts),
        visitor.say("conflicts.tab"),
        lambda one: visitor.say(f"conflicts.{one}", count=counts[one]),
    )
    if tab == VALUES:
        _values(visitor, values)
    else:
        browse_conflicts(visitor, desk, confirmed=tab == CONFIRMED)


@st.fragment
def browse_conflicts(visitor: Visitor, desk: Desk, *, confirmed: bool) -> None:
    """Draw the conflicts that wait, or those that were confirmed; a click redraws only this part."""
    desk = renewed(desk)
    found = conflicts_of_interest(visitor, desk)
    found = found[found["confirmed"].astype(bool) == confirmed]
    if found.empty:
        st.info(visitor.say("conflicts.none_confirmed" if confirmed else "conflicts.none"))
        return
    counts = found["kind"].value_counts()
    with st.container(horizontal=True, vertical_alignment="bottom", key="conflicts_asked", gap="small"):
        text = ask_named(visitor, "conflicts_text", 240)
        kinds = st.multiselect(
            visitor.say("conflicts.kind"),
            [kind for kind in KINDS if kind in counts.index],
            key=f"conflicts_kind_{confirmed}",
            width=280,
            placeholder=visitor.say("filter.all"),
            format_func=lambda one: f"{visitor.say(f'conflict.{one}')} ({int(counts.get(one, 0))})",
        )
    shown = narrowed(found, text, kinds)
    if shown.empty:
        st.info(visitor.say("list.nothing_left"))
        return
    name = f"page_conflicts_{confirmed}_{text}_{'-'.join(kinds)}"
    page, pages = page_of(name, len(shown), PAGE)
    for row in records(shown.iloc[(page - 1) * PAGE : page * PAGE]):
        _one(visitor, desk, row)
    turn_pages(visitor, name, len(shown), pages)


def narrowed(found: pd.DataFrame, text: str, kinds: list[str]) -> pd.DataFrame:
    """Conflicts of these kinds (none: all) whose ids, names and source hold every word of a text."""
    keep = found["kind"].isin(kinds) if kinds else pd.Series(True, index=found.index)
    columns = ("project_id", "project", "institution_id", "institution", "source")
    named = pd.Series([" ".join(map(str, row)).casefold() for row in found[list(columns)].values], found.index)
    for word in text.casefold().split():
        keep &= named.str.contains(word, regex=False)
    return found[keep]


def _one(visitor: Visitor, desk: Desk, row: dict[str, Any]) -> None:
    key = f"{row['project_id']}_{row['institution_id']}_{row['kind']}_{row['seq']}"
    with st.container(border=True, key=f"conflict_{key}", gap="small"):
        st.badge(visitor.say(f"conflict.{row['kind']}"), color=COLORS[row["kind"]])  # type: ignore[arg-type]
        with st.container(key=f"conflictnames_{key}", gap=None):
            st.text(f"{shown_name(visitor, row['project'])}（{row['project_id']}）")
            st.text(f"× {row['institution']}（{row['institution_id']}）")
        st.caption(" · ".join(_basis(visitor, row)))
        if row["confirmed"]:
            when = row["at"].to_pydatetime().astimezone().strftime("%Y-%m-%d %H:%M")
            st.text(f"“{row['note']}”")
            st.caption(visitor.say("pair.who_when", actor=escape(shown_actor(visitor, row["actor"])), when=when))
        _form(visitor, desk, row, key)


def _basis(visitor: Visitor, row: dict[str, Any]) -> list[str]:
    """What says that there is a conflict: of judging, the edition and the day."""
    told = []
    if row["source"]:
        key = "conflicts.edition" if row["kind"] == "judge" else "conflicts.source"
        told.append(visitor.say(key, source=escape(row["source"])))
    if not pd.isna(row["on"]):
        told.append(visitor.say("conflicts.on", day=row["on"].isoformat()))
    return told


def _form(visitor: Visitor, desk: Desk, row: dict[str, Any], key: str) -> None:
    """What confirms, or takes a confirmation back; both say why."""
    action = "revoke" if row["confirmed"] else "confirm"
    with (
        st.form(f"form_{key}", border=False),
        st.container(horizontal=True, vertical_alignment="bottom", key=f"conflictform_{key}", gap="small"),
    ):
        note = st.text_input(
            visitor.say(f"conflicts.{action}_note"),
            key=f"note_{key}",
            max_chars=LONGEST_TEXT,
            placeholder=visitor.say(f"conflicts.{action}_hint"),
            width=420,
        )
        wanted = st.form_submit_button(visitor.say(f"conflicts.{action}"), key=f"{action}_{key}")
    if not wanted:
        return
    ids = str(row["project_id"]), str(row["institution_id"]), str(row["kind"])
    say_and_redraw(
        visitor,
        f"conflicts.{action}_done",
        lambda: confirm_conflict(visitor, desk, *ids, note, seq=int(row["seq"])),
    )


def _values(visitor: Visitor, found: pd.DataFrame) -> None:
    """Values that differ between files of the last import: which was kept, and where the other stands."""
    st.caption(visitor.say("conflicts.values_about"))
    if found.empty:
        st.info(visitor.say("conflicts.no_values"))
        return
    columns = {name: visitor.say(f"quality.problem_{name}") for name in VALUE_COLUMNS}
    alt = visitor.say("conflicts.values", count=len(found))
    paged(visitor, found, columns, "differing_values", alt, told=partial(values_in_words, visitor))


def values_in_words(visitor: Visitor, rows: pd.DataFrame) -> pd.DataFrame:
    """Differing values in the reader's language."""
    places = list(zip(rows["table"], rows["column"], strict=True))
    return rows.assign(
        table=[visitor.say(f"table.{table}") for table, _ in places],
        column=[header_label(table, column, visitor.language) for table, column in places],
        message=[half(message, visitor.language) for message in rows["message"]],
    )


VIEW = View("conflicts", 57, ("organizer",), show)
