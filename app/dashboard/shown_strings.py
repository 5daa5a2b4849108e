"""Every string of the pages, Chinese and English, from ``strings/*.csv``. Codes and features: :mod:`app.wording`."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from app.wording import LANGUAGES
from data.problem import DuijieError

FOLDER = Path(__file__).with_name("strings")


@cache
def catalogue() -> dict[str, tuple[str, str]]:
    """Chinese and English of each key.

    Raises
    ------
    DuijieError
        ``strings.twice`` when two files word one key.
    """
    found: dict[str, tuple[str, str]] = {}
    for file in sorted(FOLDER.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row["key"] in found:
                    raise DuijieError("strings.twice", f"{row['key']!r} stands twice, again in {file.name}")
                found[row["key"]] = (row["zh"], row["en"])
    return found


def say(key: str, language: str, **values: object) -> str:
    """The string of a key with its values filled in.

    Raises
    ------
    KeyError
        When nobody wrote the string: a page never shows a key.
    """
    return catalogue()[key][LANGUAGES.index(language)].format(**values)
