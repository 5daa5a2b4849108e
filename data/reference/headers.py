"""Header names: which column of which table a header of a file stands for, in Chinese or English.

The aliases stand in ``headers.csv`` (table ``*``: every table that has the column; an empty column: the table itself).
A header is compared without case, spaces and punctuation, with and without what stands in brackets, so
``项目名称（必填）`` is ``项目名称``. A unit in brackets counts: ``融资需求（万元）``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from data.reference.divisions import read_table
from data.reference.vocabularies import label_key
from data.tables import TABLES

UNITS = {
    "万元": 1e4,
    "百万元": 1e6,
    "千万元": 1e7,
    "亿元": 1e8,
    "千元": 1e3,
    "万": 1e4,
    "亿": 1e8,
    "rmb10k": 1e4,
    "亩": 2000 / 3,
}
"""Units that a header may carry in brackets, and their factor to CNY or m2."""

_LONGEST = 100  # characters of a header; anything longer is a cell
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】")
_PERSONAL = re.compile(
    r"联系人|联系方式|联系电话|手机|电话|座机|邮箱|电子邮件|微信|身份证|住址|通讯地址|phone|mobile|e-?mail|wechat|contact|passport"
)


def _table_aliases(table: str) -> list[tuple[str, str]]:
    """(alias, column) of a table, the own rows of the table before the shared ones."""
    known = TABLES[table].by_name
    rows = [row for row in read_table("headers.csv") if row["column"] in known and row["table"] in (table, "*")]
    rows.sort(key=lambda row: row["table"] == "*")
    names = [(name, name) for name in known]
    return names + [
        (alias, row["column"]) for row in rows for alias in (row["name_zh"], *row["aliases"].split(";")) if alias
    ]


@cache
def _columns(table: str) -> dict[str, str]:
    """Header key -> column of a table; an alias of two columns belongs to the first."""
    index: dict[str, str] = {}
    for alias, column in _table_aliases(table):
        index.setdefault(label_key(alias), column)
    return index


@cache
def _tables() -> dict[str, str]:
    """Key of a table's name or alias -> table."""
    index = {label_key(name): name for name in TABLES}
    for row in read_table("headers.csv"):
        if not row["column"]:
            index.update({label_key(alias): row["table"] for alias in (row["name_zh"], *row["aliases"].split(";"))})
    return index


def column_of(table: str, header: str) -> str | None:
    """Column of ``table`` that a header stands for, or None when it is unknown."""
    if len(header) > _LONGEST:
        return None
    text = unicodedata.normalize("NFKC", header).strip().lstrip("*").rstrip("*:")
    index = _columns(table)
    return index.get(label_key(text)) or index.get(label_key(_BRACKETS.sub("", text)))


def unit_of(header: str) -> float:
    """Factor of the unit that a header carries in brackets or behind a slash (``金额/万元``); 1 when there is none."""
    text = unicodedata.normalize("NFKC", header[:_LONGEST])
    inside = [part for groups in _BRACKETS.findall(text) for part in groups if part]
    inside += text.split("/")[1:]
    return next(
        (UNITS[key] for part in inside if (key := re.sub(r"单位|[:\s]|人民币", "", part).casefold()) in UNITS), 1.0
    )


def table_of(name: str) -> str | None:
    """Table that a sheet or file is named after (``projects_2022``, ``2023年机构名单``), or None."""
    text = unicodedata.normalize("NFKC", name).casefold()
    index = _tables()
    bare = re.sub(r"第?[\d一二三四五六七八九十]+(?:届|年度|年|批|期|季度|月|版)?|(?:副本|final|v\d+)", "", text)
    parts = re.split(r"[_\-\s.()]+", text)
    forms = (text, bare, re.sub(r"(?:信息|汇总|一览|数据|列表|名录|表|data|list|table)+$", "", label_key(bare)))
    return next((index[key] for form in (*forms, *parts[:1], *parts[-1:]) if (key := label_key(form)) in index), None)


def recognise(headers: list[str]) -> str | None:
    """Table whose required columns all stand among the headers, the one with most of its columns; None when unclear."""
    scores: list[tuple[int, str]] = []
    for name, table in TABLES.items():
        found = {column_of(name, header) for header in headers} - {None}
        if set(table.required) <= found:
            scores.append((len(found), name))
    best = max((score for score, _ in scores), default=0)
    names = [name for score, name in scores if score == best]
    return names[0] if len(names) == 1 else None


def known_headers(headers: list[str], table: str | None = None) -> int:
    """How many of the headers some table (or the one given) knows, for finding the header row under a title."""
    names = [table] if table else list(TABLES)
    return max(len({column_of(name, header) for header in headers if header} - {None}) for name in names)


def is_personal(header: str) -> bool:
    """Whether a column holds contact data of persons, which is kept apart and shown to no other side."""
    return bool(_PERSONAL.search(unicodedata.normalize("NFKC", header[:_LONGEST]).casefold()))


def header_label(table: str, column: str, language: str = "zh") -> str:
    """Chinese (or English) header of a column, for exports and pages."""
    if language != "zh":
        return column
    rows = [row for row in read_table("headers.csv") if row["column"] == column and row["table"] in (table, "*")]
    return rows[0]["name_zh"] if rows else column
