"""What the institution decided: shortlisted, asked to meet, snoozed and passed projects, each to be taken back."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from app.dashboard.decision_queries import decisions_of, recurring_of
from app.dashboard.desk import Desk
from app.dashboard.naming import shown_name
from app.dashboard.parts.choosing import choose_institution
from app.dashboard.parts.deciding import compare_toggle, decide_on
from app.dashboard.parts.opening import open_pair
from app.dashboard.parts.paged import page_of
from app.dashboard.parts.style import draw_style
from app.dashboard.plain import escape, shorten
from app.dashboard.queries import project_names
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor
from app.feedback import PASSED, STATES, Decision
from data.declines import decline_label
from data.reference.regions import regions
from data.reference.sectors import sectors
from data.reference.vocabularies import vocabulary
from features.families.feedback import LEAST, Recurring

PAGE, NAME = 10, 60


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    draw_style("marks")
    anchor = choose_institution(visitor, desk)
    if not anchor:
        return
    found = decisions_of(visitor, desk, anchor)
    counts = Counter(decision.state for decision in found.values())
    if not found:
        st.info(visitor.say("decisions.none"))
        return
    key = f"decisions_{desk.channel}_{anchor}"
    state = st.segmented_control(
        visitor.say("decisions.state"),
        STATES,
        key=key,
        default=next(one for one in STATES if counts[one]),
        required=True,
        format_func=lambda one: visitor.say("decisions.tab", state=visitor.say(f"decision.{one}"), count=counts[one]),
    )
    told = [(one, decision) for one, decision in reversed(found.items()) if decision.state == state]
    if state == PASSED and told:
        _reasons(visitor, [decision for _, decision in told])
        _recurring(visitor, desk, anchor)
    if not told:
        st.caption(visitor.say("decisions.empty"))
    names = project_names(desk, everything=visitor.role.organizes)
    page, pages = page_of(f"{key}_{state}", len(told), PAGE)
    for project_id, decision in told[(page - 1) * PAGE : page * PAGE]:
        _one(visitor, desk, anchor, project_id, shown_name(visitor, names[project_id]), decision)
    if pages > 1:
        st.pagination(pages, key=f"{key}_{state}")


def _reasons(visitor: Visitor, told: list[Decision]) -> None:
    """How often each reason was given."""
    counts = Counter(decision.reason for decision in told)
    with st.container(horizontal=True, gap="small", key="reasons_passed"):
        for reason, count in counts.most_common():
            st.badge(f"{decline_label(reason, visitor.language)} {count}", color="gray")


def _recurring(visitor: Visitor, desk: Desk, anchor: str) -> None:
    """What the next run will make of reasons that recur; each pass can be taken back."""
    st.caption(visitor.say("decisions.passed_about", least=LEAST))
    for one in recurring_of(visitor, desk, anchor):
        told = visitor.say(
            "decisions.recurring",
            reason=decline_label(one.reason, visitor.language),
            value=_value(visitor, one),
            count=one.count,
        )
        st.text(told)


def _value(visitor: Visitor, one: Recurring) -> str:
    """What the projects share: a field, a stage, a province, or the amount at which a band begins."""
    if one.reason == "sector":
        node = sectors()[str(one.value)]
        return node.name_en if visitor.language == "en" else node.name_zh
    if one.reason == "stage":
        return vocabulary("stages").label(str(one.value), visitor.language)
    if isinstance(one.value, tuple):
        currency, power = one.value
        return visitor.say("decisions.amount_from", amount=f"{currency} {10**power:,.0f}")
    return regions().label(str(one.value), visitor.language)


def _one(visitor: Visitor, desk: Desk, anchor: str, project_id: str, name: str, decision: Decision) -> None:
    with st.container(border=True, key=f"decided_{project_id}", gap="small"):
        if st.button(escape(shorten(name, NAME)), key=f"open_{project_id}", type="tertiary"):
            open_pair(visitor, desk, anchor, project_id)
        st.caption(visitor.say("decisions.when", project=escape(project_id), day=decision.at.date().isoformat()))
        decide_on(visitor, desk, anchor, project_id, f"decided_{project_id}")
        compare_toggle(visitor, desk, project_id, f"decided_{project_id}")


VIEW = View("decisions", 14, ("institution", "organizer"), show)
