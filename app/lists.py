"""Lists of matches as they are shown: gated as of today, ranked for one side, joined with names."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.masking import MASKED, Mask, mask_project
from app.system import System
from app.today import Today, read_today
from data.conflicts import DISCLOSED, disclosed
from data.problem import DuijieError
from data.run_pairs import NO_RANK, Pairs, pairs_of
from data.runs import Run
from data.tables import REASONS
from matcher.gate import consent, held_back
from matcher.reasons import reasons_of

FEW = 20_000
"""Up to so many matches are read by the groups that hold them, more of them with their whole table."""
SIDES = {"projects": ("project_id", "rank_for_project"), "institutions": ("institution_id", "rank_for_institution")}


def shown_projects(system: System, channel: str) -> dict[str, str]:
    """Projects that may be shown in a channel today, with their consent (``given`` or ``not_asked``)."""
    return read_today(system).answers(channel)


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
    answers: Mapping[str, str] | None = None,
) -> pa.Table:
    """Matches of a channel for one side, best first; columns of the interchange and ``position`` in the run.

    ``ids`` limits to these projects or institutions. Pairs that fail a rule are left out unless ``ineligible``.
    ``consented_only`` leaves out projects that were not asked yet: no institution may see them. ``answers`` are today's
    :func:`shown_projects` where the caller has just read them.
    """
    if side not in SIDES:
        raise DuijieError("side.unknown", f"没有 {side!r} 这一方 / unknown side {side!r}", f"one of {', '.join(SIDES)}")
    run = system.run_of(channel)
    pairs = pairs_of(run, channel)
    told = shown_projects(system, channel) if answers is None else answers
    at = pairs.of(side).rows(ids)
    shown = _among(pairs, [one for one in told if told[one] == "given" or not consented_only])
    at = at[shown[pairs.projects.code[at]]]
    rank = pairs.of(side).rank[at]
    keep = (rank < NO_RANK) | pairs.ineligible[at] if ineligible else rank < NO_RANK
    if top is not None:
        keep &= (rank <= top) | ((rank == NO_RANK) & ineligible)
    at, rank = at[keep], rank[keep]
    code = {name: pairs.of(name).code[at] for name in SIDES}
    order = np.lexsort((code["institutions"], code["projects"], rank, code[side]))
    return _rows(run, channel, pairs, side, at[order])


def shown_pairs(pairs: Pairs, projects: Iterable[str]) -> NDArray[np.bool_]:
    """Which pairs of a run are of these projects."""
    return _among(pairs, list(projects))[pairs.projects.code]


def held_today(system: System, channel: str) -> int:
    """Projects of the channel's last run that stand in no list today: a run of a past date knows nothing of today."""
    return int((~_among(pairs_of(system.run_of(channel), channel), list(shown_projects(system, channel)))).sum())


def _among(pairs: Pairs, projects: list[str]) -> NDArray[np.bool_]:
    """Which of the projects that have pairs are among these."""
    told: NDArray[np.bool_] = pc.is_in(pairs.projects.ids, value_set=pa.array(projects, pa.string())).to_numpy(
        zero_copy_only=False
    )
    return told


def _rows(run: Run, channel: str, pairs: Pairs, side: str, at: NDArray[np.int64]) -> pa.Table:
    """Rows of the run's matches by number, with their number as ``position``: of few only their groups are read."""
    if len(at) > FEW:
        found = run.table(f"matches_{channel}").take(pa.array(at))
    elif side == "institutions" and run.has(f"listed_{channel}"):
        found = _listed(run, channel, pairs, at, "matches")
    else:
        found = run.at(f"matches_{channel}", at)
    return found.append_column("position", pa.array(at, pa.int64()))


def _listed(run: Run, channel: str, pairs: Pairs, at: NDArray[np.int64], *parts: str) -> pa.Table:
    """Rows out of the copy by institution; the columns of ``parts`` without their prefix."""
    name = f"listed_{channel}"
    wanted = [column for column in run.names(name) if column.startswith(tuple(f"{part}_" for part in parts))]
    found = run.at(name, pairs.listed_at(at), wanted)
    return found.rename_columns([column.split("_", 1)[1] for column in wanted])


def _with_parts(run: Run, channel: str, matches: pa.Table) -> Run:
    """The run with the rows of listed matches only, in their order: what reasons are told from."""
    pairs, at = pairs_of(run, channel), matches.column("position").to_numpy()
    columns = [name for name in matches.column_names if name != "position"]
    told = {f"matches_{channel}": matches.select(columns)}
    few = len(pc.unique(matches.column("institution_id"))) < len(pc.unique(matches.column("project_id")))
    for part in ("contributions", "evidence"):
        by_institution = few and run.has(f"listed_{channel}")
        name = f"{part}_{channel}"
        told[name] = _listed(run, channel, pairs, at, part) if by_institution else run.at(name, at)
    return run.holding(told)


def list_reasons(system: System, run: Run, channel: str, matches: pa.Table, today: Today | None = None) -> pa.Table:
    """Reasons of listed matches (with their ``position``), with what masked projects may not show left out.

    A conflict of interest that was confirmed stands first among the reasons of its match, with weight 0. ``today`` is
    the store as the caller has just read it.
    """
    if matches.num_rows > FEW:
        reasons = reasons_of(run, channel, matches.select(["position"]))
    else:
        reasons = reasons_of(_with_parts(run, channel, matches), channel)
    ids = pc.unique(matches.column("project_id"))
    reasons = _with_disclosed(reasons, run, ids)
    masks = masks_of(system, run, ids, today)
    projects = reasons.column("project_id").to_pylist()
    for side in ("evidence_project", "evidence_institution"):  # an institution's text may name whom it served
        said = zip(projects, reasons.column(side).to_pylist(), strict=True)
        told = [masks[project].text(text) if project in masks else text for project, text in said]
        reasons = reasons.set_column(reasons.schema.get_field_index(side), side, pa.array(told, pa.string()))
    return reasons


def disclosed_reasons(kinds: Iterable[str]) -> list[dict[str, Any]]:
    """Reasons that tell of the conflicts of one pair that were disclosed and confirmed."""
    return [{"code": f"{DISCLOSED}{kind}", "weight": 0.0} for kind in kinds]


def _with_disclosed(reasons: pa.Table, run: Run, project_ids: pa.Array) -> pa.Table:
    """Reasons with those of confirmed conflicts; a run made before conflicts were kept has none."""
    if not run.has("conflicts"):
        return reasons
    conflicts = run.table("conflicts")
    known = disclosed(conflicts.filter(pc.is_in(conflicts.column("project_id"), value_set=project_ids)))
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


def masks_of(system: System, run: Run | None, project_ids: pa.Array, today: Today | None = None) -> dict[str, Mask]:
    """Masks of these projects: what the run's or today's row hides, where either of them is a teaser. None: today's."""
    told = today or read_today(system)
    tables = [told.projects.select(list(MASKED)), *([_masked_columns(run.folder)] if run else ())]
    kept = [table.filter(pc.is_in(table.column("project_id"), value_set=project_ids)) for table in tables]
    rows = [row for table in kept for row in table.to_pylist()]
    teasers = {row["project_id"] for row in rows if row["confidentiality"] == "teaser"}
    masks: dict[str, Mask] = {}
    for row in {tuple(row[name] for name in MASKED): row for row in rows}.values():
        key = row["project_id"]
        mask = mask_project(row | {"confidentiality": "teaser"} if key in teasers else row)
        mask = mask.hiding(told.numbers(key)) if mask.teaser else mask
        masks[key] = masks[key] | mask if key in masks else mask
    return masks


@functools.lru_cache(maxsize=4)
def _masked_columns(folder: Path) -> pa.Table:
    """What masks are made of, of a run; runs never change."""
    return Run(folder, {}).columns("projects", MASKED)


def nested(matches: pa.Table, reasons: pa.Table) -> list[dict[str, Any]]:
    """Matches as rows, each with its reasons: the shape of the JSON export."""
    by_pair: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in reasons.to_pylist():
        pair = (row.pop("project_id"), row.pop("institution_id"))
        by_pair.setdefault(pair, []).append({k: v for k, v in row.items() if k not in ("run_id", "channel")})
    rows: list[dict[str, Any]] = matches.to_pylist()
    return [{**row, "reasons": by_pair.get((row["project_id"], row["institution_id"]), [])} for row in rows]
