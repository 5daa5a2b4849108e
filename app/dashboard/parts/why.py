"""Why: the strongest reasons as bars, each with the sentences it rests on, what speaks against, what is unknown."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.visitor import Visitor
from app.wording import phrase, story, word

STRONGEST = 4
GREEN, RED = "#1f6f54", "#b5533c"


def show_why(visitor: Visitor, reasons: list[dict[str, Any]], key: str) -> None:
    """Draw the reasons of one match."""
    told = story(reasons, most=STRONGEST)
    most = max((abs(reason["weight"]) for reason in reasons), default=0.0) or 1.0
    st.subheader(visitor.say("why.pro"), anchor=False)
    if not told.pro:
        st.caption(visitor.say("why.no_pro"))
    seen: set[tuple[str, str]] = set()
    for number, reason in enumerate(told.pro):
        _reason(visitor, reason, most, seen, f"pro_{key}_{number}")
    st.subheader(visitor.say("why.con"), anchor=False)
    if told.con:
        _reason(visitor, told.con, most, seen, f"con_{key}")
    else:
        st.caption(visitor.say("why.no_con"))
    st.subheader(visitor.say("why.unknown"), anchor=False)
    unknown = visitor.comma.join(phrase("unknown", code, visitor.language) for code in told.unknown)
    st.caption(unknown or visitor.say("why.no_unknown"))
    with st.expander(visitor.say("why.all")):
        _all(visitor, reasons, key)


def _reason(visitor: Visitor, reason: dict[str, Any], most: float, seen: set[tuple[str, str]], key: str) -> None:
    """One reason: its name and weight over a bar, then the sentences; those already shown above are not repeated."""
    with st.container(key=f"reason_{key}", gap=None):
        st.progress(
            min(abs(reason["weight"]) / most, 1.0),
            text=f"{word(reason['code'], visitor.language)}\u2003**{reason['weight']:+.2f}**",
        )
        for side in ("project", "institution"):
            said = reason.get(f"evidence_{side}")
            if said and (side, said) not in seen:
                seen.add((side, said))
                with st.container(key=f"quote_{key}_{side}", gap=None):
                    st.caption(visitor.say(f"why.{side}_says"))
                    st.text(f"“{said}”")


def _all(visitor: Visitor, reasons: list[dict[str, Any]], key: str) -> None:
    """Every feature's share of the score; only our own labels go into the chart."""
    known = sorted((r for r in reasons if r["weight"]), key=lambda r: r["weight"])
    frame = pd.DataFrame(
        {
            "label": [word(r["code"], visitor.language) for r in known],
            "pro": [round(max(r["weight"], 0.0), 3) for r in known],
            "con": [round(min(r["weight"], 0.0), 3) for r in known],
        }
    )
    spec = {
        "animation": False,
        "grid": {"left": 8, "right": 24, "top": 8, "bottom": 8, "containLabel": True},
        "dataset": {"source": frame},
        "xAxis": {"type": "value", "splitLine": {"show": False}},
        "yAxis": {"type": "category", "axisTick": {"show": False}},
        "series": [
            {
                "type": "bar",
                "stack": "all",
                "encode": {"x": name, "y": "label"},
                "itemStyle": {"color": color},
                "barMaxWidth": 14,
            }
            for name, color in (("pro", GREEN), ("con", RED))
        ],
    }
    total = sum(r["weight"] for r in known)
    st.caption(visitor.say("why.sum", total=f"{total:.2f}"))
    st.echarts_chart(spec, height=60 + 26 * len(known), renderer="svg", key=f"chart_{key}", alt=visitor.say("why.all"))
