"""The organizer's page by institution: its ranked projects, also those that were not asked yet."""

from __future__ import annotations

from app.dashboard.desk import Desk
from app.dashboard.parts.allowance import show_allowance
from app.dashboard.parts.browser import browse
from app.dashboard.parts.choosing import choose_institution
from app.dashboard.viewing import View
from app.dashboard.visitor import Visitor


def show(visitor: Visitor, desk: Desk) -> None:
    """Draw the page."""
    anchor = choose_institution(visitor, desk)
    if anchor:
        show_allowance(visitor, desk, anchor)
        browse(visitor, desk, "institutions", anchor)


VIEW = View("by_institution", 30, ("organizer",), show)
