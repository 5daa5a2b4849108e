"""CSV: UTF-8 with or without BOM, or GB18030; comma, semicolon or tab; bad quoting costs its row, not the file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from data.problem import Problem
from data.raw import MAX_COLUMNS, FileContent, Grid, file_problem, tabulate

_MAX_BYTES = 1 << 30
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PLAUSIBLE = 0.9
_QUOTES = (
    "csv.quotes",
    "引号不成对，本行无法读取 / quotes do not close, the row cannot be read",
    "单元格内的引号写成两个 / write a quote inside a cell as two quotes",
)


def decode(data: bytes) -> tuple[str, str] | None:
    """Text and encoding of a file: ``utf-8`` or ``gb18030``; None when it is neither.

    Nearly any bytes decode as GB18030, so the result must also look like Chinese: nine in ten characters beyond
    ASCII stand in GB 2312 (text in Big5 or Shift JIS does not pass).
    """
    if data.startswith(_OTHER_MARKS):
        return None
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    foreign = "".join(char for char in text if ord(char) > 127)
    common = len(foreign.encode("gb2312", "ignore")) / 2
    return (text, "gb18030") if "\0" not in text and common >= _PLAUSIBLE * len(foreign) else None


def _delimiter(text: str) -> str:
    head = text[:10000].lstrip("\r\n").split("\n", 1)[0]
    return max(",\t;", key=lambda mark: (head.count(mark), mark == ","))


def _parse(lines: list[str], delimiter: str) -> tuple[list[list[str]], dict[int, tuple[str, str, str]]]:
    """Rows of a file, and which of them are broken.

    All at once when the quoting is sound. Else the line at which a bad row begins is read alone or given up, and
    reading goes on with the next line, so that one open quote does not swallow the rows behind it.
    """
    rows: list[list[str]] = []
    broken: dict[int, tuple[str, str, str]] = {}
    start = width = 0
    while start < len(lines):
        reader = csv.reader(lines[start:] if start else lines, delimiter=delimiter, strict=True)
        done = 0
        try:
            for row in reader:
                if reader.line_num - done > 1 and rows and len(row) != width:
                    raise csv.Error("an open quote found its end in a later row")
                rows.append(row)
                width = max(width, len(row))
                done = reader.line_num
            return rows, broken
        except csv.Error:
            bad = start + done
            if lines[bad].count('"') % 2:
                broken[len(rows)] = _QUOTES
                rows.append([])
            else:
                rows.extend(csv.reader([lines[bad]], delimiter=delimiter))
            start = bad + 1
            if len(broken) > 1000:  # not a CSV file: give the rest up row by row rather than read it again and again
                broken.update({len(rows) + index: _QUOTES for index in range(len(lines) - start)})
                rows.extend([] for _ in range(len(lines) - start))
                break
    return rows, broken


def _is_wide(rows: list[list[str]]) -> bool:
    """Whether one of the first rows, which may be the header, has more columns than a table may have."""
    return any(len(row) > MAX_COLUMNS for row in rows[:20])


class _Csv:
    name = "csv"
    suffixes = (".csv", ".tsv")

    def read(self, path: Path) -> FileContent:
        """Read one CSV file; see the module."""
        source = path.name
        if path.stat().st_size > _MAX_BYTES:
            message = "文件超过 1 GB / the file is larger than 1 GB"
            return FileContent((), (file_problem(source, "file.size", message, "拆分文件 / split the file"),))
        decoded = decode(path.read_bytes())
        if decoded is None:
            message = "编码不是 UTF-8 或 GB18030 / the encoding is neither UTF-8 nor GB18030"
            hint = "另存为“CSV UTF-8” / save it as CSV UTF-8"
            return FileContent((), (file_problem(source, "file.encoding", message, hint),))
        text, encoding = decoded
        csv.field_size_limit(max(len(text) + 1, csv.field_size_limit()))
        rows, broken = _parse(list(io.StringIO(text, newline="")), _delimiter(text))
        if _is_wide(rows):
            message = f"超过 {MAX_COLUMNS} 列 / more than {MAX_COLUMNS} columns"
            return FileContent((), (file_problem(source, "file.columns", message, "删去多余的列 / remove columns"),))
        table, _ = tabulate(source, path.stem, rows, broken)
        problems: list[Problem] = []
        if table is None:
            problems.append(file_problem(source, "file.empty", "文件是空的 / the file is empty", ""))
        if encoding != "utf-8":
            message = "按 GB18030 读取 / read as GB18030"
            problems.append(file_problem(source, "file.gb18030", message, "", "info"))
        grid = Grid(source, path.stem, rows, broken=broken)
        return FileContent((table,) if table else (), tuple(problems), (grid,) if table else ())


READER = _Csv()
