"""Downloads of a list: CSV, XLSX and JSON, written when asked for. No cell may become a formula."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pandas as pd
import pyarrow as pa
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.parts.cards import headline
from app.dashboard.queries import Listing, records
from app.dashboard.sheet_queries import word_sheet
from app.dashboard.visitor import Visitor
from app.exports import to_csv, to_json, to_xlsx
from app.wording import word
from data.tables import REASONS

COLUMNS = (
    *("rank_for_institution", "rank_for_project", "score", "project_id", "institution_id", "name", "sectors"),
    *("country", "province", "stage", "group", "kind", "status", "rule", "consent"),
)
MIME = {
    "csv": "text/csv",
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

LISTS = ("csv", "json", "xlsx")
"""Forms in which a list can be had."""


def table_of(visitor: Visitor, frame: pd.DataFrame, told: Listing, side: str) -> pa.Table:
    """A list as a table: codes of the interchange, the names of what is listed, the first reason in words."""
    own, other = (
        ("rank_for_project", "rank_for_institution")
        if side == "projects"
        else ("rank_for_institution", "rank_for_project")
    )
    named = frame.rename(columns={"rank": own})
    table = pa.Table.from_pandas(named[[n for n in COLUMNS if n in named and n != other]], preserve_index=False)
    rows = records(frame)
    first = [headline(visitor, row, told.reasons.get(row["listed"], [])).lstrip("＋ ✕") for row in rows]
    return table.append_column("reason", pa.array(first, pa.string()))


def reasons_table(visitor: Visitor, frame: pd.DataFrame, told: Listing, side: str) -> pa.Table:
    """Reasons of the listed matches in the columns of the interchange, with their names in words."""
    pairs = zip(frame["listed"], frame["project_id"], frame["institution_id"], strict=True)
    rows = [
        {
            "project_id": project,
            "institution_id": institution,
            "reason": word(reason["code"], visitor.language),
            **reason,
        }
        for listed, project, institution in pairs
        for reason in told.reasons.get(listed, [])
    ]
    names = ["project_id", "institution_id", "code", "reason", "weight", "evidence_project", "evidence_institution"]
    schema = pa.schema([(n, pa.string() if n == "reason" else REASONS.field(n).type) for n in names])
    return pa.Table.from_pylist(rows, schema=schema)


def write_list(visitor: Visitor, frame: pd.DataFrame, told: Listing, side: str, form: str) -> bytes:
    """A list as a file."""
    if form == "json":
        wanted = set(zip(frame["project_id"], frame["institution_id"], strict=True))
        names = dict(zip(frame["listed"], frame["name"], strict=True))
        other = "institution_id" if side == "projects" else "project_id"
        hidden = () if visitor.role.organizes else ("rank_for_project",)  # what else a project is offered is not theirs
        rows = [
            {"name": names[match[other]], **{name: value for name, value in match.items() if name not in hidden}}
            for match in told.nested
            if (match["project_id"], match["institution_id"]) in wanted
        ]
        return to_json(rows).encode()
    table = table_of(visitor, frame, told, side)
    if form == "csv":
        return b"\xef\xbb\xbf" + to_csv(table).encode()  # Excel recognises UTF-8 by the mark
    return to_xlsx({"matches": table, "reasons": reasons_table(visitor, frame, told, side)})


def show_downloads(visitor: Visitor, frame: pd.DataFrame, told: Listing, side: str, name: str) -> None:
    """Draw the three downloads of a list, as it is filtered now."""
    safe = re.sub(r"[^\w-]", "_", name)
    with st.popover(visitor.say("download.open"), disabled=frame.empty):
        st.caption(visitor.say("download.what", count=len(frame)))
        for form in LISTS:
            make: Callable[[], bytes] = partial(write_list, visitor, frame, told, side, form)
            st.download_button(
                form.upper(),
                make,
                file_name=f"{safe}.{form}",
                mime=MIME[form],
                key=f"download_{form}_{name}",
                on_click="ignore",
                width="stretch",
            )


def word_download(visitor: Visitor, desk: Desk, project_id: str, institution_id: str, key: str) -> None:
    """Draw the download of a project's one-page sheet."""
    safe = re.sub(r"[^\w-]", "_", project_id)
    st.download_button(
        visitor.say("download.word"),
        partial(word_sheet, visitor, desk, project_id, institution_id),
        file_name=f"duijie-{safe}.docx",
        mime=MIME["docx"],
        key=f"word_{key}",
        on_click="ignore",
    )
