"""Rows of several files of one table put together: each key once.

In our own tables a key that stands before is an error. Lists and forms repeat each other by nature (公示 and 公布,
500强 and 50强), so a row of theirs that stands before is the same record: it fills what the first left empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.checking import Checked
from data.problem import Problem
from data.tables import Table

_SHOWN = 20
_STATUSES = ("有异议", "已公布", "公示中")
"""Of two statuses of one award that which counts: a dispute, then the final list."""


@dataclass(frozen=True)
class Gathered:
    """Rows of one table: accepted ones, their extras, how many were rejected as repeated and how many were folded."""

    accepted: pa.Table
    extras: pa.Table
    repeated: int
    folded: int


@dataclass
class _Places:
    """Where each row of the concatenated parts came from."""

    source: list[str]
    row: list[int]


def key_numbers(table: Table, rows: pa.Table) -> NDArray[np.int64]:
    """One number a distinct key: the row at which the key stands first."""
    keys = rows.select(list(table.key)).append_column("_row", pa.array(np.arange(len(rows)), pa.int64()))
    first = keys.group_by(list(table.key), use_threads=False).aggregate([("_row", "min"), ("_row", "list")])
    numbers = np.empty(len(rows), dtype=np.int64)
    lists = first["_row_list"].combine_chunks()
    numbers[lists.flatten().to_numpy()] = np.repeat(
        first["_row_min"].to_numpy(), pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    )
    return numbers


def _shown(row: dict[str, Any], table: Table) -> str:
    return " / ".join(str(row[name])[:40] for name in table.key if row[name] is not None)


def _refuse(table: Table, rows: pa.Table, repeated: NDArray[np.int64], first: Any, places: _Places) -> list[Problem]:
    problems: list[Problem] = []
    labels = rows.select(list(table.key)).take(pa.array(repeated)).to_pylist()
    for row, label in zip(repeated.tolist(), labels, strict=True):
        source, number = places.source[row], places.row[row]
        before, earlier = places.source[first[row]], places.row[first[row]]
        message = f"{source}：“{_shown(label, table)}”重复，首见 {before} 第 {earlier} 行 / "
        message += f"stands already in {before}, row {earlier}"
        hint = "删去一行或改编号 / remove one of the rows or change its id"
        problems.append(Problem(table.name, number, table.key[0], "row.duplicate", "error", message, hint))
    return problems


def _merge(held: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Fill what ``held`` leaves empty from ``other``; gives the columns in which the two differ."""
    differing: list[str] = []
    for name, value in other.items():
        if value in (None, []) or held[name] == value:
            continue
        if held[name] in (None, []):
            held[name] = value
        elif name == "status" and {held[name], value} <= set(_STATUSES):
            held[name] = min(held[name], value, key=_STATUSES.index)
        else:
            differing.append(name)
    return differing


def _fold(
    table: Table, rows: pa.Table, folded: NDArray[np.int64], first: Any, places: _Places
) -> tuple[pa.Table, list[Problem]]:
    """Fold rows into those that stand first; gives all rows, the first ones filled, and what differed."""
    heads = np.unique(first[folded])
    held = dict(zip(heads.tolist(), rows.take(pa.array(heads)).to_pylist(), strict=True))
    problems: list[Problem] = []
    for row, other in zip(folded.tolist(), rows.take(pa.array(folded)).to_pylist(), strict=True):
        head = int(first[row])
        differing = _merge(held[head], other)
        if differing and len(problems) < _SHOWN:
            message = f"{places.source[row]}：“{_shown(other, table)}”的 {'、'.join(differing)} 与 "
            message += (
                f"{places.source[head]} 第 {places.row[head]} 行不同，取先读到的 / differs from an earlier row, kept"
            )
            hint = "核对两处 / check both places"
            problems.append(
                Problem(table.name, places.row[row], differing[0], "row.conflict", "warning", message, hint)
            )
    filled = pa.Table.from_pylist([held[head] for head in heads.tolist()], schema=rows.schema)
    order = np.arange(len(rows))
    order[heads] = len(rows) + np.arange(len(heads))
    counts: dict[str, int] = {}
    for row in folded.tolist():
        counts[places.source[row]] = counts.get(places.source[row], 0) + 1
    for source, count in counts.items():
        message = (
            f"{source}：{count} 行与先读到的为同一记录，已合并 / {count} rows are records read before, folded into them"
        )
        problems.append(Problem(table.name, 0, table.key[0], "row.folded", "info", message, ""))
    return pa.concat_tables([rows, filled]).take(pa.array(order)), problems


def gather(table: Table, parts: list[Checked], folding: list[bool], problems: list[Problem]) -> Gathered:
    """All parts of a table; ``folding`` says of each part whether its repeated rows are folded."""
    accepted = pa.concat_tables([part.accepted for part in parts])
    extras = pa.concat_tables([part.extras for part in parts], promote_options="default")
    first = key_numbers(table, accepted)
    again = np.flatnonzero(first != np.arange(len(accepted)))
    if not again.size:
        return Gathered(accepted, extras, 0, 0)
    places = _Places(
        [part.source for part in parts for _ in part.rows], [int(row) for part in parts for row in part.rows]
    )
    folds = np.repeat(np.array(folding), [len(part.rows) for part in parts])
    repeated, folded = again[~folds[again]], again[folds[again]]
    problems.extend(_refuse(table, accepted, repeated, first, places))
    if folded.size:
        accepted, found = _fold(table, accepted, folded, first, places)
        problems.extend(found)
    keep = pa.array(np.setdiff1d(np.arange(len(accepted)), again))
    kept_extras = pa.array(np.setdiff1d(np.arange(len(extras)), repeated))  # a folded row keeps what stood beside it
    return Gathered(accepted.take(keep), extras.take(kept_extras), int(repeated.size), int(folded.size))
