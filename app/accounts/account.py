"""One account, and what an account must be bound to."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from app.dashboard.access import Access
from app.dashboard.roles import ROLES
from data.problem import DuijieError
from data.reference.regions import regions

NAME = re.compile(r"[\w.@+-]{2,64}")
LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Account:
    """Who may log in, with which rights. ``region`` is a code of the regions; ``mail`` is what a provider verifies."""

    name: str
    role: str
    institutions: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    region: str = ""
    mail: str = ""
    locked: bool = False

    def access(self) -> Access:
        """The rights of the account."""
        role = ROLES[self.role]
        own = frozenset(self.institutions) if "institution" in role.kinds else None
        return Access(role, self.name, own, frozenset(self.projects), self.region)


def check_account(account: Account) -> None:
    """Refuse an account that is bound to nothing or to what its role does not have.

    Raises
    ------
    DuijieError
        ``account.name``, ``account.role`` or ``account.bound``.
    """
    if not NAME.fullmatch(account.name):
        raise DuijieError(
            "account.name", f"账号名 {account.name!r} 无效 / no valid name", "2–64 letters, digits or . @ + - _"
        )
    if account.role not in ROLES:
        raise DuijieError("account.role", f"没有这个身份 / no role {account.role!r}", f"one of {', '.join(ROLES)}")
    kinds = ROLES[account.role].kinds
    bound = {"institution": account.institutions, "owner": account.projects}
    for kind, ids in bound.items():
        if (kind in kinds) != bool(ids):
            needs = "至少一个编号 / at least one id" if kind in kinds else "无此项 / none"
            option = "--inst ID" if kind == "institution" else "--project ID"
            raise DuijieError("account.bound", f"{account.role}: {needs}", option)
        if any(not one or len(one) > LONGEST_ID for one in ids):
            raise DuijieError(
                "account.bound", f"编号须为 1–{LONGEST_ID} 个字符 / an id has 1 to {LONGEST_ID} characters"
            )
    if account.region and kinds != ("organizer",):
        raise DuijieError("account.bound", "只有主办方有地区范围 / only organizers have a region", "leave --region out")


def region_code(text: str) -> str:
    """Code of the one region that a text names (``江苏省``, ``江苏省苏州市``); empty for ``全国`` or ``all``.

    Raises
    ------
    DuijieError
        ``account.region`` when it names none or several.
    """
    if text.strip() in ("", "全国", "all"):
        return ""
    found = regions().find(text)
    if len(found) != 1:
        raise DuijieError(
            "account.region", f"{text!r} 不是一个地区 / is not one region", "--region 江苏省 | 江苏省苏州市"
        )
    return found[0]


def from_row(row: sqlite3.Row) -> Account:
    """The account of a row of the file."""
    ids = {name: tuple(row[name].split("\n")) if row[name] else () for name in ("institutions", "projects")}
    return Account(row["name"], row["role"], **ids, region=row["region"], mail=row["mail"], locked=bool(row["locked"]))
