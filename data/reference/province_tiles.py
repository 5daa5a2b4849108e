"""A map of the 34 provinces as squares: where each stands, without any boundary.

The places follow the lie of the land roughly; they are ours (``province_tiles.csv``). A map of squares says nothing on
boundaries, needs no file from outside and shows small and large provinces alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from data.reference.divisions import read_table


@dataclass(frozen=True, slots=True)
class Tile:
    """One province: its code, its square counted from the upper left corner, its letters of ISO 3166-2:CN."""

    adcode: str
    column: int
    row: int
    letters: str


@cache
def province_tiles() -> tuple[Tile, ...]:
    """All tiles, north to south."""
    rows = read_table("province_tiles.csv")
    return tuple(Tile(row["adcode"], int(row["column"]), int(row["row"]), row["letters"]) for row in rows)
