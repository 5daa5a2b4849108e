"""For the organizer: conflicts of interest, who confirmed which, confirming and taking back; and values on which the
files of the last import differ.

Conflicts of interest are found in what is stored (:mod:`data.conflicts`); finding them reads every row, so it is done
once for what was imported and merged. An organizer of a region has the conflicts of the region's projects.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from app.dashboard.access import denied
from app.dashboard.compared import Naming, basis_of, gone, import_key, inside, naming, standing_of
from app.dashboard.desk import Desk, allowed, renewed
from app.dashboard.quality_queries import problems
from app.dashboard.stamped import store_key
from app.dashboard.visitor import Visitor
from app.same_project import Standing
from data.conflicts import CONFIRM, UNCONFIRM, confirm_entry, confirmations
from data.problem import DuijieError

COLUMNS = (
    *("project_id", "project", "institution_id", "institution", "kind", "source", "on", "confirmed", "note", "actor"),
    *("at", "seq"),
)
DIFFERING_VALUES = "row.conflict"
"""Code of the problem that two files told different values of one record; the first one read was kept."""


@allowed("organizer")
def conflicts_of_interest(visitor: Visitor, desk: Desk) -> pd.DataFrame:
    """Conflicts of interest of the projects within the person's region in :data:`COLUMNS`, unconfirmed ones first.

    ``source`` is what says so, empty where that would name an anonymous project; ``on`` the latest day on which the
    institution judged the project, None for the other kinds. ``note``, ``actor``, ``at`` (UTC) and ``seq`` are those
    of the confirmation. Projects that are withdrawn, disqualified or closed have nothing to decide and are left out.
    """
    return _shown(store_key(desk), desk.access.scope, date.today(), desk)


@st.cache_resource(max_entries=8, show_spinner=False)
def _shown(key: tuple[object, ...], scope: tuple[object, ...], today: date, _desk: Desk) -> pd.DataFrame:
    now, names = standing_of(_desk), _institutions(import_key(_desk), _desk)
    known, left_out = basis_of(_desk).place, gone(_desk)
    within = inside(_desk, now) if _desk.access.bounded else known.keys()
    confirmed = confirmations(_desk.system.store.journal(CONFIRM, UNCONFIRM), now.merges, today)
    judged = _judged(import_key(_desk), _desk)
    told, rows = naming(_desk, now), []
    wanted = [row for row in _found(_desk, now, today).to_pylist() if row["project_id"] in within]
    records = told.basis.some(list(dict.fromkeys(row["project_id"] for row in wanted)))
    for row in wanted:
        if row["project_id"] not in left_out:
            entry = confirmed.get((row["project_id"], row["institution_id"], row["kind"]))
            rows.append(_told(told, records[row["project_id"]], row, entry))
            rows[-1]["institution"] = names.get(row["institution_id"], row["institution_id"])
            rows[-1]["on"] = _last_judged(judged, now, row) if row["kind"] == "judge" else None
    rows.sort(key=lambda row: (row["confirmed"], -row["seq"], row["project_id"], row["institution_id"], row["kind"]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _told(
    told: Naming, record: Mapping[str, Any], row: Mapping[str, Any], entry: Mapping[str, Any] | None
) -> dict[str, Any]:
    return {
        "project_id": row["project_id"],
        "project": str(told.row(row["project_id"], record)["name"]),
        "institution_id": row["institution_id"],
        "kind": row["kind"],
        "source": told.mask(record).text(row["source"]) or "",
        "confirmed": entry is not None,
        "note": entry["payload"]["note"] if entry else "",
        "actor": entry["actor"] if entry else "",
        "at": entry["at"].replace(tzinfo=UTC) if entry else None,
        "seq": entry["seq"] if entry else 0,
    }


@allowed("organizer")
def confirm_conflict(
    visitor: Visitor, desk: Desk, project_id: str, institution_id: str, kind: str, note: str, *, seq: int = 0
) -> None:
    """Keep that a conflict of interest was disclosed, ``note`` says how; with ``seq``, take back the confirmation of
    that number, ``note`` says why.

    Raises
    ------
    DuijieError
        ``access.denied`` for a project outside the person's region, ``conflict.stale`` when somebody else confirmed or
        took back meanwhile; else as :func:`data.conflicts.confirm_entry`.
    """
    fresh = renewed(desk)
    frame = conflicts_of_interest(visitor, fresh)
    pair = (frame["project_id"] == project_id) & (frame["institution_id"] == institution_id)
    mine = frame[pair & (frame["kind"] == kind)]
    if mine.empty:
        raise denied("conflict of interest")
    if int(mine["seq"].iloc[0]) != seq:
        message = "刚才已有人确认或收回，请重新核对 / somebody confirmed it or took it back meanwhile: look again"
        raise DuijieError("conflict.stale", message, "duijie confirm")
    conflicts = _found(fresh, standing_of(fresh), date.today())
    entry = confirm_entry(conflicts, project_id, institution_id, kind, note)
    desk.system.store.append(visitor.actor, UNCONFIRM if seq else CONFIRM, entry)


@allowed("organizer")
def differing_values(visitor: Visitor, desk: Desk) -> pd.DataFrame:
    """Values of one record on which files of the last import differ, in the columns of the problems.

    They quote cells, so an organizer of a region sees none: ``access.denied``.
    """
    found = problems(visitor, desk)
    return found[found["code"] == DIFFERING_VALUES].reset_index(drop=True)


def _found(desk: Desk, now: Standing, today: date) -> pa.Table:
    """Every conflict of the country; nobody is shown this as it is. Whether it is confirmed is asked anew."""
    return _conflicts((*import_key(desk), tuple(sorted(now.merges.items()))), today, desk)


@st.cache_resource(max_entries=2, show_spinner=False)
def _conflicts(key: tuple[object, ...], today: date, _desk: Desk) -> pa.Table:
    return _desk.system.store.view(today).conflicts


@st.cache_resource(max_entries=2, show_spinner=False)
def _institutions(key: tuple[object, ...], _desk: Desk) -> dict[str, str]:
    table = _desk.system.store.current("institutions")
    return dict(zip(*(table.column(name).to_pylist() for name in ("institution_id", "name")), strict=True))


@st.cache_resource(max_entries=2, show_spinner=False)
def _judged(key: tuple[object, ...], _desk: Desk) -> dict[tuple[str, str], date]:
    """The latest day on which an institution judged a record."""
    rows = _desk.system.store.current("judging").select(["project_id", "institution_id", "at"]).to_pylist()
    return {(row["project_id"], row["institution_id"]): row["at"] for row in sorted(rows, key=lambda row: row["at"])}


def _last_judged(judged: Mapping[tuple[str, str], date], now: Standing, row: Mapping[str, Any]) -> date | None:
    """The latest day on which an institution judged any record of a project."""
    project, institution = row["project_id"], row["institution_id"]
    days = [judged.get((record, institution)) for record in (project, *now.groups.get(project, ()))]
    return max((day for day in days if day is not None), default=None)
