"""The file of accounts: its tables, and one connection for one operation."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.problem import DuijieError

WAIT_SECONDS = 20.0
LONGEST = 200
"""Characters of what is written into the journal that a stranger typed."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, institutions TEXT NOT NULL, projects TEXT NOT NULL,
    region TEXT NOT NULL, mail TEXT NOT NULL, hash TEXT NOT NULL, locked INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS accounts_mail ON accounts (mail) WHERE mail <> '';
CREATE TABLE IF NOT EXISTS sessions (
    digest TEXT PRIMARY KEY, account TEXT NOT NULL, begun REAL NOT NULL, seen REAL NOT NULL);
CREATE TABLE IF NOT EXISTS links (
    issuer TEXT NOT NULL, subject TEXT NOT NULL, account TEXT NOT NULL, PRIMARY KEY (issuer, subject),
    UNIQUE (issuer, account));
CREATE TABLE IF NOT EXISTS failures (name TEXT PRIMARY KEY, count INTEGER NOT NULL, last REAL NOT NULL);
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    payload TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS journal_kept BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS journal_held BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'append only'); END;
"""


@dataclass(frozen=True, slots=True)
class AccountsFile:
    """The accounts beside one store."""

    path: Path

    @classmethod
    def beside(cls, store: Path | str) -> AccountsFile:
        """The accounts of a store file."""
        store = Path(store)
        return cls(store.with_name(store.name + ".accounts"))

    @property
    def exists(self) -> bool:
        """Whether somebody ever made an account."""
        return self.path.exists()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection in which all is kept or nothing; one writer at a time, across processes.

        Raises
        ------
        DuijieError
            ``accounts.unreadable`` when the file is none of ours or cannot be opened.
        """
        try:
            if not self.path.exists():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
            con = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise self._unreadable(error) from error
        con.row_factory = sqlite3.Row
        try:
            con.executescript(_SCHEMA)
            con.execute("BEGIN IMMEDIATE")
            yield con
            con.execute("COMMIT")
        except sqlite3.IntegrityError:
            con.rollback()
            raise
        except sqlite3.Error as error:
            con.rollback()
            raise self._unreadable(error) from error
        except BaseException:
            con.rollback()
            raise
        finally:
            con.close()

    def rows(self, sql: str, *params: Any) -> list[sqlite3.Row]:
        """Rows of a question; none while there is no file."""
        if not self.exists:
            return []
        try:
            con = sqlite3.connect(f"file:{_quoted(self.path)}?mode=ro", uri=True, timeout=WAIT_SECONDS)
            con.row_factory = sqlite3.Row
            try:
                return con.execute(sql, params).fetchall()
            finally:
                con.close()
        except sqlite3.Error as error:
            raise self._unreadable(error) from error

    def journal(self, *actions: str) -> list[dict[str, Any]]:
        """Entries of these actions (none named: of all) in order: ``seq, at, actor, action, payload``."""
        found = self.rows("SELECT seq, at, actor, action, payload FROM journal ORDER BY seq")
        rows = [{**dict(row), "payload": json.loads(row["payload"])} for row in found]
        return [row for row in rows if not actions or row["action"] in actions]

    def note(self, actor: str, action: str, **payload: Any) -> None:
        """Add one entry to the journal."""
        with self.transaction() as con:
            write_entry(con, actor, action, payload)

    def _unreadable(self, error: Exception) -> DuijieError:
        return DuijieError(
            "accounts.unreadable",
            f"无法读取账号文件 / cannot read {self.path}: {error}",
            "restore the file, or move it away",
        )


def write_entry(con: sqlite3.Connection, actor: str, action: str, payload: dict[str, Any]) -> None:
    """Add one entry inside a transaction; what strangers typed is cut."""
    told = {name: value[:LONGEST] if isinstance(value, str) else value for name, value in payload.items()}
    con.execute(
        "INSERT INTO journal (at, actor, action, payload) VALUES (?, ?, ?, ?)",
        [
            datetime.now(UTC).isoformat(timespec="seconds"),
            actor[:LONGEST],
            action,
            json.dumps(told, ensure_ascii=False),
        ],
    )


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path.resolve()))
