"""Find many phrases in a text at once, in one pass (Aho and Corasick 1975).

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

import ahocorasick
import numpy as np

import data.reference
from data.problem import DuijieError
from features.text import folds

Value = TypeVar("Value")
_GAP = 12  # characters at most
_BREAK = re.compile("[,;。!?:\n]")


class Hit(NamedTuple):
    """One phrase found in a folded text: ``text[start:end]`` and the index of its values."""

    start: int
    end: int
    entry: int


class Lexicon(Generic[Value]):
    """Phrases and what each stands for; :meth:`scan` finds them in folded text.

    ASCII phrases match whole words only. Every phrase may carry several values.
    """

    def __init__(self, phrases: Iterable[tuple[str, Value]]) -> None:
        told = list(phrases)
        values: dict[str, list[Value]] = {}
        for key, (_, value) in zip(_keys([phrase for phrase, _ in told]), told, strict=True):
            if key and value not in values.setdefault(key, []):
                values[key].append(value)
        ordered = sorted(sorted(values), key=len, reverse=True)
        self.phrases: tuple[str, ...] = tuple(ordered)
        self.values: tuple[tuple[Value, ...], ...] = tuple(tuple(values[phrase]) for phrase in ordered)
        self._entries = tuple(_entry(phrase) for phrase in ordered)
        of_head: dict[str, list[tuple[int, bool]]] = {}
        for number, (head, tail, latin) in enumerate(self._entries):
            of_head.setdefault(head, []).append((number, not tail and not latin))
        self._heads = ahocorasick.Automaton()
        for head, numbers in of_head.items():
            self._heads.add_word(head, (len(head), numbers))
        self._heads.make_automaton()

    def __len__(self) -> int:
        return len(self.phrases)

    def scan(self, text: str) -> list[Hit]:
        """All phrases in ``text`` (folded), by start, the longest first; nested ones are included."""
        if not self.phrases:
            return []
        found: list[tuple[int, int, int]] = []
        for last, (length, numbers) in self._heads.iter(text):
            stop = last + 1
            start = stop - length
            for number, sure in numbers:
                end = stop if sure else self._match(text, start, stop, number)
                if end:
                    found.append((start, -end, number))
        found.sort()
        return [Hit(start, -end, number) for start, end, number in found]

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

    def _match(self, text: str, start: int, stop: int, number: int) -> int:
        """End of phrase ``number`` whose first part stands at ``start:stop``; 0 when the rest is not there."""
        _, tail, latin = self._entries[number]
        if latin and not _whole(text, start, stop):
            return 0
        return _behind(text, stop, tail)

    def longest(self, text: str) -> list[Hit]:
        """The phrases in ``text`` that overlap no earlier or longer one."""
        found: list[Hit] = []
        end = 0
        for hit in self.scan(text):
            if hit.start >= end:
                found.append(hit)
                end = hit.end
        return found


def _keys(phrases: Sequence[str]) -> list[str]:
    """Phrases in normal form, which would make full stops of ``…``."""
    gap = "\x00"
    return [key.replace(gap, "…") for key in folds([p.replace("...", gap).replace("…", gap) for p in phrases])]


def _entry(phrase: str) -> tuple[str, tuple[str, ...], bool]:
    """First part, the parts behind its gaps, and whether a letter stands at an edge."""
    head, *rest = [part for part in phrase.split("…") if part]
    return head, tuple(rest), head[0].isascii() or head[-1].isascii()


def _behind(text: str, start: int, parts: tuple[str, ...]) -> int:
    """Where the last of ``parts`` ends when they follow ``start`` with gaps, as early as can be; 0: they do not."""
    if not parts:
        return start
    stop = _BREAK.search(text, start, start + _GAP)
    last = (stop.start() if stop else start + _GAP) + len(parts[0])
    at = text.find(parts[0], start, last)
    while at >= 0:
        if end := _behind(text, at + len(parts[0]), parts[1:]):
            return end
        at = text.find(parts[0], at + 1, last)
    return 0


def _whole(text: str, start: int, end: int) -> bool:
    """Whether ASCII letters at the edges of a match do not go on outside it."""
    if text[start].isascii() and text[start].isalnum() and start and _letter(text[start - 1]):
        return False
    last = text[end - 1]
    return not (last.isascii() and last.isalpha() and end < len(text) and _letter(text[end]))


def _letter(character: str) -> bool:
    return character.isascii() and character.isalpha()


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
