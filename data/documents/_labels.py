"""What a header or a label of a document means: a column of a table, a contact, something kept beside, or nothing.

The labels stand in ``data/reference/documents/labels.csv``, behind them the headers of our own tables. A target is
``projects.name`` (a column), ``@phone`` (a contact), ``+职务`` (kept beside the columns under that name) or ``-``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from data.reference.divisions import read_table
from data.reference.headers import column_of, is_personal
from data.reference.vocabularies import label_key

IGNORED = "-"
_LONGEST = 40  # characters of a label; anything longer is a value
_BRACKETS = re.compile(r"\([^()]*\)")
_VALUE = re.compile(r"[:@\d]")  # a label that speaks of contacts holds none of them
_SPACES = re.compile(r"\s+")
_NUMBERED = re.compile(r"^\s*(?:[\d一二三四五六七八九十]{1,3}\s*[.、)]|\([\d一二三四五六七八九十]{1,3}\))\s*")
_BETWEEN_CHINESE = re.compile(r"(?<=[\u3000-\u9fff])\s+(?=[\u3000-\u9fff])")
_AWARD_COLUMNS = frozenset("award contest contest_kind status published_at programme edition".split())  # noqa: SIM905
_SHARED = "*"


@cache
def _scope(scope: str) -> dict[str, str]:
    index: dict[str, str] = {}
    rows = read_table("documents/labels.csv")
    for row in [row for row in rows if row["scope"] == scope] + [row for row in rows if row["scope"] == _SHARED]:
        for label in row["labels"].split(";"):
            index.setdefault(label_key(label), row["target"])
    return index


@lru_cache(maxsize=1 << 15)
def _one_line(text: str) -> str:
    line = _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    return _BETWEEN_CHINESE.sub("", line)


def as_line(cell: Any) -> str:
    """A cell as one line of clean text: NFKC, no spaces between Chinese characters. For names, codes and labels."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    return _one_line(str(cell))


@cache
def _tables(scope: str) -> tuple[str, ...]:
    tables = {"list": ("awards", "projects"), "form": ("projects",)}
    return tables.get(scope, ())


def _of_table(scope: str, text: str) -> str | None:
    for table in _tables(scope):
        column = column_of(table, text)
        if column and (table != "awards" or column in _AWARD_COLUMNS):
            return f"{table}.{column}"
    return None


@cache
def _target(scope: str, text: str) -> str | None:
    index = _scope(scope)
    bare = _NUMBERED.sub("", text).strip("*:： ")
    for form in (bare, _BRACKETS.sub("", bare)):
        key = label_key(form)
        if key in index:
            return index[key]
    found = _of_table(scope, bare)
    if found is None and is_personal(bare) and not _VALUE.search(bare):
        return "@other"
    return found


def target_of(scope: str, cell: Any) -> str | None:
    """What a cell means as a header or label of a ``scope``: list, form, organisation, manager or need; or None."""
    if not isinstance(cell, str) or not cell or len(cell) > 2 * _LONGEST:
        return None
    text = as_line(cell)
    return _target(scope, text) if 0 < len(text) <= _LONGEST else None
