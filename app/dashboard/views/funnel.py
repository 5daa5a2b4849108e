"""The organizer's page of how far introductions came, and of which projects the institutions get to see."""

from __future__ import annotations

from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.funnel_queries import Exposure, Funnel, exposure_of, funnel_of, group_label, price_of_a_floor
from app.dashboard.naming import shown_name
from app.dashboard.parts.asking import ask_channels, ask_day, ask_one, message_of
from app.dashboard.parts.charted import DARK, bars, charted
from app.dashboard.parts.intervals import height_of, interval_chart
from app.dashboard.parts.paged import paged
from app.dashboard.plain import escape
from app.dashboard.queries import institution_names, project_names
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from data.cases import LADDER
from data.problem import DuijieError
from data.reference.vocabularies import vocabulary
from evaluation.funnel import SMALL
from evaluation.grouping import BY, BY_PROJECT

HORIZONS = (90, 180, 365, 0)
"""Days after the introduction; 0: as far as the cases were followed."""
MOST = 15
"""Groups in a chart; the table has all."""
GROUP = 150
"""Pixels of the name of a group in the table."""
UNSEEN = {"name": 220, "group": 110, "project_id": 105}
"""Pixels of the columns of projects on no list."""
TOPS = (5, 10, 20)
GREY = "#c9d3ce"
FLOORS = ("region", "group")
"""Groups that no project is in twice: their floors are worked out exactly and quickly."""


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    st.caption(visitor.say("funnel.about", least=SMALL))
    by = ask_one("by", BY, visitor.say("funnel.by"), lambda one: visitor.say(f"by.{one}"))  # breaks on a phone
    with st.container(horizontal=True, vertical_alignment="bottom", key="funnel_ask"):
        channel = ask_channels(visitor, desk)
        day = ask_day(visitor, desk)
    with st.container(border=True, key="funnel_all"):
        _funnel(visitor, desk, by, day, channel)
    with st.container(border=True, key="funnel_exposure"):
        _exposure(visitor, desk, by if by in BY_PROJECT else BY_PROJECT[0])


@st.fragment
def _funnel(visitor: Visitor, desk: Desk, by: str, day: date, channel: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="funnel_how"):
        stage = st.selectbox(
            visitor.say("funnel.stage"),
            LADDER[1:],
            index=1,
            key="funnel_stage",
            width=180,
            format_func=lambda code: vocabulary("events").label(code, visitor.language),
        )
        days = st.selectbox(
            visitor.say("funnel.within"),
            HORIZONS,
            index=2,
            key="funnel_days",
            width=180,
            format_func=lambda one: visitor.say("funnel.days", days=one) if one else visitor.say("funnel.followed"),
        )
        small = st.toggle(visitor.say("funnel.small", least=SMALL), key="funnel_small")
    found = funnel_of(desk, by, day, days or None, channel, small)
    if not found.cases:
        st.info(visitor.say("funnel.none"))
        return
    counts = {"cases": f"{found.cases:,}", "open": f"{found.open:,}"}
    st.caption(visitor.say("funnel.counts", **counts, day=day.isoformat()))
    institutions = institution_names(desk) if by == "institution" else {}
    rows = labelled(visitor, found.groups[found.groups["stage"] == stage], by, institutions)
    if by not in ("channel", "group"):  # these have an order of their own
        rows = rows.sort_values("cases", ascending=False, kind="stable", na_position="last")
    with st.container(key="stack_funnel"):
        left, right = st.columns(2, gap="medium")
    with left:
        _ladder(visitor, found)
        _chart(visitor, rows, by, stage)
    with right:
        _table(visitor, rows, f"groups_{by}_{stage}")


def _table(visitor: Visitor, rows: pd.DataFrame, key: str) -> None:
    """Counts and rates of every group at one rung."""
    st.subheader(visitor.say("funnel.table"), anchor=False)
    names = {column: visitor.say(f"funnel.column_{column}") for column in ("group", *FIGURES)}
    told = partial(worded, visitor)
    paged(visitor, rows, names, key, visitor.say("funnel.table"), told=told, widths={"group": GROUP})
    if rows["rate"].isna().any():
        st.caption(visitor.say("funnel.dash"))


def _ladder(visitor: Visitor, found: Funnel) -> None:
    """How far all of them came, rung by rung."""
    st.subheader(visitor.say("funnel.ladder"), anchor=False)
    table = labelled(visitor, found.whole.assign(group=""), "channel", {})
    if table["rate"].isna().all():
        st.caption(visitor.say("funnel.no_rates"))
    names = list(table["stage"])
    charted(
        visitor,
        interval_chart(names, percent(table), unit="%"),
        _worded(visitor, table, ("stage",)),
        key="ladder",
        height=height_of(len(names)),
        alt=visitor.say("funnel.ladder"),
    )


def _chart(visitor: Visitor, rows: pd.DataFrame, by: str, stage: str) -> None:
    """The largest groups that have a rate at one rung; the table beside it has all."""
    name = vocabulary("events").label(stage, visitor.language)
    title = visitor.say("funnel.groups", by=visitor.say(f"by.{by}").lower(), stage=name)
    st.subheader(title, anchor=False)
    told = rows[rows["rate"].notna()].head(MOST)
    if told.empty:
        st.caption(visitor.say("funnel.no_rates"))
        return
    chart = interval_chart([one[:20] for one in told["group"]], percent(told), unit="%")
    st.echarts_chart(
        {"animation": False, "tooltip": {"show": False}, **chart},
        height=height_of(len(told)),
        renderer="svg",
        key=f"chart_groups_{by}_{stage}",
        alt=title,
    )
    if len(rows) > len(told):
        st.caption(visitor.say("funnel.first", shown=len(told), groups=len(rows)))


FIGURES = ("cases", "open", "reached", "rate", "low", "high")


def labelled(visitor: Visitor, rows: pd.DataFrame, by: str, institutions: dict[str, str]) -> pd.DataFrame:
    """Rows of a funnel with groups and rungs in words; words of entrants stay data."""
    events = vocabulary("events")
    groups = [group_label(by, str(group), visitor.language, institutions) for group in rows["group"]]
    stages = [events.label(stage, visitor.language) for stage in rows["stage"]]
    return rows.assign(group=groups, stage=stages)


def percent(rows: pd.DataFrame) -> pd.DataFrame:
    """Rates and bounds in percent, for a chart."""
    values = {name: rows[column].astype("Float64") * 100 for name, column in zip(BOUNDS, FIGURES[3:], strict=True)}
    return pd.DataFrame(values).astype(float)


BOUNDS = ("mean", "low", "high")


def worded(visitor: Visitor, rows: pd.DataFrame) -> pd.DataFrame:
    """Counts and rates as text; what is hidden or cannot be said is told by a dash."""
    told = rows.copy()
    for name in FIGURES[:3]:
        told[name] = ["–" if pd.isna(value) else f"{int(value):,}" for value in rows[name]]
    for name in FIGURES[3:]:
        told[name] = ["–" if pd.isna(value) else f"{value:.1%}" for value in rows[name]]
    return told


def _worded(visitor: Visitor, rows: pd.DataFrame, first: tuple[str, ...]) -> pd.DataFrame:
    names = {column: visitor.say(f"funnel.column_{column}") for column in (*first, *FIGURES)}
    return worded(visitor, rows)[list(names)].rename(columns=names)


@st.fragment
def _exposure(visitor: Visitor, desk: Desk, by: str) -> None:
    st.subheader(visitor.say("exposure.title"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", key="exposure_how"):
        top = st.selectbox(visitor.say("exposure.top"), TOPS, index=1, key="exposure_top", width=180)
    found = exposure_of(desk, by, top)
    st.caption(visitor.say("exposure.about", eligible=found.eligible, unseen=len(found.unseen), top=top))
    if not found.eligible:
        st.info(visitor.say("exposure.none"))
        return
    with st.container(key="stack_exposure"):
        left, right = st.columns(2, gap="medium")
    with left:
        _shares(visitor, found, by)
    with right:
        _unseen(visitor, desk, found, by)
        if by in FLOORS and not desk.access.bounded:
            _price(visitor, desk, by, top)


def _shares(visitor: Visitor, found: Exposure, by: str) -> None:
    """Share of places beside the share of projects."""
    names = [group_label(by, str(group), visitor.language, {}) for group in found.groups["group"]]
    columns = {name: visitor.say(f"exposure.{name}") for name in ("place_share", "project_share")}
    table = pd.DataFrame({visitor.say(f"by.{by}"): names})
    for name, label in columns.items():
        table[label] = (found.groups[name].to_numpy() * 100).round(1)
    for name in ("projects", "never_seen", "places", "ratio"):
        table[visitor.say(f"exposure.{name}")] = found.groups[name].round(2).to_numpy()
    order = found.groups["projects"].to_numpy().argsort(kind="stable")[::-1]
    table = table.iloc[order].reset_index(drop=True)
    first = table.head(MOST)
    spec = bars(first, visitor.say(f"by.{by}"), {columns["place_share"]: DARK, columns["project_share"]: GREY})
    for series in spec["series"]:
        series.pop("stack")
        series["barMaxWidth"] = 9
    spec["legend"] = {"bottom": 0}
    spec["grid"] = {**spec["grid"], "bottom": 32}
    charted(visitor, spec, table, key=f"shares_{by}", height=70 + 30 * len(first), alt=visitor.say("exposure.title"))


def _unseen(visitor: Visitor, desk: Desk, found: Exposure, by: str) -> None:
    """Projects on no list."""
    st.subheader(visitor.say("exposure.unseen", count=len(found.unseen)), anchor=False)
    if found.unseen.empty:
        st.caption(visitor.say("exposure.nobody"))
        return
    names = project_names(desk, everything=True)
    rows = found.unseen.assign(name=[names.get(one, "") for one in found.unseen["project_id"]])
    columns = {
        "name": visitor.say("choose.project"),
        "group": visitor.say(f"by.{by}"),
        "project_id": visitor.say("exposure.id"),
    }
    told, alt = partial(unseen_in_words, visitor, by), visitor.say("exposure.unseen", count=len(rows))
    paged(visitor, rows, columns, f"unseen_{by}", alt, told=told, widths=UNSEEN)


def unseen_in_words(visitor: Visitor, by: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Names of projects and their groups as they are read."""
    groups = [[group_label(by, one, visitor.language, {}) for one in told.split("；")] for told in rows["group"]]
    names = [shown_name(visitor, one) for one in rows["name"]]
    return rows.assign(name=names, group=["；".join(told) for told in groups])


def _price(visitor: Visitor, desk: Desk, by: str, top: int) -> None:
    """What a fairer share would cost; worked out when asked for."""
    st.subheader(visitor.say("price.title"), anchor=False)
    st.caption(visitor.say("price.about"))
    asked = f"price_{desk.channel}_{by}_{top}"
    if st.button(visitor.say("price.ask"), key=f"ask_{asked}"):
        st.session_state[asked] = True
    if not st.session_state.get(asked):
        return
    try:
        with st.spinner(visitor.say("price.wait")):
            found = price_of_a_floor(desk, by, top)
    except DuijieError as error:
        st.warning(escape(message_of(error, visitor.language)))
        st.code(error.hint, language=None, wrap_lines=True)
        return
    told = pd.DataFrame(
        {
            visitor.say("price.floor"): [f"{one:.0%}" for one in found["floor"]],
            visitor.say("price.price"): ["–" if pd.isna(one) else f"{one:.1%}" for one in found["price"]],
            visitor.say("price.changed"): ["–" if pd.isna(one) else str(one) for one in found["changed"]],
            visitor.say("price.short"): [
                "；".join(group_label(by, one, visitor.language, {}) for one in short.split(";") if one)
                for short in found["short"]
            ],
        }
    )
    st.dataframe(told, hide_index=True, width="stretch", height="content", alt=visitor.say("price.title"))


VIEW = View("funnel", 72, ("organizer",), show)
