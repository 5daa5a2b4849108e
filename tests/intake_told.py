"""What an intake holds, as tests ask for it."""

from __future__ import annotations

from typing import Any

from data.intake import Intake


def rows(intake: Intake, table: str) -> list[dict[str, Any]]:
    return intake.tables[table].to_pylist() if table in intake.tables else []


def by_name(intake: Intake, table: str = "projects") -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in rows(intake, table)}


def codes(intake: Intake, severity: str = "") -> set[str]:
    return {problem.code for problem in intake.problems if severity in ("", problem.severity)}


def awards_by_name(intake: Intake) -> dict[str, list[dict[str, Any]]]:
    names = {row["project_id"]: row["name"] for row in rows(intake, "projects")}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows(intake, "awards"):
        found.setdefault(names[row["project_id"]], []).append(row)
    return found


def balanced(intake: Intake) -> bool:
    return all(intake.tables[name].num_rows + intake.rejected[name] == intake.read[name] for name in intake.tables)
