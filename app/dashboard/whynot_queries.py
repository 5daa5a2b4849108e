"""Why a pair is recommended or not.

In a large run only pairs that the run holds are told of, as the run tells them: to learn its market anew takes minutes
and more memory than the server has for everybody.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.dashboard.access import denied
from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import answers, held, institution_names, mask_reasons, sees_project
from app.dashboard.rows import projects_of, today
from app.explaining import explain
from app.lists import list_matches, list_reasons, nested
from data.problem import DuijieError
from data.run_pairs import pairs_of

AT_ONCE = 5_000
"""Projects of a run up to which its market is learned anew while somebody waits."""


@allowed("institution", "organizer")
def whynot(desk: Desk, project_id: str, institution_id: str) -> dict[str, Any]:
    """Explain any pair, in the shape of :func:`app.explaining.explain`. Slow: the market is learned anew.

    Of a run of more than :data:`AT_ONCE` projects its own rows are told, without facts, wishes and abstention.

    Raises
    ------
    DuijieError
        ``whynot.large`` for a pair that such a run does not hold: the command line takes its time.
    """
    desk.access.require_institution(institution_id)
    if institution_id not in institution_names(desk) or not sees_project(desk, project_id):
        raise denied("whynot")
    if projects_of(desk).table.num_rows > AT_ONCE:
        return _held_pair(desk, project_id, institution_id)
    return _whynot(desk.key, project_id, institution_id, desk)


@st.cache_resource(max_entries=256, show_spinner=False)
def _whynot(key: tuple[object, ...], project_id: str, institution_id: str, _desk: Desk) -> dict[str, Any]:
    told = explain(_desk.system, project_id, institution_id, (_desk.channel,))[0]
    mask_reasons(_desk, project_id, told["reasons"])
    return told


def _held_pair(desk: Desk, project_id: str, institution_id: str) -> dict[str, Any]:
    """A pair that the run holds, with what holds today."""
    found = list_matches(
        desk.system, desk.channel, "projects", [project_id], ineligible=True, answers={project_id: "given"}
    )
    mine = found.filter(pc.equal(found.column("institution_id"), institution_id))
    if not mine.num_rows:
        command = f"duijie explain {project_id} {institution_id} --channel {desk.channel}"
        message = (
            "本次运行未保留这一对：不在任何一方的前列 / the run does not hold this pair: near the top on neither side"
        )
        raise DuijieError("whynot.large", message, command)
    reasons = list_reasons(desk.system, desk.run, desk.channel, mine, today(desk))
    (match,) = nested(mine.drop_columns(["position"]), reasons)
    organizes = desk.access.has(("organizer",))
    why = held(desk).get(project_id, "") if organizes else ""
    consent = answers(desk).get(project_id, "not_asked") if organizes else "given"
    mask_reasons(desk, project_id, match["reasons"])
    return {
        **match,
        "held_back": "" if why == "refused" else why,
        "consent": "refused" if why == "refused" else consent,
        "better": _better(found, match["score"]),
        "institutions": pairs_of(desk.run, desk.channel).institutions.size,
        "reasons": [] if why else match["reasons"],
    }


def _better(found: pa.Table, score: float) -> int:
    """How many institutions that pass every rule rank above a pair of this score."""
    above = pc.and_(pc.is_valid(found.column("rank_for_project")), pc.greater(found.column("score"), score))
    return int(pc.sum(above).as_py() or 0)
