"""Counts over a channel, for the organizer; within a region where the organizer is a province's or a city's."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import TOP, answers, held, in_scope, institution_names, project_names
from app.lists import list_matches


@dataclass(frozen=True)
class Overview:
    """One channel in figures. ``exposure``: of each institution the share of projects in whose top 10 it stands."""

    projects: int
    ranked: int
    held: Counter[str]
    not_asked: int
    institutions: int
    without_list: list[str]
    unseen: int
    exposure: pd.DataFrame


@allowed("organizer")
def overview(desk: Desk) -> Overview:
    """Figures of the channel today."""
    return _overview(desk.key, desk.access.scope, desk)


@st.cache_resource(max_entries=16, show_spinner=False)
def _overview(key: tuple[object, ...], scope: tuple[object, ...], _desk: Desk) -> Overview:
    matches = list_matches(_desk.system, _desk.channel, "projects").select(
        ["project_id", "institution_id", "rank_for_project", "rank_for_institution"]
    )
    frame, within = matches.to_pandas(), in_scope(_desk)
    if within is not None:
        frame = frame[frame["project_id"].isin(within)]
    first = frame[frame["rank_for_project"] <= TOP]
    names = institution_names(_desk)
    shown = first.groupby("institution_id")["project_id"].nunique().reindex(list(names), fill_value=0)
    ranked = int(frame["project_id"].nunique())
    exposure = pd.DataFrame({"institution_id": shown.index, "name": list(names.values()), "projects": shown.to_numpy()})
    exposure["share"] = exposure["projects"] / max(ranked, 1)
    listed = set(list_matches(_desk.system, _desk.channel, "institutions").column("institution_id").to_pylist())
    return Overview(
        projects=len(project_names(_desk, everything=True)),
        ranked=ranked,
        held=Counter(held(_desk).values()),
        not_asked=Counter(answers(_desk).values())["not_asked"],
        institutions=len(names),
        without_list=sorted(set(names) - listed),
        unseen=int((exposure["projects"] == 0).sum()),
        exposure=exposure.sort_values(["projects", "institution_id"], ascending=[False, True], ignore_index=True),
    )


@allowed("organizer")
def ineligible(desk: Desk) -> pd.DataFrame:
    """Pairs of the run that fail a rule: ids, names, score and rules (joined by ``;``), best score first."""
    return _ineligible(desk.key, desk.access.scope, desk)


@st.cache_resource(max_entries=8, show_spinner=False)
def _ineligible(key: tuple[object, ...], scope: tuple[object, ...], _desk: Desk) -> pd.DataFrame:
    found = list_matches(_desk.system, _desk.channel, "projects", ineligible=True)
    frame = found.select(["project_id", "institution_id", "score", "status", "rule"]).to_pandas()
    names = project_names(_desk, everything=True)
    frame = frame[(frame["status"] == "ineligible") & frame["project_id"].isin(list(names))].drop(columns="status")
    frame.insert(1, "project", frame["project_id"].map(names))
    frame.insert(3, "institution", frame["institution_id"].map(institution_names(_desk)))
    return frame.sort_values(
        ["score", "project_id", "institution_id"], ascending=[False, True, True], ignore_index=True
    )
