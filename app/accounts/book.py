"""Make accounts and change them. Every change is one entry of the journal, and ends the sessions it concerns."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, replace

from app.accounts.account import Account, check_account, from_row
from app.accounts.file import AccountsFile, write_entry
from app.accounts.passwords import NOTHING, check_password, hash_password
from app.dashboard.roles import ROLES
from data.problem import DuijieError

ADDED, CHANGED, LOCKED, UNLOCKED = "account.added", "account.changed", "account.locked", "account.unlocked"
PASSWORD, UNLINKED = "account.password", "account.unlinked"


def login_required(file: AccountsFile) -> bool:
    """Whether visitors log in: as soon as there is one account, locked or not."""
    return bool(file.rows("SELECT 1 FROM accounts LIMIT 1"))


def accounts(file: AccountsFile) -> list[Account]:
    """All accounts by name."""
    return [from_row(row) for row in file.rows("SELECT * FROM accounts ORDER BY name")]


def account_of(file: AccountsFile, name: str) -> Account:
    """The account of a name.

    Raises
    ------
    DuijieError
        ``account.unknown``.
    """
    found = file.rows("SELECT * FROM accounts WHERE name = ?", name)
    if not found:
        raise DuijieError("account.unknown", f"没有这个账号 / no account {name!r}", "duijie account list")
    return from_row(found[0])


def add_account(file: AccountsFile, account: Account, password: str | None, *, actor: str) -> None:
    """Make an account; without a password only a provider can log it in.

    Raises
    ------
    DuijieError
        ``account.twice`` when the name or the mail is taken; else as :func:`app.accounts.account.check_account` and
        :func:`app.accounts.passwords.check_password`.
    """
    check_account(account)
    if password is None and not account.mail:
        raise DuijieError(
            "account.bound", "没有密码也没有邮箱 / neither a password nor a mail", "--mail, or a password"
        )
    hashed = NOTHING
    if password is not None:
        check_password(password, account.name)
        hashed = hash_password(password)
    try:
        with file.transaction() as con:
            con.execute(
                "INSERT INTO accounts (role, institutions, projects, region, mail, name, hash)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [*_columns(account), account.name, hashed],
            )
            write_entry(con, actor, ADDED, asdict(account))
    except sqlite3.IntegrityError as error:
        raise DuijieError(
            "account.twice", f"{account.name}: 账号或邮箱已存在 / the name or the mail is taken"
        ) from error


def change_rights(file: AccountsFile, account: Account, *, actor: str) -> None:
    """Give a known account another role, binding, region or mail; its sessions end, and with another mail its link to
    a person of a provider.

    Raises
    ------
    DuijieError
        ``account.last_admin`` when nobody would be left to administer; else as :func:`add_account`.
    """
    before = account_of(file, account.name)
    check_account(account)
    try:
        with file.transaction() as con:
            if not _administers(account):
                _keep_an_admin(con, before)
            con.execute(
                "UPDATE accounts SET role = ?, institutions = ?, projects = ?, region = ?, mail = ? WHERE name = ?",
                [*_columns(account), account.name],
            )
            if _mail_of(account) != _mail_of(before):  # another address may be another person
                con.execute("DELETE FROM links WHERE account = ?", [account.name])
            _end_sessions(con, account.name)
            write_entry(con, actor, CHANGED, {"before": asdict(before), "after": asdict(account)})
    except sqlite3.IntegrityError as error:
        raise DuijieError("account.twice", f"{account.mail}: 邮箱已被使用 / the mail is taken") from error


def set_password(file: AccountsFile, name: str, password: str, *, actor: str) -> None:
    """Give an account another password; its sessions end, and failed tries are forgotten."""
    account_of(file, name)
    check_password(password, name)
    hashed = hash_password(password)
    with file.transaction() as con:
        con.execute("UPDATE accounts SET hash = ? WHERE name = ?", [hashed, name])
        con.execute("DELETE FROM failures WHERE name = ?", [name])
        _end_sessions(con, name)
        write_entry(con, actor, PASSWORD, {"name": name})


def set_locked(file: AccountsFile, name: str, locked: bool, *, actor: str) -> None:
    """Lock an account, which ends its sessions, or open it again. Accounts are never deleted.

    Raises
    ------
    DuijieError
        ``account.unknown``, ``account.last_admin`` when nobody would be left to administer.
    """
    account = replace(before := account_of(file, name), locked=locked)
    with file.transaction() as con:
        if locked:
            _keep_an_admin(con, before)
        con.execute("UPDATE accounts SET locked = ? WHERE name = ?", [int(locked), name])
        _end_sessions(con, name)
        write_entry(con, actor, LOCKED if locked else UNLOCKED, {"name": account.name})


def unlink(file: AccountsFile, name: str, *, actor: str) -> None:
    """Forget to which people of providers an account is linked; its sessions end. The next verified login with its mail
    links it anew.

    Raises
    ------
    DuijieError
        ``account.unknown``.
    """
    account_of(file, name)
    with file.transaction() as con:
        con.execute("DELETE FROM links WHERE account = ?", [name])
        _end_sessions(con, name)
        write_entry(con, actor, UNLINKED, {"name": name})


def _administers(account: Account) -> bool:
    return "admin" in ROLES[account.role].kinds


def _keep_an_admin(con: sqlite3.Connection, leaving: Account) -> None:
    """Refuse to take the last open account of an administrator away."""
    if leaving.locked or not _administers(leaving):
        return
    open_ones = con.execute("SELECT role FROM accounts WHERE locked = 0 AND name <> ?", [leaving.name]).fetchall()
    if not any("admin" in ROLES[row["role"]].kinds for row in open_ones):
        message = f"{leaving.name} 是唯一的管理员 / is the only administrator"
        raise DuijieError("account.last_admin", message, "duijie account add NAME --role admin")


def _columns(account: Account) -> list[str]:
    ids = ["\n".join(account.institutions), "\n".join(account.projects)]
    return [account.role, *ids, account.region, _mail_of(account)]


def _mail_of(account: Account) -> str:
    """The mail of an account as it is kept and compared."""
    return account.mail.strip().casefold()


def _end_sessions(con: sqlite3.Connection, name: str) -> None:
    con.execute("DELETE FROM sessions WHERE account = ?", [name])
