"""What a project's sheet and the comparison hold: its row as it may be shown, figures, rights, awards, reasons."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.dashboard.access import denied
from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import institution, listing, project, sees_project
from app.dashboard.stamped import rows_key
from app.dashboard.visitor import Visitor
from app.project_sheet import SheetContent, write_sheet
from data.store_shown import current_columns
from features.reading.indicators import Indicator, indicators
from matcher.channel import channels
from matcher.gate import PENDING

FIGURES_FROM = ("technology", "innovation", "summary", "application", "evaluation")


@allowed("institution", "organizer")
def shown_project(visitor: Visitor, desk: Desk, project_id: str) -> dict[str, Any]:
    """One project as it may be shown to the visitor.

    Raises
    ------
    DuijieError
        ``access.denied`` when the visitor may not see it, or the run has none of that id.
    """
    row = project(desk, project_id) if sees_project(desk, project_id) else {}
    if not row:
        raise denied("sheet of a project")
    return row


@allowed("institution", "organizer")
def indicators_of(visitor: Visitor, desk: Desk, project_id: str) -> list[Indicator]:
    """Figures of the texts of a project that the visitor may see."""
    row = shown_project(visitor, desk, project_id)
    return indicators(row.get(name) for name in FIGURES_FROM)


@allowed("institution", "organizer")
def awards_of(visitor: Visitor, desk: Desk, project_id: str) -> list[dict[str, Any]]:
    """Published awards of a project that the visitor may see, the latest first."""
    shown_project(visitor, desk, project_id)
    rows = desk.run.table("awards", where={"project_id": project_id}).to_pylist()
    told = [row for row in rows if row["status"] not in PENDING]
    return sorted(told, key=lambda row: str(row["published_at"] or ""), reverse=True)


@allowed("institution", "organizer")
def rights_of(visitor: Visitor, desk: Desk, project_id: str) -> list[dict[str, Any]]:
    """Kind and status of the rights of a project that the visitor may see: what could name it is left out."""
    shown_project(visitor, desk, project_id)
    table = _rights(rows_key(desk), desk)
    own = table.filter(pc.equal(table.column("project_id"), project_id))
    return own.select(["kind", "status"]).to_pylist()


@st.cache_resource(max_entries=2, show_spinner=False)
def _rights(key: tuple[object, ...], _desk: Desk) -> pa.Table:
    """Project, kind and status of every right; of kinds and states there are few."""
    table = current_columns(_desk.system.store.path, "ip", ("kind", "status"))
    few = {name: table.column(name).dictionary_encode() for name in ("kind", "status")}
    return pa.table({"project_id": table.column("project_id"), **few})


@allowed("institution", "organizer")
def reasons_for(visitor: Visitor, desk: Desk, project_id: str, institution_id: str) -> list[dict[str, Any]]:
    """Reasons of a pair as they may be shown; empty when the institution's list does not hold the project."""
    shown_project(visitor, desk, project_id)
    told = listing(desk, "institutions", institution_id, everything=visitor.role.organizes)
    return told.reasons.get(project_id, [])


@allowed("institution", "organizer")
def word_sheet(visitor: Visitor, desk: Desk, project_id: str, institution_id: str) -> bytes:
    """The sheet of a project for an institution as a Word file."""
    channel = channels()[desk.channel]
    label = channel.label(visitor.language)
    row = shown_project(visitor, desk, project_id)
    name = str(institution(desk, institution_id).get("name") or "")
    content = SheetContent(
        row=row,
        reasons=reasons_for(visitor, desk, project_id, institution_id),
        indicators=indicators_of(visitor, desk, project_id),
        rights=rights_of(visitor, desk, project_id),
        awards=awards_of(visitor, desk, project_id),
        said_by=visitor.say("word.why", institution=name, channel=label),
        note=visitor.say("word.note", project=project_id, as_of=desk.run.manifest["as_of"], run=desk.run.run_id),
        language=visitor.language,
        say=visitor.say,
    )
    return write_sheet(content)
