"""Counts over a channel, for the organizer; within a region where the organizer is a province's or a city's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st
from numpy.typing import NDArray

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
    table = _desk.run.columns(f"matches_{_desk.channel}", ["score", "rule"]).filter(pa.array(kept))
    score, project, institution = table.column("score").to_numpy(), pairs.projects.code, pairs.institutions.code
    project, institution = project[kept], institution[kept]
    order = np.lexsort((institution, project, -score))  # ids are numbered in their order
    columns = {
        **_named("project", pairs.projects.ids, names, project[order]),
        **_named("institution", pairs.institutions.ids, institution_names(_desk), institution[order]),
        "score": score[order],
        "rule": _repeated(table.column("rule")).take(order),
    }
    return pd.DataFrame(columns)


def _named(side: str, ids: pa.Array, names: Mapping[str, str], at: NDArray[np.int32]) -> dict[str, pd.Series]:
    """Ids and names by number, each text kept once however many rows bear it."""
    known = ids.to_pylist()
    told = {f"{side}_id": known, side: [names.get(one) for one in known]}
    return {name: pd.Series(np.array(texts, dtype=object)[at], dtype=object) for name, texts in told.items()}


def _repeated(column: pa.ChunkedArray) -> NDArray[np.object_]:
    """A column of few different texts."""
    told = column.dictionary_encode().unify_dictionaries().combine_chunks()
    return np.asarray(told.dictionary.to_numpy(zero_copy_only=False), object)[told.indices.to_numpy()]
