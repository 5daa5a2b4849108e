"""The organizer's first page: the channel in figures, and how evenly attention is spread."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.overview_queries import Overview, overview
from app.dashboard.parts.why import GREEN
from app.dashboard.queries import institution_names
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from app.wording import word

MOST = 12
NAME = 18


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    told = overview(desk)
    top = float(told.exposure["share"].max()) if len(told.exposure) else 0.0
    figures: dict[str, int | str] = {
        "projects": told.projects,
        "ranked": told.ranked,
        "not_asked": told.not_asked,
        "institutions": told.institutions,
        "without_list": len(told.without_list),
        "exposure": f"{top:.0%}",
    }
    with st.grid(min_column_width=150, gap="small", key="figures"):
        for name, value in figures.items():
            st.metric(visitor.say(f"overview.{name}"), value, border=True, help=visitor.say(f"overview.{name}_help"))
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, key="card_exposure"):
        _exposure(visitor, told)
    with right, st.container(border=True, key="card_held"):
        _held(visitor, told)
        _without(visitor, desk, told)


def _exposure(visitor: Visitor, told: Overview) -> None:
    """Names go into the chart as categories of a data set, never into a formatter; there is no tooltip."""
    st.subheader(visitor.say("overview.spread"), anchor=False)
    st.caption(visitor.say("overview.spread_about", unseen=told.unseen))
    first = told.exposure.head(MOST).iloc[::-1]
    frame = pd.DataFrame({"name": first["name"].str.slice(0, NAME), "share": (first["share"] * 100).round(1)})
    spec = {
        "animation": False,
        "grid": {"left": 8, "right": 40, "top": 8, "bottom": 8, "containLabel": True},
        "dataset": {"source": frame},
        "xAxis": {"type": "value", "show": False},
        "yAxis": {"type": "category", "axisTick": {"show": False}, "axisLine": {"show": False}},
        "series": [
            {
                "type": "bar",
                "encode": {"x": "share", "y": "name"},
                "itemStyle": {"color": GREEN},
                "barMaxWidth": 16,
                "label": {"show": True, "position": "right", "formatter": "{@share}%"},
            }
        ],
    }
    st.echarts_chart(
        spec, height=40 + 27 * len(first), renderer="svg", key="chart_exposure", alt=visitor.say("overview.spread")
    )


def _held(visitor: Visitor, told: Overview) -> None:
    st.subheader(visitor.say("overview.held", count=sum(told.held.values())), anchor=False)
    for code, count in told.held.most_common():
        with st.container(horizontal=True, gap="small", vertical_alignment="center", wrap=False):
            st.badge(str(count), color="orange")
            st.text(word(code, visitor.language), width="stretch")
    if not told.held:
        st.caption(visitor.say("overview.nobody"))


def _without(visitor: Visitor, desk: Desk, told: Overview) -> None:
    st.subheader(visitor.say("overview.without_title", count=len(told.without_list)), anchor=False)
    names = institution_names(desk)
    if told.without_list:
        st.text("\n".join(f"{names[one]}（{one}）" for one in told.without_list[:MOST]))
        if len(told.without_list) > MOST:
            st.caption(visitor.say("overview.more", count=len(told.without_list) - MOST))
    else:
        st.caption(visitor.say("overview.nobody"))


VIEW = View("overview", 10, ("organizer",), show)
