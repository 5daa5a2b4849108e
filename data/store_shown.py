"""What gates and masks need of a store, read at once and without the texts: a list is as quick as its gate."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pyarrow as pa

from data.consents import CONSENT, with_consents
from data.merging import MERGE, UNMERGE, merged, merges_of
from data.store_file import reading
from data.store_journal import entries
from data.store_rows import current_rows
from data.tables import TABLES, Table


def shown_columns(path: Path, columns: Mapping[str, Collection[str]]) -> tuple[dict[str, pa.Table], frozenset[str]]:
    """Some columns of what :meth:`data.store.Store.shown` gives; and the projects that show as another.

    ``columns`` names them by table; ``projects`` is one of the tables, its consent, state and confidentiality among
    them. Columns of the key are always there.
    """
    narrow = {name: _narrow(TABLES[name], wanted) for name, wanted in columns.items()}
    with reading(path) as con:
        tables = {name: current_rows(con, table) for name, table in narrow.items()}
        told = entries(con, (MERGE, UNMERGE, CONSENT))
    merges = merges_of(told)
    every = tables["projects"].column("project_id")
    tables = merged(tables, merges)
    absorbed = set(every.to_pylist()) - set(tables["projects"].column("project_id").to_pylist()) if merges else ()
    return tables | {"projects": with_consents(tables["projects"], told, merges)}, frozenset(absorbed)


def current_columns(path: Path, name: str, columns: Collection[str]) -> pa.Table:
    """Some columns of the last version of every row of a table, and its key; sorted by key."""
    with reading(path) as con:
        return current_rows(con, _narrow(TABLES[name], columns))


def last_entry(path: Path, harmless: Collection[str]) -> tuple[int, str]:
    """Number and time of the last entry of the journal, passing over the actions in ``harmless``; ``(0, "")`` of none.

    While it stays, everything stays that only other actions can change.
    """
    with reading(path) as con:
        told = con.execute(
            'SELECT seq, CAST("at" AS VARCHAR) FROM journal WHERE NOT list_contains(?, action)'
            " ORDER BY seq DESC LIMIT 1",
            [sorted(harmless)],
        ).fetchall()
    return (int(told[0][0]), str(told[0][1])) if told else (0, "")


def _narrow(table: Table, wanted: Collection[str]) -> Table:
    """The table with the wanted columns, its key and the date by which its versions are told apart."""
    names = {*wanted, *table.key, "updated_at"}
    return Table(table.name, table.key, tuple(column for column in table.columns if column.name in names), table.event)
