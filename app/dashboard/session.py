"""Who is in: the account of the session that the browser's cookie names, or anybody in the open demonstration."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from app.accounts.book import login_required
from app.accounts.file import AccountsFile
from app.accounts.sessions import account_in
from app.dashboard.access import Access
from data.problem import DuijieError

DEFAULT_STORE = "duijie.duckdb"
COOKIE = "duijie_session"
ENDED = "session.ended"


def store_path() -> Path:
    """The store the command line named."""
    return Path(os.environ.get("DUIJIE_STORE", DEFAULT_STORE))


def accounts_file() -> AccountsFile:
    """The accounts beside the store."""
    return AccountsFile.beside(store_path())


def must_log_in() -> bool:
    """Whether visitors log in. A server that began with accounts asks for them also when their file has gone."""
    return os.environ.get("DUIJIE_LOGIN") == "1" or login_required(accounts_file())


def token() -> str:
    """The browser's session token."""
    return str(st.context.cookies.get(COOKIE, ""))


def signed_in() -> Access | None:
    """Rights of the account whose session this is; None without one."""
    account = account_in(accounts_file(), token())
    return account.access() if account else None


def confirm(access: Access) -> None:
    """Refuse rights that no longer hold: the session ended, or somebody made the first account.

    Raises
    ------
    DuijieError
        ``session.ended``.
    """
    holds = signed_in() == access if access.account else not must_log_in()
    if not holds:
        raise DuijieError(ENDED, "会话已结束 / the session has ended", "")
