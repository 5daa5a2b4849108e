"""The provinces as squares with a number each: a map without boundaries that needs nothing from outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from app.dashboard.parts.charted import DARK, LIGHT, charted
from app.dashboard.visitor import Visitor
from data.reference.province_tiles import Tile, province_tiles
from data.reference.regions import regions

EMPTY = "#f1f3f2"
HEIGHT = 470
TEXT = "#06120d"
DARK_FROM = 0.82
"""Share of the largest number from which white text has more contrast than :data:`TEXT`; either has 4:1 and more."""


def counts_by_province(places: Iterable[tuple[str | None, str | None]]) -> tuple[dict[str, int], int]:
    """How many (country, province) pairs lie in each province, by code, and how many lie in none that is known."""
    counts = dict.fromkeys((tile.adcode for tile in province_tiles()), 0)
    elsewhere = 0
    for country, province in places:
        place = regions().resolve(country, province, None) if province else None
        if place is not None and place.province_code in counts:
            counts[place.province_code] += 1
        else:
            elsewhere += 1
    return counts, elsewhere


def tile_name(tile: Tile, language: str) -> str:
    """Name that fits into a square: 浙江, ZJ."""
    return tile.letters if language == "en" else regions().divisions[tile.adcode].short


def province_name(tile: Tile, language: str) -> str:
    """Name in the table: 浙江, Zhejiang (ZJ)."""
    return f"{regions().label(tile.adcode, 'en')} ({tile.letters})" if language == "en" else tile_name(tile, language)


def tile_spec(counts: Mapping[str, int], language: str) -> dict[str, Any]:
    """The squares as a chart; every name in it is ours."""
    tiles = province_tiles()
    most = max(counts.values(), default=0) or 1
    columns, rows = max(tile.column for tile in tiles) + 1, max(tile.row for tile in tiles) + 1
    data = [_square(tile.column, tile.row, tile_name(tile, language), counts[tile.adcode], most) for tile in tiles]
    axis = {"type": "category", "show": False, "splitArea": {"show": False}}
    return {
        "grid": {"left": 4, "right": 4, "top": 4, "bottom": 36},
        "xAxis": {**axis, "data": [str(one) for one in range(columns)]},
        "yAxis": {**axis, "data": [str(one) for one in range(rows)], "inverse": True},
        "visualMap": {
            "min": 0,
            "max": most,
            "dimension": 2,
            "orient": "horizontal",
            "left": "center",
            "bottom": 0,
            "itemHeight": 120,
            "itemWidth": 12,
            "text": [str(most), "0"],
            "inRange": {"color": [LIGHT, DARK]},
        },
        "series": [
            {
                "type": "heatmap",
                "data": data,
                "label": {"show": True, "formatter": "{b}", "fontSize": 11, "lineHeight": 15},
                "itemStyle": {"borderColor": "#ffffff", "borderWidth": 3, "borderRadius": 5},
                "emphasis": {"disabled": True},
            }
        ],
    }


def _square(column: int, row: int, name: str, count: int, most: int) -> dict[str, Any]:
    square: dict[str, Any] = {
        "name": f"{name}\n{count}",
        "value": [column, row, count],
        "label": {"color": "#ffffff" if count > DARK_FROM * most else TEXT},
    }
    if not count:
        square["itemStyle"] = {"color": EMPTY}
    return square


def tile_map(visitor: Visitor, places: Iterable[tuple[str | None, str | None]], key: str, alt: str) -> None:
    """Draw the map of (country, province) pairs with its numbers as a table."""
    counts, elsewhere = counts_by_province(places)
    names = {tile.adcode: province_name(tile, visitor.language) for tile in province_tiles()}
    told = sorted(((names[code], count) for code, count in counts.items() if count), key=lambda one: -one[1])
    if elsewhere:
        told.append((visitor.say("map.elsewhere"), elsewhere))
    table = pd.DataFrame(told, columns=[visitor.say("map.province"), visitor.say("map.projects")])
    charted(visitor, tile_spec(counts, visitor.language), table, key=key, height=HEIGHT, alt=alt)
