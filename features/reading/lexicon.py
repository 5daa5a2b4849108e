"""Find many phrases in a text at once: a table keyed by the first two characters, read in one pass.

The phrase tables are data (``data/reference/reading/*.csv``). A phrase may have gaps, written ``…``: the parts must
then follow each other within one clause, at most 12 characters apart.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

import data.reference
from data.problem import DuijieError
from features.text import fold

Value = TypeVar("Value")
_GAP = r"[^,;。!?:\n]{0,12}?"
_SLOTS = 1 << 18  # of the filter by two characters: a few false alarms in a thousand


class Hit(NamedTuple):
    """One phrase found in a folded text: ``text[start:end]`` and the index of its values."""

    start: int
    end: int
    entry: int


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer((text + " ").encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _slots(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Slot of every two neighbouring characters."""
    return (codes[:-1] * np.uint32(0x9E37) + codes[1:] * np.uint32(0x85EB)) & np.uint32(_SLOTS - 1)


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
        self._starts: dict[str, list[int]] = {}
        for number, (head, _, _) in enumerate(self._entries):
            self._starts.setdefault(head[:3], []).append(number)
        self._filter, self._singles = np.zeros(_SLOTS, dtype=bool), np.zeros(1 << 16, dtype=bool)
        pairs = [start[:2] for start in self._starts if len(start) > 1]
        if pairs:
            self._filter[_slots(_codes("".join(pairs)))[::2]] = True
        self._singles[[ord(start) & 0xFFFF for start in self._starts if len(start) == 1]] = True

    def __len__(self) -> int:
        return len(self.phrases)

    def scan(self, text: str) -> list[Hit]:
        """All phrases in ``text`` (folded), by start, the longest first; nested ones are included."""
        codes = _codes(text)
        if len(codes) < 2:
            return []
        maybe = self._filter[_slots(codes)] | self._singles[codes[:-1] & np.uint32(0xFFFF)]
        found: list[Hit] = []
        starts = self._starts
        for start in np.flatnonzero(maybe).tolist():
            for key in {text[start : start + 3], text[start : start + 2], text[start]}:  # fewer at the end of the text
                for number in starts.get(key, ()):
                    end = self._match(text, start, number)
                    if end:
                        found.append(Hit(start, end, number))
        found.sort(key=lambda hit: (hit.start, -hit.end, hit.entry))
        return found

    def scan_lines(self, lines: Sequence[str]) -> list[list[Hit]]:
        """:meth:`scan` of many lines at once; places count from the start of each line."""
        found: list[list[Hit]] = [[] for _ in lines]
        bounds = np.cumsum([0, *(len(line) + 1 for line in lines)])
        hits = self.scan("\n".join(lines))
        owners = np.searchsorted(bounds, [hit.start for hit in hits], side="right") - 1
        for hit, owner in zip(hits, owners.tolist(), strict=True):
            base = int(bounds[owner])
            found[owner].append(Hit(hit.start - base, hit.end - base, hit.entry))
        return found

    def _match(self, text: str, start: int, number: int) -> int:
        """End of phrase ``number`` at ``start``; 0 when it is not there."""
        head, tail, latin = self._entries[number]
        if not text.startswith(head, start):
            return 0
        end = start + len(head)
        if latin and not _whole(text, start, end):
            return 0
        if tail is None:
            return end
        rest = tail.match(text, end)
        return 0 if rest is None else rest.end()

    def longest(self, text: str) -> list[Hit]:
        """The phrases in ``text`` that overlap no earlier or longer one."""
        found: list[Hit] = []
        end = 0
        for hit in self.scan(text):
            if hit.start >= end:
                found.append(hit)
                end = hit.end
        return found


def _entry(phrase: str) -> tuple[str, re.Pattern[str] | None, bool]:
    """First part, pattern of the parts behind its gaps, and whether a letter stands at an edge."""
    head, *rest = [part for part in phrase.split("…") if part]
    tail = re.compile("".join(_GAP + re.escape(part) for part in rest)) if rest else None
    return head, tail, head[0].isascii() or head[-1].isascii()


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
        raise DuijieError(
            "reading.table", f"缺少线索词表 / the cue table {name}.csv is missing", "reinstall the package data"
        )
    with path.open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


def phrases_of(row: dict[str, str]) -> list[str]:
    """The phrases of a row of a cue table, separated by ``;``."""
    return [phrase.strip() for phrase in row["phrases"].split(";") if phrase.strip()]


def words(name: str) -> frozenset[str]:
    """The word list called ``name`` in ``words.csv``."""
    return frozenset(phrase for row in rows("words") if row["name"] == name for phrase in phrases_of(row))
