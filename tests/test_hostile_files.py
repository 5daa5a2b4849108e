"""Files made to harm: each ends in a problem with a code and a hint, whatever they claim, and reads nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import organisers_files as files
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.document import Document, Told
from data.intake import Intake, read_paths
from data.problem import Problem
from data.raw import MAX_COLUMNS, Grid
from data.reading import _sheet, docx
from data.recognising import readings

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
DOCUMENT, SHEET, STRINGS = "word/document.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def file_errors(intake: Intake) -> list[Problem]:
    return [problem for problem in intake.problems if problem.severity == "error"]


def refused(path: Path) -> str:
    """Code of the one problem of a file of which nothing was read."""
    intake = read_paths([path])
    [problem] = file_errors(intake)
    assert not intake.tables and not intake.documents
    assert problem.hint and path.name in problem.message and " / " in problem.message
    return problem.code


@cache
def _made(make: Callable[[Path], Path], folder: Path) -> bytes:
    return make(folder).read_bytes()


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return _made(files.innovation, tmp_path_factory.mktemp("form"))


@pytest.fixture(scope="module")
def winners(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return _made(files.zhejiang, tmp_path_factory.mktemp("winners"))


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def rewritten(data: bytes, change: dict[str, bytes | None], add: dict[str, bytes] | None = None) -> bytes:
    """An archive with some parts replaced (None: left out) and some added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = change.get(info.filename, old.read(info))
            if content is not None:
                new.writestr(info.filename, content)
        for name, content in (add or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def document(body: str) -> bytes:
    return f"<w:document {W}><w:body>{body}</w:body></w:document>".encode()


@pytest.mark.parametrize("suffix", [".docx", ".docm", ".xlsx", ".xlsm"])
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "file.encrypted"),
        ("项目名称,奖项\n甲,一等奖\n".encode(), "file.unreadable"),
        (b"PK\x03\x04" + bytes(100), "file.unreadable"),
        (b"<html><table></table></html>", "file.unreadable"),
    ],
)
def test_what_is_no_archive(tmp_path: Path, suffix: str, data: bytes, code: str) -> None:
    assert refused(put(tmp_path, f"x{suffix}", data)) == code


def test_wrong_suffixes(tmp_path: Path, form: bytes, winners: bytes) -> None:
    assert refused(put(tmp_path, "a.xlsx", form)) == "file.suffix"
    assert refused(put(tmp_path, "a.docx", winners)) == "file.suffix"
    assert refused(put(tmp_path, "a.csv", winners)) in ("file.encoding", "file.unknown")


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_truncated(tmp_path: Path, form: bytes, winners: bytes, kept: float) -> None:
    assert refused(put(tmp_path, "a.docx", form[: int(len(form) * kept)])) == "file.unreadable"
    assert refused(put(tmp_path, "a.xlsx", winners[: int(len(winners) * kept)])) == "file.unreadable"


def test_archives_that_unpack_to_too_much(tmp_path: Path, form: bytes, winners: bytes) -> None:
    zeros = b" " * (80 << 20)  # 80 MB of spaces pack to 80 kB
    assert refused(put(tmp_path, "a.docx", rewritten(form, {}, {"word/media/x.bin": zeros}))) == "file.unsafe"
    assert refused(put(tmp_path, "a.xlsx", rewritten(winners, {}, {STRINGS: zeros}))) == "file.unsafe"
    many = {f"word/{number}.bin": b"" for number in range(20_001)}
    assert refused(put(tmp_path, "b.docx", rewritten(form, {}, many))) == "file.unsafe"


def test_a_large_text_is_refused_before_it_is_parsed(
    tmp_path: Path, form: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docx, "_MAX_PART", 1000)
    assert refused(put(tmp_path, "a.docx", form)) == "file.columns"


def test_an_archive_inside_is_never_opened(tmp_path: Path, form: bytes) -> None:
    inner = rewritten(form, {}, {"word/media/x.bin": bytes(1 << 20)})
    outer = rewritten(form, {}, {"word/embeddings/inner.zip": inner, "word/vbaProject.bin": b"Sub AutoOpen"})
    opened: list[str] = []
    kept = zipfile.ZipFile.open

    def spy(self: zipfile.ZipFile, name: object, *words: object, **options: object) -> object:
        opened.append(getattr(name, "filename", str(name)))
        return kept(self, name, *words, **options)  # type: ignore[arg-type]

    path = put(tmp_path, "a.docm", outer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "open", spy)
        intake = read_paths([path])
    assert intake.tables["projects"].num_rows == 1 and not file_errors(intake)
    assert opened and all(name.endswith((".xml", ".rels")) for name in opened)


@pytest.mark.parametrize(
    "name", ["../evil.xml", "/etc/evil.xml", "word/../../evil.xml", "..\\evil.xml", "C:\\evil.xml"]
)
def test_names_that_leave_the_folder(tmp_path: Path, form: bytes, winners: bytes, name: str) -> None:
    assert refused(put(tmp_path, "a.docx", rewritten(form, {}, {name: b"<x/>"}))) == "file.unsafe"
    assert refused(put(tmp_path, "a.xlsx", rewritten(winners, {}, {name: b"<x/>"}))) == "file.unsafe"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.docx", "a.xlsx"]


@pytest.mark.parametrize(
    "head",
    [
        LAUGHS,
        f"<?xml version='1.0'?>\n{LAUGHS}",
        f"<!--{'x' * 5000}-->{LAUGHS}",
        f"<!--{'x' * 100_000}-->{LAUGHS}",
        "<?xml version='1.0' encoding='UTF-7'?>",
        '<!DOCTYPE x SYSTEM "file:///etc/hostname">',
    ],
)
def test_document_types_and_odd_encodings(tmp_path: Path, form: bytes, winners: bytes, head: str) -> None:
    body = head.encode() + document("<w:p><w:r><w:t>&b;</w:t></w:r></w:p>")
    assert refused(put(tmp_path, "a.docx", rewritten(form, {DOCUMENT: body}))) == "file.unsafe"
    strings = head.encode() + f"<sst {S}><si><t>&b;</t></si></sst>".encode()
    assert refused(put(tmp_path, "a.xlsx", rewritten(winners, {}, {STRINGS: strings}))) == "file.unsafe"


def test_utf_16_hides_no_document_type(tmp_path: Path, form: bytes) -> None:
    body = (LAUGHS + document("").decode()).encode("utf-16")
    assert refused(put(tmp_path, "a.docx", rewritten(form, {DOCUMENT: body}))) == "file.unsafe"


@pytest.mark.parametrize("depth", [300, 5000, 200_000])
def test_deep_nesting(tmp_path: Path, form: bytes, depth: int) -> None:
    tables = "<w:tbl><w:tr><w:tc>" * depth + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * depth
    assert refused(put(tmp_path, "a.docx", rewritten(form, {DOCUMENT: document(tables)}))) == "file.unreadable"
    boxes = document("<w:sdt>" * depth + "</w:sdt>" * depth)
    assert refused(put(tmp_path, "a.docx", rewritten(form, {DOCUMENT: boxes}))) in ("file.unreadable", "file.empty")


def test_too_many_columns(tmp_path: Path, form: bytes, winners: bytes) -> None:
    cells = "".join(f'<c t="inlineStr"><is><t>列{number}</t></is></c>' for number in range(10_000))
    sheet = f"<worksheet {S}><sheetData><row>{cells}</row></sheetData></worksheet>".encode()
    assert refused(put(tmp_path, "a.xlsx", rewritten(winners, {SHEET: sheet}))) == "file.columns"
    row = ",".join(f"列{number}" for number in range(10_000))
    assert refused(put(tmp_path, "a.csv", f"{row}\n{row}\n".encode())) == "file.columns"
    wide = "<w:tc><w:tcPr><w:gridSpan w:val='{}'/></w:tcPr><w:p/></w:tc>"
    for span in (MAX_COLUMNS + 1, 10**9):
        body = document(f"<w:tbl><w:tr>{wide.format(span)}</w:tr></w:tbl>")
        assert refused(put(tmp_path, "a.docx", rewritten(form, {DOCUMENT: body}))) == "file.columns"
    many = document("<w:tbl/>" * 1001)
    assert refused(put(tmp_path, "a.docx", rewritten(form, {DOCUMENT: many}))) == "file.columns"


def test_far_cells_are_not_filled_up_without_bound(
    tmp_path: Path, winners: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_sheet, "MAX_CELLS", 10_000)
    row = '<row><c r="BXX{0}" t="inlineStr"><is><t>x</t></is></c></row>'
    sheet = f"<worksheet {S}><sheetData>{''.join(row.format(n) for n in range(1, 9))}</sheetData></worksheet>"
    assert refused(put(tmp_path, "a.xlsx", rewritten(winners, {SHEET: sheet.encode()}))) == "file.columns"


def test_merged_areas_of_the_whole_sheet_cost_nothing(tmp_path: Path, winners: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(winners)) as archive:
        sheet = archive.read(SHEET).decode()
    merged = "".join(f'<mergeCell ref="A{number}:XFD1048576"/>' for number in range(1, 5000))
    odd = '<mergeCell ref="??"/><mergeCell ref="A:A"/><mergeCell/>'
    sheet = sheet.replace("</mergeCells>", f"{merged}{odd}</mergeCells>")
    intake = read_paths([put(tmp_path, "a.xlsx", rewritten(winners, {SHEET: sheet.encode()}))])
    assert intake.tables["projects"].num_rows == 5 and not file_errors(intake)


def test_macros_and_links_are_left_alone(tmp_path: Path, form: bytes, winners: bytes) -> None:
    link = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    link += (
        b'Type="http://x/attachedTemplate" Target="http://127.0.0.1:9/x.dotm" TargetMode="External"/></Relationships>'
    )
    path = put(
        tmp_path, "a.docm", rewritten(form, {"word/_rels/document.xml.rels": link}, {"word/vbaProject.bin": b"x"})
    )
    assert read_paths([path]).tables["projects"].num_rows == 1
    path = put(
        tmp_path, "a.xlsm", rewritten(winners, {}, {"xl/vbaProject.bin": b"x", "xl/externalLinks/x.xml": b"<x/>"})
    )
    assert read_paths([path]).tables["projects"].num_rows == 5


def test_a_damaged_document_stops_itself_only_and_a_damaged_table_the_set(tmp_path: Path, winners: bytes) -> None:
    from app.importing import is_blocked

    (tmp_path / "projects.csv").write_text("project_id,name\nP1,甲\n", "utf-8")
    put(tmp_path, "名册.xlsx", winners[:500])
    intake = read_paths([tmp_path])
    assert not is_blocked(intake, strict=False) and is_blocked(intake, strict=True)
    put(tmp_path, "institutions.xlsx", winners[:500])
    assert is_blocked(read_paths([tmp_path]), strict=False)


CHANGES = st.lists(st.tuples(st.floats(0, 0.999), st.binary(max_size=4), st.integers(0, 40)), min_size=1, max_size=4)
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def mutated(data: bytes, changes: list[tuple[float, bytes, int]]) -> bytes:
    """Bytes cut out and others put in at some places."""
    for place, new, length in changes:
        at = int(len(data) * place)
        data = data[:at] + new + data[at + length :]
    return data


def sound(intake: Intake) -> None:
    for name, table in intake.tables.items():
        assert table.num_rows + intake.rejected[name] == intake.read[name]
    for problem in file_errors(intake):
        assert problem.code and problem.message
    assert intake.tables or intake.problems


@FUZZ
@given(changes=CHANGES)
@pytest.mark.parametrize("suffix", [".docx", ".xlsx"])
def test_mutated_archives(tmp_path: Path, form: bytes, winners: bytes, suffix: str, changes: list) -> None:  # type: ignore[type-arg]
    sound(read_paths([put(tmp_path, f"a{suffix}", mutated(form if suffix == ".docx" else winners, changes))]))


@FUZZ
@given(changes=CHANGES)
@pytest.mark.parametrize("part", [DOCUMENT, SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
def test_mutated_parts(tmp_path: Path, form: bytes, winners: bytes, part: str, changes: list) -> None:  # type: ignore[type-arg]
    data, suffix = (form, ".docx") if part == DOCUMENT else (winners, ".xlsx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        change = {part: mutated(archive.read(part), changes)}
    sound(read_paths([put(tmp_path, f"a{suffix}", rewritten(data, change))]))  # type: ignore[arg-type]


def test_merged_areas_that_end_before_they_begin_end(tmp_path: Path) -> None:
    rows = [
        ["项目名称", None],
        ["甲（样例）", None],
        ["项目简介", None],
        ["一。", None],
        ["省份", None],
        ["浙江省", None],
    ]
    grid = Grid("x.docx", "x", rows, ((1, 0, 0, 0), (3, 0, 1, 0), (0, 1, 0, 0)))
    found, _ = readings(Document("x.docx", "x", (grid,)), Told())
    assert [reading.rows for _, reading in found] == [1]
