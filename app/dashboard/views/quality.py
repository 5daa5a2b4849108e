"""The organizer's page of the data: what is missing, what that costs, and the problems of the last import."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.parts.asking import half
from app.dashboard.parts.charted import DARK, bars, charted
from app.dashboard.parts.paged import paged
from app.dashboard.quality_queries import gaps_in_data, problems
from app.dashboard.shown_strings import catalogue
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from data.reference.headers import header_label

MOST = 14
"""Fields in the chart; the table has all."""
COST = "#b5533c"
LABELS = (
    {"show": True, "position": "right", "formatter": "{@[1]}%"},
    {"show": True, "position": "right", "formatter": "{@[2]}%"},
)
"""What stands at the bars: the second and the third column of the table."""
PROBLEM_COLUMNS = ("severity", "table", "row", "column", "message", "hint", "code")
PROBLEM_WIDTHS = {"severity": 70, "table": 80, "row": 60, "column": 110, "message": 360, "hint": 240, "code": 130}


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
    for series, label in zip(spec["series"], LABELS, strict=True):
        series.pop("stack")
        series["label"] = label
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
    """Problems with filters; messages quote cells, so they stand in a table only."""
    st.subheader(visitor.say("quality.problems", count=len(frame)), anchor=False)
    if frame.empty:
        st.caption(visitor.say("quality.no_problems"))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name in ("severity", "table", "code"):
            frame = _having(visitor, frame, name)
    columns = {name: visitor.say(f"quality.problem_{name}") for name in PROBLEM_COLUMNS}
    alt = visitor.say("quality.problems", count=len(frame))
    told = partial(problems_in_words, visitor)
    paged(visitor, frame, columns, f"problems_{len(frame)}", alt, told=told, widths=PROBLEM_WIDTHS)


def _having(visitor: Visitor, frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The problems that have one of the wanted values of a column (none: all)."""
    counts = {str(value): int(count) for value, count in frame[name].value_counts().items()}
    chosen = st.multiselect(
        visitor.say(f"quality.problem_{name}"),
        list(counts),
        key=f"problem_{name}",
        width=240,
        placeholder=visitor.say("filter.all"),
        format_func=lambda value: f"{_value(visitor, name, value)} ({counts.get(value, 0)})",
    )
    return frame[frame[name].isin(chosen)] if chosen else frame


def _value(visitor: Visitor, name: str, value: str) -> str:
    """A severity or a table in words; a code, and a table that is not ours, stay."""
    key = {"severity": "quality.severity_", "table": "table."}.get(name, "") + value
    return visitor.say(key) if name != "code" and key in catalogue() else value


def problems_in_words(visitor: Visitor, frame: pd.DataFrame) -> pd.DataFrame:
    """Problems in the reader's language; the code stays, for whoever looks it up."""
    places = list(zip(frame["table"], frame["column"], strict=True))
    return frame.assign(
        severity=[_value(visitor, "severity", one) for one in frame["severity"]],
        table=[_value(visitor, "table", one or "") for one in frame["table"]],
        column=[_field(visitor, table, column) if table and column else column for table, column in places],
        row=["–" if row == 0 else str(row) for row in frame["row"]],
        message=[half(one or "", visitor.language) for one in frame["message"]],
        hint=[half(one or "", visitor.language) for one in frame["hint"]],
    )


VIEW = View("quality", 55, ("organizer",), show, needs_run=False, needs_projects=True)
