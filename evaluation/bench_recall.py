"""What the candidate stage loses: the share of the exact best twenty that it keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE = 256


def candidate_recall(market: Any, free: NDArray[np.bool_], top: int, sample: int = SAMPLE) -> dict[str, float]:
    """Share of each project's exact ``top`` (every pair scored) that is among the candidates, and how many these are.

    ``market`` is a :class:`matcher.market.ChannelMarket` in which candidates are proposed; ``sample`` projects are
    drawn evenly, whole blocks of them are scored.
    """
    from matcher.block import match_block
    from matcher.candidates import BLOCK, every_pair
    from matcher.pipeline import propose

    n = market.n_institutions
    proposed = propose(market, free).keys
    starts = np.unique(np.linspace(0, max(market.n_projects - 1, 0), max(sample // BLOCK, 1) * 4).astype(int))
    kept = found = 0
    for start in starts.tolist():
        stop = min(start + max(sample // len(starts), 1), market.n_projects)
        exact = match_block(market, start, stop, every_pair(free[start:stop], n), top)
        best = (exact.rank > 0) & (exact.rank <= top)
        keys = exact.rows[best].astype(np.int64) * n + exact.cols[best]
        found += len(keys)
        kept += int(np.isin(keys, proposed, assume_unique=True).sum())
    return {
        "recall": kept / max(found, 1),
        "pairs": found,
        "candidates_per_project": len(proposed) / max(int(free.sum()), 1),
    }
