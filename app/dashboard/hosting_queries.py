"""What a park could host: missing links of its chain, who fills them, whether they fit, and what an extension adds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st
from numpy.typing import NDArray

from app.dashboard.access import denied
from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import institution, institution_names, project, project_names
from app.dashboard.rows import institutions_of, projects_of
from app.dashboard.run_texts import lean_texts, needs_sentences, read_rows
from app.dashboard.stamped import store_key
from app.dashboard.visitor import Visitor
from app.run_parts import parts_of
from data.decisions import DECISION, passes_of
from data.merging import MERGE, UNMERGE, merges_of
from data.view import View
from features.reading import read_institution
from matcher.chain import Gap, gaps, links_of_park, links_of_project
from matcher.channel import channels
from matcher.gate import may_rank
from matcher.hosting import Hosting, area_left, by_quarter, hosting, tenants
from matcher.run import as_date

CHANNEL = "placement"


@dataclass(frozen=True)
class Extension:
    """What a park might add: area in m2, and codes of facilities."""

    area_m2: float = 0.0
    facilities: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.area_m2 or self.facilities)


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """A project that may be shown, against the park as it is and extended.

    ``now`` and ``then`` are 1 meets, 0 unknown, -1 fails; ``fills`` are missing links; ``place`` has its country and
    province. What only an opened card tells is told when it is asked for, of ``told`` at ``number``.
    """

    project_id: str
    fills: tuple[str, ...]
    now: int
    then: int
    number: int
    told: Hosting
    place: dict[str, Any]
    desk: Desk

    @property
    def row(self) -> Mapping[str, Any]:
        """The project as it may be shown; of its place alone nothing else is read."""
        return _ShownRow(self)

    @property
    def rules(self) -> dict[str, int]:
        """Answers of the rules by code."""
        return {name: int(self.told.answers[1, self.number, at]) for at, name in enumerate(self.told.rules)}

    @property
    def facilities(self) -> dict[str, int]:
        """Answers by code of the facilities that the project needs."""
        needed = np.flatnonzero(self.told.needed[self.number])
        return {self.told.codes[at]: int(self.told.facilities[1, self.number, at]) for at in needed}


class _ShownRow(Mapping[str, Any]):
    """A row that is read when something else than its place is asked for."""

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate

    @cached_property
    def _whole(self) -> dict[str, Any]:
        return project(self._candidate.desk, self._candidate.project_id)

    def __getitem__(self, name: str) -> Any:
        place = self._candidate.place
        return place[name] if name in place else self._whole[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)


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


@dataclass(frozen=True, eq=False)
class _Hosted:
    """What a park could host, the same for everybody: what of :class:`Plan` names no project, and of every project of
    the run the answers, the links that it fills, whether it takes part and whether it is there already.
    """

    there: dict[str, str]
    gaps: list[Gap]
    left_m2: float | None
    quarters: pd.DataFrame
    unknown_areas: int
    told: Hosting
    fills: list[tuple[str, ...]]
    free: NDArray[np.bool_]


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
    park = institution(desk, park_id)
    found = _hosted((*desk.run_key, *store_key(desk)), park_id, extension, desk)
    candidates = _candidates(desk, found, project_names(desk, everything=visitor.role.organizes))
    return Plan(found.there, found.gaps, found.left_m2, park.get("capacity_m2"), found.quarters, found.unknown_areas,
                candidates)  # fmt: skip


@st.cache_resource(max_entries=8, show_spinner=False)
def _hosted(key: tuple[object, ...], park_id: str, extension: Extension, _desk: Desk) -> _Hosted:
    park, view, links = institutions_of(_desk).get(park_id), run_view(_desk), _links(_desk.run_key, _desk)
    ids = view.projects.column("project_id").to_pylist()
    moved_in = tenants(view.outcomes, view.projects, park_id)
    tenant = np.isin(np.array(ids, dtype=object), moved_in["project_id"].to_numpy(dtype=object))
    left = area_left(park.get("capacity_m2"), moved_in["space_m2"])
    there, stated = links_of_park(read_institution(park))
    for row in np.flatnonzero(tenant).tolist():
        there |= {leaf: "" for leaf in links[row] if leaf not in there}
    missing = gaps(there, {leaf: told for leaf, told in stated.items() if leaf not in there})
    order = {gap.sector: number for number, gap in enumerate(missing)}
    return _Hosted(
        there,
        missing,
        left,
        by_quarter(moved_in, park.get("capacity_m2"), park.get("capacity")),
        int(moved_in["space_m2"].isna().sum()),
        _asked(_desk, view, _states(park, left, extension)),
        [tuple(sorted((leaf for leaf in one if leaf in order), key=order.__getitem__)) for one in links],
        _free(_desk.run_key, _desk) & ~tenant,
    )


def _asked(desk: Desk, view: View, states: list[dict[str, Any]]) -> Hosting:
    """Every rule and facility asked of all projects for these states of a park."""
    settings, channel = desk.system.settings, channels()[CHANNEL]
    if not needs_sentences(read_institution(states[0])):
        return hosting(view, channel, states, settings, lean_texts(desk))
    parts = [
        hosting(replace(view, projects=part), channel, states, settings, read_rows(desk, part))
        for part in parts_of(desk.run)
    ]
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts], axis=axis)
        for name, axis in (("answers", 1), ("facilities", 1), ("needed", 0))
    }
    return Hosting(parts[0].rules, parts[0].codes, **joined)


@st.cache_resource(max_entries=2, show_spinner=False)
def _links(key: tuple[object, ...], _desk: Desk) -> list[tuple[str, ...]]:
    """The links at which each project of the run stands; of different ones there are few."""
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    told = (tuple(links_of_project(reading)) for reading in lean_texts(_desk))
    return [known.setdefault(one, one) for one in told]


@st.cache_resource(max_entries=2, show_spinner=False)
def _free(key: tuple[object, ...], _desk: Desk) -> NDArray[np.bool_]:
    """Which projects of the run take part in the channel."""
    return may_rank(projects_of(_desk).table, _desk.run.table("awards"), CHANNEL)


def _candidates(desk: Desk, found: _Hosted, names: Mapping[str, str]) -> list[Candidate]:
    """The projects that the person may see and the park could take, the best first."""
    table, overall = projects_of(desk).table, found.told.overall
    ids, countries, provinces = (table.column(name).to_pylist() for name in ("project_id", "country", "province"))
    rows = np.flatnonzero(found.free & np.array([one in names for one in ids], dtype=bool))
    order = {gap.sector: number for number, gap in enumerate(found.gaps)}
    first = np.array([order[found.fills[row][0]] if found.fills[row] else -1 for row in rows], np.int64)
    best = np.lexsort((np.maximum(first, 0), first < 0, -overall[1, rows]))
    now, then = overall[0].tolist(), overall[1].tolist()
    return [
        Candidate(
            ids[row],
            found.fills[row],
            now[row],
            then[row],
            row,
            found.told,
            {"country": countries[row], "province": provinces[row]},
            desk,
        )
        for row in rows[best].tolist()
    ]


def _states(park: dict[str, Any], left: float | None, extension: Extension) -> list[dict[str, Any]]:
    """The park with the area that is left, and the same extended."""
    now = {**park, "capacity_m2": left}
    facilities = [*(park.get("facilities") or []), *extension.facilities]
    more = {**now, "facilities": facilities or None}
    if extension.area_m2:
        more["capacity_m2"] = (left or 0.0) + extension.area_m2
    return [now, more]


@allowed("institution", "organizer")
def run_view(desk: Desk) -> View:
    """The run's tables with the events up to its date, without the long texts of projects: for rules, not to be shown
    as it is.
    """
    return _view((*desk.run_key, *store_key(desk)), desk)


@st.cache_resource(max_entries=1, show_spinner=False)
def _view(key: tuple[object, ...], _desk: Desk) -> View:
    """The run's tables, with who met, judged and passed whom as of the run's date."""
    run, as_of = _desk.run, as_date(_desk.run.manifest["as_of"])
    shown = _desk.system.store.shown("projects", "outcomes", "judging")
    told = _desk.system.store.journal(DECISION, MERGE, UNMERGE)
    return View(
        as_of=as_of,
        projects=projects_of(_desk).table,
        institutions=institutions_of(_desk).table,
        outcomes=_until(shown["outcomes"], as_of),
        awards=run.table("awards"),
        needs=run.table("needs"),
        judging=_until(shown["judging"], as_of),
        passes=passes_of(told, merges_of(told), as_of),
    )


def _until(events: pa.Table, as_of: date) -> pa.Table:
    return events.filter(pc.less_equal(events.column("at"), pa.scalar(as_of, pa.date32())))
