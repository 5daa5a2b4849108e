"""The organizer's page of the run: from what it can be repeated."""

from __future__ import annotations

import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.parts.manifests import manifest_words
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    manifest = desk.run.manifest
    encoder = manifest["encoder"]
    told = {
        "run_id": desk.run.run_id,
        "as_of": manifest["as_of"],
        "encoder": manifest_words(visitor, "encoder", encoder),
        "encoder_print": encoder["fingerprint"],
        "data": manifest["data"],
        "settings": manifest["settings"],
        "code": manifest["code"],
        "ranker": manifest_words(visitor, "ranker", manifest["ranker"]),
        "counts": manifest_words(visitor, "counts", manifest["counts"]),
        "top": manifest["top"],
        "seed": manifest["seed"],
        "store": str(desk.system.store.path.name),
    }
    st.caption(visitor.say("run.about"))
    with st.container(border=True), st.grid(min_column_width=260, key="fields_run"):
        for name, value in told.items():
            if value != "":
                with st.container(key=f"field_run_{name}", gap=None):
                    st.caption(visitor.say(f"run.{name}"))
                    st.text(str(value))


VIEW = View("run", 60, ("organizer",), show)
