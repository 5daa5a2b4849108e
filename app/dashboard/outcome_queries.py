"""What became of introductions, within what a person may see: the cases of a date, and what they are counted in.

An organizer sees the cases of the projects within the region, an institution its own cases of projects that may still
be shown, an owner those of the own projects. What is kept is kept by the stamp of the store, and by the rights where
rows depend on them.
"""

from __future__ import annotations

import dataclasses
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import project_names
from app.dashboard.roles import KINDS
from app.dashboard.rows import outcomes_of
from app.dashboard.sample_queries import is_sample
from app.dashboard.stamped import rows_key, store_key
from app.following import follow_up_list
from app.system import call_back_plan
from data.cases import KEY, cases
from data.view import View

LAST = ("last_event", "last_at", "reason", "amount", "ended_at")
"""Columns of :func:`data.cases.cases` that stand beside those of the follow-up."""


@allowed(*KINDS)
def today_of(desk: Desk) -> date:
    """Today; in the fictional sample, whose events end with its run, the day of that run."""
    return _today(desk.key, is_sample(desk), date.today(), desk)


@st.cache_resource(max_entries=16, show_spinner=False)
def _today(key: tuple[object, ...], sample: bool, today: date, _desk: Desk) -> date:
    run_day = date.fromisoformat(_desk.run.manifest["as_of"])
    if not sample or run_day >= today:
        return today
    last = pc.max(_desk.system.store.current("outcomes").column("at")).as_py()
    return run_day if last is None or last <= run_day else today


@allowed("institution", "organizer", "owner")
def followed(desk: Desk, as_of: date) -> pd.DataFrame:
    """One row a case that the person may see, as of a date, in the columns of
    :func:`app.following.follow_up_list` and :data:`LAST`.

    Cases of projects that are let go (withdrawn, say) stand among them by their ids alone; ``let_go`` says why.
    Institutions and owners see the desk's channel only, organizers every channel.
    """
    return _seen(store_key(desk), desk.key, desk.access.scope, desk.access.institutions, as_of, desk)


@st.cache_resource(max_entries=16, show_spinner=False)
def _seen(
    key: tuple[object, ...],
    run_key: tuple[object, ...],
    scope: tuple[object, ...],
    own: frozenset[str] | None,
    as_of: date,
    _desk: Desk,
) -> pd.DataFrame:
    found, access = _followed(key, as_of, _desk), _desk.access
    if access.has(("organizer",)):
        within = scope_today(_desk)
        return found if within is None else found[found["project_id"].isin(within)].reset_index(drop=True)
    found = found[found["channel"] == _desk.channel]
    if access.has(("owner",)):
        return found[found["project_id"].isin(access.projects)].reset_index(drop=True)
    if own is not None:
        found = found[found["institution_id"].isin(own)]
    return found[found["project_id"].isin(set(project_names(_desk, everything=False)))].reset_index(drop=True)


@st.cache_resource(max_entries=6, show_spinner=False)
def _followed(key: tuple[object, ...], as_of: date, _desk: Desk) -> pd.DataFrame:
    """Every case of the country; nobody is shown this as it is."""
    store = _desk.system.store
    told = cases(outcomes_of(_desk), as_of)
    told = told[~told["history"].to_numpy(bool)]
    rows = follow_up_list(store, as_of, call_back_plan(), everything=True)
    own = [name for name in LAST if name not in rows]
    return rows.merge(told[[*KEY, *own]], on=KEY, how="left", validate="one_to_one")


@allowed("organizer")
def scope_today(desk: Desk) -> frozenset[str] | None:
    """Stored projects within the person's region; None where nothing bounds them."""
    if not desk.access.bounded:
        return None
    return _scope(rows_key(desk), desk.access.scope, desk)


@st.cache_resource(max_entries=32, show_spinner=False)
def _scope(key: tuple[object, ...], scope: tuple[object, ...], _desk: Desk) -> frozenset[str]:
    columns = ["project_id", "country", "province", "city"]
    rows = _desk.system.store.shown("projects")["projects"].select(columns).to_pylist()
    return frozenset(row["project_id"] for row in rows if _desk.access.keeps_project(*row.values()))


@allowed("organizer")
def outcome_view(desk: Desk, as_of: date) -> View:
    """The store as of a date without running texts, its outcomes within the organizer's region."""
    return _view(store_key(desk), desk.access.scope, as_of, desk)


@st.cache_resource(max_entries=6, show_spinner=False)
def _view(key: tuple[object, ...], scope: tuple[object, ...], as_of: date, _desk: Desk) -> View:
    view, within = _desk.system.store.view(as_of, texts=False), scope_today(_desk)
    if within is None:
        return view
    inside = pa.array(sorted(within), pa.string())
    kept = view.outcomes.filter(pc.is_in(view.outcomes.column("project_id"), value_set=inside))
    return dataclasses.replace(view, outcomes=kept)


@allowed("organizer")
def counted_cases(desk: Desk, as_of: date, channel: str = "") -> pd.DataFrame:
    """Cases of :func:`data.cases.cases` within the organizer's region; of one channel, or of all."""
    return _counted(store_key(desk), desk.access.scope, as_of, channel, desk)


@st.cache_resource(max_entries=12, show_spinner=False)
def _counted(
    key: tuple[object, ...], scope: tuple[object, ...], as_of: date, channel: str, _desk: Desk
) -> pd.DataFrame:
    found = cases(outcome_view(_desk, as_of).outcomes, as_of)
    return found[found["channel"] == channel].reset_index(drop=True) if channel else found
