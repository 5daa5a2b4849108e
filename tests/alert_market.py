"""Eighty projects of the sample matched for financing, and what tests of alerts and digests do to them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa

from app.lists import list_matches
from app.new_matches import NewMatches
from app.saved_searches import SavedSearch, save_search
from app.system import System
from data.intake import Intake
from data.store import Store
from data.tables import OUTCOMES, PROJECTS
from matcher.settings import Settings

RUN_DAY = date(2022, 6, 1)
NO_ROWS = pd.DataFrame(columns=["owner", "project_id"])
"""A digest's table of cases that tells of nothing."""


def write_alerts(intake: Intake, path: Path) -> Path:
    """Projects without any past event, all consenting and public, matched in June."""
    tables = {**intake.tables, "projects": intake.tables["projects"].slice(0, 80)}
    shown = {"consent": ["financing"], "confidentiality": "public", "listed_at": date(2022, 1, 1), "updated_at": None}
    rows = [{**row, **shown} for row in tables["projects"].to_pylist()]
    tables["projects"] = pa.Table.from_pylist(rows, schema=PROJECTS.schema)
    tables["awards"] = tables["awards"].slice(0, 0)
    tables["outcomes"] = tables["outcomes"].slice(0, 0)
    Store(path).write(tables, [], actor="test", note={})
    System(Store(path), Settings(encoder="none", top=8)).match(["financing"], RUN_DAY)
    return path


def busiest(system: System) -> str:
    rows = list_matches(system, "financing", "institutions", consented_only=True).to_pylist()
    counts = pd.Series([row["institution_id"] for row in rows]).value_counts()
    return str(counts.index[0])


def listed(system: System, institution: str) -> list[str]:
    rows = list_matches(system, "financing", "institutions", [institution], consented_only=True).to_pylist()
    return [row["project_id"] for row in rows]


def save(system: System, institution: str, name: str = "全部", **filters: object) -> None:
    value = json.dumps(filters, ensure_ascii=False) if filters else ""
    save_search(system.store, institution, "financing", SavedSearch(name, "list", value), actor="x")


def change(system: System, project: str, **cells: object) -> None:
    rows = {row["project_id"]: row for row in system.store.current("projects").to_pylist()}
    table = pa.Table.from_pylist([{**rows[project], **cells}], schema=PROJECTS.schema)
    system.store.write({"projects": table}, [], actor="test", note={})


def ids(found: list[NewMatches]) -> list[list[str]]:
    return [[row["project_id"] for row in one.rows] for one in found]


def event(project: str, institution: str, name: str, at: date, **more: object) -> dict[str, object]:
    told = {"project_id": project, "institution_id": institution, "channel": "financing", "event": name, "at": at}
    return {**dict.fromkeys(OUTCOMES.names), **told, **more}


def record(system: System, *rows: dict[str, object]) -> None:
    system.store.record(pa.Table.from_pylist(list(rows), schema=OUTCOMES.schema), actor="test")
