"""Facts of projects by which a list is filtered: branch, round, amount, award level, number of rights.

They are bands and codes, never texts, and they are only ever joined to rows that a visitor was given already.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import project_names
from app.dashboard.rows import projects_of
from app.dashboard.visitor import Visitor
from data.awarded import place_award
from data.edition import LEVELS
from data.programmes import editions
from data.reference.sectors import sectors
from data.runs import Run
from matcher.gate import PENDING

AMOUNTS = (5e6, 1e7, 3e7, 1e8)
"""Upper ends of the bands of the amount sought, CNY; the last band is open."""
RIGHTS = (1, 5, 10)
"""Lower ends of the bands of the number of rights, from the second band on."""
LAPSED = ("失效", "expired", "invalid")
UNKNOWN = "unknown"
FACTS = ("branches", "funding_round", "ticket", "award", "rights")


@allowed("institution", "organizer")
def with_facts(visitor: Visitor, desk: Desk, frame: pd.DataFrame) -> pd.DataFrame:
    """A list with the facts of its projects as further columns (:data:`FACTS`); the list itself is not changed."""
    facts = _facts(desk, frame["project_id"].tolist())
    counts = _rights(desk.shown_key, desk).reindex(frame["project_id"], fill_value=0).to_numpy()
    found = frame.assign(**{name: facts[name].to_numpy() for name in ("branches", "funding_round", "ticket", "award")})
    found["branches"] = [value if isinstance(value, list) else [] for value in found["branches"]]
    found["rights"] = np.array(["0", "1", "5", "10"], dtype=object)[np.searchsorted(RIGHTS, counts, side="right")]
    return found


@allowed("institution", "organizer")
def origins(visitor: Visitor, desk: Desk) -> pd.DataFrame:
    """Country, province and branches of every project whose name the visitor may see."""
    names = project_names(desk, everything=visitor.role.organizes)
    table = desk.run.columns("projects", ["project_id", "country", "province"]).to_pandas()
    shown = table[table["project_id"].isin(list(names))]
    return shown.assign(branches=_facts(desk, shown["project_id"].tolist())["branches"].to_numpy()).reset_index(
        drop=True
    )


def _facts(desk: Desk, ids: list[str]) -> pd.DataFrame:
    """Facts of these projects of the run, told once each: in a large run nobody waits for those of the others."""
    told = _told(desk.run_key)
    missing = [one for one in dict.fromkeys(ids) if one not in told]
    if missing:
        awards = _awards(desk.run_key, desk.run)
        told.update(_read_facts(projects_of(desk).table, awards, pa.array(missing, pa.string())))
    blank = dict.fromkeys(FACTS)
    return pd.DataFrame([told.get(one, blank) for one in ids], index=ids, columns=list(FACTS[:-1]))


@st.cache_resource(max_entries=8, show_spinner=False)
def _told(key: tuple[object, ...]) -> dict[str, dict[str, Any]]:
    """Facts of the projects of a run that were asked for so far."""
    return {}


@st.cache_resource(max_entries=4, show_spinner=False)
def _awards(key: tuple[object, ...], _run: Run) -> pa.Table:
    return _run.table("awards")


def _read_facts(projects: pa.Table, awards: pa.Table, wanted: pa.Array) -> dict[str, dict[str, Any]]:
    """Facts of the wanted projects, without the number of rights, which is today's."""
    columns = ["project_id", "name", "summary", "sectors", "funding_round", "funding_sought", "currency"]
    levels = _levels(awards, wanted)
    kept = projects.select(columns).filter(pc.is_in(projects.column("project_id"), value_set=wanted))
    return {
        row["project_id"]: {
            "branches": branches_of(row["sectors"], f"{row['name'] or ''}\n{row['summary'] or ''}"),
            "funding_round": row["funding_round"] or "",
            "ticket": band_of(row["funding_sought"], row["currency"]),
            "award": levels.get(row["project_id"], ""),
        }
        for row in kept.to_pylist()
    }


def branches_of(labels: list[str] | None, text: str) -> list[str]:
    """Ids of the fields that a project's labels name; without labels the field its text speaks of most."""
    tree = sectors()
    told = [tree.field_of(node) for label in labels or [] for node in tree.resolve(label)]
    if not told:
        counts = Counter(tree.field_of(node) for node, _ in tree.find(text))
        told = [one for one, _ in counts.most_common(1)]
    return list(dict.fromkeys(told))


def band_of(amount: float | None, currency: str | None) -> str:
    """Band of an amount in CNY: ``0`` to ``4``, or ``unknown``; other currencies are not converted."""
    if amount is None or (currency or "CNY") != "CNY":
        return UNKNOWN
    return str(sum(amount > end for end in AMOUNTS))


def _levels(awards: pa.Table, ids: pa.Array) -> dict[str, str]:
    """The highest level of the published awards of each of these projects."""
    best: dict[str, str] = {}
    for row in awards.filter(pc.is_in(awards.column("project_id"), value_set=ids)).to_pylist():
        level = "" if row["status"] in PENDING else place_award(editions(), row).level
        if level and LEVELS.index(level) >= LEVELS.index(best.get(row["project_id"], LEVELS[0])):
            best[row["project_id"]] = level
    return best


@st.cache_resource(max_entries=8, show_spinner=False)
def _rights(key: tuple[object, ...], _desk: Desk) -> pd.Series:
    """Number of rights of each project, without lapsed ones."""
    table = _desk.system.store.current("ip").select(["project_id", "status"]).to_pandas()
    return table[~table["status"].isin(LAPSED)].groupby("project_id").size()
