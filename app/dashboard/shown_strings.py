"""Every string of the pages, Chinese and English, from ``strings.csv``. Codes and features: :mod:`app.wording`."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from app.wording import LANGUAGES

FILE = Path(__file__).with_name("strings.csv")


@cache
def catalogue() -> dict[str, tuple[str, str]]:
    """Chinese and English of each key."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        return {row["key"]: (row["zh"], row["en"]) for row in csv.DictReader(stream)}


def say(key: str, language: str, **values: object) -> str:
    """The string of a key with its values filled in.

    Raises
    ------
    KeyError
        When nobody wrote the string: a page never shows a key.
    """
    return catalogue()[key][LANGUAGES.index(language)].format(**values)
