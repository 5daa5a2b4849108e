"""A list as cards: rank, name, what and where it is, and the strongest reason. A click opens a match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.dashboard.naming import shown_name
from app.dashboard.parts.allowance import show_line
from app.dashboard.parts.filters import label
from app.dashboard.parts.paged import page_of, turn_pages
from app.dashboard.plain import escape, shorten
from app.dashboard.queries import records
from app.dashboard.visitor import Visitor, go
from app.introductions import Allowance
from app.values import sector_words
from app.wording import phrase, story, word

PAGE = 8
NAME = 60
SECTORS = 3
SENTENCE = 48


def facts(visitor: Visitor, row: Mapping[str, Any], more: Sequence[str] = ("stage", "group")) -> str:
    """Sector, region and ``more`` of a project, or kind and region of an institution, in one line."""
    parts = [
        label("kind", row["kind"], visitor.language) if row.get("kind") else "",
        visitor.comma.join(sector_words((row.get("sectors") or [])[:SECTORS], visitor.language)),
        label("province", row["province"], visitor.language) if row.get("province") else row.get("country") or "",
        *(label(name, row[name], visitor.language) if row.get(name) else "" for name in more),
    ]
    return " · ".join(part for part in parts if part) or visitor.say("card.no_facts")


def headline(visitor: Visitor, row: dict[str, Any], reasons: list[dict[str, Any]]) -> str:
    """The strongest reason in words with the sentence of what is listed, or the rule that the pair fails."""
    if row["status"] != "recommended":
        return "✕ " + rules_in_words(visitor, row["rule"])
    told = story(reasons, most=2).pro
    if not told:
        return visitor.say("card.no_reason")
    side = "project" if row["listed"] == row["project_id"] else "institution"
    said = str(told[0].get(f"evidence_{side}") or "")
    if said and said not in str(row["name"]):  # the name stands on the card already
        reason = f"＋ {word(told[0]['code'], visitor.language)}"
        return visitor.say("state.line", label=reason, value=f"“{shorten(said, SENTENCE)}”")
    return " ".join(f"＋ {word(reason['code'], visitor.language)}" for reason in told)


def rules_in_words(visitor: Visitor, rules: object) -> str:
    """Failed rules in words."""
    between = "；" if visitor.language == "zh" else "; "
    return between.join(phrase("rule", rule, visitor.language) for rule in str(rules or "").split(";") if rule)


def show_cards(
    visitor: Visitor,
    frame: pd.DataFrame,
    reasons: dict[str, list[dict[str, Any]]],
    opened: str,
    param: str,
    key: str,
    allowed: Allowance | None = None,
) -> None:
    """Draw one page of a list. A click writes the id into the address as ``param``.

    ``allowed`` draws a line below the last card that it covers.
    """
    page, pages = page_of(f"page_{key}", len(frame), PAGE)
    first = (page - 1) * PAGE
    for number, row in enumerate(records(frame.iloc[first : first + PAGE]), start=first + 1):
        _card(visitor, row, reasons.get(row["listed"], []), row["listed"] == opened, param, key)
        show_line(visitor, allowed, number)
    turn_pages(visitor, f"page_{key}", len(frame), pages)


def name_button(visitor: Visitor, number: object, name: object, key: str, **where: str | None) -> None:
    """The number and name of a card, in the entrant's words; a click puts ``where`` into the address."""
    told = f"{number}\u2002{escape(shorten(shown_name(visitor, name), NAME))}"
    st.button(told, key=key, type="tertiary", width="stretch", on_click=go, kwargs=where)


def _card(
    visitor: Visitor, row: dict[str, Any], reasons: list[dict[str, Any]], is_open: bool, param: str, key: str
) -> None:
    name = "opencard" if is_open else "card"
    with st.container(border=True, key=f"{name}_{key}_{row['listed']}", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
            rank = "–" if pd.isna(row["rank"]) else int(row["rank"])
            name_button(visitor, rank, row["name"], f"go_{key}_{row['listed']}", **{param: row["listed"]})
            st.badge(f"{row['score']:.2f}", color="green" if row["status"] == "recommended" else "gray")
        st.text(facts(visitor, row))
        st.text(headline(visitor, row, reasons))
        if visitor.role.organizes and row["consent"] == "not_asked":
            st.badge(visitor.say("badge.not_asked"), color="orange")
