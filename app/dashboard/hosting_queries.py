"""What a park could host: missing links of its chain, who fills them, whether they fit, and what an extension adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.dashboard.access import denied
from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import institution, institution_names, project, project_names
from app.dashboard.visitor import Visitor
from data.decisions import DECISION, passes_of
from data.merging import MERGE, UNMERGE, merges_of
from data.runs import Run
from data.view import View
from features.reading import Reading, read_institution
from matcher.chain import Gap, gaps, links_of_park, links_of_project
from matcher.channel import channels
from matcher.gate import may_rank
from matcher.hosting import Hosting, area_left, by_quarter, hosting, tenants
from matcher.market import read_texts
from matcher.run import as_date

CHANNEL = "placement"


@dataclass(frozen=True)
class Extension:
    """What a park might add: area in m2, and codes of facilities."""

    area_m2: float = 0.0
    facilities: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.area_m2 or self.facilities)


@dataclass(frozen=True)
class Candidate:
    """A project that may be shown, against the park as it is and extended.

    ``now`` and ``then`` are 1 meets, 0 unknown, -1 fails; ``rules`` and ``facilities`` are answers by code, of what
    the project needs; ``fills`` are missing links.
    """

    project_id: str
    row: dict[str, Any]
    fills: tuple[str, ...]
    now: int
    then: int
    rules: dict[str, int]
    facilities: dict[str, int]


@dataclass(frozen=True)
class Plan:
    """A park: its links, what is missing, what is left, and its candidates, the best first."""

    there: dict[str, str]
    gaps: list[Gap]
    left_m2: float | None
    capacity_m2: float | None
    quarters: pd.DataFrame
    unknown_areas: int
    candidates: list[Candidate]


@allowed("park", "organizer")
def plan(visitor: Visitor, desk: Desk, park_id: str, extension: Extension) -> Plan:
    """The plan of a park.

    Raises
    ------
    DuijieError
        ``access.denied`` in another channel, for another's park, or for an institution that is no park.
    """
    desk.access.require_institution(park_id)
    if desk.channel != CHANNEL or park_id not in institution_names(desk):
        raise denied("plan of a park")
    park, view, texts = institution(desk, park_id), run_view(desk), run_texts(desk)
    moved_in = tenants(view.outcomes, view.projects, park_id)
    left = area_left(park.get("capacity_m2"), moved_in["space_m2"])
    at = {key: row for row, key in enumerate(view.projects.column("project_id").to_pylist())}
    there, stated = links_of_park(read_institution(park))
    for tenant in moved_in["project_id"]:
        if tenant in at:
            there |= {leaf: "" for leaf in links_of_project(texts[at[tenant]]) if leaf not in there}
    missing = gaps(there, {leaf: told for leaf, told in stated.items() if leaf not in there})
    told = hosting(view, channels()[CHANNEL], _states(park, left, extension), desk.system.settings, texts)
    names = project_names(desk, everything=visitor.role.organizes)
    free = may_rank(view.projects, view.awards, CHANNEL)
    wanted = [
        (key, row) for key, row in at.items() if key in names and free[row] and key not in set(moved_in["project_id"])
    ]
    order = {gap.sector: number for number, gap in enumerate(missing)}
    found = [_candidate(desk, key, row, told, texts[row], order) for key, row in wanted]
    found.sort(key=lambda one: (-one.then, not one.fills, min((order[leaf] for leaf in one.fills), default=0)))
    quarters = by_quarter(moved_in, park.get("capacity_m2"), park.get("capacity"))
    unknown = int(moved_in["space_m2"].isna().sum())
    return Plan(there, missing, left, park.get("capacity_m2"), quarters, unknown, found)


def _states(park: dict[str, Any], left: float | None, extension: Extension) -> list[dict[str, Any]]:
    """The park with the area that is left, and the same extended."""
    now = {**park, "capacity_m2": left}
    facilities = [*(park.get("facilities") or []), *extension.facilities]
    more = {**now, "facilities": facilities or None}
    if extension.area_m2:
        more["capacity_m2"] = (left or 0.0) + extension.area_m2
    return [now, more]


def _candidate(
    desk: Desk, project_id: str, row: int, told: Hosting, reading: Reading, order: dict[str, int]
) -> Candidate:
    overall = told.overall[:, row]
    needed = np.flatnonzero(told.needed[row])
    return Candidate(
        project_id=project_id,
        row=project(desk, project_id),
        fills=tuple(sorted((leaf for leaf in links_of_project(reading) if leaf in order), key=order.__getitem__)),
        now=int(overall[0]),
        then=int(overall[1]),
        rules={name: int(told.answers[1, row, at]) for at, name in enumerate(told.rules)},
        facilities={told.codes[at]: int(told.facilities[1, row, at]) for at in needed},
    )


@allowed("institution", "organizer")
def run_view(desk: Desk) -> View:
    """The run's tables with the events up to its date: for rules, not to be shown as it is."""
    return _view(desk.key, desk)


@allowed("institution", "organizer")
def run_texts(desk: Desk) -> list[Reading]:
    """Readings of the run's projects: for rules, not to be shown as they are."""
    return _texts((str(desk.run.folder),), desk.run)


@st.cache_resource(max_entries=4, show_spinner=False)
def _view(key: tuple[object, ...], _desk: Desk) -> View:
    """The run's tables, with who met, judged and passed whom as of the run's date."""
    run, as_of = _desk.run, as_date(_desk.run.manifest["as_of"])
    shown = _desk.system.store.shown("projects", "outcomes", "judging")
    told = _desk.system.store.journal(DECISION, MERGE, UNMERGE)
    return View(
        as_of=as_of,
        projects=run.table("projects"),
        institutions=run.table("institutions"),
        outcomes=_until(shown["outcomes"], as_of),
        awards=run.table("awards"),
        needs=run.table("needs"),
        judging=_until(shown["judging"], as_of),
        passes=passes_of(told, merges_of(told), as_of),
    )


def _until(events: pa.Table, as_of: date) -> pa.Table:
    return events.filter(pc.less_equal(events.column("at"), pa.scalar(as_of, pa.date32())))


@st.cache_resource(max_entries=2, show_spinner=False)
def _texts(key: tuple[object, ...], _run: Run) -> list[Reading]:
    return read_texts(_run.table("projects"), "projects")
