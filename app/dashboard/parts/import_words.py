"""What the problems of an import say, in the reader's language."""

from __future__ import annotations

import re

import pandas as pd

from app.dashboard.visitor import Visitor
from data.reference.headers import header_label
from data.tables import TABLES

_SLASH = " / "
_QUOTED = re.compile(r"“[^”]*”")
_ALIKE = re.compile(r"（另有 (\d+) 行相同 / \d+ more rows alike）$")
_HIDDEN = " \0 "
_LISTS = ("可用", "可读格式", "按表命名", "可识别")
"""Words before a list that stands once, behind its English words: 可用 / known: a, b."""


def in_language(text: str, language: str) -> str:
    """The half of a bilingual text (中文 / English); the whole where it cannot be told apart.

    Cells that a message quotes may hold the separator themselves.
    """
    alike = _ALIKE.search(text)
    if alike:
        more = f"（另有 {alike[1]} 行相同）" if language == "zh" else f" ({alike[1]} more rows alike)"
        return in_language(text[: alike.start()], language) + more
    pieces = _QUOTED.sub(lambda found: found[0].replace(_SLASH, _HIDDEN), text).split(_SLASH)
    if len(pieces) == 2:
        return _half(pieces[0], pieces[1], language).replace(_HIDDEN, _SLASH)
    parts = text.split("；")
    if len(pieces) > 2 and len(parts) > 1 and all(part.count(_SLASH) == 1 for part in parts):
        return ("；" if language == "zh" else "; ").join(in_language(part, language) for part in parts)
    return text


def _half(zh: str, en: str, language: str) -> str:
    """One half; a list that stands once belongs to both."""
    if language == "en":
        return en
    return f"{zh}：{en.partition(': ')[2]}" if zh in _LISTS else zh


def told_problems(problems: pd.DataFrame, language: str) -> pd.DataFrame:
    """Problems with their message and hint in one language; a problem of a whole file or table has no row."""
    told = problems.copy()
    for name in ("message", "hint"):
        told[name] = [in_language(str(text), language) for text in told[name]]
    told["row"] = pd.array([row or None for row in told["row"]], dtype="Int64")
    return told


def shown_problems(visitor: Visitor, problems: pd.DataFrame) -> pd.DataFrame:
    """The same for a page: severity, table and column as labels too."""
    told = told_problems(problems, visitor.language)
    told["column"] = [
        column_label(table, column, visitor.language)
        for table, column in zip(told["table"], told["column"], strict=True)
    ]
    told["severity"] = [visitor.say(f"importing.{one}") for one in told["severity"]]
    told["table"] = [visitor.say(f"table.{one}") if one else "" for one in told["table"]]
    told["row"] = ["" if pd.isna(row) else str(row) for row in told["row"]]
    return told


def column_label(table: str, column: str, language: str) -> str:
    """A column of ours under its label; a header of the file as it stands there."""
    known = table in TABLES and column in TABLES[table].by_name
    return header_label(table, column, language) if known else column
