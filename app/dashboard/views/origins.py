"""Where the projects come from, on the map of squares, by branch."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.facts_queries import origins
from app.dashboard.parts.filters import label
from app.dashboard.parts.tile_map import tile_map
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    frame = origins(visitor, desk)
    counts = Counter(branch for branches in frame["branches"] for branch in branches)
    chosen = st.pills(
        visitor.say("filter.branches"),
        [branch for branch, _ in counts.most_common()],
        selection_mode="multi",
        key=f"origins_{desk.channel}",
        format_func=lambda branch: f"{label('branches', branch, visitor.language)} ({counts[branch]})",
    )
    if chosen:
        frame = frame[[bool(set(branches) & set(chosen)) for branches in frame["branches"]]]
    st.caption(visitor.say("origins.about", count=len(frame)))
    places = frame[["country", "province"]].astype(object).where(frame[["country", "province"]].notna(), None)
    with st.container(border=True, key="origins_map"):
        pairs = zip(places["country"], places["province"], strict=True)
        tile_map(visitor, pairs, f"origins_{desk.channel}", visitor.say("origins.about", count=len(frame)))


VIEW = View("origins", 24, ("institution", "organizer"), show)
