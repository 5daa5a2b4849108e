"""The journal of a store: what people did, in order, each entry once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from data.problem import DuijieError


def add_entry(con: duckdb.DuckDBPyConnection, actor: str, action: str, payload: Mapping[str, Any]) -> None:
    """Add one entry; it is kept or not with everything else of the transaction."""
    add_entries(con, actor, [(action, payload)])


def add_entries(con: duckdb.DuckDBPyConnection, actor: str, told: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Add entries, each an action and its payload, in their order and at one time."""
    if not told:
        return
    taken = con.execute("SELECT nextval('journal_seq') FROM range(?)", [len(told)]).fetchall()
    rows = {
        "seq": sorted(number for (number,) in taken),
        "action": [action for action, _ in told],
        "payload": [_text(payload) for _, payload in told],
    }
    con.register("new_entries", pa.table(rows))
    con.execute(
        "INSERT INTO journal SELECT seq, ?, ?, action, payload FROM new_entries",
        [datetime.now(UTC).replace(tzinfo=None), actor],
    )
    con.unregister("new_entries")


def entries(con: duckdb.DuckDBPyConnection, actions: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Entries of these actions (none named: of all) in order: ``seq, at, actor, action, payload``."""
    where, params = ("WHERE list_contains(?, action)", [list(actions)]) if actions else ("", [])
    sql = f'SELECT seq, "at", actor, action, payload FROM journal {where} ORDER BY seq'
    rows: list[dict[str, Any]] = con.sql(sql, params=params).to_arrow_table().to_pylist()
    return [{**row, "payload": json.loads(row["payload"])} for row in rows]


def imports(con: duckdb.DuckDBPyConnection) -> int:
    """How many imports the journal holds."""
    return int(con.execute("SELECT count(*) FROM journal WHERE action = 'import'").fetchall()[0][0])


def written_before(con: duckdb.DuckDBPyConnection, once: str, action: str, payload: Mapping[str, Any]) -> bool:
    """Whether the request ``once`` was done; if not, it counts as done with this transaction. Empty: never done.

    Raises
    ------
    DuijieError
        ``journal.once`` when that name was given to something else.
    """
    if not once:
        return False
    digest = hashlib.sha256(f"{action}\n{_text(payload)}".encode()).hexdigest()
    known = con.execute("SELECT digest FROM written_once WHERE once = ?", [once]).fetchall()
    if known and known[0][0] != digest:
        raise DuijieError(
            "journal.once",
            f"编号 {once} 已用于另一次写入 / {once!r} names another request",
            "给每次写入一个新编号 / give every request its own name",
        )
    if not known:
        con.execute("INSERT INTO written_once VALUES (?, ?)", [once, digest])
    return bool(known)


def _text(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False, default=str)
