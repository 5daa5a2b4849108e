"""Facts of projects by which a list is filtered: branch, round, amount, award level, number of rights.

They are bands and codes, never texts, and they are only ever joined to rows that a visitor was given already.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import project_names
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
    run = (str(desk.run.folder),)
    facts = _run_facts(run, desk.run).reindex(frame["project_id"])
    counts = _rights(desk.key, desk).reindex(frame["project_id"], fill_value=0).to_numpy()
    found = frame.assign(**{name: facts[name].to_numpy() for name in ("branches", "funding_round", "ticket", "award")})
    found["branches"] = [value if isinstance(value, list) else [] for value in found["branches"]]
    found["rights"] = np.array(["0", "1", "5", "10"], dtype=object)[np.searchsorted(RIGHTS, counts, side="right")]
    return found


@allowed("institution", "organizer")
def origins(visitor: Visitor, desk: Desk) -> pd.DataFrame:
    """Country, province and branches of every project whose name the visitor may see."""
    names = project_names(desk, everything=visitor.role.organizes)
    table = desk.run.table("projects").select(["project_id", "country", "province"]).to_pandas()
    facts = _run_facts((str(desk.run.folder),), desk.run)["branches"]
    shown = table[table["project_id"].isin(list(names))]
    return shown.assign(branches=facts.reindex(shown["project_id"]).to_numpy()).reset_index(drop=True)


@st.cache_resource(max_entries=8, show_spinner=False)
def _run_facts(key: tuple[object, ...], _run: Run) -> pd.DataFrame:
    table = _run.table("projects").select(
        ["project_id", "name", "summary", "sectors", "funding_round", "funding_sought", "currency"]
    )
    rows = table.to_pylist()
    frame = pd.DataFrame({"project_id": [row["project_id"] for row in rows]})
    frame["branches"] = [branches_of(row["sectors"], f"{row['name'] or ''}\n{row['summary'] or ''}") for row in rows]
    frame["funding_round"] = [row["funding_round"] or "" for row in rows]
    frame["ticket"] = [band_of(row["funding_sought"], row["currency"]) for row in rows]
    levels = _levels(_run)
    frame["award"] = [levels.get(row["project_id"], "") for row in rows]
    return frame.set_index("project_id")


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


def _levels(run: Run) -> dict[str, str]:
    """The highest level of the published awards of each project."""
    best: dict[str, str] = {}
    for row in run.table("awards").to_pylist():
        level = "" if row["status"] in PENDING else place_award(editions(), row).level
        if level and LEVELS.index(level) >= LEVELS.index(best.get(row["project_id"], LEVELS[0])):
            best[row["project_id"]] = level
    return best


@st.cache_resource(max_entries=8, show_spinner=False)
def _rights(key: tuple[object, ...], _desk: Desk) -> pd.Series:
    """Number of rights of each project, without lapsed ones."""
    table = _desk.system.store.current("ip").select(["project_id", "status"]).to_pandas()
    return table[~table["status"].isin(LAPSED)].groupby("project_id").size()
