"""An explanation as it may be shown today: nothing of a project that takes no part, conflicts told, wishes marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from app.lists import disclosed_reasons, masks_of, status_today
from app.system import System
from app.wishes import wishes_of
from data.runs import Run
from matcher.why import Why

WISHED_IN = ("services", "placement")
"""Channels in which services are wished for and offered."""


def is_closed(row: Mapping[str, Any]) -> bool:
    """Whether nothing may be said of a project but why it takes no part."""
    return bool(row["held_back"]) or row["consent"] == "refused"


def as_shown(system: System, run: Run, told: Why, row: dict[str, Any]) -> dict[str, Any]:
    """One explanation with what holds today: state and consent, confirmed conflicts, and the project's wishes.

    Of a project that takes no part, now or on the date of the run, what it wrote and whom it met is left out.
    """
    project, channel = str(row["project_id"]), str(row["channel"])
    held, consent = status_today(system, project, channel)
    row = row | {
        "held_back": row["held_back"] or held,
        "consent": "refused" if row["consent"] == "refused" else consent,
    }
    if is_closed(row):
        return row | {"reasons": [], "facts": [], "wishes": [], "abstention": None}
    mask = masks_of(system, run, pa.array([project]))[project]
    reasons = [
        reason | {"evidence_institution": mask.text(reason["evidence_institution"])}
        if reason.get("evidence_institution")
        else reason
        for reason in row["reasons"]
    ]
    wishes = wishes_of(run.row("projects", "project_id", project) or {}, mask) if channel in WISHED_IN else []
    return row | {"reasons": disclosed_reasons(told.disclosed) + reasons, "wishes": wishes}
