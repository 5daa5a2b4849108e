"""What a person should hear of: new matches of a saved search, cases going stale, surprises, deadlines, good projects.

Everything comes gated and masked as the lists do: an institution hears only of projects that consented, under the name
under which they may be shown. What was told of a search is kept in the journal and is not told again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from app.feedback import decisions
from app.following import follow_up_list
from app.lists import list_matches, masks_of
from app.masking import mask_project
from app.reports.deadlines import quarter_of
from app.reports.facts import read_facts
from app.reports.growth import ACTION as GROWTH
from app.reports.growth import NAMED, WITHHELD, confirmations, propose
from app.reports.scope import NATION
from app.saved_searches import FORGOTTEN, SAVED
from app.system import System
from data.cases import OPEN, cases
from data.followup import NOT_CALLED, Plan
from data.merging import Merges
from data.runs import Run, latest_run
from data.store import Store
from evaluation.effect_log import as_of as date_of
from evaluation.effect_log import runs_of
from matcher.channel import channels

DIGEST = "digest"
"""Name of the action in the journal: what was told to an institution of a search."""
QUIET_DAYS = 60
"""An open case without an event for so long goes stale."""
RECENT_DAYS = 30
"""Surprises are told for so long after the event."""
HIGH, LOW = 3, 50
"""A refusal among the first three, a success below the fiftieth place, contradict the prediction."""
REFUSED, SUCCEEDED, RULED_OUT = "refused", "succeeded", "ruled_out"
CONTACT = "contact"
"""Rule that fails where the two met before: a run that knows of the introduction predicts nothing of it."""
PLAIN = ("province", "stage", "group", "funding_round")
"""Filters that are a column of projects."""


@dataclass(frozen=True)
class Search:
    """A saved search of an institution in a channel; ``value`` holds the filters as the page wrote them."""

    institution_id: str
    channel: str
    page: str
    name: str
    value: str

    @property
    def key(self) -> str:
        """One text a search."""
        return json.dumps([self.institution_id, self.channel, self.page, self.name], ensure_ascii=False)


@dataclass(frozen=True)
class NewMatches:
    """Projects that a search finds and that were not told before, best first: ``project_id``, ``name``, ``rank``,
    ``sectors``, ``province``. ``ignored`` names filters that only the page can apply: the list may be too long.
    """

    search: Search
    rows: list[dict[str, Any]]
    ignored: tuple[str, ...]


def saved(store: Store) -> list[Search]:
    """Saved searches that still stand, by institution, channel and name; an entry of another shape is passed over."""
    found: dict[str, Search] = {}
    for entry in store.journal(SAVED, FORGOTTEN):
        told: Mapping[str, Any] = entry["payload"]
        try:
            search = Search(*(str(told[name]) for name in ("institution_id", "channel", "page", "name", "value")))
        except KeyError:
            continue
        found.pop(search.key, None)
        if entry["action"] == SAVED and search.channel in channels():
            found[search.key] = search
    return sorted(found.values(), key=lambda one: (one.institution_id, one.channel, one.page, one.name))


def new_matches(system: System, today: date) -> list[NewMatches]:
    """What every saved search finds now and was not told before; searches that find nothing new are left out."""
    told: dict[str, set[str]] = {}
    for entry in system.store.journal(DIGEST):
        told.setdefault(entry["payload"]["search"], set()).update(entry["payload"]["projects"])
    hidden = {key for key, one in decisions(system.store).items() if one.hides(today)}
    found = []
    for search in saved(system.store):
        run = latest_run(system.store.runs_folder, search.channel)
        if run is None:
            continue
        rows = _listed(system, run, search)
        kept, ignored = passing(rows, search.value)
        known = told.get(search.key, set())
        fresh = [
            row
            for row in kept
            if row["project_id"] not in known
            and (search.institution_id, search.channel, row["project_id"]) not in hidden
        ]
        if fresh:
            found.append(NewMatches(search, fresh, ignored))
    return found


def keep_told(store: Store, found: Iterable[NewMatches], *, actor: str) -> None:
    """Remember that these matches were told."""
    for one in found:
        projects = [row["project_id"] for row in one.rows]
        store.append(actor, DIGEST, {"search": one.search.key, "projects": projects})


def _listed(system: System, run: Run, search: Search) -> list[dict[str, Any]]:
    """The institution's list as it may see it: rows of projects, masked, with ``rank`` and ``score``."""
    found = list_matches(system, search.channel, "institutions", [search.institution_id], consented_only=True).select(
        ["project_id", "score", "status"]
    )
    found = found.filter(pc.equal(found.column("status"), "recommended"))
    ids = pc.unique(found.column("project_id"))
    masks = masks_of(system, run, ids)
    projects = run.table("projects")
    projects = projects.filter(pc.is_in(projects.column("project_id"), value_set=ids)).to_pylist()
    shown = {row["project_id"]: masks[row["project_id"]].row(row) for row in projects}
    return [
        {**shown[row["project_id"]], "rank": rank, "score": row["score"]}
        for rank, row in enumerate(found.to_pylist(), start=1)
    ]


def passing(rows: list[dict[str, Any]], value: str) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Rows that pass the filters of a saved search, and the names of filters that are not known here.

    What is no JSON object filters nothing and is named ``?``.
    """
    try:
        told = json.loads(value) if value.strip() else {}
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return rows, ("?",)
    words = str(told.get("text", "")).casefold().split()
    sector = str(told.get("sector", "")).strip().casefold()
    least = told.get("least")
    floor = float(least) if isinstance(least, int | float) and not isinstance(least, bool) else -np.inf
    wanted = {name: set(map(str, told[name])) for name in PLAIN if isinstance(told.get(name), list) and told[name]}
    kept = [
        row
        for row in rows
        if row["score"] >= floor
        and all(word in _text(row) for word in words)
        and (not sector or any(sector in one.casefold() for one in row.get("sectors") or []))
        and all((row.get(name) or "") in values for name, values in wanted.items())
    ]
    known = {"text", "sector", "least", "ineligible", *PLAIN}
    return kept, tuple(sorted(str(name) for name in told if name not in known))


def _text(row: Mapping[str, Any]) -> str:
    told = [row.get(name) for name in ("name", "summary", "profile", "keywords", "sectors", "province", "project_id")]
    return " ".join(" ".join(one) if isinstance(one, list) else str(one) for one in told if one).casefold()


@dataclass(frozen=True)
class Promising:
    """A project to report early (成长快、潜力大、模式新) under the name it may have, and what nobody confirmed."""

    project_id: str
    name: str
    criteria: tuple[str, ...]


def promising(store: Store, as_of: date) -> list[Promising]:
    """Projects that the rules of the reports propose in the quarter of a day, and whose criteria await a person.

    Cases that may not be told of are left out: nobody need confirm them.
    """
    proposed = propose(read_facts(store, NATION, quarter_of(as_of)[0], as_of))
    told = confirmations(store.journal(GROWTH), store.merges())
    found = []
    for case in proposed:
        open_ = tuple(name for name in case.criteria if name not in told.get(case.project_id, {}))
        row = {**case.row, "confidentiality": "public" if case.shown == NAMED else "teaser"}
        name = str(mask_project(row).row(row)["name"])
        if open_ and case.shown != WITHHELD:
            found.append(Promising(case.project_id, name, open_))
    return sorted(found, key=lambda one: (-len(one.criteria), one.project_id))


def stale_cases(store: Store, as_of: date, plan: Plan | None = None, quiet: int = QUIET_DAYS) -> pd.DataFrame:
    """Open cases that nobody called back in time, or without an event for more than ``quiet`` days.

    Rows of :func:`app.following.follow_up_list` with ``last_at`` and ``quiet_days``; the most overdue first.
    """
    found = follow_up_list(store, as_of, plan)
    last = cases(store.shown("projects", "outcomes")["outcomes"], as_of)
    found = found.merge(last[["project_id", "institution_id", "channel", "last_at"]], how="left")
    found["quiet_days"] = (pd.Timestamp(as_of) - found["last_at"]).dt.days
    late = (found["state"] == NOT_CALLED) | (found["quiet_days"] > quiet)
    kept = found[(found["case_state"] == OPEN) & late]
    order = ["overdue_days", "quiet_days", "project_id", "institution_id", "channel"]
    return kept.sort_values(order, ascending=[False, False, True, True, True], ignore_index=True)


def surprises(store: Store, as_of: date, recent: int = RECENT_DAYS) -> pd.DataFrame:
    """Outcomes of the last ``recent`` days that contradict what was predicted before the introduction.

    Columns: the ids, ``what`` (``refused`` although among the first :data:`HIGH`; ``succeeded`` from below place
    :data:`LOW` or off the list; ``ruled_out``: succeeded although a rule said no), ``on``, ``rank`` (NaN: off the
    list), ``rule``, ``run_id``, ``top`` (length of the run's lists). Asked is the last run that is dated up to the
    introduction; a case without one, of a project it did not rank, or known to it as a contact, is not judged.
    """
    tables = store.shown("projects", "outcomes")
    found = cases(tables["outcomes"], as_of)
    found = found[~found["history"].to_numpy(bool)]
    found["on"] = found["ended_at"].where(found["state"] == "declined", found["reached_delivered"])
    since = pd.Timestamp(as_of - timedelta(days=recent))
    found = found[found["state"].isin(["declined", "delivered"]) & (found["on"] > since)]
    merges = store.merges()
    parts = [_against(store, found[found["channel"] == name], name, as_of, merges) for name in channels()]
    judged = pd.concat(parts, ignore_index=True)
    return judged.sort_values(["on", "project_id", "institution_id"], ascending=[False, True, True], ignore_index=True)


SURPRISE = ["project_id", "institution_id", "channel", "what", "on", "rank", "rule", "run_id", "top"]


def _against(store: Store, found: pd.DataFrame, channel: str, as_of: date, merges: Merges) -> pd.DataFrame:
    """Surprises of one channel."""
    runs = runs_of(store.runs_folder, channel, as_of) if len(found) else []
    days = np.array([np.datetime64(date_of(run), "D") for run in runs], dtype="datetime64[D]")
    introduced = found["reached_introduced"].to_numpy().astype("datetime64[D]")
    asked = np.searchsorted(days, introduced, side="right") - 1
    parts = [pd.DataFrame(columns=SURPRISE)]
    for number in np.unique(asked[asked >= 0]):
        parts.append(_judged(found[asked == number], runs[number], channel, merges))
    return pd.concat(parts, ignore_index=True)


def _judged(found: pd.DataFrame, run: Run, channel: str, merges: Merges) -> pd.DataFrame:
    """What of these cases contradicts one run."""
    table = run.table(f"matches_{channel}").select(
        ["project_id", "institution_id", "rank_for_project", "status", "rule"]
    )
    names = [merges.get(key, key) for key in table.column("project_id").to_pylist()]
    ranked = table.set_column(0, "project_id", pa.array(names, pa.string())).to_pandas()
    found = found[found["project_id"].isin(set(ranked["project_id"]))]
    ranked = ranked.drop_duplicates(["project_id", "institution_id"])
    joined = found.merge(ranked, on=["project_id", "institution_id"], how="left")
    joined = joined[~joined["rule"].fillna("").str.split(";").map(lambda rules: CONTACT in rules)]
    rank = joined["rank_for_project"].astype(float).to_numpy()
    good = (joined["state"] == "delivered").to_numpy()
    ruled_out = good & (joined["status"] == "ineligible").to_numpy()
    low = good & ~ruled_out & (np.isnan(rank) | (rank > LOW))
    refused = ~good & (rank <= HIGH)
    what = np.select([refused, ruled_out, low], [REFUSED, RULED_OUT, SUCCEEDED], "")
    told = joined.assign(what=what, rank=rank, run_id=run.run_id, top=int(run.manifest["top"]))
    return told.loc[told["what"] != "", SURPRISE]
