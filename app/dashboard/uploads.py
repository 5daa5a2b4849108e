"""Files that somebody uploads: bounded, looked at before they are read, on disk only while they are read.

The name of an upload is a label. What is kept of it is what tells a table by its name; it never leads anywhere.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.commands.serve import UPLOAD_MB
from app.dashboard.parquet_bounds import parquet_excess
from data.intake import readers
from data.problem import Problem
from data.raw import file_problem

MOST_FILES = 20
MOST_BYTES = UPLOAD_MB << 20
"""Of one file: the server refuses more before a page is asked."""
MOST_TOGETHER = 3 * MOST_BYTES
MOST_UNPACKED = 256 << 20
"""Bytes of all parts of a workbook or document, and of a Parquet file as a table."""
MOST_TEXT = 100_000_000
"""Characters of a workbook, those of a repeated text counted each time."""
LONGEST_NAME = 60
"""Characters of a label: with four bytes each it is still short enough for the name of a file."""
_ZIP, _OLE, _PDF, _PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"PAR1"
_STARTS: dict[str, tuple[bytes, ...]] = {
    ".xlsx": (_ZIP, _OLE),
    ".xlsm": (_ZIP, _OLE),
    ".docx": (_ZIP, _OLE),
    ".docm": (_ZIP, _OLE),
}
_STARTS |= {".parquet": (_PARQUET,)}
"""First bytes by suffix; an old or protected office file is left to its reader, which says so."""
_NO_TEXT = (_ZIP, _OLE, _PDF, _PARQUET, b"\x89PNG", b"\xff\xd8\xff", b"\x7fELF", b"MZ\x90")
_SEPARATORS = re.compile(r"[/\\:]")


@dataclass(frozen=True)
class Upload:
    """One file as it came."""

    name: str
    content: bytes


def labels_of(names: Sequence[str]) -> list[str]:
    """A label for each name, no two alike: the last part without control characters, cut to a file's length."""
    found: list[str] = []
    taken: set[str] = set()
    for name in names:
        bare = _label(name)
        label, number = bare, 1
        while label.casefold() in taken:  # a system may take names that differ in case for one
            number += 1
            stem, dot, suffix = bare.rpartition(".")
            label = f"{stem} ({number}){dot}{suffix}" if dot else f"{bare} ({number})"
        taken.add(label.casefold())
        found.append(label)
    return found


def _label(name: str) -> str:
    last = _SEPARATORS.split(name)[-1]
    text = "".join(one for one in last if unicodedata.category(one)[0] != "C").strip(" .")
    stem, dot, suffix = text.rpartition(".")
    if not dot:
        return text[:LONGEST_NAME] or "file"
    suffix = suffix[:10]
    return f"{stem[: LONGEST_NAME - len(suffix) - 1] or 'file'}.{suffix}"


def whole_set(uploads: Sequence[Upload]) -> list[Problem]:
    """What is wrong with the files as a set: too many, or too large together."""
    found: list[Problem] = []
    if len(uploads) > MOST_FILES:
        message = f"一次最多 {MOST_FILES} 个文件 / at most {MOST_FILES} files at a time"
        found.append(Problem("", 0, "", "upload.files", "error", message, "分几次导入 / import them in several goes"))
    if sum(len(one.content) for one in uploads) > MOST_TOGETHER:
        message = f"合计超过 {MOST_TOGETHER >> 20} MB / more than {MOST_TOGETHER >> 20} MB together"
        found.append(Problem("", 0, "", "upload.size", "error", message, "分几次导入 / import them in several goes"))
    return found


def refusal_of(label: str, content: bytes) -> Problem | None:
    """Why a file is not even opened: too large, of another kind than its suffix says; None when it may be."""
    suffix = Path(label).suffix.lower()
    if suffix not in readers():
        known = ", ".join(sorted(readers()))
        message = f"不认识的文件格式“{suffix[:10]}” / unknown file format"
        return file_problem(label, "file.unknown", message, f"可读格式 / readable: {known}")
    if len(content) > MOST_BYTES:
        message = f"超过 {UPLOAD_MB} MB / larger than {UPLOAD_MB} MB"
        hint = "拆分文件，或在服务器上用 duijie import / split it, or use duijie import on the server"
        return file_problem(label, "upload.size", message, hint)
    starts = _STARTS.get(suffix)
    if content and (not content.startswith(starts) if starts else content.startswith(_NO_TEXT)):
        message = f"内容不是 {suffix} / the content is not {suffix}"
        return file_problem(label, "file.suffix", message, "另存为所选格式 / save it in that format")
    return None


def excess_of(path: Path) -> Problem | None:
    """Why a file is not read: unpacked it would be too large. What is no archive at all is left to its reader."""
    suffix, much = path.suffix.lower(), False
    if suffix in _STARTS and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            much = sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED
    elif suffix == ".parquet":
        much = parquet_excess(path, MOST_UNPACKED)
    if not much:
        return None
    message = f"展开后超过 {MOST_UNPACKED >> 20} MB / more than {MOST_UNPACKED >> 20} MB when unpacked"
    return file_problem(path.name, "file.size", message, "拆分文件 / split the file")


@contextmanager
def laid_out(uploads: Sequence[Upload]) -> Iterator[tuple[list[Path], list[Problem]]]:
    """The files that may be read, in a folder that is gone afterwards, whatever happens, and why others may not."""
    problems = whole_set(uploads)
    if problems:
        yield [], problems
        return
    paths: list[Path] = []
    with tempfile.TemporaryDirectory(prefix="duijie-upload-") as folder:
        for label, one in zip(labels_of([one.name for one in uploads]), uploads, strict=True):
            problem = refusal_of(label, one.content)
            if problem is None:
                path = Path(folder) / label
                path.write_bytes(one.content)
                problem = excess_of(path)
            if problem is None:
                paths.append(path)
            else:
                problems.append(problem)
        yield paths, problems
