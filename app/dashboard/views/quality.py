"""The organizer's page of the data: what is missing, what that costs, and the problems of the last import."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.parts.charted import DARK, bars, charted
from app.dashboard.quality_queries import gaps_in_data, problems
from app.dashboard.shown_strings import catalogue
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from data.reference.headers import header_label

PAGE, MOST = 20, 14
COST = "#b5533c"
PROBLEM_COLUMNS = ("severity", "table", "row", "column", "message", "hint", "code")


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    st.caption(visitor.say("quality.about"))
    frame = gaps_in_data(visitor, desk)
    with st.container(border=True, key="quality_missing"):
        _missing(visitor, frame, desk.channel)
    if not desk.access.bounded:
        with st.container(border=True, key="quality_problems"):
            _problems(visitor, problems(visitor, desk))


def _missing(visitor: Visitor, frame: pd.DataFrame, channel: str) -> None:
    st.subheader(visitor.say("quality.missing"), anchor=False)
    only = st.segmented_control(
        visitor.say("quality.table"),
        list(dict.fromkeys(frame["table"])),
        key=f"quality_{channel}",
        format_func=lambda name: visitor.say(f"table.{name}"),
    )
    told = frame[frame["table"] == only] if only else frame
    names = {name: visitor.say(f"quality.{name}") for name in ("field", "share", "unknown", "missing_cells", "rows")}
    shown = pd.DataFrame(
        {
            names["field"]: [
                f"{visitor.say(f'table.{table}')} · {_field(visitor, table, column)}"
                for table, column in zip(told["table"], told["column"], strict=True)
            ],
            names["share"]: (told["share"] * 100).round(1).to_numpy(),
            names["unknown"]: (told["unknown"] * 100).round(1).to_numpy(),
            names["missing_cells"]: told["missing"].to_numpy(),
            names["rows"]: told["rows"].to_numpy(),
        }
    )
    first = shown.head(MOST)
    spec = bars(first, names["field"], {names["share"]: DARK, names["unknown"]: COST})
    for series in spec["series"]:
        series.pop("stack")
    spec["legend"] = {"bottom": 0}
    spec["grid"] = {**spec["grid"], "bottom": 32}
    height = 70 + 34 * len(first)
    charted(visitor, spec, shown, key=f"quality_{channel}_{only}", height=height, alt=visitor.say("quality.missing"))


def _field(visitor: Visitor, table: str, column: str) -> str:
    """A column in words."""
    key = f"field.{column}"
    if visitor.language == "en":
        return visitor.say(key) if key in catalogue() else column.replace("_", " ").capitalize()
    return header_label(table, column, visitor.language)


def _problems(visitor: Visitor, frame: pd.DataFrame) -> None:
    """Problems with filters; messages are bilingual and quote cells, so they stand in a table only."""
    st.subheader(visitor.say("quality.problems", count=len(frame)), anchor=False)
    if frame.empty:
        st.caption(visitor.say("quality.no_problems"))
        return
    found = frame
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name in ("severity", "table", "code"):
            counts = {str(value): int(count) for value, count in frame[name].value_counts().items()}
            chosen = st.multiselect(
                visitor.say(f"quality.problem_{name}"),
                list(counts),
                key=f"problem_{name}",
                width=240,
                placeholder=visitor.say("filter.all"),
                format_func={value: f"{value} ({count})" for value, count in counts.items()}.__getitem__,
            )
            found = found[found[name].isin(chosen)] if chosen else found
    pages = max(-(-len(found) // PAGE), 1)
    key = f"problempage_{len(found)}"
    page = min(int(st.session_state.get(key, 1)), pages)
    st.dataframe(
        found.iloc[(page - 1) * PAGE : page * PAGE],
        hide_index=True,
        width="stretch",
        height="content",
        column_order=PROBLEM_COLUMNS,
        column_config={name: visitor.say(f"quality.problem_{name}") for name in PROBLEM_COLUMNS},
        key=f"problemtable_{key}_{page}",
        alt=visitor.say("quality.problems", count=len(found)),
    )
    if pages > 1:
        st.pagination(pages, key=key)
    st.caption(visitor.say("list.count", shown=len(found), pages=pages))


VIEW = View("quality", 55, ("organizer",), show)
