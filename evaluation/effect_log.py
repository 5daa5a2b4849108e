"""The log of what was recommended: who was shown where in past runs, with which chance, and what became of it.

A run that drew places keeps its chances (``exposure_<channel>``); of any other the lists are known, and everything on
them was certain. A run counts when its horizon is over. Runs less than a horizon apart would see the same outcomes,
and what one left out the other may have shown; of such runs the first counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.cases import cases
from data.runs import MANIFEST, Run, latest_channels, open_run

COLUMNS = ["project_id", "institution_id", "score", "position", "inclusion"]


@dataclass(frozen=True)
class Log:
    """Pairs of the runs that count, and the outcomes of each run's window.

    ``pairs`` has the columns ``run``, ``project_id``, ``institution_id``, ``score``, ``position`` (NaN: not shown),
    ``inclusion`` (chance of any place) and ``reached`` (0 or 1, within the horizon after the run); pairs that had
    reached it before are left out. ``reached`` holds every such pair of the window, shown or not: ``run`` and the ids.
    """

    runs: tuple[Run, ...]
    unripe: int
    overlapping: int
    pairs: pd.DataFrame
    reached: pd.DataFrame


def read_log(folder: Path, channel: str, outcomes: pa.Table, today: date, target: str, days: int) -> Log:
    """The log of a channel as of ``today``; ``target`` is a rung of the ladder, ``days`` the horizon."""
    kept, unripe, overlapping = runs_that_count(runs_of(folder, channel, today), today, days)
    told = cases(outcomes, today)
    told = told[(told["channel"] == channel) & told[f"reached_{target}"].notna()]
    at = told[["project_id", "institution_id"]].assign(at=told[f"reached_{target}"].dt.date)
    pairs, reached = [], []
    for number, run in enumerate(kept):
        begin = as_of(run)
        before, window = at["at"] <= begin, (at["at"] > begin) & (at["at"] <= begin + timedelta(days=days))
        frame = shown_in(run, channel).merge(at.assign(before=before, reached=window), how="left")
        frame = frame[~frame["before"].eq(True)].assign(run=number)
        pairs.append(frame.assign(reached=frame["reached"].eq(True).astype(float))[["run", *COLUMNS, "reached"]])
        reached.append(at[window].assign(run=number)[["run", "project_id", "institution_id"]])
    empty = pd.DataFrame(columns=["run", *COLUMNS, "reached"])
    joined = pd.concat(pairs, ignore_index=True) if pairs else empty
    found = pd.concat(reached, ignore_index=True) if reached else empty[["run", "project_id", "institution_id"]]
    return Log(tuple(kept), unripe, overlapping, joined, found)


def as_of(run: Run) -> date:
    """The date of a run."""
    return date.fromisoformat(run.manifest["as_of"])


def runs_of(folder: Path, channel: str, today: date) -> list[Run]:
    """Runs of a channel by date, none later than ``today``; of several of one date the one in use, or with chances."""
    paths = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
    runs = [open_run(folder, path.name) for path in paths]
    runs = [run for run in runs if channel in run.manifest["channels"] and as_of(run) <= today]
    used = latest_channels(folder).get(channel)
    runs.sort(key=lambda run: (as_of(run), run.run_id != used, not run.has(f"exposure_{channel}"), run.run_id))
    return [run for at, run in enumerate(runs) if at == 0 or as_of(run) != as_of(runs[at - 1])]


def runs_that_count(runs: Sequence[Run], today: date, days: int) -> tuple[list[Run], int, int]:
    """Runs whose horizon is over, none within the horizon of another; how many are too young, how many overlap."""
    horizon = timedelta(days=days)
    ripe = [run for run in runs if as_of(run) + horizon <= today]
    kept: list[Run] = []
    for run in ripe:
        if not kept or as_of(run) >= as_of(kept[-1]) + horizon:
            kept.append(run)
    return kept, len(runs) - len(ripe), len(ripe) - len(kept)


def shown_in(run: Run, channel: str) -> pd.DataFrame:
    """What a run showed, or might have: :data:`COLUMNS`."""
    if run.has(f"exposure_{channel}"):
        return run.table(f"exposure_{channel}").select(COLUMNS).to_pandas()
    matches = run.table(f"matches_{channel}", where={"status": "recommended"})
    listed = matches.filter(pc.less_equal(matches["rank_for_project"], run.manifest["top"]))
    frame = listed.select(["project_id", "institution_id", "score", "rank_for_project"]).to_pandas()
    return frame.rename(columns={"rank_for_project": "position"}).assign(inclusion=np.ones(len(frame)))[COLUMNS]
