"""Geography: how near the two are, and whether the project lies where the institution says it acts.

``nearness`` is 1 in the same city and falls with the logarithm of the distance to 0 at about 3,000 km; places that the
reference table does not know (foreign ones) compare as written: same city 1, same province 0.6, else 0.
``served`` is +1 inside and -1 outside the regions the institution names (长三角, 全国, 浙江省 …).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from data.reference.regions import Place, regions
from features.family import BlockFeatures, Feature, Floats, Indexes, Market, State, column
from features.reading import Reading

SAME_PROVINCE = 0.6
FARTHEST_KM = 3000.0


class Places:
    """The distinct places of one side: ``row`` maps each row to its place, -1 where none is given."""

    def __init__(self, table: pa.Table) -> None:
        parts = zip(*(column(table, name) for name in ("country", "province", "city", "district")), strict=True)
        seen: dict[tuple[Any, ...], int] = {}
        self.row = np.array([seen.setdefault(key, len(seen)) if any(key) else -1 for key in parts], dtype=np.intp)
        self.raw = list(seen)
        self.known: list[Place | None] = [regions().resolve(*key) for key in self.raw]


def nearness(left: Places, right: Places) -> Floats:
    """Nearness of the distinct places, (P + 1) x (Q + 1); the last row and column are unknown (NaN)."""
    table = np.full((len(left.raw) + 1, len(right.raw) + 1), np.nan, np.float32)
    at = [
        np.array([(p.lon, p.lat) if p else (np.nan, np.nan) for p in side.known] or [(np.nan, np.nan)])
        for side in (left, right)
    ]
    km = _kilometres(at[0][:, None, :], at[1][None, :, :])[: len(left.raw), : len(right.raw)]
    near = 1.0 - np.log1p(km) / np.log1p(FARTHEST_KM)
    table[:-1, :-1] = np.clip(near, 0.0, 1.0)
    for i, a in enumerate(left.raw):
        for j, b in enumerate(right.raw):
            if not np.isfinite(table[i, j]):
                table[i, j] = _as_written(a, b)
    return table


def _kilometres(a: Any, b: Any) -> Any:
    """Great-circle distance of longitude/latitude pairs in degrees, on a sphere of 6,371 km."""
    lon1, lat1, lon2, lat2 = (np.radians(x) for x in (a[..., 0], a[..., 1], b[..., 0], b[..., 1]))
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * np.arcsin(np.sqrt(np.clip(h, 0, 1)))


def _as_written(a: tuple[Any, ...], b: tuple[Any, ...]) -> float:
    """Nearness of two places of which one is not in the reference table."""
    if a[2] and a[2] == b[2] and a[1] == b[1]:
        return 1.0
    if a[1] and a[1] == b[1]:
        return SAME_PROVINCE
    return 0.0 if (a[1] and b[1]) or (a[0] and b[0] and a[0] != b[0]) else float("nan")


class _Block(BlockFeatures):
    def __init__(self, state: _State, start: int, stop: int) -> None:
        self.state, self.places = state, state.projects.row[start:stop]

    def matrix(self) -> Floats | None:
        return None

    def pairs(self, rows: Indexes, cols: Indexes) -> dict[str, Floats]:
        place, state = self.places[rows], self.state
        return {
            "nearness": state.nearness[place, state.institutions.row[cols]],
            "served": state.served[place, cols],
        }


class _State(State):
    def __init__(self, market: Market) -> None:
        self.projects = Places(market.view.projects)
        self.institutions = Places(market.view.institutions)
        self.nearness = nearness(self.projects, self.institutions)
        self.served = served(self.projects, market.institution_texts)

    def block(self, start: int, stop: int) -> _Block:
        return _Block(self, start, stop)


def served(projects: Places, institutions: Sequence[Reading]) -> Floats:
    """+1 / -1 / NaN for each distinct project place (last row: unknown) and institution, (P + 1) x N."""
    table = np.full((len(projects.raw) + 1, len(institutions)), np.nan, np.float32)
    covers: dict[str, np.ndarray] = {}
    for col, reading in enumerate(institutions):
        codes = {c.value for c in reading.claims if c.kind in ("region", "only_region") and c.polarity > 0}
        for code in codes - covers.keys():
            covers[code] = np.array([bool(p) and regions().covers(code, p) for p in projects.known], dtype=bool)
        if codes:
            inside = np.any([covers[code] for code in codes], axis=0) if len(projects.raw) else np.zeros(0, bool)
            known = np.array([p is not None for p in projects.known], dtype=bool)
            table[:-1, col] = np.where(known, np.where(inside, 1.0, -1.0), np.nan)
    return table


class GeographyFamily:
    """Nearness and regions served."""

    name = "geography"
    channels: tuple[str, ...] = ()
    features = (
        Feature("nearness", "地理远近", "Nearness", 0.2),
        Feature("served", "机构服务区域", "Regions served", 0.3),
    )

    def fit(self, market: Market) -> State:
        """Tables over the distinct places of both sides."""
        return _State(market)


FAMILY = GeographyFamily()
