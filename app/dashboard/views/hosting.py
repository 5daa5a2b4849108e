"""A park's page: missing links of its chain, who fills them, whether they fit, what is left, and what if it grows."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk
from app.dashboard.hosting_queries import CHANNEL, Candidate, Extension, Plan, plan
from app.dashboard.naming import shown_name
from app.dashboard.parts.charted import DARK, bars, charted
from app.dashboard.parts.choosing import choose_institution
from app.dashboard.parts.opening import open_pair
from app.dashboard.parts.paged import page_of, turn_pages
from app.dashboard.parts.states import fit_lines, show_state
from app.dashboard.parts.style import draw_style
from app.dashboard.parts.tile_map import tile_map
from app.dashboard.plain import escape, shorten
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from data.reference.sectors import sectors
from data.reference.vocabularies import vocabulary

PAGE, NAME, GAPS, SENTENCE = 6, 50, 10, 60
MOST_M2 = 1_000_000.0


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    draw_style("marks")
    if desk.channel != CHANNEL:
        st.info(visitor.say("hosting.other_channel"))
        return
    anchor = choose_institution(visitor, desk)
    if not anchor:
        return
    st.caption(visitor.say("hosting.about"))
    extension = _extension(visitor, anchor)
    told = plan(visitor, desk, anchor, extension)
    _figures(visitor, told, extension)
    left, right = st.columns((6, 5), gap="medium")
    with left, st.container(border=True, key=f"candidates_{anchor}"):
        _candidates(visitor, desk, told, extension, anchor)
    with right:
        with st.container(border=True, key=f"gaps_{anchor}"):
            _gaps(visitor, told, anchor)
        with st.container(border=True, key=f"places_{anchor}"):
            _places(visitor, told, anchor)
    with st.container(border=True, key=f"origins_{anchor}"):
        st.subheader(visitor.say("hosting.origins"), anchor=False)
        places = [(one.row.get("country"), one.row.get("province")) for one in told.candidates if one.then >= 0]
        tile_map(visitor, places, f"hosting_{anchor}", visitor.say("hosting.origins"))


def sector_name(sector: str, language: str) -> str:
    """Name of a node of the chain."""
    node = sectors()[sector]
    return node.name_en if language == "en" else node.name_zh


def _extension(visitor: Visitor, anchor: str) -> Extension:
    known = vocabulary("facilities")
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"whatif_{anchor}"):
        area = st.number_input(
            visitor.say("hosting.more_area"), 0.0, MOST_M2, step=500.0, format="%.0f", key=f"area_{anchor}", width=220
        )
        facilities = st.multiselect(
            visitor.say("hosting.more_facilities"),
            known.codes,
            key=f"facilities_{anchor}",
            width=360,
            placeholder=visitor.say("hosting.none_added"),
            format_func=lambda code: known.label(code, visitor.language),
        )
    return Extension(float(area), tuple(facilities))


def _figures(visitor: Visitor, told: Plan, extension: Extension) -> None:
    """Counts of the park, and what the extension adds to them."""
    left = visitor.say("hosting.unknown") if told.left_m2 is None else f"{told.left_m2:,.0f} m²"
    fits, open_ = (sum(one.then == state for one in told.candidates) for state in (1, 0))
    fits_now, open_now = (sum(one.now == state for one in told.candidates) for state in (1, 0))
    with st.grid(min_column_width=160, gap="small", key="figures_hosting"):
        st.metric(visitor.say("hosting.left"), left, border=True)
        st.metric(visitor.say("hosting.gaps"), len(told.gaps), border=True)
        for name, then, now in (("fits", fits, fits_now), ("open", open_, open_now)):
            change = then - now if extension and name == "fits" else None
            st.metric(
                visitor.say(f"hosting.{name}"), then, change, border=True, help=visitor.say(f"hosting.{name}_help")
            )
    if extension:
        gained = [one for one in told.candidates if one.then > one.now]
        st.success(visitor.say("hosting.gained", count=len(gained)))


def _candidates(visitor: Visitor, desk: Desk, told: Plan, extension: Extension, anchor: str) -> None:
    st.subheader(visitor.say("hosting.candidates"), anchor=False)
    filled = [gap.sector for gap in told.gaps if any(gap.sector in one.fills for one in told.candidates)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sector = st.selectbox(
            visitor.say("hosting.gap"),
            filled,
            index=None,
            key=f"gap_{anchor}",
            width=240,
            placeholder=visitor.say("filter.all"),
            format_func=lambda one: sector_name(one, visitor.language),
        )
        fitting = st.toggle(visitor.say("hosting.hide_failing"), value=True, key=f"fitting_{anchor}")
        gained = bool(extension) and st.toggle(visitor.say("hosting.only_gained"), key=f"gained_{anchor}")
    found = [
        one
        for one in told.candidates
        if (not sector or sector in one.fills) and (one.then >= 0 or not fitting) and (one.then > one.now or not gained)
    ]
    if not found:
        st.info(visitor.say("list.nothing_left"))
        return
    key = f"page_{anchor}_{sector}_{fitting}_{gained}_{extension.area_m2:.0f}_{len(extension.facilities)}"
    page, pages = page_of(key, len(found), PAGE)
    for one in found[(page - 1) * PAGE : page * PAGE]:
        _card(visitor, desk, one, anchor)
    turn_pages(visitor, key, len(found), pages)


def _card(visitor: Visitor, desk: Desk, one: Candidate, anchor: str) -> None:
    with st.container(border=True, key=f"card_host_{one.project_id}", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            name = escape(shorten(shown_name(visitor, one.row["name"]), NAME))
            if st.button(name, key=f"go_host_{one.project_id}", type="tertiary"):
                open_pair(visitor, desk, anchor, one.project_id)
            show_state(visitor, one.then)
            if one.then > one.now:
                st.badge(visitor.say("hosting.badge_gained"), color="blue")
        if one.fills:
            names = visitor.comma.join(sector_name(leaf, visitor.language) for leaf in one.fills[:3])
            st.text(visitor.say("hosting.fills", names=names))
        st.text("\n".join(fit_lines(visitor, one.row, one.rules, one.facilities)))


def _gaps(visitor: Visitor, told: Plan, anchor: str) -> None:
    """Missing links with how many candidates fill them; the park's own sentence where it says so."""
    st.subheader(visitor.say("hosting.gaps_title"), anchor=False)
    st.caption(visitor.say("hosting.gaps_about", there=len(told.there)))
    count = {gap.sector: sum(gap.sector in one.fills and one.then >= 0 for one in told.candidates) for gap in told.gaps}
    shown = sorted(told.gaps, key=lambda gap: (not gap.sentence, -count[gap.sector], -gap.strength[1]))[:GAPS]
    for gap in shown:
        if gap.sentence:
            name = sector_name(gap.sector, visitor.language)
            st.text(visitor.say("state.line", label=name, value=f"“{shorten(gap.sentence, SENTENCE)}”"))
    link, candidates, near = (visitor.say(f"hosting.{name}") for name in ("link", "link_candidates", "link_near"))
    rows = [
        {
            link: sector_name(gap.sector, visitor.language),
            candidates: count[gap.sector],
            near: visitor.comma.join(
                sector_name(one, visitor.language) for one in (*gap.upstream_of, *gap.downstream_of)[:4]
            ),
        }
        for gap in shown
    ]
    if rows:
        frame = pd.DataFrame(rows)
        spec = bars(frame[[link, candidates]], link, {candidates: DARK})
        charted(
            visitor,
            spec,
            frame,
            key=f"gaps_{anchor}",
            height=40 + 26 * len(rows),
            alt=visitor.say("hosting.gaps_title"),
        )


def _places(visitor: Visitor, told: Plan, anchor: str) -> None:
    """What moved in, quarter by quarter, and what was left then."""
    st.subheader(visitor.say("hosting.places"), anchor=False)
    if told.capacity_m2 is None:
        st.caption(visitor.say("hosting.no_capacity"))
    if told.unknown_areas:
        st.caption(visitor.say("hosting.unknown_areas", count=told.unknown_areas))
    if told.quarters.empty:
        st.caption(visitor.say("hosting.nobody_moved_in"))
        return
    names = {name: visitor.say(f"hosting.{name}") for name in told.quarters.columns}
    words = told.quarters.map(
        lambda cell: "–" if pd.isna(cell) else f"{cell:,.0f}" if isinstance(cell, float) else cell
    )
    st.dataframe(
        words.rename(columns=names),
        hide_index=True,
        width="stretch",
        height="content",
        key=f"quarters_{anchor}",
        alt=visitor.say("hosting.places"),
    )


VIEW = View("hosting", 18, ("park", "organizer"), show)
