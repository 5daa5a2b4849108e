"""Who is shown at all: coverage, Gini and the largest share of lists that one item takes.

Accuracy alone rewards showing the same few to everybody; these three are reported beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Exposure:
    """Of lists cut at ``k``: which share of all items is shown, how unequally, and on how many lists the first is.

    ``coverage`` and ``largest`` are shares in [0, 1]; ``gini`` is 0 where all items are shown equally often and
    ``1 - 1/N`` where one takes everything.
    """

    coverage: float
    gini: float
    largest: float

    def as_dict(self) -> dict[str, float]:
        """For JSON."""
        return asdict(self)


def exposure(rankings: Mapping[str, Sequence[str]], items: Sequence[str], k: int = 10) -> Exposure:
    """Exposure of ``items`` (all that could have been shown) over the first ``k`` of every list."""
    at = {item: number for number, item in enumerate(items)}
    shown = [at[item] for ranking in rankings.values() for item in ranking[:k] if item in at]
    counts = np.bincount(np.array(shown, np.intp), minlength=len(items))
    return Exposure(
        coverage=float((counts > 0).mean()) if len(items) else 0.0,
        gini=gini(counts),
        largest=float(counts.max(initial=0)) / max(len(rankings), 1),
    )


def gini(counts: NDArray[np.int64]) -> float:
    """Gini coefficient of non-negative numbers (N): mean absolute difference over twice the mean; 0 for all zero."""
    total, n = counts.sum(), len(counts)
    if total == 0:
        return 0.0
    rank = np.arange(1, n + 1)
    return float((2 * rank - n - 1) @ np.sort(counts) / (n * total))
