"""What a feature family is: something learned once from a view, then asked about pairs.

``fit`` is the reduction (statistics over the whole market, as of the view's date); ``block`` prepares a
block of projects; ``pairs`` gives numbers for pairs of that block. No step loops over pairs in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.view import View

Floats = NDArray[np.float32]
Indexes = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Feature:
    """One number of a pair. NaN means unknown: it adds nothing to a score and is named as unknown.

    ``weight`` is the default weight in the transparent ranker (per unit of the feature).
    """

    name: str
    label_zh: str
    label_en: str
    weight: float


class BlockFeatures(Protocol):
    """The features of a block of B projects against all N institutions."""

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        """One float32 array of ``len(rows)`` for each feature; ``rows`` index the block, ``cols`` the institutions."""

    def matrix(self) -> Floats | None:
        """The family's own retrieval score, B x N float32, or None when it does not retrieve."""

    def matrix_at(self, rows: Indexes, cols: Indexes) -> Floats | None:
        """The same at pairs. A family that has to make its matrix first may say it faster."""
        matrix = self.matrix()
        return None if matrix is None else matrix[rows, cols]


class State(Protocol):
    """A family fitted to a market."""

    def block(self, start: int, stop: int) -> BlockFeatures:
        """Prepare projects ``start`` to ``stop`` (rows of ``view.projects``)."""


class Family(Protocol):
    """One family of features; a module of :mod:`features.families` defines one as ``FAMILY``."""

    name: str
    features: tuple[Feature, ...]
    channels: tuple[str, ...]  # empty: all channels

    def fit(self, market: Market) -> State:
        """Learn what is global from the market. Only ``market.view`` may be read: it ends at ``as_of``."""


@dataclass(frozen=True)
class Market:
    """What the families of one channel read.

    ``view.institutions`` is the supply side of the channel (for the channel ``challenge``: one row a need, with the
    need's title and text as ``profile``). ``project_texts`` and ``institution_texts`` are what :mod:`features.reading`
    made of the texts: sentences, sectors, services, facilities, exclusions, each with its sentence.
    ``weights`` are the features' weights in this channel: what weighs nothing need not be computed.
    ``learned`` are the models of :mod:`features.learned` that count in this channel, by head; mostly none.
    ``encode`` maps texts to unit vectors (n x d float32); None when no encoder can be had.
    """

    view: View
    channel: str
    project_texts: Sequence[Any]
    institution_texts: Sequence[Any]
    encode: Callable[[Sequence[str]], Floats] | None
    settings: dict[str, Any]
    weights: Mapping[str, float] = field(default_factory=dict)
    learned: Mapping[str, Any] = field(default_factory=dict)

    def weighs(self, feature: str) -> bool:
        """Whether a feature counts; one without a weight does."""
        return self.weights.get(feature, 1.0) != 0


def column(table: pa.Table, name: str) -> list[Any]:
    """A column as Python values, None where a cell is empty."""
    return table.column(name).to_pylist()  # type: ignore[no-any-return]
