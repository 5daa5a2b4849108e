"""Facts of projects by which a list is filtered: branch, round, amount, award level, number of rights.

They are bands and codes, never texts, and they are only ever joined to rows that a reader was given already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.awarded import place_award
from data.edition import LEVELS
from data.programmes import editions
from data.reference.sectors import sectors
from matcher.gate import PENDING

AMOUNTS = (5e6, 1e7, 3e7, 1e8)
"""Upper ends of the bands of the amount sought, CNY; the last band is open."""
RIGHTS = (1, 5, 10)
"""Lower ends of the bands of the number of rights, from the second band on."""
LAPSED = ("失效", "expired", "invalid")
UNKNOWN = "unknown"
RUN_FACTS = ("branches", "funding_round", "ticket", "award")
"""Facts that a run holds; the number of rights is today's."""
FACTS = (*RUN_FACTS, "rights")
READ = ("project_id", "name", "summary", "sectors", "funding_round", "funding_sought", "currency")
"""Columns of projects that facts are read from."""


def join_facts(frame: pd.DataFrame, facts: Mapping[str, Mapping[str, Any]], rights: pd.Series) -> pd.DataFrame:
    """A list with the facts of its projects as further columns (:data:`FACTS`); the list itself is not changed.

    ``facts`` are those of :func:`read_facts` by project, ``rights`` the counts of :func:`count_rights`.
    """
    blank = dict.fromkeys(RUN_FACTS)
    told = pd.DataFrame([facts.get(one, blank) for one in frame["project_id"]], columns=list(RUN_FACTS))
    found = frame.assign(**{name: told[name].to_numpy() for name in RUN_FACTS})
    found["branches"] = [value if isinstance(value, list) else [] for value in found["branches"]]
    counts = rights.reindex(frame["project_id"], fill_value=0).to_numpy()
    found["rights"] = np.array(["0", "1", "5", "10"], dtype=object)[np.searchsorted(RIGHTS, counts, side="right")]
    return found


def read_facts(projects: pa.Table, awards: pa.Table, wanted: pa.Array) -> dict[str, dict[str, Any]]:
    """Facts of the wanted projects of a run, without the number of rights."""
    levels = _levels(awards, wanted)
    kept = projects.select(list(READ)).filter(pc.is_in(projects.column("project_id"), value_set=wanted))
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


def count_rights(rights: pa.Table) -> pd.Series:
    """Number of rights of each project, without lapsed ones."""
    table = rights.select(["project_id", "status"]).to_pandas()
    counts: pd.Series = table[~table["status"].isin(LAPSED)].groupby("project_id").size()
    return counts


def _levels(awards: pa.Table, ids: pa.Array) -> dict[str, str]:
    """The highest level of the published awards of each of these projects."""
    best: dict[str, str] = {}
    for row in awards.filter(pc.is_in(awards.column("project_id"), value_set=ids)).to_pylist():
        level = "" if row["status"] in PENDING else place_award(editions(), row).level
        if level and LEVELS.index(level) >= LEVELS.index(best.get(row["project_id"], LEVELS[0])):
            best[row["project_id"]] = level
    return best
