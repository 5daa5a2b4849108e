"""Rows of a list as its cards need them.

Not for pages: who may see what is asked in :mod:`app.dashboard.queries`.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.dashboard.desk import Desk
from app.dashboard.rows import institutions_of, projects_of
from app.list_filters import SAID, text_of
from app.masking import MASKED

TOLD = ("name", "country", "province", "stage", "group", "kind")
"""Columns that a card tells as they are."""
CARD = [
    *("listed", "project_id", "institution_id", "rank_for_project", "rank_for_institution", "score", "status", "rule"),
    *("consent", "name", "sectors", "country", "province", "stage", "group", "kind", "text"),
]


def carded(desk: Desk, side: str, found: pa.Table) -> dict[str, dict[str, Any]]:
    """What a card and a mask need of the rows of one side of a list, by id."""
    rows, key = (projects_of(desk), "project_id") if side == "projects" else (institutions_of(desk), "institution_id")
    return rows.some(pc.unique(found.column(key)).to_pylist(), {*SAID, *TOLD, *MASKED})


def card(match: dict[str, Any], row: dict[str, Any], other: str, answer: str) -> dict[str, Any]:
    """What a card shows of a match, and the text that a search looks through."""
    told = {name: row.get(name) or "" for name in TOLD}
    listed = {
        "listed": match[other],
        "consent": answer,
        "text": text_of(row, other),
        "sectors": list(row.get("sectors") or []),
    }
    return {**{name: match.get(name) for name in CARD}, **told, **listed}
