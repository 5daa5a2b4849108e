"""The store: imported rows in one DuckDB file, every run an immutable folder beside it.

``FILE`` keeps all versions of all imported rows, the problems of the last import and one append-only
journal of what people did. ``FILE.runs/`` keeps runs (:mod:`data.runs`). Connections are opened for one
operation and closed, so that the command line and the dashboard can share a file; a transaction either
commits whole or leaves nothing, also under ``kill -9``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from data.merging import MERGE, UNMERGE, Merges, merged, merges_of
from data.problem import DuijieError, Problem
from data.tables import OUTCOMES, PROBLEMS, TABLES, Table
from data.view import View

LOCK_SECONDS = 20.0
"""How long an operation waits for another process that holds the file."""

_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.list_(pa.string()): "VARCHAR[]",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    pa.bool_(): "BOOLEAN",
}

IDENTITY = {
    "projects": ("project_id", "name", "listed_at"),
    "institutions": ("institution_id", "name", "kind", "listed_at"),
}
"""What stays of a row all of whose versions are dated after the as-of date: that it exists, nothing else."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an import does to one table, in rows."""

    table: str
    added: int
    changed: int
    unchanged: int


class Store:
    """One store file. Opening it creates the tables it lacks; nothing stays open between calls."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @property
    def exists(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    @property
    def runs_folder(self) -> Path:
        """The folder of the runs."""
        return self.path.with_name(self.path.name + ".runs")

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for one operation; waits while another process holds the file."""
        deadline = time.monotonic() + LOCK_SECONDS
        self.path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            try:
                con = duckdb.connect(str(self.path))
                break
            except duckdb.IOException as error:
                if "lock" not in str(error).lower():
                    raise DuijieError(
                        "store.unreadable", f"{self.path} is not a store: {error}", "choose another --store FILE"
                    ) from error
                if time.monotonic() > deadline:
                    raise DuijieError(
                        "store.locked", f"another process holds {self.path}", "try again later"
                    ) from error
                time.sleep(0.05)
        try:
            _create(con)
            yield con
        finally:
            con.close()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection inside one transaction: all of it is kept, or nothing."""
        with self.connection() as con:
            con.execute("BEGIN")
            try:
                yield con
            except BaseException:
                con.execute("ROLLBACK")
                raise
            con.execute("COMMIT")

    def preview(self, tables: Mapping[str, pa.Table], present: Mapping[str, set[str]] | None = None) -> list[Change]:
        """What :meth:`write` would do; nothing is kept."""
        with self.connection() as con:
            con.execute("BEGIN")
            changes = [_write(con, TABLES[name], rows, (present or {}).get(name), -1) for name, rows in tables.items()]
            con.execute("ROLLBACK")
        return changes

    def write(
        self,
        tables: Mapping[str, pa.Table],
        problems: list[Problem],
        *,
        actor: str,
        note: Mapping[str, Any],
        present: Mapping[str, set[str]] | None = None,
        extras: Mapping[str, pa.Table] | None = None,
    ) -> list[Change]:
        """Keep the rows of one import, all or nothing.

        ``present`` names, for each table, the columns the files had: other columns of a known row keep what they
        held. Rows equal to what is stored add nothing, so a second import of the same files changes nothing.
        ``extras`` are unknown columns beside the key; they are kept as they came.
        The journal keeps who imported what and when.
        """
        with self.transaction() as con:
            number = _next(con)
            changes = [
                _write(con, TABLES[name], rows, (present or {}).get(name), number) for name, rows in tables.items()
            ]
            _replace_problems(con, problems)
            _keep_extras(con, extras or {}, number)
            payload = {
                **note,
                "import": number,
                "changes": [[c.table, c.added, c.changed, c.unchanged] for c in changes],
            }
            _append(con, actor, "import", payload)
        return changes

    def record(self, rows: pa.Table, *, actor: str) -> Change:
        """Keep outcome events that somebody entered, with their entry in the journal: both or neither.

        An event that is stored already adds nothing; one that was taken back stands again.
        """
        with self.transaction() as con:
            con.register("entered", rows.select(list(OUTCOMES.key)))
            con.execute(f"DELETE FROM retractions WHERE {_KEYED} IN (SELECT {_key(OUTCOMES)} FROM entered)")
            con.unregister("entered")
            change = _write(con, OUTCOMES, rows, None, _next(con))
            _append(con, actor, "outcome", {"events": rows.to_pylist()})
        return change

    def retract(self, key: Mapping[str, Any], *, actor: str, reason: str) -> None:
        """Take an outcome event back; it stays in the file and in the journal, and in no table that is read.

        ``key`` names project, institution, channel, event and date. A correction is a retraction and a new event; it
        says what was always so, therefore it holds for every as-of date.

        Raises
        ------
        DuijieError
            ``outcome.unknown`` when there is no such event.
        """
        values = [key[name] for name in OUTCOMES.key]
        with self.transaction() as con:
            known = con.execute(
                f"SELECT 1 FROM outcomes_rows WHERE {_KEYED} = (?, ?, ?, ?, ?) AND {_KEYED} NOT IN"
                f" (SELECT {_key(OUTCOMES)} FROM retractions) LIMIT 1",
                values,
            ).fetchall()
            if not known:
                raise DuijieError(
                    "outcome.unknown", f"没有这条进展 / no such event: {values}", "duijie export outcomes"
                )
            con.execute("INSERT INTO retractions VALUES (?, ?, ?, ?, ?)", values)
            _append(con, actor, "retract", {**dict(zip(OUTCOMES.key, values, strict=True)), "reason": reason})

    def append(self, actor: str, action: str, payload: Mapping[str, Any]) -> None:
        """Add one entry to the journal. Entries are never changed; a correction is a new entry."""
        with self.transaction() as con:
            _append(con, actor, action, payload)

    def journal(self, *actions: str) -> list[dict[str, Any]]:
        """Journal entries of these actions (none named: of all) in order: ``seq, at, actor, action, payload``."""
        where, params = ("WHERE list_contains(?, action)", [list(actions)]) if actions else ("", [])
        sql = f'SELECT seq, "at", actor, action, payload FROM journal {where} ORDER BY seq'
        with self.connection() as con:
            rows: list[dict[str, Any]] = con.sql(sql, params=params).to_arrow_table().to_pylist()
        return [{**row, "payload": json.loads(row["payload"])} for row in rows]

    def current(self, table: str) -> pa.Table:
        """The last version of every row of ``table`` in interchange columns, sorted by key."""
        with self.connection() as con:
            return _current(con, TABLES[table])

    def problems(self) -> pa.Table:
        """Problems of the last import, columns of the interchange."""
        with self.connection() as con:
            return (
                con.sql("SELECT * EXCLUDE (position) FROM problems ORDER BY position").to_arrow_table().cast(PROBLEMS)
            )

    def extras(self, table: str) -> list[dict[str, Any]]:
        """Unknown columns of a table as they came: the key and the columns of each row, in order of import."""
        with self.connection() as con:
            rows = con.sql(
                'SELECT "row" FROM extras WHERE "table" = ? ORDER BY _import, "row"', params=[table]
            ).fetchall()
        return [json.loads(row[0]) for row in rows]

    def view(self, as_of: date) -> View:
        """The tables as they stood on ``as_of``, merged records as one; see :class:`data.view.View`."""
        with self.connection() as con:
            tables = {
                "projects": _visible(con, TABLES["projects"], as_of),
                "institutions": _visible(con, TABLES["institutions"], as_of),
                "outcomes": _current(con, TABLES["outcomes"], '"at" <= ?', [as_of]),
                "awards": _current(con, TABLES["awards"], "published_at IS NULL OR published_at <= ?", [as_of]),
                "needs": _current(
                    con,
                    TABLES["needs"],
                    "(opened_at IS NULL OR opened_at <= ?) AND (closed_at IS NULL OR closed_at > ?)",
                    [as_of, as_of],
                ),
                "judging": _current(con, TABLES["judging"], '"at" <= ?', [as_of]),
            }
        return View(as_of=as_of, **merged(tables, self.merges()))

    def merges(self) -> Merges:
        """Which records show as another; a merge says what was always so, therefore it holds for every as-of date."""
        return merges_of(self.journal(MERGE, UNMERGE))

    def shown(self, *names: str) -> dict[str, pa.Table]:
        """The last version of every row of these tables (``projects`` is one), merged records as one."""
        return merged({name: self.current(name) for name in names}, self.merges())


def _create(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("SET threads = 2")
    for table in TABLES.values():
        columns = ", ".join(f'"{field.name}" {_SQL_TYPES[field.type]}' for field in table.schema)
        con.execute(
            f"CREATE TABLE IF NOT EXISTS {table.name}_rows ({columns}, _import BIGINT, _at TIMESTAMP, _hash VARCHAR)"
        )
    con.execute('CREATE TABLE IF NOT EXISTS extras (_import BIGINT, "table" VARCHAR, "row" VARCHAR)')
    keys = ", ".join(f'"{name}" {_SQL_TYPES[OUTCOMES.schema.field(name).type]}' for name in OUTCOMES.key)
    con.execute(f"CREATE TABLE IF NOT EXISTS retractions ({keys})")
    con.execute("CREATE SEQUENCE IF NOT EXISTS journal_seq")
    con.execute(
        "CREATE TABLE IF NOT EXISTS journal (seq BIGINT DEFAULT nextval('journal_seq') PRIMARY KEY,"
        ' "at" TIMESTAMP, actor VARCHAR, action VARCHAR, payload VARCHAR)'
    )
    con.execute(
        'CREATE TABLE IF NOT EXISTS problems (position BIGINT, "table" VARCHAR, "row" BIGINT, "column" VARCHAR,'
        " code VARCHAR, severity VARCHAR, message VARCHAR, hint VARCHAR)"
    )


def _next(con: duckdb.DuckDBPyConnection) -> int:
    return int(con.execute("SELECT count(*) FROM journal WHERE action = 'import'").fetchall()[0][0]) + 1


def _append(con: duckdb.DuckDBPyConnection, actor: str, action: str, payload: Mapping[str, Any]) -> None:
    con.execute(
        "INSERT INTO journal VALUES (nextval('journal_seq'), ?, ?, ?, ?)",
        [datetime.now(UTC).replace(tzinfo=None), actor, action, json.dumps(payload, ensure_ascii=False, default=str)],
    )


def _replace_problems(con: duckdb.DuckDBPyConnection, problems: list[Problem]) -> None:
    con.execute("DELETE FROM problems")
    if problems:
        rows = pa.Table.from_pylist(
            [{"position": i, **{name: getattr(p, name) for name in PROBLEMS.names}} for i, p in enumerate(problems)]
        )
        con.register("new_problems", rows)
        con.execute("INSERT INTO problems BY NAME SELECT * FROM new_problems")
        con.unregister("new_problems")


def _keep_extras(con: duckdb.DuckDBPyConnection, extras: Mapping[str, pa.Table], number: int) -> None:
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


def _write(
    con: duckdb.DuckDBPyConnection, table: Table, rows: pa.Table, present: set[str] | None, number: int
) -> Change:
    """Add the rows that differ from the last version of their key."""
    names = [f'"{name}"' for name in table.names]
    con.register("incoming", rows.select(list(table.names)))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE known AS SELECT {_select(table)} FROM {table.name}_rows {_latest(table)}"
    )
    same = " AND ".join(f'i."{key}" IS NOT DISTINCT FROM k."{key}"' for key in table.key)
    kept = ", ".join(
        f'i."{name}"' if present is None or name in present else f'coalesce(i."{name}", k."{name}") AS "{name}"'
        for name in table.names
    )
    digest = f"md5(CAST(row({', '.join(names)}) AS VARCHAR))"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE merged AS SELECT *, {digest} AS _hash FROM"
        f' (SELECT {kept}, k."{table.key[0]}" IS NOT NULL AS _known FROM incoming i LEFT JOIN known k ON {same})'
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE held AS SELECT {digest} AS _hash FROM known")
    con.execute("DELETE FROM merged WHERE _hash IN (SELECT _hash FROM held)")
    counts = con.execute("SELECT count(*) FILTER (NOT _known), count(*) FILTER (_known) FROM merged").fetchall()[0]
    con.execute(
        f"INSERT INTO {table.name}_rows SELECT {', '.join(names)}, ?, ?, _hash FROM merged",
        [number, datetime.now(UTC).replace(tzinfo=None)],
    )
    con.unregister("incoming")
    added, changed = int(counts[0]), int(counts[1])
    return Change(table.name, added, changed, rows.num_rows - added - changed)


def _latest(table: Table) -> str:
    """SQL that picks the last version of each key: by its own date where it has one, else by its import."""
    dated = "coalesce(updated_at, CAST(_at AS DATE))" if "updated_at" in table.by_name else "_at"
    return f"QUALIFY row_number() OVER (PARTITION BY {_key(table)} ORDER BY {dated} DESC, _import DESC, _hash DESC) = 1"


def _select(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.names)


def _key(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.key)


_KEYED = f"({_key(OUTCOMES)})"


def _order(table: Table) -> str:
    return ", ".join(f'"{name}" NULLS FIRST' for name in table.key)


def _current(
    con: duckdb.DuckDBPyConnection, table: Table, where: str = "TRUE", params: list[Any] | None = None
) -> pa.Table:
    if table is OUTCOMES:
        where = f"({where}) AND {_KEYED} NOT IN (SELECT {_key(OUTCOMES)} FROM retractions)"
    sql = (
        f"SELECT {_select(table)} FROM (SELECT * FROM {table.name}_rows WHERE {where} {_latest(table)})"
        f" ORDER BY {_order(table)}"
    )
    return con.sql(sql, params=params or []).to_arrow_table().cast(table.schema)


def _visible(con: duckdb.DuckDBPyConnection, table: Table, as_of: date) -> pa.Table:
    """Rows listed on or before ``as_of``, each in the version of that date; see :data:`IDENTITY`."""
    key, identity = table.key[0], IDENTITY[table.name]
    blank = ", ".join(f'"{c.name}"' if c.name in identity else f'NULL AS "{c.name}"' for c in table.columns)
    listed = "(listed_at IS NULL OR listed_at <= $d)"
    sql = f"""
        WITH shown AS (
            SELECT * FROM {table.name}_rows WHERE {listed} AND (updated_at IS NULL OR updated_at <= $d) {_latest(table)}
        ), unseen AS (
            SELECT * FROM {table.name}_rows
            WHERE {listed} AND "{key}" NOT IN (SELECT "{key}" FROM shown) {_latest(table)}
        )
        SELECT {_select(table)} FROM shown UNION ALL BY NAME SELECT {blank} FROM unseen ORDER BY "{key}"
    """
    return con.sql(sql, params={"d": as_of}).to_arrow_table().cast(table.schema)
