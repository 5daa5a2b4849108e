"""Write tables as CSV, JSON, XLSX or Parquet. No cell may become a formula, whoever wrote its text."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.cells import FORMULA_STARTS
from data.problem import DuijieError

FORMATS = ("csv", "json", "xlsx", "parquet")
RISKY = (*FORMULA_STARTS, "\t", "\r", "\n")
EXCEL_CELL = 32_767
"""Longest text of an Excel cell; longer texts are cut there and end in an ellipsis."""


def joined(value: Any) -> Any:
    """A value as one cell: lists joined."""
    return "；".join(str(item) for item in value) if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """A value as a cell of CSV: lists joined, text that looks like a formula led by an apostrophe.

    `duijie import` takes that apostrophe off again.
    """
    value = joined(value)
    if isinstance(value, str) and value.startswith(RISKY):
        return "'" + value
    return value


def to_csv(table: pa.Table) -> str:
    """A table as CSV text with a header."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.column_names)
    columns = [[plain(value) for value in column.to_pylist()] for column in table.columns]
    writer.writerows(zip(*columns, strict=True))
    return stream.getvalue()


def to_json(rows: list[dict[str, Any]]) -> str:
    """Rows as a JSON array; dates in ISO form."""
    return json.dumps(rows, ensure_ascii=False, indent=1, default=_json) + "\n"


def _json(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value)} has no JSON form")


def to_xlsx(tables: Mapping[str, pa.Table]) -> bytes:
    """Tables as one workbook, a sheet each. Strings are written as strings: never formulas, never links."""
    import xlsxwriter

    stream = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(stream, options) as book:
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, table in tables.items():
            sheet = book.add_worksheet(name[:31])
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, table.column_names, bold)
            for col, column in enumerate(table.columns):
                for row, value in enumerate(column.to_pylist(), start=1):
                    _write_cell(sheet, row, col, value, day)
            sheet.autofilter(0, 0, max(table.num_rows, 1), max(table.num_columns - 1, 0))
    return stream.getvalue()


def _write_cell(sheet: Any, row: int, col: int, value: Any, day: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, col, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, col, value)
    elif isinstance(value, date | datetime):
        sheet.write_datetime(row, col, value, day)
    else:
        text = str(joined(value))  # a string cell is no formula, whatever it begins with
        sheet.write_string(row, col, text if len(text) <= EXCEL_CELL else text[: EXCEL_CELL - 1] + "…")


def write_file(out: Path | str, data: bytes) -> None:
    """Write a file, whole.

    Raises
    ------
    DuijieError
        ``export.path`` when it cannot be written there.
    """
    try:
        Path(out).write_bytes(data)
    except OSError as error:
        message = f"无法写入 / cannot write {out}: {error.strerror}"
        raise DuijieError("export.path", message, "检查文件夹是否存在 / does the folder exist?") from error


def write(tables: Mapping[str, pa.Table], form: str, out: str | None, rows: list[dict[str, Any]] | None = None) -> None:
    """Write ``tables`` in a format to a file, or to standard output.

    CSV and Parquet take the first table; XLSX takes all, a sheet each; JSON takes ``rows`` if given.

    Raises
    ------
    DuijieError
        ``export.format`` for an unknown format, ``export.binary`` for a workbook on a terminal.
    """
    first = next(iter(tables.values()))
    if form in ("xlsx", "parquet") and not out and sys.stdout.isatty():
        raise DuijieError("export.binary", f"终端不能显示 {form} / {form} on a terminal", "add --out FILE")
    if form == "csv":
        text = to_csv(first)
        data = ("\ufeff" if out else "").encode() + text.encode()  # Excel recognises UTF-8 by the mark
    elif form == "json":
        data = to_json(rows if rows is not None else first.to_pylist()).encode()
    elif form == "xlsx":
        data = to_xlsx(tables)
    elif form == "parquet":
        sink = pa.BufferOutputStream()
        pq.write_table(first, sink)
        data = sink.getvalue().to_pybytes()
    else:
        raise DuijieError(
            "export.format", f"没有 {form!r} 这种格式 / unknown format {form!r}", f"one of {', '.join(FORMATS)}"
        )
    if out:
        write_file(out, data)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
