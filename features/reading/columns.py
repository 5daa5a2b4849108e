"""Structured columns of a row as claims (sentence '')."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from data.reference.regions import regions
from data.reference.sectors import sectors
from data.reference.vocabularies import vocabulary
from features.reading.claims import Claim
from features.reading.places import place_of

_SEPARATOR = re.compile("[;；、,，|]")


def as_list(value: Any) -> list[str]:
    """A list cell as labels: a list, or a text separated by ``;``, ``；``, ``、``; empty for None and NaN."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return []
    parts = _SEPARATOR.split(value) if isinstance(value, str) else list(value)
    return [str(part).strip() for part in parts if part is not None and str(part).strip()]


def as_number(value: Any) -> float | None:
    """A number cell as a finite float; None otherwise."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def as_text(value: Any) -> str:
    """A text cell; '' for None and NaN."""
    return value if isinstance(value, str) else ""


def _codes(row: Mapping[str, Any], column: str, name: str, kind: str) -> Iterator[Claim]:
    words = vocabulary(name)
    for label in as_list(row.get(column)):
        if code := words.resolve(label):
            yield Claim(kind, code)


def _sectors(row: Mapping[str, Any]) -> Iterator[Claim]:
    for label in as_list(row.get("sectors")):
        for node in sectors().resolve(label):
            yield Claim("sector", node)


def _regions(row: Mapping[str, Any], column: str) -> Iterator[Claim]:
    for label in as_list(row.get(column)):
        for code in (label,) if regions().place(label) else regions().find(label):
            yield Claim("region", code)


def _numbers(row: Mapping[str, Any], columns: Mapping[str, str]) -> Iterator[Claim]:
    for column, kind in columns.items():
        number = as_number(row.get(column))
        if number is not None and number > 0:
            yield Claim(kind, "", number=number)


def project_columns(row: Mapping[str, Any]) -> list[Claim]:
    """Claims of the columns of a project; its own place comes as kind ``place``."""
    place = place_of(row)
    found = [Claim("place", place.code)] if place else []
    found += _sectors(row)
    for column, name, kind in (
        ("applicant_kind", "applicant_kinds", "applicant_kind"),
        ("stage", "stages", "stage"),
        ("funding_round", "rounds", "round"),
        ("facilities", "facilities", "facility"),
        ("services_wanted", "services", "service"),
    ):
        found += _codes(row, column, name, kind)
    found += _regions(row, "regions_wanted")
    found += _numbers(row, {"funding_sought": "amount", "space_m2": "space"})
    return list(dict.fromkeys(found))


def institution_columns(row: Mapping[str, Any]) -> list[Claim]:
    """Claims of the columns of an institution."""
    found = list(_sectors(row))
    for column, name, kind in (
        ("stages", "stages", "stage"),
        ("rounds", "rounds", "round"),
        ("facilities", "facilities", "facility"),
        ("services", "services", "service"),
    ):
        found += _codes(row, column, name, kind)
    found += _regions(row, "regions")
    found += _numbers(row, {"ticket_min": "ticket_min", "ticket_max": "ticket_max"})
    return list(dict.fromkeys(found))
