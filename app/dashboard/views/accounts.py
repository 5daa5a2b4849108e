"""The administrator's page: who may log in with which rights, and who came in, was refused, or changed an account."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.dashboard.account_queries import entries, known_accounts
from app.dashboard.desk import Desk
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from data.reference.regions import regions

LAST = 200


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    st.caption(visitor.say("accounts.about"))
    st.subheader(visitor.say("accounts.title"), anchor=False)
    rows = [
        {
            "name": one.name,
            "role": visitor.say(f"role.{one.role}"),
            "bound": ", ".join((*one.institutions, *one.projects))
            or (regions().label(one.region, visitor.language) if one.region else visitor.say("accounts.everywhere")),
            "state": visitor.say("accounts.state_locked" if one.locked else "accounts.state_open"),
        }
        for one in known_accounts(desk)
    ]
    _table(visitor, rows, ("name", "role", "bound", "state"), "accounts.title")
    told = entries(desk, LAST)
    st.subheader(visitor.say("accounts.log", count=len(told)), anchor=False)
    _table(visitor, told, ("at", "actor", "action", "payload"), "view.accounts")


def _table(visitor: Visitor, rows: list[dict[str, str]], names: tuple[str, ...], alt: str) -> None:
    columns = {name: visitor.say(f"accounts.{name}") for name in names}
    st.dataframe(pd.DataFrame(rows, columns=list(names)), hide_index=True, column_config=columns, alt=visitor.say(alt))


VIEW = View("accounts", 90, ("admin",), show, needs_run=False)
