"""The organizer's page of the run: from what it can be repeated."""

from __future__ import annotations

import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from matcher.channel import channels


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    manifest = desk.run.manifest
    encoder = manifest["encoder"]
    told = {
        "run_id": desk.run.run_id,
        "as_of": manifest["as_of"],
        "encoder": f"{encoder['name']} {encoder['fingerprint']}".strip(),
        "data": manifest["data"],
        "settings": manifest["settings"],
        "code": manifest["code"],
        "ranker": _ranker(visitor, manifest["ranker"]),
        "counts": visitor.say("run.counts_value", **manifest["counts"]),
        "top": manifest["top"],
        "seed": manifest["seed"],
        "store": str(desk.system.store.path.name),
    }
    st.caption(visitor.say("run.about"))
    with st.container(border=True), st.grid(min_column_width=260, key="fields_run"):
        for name, value in told.items():
            with st.container(key=f"field_run_{name}", gap=None):
                st.caption(visitor.say(f"run.{name}"))
                st.text(str(value))


def _ranker(visitor: Visitor, ranker: object) -> str:
    """How the run ranked: the same way everywhere, or learned in the named channels."""
    if not isinstance(ranker, dict):
        return visitor.say("run.ranker_transparent") if ranker == "transparent" else str(ranker)
    known, comma = channels(), "、" if visitor.language == "zh" else ", "
    names = [known[one].label_zh if visitor.language == "zh" else known[one].label_en for one in ranker if one in known]
    return visitor.say("run.ranker_learned", channels=comma.join(names))


VIEW = View("run", 60, ("organizer",), show)
