"""Everything pages ask for. Runs are immutable, so what is read of one is kept by its run id; what depends on today
(consent, state, confidentiality) is kept by the stamp of the store file, so a withdrawal works at the next click.

Everything returned is shared between sessions and must not be changed. Texts of projects come masked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.dashboard.desk import Desk, Rows
from app.explaining import explain
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


def institution(desk: Desk, institution_id: str) -> dict[str, Any]:
    """One institution as the run saw it; empty when the run has none of that id."""
    return _rows((str(desk.run.folder),), "institutions", "institution_id", desk.run).get(institution_id)


@st.cache_resource(max_entries=16, show_spinner=False)
def _answers(key: tuple[object, ...], _desk: Desk) -> dict[str, str]:
    return shown_projects(_desk.system, _desk.channel)


def answers(desk: Desk) -> dict[str, str]:
    """Consent (``given``, ``not_asked``) of the projects that may be shown today."""
    return _answers(desk.key, desk)


@st.cache_resource(max_entries=16, show_spinner=False)
def _teasers(key: tuple[object, ...], _desk: Desk) -> frozenset[str]:
    rows = _desk.system.store.current("projects").select(["project_id", "confidentiality"]).to_pylist()
    return frozenset(row["project_id"] for row in rows if row["confidentiality"] == "teaser")


def _mask(desk: Desk, row: dict[str, Any]) -> Mask:
    """The stricter of the run's and today's confidentiality."""
    teaser = row.get("project_id") in _teasers(desk.key, desk)
    return mask_project({**row, "confidentiality": "teaser"} if teaser else row)


def project(desk: Desk, project_id: str) -> dict[str, Any]:
    """One project as the run saw it and as it may be shown; empty when the run has none of that id."""
    row = _projects(desk).get(project_id)
    if not row:
        return {}
    mask = _mask(desk, row)
    return mask.row({**row, "confidentiality": "teaser"} if mask.teaser else row)


@st.cache_resource(max_entries=16, show_spinner=False)
def _names(key: tuple[object, ...], _desk: Desk) -> dict[str, str]:
    rows = _projects(_desk).table.select(list(NAMED)).to_pylist()
    return {row["project_id"]: str(_mask(_desk, row).row(row)["name"]) for row in rows}


def project_names(desk: Desk, *, everything: bool) -> dict[str, str]:
    """Names of the run's projects under which they may be shown; without ``everything`` of the consenting ones only."""
    names = _names(desk.key, desk)
    if everything:
        return names
    allowed = answers(desk)
    return {key: name for key, name in names.items() if allowed.get(key) == "given"}


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


def institution_names(desk: Desk) -> dict[str, str]:
    """Names of the institutions of the channel, by id, sorted by id."""
    supply = _supply((str(desk.run.folder),), desk.channel, desk.run).select(["institution_id", "name"])
    return {row["institution_id"]: row["name"] for row in supply.to_pylist()}


def needs(desk: Desk, institution_id: str) -> list[dict[str, Any]]:
    """Needs that an institution has published."""
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


def listing(desk: Desk, side: str, anchor: str, *, everything: bool) -> Listing:
    """The list of ``anchor``, a project (``side`` ``projects``) or an institution.

    Without ``everything`` there are only projects that consented and pairs that pass every rule.
    """
    return _listing(desk.key, side, anchor, everything, desk)


@st.cache_resource(max_entries=256, show_spinner=False)
def _listing(key: tuple[object, ...], side: str, anchor: str, everything: bool, _desk: Desk) -> Listing:
    args = (_desk.system, _desk.channel, side, [anchor])
    found = list_matches(*args, ineligible=everything, consented_only=not everything)
    told = list_reasons(_desk.system, _desk.run, _desk.channel, found)
    other = "institution_id" if side == "projects" else "project_id"
    rank = "rank_for_project" if side == "projects" else "rank_for_institution"
    rows, matches = [], nested(found.drop_columns(["position"]), told)
    for number, match in enumerate(matches, start=1):
        if not everything:
            match[rank] = number
        _mask_reasons(_desk, match["project_id"], match["reasons"])
        row = institution(_desk, match[other]) if side == "projects" else project(_desk, match[other])
        rows.append(_card(match, row, other, answers(_desk).get(match["project_id"], "")))
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


def _mask_reasons(desk: Desk, project_id: str, reasons: Iterable[dict[str, Any]]) -> None:
    row = _projects(desk).get(project_id)
    mask = _mask(desk, row)
    for reason in reasons:
        if reason.get("evidence_project"):
            reason["evidence_project"] = mask.text(reason["evidence_project"])


def whynot(desk: Desk, project_id: str, institution_id: str) -> dict[str, Any]:
    """Explain any pair, in the shape of :func:`app.explaining.explain`. Slow: the market is learned anew."""
    return _whynot(desk.key, project_id, institution_id, desk)


@st.cache_resource(max_entries=256, show_spinner=False)
def _whynot(key: tuple[object, ...], project_id: str, institution_id: str, _desk: Desk) -> dict[str, Any]:
    told = explain(_desk.system, project_id, institution_id, (_desk.channel,))[0]
    _mask_reasons(_desk, project_id, told["reasons"])
    return told


@st.cache_resource(max_entries=4, show_spinner=False)
def _is_sample(key: tuple[object, ...], _desk: Desk) -> bool:
    if any(entry["payload"].get("sample") for entry in _desk.system.store.journal("import")):
        return True
    ids = _projects(_desk).table.column("project_id")
    return bool(pc.any(pc.starts_with(ids, "SAMPLE-")).as_py())


def is_sample(desk: Desk) -> bool:
    """Whether what is shown is, in whole or in part, the fictional sample."""
    return _is_sample(desk.key, desk)


def held(desk: Desk) -> dict[str, str]:
    """Why projects stored today take no part: a code of :func:`matcher.gate.held_back`, or ``refused``."""
    return _held(desk.key, desk)


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
