"""A chart with its data as a table below it. Charts are drawn by the library that Streamlit brings; nothing is fetched.

Names that entrants wrote go into a chart as data only, never into a formatter: a tooltip's template is HTML.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.visitor import Visitor

INK, LIGHT, DARK = "#1f3a30", "#e3f0ea", "#1f6f54"
LABEL_WIDTH = 150
"""Pixels at which the name of a bar is broken, so that bars are left on a narrow screen."""


def charted(visitor: Visitor, spec: dict[str, Any], table: pd.DataFrame, *, key: str, height: int, alt: str) -> None:
    """Draw a chart, and its data as a table that can be unfolded; ``table`` bears the labels that readers see."""
    chart = {"animation": False, "textStyle": {"color": INK}, "tooltip": {"show": False}, **spec}
    st.echarts_chart(chart, height=height, renderer="svg", key=f"chart_{key}", alt=alt)
    with st.expander(visitor.say("chart.table")):
        st.dataframe(table, hide_index=True, width="stretch", height="content", key=f"table_{key}", alt=alt)


def bars(frame: pd.DataFrame, name: str, values: dict[str, str]) -> dict[str, Any]:
    """Horizontal bars, the first row on top; ``values`` maps columns to colours, stacked where there are several."""
    return {
        "grid": {"left": 8, "right": 48, "top": 8, "bottom": 8, "containLabel": True},
        "dataset": {"source": frame.iloc[::-1]},
        "xAxis": {"type": "value", "show": False},
        "yAxis": {
            "type": "category",
            "axisTick": {"show": False},
            "axisLine": {"show": False},
            "axisLabel": {"width": LABEL_WIDTH, "overflow": "break"},
        },
        "series": [
            {
                "type": "bar",
                "name": column,
                "stack": "all",
                "encode": {"x": column, "y": name},
                "itemStyle": {"color": color},
                "barMaxWidth": 16,
                "label": {"show": len(values) == 1, "position": "right"},
            }
            for column, color in values.items()
        ],
    }
