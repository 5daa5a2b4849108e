"""The hand-written text pools of the sample market, and the small template language they use.

``{a|b|c}`` takes one of the alternatives, ``<name>`` is replaced by a value. Everything in the pools is fictional.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

FOLDER = Path(__file__).parent
MARK = "（样例）"
"""Stands in every name of an organisation, so that no row can be taken for a real one."""

_CHOICE = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True, slots=True)
class Field:
    """An industry with its label in each vocabulary and its neighbours on the industrial chain."""

    id: str
    name: str
    shine: str
    kechuang: str
    gb: str
    theme: str
    near: tuple[str, ...]

    def labels(self) -> list[str]:
        """Its names in the vocabularies that entrants and institutions use."""
        return [label for label in (self.shine, self.kechuang, self.gb, self.name, self.theme) if label]


@dataclass(frozen=True, slots=True, eq=False)
class Topic:
    """One technology: what entrants write (``names``, ``tech``, ``use``) and what institutions write (``say``)."""

    id: str
    field: str
    traits: frozenset[str]
    names: tuple[str, ...]
    tech: tuple[str, ...]
    use: tuple[str, ...]
    say: tuple[str, ...]
    route: tuple[tuple[str, str], ...]
    clients: str


@dataclass(frozen=True, slots=True)
class Place:
    """A city and the regional contest it belongs to."""

    contest: str
    province: str
    city: str
    district: str
    macros: tuple[str, ...]

    @property
    def short(self) -> str:
        """City name as it stands in a company name."""
        return re.sub(r"(蒙古族藏族自治州|回族自治州|市)$", "", self.city)


@dataclass(frozen=True)
class Pools:
    """Everything that was written by hand."""

    fields: dict[str, Field]
    topics: tuple[Topic, ...]
    places: tuple[Place, ...]
    contests: tuple[str, ...]
    project: dict[str, Any]
    institution: dict[str, Any]
    needs: tuple[dict[str, str], ...]

    def by_field(self, field: str) -> list[Topic]:
        """Topics of an industry."""
        return [topic for topic in self.topics if topic.field == field]

    def at(self, contest: str) -> list[Place]:
        """Places of a regional contest."""
        return [place for place in self.places if place.contest == contest]


def fill(rng: Random, text: str, **values: object) -> str:
    """Choose among the alternatives of a template and put in the values."""
    chosen = _CHOICE.sub(lambda match: rng.choice(match.group(1).split("|")), text)
    return _NAME.sub(lambda match: str(values.get(match.group(1), match.group(0))), chosen)


def pick(rng: Random, texts: Sequence[str], **values: object) -> str:
    """One template of a pool, filled in."""
    return fill(rng, rng.choice(texts), **values)


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def _topic(entry: dict[str, Any]) -> Topic:
    return Topic(
        entry["id"],
        entry["field"],
        frozenset(entry["traits"]),
        tuple(entry["names"]),
        tuple(entry["tech"]),
        tuple(entry["use"]),
        tuple(entry["say"]),
        tuple((trait, sentence) for trait, sentence in entry.get("route", [])),
        entry["clients"],
    )


@cache
def load_pools() -> Pools:
    """Read the pools that stand beside this file."""
    fields = [Field(**{**entry, "near": tuple(entry["near"])}) for entry in _toml("fields.toml")["field"]]
    files = sorted(path.name for path in FOLDER.glob("topics_*.toml"))
    topics = tuple(_topic(entry) for name in files for entry in _toml(name)["topic"])
    with (FOLDER / "places.csv").open(encoding="utf-8", newline="") as file:
        places = tuple(
            Place(row["contest"], row["province"], row["city"], row["district"], tuple(row["macro"].split("/")))
            for row in csv.DictReader(file)
        )
    return Pools(
        {field.id: field for field in fields},
        topics,
        places,
        tuple(dict.fromkeys(place.contest for place in places)),
        _toml("phrases_project.toml"),
        _toml("phrases_institution.toml"),
        tuple(_toml("needs.toml")["need"]),
    )
