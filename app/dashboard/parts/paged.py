"""A long table, a page at a time: never more rows than a reader can take in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from app.dashboard.visitor import Visitor

PAGE = 20


def page_of(name: str, count: int, page: int = PAGE) -> tuple[int, int]:
    """The number of the open page and how many there are; the choice stands below what it turns."""
    pages = max(-(-count // page), 1)
    return min(int(st.session_state.get(name, 1)), pages), pages


def turn_pages(visitor: Visitor, name: str, count: int, pages: int) -> None:
    """Draw the choice of the page, and how much there is."""
    if pages > 1:
        st.pagination(pages, key=name)
    st.caption(visitor.say("list.count" if pages > 1 else "list.count_all", shown=count, pages=pages))


def paged(
    visitor: Visitor,
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    key: str,
    alt: str,
    *,
    told: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
    widths: Mapping[str, int] | None = None,
    formats: Mapping[str, str] | None = None,
) -> None:
    """Draw the columns of a table under their labels. ``widths`` in pixels; ``formats`` of numbers by column.

    ``told`` puts rows into words, one row in, one row out; only the rows of the open page are given to it. A column in
    which no row of the table says anything is left out.
    """
    name = f"page_{key}"
    page, pages = page_of(name, len(frame))
    rows = frame.iloc[(page - 1) * PAGE : page * PAGE]
    rows = told(rows) if told else rows
    columns = {column: label for column, label in columns.items() if _says(rows, column) or _says(frame, column)}
    config = {
        column: st.column_config.NumberColumn(label, width=(widths or {}).get(column), format=formats[column])
        if formats and column in formats
        else st.column_config.Column(label, width=(widths or {}).get(column))
        for column, label in columns.items()
    }
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        height="content",
        column_order=list(columns),
        column_config=config,
        key=f"table_{key}_{page}",
        alt=alt,
    )
    turn_pages(visitor, name, len(frame), pages)


def _says(frame: pd.DataFrame, column: str) -> bool:
    """Whether any row says something in a column; rows that are yet to be put into words may lack it."""
    return column in frame and bool((frame[column].notna() & (frame[column] != "")).any())
