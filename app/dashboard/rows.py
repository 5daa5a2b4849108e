"""Rows of a run by id, today's gate, and how a row may be shown.

Not for pages: who may see what is asked in :mod:`app.dashboard.queries`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.dashboard.desk import Desk
from app.masking import Mask, mask_project
from app.today import Today, read_today
from data.runs import Run


@dataclass(frozen=True, eq=False)
class Rows:
    """A table with its rows by id; a row is made when it is asked for."""

    table: pa.Table
    key: str

    @cached_property
    def place(self) -> dict[str, int]:
        """Row number of each id; of the first row where an id stands twice. For whoever asks for nearly all of them."""
        ids = self.table.column(self.key).to_pylist()
        return {key: row for row, key in reversed(list(enumerate(ids)))}

    def get(self, key: str) -> dict[str, Any]:
        """One row; empty when there is none."""
        at = pc.index(self.table.column(self.key), pa.scalar(key, pa.string())).as_py()
        return {} if at < 0 else self.table.slice(at, 1).to_pylist()[0]

    def some(self, keys: Sequence[str], columns: Collection[str]) -> dict[str, dict[str, Any]]:
        """Some columns of these rows by id; without those that are not there."""
        at = pc.index_in(pa.array(keys, pa.string()), value_set=self.table.column(self.key).combine_chunks())
        wanted = [name for name in self.table.column_names if name in columns or name == self.key]
        rows = self.table.select(wanted).take(at.drop_null()).to_pylist()
        return {row[self.key]: row for row in rows}


@st.cache_resource(max_entries=4, show_spinner=False)
def _rows(key: tuple[object, ...], name: str, column: str, _run: Run) -> Rows:
    return Rows(_run.table(name), column)


def projects_of(desk: Desk) -> Rows:
    """Projects as the run saw them."""
    return _rows(desk.run_key, "projects", "project_id", desk.run)


def institutions_of(desk: Desk) -> Rows:
    """Institutions as the run saw them."""
    return _rows(desk.run_key, "institutions", "institution_id", desk.run)


@st.cache_resource(max_entries=2, show_spinner=False)
def _today(key: tuple[object, ...], _desk: Desk) -> Today:
    return read_today(_desk.system)


def today(desk: Desk) -> Today:
    """Gate and masks of today, the same in every channel."""
    return _today((desk.shown_key[0], desk.shown_key[-1]), desk)


def mask_of(now: Today, row: dict[str, Any]) -> Mask:
    """The stricter of the run's and today's confidentiality."""
    project_id = str(row.get("project_id"))
    mask = mask_project({**row, "confidentiality": "teaser"} if project_id in now.teasers else row)
    return mask.hiding(now.numbers(project_id)) if mask.teaser else mask


def shown_row(now: Today, row: dict[str, Any]) -> dict[str, Any]:
    """A row of the run as it may be shown."""
    if not row:
        return {}
    mask = mask_of(now, row)
    return mask.row({**row, "confidentiality": "teaser"} if mask.teaser else row)
