"""What a page is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.dashboard.desk import Desk
from app.dashboard.visitor import Visitor
from data.registry import discover


@dataclass(frozen=True)
class View:
    """One page. ``show(visitor, desk)`` draws it; ``roles`` says who has it: ``institution``, ``organizer``."""

    name: str
    order: int
    roles: tuple[str, ...]
    show: Callable[[Visitor, Desk], None]


def views_of(visitor: Visitor) -> dict[str, View]:
    """The pages of a visitor in order."""
    kind = "organizer" if visitor.role.organizes else "institution"
    found = [view for view in discover("app.dashboard.views", "VIEW").values() if kind in view.roles]
    return {view.name: view for view in sorted(found, key=lambda view: view.order)}
