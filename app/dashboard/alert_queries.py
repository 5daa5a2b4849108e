"""What the saved searches of an institution find in its list, and what of it the person asking has not looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from app.dashboard.access import denied
from app.dashboard.decision_queries import decisions_of
from app.dashboard.desk import Desk, allowed
from app.dashboard.facts_queries import with_facts
from app.dashboard.queries import institution_names, listing, records
from app.dashboard.visitor import Visitor
from app.list_filters import Filters, from_value, narrow, not_understood
from app.saved_searches import LIST, SEEN, Kept, SavedSearch, kept_searches, note_projects, save_search


@dataclass(frozen=True)
class Alert:
    """A saved search: its filters, how many projects it finds, and those its reader has not looked at, best first."""

    search: SavedSearch
    filters: Filters
    ignored: tuple[str, ...]
    found: int
    new: list[dict[str, Any]]
    looked: bool
    """Whether the person ever looked: what is new to somebody who never did is simply all."""


@allowed("institution", "organizer")
def alerts_of(visitor: Visitor, desk: Desk, institution_id: str) -> list[Alert]:
    """The saved searches of an institution in the desk's channel, by name.

    A search finds what the institution's own list shows: projects that consented, pass every rule and were neither
    passed nor snoozed; an organizer of a region sees those of the region.
    """
    kept = _kept_of(desk, institution_id)
    if not kept:
        return []
    told = listing(desk, "institutions", institution_id, everything=False).frame
    today = date.today()
    decided = decisions_of(visitor, desk, institution_id)
    away = [project for project, decision in decided.items() if decision.hides(today)]
    frame = with_facts(visitor, desk, told[~told["listed"].isin(away)])
    found = []
    for one in kept:
        filters, seen = from_value(one.search.value), one.seen_by(visitor.actor)
        passing = narrow(frame, filters)
        new = records(passing[~passing["listed"].isin(seen)])
        looked = visitor.actor in one.seen
        found.append(Alert(one.search, filters, not_understood(one.search.value), len(passing), new, looked))
    return found


@allowed("institution", "organizer")
def look_at(visitor: Visitor, desk: Desk, institution_id: str, name: str) -> None:
    """Note that the person has seen what a search finds now. What nobody saved is passed over."""
    kept = next((one for one in _kept_of(desk, institution_id) if one.search.name == name), None)
    if kept is None:
        return
    told = next(one for one in alerts_of(visitor, desk, institution_id) if one.search.name == name)
    if told.new or not told.looked:
        projects = [str(row["listed"]) for row in told.new]
        note_projects(desk.system.store, SEEN, kept, projects, actor=visitor.actor)


@allowed("institution")
def change_search(
    visitor: Visitor, desk: Desk, institution_id: str, was: str, *, name: str = "", digest: bool | None = None
) -> None:
    """Rename a search of the visitor's institution, or say whether digests tell of it; what is not named stays.

    Raises
    ------
    DuijieError
        ``access.denied`` for anybody else; else as :func:`app.saved_searches.save_search`.
    """
    kept = next((one.search for one in _kept_of(desk, institution_id) if one.search.name == was), None)
    told = kept or SavedSearch(was, LIST, "")  # one that is gone is refused where it is written
    search = SavedSearch(name or told.name, LIST, told.value, told.digest if digest is None else digest)
    save_search(desk.system.store, institution_id, desk.channel, search, actor=visitor.actor, was=was)


def _kept_of(desk: Desk, institution_id: str) -> list[Kept]:
    """Searches over the list of an institution that the person may see."""
    desk.access.require_institution(institution_id)
    if institution_id not in institution_names(desk):
        raise denied("institution of another channel")
    whose = (institution_id, desk.channel, LIST)
    return [one for one in _kept(desk.key, desk) if (one.institution_id, one.channel, one.search.page) == whose]


@st.cache_resource(max_entries=2, show_spinner=False)
def _kept(key: tuple[object, ...], _desk: Desk) -> list[Kept]:
    return kept_searches(_desk.system.store)
