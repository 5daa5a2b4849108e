"""All pairs of records that may be one project, best first, each with the passages that say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.problem import DuijieError
from matcher.duplicates.blocking import candidate_pairs
from matcher.duplicates.comparing import Compared, Numbers, compare
from matcher.duplicates.passages import Floats
from matcher.duplicates.records import Records, Rows, read_records
from matcher.duplicates.scoring import contributions, probabilities

DUPLICATES = pa.schema(
    [
        ("project_id_a", pa.string()),
        ("project_id_b", pa.string()),
        ("score", pa.float64()),
        ("evidence_a", pa.string()),
        ("evidence_b", pa.string()),
    ]
)
"""Columns of the interchange; ``project_id_a`` < ``project_id_b``."""
AT_LEAST = 0.5

Told = Callable[[str], object]
Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Found:
    """Pairs found, best first: the table of the interchange, and each pair's summands of the log odds."""

    table: pa.Table
    summands: Numbers


def find_duplicates(
    projects: pa.Table, ip: pa.Table, at_least: float = AT_LEAST, threads: int = 0, told: Told | None = None
) -> Found:
    """Pairs of ``projects`` that score ``at_least``; tables in the schemas of data.tables.

    Evidence is verbatim text of each side: the two sentences that say most, else the IP number both have, else the
    names. ``threads`` share the work (0: all cores) and change nothing else. ``told`` hears what step begins.

    Raises
    ------
    DuijieError
        ``score.range`` when ``at_least`` is not in (0, 1].
    """
    if not 0 < at_least <= 1:
        raise DuijieError("score.range", f"{at_least} 不是有效分值 / is not a score", "more than 0, at most 1")
    say = told or (lambda step: None)
    say("read")
    records = read_records(projects, ip)
    say("block")
    first, second = candidate_pairs(records, threads)
    say(f"compare {len(first)} pairs")
    compared = compare(records, first, second, threads)
    score = probabilities(compared.features)
    say("done")
    return _found(records, compared, score, at_least)


def _found(records: Records, compared: Compared, score: Floats, at_least: float) -> Found:
    kept = np.flatnonzero(score >= at_least)
    ids = np.array([*records.ids, ""], object)[:-1]
    a, b = ids[compared.first[kept]], ids[compared.second[kept]]
    kept = kept[np.lexsort((b, a, -score[kept]))]
    first, second = compared.first[kept], compared.second[kept]
    mine, theirs = evidence(records, first, second, *(side[kept] for side in compared.shared.best))
    turned = ids[first] > ids[second]
    table = pa.table(
        {
            "project_id_a": np.where(turned, ids[second], ids[first]),
            "project_id_b": np.where(turned, ids[first], ids[second]),
            "score": score[kept],
            "evidence_a": np.where(turned, theirs, mine),
            "evidence_b": np.where(turned, mine, theirs),
        },
        schema=DUPLICATES,
    )
    return Found(table, contributions(compared.features[kept]))


def evidence(records: Records, first: Rows, second: Rows, best_first: Rows, best_second: Rows) -> tuple[Texts, Texts]:
    """Verbatim text of each side of each pair."""
    stored = np.array([*records.passages.stored, ""], object)  # -1, no sentence, is the last
    names = np.array([*records.names, ""], object)
    numbers = _numbers_shared(records, first, second)
    sides = []
    for side, (row, best) in enumerate(((first, best_first), (second, best_second))):
        number = np.array([pair[side] for pair in numbers], object)
        sides.append(np.where(best >= 0, stored[best], np.where(number != "", number, names[row])))
    return sides[0], sides[1]


def _numbers_shared(records: Records, first: Rows, second: Rows) -> list[tuple[str, str]]:
    """The first IP number both have, as each side stores it; two empty texts where there is none."""
    held: dict[int, dict[str, str]] = {}
    numbers = records.numbers
    for owner, normal, stored in zip(numbers.owner.tolist(), numbers.normal, numbers.stored, strict=True):
        held.setdefault(owner, {})[normal] = stored
    found = []
    for a, b in zip(first.tolist(), second.tolist(), strict=True):  # of the pairs found only: a few
        mine, theirs = held.get(a, {}), held.get(b, {})
        both = min(mine.keys() & theirs.keys(), default="")
        found.append((mine.get(both, ""), theirs.get(both, "")))
    return found
