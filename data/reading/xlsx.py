"""XLSX: one sheet a table. Formulas are never computed: the value stored with them is taken and the cell is named.

A workbook is a zip of XML from outside: :mod:`data.reading._archive` looks at it first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl

from data.problem import Problem
from data.raw import FileContent, Grid, RawTable, TooLargeError, file_problem, tabulate
from data.reading._archive import refusal
from data.reading._sheet import SheetCells


def _sheets(path: Path) -> Iterator[tuple[RawTable, Grid]]:
    """Sheets that are not blank, as raw tables named after them and as they stand; charts are no sheets."""
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
                yield replace(table, formulas=tuple(formulas)), Grid(path.name, sheet.title, cells.rows, cells.areas())
    finally:
        book.close()


class _Xlsx:
    name = "xlsx"
    suffixes = (".xlsx", ".xlsm")

    def read(self, path: Path) -> FileContent:
        """Read all sheets of a workbook; see the module."""
        source = path.name
        try:
            refused = refusal(path, "xl/")
            if refused:
                return FileContent((), (refused.problem(source),))
            sheets = tuple(_sheets(path))
        except TooLargeError as error:
            hint = "删去多余的列，或拆分文件 / remove columns, or split the file"
            return FileContent((), (file_problem(source, "file.columns", str(error), hint),))
        except Exception as error:
            message = f"不是可读的 XLSX 文件 / not a readable workbook: {type(error).__name__}"
            return FileContent((), (file_problem(source, "file.unreadable", message, "另存为 CSV / save it as CSV"),))
        problems: tuple[Problem, ...] = ()
        if not sheets:
            problems = (file_problem(source, "file.empty", "所有工作表都是空的 / all sheets are empty", ""),)
        return FileContent(tuple(t for t, _ in sheets), problems, tuple(grid for _, grid in sheets))


READER = _Xlsx()
