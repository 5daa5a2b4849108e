"""The organizer's page of call-backs: what is past due by region and owner, who does what next, and the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.followup_queries import ORDER, calendar_file, followups_of, overdue_counts
from app.dashboard.naming import shown_name
from app.dashboard.outcome_queries import today_of
from app.dashboard.parts.asking import ask_channels, ask_day, ask_one
from app.dashboard.parts.calling import show_calling
from app.dashboard.parts.case_cards import (
    PARAM,
    case_state,
    day_text,
    follow_label,
    keys_of,
    opened_case,
    show_case_cards,
)
from app.dashboard.parts.case_entry import show_told
from app.dashboard.parts.charted import bars, charted
from app.dashboard.parts.filters import ask_named, filters_name, filters_switch, label
from app.dashboard.parts.panes import list_and_detail
from app.dashboard.parts.style import draw_style
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from app.values import place_words
from data.cases import OPEN
from data.followup import NOT_CALLED
from data.reference.vocabularies import vocabulary

RED = "#b5533c"
SOON = 14
"""Days ahead that count as soon."""
BY = ("province", "city", "owner")
FIRST = 12


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    draw_style("outcomes")
    st.caption(visitor.say("followup.about"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="followup_ask"):
        channel = ask_channels(visitor, desk)
        day = ask_day(visitor, desk)
    found = followups_of(desk, day, channel)
    if found.empty:
        st.info(visitor.say("cases.none"))
        return
    _figures(visitor, found, day)
    browse_calls(visitor, desk, day, channel)
    with st.container(border=True, key="followup_where"):
        _where(visitor, desk, day, channel)


def _figures(visitor: Visitor, found: pd.DataFrame, day: date) -> None:
    still = found["case_state"] == OPEN
    late = found["state"] == NOT_CALLED
    ahead = found["due"].between(pd.Timestamp(day), pd.Timestamp(day + timedelta(days=SOON)))
    counts = {"open": still, "late": late, "soon": still & ahead, "unowned": still & (found["owner"] == "")}
    with st.grid(min_column_width=150, gap="small", key="figures_followup"):
        for name, mask in counts.items():
            label = visitor.say(f"followup.{name}", days=SOON)
            st.metric(label, f"{int(mask.sum()):,}", border=True, help=visitor.say(f"followup.{name}_help"))


def _where(visitor: Visitor, desk: Desk, day: date, channel: str) -> None:
    """Where and with whom call-backs are past due."""
    st.subheader(visitor.say("followup.where"), anchor=False)
    by = ask_one("count", BY, visitor.say("followup.by"), lambda one: visitor.say(f"followup.by_{one}"))
    counts = overdue_counts(desk, day, channel, by)
    nobody, nowhere = visitor.say("followup.nobody"), visitor.say("followup.nowhere")
    if by == "province":
        counts["label"] = [label(by, one, visitor.language) if one else "" for one in counts["label"]]
    counts["label"] = counts["label"].replace("", nobody if by == "owner" else nowhere)
    names = {name: visitor.say(f"followup.{name}") for name in ("not_called", "open_cases", "cases", "longest")}
    shown = pd.DataFrame(
        {
            visitor.say(f"followup.by_{by}"): counts["label"],
            names["not_called"]: counts["not_called"],
            names["open_cases"]: counts["open"],
            names["cases"]: counts["cases"],
            names["longest"]: counts["longest"],
        }
    )
    late = shown[shown[names["not_called"]] > 0].head(FIRST)
    if late.empty:
        st.caption(visitor.say("followup.none_late"))
        return
    chart = bars(
        late[[visitor.say(f"followup.by_{by}"), names["not_called"]]],
        visitor.say(f"followup.by_{by}"),
        {names["not_called"]: RED},
    )
    charted(
        visitor,
        chart,
        shown.head(100),
        key=f"late_{by}",
        height=40 + 27 * len(late),
        alt=visitor.say("followup.where"),
    )


@st.fragment
def browse_calls(visitor: Visitor, desk: Desk, day: date, channel: str) -> None:
    """Draw the list with its filters and the opened case; clicks rerun only this part."""
    show_told(visitor)
    found = followups_of(desk, day, channel)
    shown, key = _narrowed(visitor, desk, found, day, f"{channel}_{day}")
    row, astray = opened_case(found, shown)
    opened = str(keys_of(pd.DataFrame([row])).iloc[0]) if row else ""
    left, right = list_and_detail(visitor, "calls", PARAM, opened if st.query_params.get(PARAM) == opened else "")
    with left:
        if shown.empty:
            st.info(visitor.say("list.nothing_left"))
        else:
            show_case_cards(visitor, shown, opened, f"calls_{key}")
    with right:
        if astray:
            st.warning(visitor.say("list.not_here"))
        if row:
            _detail(visitor, desk, row, day)


def _narrowed(visitor: Visitor, desk: Desk, found: pd.DataFrame, day: date, key: str) -> tuple[pd.DataFrame, str]:
    """The rows that pass the filters and can be had as a calendar; and a key that changes with the filters."""
    counts = found["state"].value_counts()
    asked = {"followup_state": [NOT_CALLED], "followup_province": [], "followup_owner": [], "followup_text": ""}
    filters_switch(visitor, sum(bool(st.session_state.get(name, usual)) for name, usual in asked.items()), "calls")
    with st.container(horizontal=True, vertical_alignment="bottom", key=filters_name("calls")):
        states = st.multiselect(
            visitor.say("followup.state"),
            ORDER,
            default=[NOT_CALLED],
            key="followup_state",
            width=280,
            placeholder=visitor.say("filter.all"),
            format_func=lambda one: f"{follow_label(one, visitor.language)} {int(counts.get(one, 0))}",
        )
        chosen = {name: _one_filter(visitor, found, name) for name in ("province", "owner")}
        text = ask_named(visitor, "followup_text", 170)
        shown = narrowed(found, states, chosen, text)
        st.download_button(
            visitor.say("followup.calendar", count=len(shown)),
            partial(calendar_file, desk, day, shown),
            file_name=f"duijie-callbacks-{day}.ics",
            mime="text/calendar",
            key="followup_ics",
            on_click="ignore",
            disabled=shown.empty,
        )
    told = "-".join((*states, *chosen["province"], *chosen["owner"]))
    return shown, f"{key}_{told}_{text}"


def _one_filter(visitor: Visitor, found: pd.DataFrame, name: str) -> list[str]:
    """The wanted values of a column; what is empty is named."""
    nothing = visitor.say("followup.nobody" if name == "owner" else "followup.nowhere")
    return st.multiselect(
        visitor.say(f"followup.by_{name}"),
        sorted(str(one) for one in found[name].unique()),
        key=f"followup_{name}",
        width=180,
        placeholder=visitor.say("filter.all"),
        format_func=lambda one: label(name, one, visitor.language) if one else nothing,
    )


def narrowed(found: pd.DataFrame, states: list[str], chosen: dict[str, list[str]], text: str) -> pd.DataFrame:
    """Rows of these states and values (none: all) whose ids or names hold every word of a text."""
    keep = found["state"].isin(states) if states else pd.Series(True, index=found.index)
    for name, values in chosen.items():
        if values:
            keep &= found[name].isin(values)
    if text.split():
        named = (
            found["project_id"] + " " + found["project"] + " " + found["institution_id"] + " " + found["institution"]
        )
        for word in text.casefold().split():
            keep &= named.str.casefold().str.contains(word, regex=False)
    return found[keep]


def _detail(visitor: Visitor, desk: Desk, row: dict[str, Any], day: date) -> None:
    """One case: what was said of it, and what can be done."""
    key = f"{keys_of(pd.DataFrame([row])).iloc[0]}_{row['entries']}"
    with st.container(border=True, key=f"detail_{key}"):
        with st.container(key=f"title_{key}", gap=None):
            st.text(shown_name(visitor, row["project"], row["project_id"]))
        with st.container(key=f"facts_{key}", gap=None):
            st.text(f"× {row['institution'] or row['institution_id']}")
            channel = vocabulary("channels").label(row["channel"], visitor.language)
            place = place_words(row, visitor.language)
            st.text(" · ".join(part for part in (channel, row["project_id"], row["institution_id"], place) if part))
        case_state(visitor, row)
        told = {
            "due": visitor.say(f"followup.due_{row['due_from']}", day=day_text(row["due"])) if row["due_from"] else "",
            "owner": row["owner"] or visitor.say("followup.nobody"),
            "next_step": row["next_step"],
            "introduced": day_text(row["introduced_at"]),
            "last_contact": day_text(row["last_contact"]),
            "attempts": str(row["attempts"]) if row["attempts"] else "",
        }
        with st.grid(min_column_width=150, gap="small", key=f"fields_{key}"):
            for name, value in told.items():
                if value:
                    with st.container(key=f"field_{key}_{name}", gap=None):
                        st.caption(visitor.say(f"followup.field_{name}"))
                        st.text(value)
        if day < today_of(desk):
            st.info(visitor.say("cases.past", day=day.isoformat()))
        elif row["case_state"] != OPEN:
            st.caption(visitor.say("followup.ended"))
        else:
            show_calling(visitor, desk, row, key)


VIEW = View("followups", 71, ("organizer",), show)
