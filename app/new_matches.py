"""What every saved search finds and was not told before: filters as the institution's list applies them, texts as the
page of the free-text search finds them.

Everything comes gated and masked as the list does: an institution hears only of projects that consented, under the
name under which they may be shown. What was told of a search is kept in the journal and is not told again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from app.feedback import decisions
from app.found_texts import FoundTexts
from app.list_filters import from_value, narrow, not_understood, text_of
from app.lists import list_matches, masks_of
from app.project_facts import count_rights, join_facts, read_facts
from app.saved_searches import LIST, PAGES, TOLD, Kept, kept_searches, note_projects
from app.system import System
from data.runs import Run, latest_run
from data.store import Store
from matcher.channel import channels

CARD = ("province", "stage", "group")


@dataclass(frozen=True)
class NewMatches:
    """Projects that a search finds and that were not told before, best first: ``project_id``, ``name``, ``rank``,
    ``sectors``, ``province``. ``ignored`` names filters that nobody here applies: the list may be too long.
    """

    kept: Kept
    rows: list[dict[str, Any]]
    ignored: tuple[str, ...] = ()


def new_matches(system: System, today: date) -> list[NewMatches]:
    """What every saved search that goes into digests finds now and was not told before, where there is something."""
    hidden = {key for key, one in decisions(system.store).items() if one.hides(today)}
    kept = [one for one in kept_searches(system.store) if one.search.page in PAGES]
    wanted = [one for one in kept if one.search.digest and one.channel in channels()]
    read: dict[str, FoundTexts] = {}
    found: list[NewMatches] = []
    for (institution, channel), searches in groupby(wanted, key=lambda one: (one.institution_id, one.channel)):
        run = latest_run(system.store.runs_folder, channel)
        if run is None:
            continue
        away = frozenset(key[2] for key in hidden if key[:2] == (institution, channel))
        mine = list(searches)
        found += _in_list(system, run, [one for one in mine if one.search.page == LIST], away)
        texts = read.setdefault(channel, FoundTexts(system, run, channel))
        found += _by_text(texts, [one for one in mine if one.search.page != LIST], away)
    return found


def _in_list(system: System, run: Run, searches: Sequence[Kept], away: frozenset[str]) -> Iterator[NewMatches]:
    """Of searches over one institution's list what each finds and was not told."""
    if not searches:
        return
    frame = listed(system, run, searches[0].channel, searches[0].institution_id)
    frame = frame[~frame["project_id"].isin(away)]
    for kept in searches:
        passing = narrow(frame, from_value(kept.search.value))
        fresh = passing[~passing["project_id"].isin(kept.told)]
        if len(fresh):
            rows = [{str(name): value for name, value in row.items()} for row in fresh.to_dict("records")]
            yield NewMatches(kept, rows, not_understood(kept.search.value))


def _by_text(texts: FoundTexts, searches: Sequence[Kept], away: frozenset[str]) -> Iterator[NewMatches]:
    """Of one institution's saved texts what each finds and was not told."""
    for kept in searches:
        if kept.institution_id not in texts.institutions:
            continue
        told = enumerate(texts.rows(kept.search.value), start=1)
        rows = [{**_card(row), "rank": rank} for rank, row in told if row["project_id"] not in kept.told | away]
        if rows:
            yield NewMatches(kept, rows)


def keep_told(store: Store, found: Iterable[NewMatches], *, actor: str) -> None:
    """Remember that these matches were told."""
    for one in found:
        note_projects(store, TOLD, one.kept, [row["project_id"] for row in one.rows], actor=actor)


def listed(system: System, run: Run, channel: str, institution_id: str) -> pd.DataFrame:
    """The institution's list as it may see it, masked, with all that a filter may ask for; ``rank`` counts its rows."""
    found = list_matches(system, channel, "institutions", [institution_id], consented_only=True)
    found = found.filter(pc.equal(found.column("status"), "recommended"))
    ids = pc.unique(found.column("project_id"))
    masks, projects = masks_of(system, run, ids), run.table("projects")
    projects = projects.filter(pc.is_in(projects.column("project_id"), value_set=ids))
    shown = {row["project_id"]: masks[row["project_id"]].row(row) for row in projects.to_pylist()}
    rows = [
        {**_card(shown[row["project_id"]]), "rank": rank, "score": row["score"], "status": row["status"]}
        for rank, row in enumerate(found.to_pylist(), start=1)
    ]
    names = ["project_id", "name", "sectors", "text", *CARD, "rank", "score", "status"]
    frame = pd.DataFrame(rows, columns=names).astype({"text": object})
    facts = read_facts(projects, run.table("awards"), pa.array(ids))
    return join_facts(frame, facts, count_rights(system.store.current("ip")))


def _card(row: dict[str, Any]) -> dict[str, Any]:
    """What a digest tells of a project, and the text that a search looks through."""
    told = {name: row.get(name) or "" for name in ("project_id", "name", *CARD)}
    return {**told, "sectors": list(row.get("sectors") or []), "text": text_of(row, "project_id")}
