"""Which columns the file of each row has: what a file lacks leaves the stored value alone, an empty cell clears it.

Lists and forms have no empty cells: what one does not say is not told, so nothing of theirs clears anything.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LASTING = {"projects": ("consent", "confidentiality", "state"), "awards": ("status",)}
"""Columns that hold an answer or a restriction. An empty cell neither takes an answer back nor lifts a restriction:
that takes another value (``active``, ``public``, 已公布).
"""

CURRENCY = "currency"
"""Told with every sum: a row that names a sum and no currency means CNY, whatever the stored sum was in."""


@dataclass(frozen=True)
class Present:
    """The columns of the files of one table: ``sets`` are the different ones, ``number`` says which a row has."""

    sets: tuple[frozenset[str], ...]
    number: NDArray[np.int32]

    @classmethod
    def in_every_row(cls, columns: Collection[str], rows: int) -> Present:
        """The same columns for all rows."""
        return cls((frozenset(columns),), np.zeros(rows, dtype=np.int32))

    @classmethod
    def of_parts(cls, columns: Sequence[frozenset[str]], part: NDArray[np.int32]) -> Present:
        """The columns of each part, and for each row the number of its part."""
        sets = tuple(dict.fromkeys(columns))
        known = {one: number for number, one in enumerate(sets)}
        numbers = np.array([known[one] for one in columns], dtype=np.int32)
        return cls(sets, numbers[part])

    def sets_without(self, column: str) -> list[int]:
        """Numbers of the sets that lack a column."""
        return [number for number, one in enumerate(self.sets) if column not in one]

    def lacking(self, column: str) -> NDArray[np.bool_]:
        """Of each row whether its file lacks a column."""
        return np.isin(self.number, self.sets_without(column))
