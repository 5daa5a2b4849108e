"""Did the matching help? The answers of one channel, worked out when asked for; what cannot be estimated is refused."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.evaluation_queries import effect_of
from app.dashboard.outcome_queries import today_of
from app.dashboard.parts.asking import half, message_of
from app.dashboard.parts.charted import charted
from app.dashboard.parts.intervals import height_of, interval_chart
from app.dashboard.plain import escape
from app.dashboard.visitor import Visitor
from data.cases import LADDER
from data.problem import DuijieError
from data.reference.vocabularies import vocabulary
from evaluation.effect import Effect
from evaluation.effect_estimators import DR, Answer

HORIZONS = (30, 90, 180, 365)
GAIN = "gain"
"""Name of the estimate of what another policy gains over the lists as they were."""


@st.fragment
def show_effect(visitor: Visitor, desk: Desk) -> None:
    """Did the matching help? Worked out when asked for; what cannot be estimated is refused."""
    st.subheader(visitor.say("effect.title"), anchor=False)
    st.caption(visitor.say("effect.about"))
    if desk.access.bounded:
        st.info(visitor.say("effect.region"))
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="effect_ask"):
        target = st.selectbox(visitor.say("effect.target"), LADDER[1:], key="effect_target", width=180,
                              format_func=lambda one: vocabulary("events").label(one, visitor.language))  # fmt: skip
        days = st.selectbox(visitor.say("effect.days"), HORIZONS, index=1, key="effect_days", width=150,
                            format_func=lambda one: visitor.say("funnel.days", days=one))  # fmt: skip
        asked = f"{desk.channel}_{target}_{days}"
        if st.button(visitor.say("effect.ask"), key="effect_go", type="primary"):
            st.session_state["effect_asked"] = asked
    if st.session_state.get("effect_asked") != asked:
        return
    try:
        with st.spinner(visitor.say("effect.wait")):
            told = effect_of(desk, today_of(desk), target, days)
    except DuijieError as error:
        st.warning(escape(message_of(error, visitor.language)))
        return
    _answers(visitor, told)


def _answers(visitor: Visitor, told: Effect) -> None:
    st.caption(visitor.say("effect.runs", runs=len(told.runs), unripe=told.unripe, overlapping=told.overlapping))
    for name, groups in (("by_place", told.by_place), ("by_score", told.by_score)):
        if groups:
            st.text(visitor.say(f"effect.{name}"))
            labels = [f"{group.label} ({group.pairs})" for group in groups]
            values = pd.DataFrame(
                [[group.rate.mean, group.rate.low, group.rate.high] for group in groups],
                columns=["mean", "low", "high"],
            )
            table = (values * 100).round(1).set_axis([visitor.say(f"board.{one}") for one in values], axis=1)
            table.insert(0, visitor.say(f"effect.{name}"), labels)
            charted(visitor, interval_chart(labels, values * 100, unit="%"), table, key=name,
                    height=height_of(len(labels)), alt=visitor.say(f"effect.{name}"))  # fmt: skip
    st.text(visitor.say("effect.against", lists=told.ranking.lists))
    for claim in told.ranking.claims:
        st.text(f"· {claim}")
    if told.ranking.refused:
        _refusal(visitor, told.ranking.refused)
    st.text(visitor.say("effect.place"))
    _answer(visitor, told.place)
    for name, answer in told.policies.items():
        st.text(visitor.say(f"effect.policy_{name}"))
        _answer(visitor, answer)


def _answer(visitor: Visitor, answer: Answer) -> None:
    if answer.support.refused:
        _refusal(visitor, answer.support.refused)
        return
    for one in answer.estimates.values():
        st.text(f"· {visitor.say(f'effect.{one.name}')}: {one.value:+.4f} [{one.low:+.4f}, {one.high:+.4f}]")
    decisive = answer.estimates.get(GAIN, answer.estimates[DR])
    if not decisive.shown:
        st.text(visitor.say("effect.no_difference"))


def _refusal(visitor: Visitor, why: str) -> None:
    st.warning(visitor.say("effect.refused", why=escape(half(why, visitor.language))))
