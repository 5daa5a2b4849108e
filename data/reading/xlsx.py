"""XLSX: one sheet a table. Formulas are never computed: the value stored with them is taken and the cell is named.

A workbook is a zip of XML from outside: its unpacked size, its ratio and document types are looked at first.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.cell import coordinate_from_string, column_index_from_string

from data.problem import Problem
from data.raw import FileContent, RawTable, file_problem, tabulate

_MAX_BYTES = 2 << 30
_MAX_RATIO = 200
_SMALL = 64 << 20  # below this a high ratio does no harm
_FORMULA = re.compile(rb'<c\s[^>]*?r="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<f[\s>/]')
_MAX_FORMULAS = 10000


def _unsafe(path: Path) -> str:
    """Why the archive must not be opened; '' when it may."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
        if unpacked > _MAX_BYTES or (unpacked > _SMALL and unpacked > _MAX_RATIO * max(packed, 1)):
            return f"展开后 {unpacked >> 20} MB，压缩比异常 / unpacks to {unpacked >> 20} MB, suspiciously compressed"
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as stream:
                    if b"<!DOCTYPE" in stream.read(4096):
                        return "含有 XML 文档类型声明 / contains an XML document type"
    return ""


def _formula_cells(path: Path, part: str) -> list[tuple[int, int]]:
    """(line, position) of the cells of a sheet that hold formulas, 0-based, found in its XML without parsing it."""
    with zipfile.ZipFile(path) as archive:
        data = archive.read(part.lstrip("/"))
    if b"<f" not in data:
        return []
    found = []
    for match in _FORMULA.finditer(data):
        letters, line = coordinate_from_string(match.group(1).decode())
        found.append((line - 1, column_index_from_string(letters) - 1))
        if len(found) >= _MAX_FORMULAS:
            break
    return found


def _sheet(path: Path, sheet: Any) -> RawTable | None:
    """One sheet as a raw table named after it; None when the sheet is blank."""
    sheet.reset_dimensions()
    table, lines = tabulate(path.name, sheet.title, sheet.iter_rows(values_only=True))
    if table is None:
        return None
    position = {line: row for row, line in enumerate(lines)}
    cells = _formula_cells(path, sheet._worksheet_path)
    formulas = tuple((position[line], column) for line, column in cells if line in position)
    return RawTable(path.name, table.name, table.headers, table.columns, table.count, table.broken, formulas)


def _sheets(path: Path) -> Iterator[RawTable]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in book.worksheets:
            table = _sheet(path, sheet)
            if table is not None:
                yield table
    finally:
        book.close()


class _Xlsx:
    name = "xlsx"
    suffixes = (".xlsx", ".xlsm")

    def read(self, path: Path) -> FileContent:
        """Read all sheets of a workbook; see the module."""
        source = path.name
        try:
            reason = _unsafe(path)
            if reason:
                problem = file_problem(source, "file.unsafe", reason, "另存为 CSV / save it as CSV")
                return FileContent((), (problem,))
            tables = tuple(_sheets(path))
        except Exception as error:  # noqa: BLE001  openpyxl raises whatever the broken XML leads to
            message = f"不是可读的 XLSX 文件 / not a readable workbook: {type(error).__name__}"
            return FileContent((), (file_problem(source, "file.unreadable", message, "另存为 CSV / save it as CSV"),))
        problems: tuple[Problem, ...] = ()
        if not tables:
            problems = (file_problem(source, "file.empty", "所有工作表都是空的 / all sheets are empty", ""),)
        return FileContent(tables, problems)


READER = _Xlsx()
