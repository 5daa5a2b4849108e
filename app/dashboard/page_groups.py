"""Groups in which the sidebar lists many pages."""

from __future__ import annotations

from collections.abc import Mapping

from app.dashboard.viewing import View

BOUNDS = {"matching": 52, "data": 70, "outcomes": 90, "accounts": 1000}
"""Names of the groups, each with the order that its pages stay below."""


def in_groups(views: Mapping[str, View]) -> dict[str, list[str]]:
    """Names of pages by group, in their order; a group without a page is left out."""
    found: dict[str, list[str]] = {}
    for name, view in views.items():
        group = next(group for group, bound in BOUNDS.items() if view.order < bound)
        found.setdefault(group, []).append(name)
    return {group: found[group] for group in BOUNDS if group in found}
