"""Records as they were imported, what comparing them found, and how one may be shown to an organizer.

Not for pages: who may see what is asked in :mod:`app.dashboard.duplicate_queries` and
:mod:`app.dashboard.conflict_queries`. What costs, comparing the records, is done once for what was imported; what
people decide, consent and withdraw meanwhile does not repeat it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st
from numpy.typing import NDArray

from app.dashboard.desk import HARMLESS, Desk
from app.dashboard.rows import Rows, today
from app.dashboard.stamped import store_key
from app.masking import MASKED, Mask, mask_project
from app.same_project import DECISIONS, Standing, standing, without_contacts
from app.today import Today
from data.conflicts import CONFIRM, UNCONFIRM
from data.consents import CONSENT
from data.differing import SIDES
from data.store_shown import last_entry
from matcher.duplicates.finding import find_duplicates
from matcher.gate import PENDING, let_go

STILL = (*HARMLESS, *DECISIONS, CONFIRM, UNCONFIRM, CONSENT)
"""Actions of the journal that change no imported row."""
BASIS = (*MASKED, "country", "group", "sectors")


@dataclass(frozen=True, eq=False)
class Compared:
    """What comparing all records found: pairs with score and evidence, best first, and their summands (n x FEATURES);
    rows of the records in them, with numbers of their rights and their published awards.
    """

    pairs: pd.DataFrame
    summands: NDArray[np.float64]
    records: Rows
    numbers: dict[str, list[str]]
    awards: dict[str, list[dict[str, Any]]]


def import_key(desk: Desk) -> tuple[object, ...]:
    """It changes with what is imported, not with what people decide."""
    return _imported(str(desk.system.store.path), desk.stamp, desk)


@st.cache_data(max_entries=64, show_spinner=False)
def _imported(path: str, stamp: tuple[int, ...], _desk: Desk) -> tuple[object, ...]:
    file = _desk.system.store.path
    return (path, file.stat().st_ino, *last_entry(file, STILL))


def basis_of(desk: Desk) -> Rows:
    """Every record as it was imported, with the columns by which it is named and placed."""
    return _basis(import_key(desk), desk)


@st.cache_resource(max_entries=2, show_spinner=False)
def _basis(key: tuple[object, ...], _desk: Desk) -> Rows:
    return Rows(_desk.system.store.current("projects").select(list(BASIS)), "project_id")


def compared_records(desk: Desk) -> Compared:
    """Every record compared with those it may be one with. Slow the first time after an import."""
    return _compared(import_key(desk), desk)


@st.cache_resource(max_entries=2, show_spinner=False)
def _compared(key: tuple[object, ...], _desk: Desk) -> Compared:
    store = _desk.system.store
    projects, ip, awards = (store.current(name) for name in ("projects", "ip", "awards"))
    found = find_duplicates(projects, ip)
    pairs = without_contacts(found.table).to_pandas()
    ids = pa.array(sorted({record for side in SIDES for record in pairs[side]}), pa.string())
    rows, rights, won = (
        table.filter(pc.is_in(table.column("project_id"), value_set=ids)) for table in (projects, ip, awards)
    )
    numbers: dict[str, list[str]] = {}
    for right in rights.select(["project_id", "number"]).to_pylist():
        if right["number"]:
            numbers.setdefault(right["project_id"], []).append(right["number"])
    prizes: dict[str, list[dict[str, Any]]] = {}
    for award in won.to_pylist():
        if award["status"] not in PENDING:
            prizes.setdefault(award["project_id"], []).append(award)
    return Compared(pairs, found.summands, Rows(rows, "project_id"), numbers, prizes)


def standing_of(desk: Desk) -> Standing:
    """What stands decided of records."""
    return _standing(store_key(desk), desk)


@st.cache_resource(max_entries=8, show_spinner=False)
def _standing(key: tuple[object, ...], _desk: Desk) -> Standing:
    return standing(_desk.system.store)


def inside(desk: Desk, now: Standing) -> frozenset[str]:
    """Records within the person's region; a project is not when one of its records lies outside."""
    found = _region(import_key(desk), desk.access.scope, desk)
    return found - {shown for record, shown in now.merges.items() if record not in found}


@st.cache_resource(max_entries=32, show_spinner=False)
def _region(key: tuple[object, ...], scope: tuple[object, ...], _desk: Desk) -> frozenset[str]:
    rows = _basis(key, _desk).table.select(["project_id", "country", "province", "city"]).to_pylist()
    return frozenset(row["project_id"] for row in rows if _desk.access.keeps_project(*row.values()))


def reaches(desk: Desk, now: Standing, *records: str) -> bool:
    """Whether all records are there and lie, with whatever shows as the same projects, within the person's region."""
    known = basis_of(desk).place
    if any(record not in known for record in records):
        return False
    return not desk.access.bounded or {now.shown(record) for record in records} <= inside(desk, now)


def gone(desk: Desk) -> frozenset[str]:
    """Projects that are withdrawn, disqualified or closed today: their ids are told, nothing of their content."""
    return _gone(desk.shown_key, desk)


@st.cache_resource(max_entries=4, show_spinner=False)
def _gone(key: tuple[object, ...], _desk: Desk) -> frozenset[str]:
    projects = today(_desk).projects
    told = zip(projects.column("project_id").to_pylist(), let_go(projects), strict=True)
    return frozenset(record for record, why in told if why)


@dataclass(frozen=True, eq=False)
class Naming:
    """How records may be shown today, for whoever shows many of them: what it needs is asked for once."""

    basis: Rows
    today: Today
    gone: frozenset[str]
    now: Standing

    def mask(self, row: Mapping[str, Any]) -> Mask:
        """The mask of a record, at least as strict as that of the project it shows as, whose other names it hides."""
        shown = self.now.shown(str(row["project_id"]))
        if shown not in self.today.teasers:
            return mask_project(row)
        mask = mask_project({**row, "confidentiality": "teaser"})
        for other in {shown, *self.now.groups.get(shown, ())} - {row["project_id"]}:
            mask |= mask_project({**self.basis.get(other), "confidentiality": "teaser"})
        return mask.hiding(self.today.numbers(shown))

    def row(self, record: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """Name, place and group of a record (``row`` as it was imported) as they may be shown; its id alone where
        nothing else may.
        """
        if not row or self.now.shown(record) in self.gone:
            return {"name": record}
        told = shown_record(self.mask(row), row)
        return {**told, "name": told.get("name") or record}

    def rows(self, records: Iterable[str]) -> dict[str, dict[str, Any]]:
        """:meth:`row` of records by id."""
        held = self.basis.some(ids := sorted(set(records)))
        return {record: self.row(record, held.get(record, {})) for record in ids}


def naming(desk: Desk, now: Standing) -> Naming:
    """How records may be shown today."""
    return Naming(basis_of(desk), today(desk), gone(desk), now)


def shown_record(mask: Mask, row: Mapping[str, Any]) -> dict[str, Any]:
    """A record's row as it may be shown."""
    return mask.row({**row, "confidentiality": "teaser"} if mask.teaser else row)
