"""A signing and a delivery count as success, so each tells on what it rests: a contract, a receipt, who said so (I5).

In a file only the columns marked in the interchange are required, so a row without its proof is kept with a warning;
whoever enters a single event can name the proof, and has to.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.cells import MISSING, Finding

PROVEN = ("signed", "delivered")
"""Events that stand with their proof."""
COLUMN = "source"
UNPROVEN = Finding(
    "outcome.proof",
    "warning",
    "签约与兑现须写明依据 / a signing or delivery needs its proof",
    "在“来源”填合同编号、到账凭证；过去的成交填“历史成交” / fill in source: contract or receipt; past deals: 历史成交",
)


def unproven(outcomes: pa.Table) -> NDArray[np.intp]:
    """Rows that tell of a signing or a delivery and name no proof, or say that there is none (无)."""
    claims = pc.is_in(outcomes.column("event"), value_set=pa.array(PROVEN))
    told = pc.utf8_lower(outcomes.column(COLUMN))
    bare = pc.or_(pc.is_null(told), pc.is_in(told, value_set=pa.array(sorted(MISSING))))
    return np.flatnonzero(pc.and_(claims, bare).to_numpy(zero_copy_only=False))
