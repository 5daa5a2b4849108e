"""From what the retrievers propose to what is ranked in full.

Retrievers know nothing of rounds, tickets, places and rules, and propose many institutions that a project may not meet.
Everything that is cheap is looked at here; what compares sentences with sentences waits for the pairs that are left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.family import BlockFeatures, Floats
from matcher.block import answers, contribution, ranks
from matcher.candidates import FUSED, Pairs
from matcher.market import ChannelMarket

ELIGIBLE, INELIGIBLE = 80, 30
"""How many proposals of a project are ranked in full; the ineligible ones so that "why not" has an answer."""


def shortlist(
    market: ChannelMarket,
    start: int,
    stop: int,
    prepared: dict[str, BlockFeatures],
    matrices: dict[str, Floats],
    keys: NDArray[np.int64],
) -> NDArray[np.int64]:
    """The best of one block's proposals, ``row * N + institution`` in and out, sorted.

    Their order is the retrievers' weighted sum plus the exact contributions of the families that do not retrieve.
    """
    rows, cols = np.divmod(keys, market.n_institutions)
    pairs = Pairs(rows.astype(np.intp), cols.astype(np.intp))
    score = np.take(matrices[FUSED], keys).astype(np.float64)
    for name, block in prepared.items():
        if name not in matrices:
            for feature, values in block.pairs(pairs.rows, pairs.cols).items():
                if market.weights[feature]:
                    score += contribution(values, market.weights[feature])
    failed = answers(market, start, stop, pairs)[0] != 0
    rank = ranks(2 * rows + failed, score)
    return np.asarray(keys[rank <= np.where(failed, INELIGIBLE, ELIGIBLE)])
