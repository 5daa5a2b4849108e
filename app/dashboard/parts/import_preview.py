"""What files hold and would change, before anything is written."""

from __future__ import annotations

from functools import partial

import pandas as pd
import pyarrow as pa
import streamlit as st

from app.dashboard.import_queries import Preview
from app.dashboard.parts.downloads import MIME
from app.dashboard.parts.import_words import column_label, shown_problems, told_problems
from app.dashboard.parts.paged import paged
from app.dashboard.visitor import Visitor
from app.exports import to_csv
from data.problem import SEVERITIES

FILES = ("file", "taken", "read")
COUNTS = ("read", "accepted", "rejected", "added", "changed", "unchanged")
PROBLEM_COLUMNS = ("severity", "row", "column", "message", "hint", "file", "table", "code")
FIRST = 5
"""Errors that are told in full, also where a table is too wide to be read."""
LONG = 20
"""Rows beyond which a table scrolls."""
ROW_COLUMNS = ("change", "table", "key", "name", "columns", "file", "row")
WIDTHS = {
    "message": 420,
    "hint": 260,
    "file": 170,
    "key": 150,
    "name": 240,
    "columns": 260,
    "row": 60,
    "severity": 60,
    "column": 110,
    "change": 70,
}


def show_files(visitor: Visitor, preview: Preview) -> None:
    """Draw what each file was taken for, and the rows of each table."""
    st.subheader(visitor.say("importing.read"), anchor=False)
    files = preview.files.assign(taken=_taken(visitor, preview.files))
    labels = {name: visitor.say(f"importing.column_{name}") for name in FILES}
    st.dataframe(
        files,
        hide_index=True,
        width="stretch",
        height="content" if len(files) <= LONG else "auto",
        column_order=FILES,
        column_config=labels,
        key="import_files_read",
        alt=visitor.say("importing.read"),
    )
    if preview.tables.empty:
        return
    told = preview.tables.assign(table=[visitor.say(f"table.{one}") for one in preview.tables["table"]])
    names = ("table", *COUNTS[:3]) if preview.blocked else ("table", *COUNTS)
    st.dataframe(
        told,
        hide_index=True,
        width="stretch",
        height="content",
        column_order=names,
        column_config={name: visitor.say(f"importing.column_{name}") for name in names},
        key="import_counts",
        alt=visitor.say("importing.counts"),
    )
    if preview.declaration.filled and not preview.blocked:
        st.caption(visitor.say("importing.filled", count=preview.declaration.filled))
    if preview.declaration.answered and not preview.blocked:
        st.caption(visitor.say("importing.answered", count=preview.declaration.answered))
    if preview.contacts and not preview.blocked:
        st.caption(visitor.say("importing.contacts", count=preview.contacts))


def _taken(visitor: Visitor, files: pd.DataFrame) -> list[str]:
    """For each file the table that it is, or the kind of list or form."""
    return [
        visitor.say(f"table.{table}") if table else kind or visitor.say("importing.taken_for_nothing")
        for table, kind in zip(files["table"], files[visitor.language], strict=True)
    ]


def problems_csv(problems: pd.DataFrame, language: str) -> bytes:
    """All problems in the columns of the interchange behind the file; no cell is a formula."""
    table = pa.Table.from_pandas(told_problems(problems, language), preserve_index=False)
    return b"\xef\xbb\xbf" + to_csv(table).encode()


def show_first_errors(visitor: Visitor, problems: pd.DataFrame) -> None:
    """Draw the first errors as running text: where each stands, what is wrong, and what helps."""
    errors = shown_problems(visitor, problems[problems["severity"] == "error"].head(FIRST))
    with st.container(key="import_first", gap="small"):
        for row in errors.to_dict("records"):
            line = visitor.say("importing.line", row=row["row"]) if row["row"] else ""
            place = " · ".join(part for part in (row["file"], line, row["column"]) if part)
            hint = visitor.say("importing.hinted", hint=row["hint"]) if row["hint"] else ""
            st.text(f"{place}{visitor.say('importing.colon') if place else ''}{row['message']}{hint}")


def show_problems(visitor: Visitor, problems: pd.DataFrame) -> None:
    """Draw the problems, the worst first, and the download of all."""
    if problems.empty:
        st.caption(visitor.say("importing.no_problems"))
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(visitor.say("importing.problems", count=len(problems)), anchor=False)
        st.download_button(
            visitor.say("importing.problems_csv"),
            lambda: problems_csv(problems, visitor.language),
            file_name="duijie-problems.csv",
            mime=MIME["csv"],
            key="import_problems_csv",
            on_click="ignore",
        )
    counts = problems["severity"].value_counts()
    there = [one for one in SEVERITIES if one in counts]
    chosen = st.segmented_control(
        visitor.say("importing.severity"),
        there,
        key="import_severity",
        format_func=lambda one: f"{visitor.say(f'importing.{one}')} {counts[one]}",
        label_visibility="collapsed",
    )
    found = problems[problems["severity"] == chosen] if chosen in there else problems
    st.caption(visitor.say("importing.rows_counted"))
    labels = {name: visitor.say(f"importing.column_{name}") for name in PROBLEM_COLUMNS}
    told, alt = partial(shown_problems, visitor), visitor.say("importing.problem_table")
    found = found.assign(row=found["row"].where(found["row"] > 0))
    paged(visitor, found, labels, f"import_problems_{chosen}", alt, told=told, widths=WIDTHS)


def show_rows(visitor: Visitor, preview: Preview) -> None:
    """Draw the rows that are new, and those that differ with the columns in which they do."""
    if preview.rows.empty:
        return
    rows = preview.rows
    st.subheader(visitor.say("importing.rows", count=len(rows)), anchor=False)
    labels = {name: visitor.say(f"importing.column_{name}") for name in ROW_COLUMNS}
    labels["columns"] = visitor.say("importing.column_differing")
    told, alt = partial(rows_in_words, visitor), visitor.say("importing.row_table")
    listed = rows.assign(columns=[";".join(names) for names in rows["columns"]], named=rows["columns"])
    paged(visitor, listed, labels, "import_rows", alt, told=told, widths=WIDTHS)


def rows_in_words(visitor: Visitor, rows: pd.DataFrame) -> pd.DataFrame:
    """What happens to rows, and in which columns they differ (``named``), in the reader's language."""
    return rows.assign(
        change=[visitor.say(f"importing.row_{one}") for one in rows["change"]],
        columns=[
            visitor.comma.join(_differing(visitor, table, name, name in cleared) for name in names)
            for table, names, cleared in zip(rows["table"], rows["named"], rows["cleared"], strict=True)
        ],
        table=[visitor.say(f"table.{one}") for one in rows["table"]],
    )


def _differing(visitor: Visitor, table: str, column: str, cleared: bool) -> str:
    """A column that differs, and whether it loses what it holds."""
    label = column_label(table, column, visitor.language)
    return visitor.say("importing.column_cleared", column=label) if cleared else label
