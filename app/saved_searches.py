"""Searches that an institution keeps under a name, with what was told and seen of them. Kept in the journal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data.problem import DuijieError
from data.store import Store

SAVED, FORGOTTEN = "search.saved", "search.forgotten"
TOLD, SEEN = "digest", "search.seen"
"""Names of the actions in the journal; ``TOLD``: projects that a digest told of, ``SEEN``: that somebody looked at."""
LIST, TEXT = "list", "search"
"""Pages whose searches are saved: filters of a list, and the text of a free-text search."""
PAGES = (LIST, TEXT)
"""What is saved by another page is nobody's business here."""
LONGEST_NAME, LONGEST_VALUE = 40, 1000
MOST = 30
"""Searches an institution may keep in a channel."""


@dataclass(frozen=True)
class SavedSearch:
    """One kept search. ``value`` is what the page that made it reads back; ``digest``: whether digests tell of it."""

    name: str
    page: str
    value: str
    digest: bool = True


@dataclass(frozen=True)
class Kept:
    """A search as it stands, whose it is, the projects that digests told of, and those that each person has seen."""

    institution_id: str
    channel: str
    search: SavedSearch
    told: set[str] = field(default_factory=set)
    seen: dict[str, set[str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """One text a search."""
        return _key(self.institution_id, self.channel, self.search.page, self.search.name)

    def seen_by(self, actor: str) -> set[str]:
        """Projects that a person has seen."""
        return self.seen.get(actor, set())


def save_search(
    store: Store, institution_id: str, channel: str, search: SavedSearch, *, actor: str, was: str = ""
) -> None:
    """Keep a search; one of the same name and page is replaced. ``was`` renames: what was told and seen stays known.

    Raises
    ------
    DuijieError
        ``search.name`` (empty or too long), ``search.value`` (too long), ``search.many``, or, when renaming,
        ``search.unknown`` and ``search.taken``.
    """
    name = search.name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise DuijieError(
            "search.name", f"名称须为 1–{LONGEST_NAME} 字 / the name takes 1 to {LONGEST_NAME} characters"
        )
    if len(search.value) > LONGEST_VALUE:
        raise DuijieError("search.value", "搜索条件过长 / the search is too long")
    names = [one.name for one in saved_searches(store, institution_id, channel) if one.page == search.page]
    if was and was not in names:
        raise DuijieError("search.unknown", "没有这个搜索 / there is no such search")
    if was and name != was and name in names:
        raise DuijieError("search.taken", "已有同名的搜索 / another search has this name")
    if not was and len(names) >= MOST and name not in names:
        raise DuijieError("search.many", f"最多保存 {MOST} 个搜索 / at most {MOST} searches are kept")
    payload = _payload(institution_id, channel, SavedSearch(name, search.page, search.value))
    store.append(actor, SAVED, {**payload, "digest": search.digest, **({"was": was} if was else {})})


def forget_search(store: Store, institution_id: str, channel: str, search: SavedSearch, *, actor: str) -> None:
    """Remove a kept search, with what was told and seen of it."""
    store.append(actor, FORGOTTEN, _payload(institution_id, channel, search))


def note_projects(store: Store, action: str, kept: Kept, projects: list[str], *, actor: str) -> None:
    """Remember that projects of a search were told (``TOLD``) or seen by the actor (``SEEN``)."""
    store.append(actor, action, {"search": kept.key, "projects": projects})


def saved_searches(store: Store, institution_id: str, channel: str) -> list[SavedSearch]:
    """Kept searches of an institution in a channel, by page and name."""
    found = kept_searches(store)
    return [one.search for one in found if (one.institution_id, one.channel) == (institution_id, channel)]


def kept_searches(store: Store) -> list[Kept]:
    """All searches that stand, by institution, channel, page and name; an entry of another shape is passed over."""
    found: dict[str, Kept] = {}
    for entry in store.journal(SAVED, FORGOTTEN, TOLD, SEEN):
        try:
            _take(found, entry["action"], entry["payload"], entry["actor"])
        except KeyError:
            continue
    return sorted(found.values(), key=lambda one: (one.institution_id, one.channel, one.search.page, one.search.name))


def _take(found: dict[str, Kept], action: str, told: Mapping[str, Any], actor: str) -> None:
    """Let one entry of the journal change what stands."""
    if action in (TOLD, SEEN):
        if kept := found.get(told["search"]):
            (kept.told if action == TOLD else kept.seen.setdefault(actor, set())).update(told["projects"])
        return
    whose = str(told["institution_id"]), str(told["channel"])
    page, name, value = (str(told[part]) for part in ("page", "name", "value"))
    before = found.pop(_key(*whose, page, str(told.get("was") or name)), None)
    if action == SAVED:
        search = SavedSearch(name, page, value, told.get("digest") is not False)
        known = (before.told, before.seen) if before else (set[str](), dict[str, set[str]]())
        found[_key(*whose, page, name)] = Kept(*whose, search, *known)


def _key(institution_id: str, channel: str, page: str, name: str) -> str:
    return json.dumps([institution_id, channel, page, name], ensure_ascii=False)


def _payload(institution_id: str, channel: str, search: SavedSearch) -> dict[str, Any]:
    return {
        "institution_id": institution_id,
        "channel": channel,
        "name": search.name,
        "page": search.page,
        "value": search.value,
    }
