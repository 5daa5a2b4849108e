"""Cells of one worksheet, straight from its XML: about ten times as fast as going through cell objects."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime
from typing import IO, Any
from xml.parsers import expat

from openpyxl.utils.cell import column_index_from_string, range_boundaries
from openpyxl.utils.datetime import from_excel

from data.raw import MAX_CELLS, MAX_COLUMNS, TooLargeError

_MAX_MERGED = 100_000


class _LocalNames(dict[str, str]):
    """Element names without their namespace, worked out once."""

    def __missing__(self, name: str) -> str:
        self[name] = local = name.rpartition(":")[2]
        return local


class SheetCells:
    """Rows of a worksheet as lists of str, int, float, bool, datetime or None; blank rows are left out.

    ``formulas`` are (row, position) of the cells that hold a formula; their stored value is taken. ``dates`` are the
    numbers of the styles that show a number as a date. ``numbers`` are the 1-based lines of the sheet at which the
    rows stand, ``merged`` the references of merged cells (``A1:C1``).
    """

    def __init__(self, strings: list[Any], dates: frozenset[int], epoch: datetime) -> None:
        self.rows: list[list[Any]] = []
        self.formulas: list[tuple[int, int]] = []
        self.numbers: list[int] = []
        self.merged: list[str] = []
        self._number = 0
        self._cells = 0
        self._strings, self._dates, self._epoch = strings, dates, epoch
        self._letters: dict[str, int] = {}
        self._tags = _LocalNames()
        self._row: list[Any] = []
        self._text: list[str] = []
        self._listening = False
        self._phonetic = False
        self._type = "n"
        self._style = 0
        self._column = -1
        self._formula = False

    def read(self, stream: IO[bytes]) -> SheetCells:
        """Parse the XML of the sheet.

        Raises
        ------
        TooLargeError
            On a cell beyond column 2,000, or more than 50 million cells.
        ValueError
            On a document type declaration or a broken reference.
        expat.ExpatError
            When it is not XML.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse
        parser.ParseFile(stream)
        return self

    @staticmethod
    def _refuse(*_: Any) -> None:
        raise ValueError("document type in a worksheet")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = self._tags[name]
        if tag == "c":
            self._column = self._position(attributes.get("r", ""))
            self._type = attributes.get("t", "n")
            self._style = int(attributes.get("s", 0))
            self._text = []
            self._formula = False
        elif tag == "v" or tag == "t":
            self._listening = not self._phonetic
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "row":
            self._row, self._column = [], -1
            number = attributes.get("r", "")
            self._number = int(number) if number else self._number + 1
        elif tag == "mergeCell" and len(self.merged) < _MAX_MERGED:
            self.merged.append(attributes.get("ref", ""))

    def _end(self, name: str) -> None:
        tag = self._tags[name]
        if tag == "v" or tag == "t":
            self._listening = False
        elif tag == "c":
            self._cell()
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "row" and any(cell is not None for cell in self._row):
            self.rows.append(self._row)
            self.numbers.append(self._number)

    def _characters(self, text: str) -> None:
        if self._listening:
            self._text.append(text)

    def _position(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        position = self._letters.get(letters) if letters else self._column + 1
        if position is None:
            position = self._letters[letters] = column_index_from_string(letters) - 1
        if position >= MAX_COLUMNS:
            raise TooLargeError(f"超过 {MAX_COLUMNS} 列 / more than {MAX_COLUMNS} columns")
        return position

    def _cell(self) -> None:
        if self._formula:
            self.formulas.append((len(self.rows), self._column))
        value = self._value("".join(self._text))
        if value is None and not self._formula:
            return
        missing = self._column + 1 - len(self._row)
        self._cells += max(missing, 0)
        if self._cells > MAX_CELLS:
            raise TooLargeError(f"超过 {MAX_CELLS:,} 个单元格 / more than {MAX_CELLS:,} cells")
        self._row.extend([None] * missing)
        self._row[self._column] = "" if value is None else value

    def _value(self, text: str) -> Any:
        if not text:
            return None
        if self._type == "s":
            return self._strings[int(text)]
        if self._type == "b":
            return text == "1"
        if self._type != "n":
            return text
        number = float(text) if not text.lstrip("-").isdigit() else int(text)
        if self._style in self._dates:
            try:
                return from_excel(number, self._epoch)
            except (OverflowError, ValueError):
                return number
        return number

    def areas(self) -> tuple[tuple[int, int, int, int], ...]:
        """Merged areas as (top, left, bottom, right) positions in ``rows``; lines that were left out do not count."""
        found: list[tuple[int, int, int, int]] = []
        for reference in self.merged:
            try:
                left, top, right, bottom = range_boundaries(reference)
            except ValueError:
                continue
            if left is None or top is None or right is None or bottom is None or right > MAX_COLUMNS:
                continue
            first, last = bisect_left(self.numbers, top), bisect_right(self.numbers, bottom) - 1
            if first <= last and self.numbers[first] == top:
                found.append((first, left - 1, last, right - 1))
        return tuple(found)
