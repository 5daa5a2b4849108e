"""The smallest change that would give a project a counterpart: the fewest rules that would have to be met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from data.view import View
from features.reading import Reading
from matcher.asking import market_of
from matcher.channel import Channel
from matcher.market import families
from matcher.rules import FAILS, RULES
from matcher.settings import Settings

READ_BY_RULES = ("exclusion", "ticket")
"""Families whose state the rules read."""
FIXED = ("contact", "passed", "judge")
"""Rules that nobody can come to meet; institutions that only these keep away come last."""


@dataclass(frozen=True)
class Change:
    """What would help one project.

    ``rules`` is the smallest set of rules that keeps it from some institution (empty: none does), the one that opens
    most institutions where several are as small; ``institutions`` are those that it alone keeps away, in their order.
    """

    rules: tuple[str, ...]
    institutions: tuple[str, ...]


def smallest_changes(
    view: View, channel: Channel, settings: Settings, texts: Sequence[Reading], rows: Iterable[int]
) -> dict[int, Change]:
    """The smallest change for some projects (``rows`` of ``view.projects``), by the rules that rank them.

    ``texts`` are the readings of ``view.projects``. A channel without institutions gives nothing.
    """
    supply = channel.supply(view)
    if supply.num_rows == 0:
        return {}
    market = market_of(view, supply, channel, settings, texts)
    states = {name: families()[name].fit(market) for name in READ_BY_RULES}
    checks = [RULES[name](market, states) for name in channel.rules]
    ids = supply.column("institution_id").to_pylist()
    cols, own = np.arange(len(ids)), np.zeros(len(ids), np.intp)
    found = {}
    for row in rows:
        failed = np.stack([check(row, row + 1, own, cols) == FAILS for check in checks], axis=1)
        found[row] = _smallest(failed, channel.rules, ids)
    return found


def _smallest(failed: np.ndarray, names: Sequence[str], ids: Sequence[str]) -> Change:
    fixed = np.array([name in FIXED for name in names])
    effort = failed.sum(axis=1) + len(names) * failed[:, fixed].any(axis=1)
    sets = {int(col): tuple(np.flatnonzero(failed[col]).tolist()) for col in np.flatnonzero(effort == effort.min())}
    best = min(Counter(sets.values()).items(), key=lambda item: (-item[1], item[0]))[0]
    opened = dict.fromkeys(ids[col] for col, one in sets.items() if one == best)
    return Change(tuple(names[at] for at in best), tuple(opened))
