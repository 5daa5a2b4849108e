"""Lists of matches as they are shown: gated as of today, ranked for one side, joined with names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.masking import Mask, mask_project
from app.system import System
from data.problem import DuijieError
from data.runs import Run
from matcher.gate import consent, held_back
from matcher.reasons import reasons_of

SIDES = {"projects": ("project_id", "rank_for_project"), "institutions": ("institution_id", "rank_for_institution")}


def shown_projects(system: System, channel: str) -> dict[str, str]:
    """Projects that may be shown in a channel today, with their consent (``given`` or ``not_asked``)."""
    tables = system.store.shown("projects", "awards")
    projects, awards = tables["projects"], tables["awards"]
    ids = projects.column("project_id").to_pylist()
    rows = zip(ids, held_back(projects, awards), consent(projects, channel), strict=True)
    return {key: answer for key, held, answer in rows if not held and answer != "refused"}


def list_matches(
    system: System,
    channel: str,
    side: str,
    ids: Sequence[str] = (),
    top: int | None = None,
    *,
    ineligible: bool = False,
    consented_only: bool = False,
) -> pa.Table:
    """Matches of a channel for one side, best first; columns of the interchange and ``position`` in the run.

    ``ids`` limits to these projects or institutions. Pairs that fail a rule are left out unless ``ineligible``.
    ``consented_only`` leaves out projects that were not asked yet: no institution may see them.
    """
    if side not in SIDES:
        raise DuijieError("side.unknown", f"unknown side {side!r}", f"one of {', '.join(SIDES)}")
    key, rank = SIDES[side]
    matches = system.run_of(channel).table(f"matches_{channel}")
    matches = matches.append_column("position", pa.array(range(matches.num_rows), pa.int64()))
    answers = shown_projects(system, channel)
    shown = [project for project, answer in answers.items() if answer == "given" or not consented_only]
    keep = pc.is_in(matches.column("project_id"), value_set=pa.array(shown, pa.string()))
    ranked = pc.is_valid(matches.column(rank))
    keep = pc.and_(keep, pc.or_(ranked, pc.equal(matches.column("status"), "ineligible")) if ineligible else ranked)
    if ids:
        keep = pc.and_(keep, pc.is_in(matches.column(key), value_set=pa.array(list(ids), pa.string())))
    if top is not None:
        keep = pc.and_(keep, pc.fill_null(pc.less_equal(matches.column(rank), top), ineligible))
    found = matches.filter(keep)
    return found.sort_by(
        [(key, "ascending"), (rank, "ascending"), ("project_id", "ascending"), ("institution_id", "ascending")]
    )


def list_reasons(system: System, run: Run, channel: str, matches: pa.Table) -> pa.Table:
    """Reasons of listed matches (with their ``position``), with what masked projects may not show left out."""
    reasons = reasons_of(run, channel, matches.select(["position"]))
    masks = masks_of(system, run, pc.unique(matches.column("project_id")))
    evidence = [
        masks[project].text(sentence) if project in masks else sentence
        for project, sentence in zip(
            reasons.column("project_id").to_pylist(), reasons.column("evidence_project").to_pylist(), strict=True
        )
    ]
    at = reasons.schema.get_field_index("evidence_project")
    return reasons.set_column(at, "evidence_project", pa.array(evidence, pa.string()))


def masks_of(system: System, run: Run, project_ids: pa.Array) -> dict[str, Mask]:
    """Masks of these projects: of a run's rows (else today's), with the stricter of both confidentialities."""
    now, then = (
        table.filter(pc.is_in(table.column("project_id"), value_set=project_ids))
        for table in (system.store.current("projects"), run.table("projects"))
    )
    teasers = set(now.filter(pc.equal(now.column("confidentiality"), "teaser")).column("project_id").to_pylist())
    rows = {row["project_id"]: row for table in (now, then) for row in table.to_pylist()}
    for key in teasers:
        rows[key]["confidentiality"] = "teaser"
    return {key: mask_project(row) for key, row in rows.items()}


def nested(matches: pa.Table, reasons: pa.Table) -> list[dict[str, Any]]:
    """Matches as rows, each with its reasons: the shape of the JSON export."""
    by_pair: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in reasons.to_pylist():
        pair = (row.pop("project_id"), row.pop("institution_id"))
        by_pair.setdefault(pair, []).append({k: v for k, v in row.items() if k not in ("run_id", "channel")})
    rows: list[dict[str, Any]] = matches.to_pylist()
    return [{**row, "reasons": by_pair.get((row["project_id"], row["institution_id"]), [])} for row in rows]
