"""Every string that pages show, Chinese and English, from ``strings.csv``."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from app.wording import LANGUAGES, word

FILE = "strings.csv"


@cache
def catalogue() -> dict[str, tuple[str, str]]:
    """Chinese and English of each key."""
    with (resources.files("app.dashboard") / FILE).open(encoding="utf-8", newline="") as stream:
        return {row["key"]: (row["zh"], row["en"]) for row in csv.DictReader(stream)}


def say(key: str, language: str, **values: object) -> str:
    """The string of a key with its values filled in.

    Raises
    ------
    KeyError
        When nobody wrote the string: a page never shows a key.
    """
    return catalogue()[key][LANGUAGES.index(language)].format(**values)


def say_code(kind: str, code: str, language: str) -> str:
    """A rule (``kind`` ``rule``) or something unknown (``unknown``) in words; what has no own string is in the wording."""
    key = f"{kind}.{code}"
    return say(key, language) if key in catalogue() else word(code, language)
