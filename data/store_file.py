"""The file of a store: opening it, waiting for others, its tables, and one writer at a time.

Between processes the file itself is the lock: whoever has it open keeps the others waiting. Inside a process all
connections share one open file, and DuckDB refuses a transaction that meets another on the same rows; so the threads
of a process write one after the other, while the file stays open between them as long as any of them waits.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from data.problem import DuijieError
from data.tables import OUTCOMES, TABLES

LOCK_SECONDS = 20.0
"""How long an operation waits for another process that holds the file."""

_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.list_(pa.string()): "VARCHAR[]",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    pa.bool_(): "BOOLEAN",
}
# A process loses its lock on a file as soon as it closes any handle of it, so no thread may open what another closes.
_opening = threading.Lock()
# Two threads that create one table meet in the catalogue, and one of them is refused.
_creating = threading.Lock()
_writing: dict[Path, threading.Lock] = {}


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for one operation; waits while another process holds the file.

    Raises
    ------
    DuijieError
        ``store.unreadable`` when the file is no store, ``store.locked`` when the wait was in vain.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        make_store(path)
    con = _connect(path)
    try:
        con.execute("SET threads = 2")
        with _creating:
            _create(con)
        yield con
    finally:
        with _opening:
            con.close()


def make_store(path: Path) -> None:
    """Put an empty store there unless somebody else does so first.

    DuckDB looks for the file and then creates it. Of two processes that look at one time, the slower one would begin
    anew over what the faster one has written; a file that is whole before it bears its name cannot be begun anew.
    """
    work = path.with_name(f".{path.name}-{os.getpid()}-{threading.get_ident()}")
    try:
        con = duckdb.connect(str(work))
        _create(con)
        con.close()
        try:
            os.link(work, path)
        except FileExistsError:
            return
        except OSError:  # a file system without links: all but as good
            if not path.exists():
                work.replace(path)
    finally:
        work.unlink(missing_ok=True)


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            with _opening:
                return duckdb.connect(str(path))
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise DuijieError(
                    "store.unreadable",
                    f"{path} 不是对接库文件 / is not a store: {error}",
                    "choose another --store FILE",
                ) from error
            if time.monotonic() > deadline:
                raise DuijieError(
                    "store.locked", f"另一进程正占用 {path} / another process holds {path}", "try again later"
                ) from error
            time.sleep(0.05)


@contextmanager
def writing(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection inside one transaction of the only writer: all of it is kept, or nothing."""
    with opened(path) as con, _writer(path):
        con.execute("BEGIN")
        try:
            yield con
        except BaseException:
            con.execute("ROLLBACK")
            raise
        con.execute("COMMIT")


@contextmanager
def reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose statements all see the file as it stood at the first of them. What is not there reads as an
    empty store and is not made by that: a mistyped name leaves no file behind.
    """
    with opened(path) if path.exists() else _nothing() as con:
        con.execute("BEGIN")
        try:
            yield con
        finally:
            con.execute("ROLLBACK")


@contextmanager
def _nothing() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to an empty store in memory."""
    with duckdb.connect(":memory:") as con:
        _create(con)
        yield con


def _writer(path: Path) -> threading.Lock:
    """The lock of a file's writers in this process."""
    return _writing.setdefault(path.resolve(), threading.Lock())


def _create(con: duckdb.DuckDBPyConnection) -> None:
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
    con.execute("CREATE TABLE IF NOT EXISTS written_once (once VARCHAR PRIMARY KEY, digest VARCHAR)")
    con.execute(
        'CREATE TABLE IF NOT EXISTS problems (position BIGINT, "table" VARCHAR, "row" BIGINT, "column" VARCHAR,'
        " code VARCHAR, severity VARCHAR, message VARCHAR, hint VARCHAR)"
    )
