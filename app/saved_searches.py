"""Searches that an institution keeps under a name: filters of a list, or a free text. Kept in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.problem import DuijieError
from data.store import Store

SAVED, FORGOTTEN = "search.saved", "search.forgotten"
"""Names of the actions in the journal."""
LONGEST_NAME, LONGEST_VALUE = 40, 2000
MOST = 30
"""Searches an institution may keep in a channel."""


@dataclass(frozen=True)
class SavedSearch:
    """One kept search. ``value`` is what the page that made it reads back; nobody else interprets it."""

    name: str
    page: str
    value: str


def save_search(store: Store, institution_id: str, channel: str, search: SavedSearch, *, actor: str) -> None:
    """Keep a search; one of the same name and page is replaced.

    Raises
    ------
    DuijieError
        ``search.name`` (empty or too long), ``search.value`` (too long) or ``search.many``.
    """
    name = search.name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise DuijieError(
            "search.name", f"名称须为 1–{LONGEST_NAME} 字 / the name takes 1 to {LONGEST_NAME} characters"
        )
    if len(search.value) > LONGEST_VALUE:
        raise DuijieError("search.value", "搜索条件过长 / the search is too long")
    kept = saved_searches(store, institution_id, channel)
    if len(kept) >= MOST and (search.page, name) not in {(one.page, one.name) for one in kept}:
        raise DuijieError("search.many", f"最多保存 {MOST} 个搜索 / at most {MOST} searches are kept")
    _append(store, institution_id, channel, SavedSearch(name, search.page, search.value), SAVED, actor)


def forget_search(store: Store, institution_id: str, channel: str, search: SavedSearch, *, actor: str) -> None:
    """Remove a kept search."""
    _append(store, institution_id, channel, search, FORGOTTEN, actor)


def saved_searches(store: Store, institution_id: str, channel: str) -> list[SavedSearch]:
    """Kept searches of an institution in a channel, by name."""
    found: dict[tuple[str, str], SavedSearch] = {}
    for entry in store.journal(SAVED, FORGOTTEN):
        told: Mapping[str, Any] = entry["payload"]
        if (told["institution_id"], told["channel"]) != (institution_id, channel):
            continue
        found.pop((told["page"], told["name"]), None)
        if entry["action"] == SAVED:
            found[told["page"], told["name"]] = SavedSearch(told["name"], told["page"], told["value"])
    return sorted(found.values(), key=lambda search: (search.page, search.name))


def _append(store: Store, institution_id: str, channel: str, search: SavedSearch, action: str, actor: str) -> None:
    payload = {"institution_id": institution_id, "channel": channel, "name": search.name, "page": search.page}
    store.append(actor, action, {**payload, "value": search.value})
