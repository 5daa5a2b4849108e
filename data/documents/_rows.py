"""Rows for the checks: values by column, the raw text of what was cleaned, ids that stay the same, contacts apart."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from data.document import Contact
from data.documents._labels import as_line
from data.problem import Problem
from data.raw import Broken, RawTable, file_problem
from data.reference.vocabularies import label_key
from data.tables import TABLES

RAW = "原文："
"""What precedes the name of a column that keeps the text from which a cleaned value was made."""
_CLEANED = frozenset(
    "project_id name applicant applicant_kind group country province city district programme edition contest "  # noqa: SIM905
    "contest_kind award status institution_id kind number holder title need_id".split()
)
_COUNTED = re.compile(r"\d{1,4}")
_UNSAFE = re.compile(r"[^\w+]+")


def digest(*parts: str) -> str:
    """Ten hexadecimal digits of texts, the same however they are spaced, punctuated or cased."""
    joined = "\x1f".join(label_key(part) for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()[:10]


def make_id(prefix: Iterable[str], *parts: str) -> str:
    """A readable id: ``cnmaker-2022-浙江-1a2b3c4d5e``."""
    words = [_UNSAFE.sub("", as_line(word).replace("-", "_"))[:20] for word in prefix]
    return "-".join([*(word.strip("_").replace("_", "-") for word in words if word), digest(*parts)])


def given_id(values: dict[str, Any], column: str, beside: dict[str, Any]) -> str:
    """Takes the id out of a row. A bare number of few digits counts the rows of one list and is no id: kept beside."""
    value = values.pop(column, None)
    text = as_line(value)
    if _COUNTED.fullmatch(text):
        beside["编号"] = value
        return ""
    return text


class Rows:
    """Rows of one table: its required columns, then the others in the order in which they first appear."""

    def __init__(self, table: str, source: str) -> None:
        self._table, self.source = TABLES[table], source
        self._rows: list[dict[str, Any]] = []
        self._broken: Broken = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, values: Mapping[str, Any], beside: Mapping[str, Any] | None = None) -> None:
        """One row: values of columns of ours, and what is kept beside them under the document's own names."""
        row: dict[str, Any] = {}
        raw: dict[str, Any] = {}
        for column, value in values.items():
            if value is None or value == "":
                continue
            clean = as_line(value) if column in _CLEANED and isinstance(value, str) else value
            if clean != value:
                raw[f"{RAW}{column}"] = value
            row[column] = clean
        for name, value in (beside or {}).items():
            # what a document calls a column must not be taken for one of ours
            raw[name if name.startswith(RAW) else f"{RAW}{name}"] = value
        self._rows.append(row | raw)

    def refuse(self, code: str, message: str, hint: str) -> None:
        """A row that cannot be used; it counts as read and is rejected."""
        self._broken[len(self._rows)] = (code, message, hint)
        self._rows.append({})

    def table(self) -> RawTable:
        """The rows as a raw table."""
        headers = tuple(dict.fromkeys([*self._table.required, *(name for row in self._rows for name in row)]))
        columns = tuple(tuple(row.get(name) for row in self._rows) for name in headers)
        return RawTable(self.source, self._table.name, headers, columns, len(self._rows), dict(self._broken))


def take_contacts(cells: Iterable[tuple[str, Any]], subject_id: str, source: str) -> list[Contact]:
    """Contacts among cells by target, those whose target is ``@kind<TAB>label``."""
    found = []
    for key, value in cells:
        if key.startswith("@"):
            kind, _, label = key[1:].partition("\t")
            found.append(Contact(subject_id, kind, as_line(value), f"{source}：{label}"))
    return found


def columns_of(cells: Mapping[str, Any], table: str) -> dict[str, Any]:
    """Cells of one table by column."""
    start = f"{table}."
    return {key.removeprefix(start): value for key, value in cells.items() if key.startswith(start)}


def contacts_left_out(source: str, contacts: list[Contact]) -> list[Problem]:
    """One remark that counts the contacts of a document by the label they stood under; no value is shown."""
    if not contacts:
        return []
    counts: dict[str, int] = {}
    for contact in contacts:
        label = contact.source.rpartition("：")[2]
        counts[label] = counts.get(label, 0) + 1
    shown = "、".join(f"{label} {count}" for label, count in counts.items())[:200]
    message = f"联系信息 {len(contacts)} 项未导入各表 / {len(contacts)} contact values left out of the tables: {shown}"
    return [file_problem(source, "contact.left_out", message, "", "info")]
