"""What the saved searches of an institution find, in its list or by their text, and what of that is new to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.access import denied
from app.dashboard.decision_queries import decisions_of
from app.dashboard.desk import Desk, allowed
from app.dashboard.facts_queries import with_facts
from app.dashboard.queries import institution_names, listing, records
from app.dashboard.search_queries import find
from app.dashboard.visitor import Visitor
from app.list_filters import Filters, from_value, narrow, not_understood
from app.saved_searches import LIST, PAGES, SEEN, Kept, SavedSearch, kept_searches, note_projects, save_search


@dataclass(frozen=True)
class Alert:
    """A saved search, how many projects it finds, and those its reader has not looked at, best first.

    ``filters`` are those of a search over the list; a free-text search has none.
    """

    search: SavedSearch
    filters: Filters
    ignored: tuple[str, ...]
    found: int
    new: list[dict[str, Any]]
    looked: bool
    """Whether the person ever looked: what is new to somebody who never did is simply all."""


@allowed("institution", "organizer")
def alerts_of(visitor: Visitor, desk: Desk, institution_id: str) -> list[Alert]:
    """The saved searches of an institution in the desk's channel, by page and name.

    A search over the list finds what the institution's own list shows: projects that consented and pass every rule; a
    free-text search what its page shows. Passed and snoozed projects count in neither, and an organizer of a region
    sees those of the region.
    """
    return _alerts(visitor, desk, institution_id, _kept_of(desk, institution_id))


def _alerts(visitor: Visitor, desk: Desk, institution_id: str, kept: list[Kept]) -> list[Alert]:
    """What some of an institution's searches find; its list is read if one of them asks for it."""
    if not kept:
        return []
    today = date.today()
    decided = decisions_of(visitor, desk, institution_id)
    away = frozenset(project for project, decision in decided.items() if decision.hides(today))
    frame = pd.DataFrame()
    if any(one.search.page == LIST for one in kept):
        told = listing(desk, "institutions", institution_id, everything=False).frame
        frame = with_facts(visitor, desk, told[~told["listed"].isin(away)])
    return [_alert(visitor, desk, one, frame, away) for one in kept]


def _alert(visitor: Visitor, desk: Desk, kept: Kept, frame: pd.DataFrame, away: frozenset[str]) -> Alert:
    """What one search finds in a list, or among all projects."""
    value = kept.search.value
    if kept.search.page == LIST:
        filters, ignored = from_value(value), not_understood(value)
        rows = records(narrow(frame, filters))
    else:
        filters, ignored = Filters(), ()
        told = enumerate(find(visitor, desk, value), start=1)
        rows = [{**one.row, "listed": str(one.row["project_id"]), "rank": rank} for rank, one in told]
        rows = [row for row in rows if row["listed"] not in away]
    seen = kept.seen_by(visitor.actor)
    new = [row for row in rows if row["listed"] not in seen]
    return Alert(kept.search, filters, ignored, len(rows), new, visitor.actor in kept.seen)


@allowed("institution", "organizer")
def look_at(visitor: Visitor, desk: Desk, institution_id: str, search: SavedSearch) -> None:
    """Note that the person has seen what a search finds now. What nobody saved is passed over."""
    kept = [one for one in _kept_of(desk, institution_id) if _same(one.search, search)]
    for one, told in zip(kept, _alerts(visitor, desk, institution_id, kept), strict=True):
        if told.new or not told.looked:
            projects = [str(row["listed"]) for row in told.new]
            note_projects(desk.system.store, SEEN, one, projects, actor=visitor.actor)


@allowed("institution")
def change_search(
    visitor: Visitor, desk: Desk, institution_id: str, was: SavedSearch, *, name: str = "", digest: bool | None = None
) -> None:
    """Rename a search of the visitor's institution, or say whether digests tell of it; what is not named stays.

    Raises
    ------
    DuijieError
        ``access.denied`` for anybody else; else as :func:`app.saved_searches.save_search`.
    """
    kept = next((one.search for one in _kept_of(desk, institution_id) if _same(one.search, was)), None)
    told = kept or was  # one that is gone is refused where it is written
    search = SavedSearch(name or told.name, told.page, told.value, told.digest if digest is None else digest)
    save_search(desk.system.store, institution_id, desk.channel, search, actor=visitor.actor, was=was.name)


def _same(one: SavedSearch, other: SavedSearch) -> bool:
    """Whether both are one search: a page has one of a name."""
    return (one.page, one.name) == (other.page, other.name)


def _kept_of(desk: Desk, institution_id: str) -> list[Kept]:
    """Saved searches of an institution that the person may see."""
    desk.access.require_institution(institution_id)
    if institution_id not in institution_names(desk):
        raise denied("institution of another channel")
    mine = [one for one in _kept(desk.key, desk) if (one.institution_id, one.channel) == (institution_id, desk.channel)]
    return [one for one in mine if one.search.page in PAGES]


@st.cache_resource(max_entries=2, show_spinner=False)
def _kept(key: tuple[object, ...], _desk: Desk) -> list[Kept]:
    return kept_searches(_desk.system.store)
