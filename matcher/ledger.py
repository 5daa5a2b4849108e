"""The stored rows as the checks read them: as of a date, each award placed in its edition and contest.

Row numbers are those of ``duijie export TABLE``, so a verdict can be looked up there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import pyarrow as pa

from data.awarded import Placed, place_awards
from data.edition import Edition, Rule
from data.names import firm_core, name_key
from data.programmes import editions
from data.store import Store
from data.tables import TABLES

__all__ = ["Award", "Cited", "Ledger", "Row", "Rows", "firm_core", "name_key", "numbered", "read_ledger"]

Row = dict[str, Any]
"""A stored row by column; ``_row`` is its 1-based number in ``duijie export TABLE``."""
Rows = tuple[Row, ...]
T = TypeVar("T")


def numbered(table: pa.Table, key: Iterable[str] = (), numbers: Mapping[tuple[object, ...], int] | None = None) -> Rows:
    """Rows of a table with ``_row``: their own place, or their number by key."""
    names = list(key)
    rows = []
    for place, row in enumerate(table.to_pylist(), start=1):
        row["_row"] = numbers.get(tuple(row[name] for name in names), 0) if numbers is not None else place
        rows.append(row)
    return tuple(rows)


@dataclass(frozen=True)
class Award:
    """A row of ``awards`` and where it stands."""

    row: Row
    placed: Placed

    @property
    def project(self) -> str:
        """Id of the project."""
        return str(self.row["project_id"])


@dataclass(frozen=True)
class Cited:
    """A rule and the edition whose rule it is; ``own`` is False when it is cited by analogy: the project's own editions
    have none, or are not known.
    """

    edition: Edition
    rule: Rule
    own: bool


@dataclass(frozen=True)
class Ledger:
    """What is stored on a date. ``similar``: pairs of project ids that may be one project (duplicates);
    ``conflicts`` of interest as :mod:`data.conflicts` finds them.
    """

    as_of: date
    projects: Rows = ()
    awards: Rows = ()
    ip: Rows = ()
    outcomes: Rows = ()
    judging: Rows = ()
    similar: tuple[tuple[str, str], ...] = ()
    conflicts: Rows = ()
    catalogue: tuple[Edition, ...] = field(default_factory=editions)

    @cached_property
    def project(self) -> dict[str, Row]:
        """Projects by id."""
        return {row["project_id"]: row for row in self.projects}

    @cached_property
    def placed(self) -> tuple[Award, ...]:
        """Every award, placed."""
        placed = place_awards(self.catalogue, self.awards)
        return tuple(Award(row, place) for row, place in zip(self.awards, placed, strict=True))

    @cached_property
    def awards_of(self) -> dict[str, list[Award]]:
        """Awards by project id."""
        return _by(self.placed, lambda award: award.project)

    @cached_property
    def awards_in(self) -> dict[str, list[Award]]:
        """Awards by id of their edition; those of an unknown edition are left out."""
        found = _by(self.placed, lambda award: award.placed.edition.id if award.placed.edition else "")
        return {name: awards for name, awards in found.items() if name}

    @cached_property
    def ip_of(self) -> dict[str, list[Row]]:
        """Rights by project id."""
        return _by(self.ip, lambda row: row["project_id"])

    @cached_property
    def outcomes_of(self) -> dict[str, list[Row]]:
        """Outcomes by project id."""
        return _by(self.outcomes, lambda row: row["project_id"])

    def group(self, project_id: str) -> str | None:
        """Group of a project; None when unknown."""
        return self.project.get(project_id, {}).get("group")

    def editions_of(self, project_id: str) -> tuple[Edition, ...]:
        """Editions in which a project won something, in the order of the catalogue."""
        ids = {award.placed.edition.id for award in self.awards_of.get(project_id, ()) if award.placed.edition}
        return tuple(edition for edition in self.catalogue if edition.id in ids)

    def rules(self, project_id: str, check: str, *, always: bool = False) -> list[Cited]:
        """Rules of a check that bind a project: those of its editions.

        A project of no known edition gets the default rules by analogy. So does, with ``always``, one whose editions
        have none: for what concerns every project, whatever the contest.
        """
        own = self.editions_of(project_id)
        found = [Cited(edition, rule, True) for edition in own for rule in edition.rules_of(check)]
        if found or (own and not always):
            return found
        return [Cited(edition, rule, False) for edition, rule in self.all_rules(check) if rule.default]

    def all_rules(self, check: str) -> Iterator[tuple[Edition, Rule]]:
        """Every rule of a check with its edition."""
        for edition in self.catalogue:
            for rule in edition.rules_of(check):
                yield edition, rule


def _by(items: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return dict(found)


def read_ledger(store: Store, as_of: date, similar: Iterable[tuple[str, str]] = ()) -> Ledger:
    """Ledger of a store as of a date. Rights granted later are left out; rights without a date are kept."""
    view, shown = store.view(as_of), store.shown("projects", "ip")
    parts: dict[str, Any] = {}
    for name in ("projects", "awards", "outcomes", "judging", "ip"):
        table = TABLES[name]
        keys = store.current(name).select(list(table.key)).to_pylist()
        numbers = {tuple(row.values()): place for place, row in enumerate(keys, start=1)}
        parts[name] = numbered(shown[name] if name == "ip" else getattr(view, name), table.key, numbers)
    parts["ip"] = tuple(row for row in parts["ip"] if row["granted_at"] is None or row["granted_at"] <= as_of)
    return Ledger(as_of, similar=tuple(similar), conflicts=tuple(view.conflicts.to_pylist()), **parts)
