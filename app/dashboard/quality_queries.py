"""For the organizer: what is missing in the data, problems of the last import, and runs side by side."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.dashboard.access import denied
from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import institution_names, project_names
from app.dashboard.stamped import rows_key, store_key
from app.dashboard.visitor import Visitor
from app.quality import missing_fields
from app.run_changes import Fact, facts_of, moved_matches, stored_runs
from data.runs import Run
from data.store_shown import current_columns
from data.tables import OUTCOMES, TABLES, TEXT_COLUMNS

MOST_RUNS = 50


@allowed("organizer")
def gaps_in_data(visitor: Visitor, desk: Desk) -> pd.DataFrame:
    """Columns that are empty somewhere and what that costs in the desk's channel, unknown before its first run; see
    :mod:`app.quality`.
    """
    tables = {name: _filled((store_key if name == OUTCOMES.name else rows_key)(desk), name, desk) for name in TABLES}
    return _gaps((desk.channel, desk.run_key if desk.last else (), store_key(desk)), tables, desk)


@st.cache_resource(max_entries=8, show_spinner=False)
def _gaps(key: tuple[object, ...], _tables: dict[str, pa.Table], _desk: Desk) -> pd.DataFrame:
    return missing_fields(_tables, _desk.last, _desk.channel)


@st.cache_resource(max_entries=len(TABLES) + 1, show_spinner=False)
def _filled(key: tuple[object, ...], name: str, _desk: Desk) -> pa.Table:
    """Which cells of a stored table hold something: true where one does, else null; of the cells themselves nothing."""
    told: dict[str, pa.ChunkedArray] = {}
    for columns in _read_together(name):  # never all texts at one time
        table = current_columns(_desk.system.store.path, name, columns)
        told |= {column: _holding(table.column(column)) for column in columns}
        del table
    return pa.table({column: told[column] for column in TABLES[name].names})


def _read_together(name: str) -> list[list[str]]:
    """The columns of a table in parts: long texts one by one, all others at once."""
    texts = [column for column in TABLES[name].names if column in TEXT_COLUMNS]
    return [[column for column in TABLES[name].names if column not in texts], *([column] for column in texts)]


def _holding(column: pa.ChunkedArray) -> pa.ChunkedArray:
    lists = pa.types.is_list(column.type)
    held = pc.greater(pc.list_value_length(column), 0) if lists else column.is_valid()
    return pc.if_else(held, pa.scalar(True), pa.scalar(None, pa.bool_()))


@allowed("organizer")
def problems(visitor: Visitor, desk: Desk) -> pd.DataFrame:
    """Problems of the last import in the columns of the interchange. They quote cells, so a region sees none."""
    if desk.access.bounded:
        raise denied("problems of the import")
    return _problems(desk.key, desk)


@st.cache_resource(max_entries=4, show_spinner=False)
def _problems(key: tuple[object, ...], _desk: Desk) -> pd.DataFrame:
    return _desk.system.store.problems().to_pandas()


@allowed("organizer")
def runs_of(visitor: Visitor, desk: Desk) -> list[Run]:
    """Stored runs of the desk's channel, the latest first."""
    runs = stored_runs(desk.system.store.runs_folder)
    return [run for run in runs if desk.channel in run.manifest["channels"]][:MOST_RUNS]


@allowed("organizer")
def compare_runs(visitor: Visitor, desk: Desk, old: str, new: str, top: int) -> tuple[list[Fact], pd.DataFrame]:
    """What differs between two runs of the channel, and the matches that came, went or moved, with shown names."""
    known = {run.run_id: run for run in runs_of(visitor, desk)}
    if old not in known or new not in known:
        raise denied("run")
    frame = _moved((old, new, desk.channel, top), known[old], known[new], desk.channel, top)
    names = project_names(desk, everything=True)
    frame = frame[frame["project_id"].isin(list(names))]
    frame = frame.assign(
        project=frame["project_id"].map(names),
        institution=frame["institution_id"].map(institution_names(desk)).fillna(frame["institution_id"]),
    )
    return facts_of(known[old], known[new]), frame


@st.cache_resource(max_entries=8, show_spinner=False)
def _moved(key: tuple[object, ...], _old: Run, _new: Run, _channel: str, _top: int) -> pd.DataFrame:
    return moved_matches(_old, _new, _channel, _top)
