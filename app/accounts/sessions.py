"""Log in, stay in, log out. A session is a random token in a cookie; the file holds its digest only."""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from dataclasses import dataclass

from app.accounts.account import Account, from_row
from app.accounts.file import AccountsFile, write_entry
from app.accounts.passwords import verify

IDLE_SECONDS = 60 * 60
ABSOLUTE_SECONDS = 12 * 60 * 60
SEEN_EVERY = 60
"""Seconds between two notes that a session is in use."""
FREE_TRIES = 5
"""Failed tries in a row before a name has to wait."""
FIRST_WAIT, LONGEST_WAIT = 30, 15 * 60
"""Seconds: the wait doubles with every further failure. It ends by itself, so nobody can shut another out for good."""
FORGOTTEN_AFTER = 24 * 60 * 60
IN, OUT, FAILED, WAITING, LINKED = "login", "logout", "login.failed", "login.waiting", "account.linked"
LONGEST_ISSUER, LONGEST_SUBJECT = 500, 255
"""Characters by which a provider may name itself and a person (OpenID Connect Core, 2)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a try: a ``token``, or the seconds to ``wait``, or neither: name or password is wrong."""

    token: str = ""
    wait: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is in the words of a provider: its own name, its name for the person, and the mail address that it
    has verified, in lower case; empty when it has not.
    """

    issuer: str
    subject: str
    mail: str = ""


def log_in(file: AccountsFile, name: str, password: str, now: float | None = None) -> Outcome:
    """Try a name and a password.

    A name that does not exist, a wrong password and a locked account are told alike and take alike; also names that do
    not exist have to wait. While a name waits, the right password is not tried either.
    """
    now = time.time() if now is None else now
    name = name.strip()[:200]
    wait = _count(file, name, now)
    if wait:
        return Outcome(wait=wait)
    found = file.rows("SELECT * FROM accounts WHERE name = ?", name)
    right = verify(found[0]["hash"] if found else None, password)
    if not (right and found and not found[0]["locked"]):
        file.note(name, FAILED, by="password")
        return Outcome()
    return Outcome(token=begin(file, from_row(found[0]), now))


def log_in_by_provider(file: AccountsFile, person: Person, now: float | None = None) -> Outcome:
    """Log in whoever a provider vouches for.

    A person whom the provider has named before is known by its issuer and subject, whatever the mail is now. At the
    first login the verified mail leads to the account that bears it, and the two are linked for good; an account that
    is linked to another person of that provider is not given to a second one, to whom the address may have passed.
    """
    account = _linked(file, person)
    if account is None or account.locked:
        file.note(person.mail or person.subject, FAILED, by="provider")
        return Outcome()
    return Outcome(token=begin(file, account, time.time() if now is None else now, by="provider"))


def _linked(file: AccountsFile, person: Person) -> Account | None:
    """The account of a person; linked now, where a verified mail says whose it is. One transaction: two people who
    come at one time with one address cannot both be linked.
    """
    if not (0 < len(person.issuer) <= LONGEST_ISSUER and 0 < len(person.subject) <= LONGEST_SUBJECT):
        return None
    key = [person.issuer, person.subject]
    with file.transaction() as con:
        found = con.execute(
            "SELECT a.* FROM links l JOIN accounts a ON a.name = l.account WHERE l.issuer = ? AND l.subject = ?", key
        ).fetchone()
        if found is None and person.mail:
            found = con.execute(
                "SELECT * FROM accounts WHERE mail = ? AND locked = 0"
                " AND name NOT IN (SELECT account FROM links WHERE issuer = ?)",
                [person.mail, person.issuer],
            ).fetchone()
            if found is not None:
                con.execute("INSERT INTO links VALUES (?, ?, ?)", [*key, found["name"]])
                write_entry(con, found["name"], LINKED, {"issuer": person.issuer, "subject": person.subject})
        return from_row(found) if found else None


def begin(file: AccountsFile, account: Account, now: float, by: str = "password") -> str:
    """Begin a session; its token is fresh, whatever the visitor brought along."""
    token = secrets.token_urlsafe(32)
    with file.transaction() as con:
        con.execute("DELETE FROM failures WHERE name = ? OR last < ?", [account.name, now - FORGOTTEN_AFTER])
        con.execute("DELETE FROM sessions WHERE begun < ?", [now - ABSOLUTE_SECONDS])
        con.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", [_digest(token), account.name, now, now])
        write_entry(con, account.name, IN, {"by": by})
    return token


def account_in(file: AccountsFile, token: str, now: float | None = None) -> Account | None:
    """The account of a living session, which thereby counts as in use; None when there is none."""
    if not token or len(token) > 100:
        return None
    now = time.time() if now is None else now
    found = file.rows(
        "SELECT a.*, s.begun, s.seen FROM sessions s JOIN accounts a ON a.name = s.account"
        " WHERE s.digest = ? AND s.begun > ? AND s.seen > ? AND a.locked = 0",
        _digest(token),
        now - ABSOLUTE_SECONDS,
        now - IDLE_SECONDS,
    )
    if not found:
        return None
    if now - found[0]["seen"] > SEEN_EVERY:
        with file.transaction() as con:
            con.execute("UPDATE sessions SET seen = ? WHERE digest = ?", [now, _digest(token)])
    return from_row(found[0])


def log_out(file: AccountsFile, token: str) -> None:
    """End a session."""
    with file.transaction() as con:
        found = con.execute("DELETE FROM sessions WHERE digest = ? RETURNING account", [_digest(token)]).fetchall()
        for row in found:
            write_entry(con, row["account"], OUT, {})


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _count(file: AccountsFile, name: str, now: float) -> int:
    """Count a try before it is checked, so that tries at the same time cannot slip through; else seconds to wait."""
    with file.transaction() as con:
        found = con.execute("SELECT count, last FROM failures WHERE name = ?", [name]).fetchall()
        wait = _wait(found[0]["count"], now - found[0]["last"]) if found else 0
        if wait:
            write_entry(con, name, WAITING, {"seconds": wait})
            return wait
        con.execute(
            "INSERT INTO failures VALUES (?, 1, ?) ON CONFLICT (name) DO UPDATE SET count = count + 1, last = ?",
            [name, now, now],
        )
    return 0


def _wait(count: int, passed: float) -> int:
    """Seconds that a name still has to wait after ``count`` failures, the last one ``passed`` seconds ago."""
    if count < FREE_TRIES:
        return 0
    whole = min(FIRST_WAIT * 2 ** min(count - FREE_TRIES, 20), LONGEST_WAIT)
    return max(math.ceil(whole - passed), 0)
