"""Counts over a channel, for the organizer; within a region where the organizer is a province's or a city's."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import TOP, answers, held, institution_names, project_names, shown_anywhere
from app.lists import shown_pairs
from data.run_pairs import NO_RANK, pairs_of


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
    return _overview(desk.shown_key, desk.access.scope, desk)


@st.cache_resource(max_entries=16, show_spinner=False)
def _overview(key: tuple[object, ...], scope: tuple[object, ...], _desk: Desk) -> Overview:
    pairs, names, consents = pairs_of(_desk.run, _desk.channel), institution_names(_desk), answers(_desk)
    shown = shown_pairs(pairs, consents)
    ranked = shown & (pairs.projects.rank < NO_RANK)
    everywhere = shown_pairs(pairs, shown_anywhere(_desk)) & (pairs.institutions.rank < NO_RANK)
    first = np.bincount(
        pairs.institutions.code[ranked & (pairs.projects.rank <= TOP)], minlength=pairs.institutions.size
    )
    count = pd.Series(first, pairs.institutions.ids.to_pylist()).reindex(list(names), fill_value=0)
    projects = len(np.unique(pairs.projects.code[ranked]))
    exposure = pd.DataFrame({"institution_id": list(names), "name": list(names.values()), "projects": count.to_numpy()})
    exposure["share"] = exposure["projects"] / max(projects, 1)
    listed = pairs.institutions.ids.take(pa.array(np.unique(pairs.institutions.code[everywhere]))).to_pylist()
    return Overview(
        projects=len(project_names(_desk, everything=True)),
        ranked=projects,
        held=Counter(held(_desk).values()),
        not_asked=Counter(consents.values())["not_asked"],
        institutions=len(names),
        without_list=sorted(set(names) - set(listed)),
        unseen=int((exposure["projects"] == 0).sum()),
        exposure=exposure.sort_values(["projects", "institution_id"], ascending=[False, True], ignore_index=True),
    )


@allowed("organizer")
def ineligible(desk: Desk) -> pd.DataFrame:
    """Pairs of the run that fail a rule: ids, names, score and rules (joined by ``;``), best score first."""
    return _ineligible(desk.shown_key, desk.access.scope, desk)


@st.cache_resource(max_entries=4, show_spinner=False)
def _ineligible(key: tuple[object, ...], scope: tuple[object, ...], _desk: Desk) -> pd.DataFrame:
    pairs, names = pairs_of(_desk.run, _desk.channel), project_names(_desk, everything=True)
    kept = shown_pairs(pairs, [one for one in answers(_desk) if one in names]) & pairs.ineligible
    table = _desk.run.columns(f"matches_{_desk.channel}", ["project_id", "institution_id", "score", "rule"])
    frame = table.filter(pa.array(kept)).to_pandas()
    frame.insert(1, "project", frame["project_id"].map(names))
    frame.insert(3, "institution", frame["institution_id"].map(institution_names(_desk)))
    return frame.sort_values(
        ["score", "project_id", "institution_id"], ascending=[False, True, True], ignore_index=True
    )
