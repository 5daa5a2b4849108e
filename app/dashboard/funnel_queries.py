"""How far introductions came, and which projects the institutions get to see, by group; for the organizer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import streamlit as st

from app.commands.exposure import PAIR
from app.dashboard.access import denied
from app.dashboard.desk import Desk, allowed
from app.dashboard.outcome_queries import counted_cases, outcome_view, scope_today
from app.dashboard.stamped import store_key
from app.lists import list_matches, shown_projects
from data.problem import DuijieError
from data.reference.regions import regions
from data.reference.sectors import sectors
from data.reference.vocabularies import vocabulary
from evaluation.exposure_floor import floor_prices
from evaluation.funnel import for_outsiders, funnel
from evaluation.grouping import BY_PROJECT, case_groups, project_groups
from evaluation.visibility import never_seen, seen_by_group
from matcher.run import as_date

MOST_PAIRS = 100_000
"""Pairs up to which the price of a floor is worked out while somebody waits."""


@dataclass(frozen=True)
class Funnel:
    """``groups`` and ``whole`` in the columns of :data:`evaluation.funnel.COLUMNS`, ``whole`` with one group of all.

    Counts of groups of fewer than :data:`evaluation.funnel.SMALL` cases are missing unless small ones were asked for.
    """

    cases: int
    open: int
    groups: pd.DataFrame
    whole: pd.DataFrame


@allowed("organizer")
def funnel_of(desk: Desk, by: str, as_of: date, within: int | None, channel: str, small: bool) -> Funnel:
    """The funnel by group of the cases within the organizer's region, of one channel or of all."""
    found = _funnel(store_key(desk), desk.access.scope, by, as_of, within, channel, desk)
    if small:
        return found
    return Funnel(found.cases, found.open, for_outsiders(found.groups), for_outsiders(found.whole))


@st.cache_resource(max_entries=32, show_spinner=False)
def _funnel(
    key: tuple[object, ...],
    scope: tuple[object, ...],
    by: str,
    as_of: date,
    within: int | None,
    channel: str,
    _desk: Desk,
) -> Funnel:
    found = counted_cases(_desk, as_of, channel)
    groups = funnel(found, case_groups(found, by, outcome_view(_desk, as_of)), as_of, within=within)
    all_cases = pd.DataFrame({"case": np.arange(len(found)), "group": pd.Categorical(["all"] * len(found))})
    asked = found[~found["history"].to_numpy(bool)]
    whole = funnel(found, all_cases, as_of, within=within)
    return Funnel(len(asked), int((asked["state"] == "open").sum()), groups, whole)


@dataclass(frozen=True)
class Exposure:
    """``groups`` in the columns of :data:`evaluation.visibility.COLUMNS`; ``unseen``: id, name, group."""

    eligible: int
    groups: pd.DataFrame
    unseen: pd.DataFrame


@allowed("organizer")
def exposure_of(desk: Desk, by: str, top: int) -> Exposure:
    """Which projects of the desk's channel stand on the first ``top`` places of the institutions' lists.

    Raises
    ------
    DuijieError
        ``funnel.by`` for what projects are not grouped by.
    """
    if by not in BY_PROJECT:
        raise DuijieError("funnel.by", f"no grouping of projects {by!r}", f"one of {', '.join(BY_PROJECT)}")
    return _exposure(desk.key, desk.access.scope, by, top, desk)


@st.cache_resource(max_entries=16, show_spinner=False)
def _exposure(key: tuple[object, ...], scope: tuple[object, ...], by: str, top: int, _desk: Desk) -> Exposure:
    pairs, groups, eligible = _pairs(_desk, by)
    places = pairs[pairs["rank_for_institution"] <= top]
    unseen = groups[groups["project_id"].isin(never_seen(places, eligible))].astype({"group": str})
    joined = unseen.groupby("project_id", sort=True)["group"].agg("；".join).reset_index()
    return Exposure(len(eligible), seen_by_group(places, groups), joined)


def _pairs(desk: Desk, by: str) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Pairs that may stand on a list, groups of the eligible projects, and these, within the organizer's region."""
    ranked = set(desk.run.table("projects").column("project_id").to_pylist())
    eligible, within = ranked & set(shown_projects(desk.system, desk.channel)), scope_today(desk)
    told = sorted(eligible if within is None else eligible & within)
    groups = project_groups(told, by, outcome_view(desk, as_date(desk.run.manifest["as_of"])))
    sides = ("institutions", "projects")  # a list may be filled from both sides' best
    kept = [list_matches(desk.system, desk.channel, side).select(PAIR).to_pandas() for side in sides]
    pairs = pd.concat(kept).drop_duplicates(PAIR[:2], ignore_index=True)
    return pairs[pairs["project_id"].isin(told)].reset_index(drop=True), groups, told


@allowed("organizer")
def price_of_a_floor(desk: Desk, by: str, top: int) -> pd.DataFrame:
    """What a fairer share would cost, as :func:`evaluation.exposure_floor.floor_prices` tells it.

    Raises
    ------
    DuijieError
        ``access.denied`` within a region, whose lists are only a part; ``exposure.large`` for more than
        :data:`MOST_PAIRS` pairs: the command line takes its time.
    """
    if desk.access.bounded:
        raise denied("price of a floor")
    pairs, groups, _ = _pairs(desk, by)
    if len(pairs) > MOST_PAIRS:
        command = f"duijie exposure --channel {desk.channel} --by {by} --top {top} --show price"
        raise DuijieError("exposure.large", f"{len(pairs)} 对，请用命令行 / pairs: use the command line", command)
    return _price(desk.key, by, top, pairs, groups)


@st.cache_resource(max_entries=8, show_spinner=False)
def _price(key: tuple[object, ...], by: str, top: int, _pairs: pd.DataFrame, _groups: pd.DataFrame) -> pd.DataFrame:
    return floor_prices(_pairs, _groups, top)


def group_label(by: str, group: str, language: str, institutions: dict[str, str]) -> str:
    """A group in the reader's language: codes by their names, bilingual words by their half."""
    if " / " in group:  # 未知 / unknown, 境外 / abroad
        return group.split(" / ", 1)[language == "en"]
    if by in ("channel", "group"):
        return vocabulary("channels" if by == "channel" else "groups").label(group, language)
    if by == "institution":
        return institutions.get(group, group)
    if language == "en" and by == "sector":
        return next((field.name_en for field in sectors().fields if field.name_zh == group), group)
    if language == "en" and by == "region":
        return _english_region(group)
    return group


def _english_region(label: str) -> str:
    place = regions().resolve("", label)
    return regions().label(place.contest_region or place.province_code, "en") if place else label
