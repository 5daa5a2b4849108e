"""What gates and masks need of a store, read at once and without the texts: a list is as quick as its gate."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
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
    them. Of every table that is no event the first column of its key is there as well.
    """
    narrow = {name: _narrow(TABLES[name], wanted) for name, wanted in columns.items()}
    with reading(path) as con:
        tables = {name: current_rows(con, table) for name, table in narrow.items()}
        told = entries(con, (MERGE, UNMERGE, CONSENT))
    merges = merges_of(told)
    every = tables["projects"].column("project_id")
    tables = {name: _own(table, columns[name]) for name, table in merged(tables, merges).items()}
    absorbed = set(every.to_pylist()) - set(tables["projects"].column("project_id").to_pylist()) if merges else ()
    return tables | {"projects": with_consents(tables["projects"], told, merges)}, frozenset(absorbed)


def current_columns(path: Path, name: str, columns: Collection[str]) -> pa.Table:
    """Some columns of the last version of every row of a table, and the first of its key; sorted by key."""
    with reading(path) as con:
        found = current_rows(con, _narrow(TABLES[name], columns))
    return _own(found, columns)


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


def _own(table: pa.Table, wanted: Collection[str]) -> pa.Table:
    """Those columns and the first, in buffers of their own: what comes out of DuckDB holds room for twice as much, and
    for all columns of the answer as long as one is kept.
    """
    first = table.column_names[0]
    kept = table.select([name for name in table.column_names if name in wanted or name == first])
    return kept.take(pa.array(np.arange(table.num_rows)))


def _narrow(table: Table, wanted: Collection[str]) -> Table:
    """The table with the wanted columns, its key and the date by which its versions are told apart."""
    names = {*wanted, *table.key, "updated_at"}
    return Table(table.name, table.key, tuple(column for column in table.columns if column.name in names), table.event)
