"""Which services a project wishes for: what it states, and what is inferred from its own words, marked as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from app.lists import masks_of, shown_projects
from app.masking import Mask
from app.system import System
from data.reference.vocabularies import vocabulary
from features.reading import read_project
from features.reading.needs import INFERRED, STATED, WRITTEN, wishes_told

CHANNEL = "services"
WISHES = pa.schema(
    [
        ("project_id", pa.string()),
        ("service", pa.string()),
        ("label_zh", pa.string()),
        ("label_en", pa.string()),
        ("how", pa.string()),
        ("evidence", pa.string()),
    ]
)
"""``how``: ``stated`` in the column services_wanted, ``written`` in a text, ``inferred`` from one; ``evidence`` is the
sentence of the text, empty where a teaser may not show it."""
HOW = {STATED: ("已填报", "stated"), WRITTEN: ("原文写明", "written"), INFERRED: ("由原文推断", "inferred")}


def wishes_of(project: Mapping[str, Any], mask: Mask) -> list[dict[str, Any]]:
    """Wishes of one project as they may be shown, in the order of the catalogue; columns of :data:`WISHES`."""
    services = vocabulary("services")
    rows = [
        {
            "project_id": project["project_id"],
            "service": claim.value,
            "label_zh": services.label(claim.value),
            "label_en": services.label(claim.value, "en"),
            "how": how,
            "evidence": mask.text(claim.sentence) or "",
        }
        for claim, how in wishes_told(read_project(project))
    ]
    return sorted(rows, key=lambda row: services.order(row["service"]))


def list_wishes(system: System, ids: Sequence[str] = ()) -> pa.Table:
    """Wishes of the projects that may be shown in the services channel today (only ``ids`` if any are named)."""
    shown = shown_projects(system, CHANNEL)
    stored = system.store.shown("projects")["projects"].to_pylist()
    projects = [row for row in stored if row["project_id"] in shown and (not ids or row["project_id"] in ids)]
    masks = masks_of(system, None, pa.array([row["project_id"] for row in projects], pa.string()))
    rows = [wish for row in projects for wish in wishes_of(row, masks[row["project_id"]])]
    return pa.Table.from_pylist(rows, schema=WISHES)


def wish_lines(wishes: Sequence[Mapping[str, Any]], language: str = "zh") -> list[str]:
    """Wishes for a person, a line each: the service, whether it is inferred, and the sentence."""
    chinese = language == "zh"
    lines = []
    for wish in wishes:
        how = HOW[wish["how"]][0 if chinese else 1]
        name = wish["label_zh"] if chinese else wish["label_en"]
        said = f"“{wish['evidence']}”" if wish["evidence"] else ""
        lines.append(
            f"  · 所需服务（{how}）：{name}{said}" if chinese else f"  · wishes for ({how}): {name} {said}".rstrip()
        )
    return lines
