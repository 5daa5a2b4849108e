"""Rows of a store as versions: an import adds the rows that differ, a reading picks the version of its date."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from data.present import CURRENCY, LASTING, Present
from data.problem import Problem
from data.tables import OUTCOMES, PROBLEMS, TABLES, TEXT_COLUMNS, Kind, Table

IDENTITY = {
    "projects": ("project_id", "name", "listed_at"),
    "institutions": ("institution_id", "name", "kind", "listed_at"),
}
"""What stays of a row all of whose versions are dated after the as-of date: that it exists, nothing else."""
_RUNNING = frozenset(TEXT_COLUMNS[1:])


@dataclass(frozen=True, slots=True)
class Change:
    """What an import does to one table, in rows."""

    table: str
    added: int
    changed: int
    unchanged: int
    cleared: int = 0
    """Cells of known rows that held something and are emptied."""


def write_rows(
    con: duckdb.DuckDBPyConnection, table: Table, rows: pa.Table, present: Present | None, number: int
) -> Change:
    """Add the rows that differ from the last version of their key."""
    _find_differing(con, table, rows, present)
    counts = con.execute("SELECT count(*) FILTER (NOT _known), count(*) FILTER (_known) FROM merged").fetchall()[0]
    cleared = con.execute(
        f"SELECT coalesce(sum(len(list_filter({_cleared(table)}, lambda name: name IS NOT NULL))), 0)"
        f" FROM merged m JOIN known k ON {_same(table, 'm')}"
    ).fetchall()[0][0]
    con.execute(
        f"INSERT INTO {table.name}_rows SELECT {_select(table)}, ?, ?, _hash FROM merged",
        [number, datetime.now(UTC).replace(tzinfo=None)],
    )
    added, changed = int(counts[0]), int(counts[1])
    return Change(table.name, added, changed, rows.num_rows - added - changed, int(cleared))


def differing_rows(con: duckdb.DuckDBPyConnection, table: Table, rows: pa.Table, present: Present | None) -> pa.Table:
    """The rows that :func:`write_rows` would add, by key: ``change`` (added or changed), the ``columns`` that differ
    from the last version, none for a new row, and those of them that are ``cleared``.
    """
    _find_differing(con, table, rows, present)
    keys = ", ".join(f'm."{name}"' for name in table.key)
    differing = ", ".join(
        f"""CASE WHEN m._known AND m."{name}" IS DISTINCT FROM k."{name}" THEN '{name}' END"""
        for name in table.names
        if name not in table.key
    )
    sql = (
        f"SELECT {keys}, CASE WHEN m._known THEN 'changed' ELSE 'added' END AS change,"
        f" list_filter([{differing}], lambda name: name IS NOT NULL) AS columns,"
        f" list_filter({_cleared(table)}, lambda name: name IS NOT NULL) AS cleared"
        f" FROM merged m LEFT JOIN known k ON {_same(table, 'm')} ORDER BY {_order(table, 'm.')}"
    )
    return con.sql(sql).to_arrow_table()


def _find_differing(con: duckdb.DuckDBPyConnection, table: Table, rows: pa.Table, present: Present | None) -> None:
    """Put the last versions of the rows' keys into the table ``known``, and into ``merged`` the rows that differ."""
    names = [f'"{name}"' for name in table.names]
    numbers = np.zeros(rows.num_rows, np.int32) if present is None else present.number
    con.register("incoming", rows.select(list(table.names)).append_column("_file", pa.array(numbers)))
    same = _same(table, "i")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE known AS SELECT {_select(table)}"
        f" FROM {_latest(table, f'k SEMI JOIN incoming i ON {same}')}"
    )
    kept = ", ".join(_kept(table, name, present) for name in table.names)
    digest = f"md5(CAST(row({', '.join(names)}) AS VARCHAR))"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE merged AS SELECT *, {digest} AS _hash FROM"
        f' (SELECT {kept}, k."{table.key[0]}" IS NOT NULL AS _known FROM incoming i LEFT JOIN known k ON {same})'
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE held AS SELECT {digest} AS _hash FROM known")
    con.execute("DELETE FROM merged WHERE _hash IN (SELECT _hash FROM held)")
    con.unregister("incoming")


def _kept(table: Table, name: str, present: Present | None) -> str:
    """SQL of a cell of a row that comes in (``i``) over what is stored (``k``)."""
    told, stays = f'i."{name}"', f'coalesce(i."{name}", k."{name}")'
    lacking = present.sets_without(name) if present else []
    if present is None or (not lacking and name not in LASTING.get(table.name, ())):
        return told
    sums = [f'i."{column.name}"' for column in table.columns if column.kind is Kind.MONEY]
    if name == CURRENCY and sums:
        stays = f"CASE WHEN coalesce({', '.join(sums)}) IS NULL THEN {stays} ELSE {told} END"
    if name in LASTING.get(table.name, ()) or len(lacking) == len(present.sets):
        return f'{stays} AS "{name}"'
    files = ", ".join(map(str, lacking))
    return f'CASE WHEN i._file IN ({files}) THEN {stays} ELSE {told} END AS "{name}"'


def _cleared(table: Table) -> str:
    """SQL of a list: for each column its name where a known row loses what it held in it, else NULL. A currency that is
    not told is no loss: it means CNY.
    """
    cells = (
        f"""CASE WHEN m."{name}" IS NULL AND k."{name}" IS NOT NULL THEN '{name}' END"""
        for name in table.names
        if name not in (*table.key, CURRENCY)
    )
    return f"[{', '.join(cells)}]"


def _same(table: Table, alias: str) -> str:
    """SQL of whether a row and a stored row (``k``) have one key."""
    return " AND ".join(f'{alias}."{key}" IS NOT DISTINCT FROM k."{key}"' for key in table.key)


def _latest(table: Table, where: str) -> str:
    """SQL of the last version of each key among the rows that ``where`` keeps.

    The last is that of the last date where rows bear one, else of the last import. Only keys and dates are compared,
    so wide cells are read for the rows that stay.
    """
    dated = "coalesce(updated_at, CAST(_at AS DATE))" if "updated_at" in table.by_name else "_at"
    return (
        f"{table.name}_rows v SEMI JOIN (SELECT max_by(rowid, row({dated}, _import, _hash)) AS last"
        f" FROM {table.name}_rows {where} GROUP BY {key_columns(table)}) ON v.rowid = last"
    )


def _select(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.names)


def key_columns(table: Table) -> str:
    """The key of a table as a list of SQL columns."""
    return ", ".join(f'"{name}"' for name in table.key)


OUTCOME_KEY = f"({key_columns(OUTCOMES)})"
"""The key of an outcome event as one SQL value."""


def _order(table: Table, alias: str = "") -> str:
    return ", ".join(f'{alias}"{name}" NULLS FIRST' for name in table.key)


def current_rows(
    con: duckdb.DuckDBPyConnection, table: Table, where: str = "TRUE", params: list[Any] | None = None
) -> pa.Table:
    """The last version of every row that ``where`` keeps, sorted by key; no event that was taken back."""
    if table.name == OUTCOMES.name:  # also of some of its columns
        where = f"({where}) AND {OUTCOME_KEY} NOT IN (SELECT {key_columns(OUTCOMES)} FROM retractions)"
    sql = f"SELECT {_select(table)} FROM {_latest(table, f'WHERE {where}')} ORDER BY {_order(table)}"
    return con.sql(sql, params=params or []).to_arrow_table().cast(table.schema)


def visible_rows(con: duckdb.DuckDBPyConnection, table: Table, as_of: date, texts: bool = True) -> pa.Table:
    """Rows listed on or before ``as_of``, each in the version of that date; see :data:`IDENTITY`.

    Without ``texts`` the running texts stay empty, which halves the time of a large store.
    """
    key, identity = table.key[0], IDENTITY[table.name]
    blank = ", ".join(f'"{c.name}"' if c.name in identity else f'NULL AS "{c.name}"' for c in table.columns)
    cells = ", ".join(f'NULL AS "{name}"' if name in _RUNNING and not texts else f'"{name}"' for name in table.names)
    listed = "(listed_at IS NULL OR listed_at <= $d)"
    known = f"WHERE {listed} AND (updated_at IS NULL OR updated_at <= $d)"
    rest = f'WHERE {listed} AND "{key}" NOT IN (SELECT "{key}" FROM shown)'
    sql = f"""
        WITH shown AS (SELECT {cells} FROM {_latest(table, known)}),
            unseen AS (SELECT {blank} FROM {_latest(table, rest)})
        SELECT {_select(table)} FROM shown UNION ALL BY NAME SELECT {_select(table)} FROM unseen ORDER BY "{key}"
    """
    return con.sql(sql, params={"d": as_of}).to_arrow_table().cast(table.schema)


def replace_problems(con: duckdb.DuckDBPyConnection, problems: list[Problem]) -> None:
    """Keep the problems of an import in the place of those of the last."""
    con.execute("DELETE FROM problems")
    if problems:
        rows = pa.Table.from_pylist(
            [{"position": i, **{name: getattr(p, name) for name in PROBLEMS.names}} for i, p in enumerate(problems)]
        )
        con.register("new_problems", rows)
        con.execute("INSERT INTO problems BY NAME SELECT * FROM new_problems")
        con.unregister("new_problems")


def keep_extras(con: duckdb.DuckDBPyConnection, extras: Mapping[str, pa.Table], number: int) -> None:
    """Unknown columns as JSON rows; a row that was kept before in the same form is not kept twice."""
    for name, table in extras.items():
        if table.num_columns <= len(TABLES[name].key):
            continue
        rows = [json.dumps(row, ensure_ascii=False, default=str, sort_keys=True) for row in table.to_pylist()]
        con.register("new_extras", pa.table({"table": [name] * len(rows), "row": rows}))
        con.execute(
            'INSERT INTO extras SELECT ?, "table", "row" FROM new_extras n WHERE NOT EXISTS'
            ' (SELECT 1 FROM extras e WHERE e."table" = n."table" AND e."row" = n."row")',
            [number],
        )
        con.unregister("new_extras")


def problem_rows(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Problems of the last import in their order."""
    return con.sql("SELECT * EXCLUDE (position) FROM problems ORDER BY position").to_arrow_table().cast(PROBLEMS)


def extra_rows(con: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    """Unknown columns of a table as they came, in order of import."""
    sql = 'SELECT "row" FROM extras WHERE "table" = ? ORDER BY _import, "row"'
    return [json.loads(row[0]) for row in con.sql(sql, params=[table]).fetchall()]
