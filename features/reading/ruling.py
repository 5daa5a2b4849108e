"""Which projects an institution's own text rules out, and by which sentences of the two.

Every distinct exclusion is applied to all projects once; nothing iterates over pairs. A strength of 1 means that the
project is clearly in what is ruled out, 0.5 that it may be. A word in passing (应用于医疗器械行业) rules nothing out:
sectors count by their share of the project's text, topics only when the text shows them to be the project's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from features.reading.claims import Claim, Reading
from features.reading.grounds import NO_LIMIT as _NO_LIMIT
from features.reading.grounds import Grounds, Market, grounds_of

CODES = ("sector", "topic", "stage", "round", "region", "ticket", "facility", "service", "applicant_kind")


class Ruled(NamedTuple):
    """The strongest ground of each asked pair: ``strength`` 0 where nothing rules it out, else in (0, 1].

    ``codes`` numbers :data:`CODES` (-1: none); ``project_sentences`` and ``institution_sentences`` number the sentences
    of the two readings, -1 where a column says it or nothing is said.
    """

    strength: NDArray[np.float32]
    codes: NDArray[np.int32]
    project_sentences: NDArray[np.int32]
    institution_sentences: NDArray[np.int32]


@dataclass(frozen=True)
class Ruling:
    """What applies to whom, and who says it, kept apart: crossed, they would be as many as the pairs ruled out.

    ``grounds`` (P x K, csr) holds the strength in (0, 1] with which exclusion k applies to project p and ``shown``, in
    the same order, the number of the project's sentence that shows it (-1: a column). ``codes`` (K,) numbers
    :data:`CODES`. ``said`` (N x K, csr) holds the number of institution n's sentence that makes exclusion k, plus 1.
    """

    grounds: csr_matrix
    shown: NDArray[np.int32]
    codes: NDArray[np.int32]
    said: csr_matrix

    def block(self, start: int, stop: int, codes: Sequence[str] = CODES) -> NDArray[np.float32]:
        """Strength with which every institution rules out the projects ``start:stop``, B x N; 0 where it does not.

        Only exclusions of these ``codes`` count.
        """
        strength = np.zeros((stop - start, self.said.shape[0]), np.float32)
        grounds = self.grounds[start:stop].tocoo()
        counts = np.isin(self.codes, [CODES.index(code) for code in codes])[grounds.col]
        row, data = grounds.row[counts].astype(np.intp), grounds.data[counts]
        holders = self._holders
        entry, at = _expand(holders.indptr, grounds.col[counts])
        flat = row[entry] * strength.shape[1] + holders.indices[at]  # twice as fast as two indexes
        np.maximum.at(strength.reshape(-1), flat, data[entry])
        return strength

    def of(self, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> Ruled:
        """The strongest ground of each pair and its sentences; of equally strong ones the first of :data:`CODES`."""
        width = self.grounds.shape[1]
        pair, at = _expand(self.said.indptr, cols)
        wanted = rows[pair].astype(np.int64) * width + self.said.indices[at]
        applied = np.repeat(np.arange(self.grounds.shape[0], dtype=np.int64), np.diff(self.grounds.indptr)) * width
        applied += self.grounds.indices
        place = np.minimum(np.searchsorted(applied, wanted), max(len(applied) - 1, 0))
        hit = np.flatnonzero(applied[place] == wanted) if len(applied) else np.zeros(0, np.intp)
        pair, at, place = pair[hit], at[hit], place[hit]
        code, strength = self.codes[self.said.indices[at]], self.grounds.data[place]
        order = np.lexsort((code, -strength, pair))
        order = order[np.concatenate([[True], np.diff(pair[order]) != 0])[: len(order)]]
        found = Ruled(np.zeros(len(rows), np.float32), *(np.full(len(rows), -1, np.int32) for _ in range(3)))
        first = pair[order]
        found.strength[first], found.codes[first] = strength[order], code[order]
        found.project_sentences[first] = self.shown[place[order]]
        found.institution_sentences[first] = self.said.data[at[order]] - 1
        return found

    @cached_property
    def _holders(self) -> csc_matrix:
        """The institutions that make each exclusion."""
        return self.said.tocsc()


def _expand(starts: NDArray[np.integer], rows: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All entries of sparse ``rows``: for each the place in ``rows`` and its own among the entries."""
    count = np.diff(starts)[rows]
    place = np.repeat(np.arange(len(count)), count)
    first = np.repeat(starts[rows] - np.cumsum(count) + count, count)
    return place, np.asarray(first + np.arange(len(place)), np.intp)


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


def rule_out(
    projects: Sequence[Reading],
    institutions: Sequence[Reading],
    weigh: Callable[[str, NDArray[np.float32]], NDArray[np.float32]] = lambda kind, strength: strength,
) -> Ruling:
    """Apply what the institutions' texts rule out to all projects.

    ``weigh`` maps the kind of an exclusion's claims and its strengths to those that count.
    """
    holders: dict[_Key, list[tuple[int, int]]] = defaultdict(list)
    for col, reading in enumerate(institutions):
        number = {sentence: place for place, sentence in reversed(list(enumerate(reading.sentences)))}
        for key, sentence in _exclusions(reading).items():
            holders[key].append((col, number[sentence]))
    market = Market(projects)
    applied: list[Grounds] = []
    said: list[tuple[int, int, int]] = []
    for key in sorted(holders):
        grounds = grounds_of(market, key.kind, key.values, key.number, key.own)
        if len(grounds.rows):
            said += [(col, len(applied), sentence + 1) for col, sentence in holders[key]]
            applied.append(grounds._replace(strength=weigh(key.kind, grounds.strength)))
    return join_grounds(applied, said, len(projects), len(institutions))


def join_grounds(
    applied: Sequence[Grounds], said: Sequence[tuple[int, int, int]], n_projects: int, n_institutions: int
) -> Ruling:
    """Matrices of exclusions from what applies to whom and who says it.

    ``said`` holds institution, number of the exclusion in ``applied``, and number of the sentence plus 1.
    """
    none = np.zeros(0, np.int32)
    rows = np.concatenate([none, *(each.rows for each in applied)])
    keys = np.repeat(np.arange(len(applied)), [len(each.rows) for each in applied])
    order = np.lexsort((keys, rows))
    strength = np.concatenate([none.astype(np.float32), *(each.strength for each in applied)])[order]
    starts = np.searchsorted(rows[order], np.arange(n_projects + 1))
    grounds = csr_matrix((strength, keys[order].astype(np.int32), starts), (n_projects, len(applied)))
    shown = np.concatenate([none, *(each.sentences for each in applied)])[order]
    cols, made, numbers = np.array(said, np.int32).reshape(-1, 3).T
    codes = np.array([CODES.index(each.code) for each in applied], np.int32)
    return Ruling(grounds, shown, codes, csr_matrix((numbers, (cols, made)), (n_institutions, len(applied))))
