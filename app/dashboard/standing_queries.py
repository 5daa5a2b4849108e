"""How every project stands in a channel: held back, without a counterpart and what would help, or in so many lists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.hosting_queries import run_view
from app.dashboard.queries import answers, held, project_names, shown_anywhere
from app.dashboard.rows import projects_of
from app.dashboard.run_texts import read_rows, rows_of
from app.dashboard.stamped import store_key
from app.dashboard.visitor import Visitor
from app.lists import shown_pairs
from data.run_pairs import NO_RANK, pairs_of
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
    return _standings((*desk.run_key, desk.channel, *store_key(desk)), desk.access.scope, desk)


@st.cache_resource(max_entries=8, show_spinner=False)
def _standings(key: tuple[object, ...], scope: tuple[object, ...], _desk: Desk) -> pd.DataFrame:
    names = project_names(_desk, everything=True)
    found, why, consents = _listed(_desk), held(_desk), answers(_desk)
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


def _listed(desk: Desk) -> pd.Series:
    """Number of institutions on the list of each project that has one."""
    pairs = pairs_of(desk.run, desk.channel)
    kept = shown_pairs(pairs, shown_anywhere(desk)) & (pairs.projects.rank < NO_RANK)
    return pd.Series(
        np.bincount(pairs.projects.code[kept], minlength=pairs.projects.size), pairs.projects.ids.to_pylist()
    )


def _changes(desk: Desk, ids: list[str]) -> dict[str, Change]:
    """Of the projects that take part in the run. What would help one depends on no other, so only these are read."""
    rows = rows_of(desk, projects_of(desk).places(ids))
    view = replace(run_view(desk), projects=rows)
    free = np.flatnonzero(may_rank(rows, view.awards, desk.channel)).tolist()
    known = rows.column("project_id").to_pylist()
    told = smallest_changes(view, channels()[desk.channel], desk.system.settings, read_rows(desk, rows), free)
    return {known[row]: change for row, change in told.items()}
