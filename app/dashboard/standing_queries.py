"""How every project stands in a channel: held back, without a counterpart and what would help, or in so many lists."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.hosting_queries import run_texts, run_view
from app.dashboard.queries import answers, held, project_names
from app.dashboard.visitor import Visitor
from app.lists import list_matches
from matcher.channel import channels
from matcher.gate import may_rank
from matcher.lifting import Change, smallest_changes

STANDINGS = ("held", "none", "thin", "listed")
"""Held back today; no institution passes the rules; fewer than :data:`THIN`; enough of them."""
THIN = 3


@allowed("organizer")
def standings(visitor: Visitor, desk: Desk) -> pd.DataFrame:
    """One row a project, the most pressing first.

    ``project_id``, ``name``, ``standing``, ``count`` (institutions on its list), ``consent``, ``why`` (code of what
    holds it back), ``rules`` (joined by ``;``: the smallest change), ``opens`` (how many institutions it would open),
    ``example`` (one of them).
    """
    return _standings(desk.key, desk.access.scope, desk)


@st.cache_resource(max_entries=8, show_spinner=False)
def _standings(key: tuple[object, ...], scope: tuple[object, ...], _desk: Desk) -> pd.DataFrame:
    names = project_names(_desk, everything=True)
    found = list_matches(_desk.system, _desk.channel, "projects").column("project_id").to_pandas().value_counts()
    why, consents = held(_desk), answers(_desk)
    frame = pd.DataFrame({"project_id": list(names), "name": list(names.values())})
    frame["why"] = frame["project_id"].map(why).fillna("")
    frame["consent"] = frame["project_id"].map(consents).fillna("")
    frame["count"] = frame["project_id"].map(found).fillna(0).astype(int)
    frame["standing"] = "listed"
    frame.loc[frame["count"] < THIN, "standing"] = "thin"
    frame.loc[frame["count"] == 0, "standing"] = "none"
    frame.loc[frame["why"] != "", "standing"] = "held"
    changes = _changes(_desk, list(frame.loc[frame["standing"] == "none", "project_id"]))
    told = [changes.get(one) for one in frame["project_id"]]
    frame["rules"] = [";".join(change.rules) if change else "" for change in told]
    frame["opens"] = [len(change.institutions) if change else 0 for change in told]
    frame["example"] = [change.institutions[0] if change and change.institutions else "" for change in told]
    order = frame["standing"].map({name: at for at, name in enumerate(("none", "thin", "held", "listed"))})
    return (
        frame.assign(order=order).sort_values(["order", "count", "project_id"], ignore_index=True).drop(columns="order")
    )


def _changes(desk: Desk, ids: list[str]) -> dict[str, Change]:
    """Of the projects that take part in the run."""
    view = run_view(desk)
    free = may_rank(view.projects, view.awards, desk.channel)
    at = {key: row for row, key in enumerate(view.projects.column("project_id").to_pylist())}
    rows = {at[one]: one for one in ids if one in at and free[at[one]]}
    told = smallest_changes(view, channels()[desk.channel], desk.system.settings, run_texts(desk), rows)
    return {rows[row]: change for row, change in told.items()}
