"""Where the rows of an import come from: what each file gave, and where each row stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.checking import Checked
from data.repeats import key_numbers
from data.tables import Table

PLACES = pa.schema([("source", pa.string()), ("row", pa.int64())])
"""The name of the file, and the 1-based number of the row."""


@dataclass(frozen=True, slots=True)
class FileRead:
    """What a file or sheet that is a table of ours gave: rows read, and those rejected for what stands in them."""

    source: str
    table: str
    read: int
    rejected: int


def places_of(table: Table, parts: list[Checked], kept: int) -> pa.Table:
    """Where the ``kept`` rows stand that :func:`data.repeats.gather` makes of some parts: the first row of each key."""
    numbers = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part.rows) for part in parts])
    sources = pa.DictionaryArray.from_arrays(numbers, pa.array([part.source for part in parts], pa.string()))
    rows = pa.array(np.concatenate([part.rows for part in parts]))
    found = pa.table({"source": sources.cast(pa.string()), "row": rows}, schema=PLACES)
    if found.num_rows == kept:
        return found
    first = key_numbers(table, pa.concat_tables([part.accepted for part in parts]))
    return found.take(pa.array(np.flatnonzero(first == np.arange(len(first)))))
