"""What a page is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from app.dashboard.desk import Desk
from app.dashboard.visitor import Visitor
from data.registry import discover


@dataclass(frozen=True)
class View:
    """One page. ``show(visitor, desk)`` draws it; ``roles`` says whose it is: :data:`app.dashboard.roles.KINDS`.

    A page that ``needs_run`` is drawn once its channel was matched, an organizer's page that ``needs_projects`` once
    some are stored; until then the frame says what comes first.
    """

    name: str
    order: int
    roles: tuple[str, ...]
    show: Callable[[Visitor, Desk], None]
    needs_run: bool = True
    needs_projects: bool = False


@cache
def all_views() -> dict[str, View]:
    """Every page there is, in order."""
    found = discover("app.dashboard.views", "VIEW").values()
    return {view.name: view for view in sorted(found, key=lambda view: (view.order, view.name))}


def views_of(visitor: Visitor) -> dict[str, View]:
    """The pages of a visitor in order."""
    return {name: view for name, view in all_views().items() if visitor.rights.has(view.roles)}
