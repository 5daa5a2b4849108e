"""The organizer's page by project: its ranked institutions."""

from __future__ import annotations

from app.dashboard.desk import Desk
from app.dashboard.parts.browser import browse
from app.dashboard.parts.choosing import choose_project
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    anchor = choose_project(visitor, desk)
    if anchor:
        browse(visitor, desk, "projects", anchor)


VIEW = View("by_project", 20, ("organizer",), show)
