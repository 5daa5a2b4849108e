"""Lists of matches as they are shown: gated as of today, ranked for one side, joined with names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.masking import MASKED, Mask, mask_project
from app.system import System
from data.conflicts import DISCLOSED, disclosed
from data.problem import DuijieError
from data.runs import Run
from data.tables import REASONS
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


def status_today(system: System, project_id: str, channel: str) -> tuple[str, str]:
    """Why a project is held back today (a code of the gate, or ``""``) and its consent to a channel.

    A record that stands under another one is ``merged``.
    """
    tables = system.store.shown("projects", "awards")
    ids = tables["projects"].column("project_id").to_pylist()
    if project_id not in ids:
        return "merged", "not_asked"
    row = tables["projects"].slice(ids.index(project_id), 1)
    return held_back(row, tables["awards"])[0], consent(row, channel)[0]


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
    """Reasons of listed matches (with their ``position``), with what masked projects may not show left out.

    A conflict of interest that was confirmed stands first among the reasons of its match, with weight 0.
    """
    reasons = _with_disclosed(reasons_of(run, channel, matches.select(["position"])), run)
    masks = masks_of(system, run, pc.unique(matches.column("project_id")))
    projects = reasons.column("project_id").to_pylist()
    for side in ("evidence_project", "evidence_institution"):  # an institution's text may name whom it served
        said = zip(projects, reasons.column(side).to_pylist(), strict=True)
        told = [masks[project].text(text) if project in masks else text for project, text in said]
        reasons = reasons.set_column(reasons.schema.get_field_index(side), side, pa.array(told, pa.string()))
    return reasons


def disclosed_reasons(kinds: Iterable[str]) -> list[dict[str, Any]]:
    """Reasons that tell of the conflicts of one pair that were disclosed and confirmed."""
    return [{"code": f"{DISCLOSED}{kind}", "weight": 0.0} for kind in kinds]


def _with_disclosed(reasons: pa.Table, run: Run) -> pa.Table:
    """Reasons with those of confirmed conflicts; a run made before conflicts were kept has none."""
    known = disclosed(run.table("conflicts")) if run.has("conflicts") else {}
    if not known:
        return reasons
    rows: list[dict[str, Any]] = []
    before: tuple[str, str] | None = None
    for row in reasons.to_pylist():
        pair = row["project_id"], row["institution_id"]
        if pair != before:
            blank = dict.fromkeys(REASONS.names) | {name: row[name] for name in REASONS.names[:4]}
            rows += [blank | told for told in disclosed_reasons(known.get(pair, ()))]
            before = pair
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=REASONS)


def masks_of(system: System, run: Run | None, project_ids: pa.Array) -> dict[str, Mask]:
    """Masks of these projects: what the run's or today's row hides, where either of them is a teaser. None: today's."""
    shown = system.store.shown("projects", "ip")
    tables = [
        table.filter(pc.is_in(table.column("project_id"), value_set=project_ids))
        for table in (shown["ip"], shown["projects"], *([run.table("projects")] if run else ()))
    ]
    rows = [row for table in tables[1:] for row in table.to_pylist()]
    teasers = {row["project_id"] for row in rows if row["confidentiality"] == "teaser"}
    numbers: dict[str, list[str | None]] = {}
    for right in tables[0].to_pylist():
        numbers.setdefault(right["project_id"], []).append(right["number"])
    masks: dict[str, Mask] = {}
    for told in {tuple(row[name] for name in MASKED): row for row in rows}.values():
        key = told["project_id"]
        mask = mask_project(told | {"confidentiality": "teaser"} if key in teasers else told)
        mask = mask.hiding(numbers.get(key, ()))
        masks[key] = masks[key] | mask if key in masks else mask
    return masks


def nested(matches: pa.Table, reasons: pa.Table) -> list[dict[str, Any]]:
    """Matches as rows, each with its reasons: the shape of the JSON export."""
    by_pair: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in reasons.to_pylist():
        pair = (row.pop("project_id"), row.pop("institution_id"))
        by_pair.setdefault(pair, []).append({k: v for k, v in row.items() if k not in ("run_id", "channel")})
    rows: list[dict[str, Any]] = matches.to_pylist()
    return [{**row, "reasons": by_pair.get((row["project_id"], row["institution_id"]), [])} for row in rows]
