"""Read many texts on all cores: in child processes, for reading is Python from end to end.

The children are forked, so they inherit the rows and the phrase tables; readings come back as plain tuples, which
travel ten times faster than objects. They do nothing but read: no BLAS, no Arrow, no database.
"""

from __future__ import annotations

import gc
import marshal
import multiprocessing
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from features.encoding import available_cores
from features.reading.claims import Claim, Reading

Row = Mapping[str, Any]
Read = Callable[[Row], Reading]

FEWEST = 200
"""Texts from which a pool is worth its start."""
_CHUNK = 25  # texts a child reads at a time: few, so that all end together

_job: tuple[Read, Sequence[Row]] | None = None  # what the children inherit


def read_all(read: Read, rows: Sequence[Row], workers: int = 0) -> list[Reading]:
    """``read`` of every row, in their order, in ``workers`` processes (0: as many as there are cores).

    Few rows, other threads at work (a fork would copy their locks as they stand) or a system that refuses: in this
    process.
    """
    wanted = workers or available_cores()
    if wanted < 2 or len(rows) < FEWEST or not sys.platform.startswith("linux") or threading.active_count() > 1:
        return [read(row) for row in rows]
    read(rows[0])  # builds the phrase tables before the fork
    try:
        packed = _in_children(read, rows, wanted)
    except (OSError, BrokenProcessPool):
        return [read(row) for row in rows]
    return [unpack(each) for part in packed for each in marshal.loads(part)]


def _in_children(read: Read, rows: Sequence[Row], workers: int) -> list[bytes]:
    global _job
    _job = read, rows
    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), gc.disable) as pool:
            return list(pool.map(_read_chunk, range(0, len(rows), _CHUNK)))
    finally:
        _job = None


def _read_chunk(start: int) -> bytes:
    if _job is None:
        raise RuntimeError("only in a child of read_all")
    read, rows = _job
    return marshal.dumps([pack(read(row)) for row in rows[start : start + _CHUNK]])


def pack(reading: Reading) -> tuple[Any, ...]:
    """A reading as plain tuples."""
    claims = tuple((c.kind, c.value, c.polarity, c.inferred, c.sentence, c.number) for c in reading.claims)
    return reading.sentences, claims


def unpack(packed: tuple[Any, ...]) -> Reading:
    """The reading that :func:`pack` made ``packed`` of."""
    sentences, claims = packed
    return Reading(sentences, tuple(Claim(*claim) for claim in claims))
