"""All cores for array work: numpy lets go of the interpreter, so plain threads do, one block of rows each.

BLAS keeps to one thread meanwhile. Its own threads wait for each other by spinning: on a machine that is shared, a
small product then costs a time slice of the scheduler (measured: 8 ms instead of 0.1).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from features.encoding import available_cores

AHEAD = 2
"""Blocks of a market under way at once: each holds a matrix a family."""

Part = TypeVar("Part")
Answer = TypeVar("Answer")


def over(function: Callable[[Part], Answer], parts: Sequence[Part], threads: int = 0) -> list[Answer]:
    """``function`` of every part, in their order, on ``threads`` threads (0: all cores).

    The parts, not the threads, decide the shapes of all products, so that the answers do not depend on how many.
    """
    wanted = min(threads or available_cores(), len(parts))
    with _blas().limit(limits=1, user_api="blas"):
        if wanted < 2:
            return [function(part) for part in parts]
        with ThreadPoolExecutor(wanted) as pool:
            return list(pool.map(function, parts))


def in_turn(function: Callable[[Part], Answer], parts: Iterable[Part], threads: int = 0) -> Iterator[Answer]:
    """The same, each answer as soon as it is its turn, so that they need not all be held.

    A part is taken when the answer :data:`AHEAD` places before it has been dealt with.
    """
    wanted = min(threads or available_cores(), AHEAD)
    with _blas().limit(limits=1, user_api="blas"):
        if wanted < 2:
            yield from map(function, parts)
            return
        left = iter(parts)
        with ThreadPoolExecutor(wanted) as pool:
            under_way = deque(pool.submit(function, part) for part in islice(left, AHEAD))
            while under_way:
                yield under_way.popleft().result()
                under_way.extend(pool.submit(function, part) for part in islice(left, 1))


def slices(count: int, size: int) -> list[slice]:
    """``range(count)`` in slices of ``size``, the last one shorter."""
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


@cache
def _blas() -> Any:
    """The BLAS libraries in use; finding them takes a millisecond."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
