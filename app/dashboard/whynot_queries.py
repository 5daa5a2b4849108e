"""Why a pair is recommended or not."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.dashboard.access import denied
from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import institution_names, mask_reasons, sees_project
from app.explaining import explain


@allowed("institution", "organizer")
def whynot(desk: Desk, project_id: str, institution_id: str) -> dict[str, Any]:
    """Explain any pair, in the shape of :func:`app.explaining.explain`. Slow: the market is learned anew."""
    desk.access.require_institution(institution_id)
    if institution_id not in institution_names(desk) or not sees_project(desk, project_id):
        raise denied("whynot")
    return _whynot(desk.key, project_id, institution_id, desk)


@st.cache_resource(max_entries=256, show_spinner=False)
def _whynot(key: tuple[object, ...], project_id: str, institution_id: str, _desk: Desk) -> dict[str, Any]:
    told = explain(_desk.system, project_id, institution_id, (_desk.channel,))[0]
    mask_reasons(_desk, project_id, told["reasons"])
    return told
