"""Rates with their intervals as a chart: a point on a bar from the lower to the upper bound, the first row on top."""

from __future__ import annotations

from typing import Any

import pandas as pd

from app.dashboard.parts.charted import DARK

BAND = "#b9d8cb"
LABEL = 128
"""Pixels at which a name is broken; the rest of a narrow screen is for the bars."""
NEARLY_ALL = 90
"""Percent from which an axis goes up to 100, not beyond."""
ROW, ROOM = 30, 54
"""Pixels of a row, and of axis and margins."""


def interval_chart(names: list[str], values: pd.DataFrame, *, unit: str = "", inverse: bool = False) -> dict[str, Any]:
    """Chart of ``values`` (columns ``mean``, ``low``, ``high``, a row a name). Names go in as data only.

    ``unit`` stands at the numbers of the axis (ours, never an entrant's); ``inverse`` puts small numbers right.
    """
    rows = values.reset_index(drop=True).astype(float).round(3)
    low = [None if pd.isna(one) else one for one in rows["low"]]
    span = [None if pd.isna(one) else round(one, 3) for one in rows["high"] - rows["low"]]
    points = [[value, at] for at, value in enumerate(rows["mean"]) if not pd.isna(value)]
    top = {"max": 100} if unit == "%" and rows["high"].max() > NEARLY_ALL else {}
    bar = {"type": "bar", "stack": "band", "barWidth": 10, "silent": True}
    return {
        "grid": {"left": 8, "right": 28, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {
            "type": "value",
            "inverse": inverse,
            "splitNumber": 4,
            **top,
            "axisLabel": {"formatter": "{value}" + unit, "hideOverlap": True},
        },
        "yAxis": {
            "type": "category",
            "data": names,
            "inverse": True,
            "axisTick": {"show": False},
            "axisLine": {"show": False},
            "axisLabel": {"width": LABEL, "overflow": "break", "lineHeight": 13, "interval": 0},
        },
        "series": [
            {**bar, "data": low, "itemStyle": {"color": "transparent"}},
            {**bar, "data": span, "itemStyle": {"color": BAND, "borderRadius": 5}},
            {"type": "scatter", "data": points, "symbolSize": 10, "itemStyle": {"color": DARK}, "z": 3},
        ],
    }


def height_of(count: int) -> int:
    """Height in pixels of a chart with so many rows."""
    return ROOM + ROW * count
