"""Whether a page shows what does not exist."""

from __future__ import annotations

import pyarrow.compute as pc
import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.roles import KINDS


@st.cache_resource(max_entries=4, show_spinner=False)
def _is_sample(key: tuple[object, ...], _desk: Desk) -> bool:
    if _desk.system.store.holds_sample:
        return True
    if _desk.last is None:
        return False
    ids = _desk.run.table("projects").column("project_id")
    return bool(pc.any(pc.starts_with(ids, "SAMPLE-")).as_py())


@allowed(*KINDS)
def is_sample(desk: Desk) -> bool:
    """Whether what is shown is, in whole or in part, the fictional sample."""
    return _is_sample(desk.shown_key, desk)
