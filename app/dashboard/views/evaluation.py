"""The organizer's page of how good the ranking is: last evaluation, calibration, learned rankers, and the effect."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.calendar import ZONE
from app.dashboard.desk import Desk
from app.dashboard.evaluation_queries import (
    Measured,
    calibration_in_use,
    calibration_of,
    measured,
    trials_of,
)
from app.dashboard.parts.asking import half
from app.dashboard.parts.charted import charted
from app.dashboard.parts.effect_told import show_effect
from app.dashboard.parts.intervals import height_of, interval_chart
from app.dashboard.plain import escape
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from data.reference.vocabularies import vocabulary
from evaluation.crunchbase_cut import MAIN
from matcher.calibration import Curve

KNOTS = 9
"""Points of a calibration that are shown."""


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    st.caption(visitor.say("evaluation.about"))
    with st.container(border=True, key="evaluation_last"):
        _last(visitor, measured(desk))
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, key="evaluation_calibration"):
        _calibration(visitor, desk)
    with right, st.container(border=True, key="evaluation_trials"):
        _trials(visitor, desk)
    with st.container(border=True, key="evaluation_effect"):
        show_effect(visitor, desk)


def _last(visitor: Visitor, told: Measured) -> None:
    st.subheader(visitor.say("evaluation.last"), anchor=False)
    if told.problem:
        st.warning(visitor.say("evaluation.unreadable", problem=escape(told.problem)))
        return
    if told.written is None:
        st.info(visitor.say("evaluation.none"))
        folder = f"{told.folder.parent.name}/{told.folder.name}"
        st.code(
            f"mkdir -p {folder}\n"
            f"duijie evaluate crunchbase PATH --json > {folder}/crunchbase.json\n"
            f"duijie evaluate labelled --out {folder}/labelled.json",
            language=None,
            wrap_lines=True,
        )
        return
    written = pd.Timestamp(told.written).tz_convert(ZONE)
    st.caption(visitor.say("evaluation.written", day=written.strftime("%Y-%m-%d %H:%M"), count=len(told.results)))
    if told.tables:
        _tables(visitor, told)
    else:
        st.info(visitor.say("evaluation.no_tables"))


@st.fragment
def _tables(visitor: Visitor, told: Measured) -> None:
    """One table at a time: its kind, then what it is about."""
    titles = list(dict.fromkeys(title for title, _, _ in told.tables))
    with st.container(horizontal=True, vertical_alignment="bottom", key="evaluation_which"):
        title = st.selectbox(
            visitor.say("evaluation.kind"),
            titles,
            key="evaluation_kind",
            width=260,
            format_func=lambda one: half(one, visitor.language),
        )
        mine = {about: table for kind, about, table in told.tables if kind == title}
        about = next(iter(mine))
        if len(mine) > 1:
            about = st.selectbox(visitor.say("evaluation.on"), list(mine), key=f"evaluation_on_{title}", width=340)
    table = mine[about]
    _methods(visitor, told, about)
    frame = pd.DataFrame([[cell.replace("**", "") for cell in row] for row in table.rows], columns=distinct(table.head))
    alt = half(title, visitor.language)
    st.dataframe(frame, hide_index=True, width="stretch", height="content", key=f"result_{title}_{about}", alt=alt)
    if table.below:
        with st.container(key="facts_below", gap=None):
            st.text("\n".join(table.below))
    st.code(table.command, language=None, wrap_lines=True)


def distinct(head: tuple[str, ...]) -> list[str]:
    """Names of columns, each once: a second of one name gets a mark that is not seen."""
    seen: dict[str, int] = {}
    found = []
    for name in head:
        seen[name] = seen.get(name, 0) + 1
        found.append(name + "\u200b" * (seen[name] - 1))
    return found


def _methods(visitor: Visitor, told: Measured, about: str) -> None:
    """nDCG@10 of every method on real investors with its interval, the best first."""
    result = told.results.get(f"crunchbase {about}")
    methods = (result or {}).get("methods")
    if not methods:
        return
    rows = sorted(((name, one[MAIN]) for name, one in methods.items()), key=lambda row: -row[1][0])
    names = [name for name, _ in rows]
    values = pd.DataFrame([triple for _, triple in rows], columns=["mean", "low", "high"])
    table = pd.DataFrame(
        {visitor.say("evaluation.method"): names, MAIN: [f"{m:.3f} [{a:.3f}, {b:.3f}]" for _, (m, a, b) in rows]}
    )
    charted(visitor, interval_chart(names, values), table, key=f"methods_{about}", height=height_of(len(names)),
            alt=visitor.say("evaluation.methods"))  # fmt: skip


def _calibration(visitor: Visitor, desk: Desk) -> None:
    st.subheader(visitor.say("evaluation.calibration"), anchor=False)
    stamp, kept = calibration_in_use(desk), calibration_of(desk)
    if "none" in stamp or not stamp:
        st.text(visitor.say("evaluation.no_probability"))
        why = half(str(stamp.get("none", "")), visitor.language)
        if why:
            st.caption(escape(why))
    else:
        st.text(visitor.say("evaluation.probability", day=stamp["as_of"], cases=stamp["cases"]))
    if kept is None:
        st.code(
            f"duijie calibrate --store {desk.system.store.path.name} --channel {desk.channel}",
            language=None,
            wrap_lines=True,
        )
        return
    for target, curve in kept.curves.items():
        st.text(_curve_title(visitor, target, curve))
        _curve(visitor, target, curve)
    for target, why in kept.refused.items():
        label = vocabulary("events").label(target, visitor.language)
        st.text(visitor.say("evaluation.refused", target=label, why=half(why, visitor.language)))


def _curve_title(visitor: Visitor, target: str, curve: Curve) -> str:
    label = vocabulary("events").label(target, visitor.language)
    return visitor.say("evaluation.curve", target=label, days=curve.days, positives=curve.positives, cases=curve.cases)


def _curve(visitor: Visitor, target: str, curve: Curve) -> None:
    step = max(1, (len(curve.scores) - 1) // (KNOTS - 1))
    at = list(range(0, len(curve.scores), step))
    names = [f"{curve.scores[one]:+.2f}" for one in at]
    parts = {"mean": curve.probability, "low": curve.low, "high": curve.high}
    values = pd.DataFrame({name: [part[one] * 100 for one in at] for name, part in parts.items()})
    table = values.round(1).set_axis([visitor.say(f"board.{one}") for one in values], axis=1)
    table.insert(0, visitor.say("evaluation.score"), names)
    charted(visitor, interval_chart(names, values, unit="%"), table, key=f"curve_{target}", height=height_of(len(at)),
            alt=_curve_title(visitor, target, curve))  # fmt: skip


def _trials(visitor: Visitor, desk: Desk) -> None:
    st.subheader(visitor.say("evaluation.learned"), anchor=False)
    ranker = desk.run.manifest["ranker"]
    learned = isinstance(ranker, dict) and desk.channel in ranker
    st.text(visitor.say("evaluation.ranks_learned" if learned else "evaluation.ranks_transparent"))
    day, trials = trials_of(desk)
    if not trials:
        st.caption(visitor.say("evaluation.no_trials"))
        st.code(
            f"duijie learn --store {desk.system.store.path.name} --channel {desk.channel}",
            language=None,
            wrap_lines=True,
        )
        return
    st.caption(visitor.say("evaluation.taught", day=day))
    names = ("head", "asked", "transparent", "learned", "difference", "verdict")
    table = pd.DataFrame([_trial(visitor, one) for one in trials], columns=list(names))
    columns = {name: visitor.say(f"evaluation.column_{name}") for name in names}
    st.dataframe(table, hide_index=True, width="stretch", height="content", column_config=columns, key="trials",
                 alt=visitor.say("evaluation.learned"))  # fmt: skip


def _trial(visitor: Visitor, told: dict[str, Any]) -> dict[str, str]:
    parts = {
        name: f"{one[0]:+.3f} [{one[1]:+.3f}, {one[2]:+.3f}]" if (one := told.get(name)) else "–"
        for name in ("transparent", "learned", "difference")
    }
    verdict = "won" if told["won"] else "few" if not told.get("difference") else "not_won"
    head = visitor.say(f"evaluation.head_{told['head']}")
    return {"head": head, "asked": str(told["asked"]), **parts, "verdict": visitor.say(f"evaluation.{verdict}")}


VIEW = View("evaluation", 75, ("organizer",), show)
