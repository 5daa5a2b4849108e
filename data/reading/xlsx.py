"""XLSX: one sheet a table. Formulas are never computed: the value stored with them is taken and the cell is named.

A workbook is a zip of XML from outside: its unpacked size, its ratio and document types are looked at first.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl

from data.problem import Problem
from data.raw import FileContent, RawTable, file_problem, tabulate
from data.reading._sheet import SheetCells

_MAX_BYTES = 2 << 30
_MAX_RATIO = 200
_SMALL = 64 << 20  # below this a high ratio does no harm


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


def _sheets(path: Path) -> Iterator[RawTable]:
    """Sheets that are not blank as raw tables named after them; charts and the like are no sheets."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        dates = frozenset(book._date_formats)  # type: ignore[attr-defined]
        for sheet in book.worksheets:
            with book._archive.open(sheet._worksheet_path) as stream:  # type: ignore[attr-defined]
                cells = SheetCells(sheet._shared_strings, dates, book.epoch).read(stream)  # type: ignore[attr-defined]
            table, lines = tabulate(path.name, sheet.title, cells.rows)
            if table is not None:
                position = {line: row for row, line in enumerate(lines)}
                formulas = ((position[line], column) for line, column in cells.formulas if line in position)
                yield replace(table, formulas=tuple(formulas))
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
        except Exception as error:
            message = f"不是可读的 XLSX 文件 / not a readable workbook: {type(error).__name__}"
            return FileContent((), (file_problem(source, "file.unreadable", message, "另存为 CSV / save it as CSV"),))
        problems: tuple[Problem, ...] = ()
        if not tables:
            problems = (file_problem(source, "file.empty", "所有工作表都是空的 / all sheets are empty", ""),)
        return FileContent(tables, problems)


READER = _Xlsx()
