"""Find many phrases in a text at once: a table keyed by the first two characters, read in one pass.

The phrase tables are data (``data/reference/reading/*.csv``). A phrase may have gaps, written ``…``: the parts must
then follow each other within one clause, at most 12 characters apart.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import data.reference
from data.problem import DuijieError
from features.text import fold

Value = TypeVar("Value")
_GAP = r"[^,;。!?:]{0,12}?"


class Hit(NamedTuple):
    """One phrase found in a folded text: ``text[start:end]`` and the index of its values."""

    start: int
    end: int
    entry: int


@dataclass(frozen=True, slots=True)
class _Entry:
    head: str
    tail: re.Pattern[str] | None


class Lexicon(Generic[Value]):
    """Phrases and what each stands for; :meth:`scan` finds them in folded text.

    ASCII phrases match whole words only. Every phrase may carry several values.
    """

    def __init__(self, phrases: Iterable[tuple[str, Value]]) -> None:
        values: dict[str, list[Value]] = {}
        for phrase, value in phrases:
            key = fold(phrase.replace("...", "…").replace("…", "\x00")).replace("\x00", "…")
            if key and value not in values.setdefault(key, []):
                values[key].append(value)
        ordered = sorted(values, key=lambda phrase: (-len(phrase), phrase))
        self.phrases: tuple[str, ...] = tuple(ordered)
        self.values: tuple[tuple[Value, ...], ...] = tuple(tuple(values[phrase]) for phrase in ordered)
        self._entries = tuple(_entry(phrase) for phrase in ordered)
        self._pairs: dict[str, list[int]] = {}
        self._single: dict[str, list[int]] = {}
        for number, entry in enumerate(self._entries):
            table = self._pairs if len(entry.head) > 1 else self._single
            table.setdefault(entry.head[:2], []).append(number)

    def __len__(self) -> int:
        return len(self.phrases)

    def _at(self, text: str, start: int, candidates: list[int]) -> Iterator[Hit]:
        for number in candidates:
            entry = self._entries[number]
            if not text.startswith(entry.head, start):
                continue
            end = start + len(entry.head)
            if not _whole(text, start, end):
                continue
            if entry.tail is not None:
                rest = entry.tail.match(text, end)
                if rest is None:
                    continue
                end = rest.end()
            yield Hit(start, end, number)

    def scan(self, text: str) -> list[Hit]:
        """All phrases in ``text`` (folded), by start, the longest first; nested ones are included."""
        found: list[Hit] = []
        pairs, single = self._pairs, self._single
        for start in range(len(text)):
            candidates = pairs.get(text[start : start + 2])
            if candidates is not None:
                found.extend(self._at(text, start, candidates))
            if single and text[start] in single:
                found.extend(self._at(text, start, single[text[start]]))
        return found

    def longest(self, text: str) -> list[Hit]:
        """The phrases in ``text`` that overlap no earlier or longer one."""
        found: list[Hit] = []
        end = 0
        for hit in self.scan(text):
            if hit.start >= end:
                found.append(hit)
                end = hit.end
        return found


def _entry(phrase: str) -> _Entry:
    head, *rest = [part for part in phrase.split("…") if part]
    tail = re.compile("".join(_GAP + re.escape(part) for part in rest)) if rest else None
    return _Entry(head, tail)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether ASCII letters at the edges of a match do not go on outside it."""
    if text[start].isascii() and text[start].isalnum() and start and _letter(text[start - 1]):
        return False
    last = text[end - 1]
    return not (last.isascii() and last.isalpha() and end < len(text) and _letter(text[end]))


def _letter(character: str) -> bool:
    return character.isascii() and character.isalpha()


def without_overlaps(hits: Iterable[Hit]) -> list[Hit]:
    """Keep the leftmost, longest hits of one family (``hits`` as from :meth:`Lexicon.scan`)."""
    kept: list[Hit] = []
    end = 0
    for hit in hits:
        if hit.start >= end:
            kept.append(hit)
            end = hit.end
    return kept


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of ``data/reference/reading/<name>.csv``.

    Raises
    ------
    DuijieError
        ``reading.table`` when the table is missing.
    """
    path = Path(str(data.reference.__file__)).parent / "reading" / f"{name}.csv"
    if not path.is_file():
        raise DuijieError("reading.table", f"the cue table {name}.csv is missing", "reinstall the package data")
    with path.open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


def phrases_of(row: dict[str, str]) -> list[str]:
    """The phrases of a row of a cue table, separated by ``;``."""
    return [phrase.strip() for phrase in row["phrases"].split(";") if phrase.strip()]
