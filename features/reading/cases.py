"""Cases that institutions refuse in words no table knows, sought in the clauses of all projects at once.

A case is compared by its words: neighbouring characters (pairs) within them. A clause shows the case when it shares
enough of its pairs and speaks of it the same way: as missing or under way (首台套还没下线: 首台仍在装配,未下线), as
there (两年内换过法人: 去年换过法人), or with a figure on the refused side (良率没到八成: 良率只有五成).

The clauses are searched through a table of all their pairs, made once with numpy, so that a case costs microseconds
however many projects there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.reading.claims import Reading
from features.reading.measures import loose_figures
from features.reading.states import clause_is_missing, plain, words_of
from features.text import folds

LACKING_SHARE, NEEDED_SHARE, THERE_SHARE = 0.33, 0.5, 0.66
"""Shares of a case's pairs that a clause must have: a missing thing is named shorter than one that is there."""
_FEW = 6
"""Pairs up to which the lower share is enough."""
_MOST = 4000
"""Clauses looked at for one case: one found in more is no special case."""
_NEED = re.compile("需|要|用|靠|走|离不开|依赖|产生|排|存|涉及|采用|必须|配")
_ENDS = np.array([ord(mark) for mark in ",;。:()\n"], np.uint32)


class Shown(NamedTuple):
    """A clause that shows a case: project, number of its sentence in the reading, the folded clause."""

    row: int
    sentence: int
    clause: str


class CaseIndex:
    """All clauses of the projects' sentences by the pairs of characters in them."""

    def __init__(self, projects: Sequence[Reading]) -> None:
        lines = [plain(line) for reading in projects for line in folds(reading.sentences)]
        counts = [len(reading.sentences) for reading in projects]
        self._text = "\n".join(lines) + "\n"
        self._row = np.repeat(np.arange(len(projects), dtype=np.int32), counts)
        self._first = np.cumsum([0, *counts])
        codes = np.frombuffer(self._text.encode("utf-32-le", "surrogatepass"), np.uint32)
        self._ends = np.flatnonzero(np.isin(codes, _ENDS)).astype(np.int64)
        self._breaks = np.flatnonzero(codes == ord("\n"))
        slots = ((codes[:-1] * np.uint32(0x9E37) + codes[1:] * np.uint32(0x85EB)) >> np.uint32(4)).astype(np.uint16)
        self._order = np.argsort(slots, kind="stable").astype(np.int32)
        self._starts = np.searchsorted(slots[self._order], np.arange((1 << 16) + 1))
        self._codes = codes

    def clauses(self, core: str, share: float) -> Iterator[Shown]:
        """Clauses that hold at least ``share`` of the pairs of ``core`` (see :func:`.states.about`)."""
        pairs = sorted(words_of(core))
        if not pairs:
            return
        held = np.concatenate([np.unique(self._clauses_with(pair)) for pair in pairs])
        number, count = np.unique(held, return_counts=True)
        number = number[count >= max(1.0, share * len(pairs))]
        if len(number) > _MOST:
            return
        for clause in number.tolist():
            start = int(self._ends[clause - 1]) + 1 if clause else 0
            line = int(np.searchsorted(self._breaks, start))
            row = int(self._row[line])
            yield Shown(row, line - int(self._first[row]), self._text[start : int(self._ends[clause])])

    def shown(self, how: str, core: str) -> Iterator[Shown]:
        """Clauses that show a case: that it is missing (``-``), there (``+``), or needed (``*``)."""
        if how == "-":
            return self.lacking(core)
        return self.there(core) if how == "+" else self.needed(core)

    def needed(self, core: str) -> Iterator[Shown]:
        """Clauses that say that the case is needed or comes about."""
        found = self.clauses(core, NEEDED_SHARE)
        found = (shown for shown in found if not clause_is_missing(shown.clause, denied=True))
        return (shown for shown in found if _NEED.search(shown.clause))

    def lacking(self, core: str) -> Iterator[Shown]:
        """Clauses that say that the case is missing, or only under way."""
        share = LACKING_SHARE if len(words_of(core)) <= _FEW else NEEDED_SHARE
        return (shown for shown in self.clauses(core, share) if clause_is_missing(shown.clause))

    def there(self, core: str) -> Iterator[Shown]:
        """Clauses that say that the case is there."""
        return (shown for shown in self.clauses(core, THERE_SHARE) if not clause_is_missing(shown.clause, denied=True))

    def figures(self, core: str, unit: str) -> Iterator[tuple[Shown, float]]:
        """Clauses that give a figure in ``unit`` for what ``core`` names, with it."""
        for shown in self.clauses(core, LACKING_SHARE):
            for figure in loose_figures(shown.clause):
                if figure.measure == unit:
                    yield shown, figure.low
                    break

    def _clauses_with(self, pair: str) -> NDArray[np.intp]:
        one, two = np.uint32(ord(pair[0])), np.uint32(ord(pair[1]))
        with np.errstate(over="ignore"):
            slot = int(((one * np.uint32(0x9E37) + two * np.uint32(0x85EB)) >> np.uint32(4)) & np.uint32(0xFFFF))
        at = self._order[self._starts[slot] : self._starts[slot + 1]]
        at = at[(self._codes[at] == one) & (self._codes[at + 1] == two)]
        return np.searchsorted(self._ends, at)
