"""Why, and why not: one project against every institution of a channel, for any pair asked about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.conflicts import disclosed
from data.problem import DuijieError
from matcher.block import match_block
from matcher.candidates import every_pair
from matcher.gate import consent, held_back
from matcher.market import ChannelMarket
from matcher.pipeline import Result
from matcher.tables import contributions_table, evidence_table, matches_table


@dataclass(frozen=True)
class Why:
    """What is to be said of one pair. ``held`` and ``consent`` say whether the project takes part at all.

    ``match``, ``contributions`` and ``evidence`` are rows as the run's tables have them; ``better`` counts the eligible
    institutions that rank above the pair, ``of`` all institutions of the channel. ``disclosed`` are the kinds of its
    conflicts of interest that a person confirmed.
    """

    match: dict[str, object]
    contributions: dict[str, object]
    evidence: dict[str, object]
    held: str
    consent: str
    better: int
    of: int
    disclosed: tuple[str, ...] = ()


def why(market: ChannelMarket, project_id: str, institution_id: str) -> Why:
    """Explain one pair against the whole market.

    Raises
    ------
    DuijieError
        ``project.unknown``, ``institution.unknown`` or ``institution.channel`` (it does not supply this channel).
    """
    view = market.market.view
    row = _find(view.projects, "project_id", project_id, "project.unknown")
    col = _find(view.institutions, "institution_id", institution_id, "institution.channel")
    n = market.n_institutions
    ranked = match_block(market, row, row + 1, every_pair(np.ones(1, bool), n), n)
    wanted = np.flatnonzero(market.owner[ranked.cols] == market.owner[col])
    at = int(wanted[np.argmax(ranked.score[wanted])])
    result = Result(ranked, np.zeros(len(ranked.rows), np.int32))
    better = int(((ranked.failed == 0) & (ranked.score > ranked.score[at])).sum())
    project = view.projects.slice(row, 1)
    return Why(
        match=matches_table(market, result, "").slice(at, 1).to_pylist()[0],
        contributions=contributions_table(market, ranked).slice(at, 1).to_pylist()[0],
        evidence=evidence_table(market, ranked).slice(at, 1).to_pylist()[0],
        held=held_back(project, view.awards)[0],
        consent=consent(project, market.channel.name)[0],
        better=better,
        of=len(set(view.institutions.column("institution_id").to_pylist())),
        disclosed=disclosed(view.conflicts).get((project_id, institution_id), ()),
    )


def _find(table: pa.Table, key: str, value: str, code: str) -> int:
    ids = table.column(key).to_pylist()
    if value not in ids:
        raise DuijieError(
            code,
            f"{len(ids)} 个 {key} 中没有 {value} / {value!r} is not among the {len(ids)} rows of {key} here",
            "核对编号与渠道 / check the id and the channel",
        )
    return ids.index(value)
