"""A market: one channel on one date, with everything global learned. Blocks of projects are ranked against it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from data.problem import DuijieError
from data.registry import discover
from data.tables import TEXT_COLUMNS
from data.view import View
from features.encoding import default_cache_dir
from features.families.learned import FAMILY as LEARNED
from features.family import Family, Feature, Floats, Market, State
from features.reading import Reading, read_institution, read_project
from features.reading.institution import TEXTS
from features.reading.kept import read_kept
from matcher.channel import Channel, channels
from matcher.rules import RULES, Check
from matcher.settings import Settings

Encode = Callable[[Sequence[str]], Floats]


def families() -> dict[str, Family]:
    """All registered feature families by name."""
    return discover("features.families", "FAMILY")


def families_of(channel: str) -> list[Family]:
    """Families that count in ``channel``, in order of name."""
    return [family for family in families().values() if not family.channels or channel in family.channels]


def features_of(channel: str) -> list[Feature]:
    """Features that count in ``channel``, in the order of the contribution columns."""
    return [feature for family in families_of(channel) for feature in family.features]


def weights_of(channel: Channel, settings: Settings) -> dict[str, float]:
    """Weight of each feature of ``channel``: settings, else the channel's own, else the feature's default."""
    told = settings.weights.get(channel.name, {})
    return {
        feature.name: told.get(feature.name, channel.weights.get(feature.name, feature.weight))
        for feature in features_of(channel.name)
    }


def check_weights(settings: Settings) -> None:
    """Refuse weights of channels and features that do not exist.

    Raises
    ------
    DuijieError
        ``settings.unknown``.
    """
    for channel, table in settings.weights.items():
        if channel not in channels():
            raise DuijieError(
                "settings.unknown",
                f"没有 {channel!r} 这个渠道 / no channel {channel!r}",
                f"known: {', '.join(channels())}",
            )
        known = [feature.name for feature in features_of(channel)]
        for name in table:
            if name not in known:
                raise DuijieError(
                    "settings.unknown",
                    f"{channel} 没有 {name!r} 这个特征 / no feature {name!r} in {channel}",
                    f"known: {', '.join(known)}",
                )


@dataclass(frozen=True)
class ChannelMarket:
    """Everything that ranking a block of projects needs. Immutable; the same for every block."""

    channel: Channel
    market: Market
    settings: Settings
    weights: dict[str, float]
    states: dict[str, State]
    checks: dict[str, Check]

    @property
    def n_projects(self) -> int:
        """Number of projects."""
        return self.market.view.projects.num_rows

    @property
    def n_institutions(self) -> int:
        """Rows of the supply side (for a challenge: needs)."""
        return self.market.view.institutions.num_rows

    @cached_property
    def owner(self) -> np.ndarray:
        """For each supply row the first row of the same institution, so that needs of one owner are one."""
        ids = self.market.view.institutions.column("institution_id").to_pylist()
        first: dict[str, int] = {}
        return np.array([first.setdefault(key, row) for row, key in enumerate(ids)], np.intp)


def readings_folder(settings: Settings) -> Path:
    """Where readings are kept from one run to the next, beside the vectors."""
    return (Path(settings.cache).expanduser() if settings.cache else default_cache_dir()) / "readings"


def read_texts(table: pa.Table, side: str, kept: Path | None = None) -> list[Reading]:
    """Readings of the rows of one side (``projects`` or ``institutions``); what ``kept`` holds is not read again.

    The name alone of an institution is no mandate: without a profile it has no sentences, so its text is unknown.
    """
    rows = table.to_pylist()
    if side == "projects":
        return read_kept(read_project, rows, TEXT_COLUMNS, kept)
    readings = zip(rows, read_kept(read_institution, rows, TEXTS, kept), strict=True)
    return [read if row["profile"] else dataclasses.replace(read, sentences=()) for row, read in readings]


def build_market(
    view: View,
    channel: Channel,
    settings: Settings,
    encode: Encode | None,
    project_texts: Sequence[Reading] | None = None,
    learned: Mapping[str, Any] | None = None,
) -> ChannelMarket:
    """Learn one channel's market from a view. ``view.projects`` are the projects to rank.

    ``learned`` are models of the learned ranker by head; without any it weighs nothing.
    """
    supply, weights, kept = channel.supply(view), weights_of(channel, settings), readings_folder(settings)
    if not learned:
        weights |= dict.fromkeys((feature.name for feature in LEARNED.features), 0.0)
    market = Market(
        view=dataclasses.replace(view, institutions=supply),
        channel=channel.name,
        project_texts=project_texts if project_texts is not None else read_texts(view.projects, "projects", kept),
        institution_texts=read_texts(supply, "institutions", kept),
        encode=encode,
        settings=dataclasses.asdict(settings),
        weights=weights,
        learned=learned or {},
    )
    states = {family.name: family.fit(market) for family in families_of(channel.name)}
    checks = {name: RULES[name](market, states) for name in channel.rules}
    return ChannelMarket(channel, market, settings, weights, states, checks)
