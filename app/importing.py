"""What an import does once the files are read, the same from the command line and from the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data.contacts import write_contacts
from data.intake import Intake
from data.reference.vocabularies import label_key
from data.store import Change, Store
from data.tables import TABLES


def declare_consent(tables: dict[str, pa.Table], declared: Sequence[str]) -> int:
    """Fill empty consent with what the organizer declares; gives how many rows that was."""
    projects = tables.get("projects")
    if projects is None or not declared:
        return 0
    told = projects.column("consent")
    filled = [value or list(declared) for value in told.to_pylist()]
    at = projects.schema.get_field_index("consent")
    tables["projects"] = projects.set_column(
        at, projects.schema.field(at), pa.array(filled, projects.schema.field(at).type)
    )
    return int(pc.sum(pc.fill_null(pc.equal(pc.list_value_length(told), 0), True)).as_py() or 0)


def present_columns(intake: Intake) -> dict[str, set[str]]:
    """Columns of each table that the files fill; a known row keeps what it holds in the others."""
    return {name: set(table.column_names) - set(intake.unused.get(name, ())) for name, table in intake.tables.items()}


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
        present=present_columns(intake),
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
