"""What leaves the house: gates, masks, exports."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exports import RISKY, plain, to_csv, to_json, to_xlsx, write
from app.masking import MASK, mask_project
from data.intake import read_paths
from data.problem import DuijieError
from data.tables import TABLES
from matcher.gate import consent, held_back, may_rank

EVIL = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1＋1", '=HYPERLINK("x")']


def projects(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist([{"name": "n", **row} for row in rows], schema=TABLES["projects"].schema)


def awards(*rows: dict[str, object]) -> pa.Table:
    full = [{"programme": "p", "edition": "1", "award": "a", **row} for row in rows]
    return pa.Table.from_pylist(full, schema=TABLES["awards"].schema)


def test_who_is_held_back_and_why() -> None:
    table = projects(
        {"project_id": "a"},
        {"project_id": "b", "state": "withdrawn"},
        {"project_id": "c", "state": "disqualified"},
        {"project_id": "d", "confidentiality": "closed"},
        {"project_id": "e"},
        {"project_id": "f"},
    )
    given_awards = awards(
        {"project_id": "e", "status": "公示中"},
        {"project_id": "f", "status": "公示中"},
        {"project_id": "f", "status": "已公布", "award": "b"},
    )
    assert held_back(table, given_awards) == [
        "",
        "state.withdrawn",
        "state.disqualified",
        "confidentiality.closed",
        "award.pending",
        "",
    ]


def test_consent_is_given_refused_or_not_asked() -> None:
    table = projects(
        {"project_id": "a", "consent": ["financing"]},
        {"project_id": "b", "consent": ["none"]},
        {"project_id": "c"},
        {"project_id": "d", "consent": ["placement"]},
    )
    assert consent(table, "financing") == ["given", "refused", "not_asked", "refused"]
    assert may_rank(table, awards(), "financing").tolist() == [True, False, True, False]


def test_a_teaser_shows_neither_name_nor_applicant_nor_city() -> None:
    row = {
        "project_id": "a",
        "name": "云雀叶片",
        "applicant": "杭州云雀科技",
        "city": "杭州市",
        "province": "浙江省",
        "sectors": ["新材料"],
        "confidentiality": "teaser",
        "summary": "云雀叶片采用碳纤维。",
    }
    shown = mask_project(row).row(row)
    assert "云雀" not in json.dumps(shown, ensure_ascii=False)
    assert "杭州" not in json.dumps(shown, ensure_ascii=False)
    assert shown["name"] == "匿名项目（新材料 · 浙江省）"
    assert mask_project(row).text("强度提高30%。") == "强度提高30%。"


def test_a_teaser_hides_the_short_name_of_its_city_and_lists_that_name_it() -> None:
    row = {"city": "杭州市", "province": "浙江省", "confidentiality": "teaser", "regions_wanted": ["杭州市", "江苏省"]}
    assert mask_project(row).text("总部在杭州滨江。") is None
    assert mask_project(row).row(row)["regions_wanted"] == ["江苏省"]


@pytest.mark.parametrize(("city", "province"), [("北京市", "北京市"), ("上海市", "上海"), ("重庆", "重庆市")])
def test_a_teaser_in_a_municipality_keeps_its_province(city: str, province: str) -> None:
    row = {"city": city, "district": "朝阳区", "province": province, "confidentiality": "teaser", "summary": "x"}
    shown = mask_project(row).row(row)
    assert (shown["province"], shown["city"], shown["summary"]) == (province, None, "x")
    assert mask_project(row).text(f"面向{city}的医院。") == f"面向{city}的医院。"
    assert mask_project(row).text("位于朝阳区。") is None


def test_the_province_of_a_city_of_the_same_name_stays() -> None:
    row = {"city": "吉林市", "province": "吉林省", "confidentiality": "teaser"}
    assert mask_project(row).row(row)["province"] == "吉林省"


@pytest.mark.parametrize("secret", ["13912345678", "110105199001011234", "someone@example.com", "010-12345678"])
def test_personal_data_in_free_text_is_masked_for_everybody(secret: str) -> None:
    text = mask_project({"confidentiality": "public"}).text(f"联系{secret}洽谈")
    assert text is not None
    assert secret not in text
    assert MASK in text


@given(st.text(max_size=20))
def test_no_csv_cell_begins_like_a_formula(text: str) -> None:
    cell = plain(text)
    assert not cell.startswith(RISKY)
    assert cell.endswith(text)


def test_no_xlsx_cell_becomes_a_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx({"t": pa.table({"a": EVIL})})))
    cells = [cell for row in book["t"].iter_rows(min_row=2) for cell in row]
    assert [cell.data_type for cell in cells] == ["s"] * len(EVIL)


def test_formats_carry_the_same_rows(tmp_path: Path) -> None:
    table = pa.table({"id": ["甲", "乙"], "score": [1.5, None], "tags": [["x", "y"], None]})
    for form in ("csv", "json", "xlsx", "parquet"):
        write({"t": table}, form, str(tmp_path / f"t.{form}"))
    rows = list(csv.reader((tmp_path / "t.csv").read_text("utf-8-sig").splitlines()))
    assert rows == [["id", "score", "tags"], ["甲", "1.5", "x；y"], ["乙", "", ""]]
    assert json.loads((tmp_path / "t.json").read_text())[0]["tags"] == ["x", "y"]
    assert pq.read_table(tmp_path / "t.parquet").equals(table)
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["t"]
    assert [cell.value for cell in sheet[2]] == ["甲", 1.5, "x；y"]


def test_an_unknown_format_is_a_clear_error() -> None:
    with pytest.raises(DuijieError, match=r"export\.format"):
        write({"t": pa.table({"a": [1]})}, "docx", "x")


def test_empty_tables_have_a_header() -> None:
    assert to_csv(pa.table({"a": pa.array([], pa.string())})) == "a\n"
    assert to_json([]) == "[]\n"


def test_what_looks_like_a_formula_comes_back_as_it_was(tmp_path: Path) -> None:
    ids = ["-5", "--help", "=1+1", "@SUM(A1)", "'quoted'"]
    table = pa.Table.from_pylist(
        [{"project_id": key, "name": f"={key}"} for key in ids], schema=TABLES["projects"].schema
    )
    for form in ("csv", "xlsx", "parquet"):
        folder = tmp_path / form
        folder.mkdir()
        write({"projects": table}, form, str(folder / f"projects.{form}"))
        back = read_paths([folder]).tables["projects"]
        assert back.column("project_id").to_pylist() == ids
        assert back.column("name").to_pylist() == [f"={key}" for key in ids]


def test_a_file_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DuijieError, match=r"export\.path"):
        write({"projects": TABLES["projects"].schema.empty_table()}, "csv", str(tmp_path / "nowhere" / "p.csv"))
