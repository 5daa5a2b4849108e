"""Readers: what a file holds, and what is said about a file that holds something else."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.intake import list_files, read_paths, readers
from data.problem import DuijieError
from data.raw import FileContent
from data.reading._sheet import SheetCells
from data.registry import discover

HEADER = "项目编号,项目名称,省份\n"


def read(path: Path) -> FileContent:
    return readers()[path.suffix].read(path)


def write(folder: Path, text: str | bytes, name: str = "projects.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def codes(content: FileContent) -> list[str]:
    return [problem.code for problem in content.problems]


def test_all_formats_are_registered() -> None:
    assert {"csv", "xlsx", "parquet"} <= set(discover("data.reading", "READER"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    content = read(write(tmp_path, (HEADER + "P1,智能装备检测项目,浙江\n").encode(encoding)))
    assert content.tables[0].headers == ("项目编号", "项目名称", "省份")
    assert content.tables[0].columns[1] == ("智能装备检测项目",)
    assert codes(content) == ([] if encoding.startswith("utf") else ["file.gb18030"])


@pytest.mark.parametrize("encoding", ["utf-16", "big5", "shift_jis"])
def test_other_encodings_are_a_problem(tmp_path: Path, encoding: str) -> None:
    text = "項目編號,項目名稱\nP1,創業團隊的應用產業發展與國際電話機構\n" * 3
    content = read(write(tmp_path, text.encode(encoding, "ignore")))
    assert content.tables == ()
    assert codes(content) == ["file.encoding"]


@pytest.mark.parametrize("data", [b"", b"\n \n,,\n", b"\xef\xbb\xbf"])
def test_empty_files(tmp_path: Path, data: bytes) -> None:
    assert codes(read(write(tmp_path, data))) == ["file.empty"]


def test_blank_lines_are_not_rows_and_a_title_is_not_a_header(tmp_path: Path) -> None:
    text = "第七届创客中国获奖项目表,,\n\n" + HEADER + "P1,甲,浙江\n,,\n\nP2,乙,北京\n"
    table = read(write(tmp_path, text)).tables[0]
    assert table.headers == ("项目编号", "项目名称", "省份")
    assert table.columns[0] == ("P1", "P2")


def test_quotes_commas_and_line_breaks_inside_a_cell(tmp_path: Path) -> None:
    table = read(write(tmp_path, HEADER + 'P1,"甲,""乙""\r\n丙",浙江\r\n')).tables[0]
    assert table.columns[1] == ('甲,"乙"\r\n丙',)
    assert table.broken == {}


@pytest.mark.parametrize("bad", ['P2,"乙,北京', 'P2,"乙",北"京"x"', 'P2,"a" b,"北京'])
def test_an_open_quote_costs_its_row_only(tmp_path: Path, bad: str) -> None:
    rows = [f"P{i},名{i},浙江" for i in range(3, 60)]
    text = HEADER + "P1,甲,浙江\n" + bad + "\n" + "\n".join(rows) + '\nP99,"丁,戊",北京\n'
    table = read(write(tmp_path, text)).tables[0]
    assert table.count == 60
    assert {"P1", "P3", "P59", "P99"} <= set(table.columns[0])
    assert set(table.broken) <= {1}


def test_too_many_cells_break_a_row_and_too_few_do_not(tmp_path: Path) -> None:
    table = read(write(tmp_path, HEADER + "P1,甲,浙江,多\nP2\nP3,丙,北京,,\n")).tables[0]
    assert list(table.broken) == [0]
    assert table.columns[0][1:] == ("P2", "P3")
    assert table.columns[1][1] is None


@pytest.mark.parametrize("mark", ["\t", ";"])
def test_other_delimiters(tmp_path: Path, mark: str) -> None:
    table = read(write(tmp_path, HEADER.replace(",", mark) + mark.join(["P1", "甲、乙", "浙江"]))).tables[0]
    assert table.columns[1] == ("甲、乙",)


def book(path: Path) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    sheet = workbook.create_sheet("项目")
    sheet.append(["获奖项目一览"])
    sheet.append(["项目编号", "项目名称", "成立时间", "融资需求（万元）"])
    sheet.append(["P1", "甲", datetime(2020, 5, 1), 300])
    sheet.append([None, None, None, None])
    sheet.append(["P2", "乙", "2021年3月", "=100*2"])
    other = workbook.create_sheet("机构")
    other.append(["机构编号", "机构名称", "机构类型"])
    other.append([1001, "某创投", "创投"])
    workbook.create_sheet("说明").append(["随便写写"])
    workbook.create_sheet("空表")
    workbook.save(path)
    return path


def test_workbook(tmp_path: Path) -> None:
    intake = read_paths([book(tmp_path / "大赛.xlsx")], today=date(2024, 1, 1))
    assert intake.read == {"projects": 2, "institutions": 1}
    projects = intake.tables["projects"].to_pylist()
    assert [row["founded_at"] for row in projects] == [date(2020, 5, 1), date(2021, 3, 1)]
    assert [row["funding_sought"] for row in projects] == [3_000_000, None]
    assert intake.tables["institutions"]["institution_id"].to_pylist() == ["1001"]
    found = {(problem.code, problem.table, problem.row) for problem in intake.problems}
    assert ("cell.formula", "projects", 2) in found
    assert ("file.unknown", "", 0) in found


def test_sheets_of_other_programs(tmp_path: Path) -> None:
    """Prefixed names, cells without references, rich and phonetic text, errors, booleans."""
    main = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    runs = "<x:r><x:t>甲</x:t></x:r><x:r><x:t>乙</x:t></x:r><x:rPh><x:t>ji</x:t></x:rPh>"
    text = f'<x:c t="inlineStr"><x:is>{runs}</x:is></x:c>'
    cells = '<x:c/><x:c t="b"><x:v>1</x:v></x:c><x:c t="e"><x:v>#REF!</x:v></x:c><x:c r="F1"><x:v>-1.5e1</x:v></x:c>'
    xml = f"<x:worksheet {main}><x:sheetData><x:row>{text}{cells}</x:row><x:row/></x:sheetData></x:worksheet>"
    sheet = SheetCells([], frozenset(), datetime(1899, 12, 30)).read(io.BytesIO(xml.encode()))
    assert sheet.rows == [["甲乙", None, True, "#REF!", None, -15.0]]
    with pytest.raises(ValueError, match="columns"):
        SheetCells([], frozenset(), datetime(1899, 12, 30)).read(io.BytesIO(b'<row><c r="ZZZ1"/></row>'))


def test_zip_bomb_and_broken_workbooks(tmp_path: Path) -> None:
    bomb = tmp_path / "projects.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (80 << 20))
    assert codes(read(bomb)) == ["file.unsafe"]
    entity = tmp_path / "a.xlsx"
    with zipfile.ZipFile(entity, "w") as archive:
        archive.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>')
    assert codes(read(entity)) == ["file.unsafe"]
    assert codes(read(write(tmp_path, b"not a zip", "b.xlsx"))) == ["file.unreadable"]
    assert codes(read(write(tmp_path, b"PAR1", "b.parquet"))) == ["file.unreadable"]


def test_parquet_with_typed_columns(tmp_path: Path) -> None:
    path = tmp_path / "projects.parquet"
    table = pa.table(
        {
            "project_id": ["P1", "P2"],
            "name": ["甲", "乙"],
            "sectors": [["新材料"], None],
            "facilities": [["洁净室", "其他，待定"], ["三相电"]],
            "funding_sought": [1e6, float("nan")],
            "founded_at": [date(2020, 1, 1), None],
        }
    )
    pq.write_table(table, path)
    accepted = read_paths([path]).tables["projects"].to_pylist()
    assert accepted[0]["facilities"] == ["clean_room", "其他,待定"]
    assert accepted[0]["sectors"] == ["新材料"]
    assert accepted[1]["funding_sought"] is None
    assert accepted[0]["founded_at"] == date(2020, 1, 1)


def test_folders_and_names(tmp_path: Path) -> None:
    write(tmp_path, HEADER + "P1,甲,浙江\n", "projects_2022.csv")
    write(tmp_path, HEADER + "P2,乙,浙江\nP1,丙,北京\n", "项目 2023.csv")
    write(tmp_path, "institution_id,name,kind\nI1,某律所,律所\n", "anything.csv")
    write(tmp_path, "a,b\n1,2\n", "judgements.csv")
    write(tmp_path, "# readme", "README.md")
    write(tmp_path, "lock", "~$projects.xlsx")
    intake = read_paths([tmp_path])
    assert intake.tables["projects"]["project_id"].to_pylist() == ["P1", "P2"]
    assert intake.tables["institutions"]["kind"].to_pylist() == ["law"]
    assert (intake.read["projects"], intake.rejected["projects"]) == (3, 1)
    repeated = [problem for problem in intake.problems if problem.code == "row.duplicate"]
    assert [(problem.row, problem.severity) for problem in repeated] == [(2, "error")]
    assert "projects_2022.csv" in repeated[0].message
    assert sorted(problem.code for problem in intake.problems if not problem.table) == ["file.skipped", "file.unknown"]
    assert len(intake.sources) == 4
    assert all(len(digest) == 64 for digest in intake.sources.values())


def test_a_path_that_does_not_exist_is_a_misuse(tmp_path: Path) -> None:
    with pytest.raises(DuijieError, match=r"file\.missing"):
        list_files([tmp_path / "nothing.csv"])
