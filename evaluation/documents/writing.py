"""Documents whose figures come out of results: marked places are filled, the words around them are left alone.

A place is ``<!-- begin: SECTION -->…<!-- end -->``. SECTION is a table of :mod:`evaluation.documents.sections` with its
arguments (``crunchbase cold 2011-07-01``), which is written with its command above it, or ``figure RESULT: PATH``, one
number or interval in a sentence (``figure learned cold 2010-07-01: difference``). A place whose result is not there
stays as it is. The same results give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.problem import DuijieError
from evaluation.documents.figures import derived, figure
from evaluation.documents.keeping import keep_results
from evaluation.documents.sections import SECTIONS
from evaluation.results import Results, read_results

DOCUMENTS = ("benchmarks.md", "model-card.md")
KEPT = "results"
"""Folder beside the documents that keeps the results they were made of."""

_MARK = re.compile(r"<!-- (?:begin: (?P<section>[^\n]*?)|(?P<end>end)) -->")


@dataclass(frozen=True)
class Place:
    """A marked place of a document: what shall stand there, and from where to where what stands there now."""

    section: str
    start: int
    stop: int


@dataclass(frozen=True)
class Written:
    """What became of one document: places filled, and sections whose result is not there."""

    name: str
    filled: int
    left: tuple[str, ...]

    def __str__(self) -> str:
        told = f"{self.name}: 更新 {self.filled} 处 / {self.filled} places written"
        return told + (f"；缺结果，原样保留 / no result, left as it was: {'; '.join(self.left)}" if self.left else "")


def write_documents(results: Path, out: Path, names: Sequence[str] = DOCUMENTS) -> list[Written]:
    """Fill the documents in ``out`` from a folder of results, and keep these in ``out/results``.

    Raises
    ------
    DuijieError
        Those of :func:`places`, :func:`fill` and :func:`evaluation.results.read_results`.
    """
    kept = out / KEPT
    found = read_results(kept) if kept.is_dir() else {}
    found |= read_results(results)
    pages = {name: fill((out / name).read_text(encoding="utf-8"), found) for name in names if (out / name).exists()}
    keep_results(found, kept)
    for name, (text, _, _) in pages.items():
        (out / name).write_text(text, encoding="utf-8")
    return [Written(name, filled, tuple(left)) for name, (_, filled, left) in pages.items()]


def places(text: str) -> list[Place]:
    """The marked places of a document, in order.

    Raises
    ------
    DuijieError
        ``document.mark`` for a place that is not closed, is closed twice, or stands in another.
    """
    found: list[Place] = []
    open_at: re.Match[str] | None = None
    for mark in _MARK.finditer(text):
        if (mark["end"] is None) == (open_at is not None):
            line = text.count("\n", 0, mark.start()) + 1
            raise DuijieError("document.mark", f"line {line}: {mark[0]}", "every begin has one end, none in another")
        if mark["end"] is None:
            open_at = mark
        elif open_at is not None:
            found.append(Place(open_at["section"], open_at.end(), mark.start()))
            open_at = None
    if open_at is not None:
        raise DuijieError("document.mark", f"not closed: {open_at[0]}", "<!-- end -->")
    return found


def fill(text: str, results: Results) -> tuple[str, int, list[str]]:
    """The text with its places filled, how many were, and the sections that were left for want of a result."""
    everything = {**results, **derived(results)}
    parts, at, filled, left = [], 0, 0, []
    for place in places(text):
        told = rendered(place.section, everything)
        if told is None:
            left.append(place.section)
            told = text[place.start : place.stop]
        else:
            filled += 1
        parts += [text[at : place.start], told]
        at = place.stop
    return "".join([*parts, text[at:]]), filled, left


def rendered(section: str, results: Results) -> str | None:
    """What stands in a place: a table with its command, or a figure; None without its result.

    Raises
    ------
    DuijieError
        ``document.section`` for a name that is no section; ``document.figure`` for a path that leads nowhere.
    """
    name, *words = section.split()
    if name == "figure":
        result, _, path = section.removeprefix("figure ").partition(": ")
        return figure(results[result], path) if result in results else None
    if name not in SECTIONS:
        raise DuijieError("document.section", f"no section is called {name!r}", " ".join([*SECTIONS, "figure"]))
    table = SECTIONS[name](results, *words)
    return None if table is None else f"\n{table.markdown()}\n"
