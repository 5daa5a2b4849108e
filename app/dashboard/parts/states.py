"""Three answers in words and colour: meets, unknown, fails. Never by colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.dashboard.visitor import Visitor
from app.values import value_of
from app.wording import phrase
from data.reference.vocabularies import vocabulary
from data.tables import PROJECTS

SIGNS = {1: "✓", 0: "？", -1: "✕"}
NAMES = {1: "meets", 0: "unknown", -1: "fails"}
COLORS = {1: "green", 0: "orange", -1: "red"}
TOLD_RULES = ("space", "wish")
"""Rules that a card names whatever their answer; others only when they fail or are unknown."""


def show_state(visitor: Visitor, state: int) -> None:
    """Draw one answer as a badge."""
    st.badge(f"{SIGNS[state]} {visitor.say(f'state.{NAMES[state]}')}", color=COLORS[state])  # type: ignore[arg-type]


def fit_lines(
    visitor: Visitor, row: Mapping[str, Any], rules: Mapping[str, int], facilities: Mapping[str, int]
) -> list[str]:
    """What a project needs, each with its answer: area, wished regions, facilities, then what else fails or is open."""
    lines = []
    for rule, field in zip(TOLD_RULES, ("space_m2", "regions_wanted"), strict=True):
        if rule in rules:
            value = value_of(PROJECTS, row, field, visitor.language) or visitor.say(f"state.no_{field}")
            label = f"{SIGNS[rules[rule]]} {visitor.say(f'field.{field}')}"
            lines.append(visitor.say("state.line", label=label, value=value))
    if facilities:
        known = vocabulary("facilities")
        told = visitor.comma.join(
            f"{SIGNS[state]}{known.label(code, visitor.language)}" for code, state in facilities.items()
        )
        lines.append(visitor.say("state.line", label=visitor.say("state.facilities"), value=told))
    for rule, state in rules.items():
        if rule not in TOLD_RULES and state < 1:
            lines.append(f"{SIGNS[state]} {phrase('rule' if state < 0 else 'unknown', rule, visitor.language)}")
    return lines
