"""Accounts and the journal of logins, for the administrator."""

from __future__ import annotations

import json

from app.accounts.account import Account
from app.accounts.book import accounts
from app.dashboard.desk import Desk, allowed
from app.dashboard.session import accounts_file


@allowed("admin")
def known_accounts(desk: Desk) -> list[Account]:
    """All accounts by name."""
    return accounts(accounts_file())


@allowed("admin")
def entries(desk: Desk, most: int) -> list[dict[str, str]]:
    """The last entries of the journal, newest first, each cell as text."""
    found = accounts_file().journal()[-most:]
    return [
        {
            "at": entry["at"],
            "actor": entry["actor"],
            "action": entry["action"],
            "payload": json.dumps(entry["payload"], ensure_ascii=False),
        }
        for entry in reversed(found)
    ]
