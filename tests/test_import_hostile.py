"""Uploads that mean harm or are too large: a problem that stops the set, and nothing is left behind."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from import_uploads import (
    GOOD,
    VISITOR,
    codes,
    desk,
    preview,
    table_of,
    workbook,
)

from app.dashboard import import_queries, uploads
from app.dashboard.import_queries import Declared, import_files
from app.dashboard.uploads import Upload, labels_of
from data.intake import Intake
from data.store import Store

pytestmark = pytest.mark.usefixtures("import_store")


def test_names_are_labels_and_never_lead_anywhere(import_store: Store, tmp_path: Path) -> None:
    names = [
        "../../x.csv",
        "/etc/projects.csv",
        "..\\..\\x.csv",
        "a\0b\n.csv",
        "甲" * 300 + ".csv",
        "..",
        "",
        "𠀀" * 300 + ".csv",
    ]
    labels = labels_of(names)
    assert len(set(labels)) == len(names) and labels[:3] == ["x.csv", "projects.csv", "x (2).csv"]
    assert labels[3] == "ab.csv" and labels_of(["A.csv", "a.csv"]) == ["A.csv", "a (2).csv"]
    assert all(len(label.encode()) < 250 and not set(label) & set("/\\\0") for label in labels)
    files = [Upload(name, f"project_id,name,summary\nP{100 + at},x,y\n".encode()) for at, name in enumerate(names[:5])]
    found = preview(*files)
    assert not found.blocked and found.changing == 5
    import_files(VISITOR, desk(), files, Declared())
    assert list(import_store.journal("import")[-1]["payload"]["files"]) == labels[:5]
    assert not (tmp_path.parent / "x.csv").exists() and not (tmp_path / "x.csv").exists()


def bomb() -> bytes:
    """A workbook that unpacks to 300 MB."""
    stream = io.BytesIO()
    archive = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open("xl/worksheets/sheet1.xml", "w") as part:
        for _ in range(300):
            part.write(b" " * (1 << 20))
    return stream.getvalue()


def repeated_text() -> bytes:
    """A small workbook of one text of 30,000 characters in 4,000 cells, kept once."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("projects")
        sheet.write_row(0, 0, ["project_id", "name", "summary"])
        for row in range(1, 4_001):
            sheet.write_row(row, 0, [f"P{row}", "x", "字" * 30_000])
    return stream.getvalue()


def repeated_parquet() -> bytes:
    """A small Parquet file of one text of a million characters in 1,000 rows."""
    sink, texts = pa.BufferOutputStream(), pa.array(["x" * 1_000_000])
    pq.write_table(
        pa.table({"project_id": texts.dictionary_encode().take(pa.array([0] * 1000))}), sink, store_schema=False
    )
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("projects.xlsx", bomb, "file.size"),
        ("projects.xlsx", repeated_text, "file.size"),
        ("projects.parquet", repeated_parquet, "file.size"),
        ("projects.xlsx", lambda: b"project_id,name\nP1,x\n", "file.suffix"),
        ("projects.csv", lambda: workbook({"projects": [["project_id", "name"], ["P1", "x"]]}), "file.suffix"),
        ("projects.csv", lambda: b"%PDF-1.7 x", "file.suffix"),
        ("projects.parquet", lambda: b"PAR1" + b"x" * 99, "file.unreadable"),
        ("projects.xlsx", lambda: b"PK\x03\x04" + b"x" * 99, "file.unreadable"),
        ("projects.exe", lambda: b"MZ\x90", "file.unknown"),
        ("projects", lambda: b"project_id,name\nP1,x\n", "file.unknown"),
        ("projects.csv", lambda: b"", "file.empty"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_a_problem_and_stops_the_set(name: str, content: object, code: str) -> None:
    data = content()  # type: ignore[operator]
    assert len(data) < 20 << 20
    found = preview(Upload(name, data), GOOD)
    assert found.blocked and code in codes(found)
    assert name in set(found.problems["file"])


def test_a_cell_of_many_megabytes_is_emptied_with_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    found = preview(table_of(f"project_id,name,summary\nP7,七（样例）,{'字' * 5_000_000}\n"))
    told = found.problems.iloc[0]
    assert (told["row"], told["column"]) == (1, "summary") and len(told["message"]) < 200


def test_a_set_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [table_of("project_id,name\nP1,x\n", f"projects_{n}.csv") for n in range(uploads.MOST_FILES + 1)]
    assert codes(preview(*many)) == ["upload.files"]
    monkeypatch.setattr(uploads, "MOST_BYTES", 100)
    monkeypatch.setattr(uploads, "MOST_TOGETHER", 250)
    large = Upload("projects.csv", b"project_id,name\n" + b"P1,x\n" * 20)
    assert codes(preview(large)) == ["upload.size"]
    assert codes(preview(large, large, large)) == ["upload.size"]
    assert not preview(table_of("project_id,name\nP1,x\n")).blocked


def test_nothing_stays_when_reading_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def broken(paths: list[Path], **_: object) -> Intake:
        seen.append(all(path.exists() for path in paths))
        raise RuntimeError("out of memory")

    monkeypatch.setattr(import_queries, "read_paths", broken)
    with pytest.raises(RuntimeError):
        preview(GOOD)
    assert seen == [True]  # and _nothing_left looks
