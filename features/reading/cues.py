"""All phrase tables in one table, so that a sentence is scanned once for every family of cues."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from data.reference.sectors import sectors
from features.reading.lexicon import Hit, Lexicon, phrases_of, rows

GROUPS = ("process", "route", "business", "medical", "maturity", "credit")
"""Groups of topics, a table each."""


class Cue(NamedTuple):
    """What a phrase speaks for: family (sector, service, facility, topic, stop), code in it, role of the phrase."""

    family: str
    code: str
    role: str


class Found(NamedTuple):
    """A cue found at ``start:end`` of a folded sentence."""

    start: int
    end: int
    phrase: str
    code: str
    role: str


def _sector_phrases() -> list[tuple[str, Cue]]:
    tree = sectors()
    found = [
        (phrase, Cue("sector", node, "field" if not tree[node].parent else "node"))
        for phrase, nodes in tree.keyword_table().items()
        for node in nodes
        if len(phrase) > 1
    ]
    return found + [(phrase, Cue("sector", "", "stop")) for phrase in tree.stop_phrases]


def _table(name: str, family: str, key: str, roles: frozenset[str]) -> list[tuple[str, Cue]]:
    return [
        (phrase, Cue(family, row[key], row["role"]))
        for row in rows(name)
        if row["role"] in roles
        for phrase in phrases_of(row)
    ]


def _topics(*roles: str) -> list[tuple[str, Cue]]:
    return [cue for group in GROUPS for cue in _table(f"topics/{group}", "topic", "topic", frozenset(roles))]


@cache
def project_lexicon() -> Lexicon[Cue]:
    """Phrases that matter in the text of a project."""
    needs = frozenset({"object", "cue"})
    return Lexicon(
        _sector_phrases()
        + _table("services", "service", "code", needs)
        + _table("facilities", "facility", "code", needs)
        + _topics("name", "show", "weak", "unless")
    )


@cache
def institution_lexicon() -> Lexicon[Cue]:
    """Phrases that matter in the text of an institution, but for what it rules out."""
    offers = frozenset({"object", "offer"})
    return Lexicon(
        _sector_phrases()
        + _table("services", "service", "code", offers)
        + _table("facilities", "facility", "code", offers)
        + _topics("name", "show", "weak")
    )


@cache
def topic_lexicon() -> Lexicon[Cue]:
    """Names under which institutions rule topics out."""
    return Lexicon(_topics("name"))


@cache
def topic_groups() -> dict[str, str]:
    """Group of every topic."""
    return {row["topic"]: group for group in GROUPS for row in rows(f"topics/{group}")}


@lru_cache(maxsize=1 << 13)
def scan(lexicon: Lexicon[Cue], text: str) -> dict[str, list[Found]]:
    """Cues of a folded sentence by family; within a family the leftmost, longest phrase wins. Not to be changed."""
    return _by_family(lexicon, lexicon.scan(text))


def scan_lines(lexicon: Lexicon[Cue], lines: Sequence[str]) -> list[dict[str, list[Found]]]:
    """:func:`scan` of many folded sentences at once."""
    return [_by_family(lexicon, hits) for hits in lexicon.scan_lines(lines)]


def _by_family(lexicon: Lexicon[Cue], hits: Iterable[Hit]) -> dict[str, list[Found]]:
    found: dict[str, list[Found]] = {}
    ends: dict[tuple[str, str], int] = {}
    for start, end, entry in hits:
        phrase = lexicon.phrases[entry]
        new: dict[tuple[str, str], int] = {}
        for family, code, role in lexicon.values[entry]:
            # topics nest: 碱性镀铜 shows cyanide and its 镀铜 shows plating, so only equal topics hide each other
            slot = (family, code if family == "topic" else "")
            if start >= ends.get(slot, 0):
                found.setdefault(family, []).append(Found(start, end, phrase, code, role))
                new[slot] = end
        ends.update(new)
    return found


_CLAUSE = re.compile("[,;:。!?()]|但是|不过|然而|(?<!不)但(?!凡)|——")


@lru_cache(maxsize=1 << 12)
def clause_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of the clauses of a folded sentence."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _CLAUSE.finditer(text):
        if match.start() > start:
            spans.append((start, match.start()))
        start = match.end()
    if start < len(text):
        spans.append((start, len(text)))
    return tuple(spans)
