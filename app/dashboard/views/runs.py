"""Runs side by side: what their manifests say, what differs, and which matches came, went or moved."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.naming import shown_name
from app.dashboard.parts.manifests import manifest_words
from app.dashboard.parts.paged import paged
from app.dashboard.quality_queries import compare_runs, runs_of
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from app.run_changes import EXPLAINED, Fact
from data.runs import Run

TOP = 10
CHANGES = ("gained", "lost", "moved")
SHOWN = ("change", "project", "institution", "old", "new", "project_id", "institution_id")


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    runs = {run.run_id: run for run in runs_of(visitor, desk)}
    st.caption(visitor.say("runs.about", top=TOP))
    if len(runs) < 2:
        st.info(visitor.say("runs.only_one"))
        return
    ids = list(runs)
    current = ids.index(desk.run.run_id) if desk.run.run_id in runs else 0
    with st.container(horizontal=True, vertical_alignment="bottom"):
        new = _one(visitor, runs, "new", current, desk.channel)
        old = _one(visitor, runs, "old", 1 if current == 0 else 0, desk.channel)
    if old == new:
        st.info(visitor.say("runs.same"))
        return
    facts, frame = compare_runs(visitor, desk, old, new, TOP)
    _facts(visitor, facts)
    _matches(visitor, frame, f"{desk.channel}_{old}_{new}")


def _one(visitor: Visitor, runs: dict[str, Run], side: str, index: int, channel: str) -> str:
    label = visitor.say(f"runs.{side}")
    chosen = st.selectbox(
        label,
        list(runs),
        index=index,
        key=f"run_{side}_{channel}",
        width=360,
        format_func=lambda run_id: f"{runs[run_id].manifest['as_of']} · {run_id}",
    )
    return str(chosen)


def _facts(visitor: Visitor, facts: list[Fact]) -> None:
    """Why the results differ, in words, then everything the manifests say."""
    causes = [visitor.say(f"runs.cause_{fact.name}") for fact in facts if fact.differs and fact.name in EXPLAINED]
    st.subheader(visitor.say("runs.why"), anchor=False)
    st.text("\n".join(f"· {cause}" for cause in causes) or visitor.say("runs.no_cause"))
    columns = [visitor.say(f"runs.{name}") for name in ("fact", "old", "new", "differs")]
    rows = [
        (
            visitor.say(f"runs.fact_{fact.name}"),
            *(manifest_words(visitor, fact.name, value) for value in (fact.old, fact.new)),
            "≠" if fact.differs else "=",
        )
        for fact in facts
    ]
    table = pd.DataFrame(rows, columns=columns)
    st.dataframe(
        table, hide_index=True, width="stretch", height="content", key="manifests", alt=visitor.say("runs.why")
    )


def _matches(visitor: Visitor, frame: pd.DataFrame, key: str) -> None:
    counts = frame["change"].value_counts()
    st.subheader(visitor.say("runs.matches"), anchor=False)
    with st.grid(min_column_width=150, gap="small", key="figures_runs"):
        for change in CHANGES:
            st.metric(visitor.say(f"runs.{change}"), int(counts.get(change, 0)), border=True)
    if frame.empty:
        return
    chosen = st.segmented_control(
        visitor.say("runs.which"),
        [change for change in CHANGES if counts.get(change)],
        key=f"changes_{key}",
        format_func=lambda change: visitor.say(f"runs.{change}"),
    )
    found = frame[frame["change"] == chosen] if chosen else frame
    columns = {one: visitor.say(f"runs.column_{one}") for one in SHOWN}
    told = partial(worded, visitor)
    paged(visitor, found, columns, f"moved_{key}_{chosen}", visitor.say("runs.matches"), told=told)


def worded(visitor: Visitor, rows: pd.DataFrame) -> pd.DataFrame:
    """Names, changes and ranks as they are read."""
    return rows.assign(
        project=[shown_name(visitor, one) for one in rows["project"]],
        change=[visitor.say(f"runs.{one}") for one in rows["change"]],
        **{side: ["–" if pd.isna(rank) else str(int(rank)) for rank in rows[side]] for side in ("old", "new")},
    )


VIEW = View("runs", 62, ("organizer",), show)
