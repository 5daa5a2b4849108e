"""Workbooks and documents are zips of XML from outside: what is looked at before one is opened.

Only the directory of the archive and the first bytes of its XML parts are read. Nothing is ever unpacked to a file, so
names of entries are no paths here; one that would leave its folder is still refused, since no office program writes it.
Macros, embedded files and links to other files are never opened by the readers, so they do no harm.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import NamedTuple

from data.problem import Problem
from data.raw import file_problem

_MAX_BYTES = 2 << 30
_MAX_RATIO = 200
_SMALL = 64 << 20  # below this a high ratio does no harm
_MAX_ENTRIES = 20_000
_PROLOG = 1 << 16  # what may stand before the first element of a part
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ROOT = re.compile(rb"<[A-Za-z_]")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)[\"']")
_PLAIN = (b"utf-8", b"utf8", b"us-ascii", b"ascii", b"iso-8859-1")


class Refusal(NamedTuple):
    """Why a file is not opened."""

    code: str
    message: str
    hint: str

    def problem(self, source: str) -> Problem:
        """The refusal as the problem of a file."""
        return file_problem(source, self.code, self.message, self.hint)


_AGAIN = "用 Office 或 WPS 打开后另存，或存为 CSV / open it, save it again, or save it as CSV"


def _entries(parts: list[zipfile.ZipInfo]) -> str:
    """What is wrong with the directory of the archive; '' when nothing is."""
    if len(parts) > _MAX_ENTRIES:
        return f"压缩包内有 {len(parts)} 个文件 / the archive has {len(parts)} entries"
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if unpacked > _MAX_BYTES or (unpacked > _SMALL and unpacked > _MAX_RATIO * max(packed, 1)):
        return f"展开后 {unpacked >> 20} MB，压缩比异常 / unpacks to {unpacked >> 20} MB, suspiciously compressed"
    for part in parts:
        names = part.orig_filename.replace("\\", "/").split("/")
        if ".." in names or not names[0] or ":" in names[0]:
            return "压缩包内有指向外部的路径 / an entry of the archive leaves its folder"
    return ""


def _prolog(head: bytes) -> str:
    """What is wrong with the beginning of an XML part; '' when nothing is."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in head[:64]:
        return "XML 编码不是 UTF-8 / an XML part is not in UTF-8"
    root = _ROOT.search(head)
    before = head[: root.start()] if root else head
    if b"<!DOCTYPE" in before or b"<!ENTITY" in before:
        return "含有 XML 文档类型声明 / contains an XML document type"
    if root is None and len(head) == _PROLOG:
        return "XML 开头异常 / an XML part does not begin"
    encoding = _ENCODING.search(before[:200])
    if encoding and encoding[1].lower() not in _PLAIN:
        return "XML 编码不是 UTF-8 / an XML part is not in UTF-8"
    return ""


def _contents(archive: zipfile.ZipFile, folder: str) -> Refusal | None:
    parts = archive.infolist()
    reason = _entries(parts)
    if reason:
        return Refusal("file.unsafe", reason, _AGAIN)
    if any(part.flag_bits & 1 for part in parts):
        return _encrypted()
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                reason = _prolog(stream.read(_PROLOG))
            if reason:
                return Refusal("file.unsafe", reason, _AGAIN)
    if not any(part.filename.startswith(folder) for part in parts):
        return _other_suffix({name: part.filename for part in parts for name in [part.filename.split("/")[0]]})
    return None


def _other_suffix(tops: dict[str, str]) -> Refusal | None:
    told = {"word": ("Word 文档", ".docx"), "xl": ("Excel 工作簿", ".xlsx")}
    for name, (zh, suffix) in told.items():
        if name in tops:
            message = f"扩展名不符，内容是 {zh} / wrong extension, the content is {suffix}"
            return Refusal("file.suffix", message, f"改名为 {suffix} / rename it to {suffix}")
    return None


def _encrypted() -> Refusal:
    message = "文件有密码保护，或是旧版 .doc/.xls 格式 / protected by a password, or in the old .doc or .xls format"
    return Refusal(
        "file.encrypted", message, "去掉密码，另存为 .docx 或 .xlsx / save it without password as .docx or .xlsx"
    )


def refusal(path: Path, folder: str) -> Refusal | None:
    """Why a workbook (``folder`` xl/) or document (word/) must not be opened; None when it may.

    Raises
    ------
    zipfile.BadZipFile
        When it is no archive; OSError, EOFError, zlib.error or NotImplementedError when an entry cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(8)
    if not start:
        return Refusal("file.empty", "文件是空的，0 字节 / the file is empty, 0 bytes", "重新导出 / export it again")
    if start == _OLE:
        return _encrypted()
    with zipfile.ZipFile(path) as archive:
        return _contents(archive, folder)
