"""Requests by service, each with the sentence that asks for it; what the text only implies is marked as inferred."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.naming import shown_name
from app.dashboard.parts.charted import DARK, bars, charted
from app.dashboard.parts.choosing import choose_institution
from app.dashboard.parts.opening import open_pair
from app.dashboard.parts.paged import page_of, turn_pages
from app.dashboard.plain import escape, shorten
from app.dashboard.queries import records
from app.dashboard.request_queries import offered, requests
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from data.reference.vocabularies import vocabulary

PAGE, NAME, MOST = 8, 50, 12
INFERRED = "#c79a3b"


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    if desk.channel != "services":
        st.info(visitor.say("requests.other_channel"))
        return
    anchor = choose_institution(visitor, desk)
    if not anchor:
        return
    st.caption(visitor.say("requests.about"))
    frame, own = requests(visitor, desk), offered(desk, anchor)
    known = vocabulary("services")
    counts = frame["service"].value_counts()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mine = st.toggle(visitor.say("requests.mine", count=len(own)), value=bool(own), key=f"mine_{anchor}")
        stated = st.toggle(visitor.say("requests.stated"), key=f"stated_{anchor}")
        service = st.selectbox(
            visitor.say("requests.service"),
            [one for one in counts.index if one in own or not mine],
            index=None,
            key=f"service_{anchor}_{mine}",
            width=300,
            placeholder=visitor.say("filter.all"),
            format_func=lambda code: f"{known.label(code, visitor.language)}（{counts[code]}）",
        )
    found = frame[frame["service"].isin(list(own))] if mine else frame
    found = found[~found["inferred"]] if stated else found
    found = found[found["service"] == service] if service else found
    left, right = st.columns((6, 5), gap="medium")
    with left:
        _list(visitor, desk, found, anchor, f"{mine}_{stated}_{service}")
    with right, st.container(border=True, key=f"services_{anchor}"):
        _chart(visitor, frame, anchor)


def _list(visitor: Visitor, desk: Desk, found: pd.DataFrame, anchor: str, key: str) -> None:
    if found.empty:
        st.info(visitor.say("list.nothing_left"))
        return
    name = f"requests_{anchor}_{key}"
    page, pages = page_of(name, len(found), PAGE)
    for number, row in enumerate(records(found.iloc[(page - 1) * PAGE : page * PAGE])):
        with st.container(border=True, key=f"card_request_{number}_{row['project_id']}_{row['service']}", gap=None):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.badge(vocabulary("services").label(row["service"], visitor.language), color="green")
                kind = "inferred" if row["inferred"] else "stated_badge"
                st.badge(visitor.say(f"requests.{kind}"), color="orange" if row["inferred"] else "gray")
            label = escape(shorten(shown_name(visitor, row["name"]), NAME))
            if st.button(label, key=f"go_request_{number}_{row['project_id']}_{row['service']}", type="tertiary"):
                open_pair(visitor, desk, anchor, row["project_id"])
            st.text(f"“{row['sentence']}”" if row["sentence"] else visitor.say("requests.by_column"))
    turn_pages(visitor, name, len(found), pages)


def _chart(visitor: Visitor, frame: pd.DataFrame, anchor: str) -> None:
    """How many projects ask for each service, stated and inferred."""
    st.subheader(visitor.say("requests.chart"), anchor=False)
    groups = frame.groupby("service")["inferred"]
    counts = pd.DataFrame({"total": groups.size(), "inferred": groups.sum().astype(int)})
    counts = counts.assign(stated=counts["total"] - counts["inferred"]).sort_values("total", ascending=False).head(MOST)
    service, stated, inferred = (visitor.say(f"requests.{one}") for one in ("service", "stated_badge", "inferred"))
    known = vocabulary("services")
    table = pd.DataFrame(
        {
            service: [known.label(str(code), visitor.language) for code in counts.index],
            stated: counts["stated"].to_numpy(),
            inferred: counts["inferred"].to_numpy(),
        }
    )
    spec = {**bars(table, service, {stated: DARK, inferred: INFERRED}), "legend": {"bottom": 0}}
    spec["grid"] = {**spec["grid"], "bottom": 32}
    charted(
        visitor, spec, table, key=f"services_{anchor}", height=80 + 24 * len(table), alt=visitor.say("requests.chart")
    )


VIEW = View("requests", 19, ("service", "mentor", "organizer"), show)
