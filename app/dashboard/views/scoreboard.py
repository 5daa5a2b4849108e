"""The organizer's page of how well institutions served the projects they were introduced to. Nobody else sees it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.outcome_queries import counted_cases
from app.dashboard.parts.asking import ask_channels, ask_day, ask_one, message_of
from app.dashboard.parts.charted import charted
from app.dashboard.parts.intervals import height_of, interval_chart
from app.dashboard.parts.paged import paged
from app.dashboard.parts.style import draw_style
from app.dashboard.plain import escape
from app.dashboard.scoreboard_queries import board
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from data.problem import DuijieError
from data.reference.vocabularies import vocabulary
from evaluation.scoreboard import COLUMNS, LEAST, STAGES

MOST, NAME = 20, 22
AT_ONCE = 10_000
"""Cases up to which nobody waits long for the estimate."""
SIMULATION = "duijie evaluate scoreboard"
RANKED = (
    *("rank", "ranks", "name", "rate", "observed", "expected", "matured", "open", "not_called"),
    *("rank_without_best_case", "rank_without_worst_case", "rank_if_silent_failed"),
)
UNRANKED = ("name", "cases", "matured", "open", "observed")
COUNTS = ("cases", "matured", "open", "not_called", "observed")


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    draw_style("outcomes")
    st.caption(visitor.say("board.about"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="board_ask"):
        stage = ask_one(
            "stage",
            tuple(STAGES),
            visitor.say("board.stage"),
            lambda code: vocabulary("events").label(code, visitor.language),
            default="delivered",
        )
        channel = ask_channels(visitor, desk)
        day = ask_day(visitor, desk)
    if not _wanted(visitor, len(counted_cases(desk, day, channel)), f"{stage}_{channel}_{day}"):
        return
    try:
        with st.spinner(visitor.say("board.wait")):
            found = board(desk, day, stage, channel)
    except DuijieError as error:
        if error.code != "scoreboard.empty":
            raise
        st.info(escape(message_of(error, visitor.language)))
        return
    _reading(visitor, stage)
    ranked, others = found[found["rank"].notna()], found[found["rank"].isna()]
    with st.container(border=True, key="board_ranked"):
        _ranked(visitor, ranked, stage)
    with st.container(border=True, key="board_others"):
        _others(visitor, others)


def _wanted(visitor: Visitor, cases: int, asked: str) -> bool:
    """Whether to estimate: at once for a small number of cases, else when somebody asks for just this."""
    if cases <= AT_ONCE:
        return True
    st.caption(visitor.say("board.large", cases=f"{cases:,}"))
    if st.button(visitor.say("board.ask"), key="board_ask_large", type="primary"):
        st.session_state["board_asked"] = asked
    return bool(st.session_state.get("board_asked") == asked)


def _reading(visitor: Visitor, stage: str) -> None:
    """What it is and what it is not."""
    with st.expander(visitor.say("board.how")):
        days = STAGES[stage]
        for name in ("adjusted", "interval", "few", "silent", "not"):
            st.text(visitor.say(f"board.how_{name}", days=days, least=LEAST))
        st.code(SIMULATION, language=None, wrap_lines=True)


def _ranked(visitor: Visitor, ranked: pd.DataFrame, stage: str) -> None:
    st.subheader(visitor.say("board.ranked", count=len(ranked), least=LEAST), anchor=False)
    if ranked.empty:
        st.caption(visitor.say("board.none"))
        return
    st.caption(visitor.say("board.overlap"))
    first = ranked.head(MOST)
    names = [f"{int(rank)}  {name or key}"[:NAME] for rank, name, key in
             zip(first["rank"], first["name"], first["institution_id"], strict=True)]  # fmt: skip
    rates, ranks = st.columns(2, gap="medium")
    with rates:
        st.caption(visitor.say("board.chart_rates", days=STAGES[stage]))
        values = first[["adjusted_rate", "low", "high"]].set_axis(["mean", "low", "high"], axis=1) * 100
        _chart(visitor, names, values, "rates", unit="%")
    with ranks:
        st.caption(visitor.say("board.chart_ranks"))
        values = first[["rank", "rank_low", "rank_high"]].set_axis(["mean", "low", "high"], axis=1)
        _chart(visitor, names, values, "ranks")
    columns = {name: visitor.say(f"board.column_{name}") for name in RANKED}
    paged(visitor, ranked, columns, "board", visitor.say("view.scoreboard"), told=worded, widths={"name": 220})


def _chart(visitor: Visitor, names: list[str], values: pd.DataFrame, key: str, unit: str = "") -> None:
    table = values.astype(float).round(1).set_axis([visitor.say(f"board.{one}") for one in values], axis=1)
    table.insert(0, visitor.say("board.column_name"), names)
    charted(
        visitor,
        interval_chart(names, values, unit=unit),
        table,
        key=f"board_{key}",
        height=height_of(len(names)),
        alt=visitor.say(f"board.alt_{key}"),
    )


def worded(found: pd.DataFrame) -> pd.DataFrame:
    """Figures as text, an interval in one cell; an institution without a name bears its id."""
    rows = found.copy()
    rows["name"] = rows["name"].where(rows["name"] != "", rows["institution_id"])
    for name in (*COUNTS, *(one for one in COLUMNS if one.startswith("rank_"))):
        rows[name] = ["–" if pd.isna(value) else str(int(value)) for value in rows[name]]
    rows["rank"] = ["–" if pd.isna(value) else str(int(value)) for value in rows["rank"]]
    rows["ranks"] = rows["rank_low"] + "–" + rows["rank_high"]
    rows["expected"] = [f"{value:.1f}" for value in rows["expected"]]
    triples = zip(rows["adjusted_rate"], rows["low"], rows["high"], strict=True)
    rows["rate"] = [f"{mean:.1%} [{low:.1%}, {high:.1%}]" for mean, low, high in triples]
    return rows


def _others(visitor: Visitor, others: pd.DataFrame) -> None:
    """Institutions with too few cases: listed, greyed, without a rank."""
    st.subheader(visitor.say("board.others", count=len(others), least=LEAST), anchor=False)
    st.caption(visitor.say("board.others_about", least=LEAST))
    if others.empty:
        return
    columns = {name: visitor.say(f"board.column_{name}") for name in UNRANKED}
    with st.container(key="greyed_board", gap=None):
        paged(visitor, others, columns, "board_others", visitor.say("board.others_about", least=LEAST), told=worded)


VIEW = View("scoreboard", 73, ("organizer",), show)
