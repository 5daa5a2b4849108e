"""What a support channel is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from data.registry import discover
from data.view import View


def of_kinds(*kinds: str) -> Callable[[View], pa.Table]:
    """Supply side of a channel: the institutions of these kinds, sorted by id."""

    def supply(view: View) -> pa.Table:
        return view.institutions.filter(pc.is_in(view.institutions.column("kind"), value_set=pa.array(kinds)))

    return supply


@dataclass(frozen=True)
class Channel:
    """One support channel.

    ``supply`` gives its institutions as rows of the institutions table (several rows may share an id: a need each).
    ``rules`` are names of :mod:`matcher.rules`; a pair that fails one is ineligible and the rule is recorded.
    ``weights`` override the features' default weights.
    """

    name: str
    label_zh: str
    label_en: str
    supply: Callable[[View], pa.Table]
    rules: tuple[str, ...]
    weights: Mapping[str, float] = field(default_factory=dict)

    def label(self, language: str) -> str:
        """The channel's name in Chinese (``zh``) or English."""
        return self.label_zh if language == "zh" else self.label_en


def channels() -> dict[str, Channel]:
    """All registered channels by name."""
    return discover("matcher.channels", "CHANNEL")
