"""Facts of projects by which a list is filtered, for the lists and the map of the pages: :mod:`app.project_facts`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import project_names
from app.dashboard.rows import projects_of
from app.dashboard.stamped import rows_key
from app.dashboard.visitor import Visitor
from app.project_facts import count_rights, join_facts, read_facts
from data.awarded import WORDING
from data.runs import Run
from data.store_shown import current_columns


@allowed("institution", "organizer")
def with_facts(visitor: Visitor, desk: Desk, frame: pd.DataFrame) -> pd.DataFrame:
    """A list with the facts of its projects as further columns; the list itself is not changed."""
    return join_facts(frame, _facts(desk, frame["project_id"].tolist()), _rights(rows_key(desk), desk))


@allowed("institution", "organizer")
def origins(visitor: Visitor, desk: Desk) -> pd.DataFrame:
    """Country, province and branches of every project whose name the visitor may see."""
    return _origins(desk.shown_key, visitor.role.organizes, desk.access.scope, desk)


@st.cache_resource(max_entries=4, show_spinner=False)
def _origins(key: tuple[object, ...], everything: bool, scope: tuple[object, ...], _desk: Desk) -> pd.DataFrame:
    names = project_names(_desk, everything=everything)
    table = _desk.run.columns("projects", ["project_id", "country", "province"]).to_pandas()
    shown = table[table["project_id"].isin(list(names))].reset_index(drop=True)
    facts = _facts(_desk, shown["project_id"].tolist())
    return shown.assign(branches=[facts[one]["branches"] for one in shown["project_id"]])


def _facts(desk: Desk, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Facts of at least these projects of the run, told once each: in a large run nobody waits for those of others."""
    told = _told(desk.run_key)
    missing = [one for one in dict.fromkeys(ids) if one not in told]
    if missing:
        awards = _awards(desk.run_key, desk.run)
        told.update(read_facts(projects_of(desk).table, awards, pa.array(missing, pa.string())))
    return told


@st.cache_resource(max_entries=8, show_spinner=False)
def _told(key: tuple[object, ...]) -> dict[str, dict[str, Any]]:
    """Facts of the projects of a run that were asked for so far."""
    return {}


@st.cache_resource(max_entries=4, show_spinner=False)
def _awards(key: tuple[object, ...], _run: Run) -> pa.Table:
    """What facts read of awards; of wordings there are few."""
    table = _run.columns("awards", ["project_id", "status", *WORDING])
    few = {name: table.column(name).dictionary_encode() for name in ("status", *WORDING)}
    return pa.table({"project_id": table.column("project_id"), **few})


@st.cache_resource(max_entries=2, show_spinner=False)
def _rights(key: tuple[object, ...], _desk: Desk) -> pd.Series:
    return count_rights(current_columns(_desk.system.store.path, "ip", ("status",)))
