"""Which projects an institution's own text rules out, and by which sentences of the two.

Every distinct exclusion is applied to all projects once; nothing iterates over pairs. A strength of 1 means that the
project is clearly in what is ruled out, 0.5 that it may be. A word in passing (应用于医疗器械行业) rules nothing out:
sectors count by their share of the project's text, topics only when the text shows them to be the project's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.reading.claims import Claim, Reading
from features.reading.grounds import NO_LIMIT as _NO_LIMIT
from features.reading.grounds import Grounds, Market, grounds_of
from features.reading.likeness import Encode, Likeness

CODES = ("sector", "topic", "stage", "round", "region", "ticket", "facility", "service", "applicant_kind")


@dataclass(frozen=True)
class Ruling:
    """Pairs that are ruled out, one row each, sorted by project then institution.

    ``rows`` and ``cols`` number projects and institutions; ``strength`` in (0, 1]; ``code`` says by what (see
    :data:`CODES`); ``project_sentences`` and ``institution_sentences`` number the sentences of the two readings,
    -1 where a column says it.
    """

    rows: NDArray[np.int32]
    cols: NDArray[np.int32]
    strength: NDArray[np.float32]
    codes: NDArray[np.str_]
    project_sentences: NDArray[np.int32]
    institution_sentences: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.rows)


class _Key(NamedTuple):
    """What makes two exclusions the same; ``values`` holds one value, or all that a text restricts itself to."""

    kind: str
    values: tuple[str, ...]
    number: float
    own: bool


def _exclusions(reading: Reading) -> dict[_Key, str]:
    """Exclusions of one institution with the sentence of each; the ``only_*`` of one sentence belong together."""
    found: dict[_Key, str] = {}
    together: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in reading.claims:
        if not claim.sentence:
            continue
        if claim.kind.startswith("only_"):
            together[claim.kind, "" if claim.kind != "only_sector" else claim.sentence].append(claim)
        elif claim.kind in ("ticket_min", "ticket_max") and claim.number:
            found.setdefault(_Key(claim.kind, (claim.value,), claim.number, False), claim.sentence)
        elif claim.polarity < 0:
            number = claim.number or (_NO_LIMIT if claim.kind == "facility" else 1.0)
            found.setdefault(_Key(claim.kind, (claim.value,), number, claim.inferred), claim.sentence)
    for (kind, _), claims in together.items():
        values = tuple(sorted({claim.value for claim in claims}))
        firm = max(claim.number or 1.0 for claim in claims)
        found.setdefault(_Key(kind, values, firm, False), claims[0].sentence)
    return found


def rule_out(projects: Sequence[Reading], institutions: Sequence[Reading], encode: Encode | None = None) -> Ruling:
    """Apply what the institutions' texts rule out to all projects.

    ``encode`` maps texts to unit vectors (n, d); with it, exclusions that no table knows are also compared by meaning.
    Returns one row a ruled-out pair: its strongest ground, and of equally strong ones the first of :data:`CODES`.
    """
    holders: dict[_Key, list[tuple[int, int]]] = defaultdict(list)
    for col, reading in enumerate(institutions):
        for key, sentence in _exclusions(reading).items():
            holders[key].append((col, reading.sentences.index(sentence)))
    own = [key.values[0] for key in sorted(holders) if key.kind == "topic" and key.own]
    market = Market(projects, Likeness(projects, encode).strengths(own) if encode is not None and own else {})
    parts: list[tuple[Grounds, NDArray[np.int32], NDArray[np.int32]]] = []
    for key in sorted(holders):
        grounds = grounds_of(market, key.kind, key.values, key.number, key.own)
        if len(grounds.rows):
            cols, sentences = (np.array(part, dtype=np.int32) for part in zip(*holders[key], strict=True))
            parts.append((grounds, cols, sentences))
    return _strongest(parts)


def _strongest(parts: Sequence[tuple[Grounds, NDArray[np.int32], NDArray[np.int32]]]) -> Ruling:
    """Cross every exclusion's projects with its institutions and keep the strongest ground of each pair."""
    if not parts:
        empty = np.empty(0, np.int32)
        return Ruling(empty, empty, np.empty(0, np.float32), np.empty(0, "U14"), empty, empty)
    rows = np.concatenate([np.repeat(grounds.rows, len(cols)) for grounds, cols, _ in parts])
    strength = np.concatenate([np.repeat(grounds.strength, len(cols)) for grounds, cols, _ in parts])
    mine = np.concatenate([np.repeat(grounds.sentences, len(cols)) for grounds, cols, _ in parts])
    cols = np.concatenate([np.tile(cols, len(grounds.rows)) for grounds, cols, _ in parts])
    theirs = np.concatenate([np.tile(sentences, len(grounds.rows)) for grounds, _, sentences in parts])
    code = np.concatenate([np.full(len(g.rows) * len(c), CODES.index(g.code), np.int32) for g, c, _ in parts])
    order = np.lexsort((code, -strength, cols, rows))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(rows[order]) != 0) | (np.diff(cols[order]) != 0)
    keep = order[first]
    return Ruling(rows[keep], cols[keep], strength[keep], np.array(CODES)[code[keep]], mine[keep], theirs[keep])
