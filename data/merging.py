"""Records that a person declared to be one project: one row in every view, the awards of all, and a way back.

The rows stay as they were imported. Who merged what, and who undid it, is in the journal (``merge``: ``kept`` and
``absorbed``; ``unmerge``: ``absorbed``); what is merged follows from it each time tables are read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data.problem import DuijieError
from data.tables import TABLES

MERGE, UNMERGE = "merge", "unmerge"
_STRICTEST = {
    "state": ("disqualified", "withdrawn", "active"),
    "confidentiality": ("closed", "teaser", "public"),
}

Merges = Mapping[str, str]
"""The record that shows, by the record that it stands for; no shown record stands under another."""


def standing_merges(entries: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The entry by which each absorbed record stands merged, the latest last.

    A merge whose two records did not both show as themselves when it was written counts for nothing: of two that
    people declared at the same moment the first holds, and no two records can ever absorb each other.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        payload = entry["payload"]
        if entry["action"] == MERGE:
            kept, absorbed = payload["kept"], payload["absorbed"]
            if kept != absorbed and kept not in found and absorbed not in found:
                found[absorbed] = entry
        elif entry["action"] == UNMERGE:
            found.pop(payload["absorbed"], None)
    return found


def merges_of(entries: Iterable[Mapping[str, Any]]) -> Merges:
    """What stands merged after journal entries in their order; chains are followed to their end."""
    direct = {absorbed: entry["payload"]["kept"] for absorbed, entry in standing_merges(entries).items()}
    return {absorbed: _end(direct, absorbed) for absorbed in direct}


def _end(direct: Mapping[str, str], key: str) -> str:
    while key in direct:
        key = direct[key]
    return key


def check_merge(
    kept: str, absorbed: str, known: Iterable[str], merges: Merges, apart: Collection[tuple[str, str]] = ()
) -> None:
    """Refuse a merge that has no meaning. ``apart`` are the pairs of :func:`data.differing.differing`.

    Raises
    ------
    DuijieError
        ``merge.self`` for a project with itself, ``project.unknown``, ``merge.already`` when one is merged already,
        ``merge.differ`` when a person declared the two different.
    """
    if kept == absorbed:
        raise DuijieError("merge.self", f"{kept} 与 {absorbed} 是同一条记录 / are the same record", "name two records")
    ids = set(known)
    for key in (kept, absorbed):
        if key not in ids:
            raise DuijieError("project.unknown", f"没有这个项目 / no project {key!r}", "duijie export projects")
        if key in merges:
            raise DuijieError("merge.already", f"{key} 已并入 / shows as {merges[key]}", f"duijie unmerge {key}")
    if (kept, absorbed) in apart or (absorbed, kept) in apart:
        message = f"{kept} 与 {absorbed} 已判为不同项目 / were declared different projects"
        raise DuijieError("merge.differ", message, f"duijie unmerge {kept} {absorbed}")


def merged(tables: Mapping[str, pa.Table], merges: Merges) -> dict[str, pa.Table]:
    """The tables with every merged project under one id: the kept one, or, where that is not in ``projects`` (it was
    listed later), the first of the others. Schemas stay; rows stay sorted by their key.

    The shown row keeps its cells, but is as confidential as the strictest of the records, withdrawn or disqualified
    where one of them is, and consents only to what all that were asked consent to. Awards, outcomes, judging and IP
    are those of all.
    """
    present = set(tables["projects"].column("project_id").to_pylist())
    names = _shown(present, merges)
    if not names:
        return dict(tables)
    found = {name: _relabelled(name, table, names) for name, table in tables.items() if name != "projects"}
    return {"projects": _one_row(tables["projects"], names), **found}


def _shown(present: set[str], merges: Merges) -> dict[str, str]:
    """Shown id of every record of a group that is not shown under its own."""
    groups: dict[str, list[str]] = {}
    for absorbed, kept in sorted(merges.items()):
        groups.setdefault(kept, [kept]).append(absorbed)
    names: dict[str, str] = {}
    for members in groups.values():
        shown = next((key for key in members if key in present), members[0])
        names.update({key: shown for key in members if key != shown})
    return names


def _one_row(projects: pa.Table, names: Mapping[str, str]) -> pa.Table:
    ids = projects.column("project_id").to_pylist()
    groups: dict[int, list[int]] = {}
    row = {key: at for at, key in enumerate(ids)}
    for key, shown in names.items():
        if key in row and shown in row:
            groups.setdefault(row[shown], [row[shown]]).append(row[key])
    joins: dict[str, Callable[[list[Any]], Any]] = {"consent": _consent}
    joins |= {name: partial(_strictest, levels) for name, levels in _STRICTEST.items()}
    for name, join in joins.items():
        cells = projects.column(name).to_pylist()
        for at, rows in groups.items():
            cells[at] = join([cells[other] for other in rows])
        position = projects.schema.get_field_index(name)
        projects = projects.set_column(
            position, projects.schema.field(name), pa.array(cells, projects.schema.field(name).type)
        )
    return projects.filter(pa.array([key not in names for key in ids], pa.bool_()))


def _strictest(levels: Sequence[str], told: Sequence[str | None]) -> str | None:
    return next((level for level in levels if level in told), told[0])


def _consent(told: Sequence[list[str] | None]) -> list[str] | None:
    """What every record that was asked agrees to; ``none`` where that is nothing, None where nobody was asked."""
    asked = [answer for answer in told if answer]
    limited = [answer for answer in asked if "all" not in answer]
    if not limited:
        return asked[0] if asked else None
    return [channel for channel in limited[0] if all(channel in answer for answer in limited)] or ["none"]


def _relabelled(name: str, table: pa.Table, names: Mapping[str, str]) -> pa.Table:
    """A table whose rows name the shown project; of rows that are one now, the first stays."""
    if "project_id" not in table.column_names:
        return table
    ids = table.column("project_id").to_pylist()
    if names.keys().isdisjoint(ids):
        return table
    at = table.schema.get_field_index("project_id")
    table = table.set_column(at, table.schema.field(at), pa.array([names.get(key, key) for key in ids], pa.string()))
    keys = list(TABLES[name].key)
    table = table.filter(pa.array(~table.select(keys).to_pandas().duplicated().to_numpy()))
    order = [(key, "ascending", "at_start") for key in keys]
    return table.take(pc.sort_indices(table, sort_keys=order))
