"""Everything pages ask for. Runs are immutable, so what is read of one is kept by its run id; what depends on today
(consent, state, confidentiality) is kept by the last entry of the journal that can change it
(:attr:`app.dashboard.desk.Desk.shown_key`), so a withdrawal works at the next click and a shortlist empties nothing.

Everything returned is shared between sessions and must not be changed. Texts of projects come masked.

Every function asks the desk's :class:`app.dashboard.access.Access` again. Rows that a person may not see are left
out, as if they did not exist; asking for the list of somebody else is ``access.denied``.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.dashboard.access import Access, denied
from app.dashboard.desk import Desk, allowed
from app.dashboard.list_rows import CARD, card, carded
from app.dashboard.roles import KINDS
from app.dashboard.rows import institutions_of, mask_of, projects_of, shown_row, today
from app.dashboard.stamped import rows_key
from app.lists import list_matches, list_reasons, nested
from app.masking import Mask
from data.personal import without_personal
from data.runs import Run
from data.tables import AWARDS, JUDGING, OUTCOMES
from data.view import View
from matcher.channel import channels
from matcher.run import as_date

_reading = threading.BoundedSemaphore(2)
"""So many lists are read at one time: more are not read sooner on few cores, and each needs room while it is read."""
TOP = 10
"""Length of a project's list on which exposure is measured."""
LISTS = 24
"""Lists that are kept, about one megabyte each in a large market; another is read in a moment."""
NAMED = ("project_id", "name", "applicant", "province", "city", "district", "sectors", "confidentiality")


@allowed("institution", "organizer", "owner")
def institution(desk: Desk, institution_id: str) -> dict[str, Any]:
    """One institution as the run saw it; empty when the run has none of that id."""
    desk.access.require_institution(institution_id)
    return institutions_of(desk).get(institution_id)


@st.cache_resource(max_entries=32, show_spinner=False)
def _scope(key: tuple[object, ...], _access: Access, _run: Run) -> frozenset[str]:
    rows = _run.columns("projects", ["project_id", "country", "province", "city"]).to_pylist()
    return frozenset(row["project_id"] for row in rows if _access.keeps_project(*row.values()))


@allowed(*KINDS)
def in_scope(desk: Desk) -> frozenset[str] | None:
    """The run's projects within the person's region or ownership; None where nothing bounds them."""
    if not desk.access.bounded:
        return None
    return _scope((*desk.run_key, desk.access.scope), desk.access, desk.run)


@allowed(*KINDS)
def sees_project(desk: Desk, project_id: str) -> bool:
    """Whether the person may see a project of the run today: institutions see only those that consented."""
    scope = in_scope(desk)
    if scope is not None and project_id not in scope:
        return False
    return "institution" not in desk.access.role.kinds or _answers(desk.shown_key, desk).get(project_id) == "given"


@st.cache_resource(max_entries=8, show_spinner=False)
def _answers(key: tuple[object, ...], _desk: Desk) -> dict[str, str]:
    return today(_desk).answers(_desk.channel)


@allowed("organizer")
def answers(desk: Desk) -> dict[str, str]:
    """Consent (``given``, ``not_asked``) of the projects that may be shown today."""
    found, scope = _answers(desk.shown_key, desk), in_scope(desk)
    return found if scope is None else {key: answer for key, answer in found.items() if key in scope}


@allowed("organizer")
def shown_anywhere(desk: Desk) -> list[str]:
    """Projects of the whole country that may be shown today: to count by, not to be shown."""
    return list(_answers(desk.shown_key, desk))


@allowed("institution", "organizer", "owner")
def project(desk: Desk, project_id: str) -> dict[str, Any]:
    """One project as the run saw it and as it may be shown; empty when the run has none that the person may see."""
    return shown_row(today(desk), projects_of(desk).get(project_id)) if sees_project(desk, project_id) else {}


@allowed("institution", "organizer", "owner")
def shown_rows(desk: Desk, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Those of some projects that the person may see, each as :func:`project` gives it, by id."""
    now, seen = today(desk), [one for one in ids if sees_project(desk, one)]
    return {one: shown_row(now, row) for one, row in projects_of(desk).some(seen).items()}


@st.cache_resource(max_entries=2, show_spinner=False)
def _open_names(key: tuple[object, ...], _run: Run) -> pa.Array:
    """Names of the run's projects, in their order, as far as they are not anonymous."""
    names = _run.columns("projects", ["name"]).column("name").to_pylist()
    return pa.array([without_personal(name or "") for name in names], pa.string())


@st.cache_resource(max_entries=2, show_spinner=False)
def _names(key: tuple[object, ...], _desk: Desk) -> dict[str, str]:
    told, now = projects_of(_desk).table.select(list(NAMED)), today(_desk)
    ids = told.column("project_id")
    hidden = pc.or_kleene(
        pc.equal(told.column("confidentiality"), "teaser"),
        pc.is_in(ids, value_set=pa.array(now.teasers, pa.string())),
    )
    anonymous = told.filter(hidden).to_pylist()
    named = ("sectors", "province")  # what an anonymous project is named by
    masked = {
        row["project_id"]: str(mask_of(now, row).row({name: row[name] for name in named})["name"] or "")
        for row in anonymous
    }
    openly = _open_names(_desk.run_key, _desk.run).to_pylist()
    return dict(zip(ids.to_pylist(), openly, strict=True)) | masked


@allowed("institution", "organizer", "owner")
def project_names(desk: Desk, *, everything: bool) -> dict[str, str]:
    """Names of the run's projects under which they may be shown; without ``everything`` of the consenting ones only.

    A project owner sees the names of all her own projects.
    """
    if everything:
        desk.access.require(("organizer",), "project_names")
    return _names_for(desk.shown_key, everything or desk.access.has(("owner",)), desk.access.scope, desk)


@st.cache_resource(max_entries=16, show_spinner=False)
def _names_for(key: tuple[object, ...], everything: bool, scope: tuple[object, ...], _desk: Desk) -> dict[str, str]:
    names, within = _names((*_desk.run_key, *rows_key(_desk)), _desk), in_scope(_desk)
    if within is not None:
        names = {one: name for one, name in names.items() if one in within}
    if everything:
        return names
    allowed_today = _answers(key, _desk)
    return {one: name for one, name in names.items() if allowed_today.get(one) == "given"}


@st.cache_resource(max_entries=8, show_spinner=False)
def _institution_names(key: tuple[object, ...], channel: str, _desk: Desk) -> dict[str, str]:
    run = _desk.run
    view = View(
        as_of=as_date(run.manifest["as_of"]),
        projects=projects_of(_desk).table,
        institutions=institutions_of(_desk).table,
        outcomes=OUTCOMES.schema.empty_table(),
        awards=AWARDS.schema.empty_table(),  # no channel chooses its institutions by them
        needs=run.table("needs"),
        judging=JUDGING.schema.empty_table(),
    )
    supply = channels()[channel].supply(view)
    return dict(zip(supply.column("institution_id").to_pylist(), supply.column("name").to_pylist(), strict=True))


@allowed("institution", "organizer", "owner")
def institution_names(desk: Desk) -> dict[str, str]:
    """Names of the institutions of the channel, by id, sorted by id; an institution's account has its own only."""
    names, own = _institution_names(desk.run_key, desk.channel, desk), desk.access.institutions
    return names if own is None else {key: name for key, name in names.items() if key in own}


@allowed("institution", "organizer", "owner")
def needs(desk: Desk, institution_id: str) -> list[dict[str, Any]]:
    """Needs that an institution has published."""
    desk.access.require_institution(institution_id)
    return desk.run.table("needs", where={"institution_id": institution_id}).to_pylist()


@dataclass(frozen=True)
class Listing:
    """The list of one project or institution.

    ``frame`` has one row a match, best first, with the id of the other side as ``listed``; ``reasons`` are those of
    each match by that id, ``nested`` the shape of the JSON export. Evidence is masked. Without ``everything`` ranks
    count what is listed, so that no gap tells of a project that may not be shown.
    """

    frame: pd.DataFrame
    reasons: dict[str, list[dict[str, Any]]]
    nested: list[dict[str, Any]]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a frame."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


@allowed("institution", "organizer", "owner")
def listing(desk: Desk, side: str, anchor: str, *, everything: bool) -> Listing:
    """The list of ``anchor``, a project (``side`` ``projects``) or an institution.

    Without ``everything`` there are only pairs that pass every rule, and for institutions only projects that consented.
    """
    access = desk.access
    if everything:
        access.require(("organizer",), "listing")
    if side == "projects":
        access.require(("organizer", "owner"), "listing of a project")
        if not sees_project(desk, anchor):
            raise denied("listing of a project")
        return _listing(desk.shown_key, side, anchor, everything, access.has(("owner",)), desk)
    access.require(("organizer", "institution"), "listing of an institution")
    access.require_institution(anchor)
    told, scope = _listing(desk.shown_key, side, anchor, everything, False, desk), in_scope(desk)
    return told if scope is None else _within(told, scope)


def _within(told: Listing, scope: frozenset[str]) -> Listing:
    """A list with the projects of a region only; ranks stay those of the whole country."""
    return Listing(
        told.frame[told.frame["project_id"].isin(scope)].reset_index(drop=True),
        {project: reasons for project, reasons in told.reasons.items() if project in scope},
        [match for match in told.nested if match["project_id"] in scope],
    )


@st.cache_resource(max_entries=LISTS, show_spinner=False)
def _listing(key: tuple[object, ...], side: str, anchor: str, everything: bool, unasked: bool, _desk: Desk) -> Listing:
    with _reading:
        return _read_listing(key, side, anchor, everything, unasked, _desk)


def _read_listing(
    key: tuple[object, ...], side: str, anchor: str, everything: bool, unasked: bool, desk: Desk
) -> Listing:
    """``unasked`` keeps projects that were not asked for their consent, for the project's own owner."""
    consents, choice = _answers(key, desk), {"ineligible": everything, "consented_only": not (everything or unasked)}
    found = list_matches(desk.system, desk.channel, side, [anchor], **choice, answers=consents)
    now, parties = today(desk), {side: carded(desk, side, found) for side in ("projects", "institutions")}
    told = list_reasons(desk.system, desk.run, desk.channel, found, now)
    other = "institution_id" if side == "projects" else "project_id"
    rank = "rank_for_project" if side == "projects" else "rank_for_institution"
    rows, matches = [], nested(found.drop_columns(["position"]), told)
    said: dict[str, str] = {}  # an institution says the same to many projects
    for number, match in enumerate(matches, start=1):
        if not everything:
            match[rank] = number
        project_row = parties["projects"].get(match["project_id"], {})
        _mask_reasons(mask_of(now, project_row), match["reasons"], said)
        row = parties["institutions"][match[other]] if side == "projects" else shown_row(now, project_row)
        rows.append(card(match, row, other, consents.get(match["project_id"], "")))
    frame = pd.DataFrame(rows, columns=CARD).rename(columns={rank: "rank"})
    return Listing(frame, {match[other]: match["reasons"] for match in matches}, matches)


@allowed(*KINDS)
def mask_reasons(desk: Desk, project_id: str, reasons: Iterable[dict[str, Any]]) -> None:
    """Mask the sentences of reasons in place."""
    _mask_reasons(mask_of(today(desk), projects_of(desk).get(project_id)), reasons)


def _mask_reasons(mask: Mask, reasons: Iterable[dict[str, Any]], said: dict[str, str] | None = None) -> None:
    """Mask sentences in place; with ``said`` every text of these and other reasons is kept once."""
    for reason in reasons:
        for side in ("evidence_project", "evidence_institution"):
            if reason.get(side):
                reason[side] = mask.text(reason[side])
        if said is not None:
            reason.update({name: said.setdefault(text, text) for name, text in reason.items() if isinstance(text, str)})


@allowed("organizer", "owner")
def held(desk: Desk) -> dict[str, str]:
    """Why projects stored today take no part: a code of :func:`matcher.gate.held_back`, or ``refused``."""
    found = _held(desk.shown_key, desk)
    if not desk.access.bounded:
        return found
    within = _scope_today(desk.shown_key, desk.access.scope, desk)
    return {key: code for key, code in found.items() if key in within}


@st.cache_resource(max_entries=32, show_spinner=False)
def _scope_today(key: tuple[object, ...], scope: tuple[object, ...], _desk: Desk) -> frozenset[str]:
    """Stored projects within the person's region or ownership; also those that no run has seen yet."""
    rows = _desk.system.store.current("projects").select(["project_id", "country", "province", "city"]).to_pylist()
    return frozenset(row["project_id"] for row in rows if _desk.access.keeps_project(*row.values()))


@st.cache_resource(max_entries=16, show_spinner=False)
def _held(key: tuple[object, ...], _desk: Desk) -> dict[str, str]:
    return today(_desk).held(_desk.channel)
