"""Everything pages ask for. Runs are immutable, so what is read of one is kept by its run id; what depends on today
(consent, state, confidentiality) is kept by the stamp of the store file, so a withdrawal works at the next click.

Everything returned is shared between sessions and must not be changed. Texts of projects come masked.

Every function asks the desk's :class:`app.dashboard.access.Access` again. Rows that a person may not see are left
out, as if they did not exist; asking for the list of somebody else is ``access.denied``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from app.dashboard.access import Access, denied
from app.dashboard.desk import Desk, Rows, allowed
from app.dashboard.roles import KINDS
from app.lists import list_matches, list_reasons, nested, shown_projects
from app.masking import Mask, mask_project
from data.runs import Run
from data.tables import JUDGING, OUTCOMES
from data.view import View
from matcher.channel import channels
from matcher.gate import consent, held_back
from matcher.run import as_date

TOP = 10
"""Length of a project's list on which exposure is measured."""
NAMED = ("project_id", "name", "applicant", "province", "city", "district", "sectors", "confidentiality")


@st.cache_resource(max_entries=16, show_spinner=False)
def _rows(key: tuple[object, ...], name: str, column: str, _run: Run) -> Rows:
    return Rows(_run.table(name), column)


def _projects(desk: Desk) -> Rows:
    return _rows((str(desk.run.folder),), "projects", "project_id", desk.run)


def _institution(desk: Desk, institution_id: str) -> dict[str, Any]:
    return _rows((str(desk.run.folder),), "institutions", "institution_id", desk.run).get(institution_id)


@allowed("institution", "organizer", "owner")
def institution(desk: Desk, institution_id: str) -> dict[str, Any]:
    """One institution as the run saw it; empty when the run has none of that id."""
    desk.access.require_institution(institution_id)
    return _institution(desk, institution_id)


@st.cache_resource(max_entries=32, show_spinner=False)
def _scope(key: tuple[object, ...], _access: Access, _run: Run) -> frozenset[str]:
    rows = _run.table("projects").select(["project_id", "country", "province", "city"]).to_pylist()
    return frozenset(row["project_id"] for row in rows if _access.keeps_project(*row.values()))


@allowed(*KINDS)
def in_scope(desk: Desk) -> frozenset[str] | None:
    """The run's projects within the person's region or ownership; None where nothing bounds them."""
    if not desk.access.bounded:
        return None
    return _scope((str(desk.run.folder), desk.access.scope), desk.access, desk.run)


@allowed(*KINDS)
def sees_project(desk: Desk, project_id: str) -> bool:
    """Whether the person may see a project of the run today: institutions see only those that consented."""
    scope = in_scope(desk)
    if scope is not None and project_id not in scope:
        return False
    return "institution" not in desk.access.role.kinds or _answers(desk.key, desk).get(project_id) == "given"


@st.cache_resource(max_entries=16, show_spinner=False)
def _answers(key: tuple[object, ...], _desk: Desk) -> dict[str, str]:
    return shown_projects(_desk.system, _desk.channel)


@allowed("organizer")
def answers(desk: Desk) -> dict[str, str]:
    """Consent (``given``, ``not_asked``) of the projects that may be shown today."""
    found, scope = _answers(desk.key, desk), in_scope(desk)
    return found if scope is None else {key: answer for key, answer in found.items() if key in scope}


@st.cache_resource(max_entries=16, show_spinner=False)
def _teasers(key: tuple[object, ...], _desk: Desk) -> frozenset[str]:
    rows = _desk.system.store.shown("projects")["projects"].select(["project_id", "confidentiality"]).to_pylist()
    return frozenset(row["project_id"] for row in rows if row["confidentiality"] == "teaser")


@st.cache_resource(max_entries=16, show_spinner=False)
def _numbers(key: tuple[object, ...], _desk: Desk) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for right in _desk.system.store.shown("projects", "ip")["ip"].select(["project_id", "number"]).to_pylist():
        found.setdefault(right["project_id"], []).append(right["number"])
    return found


def _mask(desk: Desk, row: dict[str, Any]) -> Mask:
    """The stricter of the run's and today's confidentiality."""
    teaser = row.get("project_id") in _teasers(desk.key, desk)
    mask = mask_project({**row, "confidentiality": "teaser"} if teaser else row)
    return mask.hiding(_numbers(desk.key, desk).get(str(row.get("project_id")), ())) if mask.teaser else mask


@allowed("institution", "organizer", "owner")
def project(desk: Desk, project_id: str) -> dict[str, Any]:
    """One project as the run saw it and as it may be shown; empty when the run has none that the person may see."""
    return _project(desk, project_id) if sees_project(desk, project_id) else {}


def _project(desk: Desk, project_id: str) -> dict[str, Any]:
    row = _projects(desk).get(project_id)
    if not row:
        return {}
    mask = _mask(desk, row)
    return mask.row({**row, "confidentiality": "teaser"} if mask.teaser else row)


@st.cache_resource(max_entries=16, show_spinner=False)
def _names(key: tuple[object, ...], _desk: Desk) -> dict[str, str]:
    rows = _projects(_desk).table.select(list(NAMED)).to_pylist()
    return {row["project_id"]: str(_mask(_desk, row).row(row)["name"]) for row in rows}


@allowed("institution", "organizer", "owner")
def project_names(desk: Desk, *, everything: bool) -> dict[str, str]:
    """Names of the run's projects under which they may be shown; without ``everything`` of the consenting ones only.

    A project owner sees the names of all her own projects.
    """
    if everything:
        desk.access.require(("organizer",), "project_names")
    names, scope = _names(desk.key, desk), in_scope(desk)
    if scope is not None:
        names = {key: name for key, name in names.items() if key in scope}
    if everything or desk.access.has(("owner",)):
        return names
    allowed_today = _answers(desk.key, desk)
    return {key: name for key, name in names.items() if allowed_today.get(key) == "given"}


@st.cache_resource(max_entries=8, show_spinner=False)
def _supply(key: tuple[object, ...], channel: str, _run: Run) -> pa.Table:
    view = View(
        as_of=as_date(_run.manifest["as_of"]),
        projects=_run.table("projects"),
        institutions=_run.table("institutions"),
        outcomes=OUTCOMES.schema.empty_table(),
        awards=_run.table("awards"),
        needs=_run.table("needs"),
        judging=JUDGING.schema.empty_table(),
    )
    return channels()[channel].supply(view)


def _institution_names(desk: Desk) -> dict[str, str]:
    supply = _supply((str(desk.run.folder),), desk.channel, desk.run).select(["institution_id", "name"])
    return {row["institution_id"]: row["name"] for row in supply.to_pylist()}


@allowed("institution", "organizer", "owner")
def institution_names(desk: Desk) -> dict[str, str]:
    """Names of the institutions of the channel, by id, sorted by id; an institution's account has its own only."""
    names, own = _institution_names(desk), desk.access.institutions
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
        return _listing(desk.key, side, anchor, everything, access.has(("owner",)), desk)
    access.require(("organizer", "institution"), "listing of an institution")
    access.require_institution(anchor)
    told, scope = _listing(desk.key, side, anchor, everything, False, desk), in_scope(desk)
    return told if scope is None else _within(told, scope)


def _within(told: Listing, scope: frozenset[str]) -> Listing:
    """A list with the projects of a region only; ranks stay those of the whole country."""
    return Listing(
        told.frame[told.frame["project_id"].isin(scope)].reset_index(drop=True),
        {project: reasons for project, reasons in told.reasons.items() if project in scope},
        [match for match in told.nested if match["project_id"] in scope],
    )


@st.cache_resource(max_entries=256, show_spinner=False)
def _listing(key: tuple[object, ...], side: str, anchor: str, everything: bool, unasked: bool, _desk: Desk) -> Listing:
    """``unasked`` keeps projects that were not asked for their consent, for the project's own owner."""
    args = (_desk.system, _desk.channel, side, [anchor])
    found = list_matches(*args, ineligible=everything, consented_only=not (everything or unasked))
    told = list_reasons(_desk.system, _desk.run, _desk.channel, found)
    other = "institution_id" if side == "projects" else "project_id"
    rank = "rank_for_project" if side == "projects" else "rank_for_institution"
    rows, matches = [], nested(found.drop_columns(["position"]), told)
    consents = _answers(_desk.key, _desk)
    for number, match in enumerate(matches, start=1):
        if not everything:
            match[rank] = number
        mask_reasons(_desk, match["project_id"], match["reasons"])
        row = _institution(_desk, match[other]) if side == "projects" else _project(_desk, match[other])
        rows.append(_card(match, row, other, consents.get(match["project_id"], "")))
    frame = pd.DataFrame(rows, columns=CARD).rename(columns={rank: "rank"})
    return Listing(frame, {match[other]: match["reasons"] for match in matches}, matches)


CARD = [
    *("listed", "project_id", "institution_id", "rank_for_project", "rank_for_institution", "score", "status", "rule"),
    *("consent", "name", "sectors", "country", "province", "stage", "group", "kind", "text"),
]


def _card(match: dict[str, Any], row: dict[str, Any], other: str, answer: str) -> dict[str, Any]:
    """What a card shows of a match, and the text that a search looks through."""
    words = [row.get(name) for name in ("name", "summary", "profile", "keywords", "sectors", "province", other)]
    text = " ".join(" ".join(word) if isinstance(word, list) else str(word) for word in words if word).casefold()
    told = {name: row.get(name) or "" for name in ("name", "country", "province", "stage", "group", "kind")}
    listed = {"listed": match[other], "consent": answer, "text": text, "sectors": list(row.get("sectors") or [])}
    return {**{name: match.get(name) for name in CARD}, **told, **listed}


@allowed(*KINDS)
def mask_reasons(desk: Desk, project_id: str, reasons: Iterable[dict[str, Any]]) -> None:
    """Mask the sentences of reasons in place."""
    row = _projects(desk).get(project_id)
    mask = _mask(desk, row)
    for reason in reasons:
        for side in ("evidence_project", "evidence_institution"):
            if reason.get(side):
                reason[side] = mask.text(reason[side])


@allowed("organizer", "owner")
def held(desk: Desk) -> dict[str, str]:
    """Why projects stored today take no part: a code of :func:`matcher.gate.held_back`, or ``refused``."""
    found = _held(desk.key, desk)
    if not desk.access.bounded:
        return found
    within = _scope_today(desk.key, desk.access.scope, desk)
    return {key: code for key, code in found.items() if key in within}


@st.cache_resource(max_entries=32, show_spinner=False)
def _scope_today(key: tuple[object, ...], scope: tuple[object, ...], _desk: Desk) -> frozenset[str]:
    """Stored projects within the person's region or ownership; also those that no run has seen yet."""
    rows = _desk.system.store.current("projects").select(["project_id", "country", "province", "city"]).to_pylist()
    return frozenset(row["project_id"] for row in rows if _desk.access.keeps_project(*row.values()))


@st.cache_resource(max_entries=16, show_spinner=False)
def _held(key: tuple[object, ...], _desk: Desk) -> dict[str, str]:
    store = _desk.system.store
    tables = store.shown("projects", "awards")
    projects, awards = tables["projects"], tables["awards"]
    reasons = zip(held_back(projects, awards), consent(projects, _desk.channel), strict=True)
    codes = [reason or ("refused" if answer == "refused" else "") for reason, answer in reasons]
    ids = projects.column("project_id").to_pylist()
    absorbed = set(store.current("projects").column("project_id").to_pylist()) - set(ids)
    return dict.fromkeys(sorted(absorbed), "merged") | {one: code for one, code in zip(ids, codes, strict=True) if code}
