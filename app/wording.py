"""Reasons in words, Chinese and English. Names come from the features; rules and codes from the table beside."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from data.conflicts import DISCLOSED
from matcher.market import families
from matcher.reasons import UNKNOWN

LANGUAGES = ("zh", "en")


@cache
def words() -> dict[str, tuple[str, str]]:
    """Chinese and English of every code that is shown: ``wording.csv``, and the features' own labels."""
    text = (resources.files("app") / "wording.csv").read_text(encoding="utf-8")
    table = {row["code"]: (row["zh"], row["en"]) for row in csv.DictReader(text.splitlines())}
    for family in families().values():
        for feature in family.features:
            table.setdefault(feature.name, (feature.label_zh, feature.label_en))
    return table


def word(code: str, language: str = "zh") -> str:
    """A code in words; an unknown code is its own word."""
    pair = words().get(code, (code, code))
    return pair[LANGUAGES.index(language)]


def phrase(kind: str, code: str, language: str = "zh") -> str:
    """A failed rule (``kind`` ``rule``) or what is unknown (``unknown``) in words.

    A rule and a feature may share a code (``ticket``), so what fails and what is not known are worded apart; a feature
    without a wording of its own is unknown under its label.
    """
    key = f"{kind}.{code}"
    return word(key if key in words() else code, language)


@dataclass(frozen=True)
class Story:
    """A match told to a person: strongest reasons for it, the strongest against it, and what is unknown."""

    pro: tuple[dict[str, Any], ...]
    con: dict[str, Any] | None
    unknown: tuple[str, ...]


def story(reasons: Sequence[dict[str, Any]], most: int = 3) -> Story:
    """Order the reasons of one match for reading."""
    told = [reason for reason in reasons if reason["weight"]]
    pro = sorted((r for r in told if r["weight"] > 0), key=lambda r: -r["weight"])[:most]
    con = min((r for r in told if r["weight"] < 0), key=lambda r: r["weight"], default=None)
    con = next((r for r in reasons if r["code"].startswith(DISCLOSED)), con)  # nobody may overlook it
    unknown = [r["code"].removeprefix(UNKNOWN) for r in reasons if r["code"].startswith(UNKNOWN)]
    return Story(tuple(pro), con, tuple(dict.fromkeys(unknown)))


def story_lines(told: Story, language: str = "zh") -> list[str]:
    """A story as lines of plain text."""
    lines = [f"  + {_line(reason, language)}" for reason in told.pro]
    if told.con:
        lines.append(f"  - {_line(told.con, language)}")
    if told.unknown:
        names = ("、" if language == "zh" else ", ").join(phrase("unknown", code, language) for code in told.unknown)
        lines.append(f"  ? {word('unknown', language)}{names}")
    return lines


def _line(reason: dict[str, Any], language: str) -> str:
    text = f"{word(reason['code'], language)} {reason['weight']:+.2f}"
    for side in ("project", "institution"):
        said = reason.get(f"evidence_{side}")
        if said:
            text += f"\n      {word(f'{side}_says', language)}“{said}”"
    return text
