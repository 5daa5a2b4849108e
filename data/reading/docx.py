"""DOCX: the tables of a document as they stand, with merged cells, and the paragraphs between them.

Only the main part of the archive is read, so macros, embedded files and links are never touched. Deleted text of
tracked changes is left out. A table inside a cell is a table of its own.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.raw import MAX_COLUMNS, FileContent, Grid, TooLargeError, file_problem
from data.reading._archive import refusal

_MAX_PART = 8 << 20  # bytes of the main part; a form has less than one megabyte
_MAX_CELLS = 2_000_000  # of a table
_MAX_TABLES = 1000
_MAIN = "word/document.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TICKED = {"F0FE", "F0FD", "F052", "F053", "F0FC", "2611", "2612"}  # ticks and crosses of the Wingdings fonts
_AGAIN = "用 Word 或 WPS 打开后另存为 .docx / open it in Word or WPS and save it again"


def _main_part(archive: zipfile.ZipFile) -> str:
    """Name of the part that holds the text."""
    names = set(archive.namelist())
    if _MAIN in names or "_rels/.rels" not in names:
        return _MAIN
    for link in _parse(archive, "_rels/.rels"):
        if str(link.get("Type", "")).endswith("/officeDocument"):
            return posixpath.normpath(str(link.get("Target", ""))).lstrip("/")
    return _MAIN


def _parse(archive: zipfile.ZipFile, name: str) -> Any:
    """Root element of a part. No entity is resolved and nothing outside is loaded; depth and text are bounded."""
    from lxml import etree

    if archive.getinfo(name).file_size > _MAX_PART:
        raise TooLargeError(f"正文超过 {_MAX_PART >> 20} MB / the text is larger than {_MAX_PART >> 20} MB")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    with archive.open(name) as stream:
        root = etree.fromstring(stream.read(_MAX_PART), parser)
    etree.strip_elements(root, _FALLBACK, with_tail=False)  # the same text again, for older programs
    return root


def _blocks(element: Any) -> Iterator[Any]:
    """Paragraphs and tables right inside an element, through content controls and tracked insertions."""
    for child in element:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif isinstance(child.tag, str):
            yield from _blocks(child)


def _parts(element: Any, tag: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, through content controls, not those of a table inside."""
    for child in element:
        if child.tag == tag:
            yield child
        elif isinstance(child.tag, str) and child.tag not in (f"{_W}tbl", f"{_W}tc", f"{_W}p"):
            yield from _parts(child, tag)


def _text(paragraph: Any) -> str:
    """Text of a paragraph; a tab, a line break and a ticked box of a symbol font are characters."""
    pieces: list[str] = []
    for node in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}sym"):
        if node.tag == f"{_W}t":
            pieces.append(node.text or "")
        elif node.tag == f"{_W}sym":
            pieces.append("☑" if str(node.get(f"{_W}char", "")).upper() in _TICKED else "□")
        elif node.tag != f"{_W}tab":
            pieces.append("\n")
        elif node.getparent().tag != f"{_W}tabs":  # a tab stop of the layout is no character
            pieces.append("\t")
    return "".join(pieces)


def _number(element: Any, path: str) -> int:
    found = element.find(path.replace("w:", _W))
    return int(found.get(f"{_W}val", "0")) if found is not None else 0


class _Table:
    """Cells of one table, read row by row."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self.inside: list[Any] = []
        self._areas: list[list[int]] = []
        self._open: dict[int, list[int]] = {}  # left column -> area that may go on in the next row
        self._cells = 0

    def read(self, table: Any) -> _Table:
        for row in _parts(table, f"{_W}tr"):
            self._row(row)
        return self

    def merged(self) -> tuple[tuple[int, int, int, int], ...]:
        areas = (tuple(area) for area in self._areas if area[0] != area[2] or area[1] != area[3])
        return tuple(areas)  # type: ignore[arg-type]

    def _row(self, row: Any) -> None:
        cells: list[Any] = []
        still_open: dict[int, list[int]] = {}
        column = _number(row, "w:trPr/w:gridBefore")
        for cell in _parts(row, f"{_W}tc"):
            width = max(1, _number(cell, "w:tcPr/w:gridSpan"))
            if column + width > MAX_COLUMNS:
                raise TooLargeError(f"超过 {MAX_COLUMNS} 列 / more than {MAX_COLUMNS} columns")
            cells.extend([None] * (column + width - len(cells)))
            self._cells += width
            area = self._area(cell, column, width)
            if area[0] == len(self.rows):
                cells[column] = self._content(cell)
            still_open[column] = area
            column += width
        if self._cells > _MAX_CELLS:
            raise TooLargeError(f"超过 {_MAX_CELLS:,} 个单元格 / more than {_MAX_CELLS:,} cells")
        self._open = still_open
        self.rows.append(cells)

    def _area(self, cell: Any, column: int, width: int) -> list[int]:
        """The area of a cell: that of the cell above when the cell goes on with it."""
        line = len(self.rows)
        mark = cell.find(f"{_W}tcPr/{_W}vMerge")
        above = self._open.get(column)
        if mark is not None and mark.get(f"{_W}val", "continue") == "continue" and above is not None:
            above[2] = line
            return above
        area = [line, column, line, column + width - 1]
        self._areas.append(area)
        return area

    def _content(self, cell: Any) -> str | None:
        lines: list[str] = []
        for block in _blocks(cell):
            if block.tag == f"{_W}tbl":
                self.inside.append(block)
            else:
                lines.append(_text(block))
        return "\n".join(lines).strip() or None


def _grids(source: str, name: str, body: Any) -> Iterator[Grid]:
    """Tables of the body in order, each with the paragraphs above it; those behind the last are above an empty one."""
    above: list[str] = []
    count = 0
    for block in _blocks(body):
        if block.tag == f"{_W}p":
            text = _text(block).strip()
            if text:
                above.append(text)
            continue
        waiting = [block]
        while waiting:
            count += 1
            if count > _MAX_TABLES:
                raise TooLargeError(f"超过 {_MAX_TABLES} 张表格 / more than {_MAX_TABLES} tables")
            table = _Table().read(waiting.pop(0))
            waiting = table.inside + waiting
            yield Grid(source, name, table.rows, table.merged(), tuple(above))
            above = []
    if above:
        yield Grid(source, name, [], before=tuple(above))


class _Docx:
    name = "docx"
    suffixes = (".docx", ".docm")

    def read(self, path: Path) -> FileContent:
        """Read one document; it holds no table of ours, only grids."""
        source = path.name
        try:
            refused = refusal(path, "word/")
            if refused:
                return FileContent((), (refused.problem(source),))
            with zipfile.ZipFile(path) as archive:
                root = _parse(archive, _main_part(archive))
            if root.tag == f"{_STRICT}document":
                message = "“严格”格式的 DOCX / a DOCX in the strict format"
                return FileContent((), (file_problem(source, "file.unreadable", message, _AGAIN),))
            grids = tuple(_grids(source, path.stem, root))
        except TooLargeError as error:
            return FileContent((), (file_problem(source, "file.columns", str(error), _AGAIN),))
        except Exception as error:
            message = f"不是可读的 DOCX 文件 / not a readable document: {type(error).__name__}"
            return FileContent((), (file_problem(source, "file.unreadable", message, _AGAIN),))
        problems = () if grids else (file_problem(source, "file.empty", "文件是空的 / the file is empty", ""),)
        return FileContent((), problems, grids)


READER = _Docx()
