"""Which tables and columns may be imported, and an empty file of each to fill in."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import streamlit as st

from app.dashboard.parts.downloads import MIME
from app.dashboard.parts.paged import paged
from app.dashboard.shown_strings import catalogue
from app.dashboard.visitor import Visitor
from app.exports import to_csv
from app.wording import LANGUAGES
from data.document import kinds
from data.reference.headers import header_label
from data.reference.vocabularies import vocabulary
from data.tables import TABLES, Column, Kind

MOST_VALUES = 12
"""Values of a closed list that are named; the rest is counted."""
COLUMNS = ("label", "name", "required", "what")
WIDTHS = {"label": 150, "name": 150, "required": 70, "what": 700}


def template_of(table: str, language: str) -> bytes:
    """An empty CSV file with the headers of a table, as spreadsheets open it."""
    headers = [header_label(table, name, language) for name in TABLES[table].names]
    return b"\xef\xbb\xbf" + to_csv(pa.table({header: pa.array([], pa.string()) for header in headers})).encode()


def what_of(visitor: Visitor, column: Column) -> str:
    """What a cell of a column holds: its kind or the values of its list, and what else has to be known."""
    if column.vocabulary == "sectors":
        what = visitor.say("importing.sectors")
    elif column.vocabulary:
        words = "importing.any_of" if column.kind is Kind.LIST else "importing.one_of"
        what = visitor.say(words, values=_values(visitor, column.vocabulary))
    else:
        what = visitor.say(f"importing.kind_{column.kind.value}")
    note = f"importing.note_{column.name}"
    return visitor.say("importing.noted", what=what, note=visitor.say(note)) if note in catalogue() else what


def _values(visitor: Visitor, name: str) -> str:
    """The first values of a closed list, and how many more there are."""
    known = vocabulary(name)
    names = [known.label(code, visitor.language) for code in known.codes]
    joined = visitor.comma.join(names[:MOST_VALUES])
    more = len(names) - MOST_VALUES
    return visitor.say("importing.more_values", values=joined, count=more) if more > 0 else joined


def columns_of(visitor: Visitor, table: str) -> pd.DataFrame:
    """The columns of a table as a reader fills them in."""
    rows = [
        {
            "label": header_label(table, column.name, visitor.language),
            "name": column.name,
            "required": "✓" if column.required else "",
            "what": what_of(visitor, column),
        }
        for column in TABLES[table].columns
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def show_guide(visitor: Visitor, tables: Sequence[str]) -> None:
    """Draw the tables, one at a time, and what else can be read."""
    st.subheader(visitor.say("importing.guide"), anchor=False)
    st.caption(visitor.say("importing.guide_about"))
    table = st.segmented_control(
        visitor.say("importing.table"),
        tables,
        default=tables[0],
        required=True,
        key="import_table",
        format_func=lambda name: visitor.say(f"table.{name}"),
    )
    st.text(visitor.say(f"importing.about_{table}"))
    with st.container(horizontal=True, key="import_templates"):
        for language in LANGUAGES if visitor.language == LANGUAGES[0] else reversed(LANGUAGES):
            st.download_button(
                visitor.say(f"importing.template_{language}"),
                template_of(str(table), language),
                file_name=f"{table}.csv",
                mime=MIME["csv"],
                key=f"template_{table}_{language}",
                on_click="ignore",
            )
    st.caption(visitor.say("importing.template_about"))
    frame = columns_of(visitor, str(table))
    shown = [name for name in COLUMNS if visitor.language == LANGUAGES[0] or name != "label"]  # else the same twice
    labels = {name: visitor.say(f"importing.column_{name}") for name in shown}
    labels["name"] = visitor.say("importing.column_header")
    paged(visitor, frame, labels, f"import_{table}", visitor.say("importing.guide"), widths=WIDTHS)
    with st.container(key="import_kinds", gap=None):
        st.text(visitor.say("importing.kinds"))
        names = [one.zh if visitor.language == LANGUAGES[0] else one.en for one in kinds()]
        st.caption((" · ").join(names))
