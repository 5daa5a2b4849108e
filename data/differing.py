"""Pairs of records that a person declared to be different projects: kept, so that nobody is asked about them again.

Both ways are journal entries (``differ`` and ``undiffer``, each with ``project_id_a`` < ``project_id_b``). A record
that is merged later takes what was declared of it along: who is not B is not the project that B shows as.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from data.merging import Merges
from data.problem import DuijieError

DIFFER, UNDIFFER = "differ", "undiffer"
Pair = tuple[str, str]
SIDES = ("project_id_a", "project_id_b")


def pair_of(one: str, other: str) -> Pair:
    """Two ids in order: a pair is the same whichever way round it is told."""
    return (one, other) if one <= other else (other, one)


def declared(entries: Iterable[Mapping[str, Any]]) -> dict[Pair, Mapping[str, Any]]:
    """The entry by which each pair stands declared different, under the ids of the records as they were told."""
    found: dict[Pair, Mapping[str, Any]] = {}
    for entry in entries:
        if entry["action"] not in (DIFFER, UNDIFFER):
            continue
        pair = pair_of(*(entry["payload"][side] for side in SIDES))
        found.pop(pair, None)
        if entry["action"] == DIFFER:
            found[pair] = entry
    return found


def differing(entries: Iterable[Mapping[str, Any]], merges: Merges) -> frozenset[Pair]:
    """Pairs of projects, under the ids they show as, of which records were declared different.

    Records that show as one project are no pair any more.
    """
    shown = (pair_of(merges.get(one, one), merges.get(other, other)) for one, other in declared(entries))
    return frozenset((one, other) for one, other in shown if one != other)


def differ_entry(one: str, other: str, known: Iterable[str], merges: Merges, apart: Collection[Pair]) -> dict[str, str]:
    """Payload that declares two records different, for ``Store.append(actor, DIFFER, payload)``.

    ``apart`` are the pairs of :func:`differing`.

    Raises
    ------
    DuijieError
        ``differ.self`` for a record and itself, ``project.unknown``, ``differ.merged`` when both show as one project,
        ``differ.already``.
    """
    if one == other:
        raise DuijieError("differ.self", f"{one} 与 {other} 是同一条记录 / are the same record", "name two records")
    ids = set(known)
    for key in (one, other):
        if key not in ids:
            raise DuijieError("project.unknown", f"没有这个项目 / no project {key!r}", "duijie export projects")
    shown = pair_of(merges.get(one, one), merges.get(other, other))
    if shown[0] == shown[1]:
        absorbed = other if other in merges else one
        hint = f"duijie unmerge {absorbed}"
        raise DuijieError("differ.merged", f"{one} 与 {other} 已合并 / show as one project already", hint)
    if shown in apart:
        raise DuijieError("differ.already", f"{one} 与 {other} 已判为不同项目 / are declared different already")
    return dict(zip(SIDES, pair_of(one, other), strict=True))
