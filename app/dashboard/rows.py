"""Rows of a run by id, today's gate, and how a row may be shown.

Not for pages: who may see what is asked in :mod:`app.dashboard.queries`.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st
from numpy.typing import NDArray

from app.dashboard.desk import Desk
from app.masking import Mask, mask_project
from app.today import Today, read_today
from data.runs import Run
from data.store_shown import shown_columns
from data.tables import OUTCOMES

LONG = ("innovation", "technology", "application", "evaluation")
"""Texts of projects that stand in no list: they are most of a run's bytes and are read for the rows that are opened."""
GATED = ("consent", "state", "confidentiality")
"""Columns of a project by which it is shown."""
OPENED = 4
"""Rows whose texts are kept for a while when they are asked for together."""


@dataclass(frozen=True, eq=False)
class Rows:
    """A table with its rows by id; a row is made when it is asked for. Columns in ``rest`` are not held by ``table``:
    they are read of ``run``, whose table ``name`` has the same rows.
    """

    table: pa.Table
    key: str
    run: Run | None = None
    name: str = ""
    rest: tuple[str, ...] = ()

    @cached_property
    def place(self) -> dict[str, int]:
        """Row number of each id; of the first row where an id stands twice. For whoever asks for nearly all of them."""
        ids = self.table.column(self.key).to_pylist()
        return {key: row for row, key in reversed(list(enumerate(ids)))}

    @cached_property
    def _known(self) -> tuple[NDArray[np.bytes_], NDArray[np.intp]]:
        """The ids sorted, and the row number of each; rows of one id in their order."""
        ids = np.array([str(key).encode() for key in self.table.column(self.key).to_pylist()], np.bytes_)
        order = np.argsort(ids, kind="stable")
        return ids[order], order

    def get(self, key: str) -> dict[str, Any]:
        """One row; empty when there is none."""
        at = self.places([key])
        return self._rows(at, self._names)[0] if len(at) else {}

    def some(self, keys: Sequence[str], columns: Collection[str] = ()) -> dict[str, dict[str, Any]]:
        """Some columns of these rows by id, all where none is named; without the ids that are not there."""
        wanted = [name for name in self._names if not columns or name in columns or name == self.key]
        return {row[self.key]: row for row in self._rows(self.places(keys), wanted)}

    def places(self, keys: Sequence[str]) -> NDArray[np.int64]:
        """Row numbers of these ids in their order; without those that are not there."""
        ids, order = self._known
        asked = np.array([key.encode() for key in keys], np.bytes_)
        at = np.searchsorted(ids, asked)
        there = at < len(ids)
        there[there] = ids[at[there]] == asked[there]
        return np.asarray(order[at[there]], np.int64)

    @property
    def _names(self) -> list[str]:
        """All columns in the order of the run."""
        return self.run.names(self.name) if self.run else list(self.table.column_names)

    def _rows(self, at: NDArray[np.int64], columns: list[str]) -> list[dict[str, Any]]:
        held = [name for name in columns if name not in self.rest]
        if len(at) == 1:  # to take one row of many columns costs ten times as much as to look at it
            rows: list[dict[str, Any]] = self.table.select(held).slice(int(at[0]), 1).to_pylist()
        else:
            rows = self.table.select(held).take(pa.array(at)).to_pylist()
        rest = tuple(name for name in columns if name in self.rest)
        if not (rest and rows and self.run):
            return rows
        few = tuple(at.tolist()) if len(at) <= OPENED else ()
        told = _texts(self.run.folder, self.name, few, rest) if few else self.run.at(self.name, at, rest).to_pylist()
        both = ({**row, **texts} for row, texts in zip(rows, told, strict=True))
        return [{name: row[name] for name in columns} for row in both]


@functools.lru_cache(maxsize=64)
def _texts(folder: Path, name: str, at: tuple[int, ...], columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Columns of a few rows of a run, which never changes: a page that is redrawn opens the same ones."""
    found: list[dict[str, Any]] = Run(folder, {}).at(name, np.array(at, np.int64), columns).to_pylist()
    return found


@st.cache_resource(max_entries=4, show_spinner=False)
def _rows(key: tuple[object, ...], name: str, column: str, _run: Run) -> Rows:
    rest = tuple(one for one in LONG if one in _run.names(name)) if name == "projects" else ()
    if not rest:
        return Rows(_run.table(name), column)
    held = [one for one in _run.names(name) if one not in rest]
    return Rows(_run.columns(name, held), column, _run, name, rest)


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


def outcomes_of(desk: Desk) -> pa.Table:
    """Every event that stands today, of merged records under the id that they show as."""
    return _outcomes((str(desk.system.store.path), desk.stamp), desk)


@st.cache_resource(max_entries=1, show_spinner=False)
def _outcomes(key: tuple[object, ...], _desk: Desk) -> pa.Table:
    wanted = {"projects": GATED, OUTCOMES.name: OUTCOMES.names}
    return shown_columns(_desk.system.store.path, wanted)[0][OUTCOMES.name]


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
