"""Who takes part: consent, state, confidentiality and the publicity period, before any ranking.

A project that is held back is neither ranked nor shown; the code says why. The same gate stands before a run (as of its
date) and before every list that is shown (as of today), so a withdrawal works at once.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.consents import consent_of

PENDING = ("公示中", "有异议", "publicity", "disputed")
"""Award statuses under which nobody may be introduced yet (7th 创客中国: 公示期 5 个工作日)."""


def held_back(projects: pa.Table, awards: pa.Table) -> list[str]:
    """For each project why nobody may see it: ``state.…``, ``confidentiality.closed``, ``award.pending`` or ``""``."""
    statuses: dict[str, list[str | None]] = defaultdict(list)
    for award in awards.select(["project_id", "status"]).to_pylist():
        statuses[award["project_id"]].append(award["status"])
    rows = projects.select(["project_id", "state", "confidentiality"]).to_pylist()
    return [_reason(row, statuses.get(row["project_id"], [])) for row in rows]


def _reason(row: dict[str, str | None], statuses: list[str | None]) -> str:
    if row["state"] in ("withdrawn", "disqualified"):
        return f"state.{row['state']}"
    if row["confidentiality"] == "closed":
        return "confidentiality.closed"
    if statuses and all(status in PENDING for status in statuses):
        return "award.pending"
    return ""


def let_go(projects: pa.Table, channel: str = "") -> list[str]:
    """For each project why nobody pursues, quotes or reports it any more: ``state.…``, ``confidentiality.closed``,
    ``consent.refused`` (in ``channel``, where one is named) or ``""``.

    The one rule of every list of the organizer's own that is not a ranking: call-backs, calendars, digests, passages of
    duplicates, growth proposals. A publicity period is no such reason: it ends by itself.
    """
    rows = projects.select(["state", "confidentiality"]).to_pylist()
    answers = consent(projects, channel) if channel else [""] * len(rows)
    refused = ("consent.refused" if answer == "refused" else "" for answer in answers)
    return [_reason(row, []) or answer for row, answer in zip(rows, refused, strict=True)]


def consent(projects: pa.Table, channel: str) -> list[str]:
    """For each project: ``given``, ``refused`` (or taken back) or ``not_asked`` for this channel."""
    return [consent_of(told, channel) for told in projects.column("consent").to_pylist()]


def may_rank(projects: pa.Table, awards: pa.Table, channel: str) -> NDArray[np.bool_]:
    """Which projects are ranked in ``channel``."""
    free = [
        not held and answer != "refused"
        for held, answer in zip(held_back(projects, awards), consent(projects, channel), strict=True)
    ]
    return np.array(free, dtype=bool)
