"""The neighbourhood of a project in the industrial chain: who stands before it, beside it and after it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.parts.charted import DARK, INK, charted
from app.dashboard.parts.choosing import choose_project
from app.dashboard.queries import institution_names
from app.dashboard.request_queries import Neighbourhood, neighbourhood_of
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from data.reference.sectors import sectors

MOST = 12
"""Leaves drawn on each side; the table holds all."""
NAMED = 6
SIDES = ("upstream", "own", "downstream")
COLORS = {"upstream": "#7fa8c9", "own": DARK, "downstream": "#c79a3b"}
ROW, LABEL_WIDTH = 84, 92
"""Pixels: height of a row of dots, and width at which a name is broken, so that three of them fit on a telephone."""


LABEL = {
    "show": True,
    "formatter": "{b}",
    "position": "bottom",
    "color": INK,
    "fontSize": 12,
    "lineHeight": 15,
    "width": LABEL_WIDTH,
    "overflow": "break",
}


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    anchor = choose_project(visitor, desk)
    if not anchor:
        return
    st.caption(visitor.say("chain.about"))
    told = neighbourhood_of(visitor, desk, anchor)
    if not told.own:
        st.info(visitor.say("chain.unknown"))
        return
    drawn = {side: _first(told, getattr(told, side)) for side in SIDES}
    height = 60 + ROW * max(len(leaves) for leaves in drawn.values())
    spec = graph_spec(told, drawn, visitor.language)
    with st.container(border=True, key=f"chain_{anchor}"):
        _legend(visitor)
        alt = visitor.say("chain.alt")
        charted(visitor, spec, _table(visitor, desk, told), key=f"chain_{anchor}", height=height, alt=alt)


def _first(told: Neighbourhood, leaves: tuple[str, ...]) -> list[str]:
    """Those with most institutions, in the order of the chain."""
    best = sorted(leaves, key=lambda leaf: -len(told.institutions[leaf]))[:MOST]
    return [leaf for leaf in leaves if leaf in best]


def _legend(visitor: Visitor) -> None:
    with st.container(horizontal=True, gap="small", key="chain_legend"):
        for side, color in (("upstream", "blue"), ("own", "green"), ("downstream", "orange")):
            st.badge(visitor.say(f"chain.{side}"), color=color)  # type: ignore[arg-type]


def graph_spec(told: Neighbourhood, drawn: dict[str, list[str]], language: str) -> dict[str, Any]:
    """Leaves in up to three columns with their links; every name in it comes from the reference tables."""
    tree = sectors()
    nodes, shown = [], {leaf for leaves in drawn.values() for leaf in leaves}
    sides = [side for side in SIDES if drawn[side]]  # a side without neighbours leaves no empty third
    for column, side in enumerate(sides):
        for row, leaf in enumerate(drawn[side]):
            count = len(told.institutions[leaf])
            name = tree[leaf].name_en if language == "en" else tree[leaf].name_zh
            nodes.append(
                {
                    "id": leaf,
                    "name": f"{name} ({count})",
                    "value": [column, -(row + 0.5) / len(drawn[side])],
                    "symbolSize": 10 + min(count, 20),
                    "itemStyle": {"color": COLORS[side]},
                }
            )
    own = set(told.own)  # links among the neighbours themselves would only hide these
    pairs = [(one, two) for one in shown for two in tree[one].downstream if two in shown and own & {one, two}]
    links = [{"source": one, "target": two} for one, two in sorted(pairs)]
    axis = {"type": "value", "show": False}
    return {
        "grid": {"left": "17%", "right": "17%", "top": 8, "bottom": 24},
        "xAxis": {**axis, "min": 0, "max": max(len(sides) - 1, 1)},
        "yAxis": {**axis, "min": -1, "max": 0},
        "series": [
            {
                "type": "graph",
                "coordinateSystem": "cartesian2d",
                "data": nodes,
                "links": links,
                "edgeSymbol": ["none", "arrow"],
                "edgeSymbolSize": 7,
                "lineStyle": {"color": "#b8c6c0", "curveness": 0.08},
                "label": LABEL,
            }
        ],
    }


def _table(visitor: Visitor, desk: Desk, told: Neighbourhood) -> pd.DataFrame:
    names = institution_names(desk)
    tree = sectors()
    rows = []
    for side in SIDES:
        for leaf in getattr(told, side):
            here = [names[one] for one in told.institutions[leaf]]
            told_names = visitor.comma.join(here[:NAMED]) + (" …" if len(here) > NAMED else "")
            name = tree[leaf].name_en if visitor.language == "en" else tree[leaf].name_zh
            rows.append((visitor.say(f"chain.{side}"), name, len(here), told_names))
    return pd.DataFrame(
        rows, columns=[visitor.say(f"chain.column_{one}") for one in ("side", "sector", "count", "names")]
    )


VIEW = View("chain", 22, ("institution", "organizer"), show)
