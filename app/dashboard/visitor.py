"""The visitor: language, role, channel, institution, project and page, all kept in the address of the page.

The address is the one place of this state, so a link opens what its sender saw. Nothing in it is trusted: every value
is checked against what exists, and what does not exist is as if it were absent. Who the visitor is comes from the
address in the open demonstration only; with accounts it comes from the session.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st

from app.dashboard.access import Access
from app.dashboard.roles import DEMONSTRATED, Role
from app.dashboard.shown_strings import say
from app.wording import LANGUAGES


@dataclass(frozen=True)
class Visitor:
    """Who looks. ``channel`` follows from the role, or is chosen by those whose role has none."""

    language: str
    role: Role
    channel: str
    access: Access | None = None
    """Rights of the visitor; those of the open demonstration where nothing is said."""

    def say(self, key: str, **values: object) -> str:
        """A string in the visitor's language."""
        return say(key, self.language, **values)

    @property
    def comma(self) -> str:
        """What stands between the items of a list."""
        return "、" if self.language == "zh" else ", "

    @property
    def rights(self) -> Access:
        """What the visitor may see."""
        return self.access or Access(self.role)

    @property
    def actor(self) -> str:
        """Under what name the visitor's acts stand in the journal: the account, or the role where nobody logs in."""
        return self.rights.account or self.role.name


def asked(name: str, allowed: Collection[str], default: str = "") -> str:
    """The address's value of ``name`` if it is one of ``allowed``."""
    value = str(st.query_params.get(name, ""))
    return value if value in allowed else default


def go(**params: str | None) -> None:
    """Change the address; None or an empty string removes a value."""
    for name, value in params.items():
        if value:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]


def language() -> str:
    """The language asked for, Chinese by default."""
    return asked("lang", LANGUAGES, LANGUAGES[0])


def demonstrated_role() -> str:
    """The role that a visitor of the open demonstration asked for; a fund by default."""
    return asked("role", DEMONSTRATED, DEMONSTRATED[0])
