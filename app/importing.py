"""What an import does once the files are read, the same from the command line and from the page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data.contacts import write_contacts
from data.intake import Intake
from data.reference.vocabularies import label_key
from data.store import Change, Store
from data.store_shown import current_columns
from data.tables import TABLES


@dataclass(frozen=True)
class Declaration:
    """What became of a declared consent, in projects whose consent is empty in the files: ``filled`` got it,
    ``answered`` were asked before and keep their answer.
    """

    filled: int = 0
    answered: int = 0


def declare_consent(tables: dict[str, pa.Table], declared: Sequence[str], answered: Collection[str]) -> Declaration:
    """Fill consent that is empty with what the organizer declares; ``answered`` are the ids of
    :func:`answered_projects`, whose answer no declaration changes.
    """
    projects = tables.get("projects")
    if projects is None or not declared:
        return Declaration()
    told = projects.column("consent")
    empty = pc.fill_null(pc.equal(pc.list_value_length(told), 0), True)
    known = pc.is_in(projects.column("project_id"), value_set=pa.array(sorted(answered), pa.string()))
    fills = pc.and_not(empty, known)
    at = projects.schema.get_field_index("consent")
    filled = pc.if_else(fills, pa.scalar(list(declared), told.type), told)
    tables["projects"] = projects.set_column(at, projects.schema.field(at), filled)
    count = int(pc.sum(fills).as_py() or 0)
    return Declaration(count, int(pc.sum(empty).as_py() or 0) - count)


def answered_projects(store: Store) -> frozenset[str]:
    """Ids of stored projects that were asked for their consent and answered, yes or no.

    Of records that show as one project the answer of one is that of all. An answer of the journal needs no place
    here: it holds over whatever is imported.
    """
    held = current_columns(store.path, "projects", ["consent"])
    asked = held.filter(pc.greater(pc.list_value_length(held.column("consent")), 0))
    merges = store.merges()
    shown = {merges.get(one, one) for one in asked.column("project_id").to_pylist()}
    return frozenset(one for one in held.column("project_id").to_pylist() if merges.get(one, one) in shown)


def is_blocked(intake: Intake, strict: bool) -> bool:
    """Whether nothing of the files may be kept: a file of a table is unusable, or anything is wrong and ``strict``.

    A document that cannot be read (a problem of no table) stops itself only.
    """
    errors = [p for p in intake.problems if p.severity == "error"]
    whole = [p for p in errors if p.row == 0 and p.table]
    return bool(whole) or (strict and bool(errors))


def known_institutions(store: Store) -> dict[str, str]:
    """Ids of the stored institutions by the key of their names; lists name them without an id."""
    held = store.current("institutions")
    return {
        label_key(name): number
        for name, number in zip(held["name"].to_pylist(), held["institution_id"].to_pylist(), strict=True)
    }


def keep(
    store: Store, intake: Intake, tables: Mapping[str, pa.Table], note: Mapping[str, Any], actor: str = "import"
) -> tuple[list[Change], int]:
    """Write the rows, then the contacts; an import that is stopped between the two may be repeated.

    ``tables`` are those of ``intake`` with the declared consent. Gives what changed, and how many contacts are new.
    """
    changes = store.write(
        tables,
        list(intake.problems),
        actor=actor,
        note=note,
        present=intake.present,
        extras=intake.extras,
    )
    return changes, _keep_contacts(store, intake.contacts, actor)


def _keep_contacts(store: Store, contacts: pa.Table, actor: str) -> int:
    """Keep the contacts of stored projects and institutions, apart from all tables; the number that are new.

    Those of a row that was rejected belong to nobody and are dropped.
    """
    if not contacts.num_rows:
        return 0
    known = [store.current(name).column(TABLES[name].key[0]) for name in ("projects", "institutions")]
    mine = pc.is_in(contacts.column("subject_id"), value_set=pa.concat_arrays([c.combine_chunks() for c in known]))
    kept = contacts.filter(mine)
    return write_contacts(store, kept, actor) if kept.num_rows else 0
