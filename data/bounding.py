"""How much text a file may hold, for files that come from anybody."""

from __future__ import annotations

from data.raw import FileContent, file_problem


def bounded(content: FileContent, source: str, most: int | None) -> FileContent:
    """The content, or a problem when its texts are longer than ``most`` characters, repeated ones counted each time.

    A workbook keeps a repeated text once, so that a small file may hold more text than fits into memory as a table.
    """
    if most is None:
        return content
    cells = (cell for table in content.tables for column in table.columns for cell in column)
    if sum(len(cell) for cell in cells if type(cell) is str) <= most:
        return content
    message = f"文字超过 {most:,} 个字符 / more than {most:,} characters"
    return FileContent((), (file_problem(source, "file.size", message, "拆分文件 / split the file"),))
