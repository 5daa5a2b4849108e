"""What the organizer and whoever is in charge of a case should hear of: stale cases, surprises, good projects.

New matches of saved searches: :mod:`app.new_matches`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from app.following import follow_up_list
from app.masking import mask_project
from app.reports.deadlines import quarter_of
from app.reports.facts import read_facts
from app.reports.growth import ACTION as GROWTH
from app.reports.growth import NAMED, WITHHELD, confirmations, propose
from app.reports.scope import NATION
from data.cases import OPEN, cases
from data.followup import NOT_CALLED, Plan
from data.merging import Merges
from data.runs import Run
from data.store import Store
from evaluation.effect_log import as_of as date_of
from evaluation.effect_log import runs_of
from matcher.channel import channels

QUIET_DAYS = 60
"""An open case without an event for so long goes stale."""
RECENT_DAYS = 30
"""Surprises are told for so long after the event."""
HIGH, LOW = 3, 50
"""A refusal among the first three, a success below the fiftieth place, contradict the prediction."""
REFUSED, SUCCEEDED, RULED_OUT = "refused", "succeeded", "ruled_out"
CONTACT = "contact"
"""Rule that fails where the two met before: a run that knows of the introduction predicts nothing of it."""


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
