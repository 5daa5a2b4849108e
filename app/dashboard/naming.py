"""Names as they are read: of anonymous projects in the reader's language, of whoever did something in words."""

from __future__ import annotations

import re

from app.dashboard.shown_strings import catalogue
from app.dashboard.visitor import Visitor
from app.values import place_words, sector_words

_ANONYMOUS = re.compile(r"匿名项目(?:（(.*)）)?")
"""How :func:`app.masking.teaser_name` names an anonymous project: its sector and its province."""


def shown_name(visitor: Visitor, name: object, otherwise: str = "") -> str:
    """A name to be read. What entrants wrote stays; the name that stands for an anonymous project is ours, and English
    readers get it in English. Where there is no name (blank, None or NaN) it is ``otherwise``, such as an id, else
    words that say so.
    """
    told = name if isinstance(name, str) else ""
    if not told.strip():
        return otherwise or visitor.say("name.unnamed")
    found = _ANONYMOUS.fullmatch(told) if visitor.language == "en" else None
    if found is None:
        return told
    parts = [_in_english(part) for part in (found[1] or "").split(" · ") if part]
    anonymous = visitor.say("name.anonymous")
    return f"{anonymous} ({' · '.join(parts)})" if parts else anonymous


def _in_english(part: str) -> str:
    """A sector or a province."""
    return place_words({"province": sector_words([part], "en")[0]}, "en")


def shown_actor(visitor: Visitor, actor: str) -> str:
    """Who did something: an account by its name, in the open demonstration the role in words."""
    key = f"role.{actor}"
    return visitor.say(key) if key in catalogue() else actor
