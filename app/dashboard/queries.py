"""Everything pages ask for. Runs are immutable, so what is read of one is kept by its run id; what depends on today
(consent, state, confidentiality) is kept by the stamp of the store file, so a withdrawal works at the next click.

Everything returned is shared between sessions and must not be changed. Texts of projects come masked.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import streamlit as st

from app.explaining import explain
from app.lists import list_matches, list_reasons, nested, shown_projects
from app.masking import Mask, mask_project
from app.system import System, open_system
from data.problem import DuijieError
from data.runs import Run
from data.tables import JUDGING, OUTCOMES
from data.view import View
from matcher.channel import channels
from matcher.gate import consent, held_back
from matcher.reasons import feature_families
from matcher.run import as_date

DEFAULT_STORE = "duijie.duckdb"
TOP = 10
"""Length of a project's list on which exposure is measured."""
NAMED = ("project_id", "name", "applicant", "province", "city", "district", "sectors", "confidentiality")


@dataclass(frozen=True, eq=False)
class Rows:
    """A table with its rows by id; a row is made when it is asked for."""

    table: pa.Table
    key: str

    @cached_property
    def place(self) -> dict[str, int]:
        """Row number of each id; of the first row where an id stands twice."""
        ids = self.table.column(self.key).to_pylist()
        return {key: row for row, key in reversed(list(enumerate(ids)))}

    def get(self, key: str) -> dict[str, Any]:
        """One row; empty when there is none."""
        at = self.place.get(key)
        return {} if at is None else self.table.slice(at, 1).to_pylist()[0]


@dataclass(frozen=True)
class Desk:
    """One channel's last run, and the store as it stands now (``stamp``)."""

    system: System
    channel: str
    run: Run
    stamp: tuple[int, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """What answers are kept by."""
        return (str(self.system.store.path), self.channel, self.run.run_id, self.stamp)


def store_path() -> Path:
    """The store the command line named."""
    return Path(os.environ.get("DUIJIE_STORE", DEFAULT_STORE))


def open_desk(channel: str) -> Desk:
    """The desk of a channel.

    Raises
    ------
    DuijieError
        ``store.missing``, ``run.missing``, ``run.outdated``, or what is wrong with the settings.
    """
    path = store_path()
    if not path.exists():  # opening would create it
        raise DuijieError("store.missing", f"{path} does not exist", f"duijie import PATH --store {path}")
    system = _system(str(path), os.environ.get("DUIJIE_SETTINGS"))
    run = system.run_of(channel)
    if not _is_readable(run.run_id, channel, run):
        raise DuijieError("run.outdated", f"run {run.run_id} was made by another version", f"duijie match --store {path}")
    return Desk(system, channel, run, _stamp(path))


@st.cache_data(max_entries=64, show_spinner=False)
def _is_readable(run_id: str, channel: str, _run: Run) -> bool:
    """Whether the run holds every feature that counts now: reasons name features, and a newer version may have more."""
    held = pq.read_schema(_run.folder / f"contributions_{channel}.parquet").names
    return set(feature_families(channel)) <= set(held)


def _stamp(path: Path) -> tuple[int, ...]:
    files = [file for file in (path, path.with_name(path.name + ".wal")) if file.exists()]
    return tuple(number for file in files for number in (file.stat().st_mtime_ns, file.stat().st_size))


@st.cache_resource(max_entries=4, show_spinner=False)
def _system(path: str, settings: str | None) -> System:
    return open_system(path, settings)


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
    """The list of one project or institution. ``frame``: one row a match, best first, column ``listed`` the other side's
    id; ``reasons``: those of each match by the listed id, evidence masked."""

    frame: pd.DataFrame
    reasons: dict[str, list[dict[str, Any]]]
    nested: list[dict[str, Any]]


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
    rows = []
    for match in found.to_pylist():
        row = institution(_desk, match[other]) if side == "projects" else project(_desk, match[other])
        rows.append(_card(match, row, other, answers(_desk).get(match["project_id"], "")))
    by_pair: dict[str, list[dict[str, Any]]] = {}
    matches = nested(found.drop_columns(["position"]), told)
    for match in matches:
        _mask_reasons(_desk, match["project_id"], match["reasons"])
        by_pair[match[other]] = match["reasons"]
    rank = "rank_for_project" if side == "projects" else "rank_for_institution"
    frame = pd.DataFrame(rows, columns=CARD).rename(columns={rank: "rank"}) if rows else pd.DataFrame(columns=[*CARD, "rank"])
    return Listing(frame, by_pair, matches)


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
    """Explain any pair, in the shape of :func:`app.explaining.explain`. Slow the first time: the market is learned anew."""
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


def consent_counts(desk: Desk) -> tuple[Counter[str], int]:
    """Of the projects stored today: how many are held back by reason (``refused`` is one), and how many were not asked."""
    current, awards = desk.system.store.current("projects"), desk.system.store.current("awards")
    held = [
        reason or ("refused" if answer == "refused" else "")
        for reason, answer in zip(held_back(current, awards), consent(current, desk.channel), strict=True)
    ]
    return Counter(reason for reason in held if reason), Counter(answers(desk).values())["not_asked"]
