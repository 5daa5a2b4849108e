"""Raw table -> accepted rows with the schema of :mod:`data.tables`, problems, and the columns nobody knows.

A row with an error is rejected; a warning or a remark keeps it. Rows accepted + rows rejected = rows read, always.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.cells import Finding, quote
from data.columns import ColumnResult, Rows, as_text, clean_text, convert
from data.problem import Problem
from data.proof import COLUMN, UNPROVEN, unproven
from data.raw import RawTable
from data.reference.headers import column_of, header_label, is_personal, unit_of
from data.reference.regions import regions
from data.tables import OUTCOMES, Table

_SHOWN = 20
"""A remark or warning on the same value of the same column is listed for so many rows, then summed up."""


@dataclass(frozen=True)
class Checked:
    """``accepted`` has the schema of the table; ``rows`` are its 1-based row numbers in the file.

    ``extras`` holds the unknown columns of the accepted rows as text, behind the key of the table. ``present`` are the
    columns that the file has, whether or not they hold anything.
    """

    table: Table
    source: str
    accepted: pa.Table
    rows: NDArray[np.int64]
    extras: pa.Table
    problems: tuple[Problem, ...]
    read: int
    present: frozenset[str]

    @property
    def rejected(self) -> int:
        """How many rows were rejected."""
        return self.read - len(self.rows)


@dataclass
class _Report:
    """Problems of one file's table, and which of its rows still stand."""

    table: str
    source: str
    good: NDArray[np.bool_]
    problems: list[Problem] = field(default_factory=list)

    def add(self, rows: Rows, column: str, finding: Finding) -> None:
        """One finding for many rows: an error for each row, other findings for the first rows and a sum."""
        shown = rows if finding.severity == "error" else rows[:_SHOWN]
        message = f"{self.source}：{finding.message}"
        for row in shown.tolist():
            self._put(row + 1, column, finding, message)
        if len(shown) < len(rows):
            rest = len(rows) - len(shown)
            self._put(0, column, finding, f"{message}（另有 {rest} 行相同 / {rest} more rows alike）")
        if finding.severity == "error":
            self.good[rows] = False

    def _put(self, row: int, column: str, finding: Finding, message: str) -> None:
        self.problems.append(Problem(self.table, row, column, finding.code, finding.severity, message, finding.hint))

    def whole(self, column: str, finding: Finding) -> None:
        """A finding on a column or on the whole table."""
        self._put(0, column, finding, f"{self.source}：{finding.message}")


def _map_headers(raw: RawTable, table: Table, report: _Report) -> tuple[dict[str, int], list[int]]:
    """Position of each known column, and the positions of the unknown ones."""
    found: dict[str, int] = {}
    extras: list[int] = []
    for position, header in enumerate(raw.headers):
        column = column_of(table.name, header)
        if column is not None and column not in found:
            found[column] = position
            continue
        extras.append(position)
        if column is not None:
            message = f"表头{quote(header)}与{quote(raw.headers[found[column]])}指同一列，前者另存不用 / "
            message += f"two headers mean {column}; {quote(header)} is kept apart"
            report.whole(header, Finding("header.twice", "warning", message, "删去其中一列 / remove one of the two"))
        elif is_personal(header):
            message = f"{quote(header)}含个人信息，另存且不对外显示 / personal data: kept apart, never shown"
            report.whole(header, Finding("column.personal", "info", message, ""))
        else:
            message = f"未知列{quote(header)}，已保留但不使用 / unknown column {quote(header)}: kept, not used"
            report.whole(header, Finding("column.unknown", "info", message, ""))
    return found, extras


def _in_currency(rows: Rows, finding: Finding, results: dict[str, ColumnResult]) -> Iterator[tuple[Rows, Finding]]:
    """A finding on sums by the currency that its rows name: the parser of a cell takes every sum for CNY."""
    told = results["currency"].values.take(pa.array(rows)).to_pylist() if "currency" in results else []
    if finding.code != "money.unit" or not any(told):
        yield rows, finding
        return
    codes = np.array([(code or "CNY")[:10] for code in told])
    for code in dict.fromkeys(codes.tolist()):
        words = finding.message.replace(" 元，", f" {code}，").replace(" CNY:", f" {code}:")
        yield rows[codes == code], finding if code == "CNY" else finding._replace(message=words)


def _missing_columns(table: Table, found: dict[str, int], report: _Report) -> bool:
    missing = [name for name in table.required if name not in found]
    for name in missing:
        label = header_label(table.name, name)
        message = f"缺少必填列“{label}” / required column {name} is missing"
        report.whole(name, Finding("column.missing", "error", message, f"表头写“{label}”或 {name} / name it {name}"))
    if missing:
        report.good[:] = False
    return bool(missing)


def _check_broken(raw: RawTable, report: _Report) -> None:
    for row, (code, message, hint) in sorted(raw.broken.items()):
        report.add(np.array([row]), "", Finding(code, "error", message, hint))
    for position in sorted({column for _, column in raw.formulas if column < len(raw.headers)}):
        rows = np.array([row for row, column in raw.formulas if column == position], dtype=np.intp)
        message = "单元格是公式，取其存储值 / the cell is a formula, its stored value is taken"
        finding = Finding("cell.formula", "warning", message, "粘贴为数值 / paste it as a value")
        report.add(rows, raw.headers[position], finding)


def _check_required(raw: RawTable, table: Table, results: dict[str, ColumnResult], report: _Report) -> None:
    """Rows that leave a required column empty; a row that was rejected for that very cell is not named twice."""
    for name in table.required:
        empty = pc.is_null(results[name].values).to_numpy(zero_copy_only=False)
        empty[list(raw.broken)] = False
        for rows, finding in results[name].findings:
            if finding.severity == "error":
                empty[rows] = False
        if empty.any():
            label = header_label(table.name, name)
            message = f"必填项“{label}”为空或无法识别 / required {name} is empty or unreadable"
            finding = Finding("cell.missing", "error", message, f"填写“{label}” / fill in {name}")
            report.add(np.flatnonzero(empty), name, finding)


_ORDERED = (
    ("ticket_min", "ticket_max", "ticket.order", "投资下限高于上限 / ticket_min is above ticket_max"),
    ("founded_at", "listed_at", "date.order", "成立时间晚于入库时间 / founded_at is after listed_at"),
    ("opened_at", "closed_at", "date.order", "发布时间晚于截止时间 / opened_at is after closed_at"),
)


def _check_order(accepted: pa.Table, report: _Report) -> None:
    for low, high, code, message in _ORDERED:
        if low in accepted.column_names and high in accepted.column_names:
            wrong = pc.greater(accepted[low], accepted[high]).fill_null(False).to_numpy()
            if wrong.any():
                report.add(
                    np.flatnonzero(wrong), low, Finding(code, "warning", message, "核对两列 / check both columns")
                )


def _check_places(accepted: pa.Table, report: _Report) -> None:
    """Places of China that cannot be read, and cities that do not lie in their province; each distinct place once."""
    if "province" not in accepted.column_names:
        return
    columns = [accepted[name].to_pylist() for name in ("country", "province", "city", "district")]
    rows: dict[tuple[str | None, ...], list[int]] = {}
    for row, cells in enumerate(zip(*columns, strict=True)):
        rows.setdefault(cells, []).append(row)
    for cells, where in rows.items():
        country, province, city, _ = cells
        place = regions().resolve(*cells)
        shown = " ".join(cell for cell in cells if cell)[:60]
        if place is None and shown and regions().is_home(country):
            message = f"无法识别地区“{shown}”，原样保留 / place “{shown}” is unknown, kept as written"
            finding = Finding("place.unknown", "warning", message, "境外请填国家 / name the country if it is abroad")
        elif place is not None and province and city and not place.city:
            message = f"“{city[:30]}”不在“{province[:30]}” / {city[:30]} does not lie in {province[:30]}"
            finding = Finding("place.mismatch", "warning", message, "核对省份与城市 / check province and city")
        else:
            continue
        report.add(np.array(where), "city" if place else "province", finding)


def _fill_currency(columns: dict[str, pa.Array], results: dict[str, ColumnResult], report: _Report) -> None:
    """A currency named inside a money cell fills the empty currency column."""
    named = {row: code for result in results.values() for row, code in result.currencies.items()}
    if not named or "currency" not in columns:
        return
    current = columns["currency"].to_pylist()
    filled = [row for row in sorted(named) if current[row] is None]
    for row in filled:
        current[row] = named[row]
    columns["currency"] = pa.array(current, pa.string())
    message = "金额写明外币，币种列据此填写 / the currency named in the sum fills the column currency"
    report.add(np.array(filled, dtype=np.intp), "currency", Finding("money.currency", "warning", message, ""))


def _extras(raw: RawTable, table: Table, positions: list[int], accepted: pa.Table, keep: pa.Array) -> pa.Table:
    """Unknown columns of the accepted rows as text, behind the key columns."""
    columns = {name: accepted[name] for name in table.key}
    for position in positions:
        name = raw.headers[position]
        while name in columns:
            name += "_"
        columns[name] = clean_text(as_text(raw.columns[position])[0]).filter(keep)
    return pa.table(columns)


def check(raw: RawTable, table: Table, today: date | None = None) -> Checked:
    """Check one raw table against the table it stands for.

    ``today`` bounds dates (five years ahead); the current day when None. A missing required column rejects all rows.
    """
    today = today or date.today()
    report = _Report(table.name, raw.source, np.ones(raw.count, dtype=bool))
    found, unknown = _map_headers(raw, table, report)
    _check_broken(raw, report)
    results = {
        name: convert(table.by_name[name], raw.columns[position], unit_of(raw.headers[position]), today)
        for name, position in found.items()
    }
    if not _missing_columns(table, found, report):
        for name, result in results.items():
            for rows, finding in result.findings:
                for mine, told in _in_currency(rows, finding, results):
                    report.add(mine, name, told)
        _check_required(raw, table, results, report)
    columns = {
        column.name: results[column.name].values if column.name in results else pa.nulls(raw.count, column.kind.arrow)
        for column in table.columns
    }
    _fill_currency(columns, results, report)
    complete = pa.table(columns, schema=table.schema)
    _check_order(complete, report)
    _check_places(complete, report)
    if table is OUTCOMES and len(rows := unproven(complete)):
        report.add(rows, COLUMN, UNPROVEN)
    keep = pa.array(report.good)
    accepted = complete.filter(keep)
    numbers = np.flatnonzero(report.good).astype(np.int64) + 1
    extras = _extras(raw, table, unknown, accepted, keep)
    problems = tuple(sorted(report.problems, key=lambda problem: (problem.row, problem.column, problem.code)))
    return Checked(table, raw.source, accepted, numbers, extras, problems, raw.count, frozenset(found))
