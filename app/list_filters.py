"""Filters of a list of matches: what was chosen, as one text, and the rows that pass. Pages and digests apply them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

FACETS = {"institutions": ("province", "stage", "group"), "projects": ("kind", "province")}
"""Facets of what is listed, by the side whose list it is: an institution's list holds projects."""
MORE = {"institutions": ("branches", "funding_round", "ticket", "award", "rights"), "projects": ()}
"""Further facets."""
NAMES = tuple(dict.fromkeys((*FACETS["institutions"], *FACETS["projects"], *MORE["institutions"])))
SAID = ("name", "summary", "profile", "keywords", "sectors", "province")
"""Columns whose texts a search looks through."""
PLAIN = ("text", "sector", "least", "ineligible")
"""Choices that are no facet."""
LONGEST = 1000
"""Characters of filters that are read."""
HIGHEST = 1e6
"""No score comes near it; NaN and infinity do not pass it."""
UNREADABLE = "?"


@dataclass(frozen=True)
class Filters:
    """What a visitor chose. ``facets`` holds the wanted values of each facet; nothing chosen means all."""

    text: str = ""
    sector: str = ""
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    least: float | None = None
    ineligible: bool = False

    @property
    def digest(self) -> int:
        """A number that changes with the filters, the same in every process: it resets the page number."""
        return zlib.crc32(
            repr((self.text, self.sector, sorted(self.facets.items()), self.least, self.ineligible)).encode()
        )

    @property
    def active(self) -> int:
        """How many of them narrow the list."""
        chosen = [self.text.strip(), self.sector.strip(), *self.facets.values(), self.least is not None]
        return sum(bool(one) for one in chosen)

    def to_value(self) -> str:
        """The choice as one text; empty when nothing is chosen."""
        told: dict[str, Any] = {"text": self.text, "sector": self.sector, "least": self.least}
        told |= {"ineligible": self.ineligible}
        told |= {name: list(values) for name, values in self.facets.items()}
        kept = {name: value for name, value in told.items() if value}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else ""


def from_value(value: str) -> Filters:
    """The choice that :meth:`Filters.to_value` wrote; whatever else stands there counts as nothing chosen."""
    told = _read(value) or {}
    facets = {
        name: tuple(str(one) for one in told[name])
        for name in sorted(NAMES)
        if isinstance(told.get(name), list) and told[name]
    }
    text, sector = (str(told.get(name, "")) for name in ("text", "sector"))
    least = told.get("least")
    fits = isinstance(least, int | float) and not isinstance(least, bool) and abs(least) < HIGHEST
    number = float(least) if fits and least is not None else None
    return Filters(text, sector, facets, number, told.get("ineligible") is True)


def not_understood(value: str) -> tuple[str, ...]:
    """Names in a text of filters that nobody here applies; :data:`UNREADABLE` for a text that holds no choice."""
    told = _read(value)
    if told is None:
        return (UNREADABLE,)
    return tuple(sorted(str(name) for name in told if name not in (*NAMES, *PLAIN)))


def _read(value: str) -> dict[str, Any] | None:
    """The names and values of a text of filters; None when it holds none. An empty text chooses nothing."""
    if not value.strip():
        return {}
    try:
        told = json.loads(value) if len(value) <= LONGEST else None
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def narrow(frame: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """The rows of a list that pass the filters, in their order. All words of the text must occur.

    ``frame`` has ``status``, ``score``, ``sectors``, the ``text`` to search (case folded) and a column for each facet.
    """
    keep = pd.Series(True, index=frame.index)
    if not filters.ineligible:
        keep &= frame["status"] == "recommended"
    for word in filters.text.casefold().split():
        keep &= frame["text"].str.contains(word, regex=False)
    if wanted := filters.sector.strip().casefold():
        keep &= pd.Series(
            [any(wanted in s.casefold() for s in row) for row in frame["sectors"]], frame.index, dtype=bool
        )
    for name, values in filters.facets.items():
        if values:
            passing = [bool(set(values_of(cell)) & set(values)) for cell in frame[name]]
            keep &= pd.Series(passing, frame.index, dtype=bool)
    if filters.least is not None:
        keep &= frame["score"] >= filters.least
    return frame[keep]


def text_of(row: Mapping[str, Any], *more: str) -> str:
    """The text that the words of a search are looked for in: :data:`SAID` and ``more`` cells of a row, case folded."""
    words = [row.get(name) for name in (*SAID, *more)]
    return " ".join(" ".join(word) if isinstance(word, list) else str(word) for word in words if word).casefold()


def values_of(cell: Any) -> list[str]:
    """Values of a facet's cell: a list holds several, an empty text none."""
    return list(cell) if isinstance(cell, list) else [cell] if cell else []
