"""Declaring that two records are one project, or that they are not, and taking either back; for command and page.

Who declared what, and when, is in the journal; nothing that was imported changes. A decision is checked against the
store as it stands when it is made, whatever its maker was looking at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.differing import DIFFER, SIDES, UNDIFFER, Pair, declared, differ_entry, differing, pair_of
from data.merging import MERGE, UNMERGE, Merges, check_merge, merges_of, standing_merges
from data.personal import PERSONAL
from data.problem import DuijieError
from data.store import Store
from data.store_shown import shown_columns
from matcher.duplicates.finding import Found
from matcher.gate import let_go

DECISIONS = (MERGE, UNMERGE, DIFFER, UNDIFFER)
"""Actions of the journal that decide which records are one project."""
SAME, DIFFERENT = "same", "different"
EVIDENCE = ("evidence_a", "evidence_b")


@dataclass(frozen=True)
class Decided:
    """A decision that stands. ``one`` is the record that shows, ``other`` the absorbed one; of two different records
    the lesser id is ``one``. ``seq`` is the number of the entry in the journal, ``at`` its time in UTC.
    """

    verdict: str
    one: str
    other: str
    actor: str
    at: datetime
    seq: int


@dataclass(frozen=True)
class Standing:
    """What stands decided: which records show as another, which projects are different, and who said so."""

    merges: Merges
    apart: frozenset[Pair]
    decided: tuple[Decided, ...]
    """The latest first."""

    @cached_property
    def groups(self) -> dict[str, list[str]]:
        """Records that show as another, by the one they show as."""
        found: dict[str, list[str]] = {}
        for absorbed, shown in self.merges.items():
            found.setdefault(shown, []).append(absorbed)
        return found

    def shown(self, record: str) -> str:
        """The record that shows for a record."""
        return self.merges.get(record, record)


def standing(store: Store) -> Standing:
    """What stands decided now."""
    told = store.journal(*DECISIONS)
    merges = merges_of(told)
    found = [
        _decided(SAME, entry, entry["payload"]["kept"], absorbed) for absorbed, entry in standing_merges(told).items()
    ]
    found += [_decided(DIFFERENT, entry, *pair) for pair, entry in declared(told).items()]
    found.sort(key=lambda one: -one.seq)
    return Standing(merges, differing(told, merges), tuple(found))


def _decided(verdict: str, entry: Mapping[str, Any], one: str, other: str) -> Decided:
    return Decided(verdict, one, other, entry["actor"], entry["at"].replace(tzinfo=UTC), entry["seq"])


def declare_same(store: Store, kept: str, absorbed: str, *, actor: str) -> None:
    """Show two records as one project, ``kept``.

    Raises
    ------
    DuijieError
        As :func:`data.merging.check_merge`; ``merge.late`` when somebody else decided on one of them at that moment.
    """
    now = standing(store)
    check_merge(kept, absorbed, _known(store), now.merges, now.apart)
    store.append(actor, MERGE, {"kept": kept, "absorbed": absorbed})
    entry = standing_merges(store.journal(MERGE, UNMERGE)).get(absorbed)
    if entry is None or entry["payload"]["kept"] != kept:
        message = "刚才已有人对其中一条作了决定，本次合并未生效 / somebody else decided at the same moment: not merged"
        raise DuijieError("merge.late", message, "duijie duplicates")


def declare_different(store: Store, one: str, other: str, *, actor: str) -> None:
    """Keep that two records are different projects; see :func:`data.differing.differ_entry` for what is refused."""
    now = standing(store)
    store.append(actor, DIFFER, differ_entry(one, other, _known(store), now.merges, now.apart))


def take_back_same(store: Store, absorbed: str, *, actor: str) -> None:
    """Show a record as a project of its own again.

    Raises
    ------
    DuijieError
        ``merge.missing`` when it is not merged.
    """
    if absorbed not in standing(store).merges:
        message = f"{absorbed} 未并入其他项目 / is not merged into another project"
        raise DuijieError("merge.missing", message, "duijie export projects")
    store.append(actor, UNMERGE, {"absorbed": absorbed})


def take_back_different(store: Store, one: str, other: str, *, actor: str) -> None:
    """Let two projects be asked about again, whichever of their records were declared different.

    Raises
    ------
    DuijieError
        ``differ.missing`` when nobody declared them different.
    """
    now = standing(store)
    pairs = [pair_of(told.one, told.other) for told in now.decided if told.verdict == DIFFERENT]
    wanted = pair_of(now.shown(one), now.shown(other))
    meant = [pair for pair in pairs if pair == pair_of(one, other)]
    meant = meant or [pair for pair in pairs if pair_of(*map(now.shown, pair)) == wanted]
    if not meant:
        message = f"{one} 与 {other} 未判为不同项目 / were not declared different"
        raise DuijieError("differ.missing", message, "duijie duplicates --all")
    store.append_all(actor, [(UNDIFFER, dict(zip(SIDES, pair, strict=True))) for pair in meant])


def _known(store: Store) -> set[str]:
    """Ids of all records, read without their texts."""
    tables, absorbed = shown_columns(store.path, {"projects": ("consent", "state", "confidentiality")})
    return {*tables["projects"].column("project_id").to_pylist(), *absorbed}


def without_decided(found: Found, apart: Collection[Pair]) -> Found:
    """What is still to be asked: pairs that nobody declared different."""
    pairs = zip(*(found.table.column(side).to_pylist() for side in SIDES), strict=True)
    kept = np.array([pair not in apart for pair in pairs], bool)
    return Found(found.table.filter(pa.array(kept)), found.summands[kept])


def without_let_go(table: pa.Table, projects: pa.Table) -> pa.Table:
    """Pairs without passages where a side is let go: what the other side says alike would tell its text as well."""
    told = zip(projects.column("project_id").to_pylist(), let_go(projects), strict=True)
    gone = pa.array([key for key, why in told if why], pa.string())
    either = pc.or_(*(pc.is_in(table.column(name), value_set=gone) for name in SIDES))
    for name in EVIDENCE:
        kept = pc.if_else(either, "", table.column(name))
        table = table.set_column(table.schema.get_field_index(name), name, kept)
    return table


def without_contacts(table: pa.Table) -> pa.Table:
    """Evidence cut to its longest stretch without a phone number, mail address or the like: still verbatim."""
    for name in EVIDENCE:
        told = [max(PERSONAL.split(text), key=len).strip() for text in table.column(name).to_pylist()]
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(told, pa.string()))
    return table
