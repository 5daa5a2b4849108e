"""Checking: every row is accepted or rejected, and every loss is said."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.cells import parse_boolean, parse_date, parse_money, parse_number, split_list
from data.checking import Checked, check
from data.intake import read_paths
from data.raw import RawTable, tabulate
from data.reference.headers import column_of, header_label, recognise, table_of, unit_of
from data.tables import MOST_READ, TABLES

TODAY = date(2024, 6, 1)
PROJECT = {"project_id": "P1", "name": "甲"}
INSTITUTION = {"institution_id": "I1", "name": "某机构", "kind": "创投"}


def run(table: str, *rows: dict[str, Any]) -> Checked:
    headers = list(dict.fromkeys(name for row in rows for name in row))
    lines: list[list[Any]] = [headers, *([row.get(name) for name in headers] for row in rows)]
    raw, _ = tabulate("f.csv", table, lines)
    assert raw is not None
    checked = check(raw, TABLES[table], TODAY)
    assert checked.read == len(rows)
    assert checked.accepted.num_rows + checked.rejected == checked.read
    assert checked.accepted.schema == TABLES[table].schema
    return checked


def found(checked: Checked) -> set[tuple[int, str, str, str]]:
    return {(item.row, item.column, item.code, item.severity) for item in checked.problems}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2023年5月1日", date(2023, 5, 1)),
        ("2023/5/1", date(2023, 5, 1)),
        ("2023-05-01T08:30:00Z", date(2023, 5, 1)),
        ("2023.5.1", date(2023, 5, 1)),
        ("20230501", date(2023, 5, 1)),
        ("45047", date(2023, 5, 1)),
        ("2023年5月", date(2023, 5, 1)),
        ("2018", date(2018, 1, 1)),
        ("待定", None),
        ("2023-02-30", None),
        ("5/1/2023", None),
    ],
)
def test_dates(text: str, value: date | None) -> None:
    assert parse_date(text, TODAY)[0] == value


@pytest.mark.parametrize("text", ["3024-01-01", "1899-12-31", "0001-01-01", "9999-12-31", "99999"])
def test_dates_out_of_range(text: str) -> None:
    value, finding = parse_date(text, TODAY)
    assert value is None
    assert finding is not None
    assert (finding.code, finding.severity) == ("date.range", "error")


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("300万元", 3e6, "CNY"),
        ("3亿", 3e8, ""),
        ("3,000,000", 3e6, ""),
        ("¥1.5千万", 1.5e7, "CNY"),
        ("约500万左右", 5e6, ""),
        ("300-500万元", 3e6, "CNY"),
        ("500万美元", 5e6, "USD"),
        ("HK$ 3m", 3e6, "HKD"),
    ],
)
def test_money(text: str, value: float, currency: str) -> None:
    parsed = parse_money(text)[0]
    assert parsed is not None
    assert parsed == (pytest.approx(value), currency)


def test_numbers_booleans_and_lists() -> None:
    assert parse_number("1.5万平方米")[0] == 15000
    assert parse_number("2,000 ㎡".replace("㎡", "m2"))[0] == 2000
    assert parse_number("很大")[0] is None
    assert [parse_boolean(text)[0] for text in ("是", "√", "no", "0", "暂无")] == [True, True, False, False, None]
    assert split_list("a;b；c、 a ") == ["a", "b", "c"]


def test_headers() -> None:
    assert column_of("projects", "项目名称（必填）") == "name"
    assert column_of("projects", "＊Project  ID ") == "project_id"
    assert column_of("institutions", "名称") == "name"
    assert column_of("projects", "备注") is None
    assert (unit_of("融资需求（单位：万元）"), unit_of("金额/亿元"), unit_of("金额（元）")) == (1e4, 1e8, 1.0)
    assert [table_of(name) for name in ("projects_2022", "2023年机构名单", "Sheet1")] == [
        "projects",
        "institutions",
        None,
    ]
    assert recognise(["机构编号", "机构名称", "类型"]) == "institutions"
    for name, table in TABLES.items():
        for column in table.names:
            assert column_of(name, column) == column
            assert column_of(name, header_label(name, column)) == column
            assert header_label(name, column) != column


def test_a_good_row_in_chinese() -> None:
    row = {
        "项目编号": " Ｐ１ ",
        "项目名称": "=甲\x00",
        "组别": "企业",
        "行业领域": "新材料",
        "发展阶段": "中试",
        "融资轮次": "Pre-A轮",
        "融资需求（万元）": "300",
        "场地条件": "洁净车间；三相电、没听说过",
        "同意渠道": "全部",
        "成立时间": "2020年3月1日",
        "联系人手机": "0",
    }
    checked = run("projects", row)
    accepted = checked.accepted.to_pylist()[0]
    assert (accepted["project_id"], accepted["name"], accepted["group"]) == ("P1", "=甲", "企业组")
    assert (accepted["stage"], accepted["funding_round"], accepted["funding_sought"]) == ("pilot", "pre-a", 3e6)
    assert accepted["facilities"] == ["clean_room", "three_phase_power", "没听说过"]
    assert accepted["consent"] == ["financing", "placement", "services", "challenge"]
    assert found(checked) == {
        (1, "name", "text.formula", "info"),
        (1, "facilities", "code.unknown", "warning"),
        (0, "联系人手机", "column.personal", "info"),
    }
    assert checked.extras.to_pylist() == [{"project_id": "P1", "联系人手机": "0"}]
    assert "stage" in checked.present and not {"summary", "联系人手机"} & checked.present


@pytest.mark.parametrize(
    ("table", "change", "column", "code"),
    [
        ("projects", {"name": " "}, "name", "cell.missing"),
        ("projects", {"founded_at": "3024-01-01"}, "founded_at", "date.range"),
        ("projects", {"funding_sought": "-5万"}, "funding_sought", "money.negative"),
        ("projects", {"space_m2": "-1"}, "space_m2", "number.range"),
        ("projects", {"confidentiality": "也许"}, "confidentiality", "code.unknown"),
        ("projects", {"summary": "长" * 1_000_001}, "summary", "cell.too_long"),
        ("institutions", {"kind": "算命"}, "kind", "code.unknown"),
        ("institutions", {"kind": ""}, "kind", "cell.missing"),
    ],
)
def test_a_row_that_cannot_be_used_is_rejected(table: str, change: dict[str, Any], column: str, code: str) -> None:
    good = PROJECT if table == "projects" else INSTITUTION
    key = TABLES[table].key[0]
    checked = run(table, good | {key: "A"}, good | {key: "B"} | change, good | {key: "C"})
    assert checked.accepted[key].to_pylist() == ["A", "C"]
    assert (2, column, code, "error") in found(checked)
    assert checked.rows.tolist() == [1, 3]


@pytest.mark.parametrize(
    ("table", "change", "code"),
    [
        ("projects", {"stage": "也许"}, "code.unknown"),
        ("projects", {"sectors": "算命"}, "code.unknown"),
        ("projects", {"founded_at": "去年"}, "date.format"),
        ("projects", {"funding_sought": "面议多少"}, "money.format"),
        ("projects", {"funding_sought": "300"}, "money.unit"),
        ("projects", {"founded_at": "2023-01-01", "listed_at": "2022-01-01"}, "date.order"),
        ("projects", {"province": "火星"}, "place.unknown"),
        ("projects", {"province": "广东", "city": "杭州"}, "place.mismatch"),
        ("projects", {"consent": "投融资;拒绝"}, "consent.contradiction"),
        ("institutions", {"ticket_min": "500万", "ticket_max": "100万"}, "ticket.order"),
        ("institutions", {"verified": "大概"}, "boolean.format"),
    ],
)
def test_a_doubtful_row_is_kept_with_a_warning(table: str, change: dict[str, Any], code: str) -> None:
    checked = run(table, (PROJECT if table == "projects" else INSTITUTION) | change)
    assert checked.rejected == 0
    assert code in {problem.code for problem in checked.problems if problem.severity == "warning"}


def test_foreign_places_are_not_doubted() -> None:
    assert found(run("projects", PROJECT | {"country": "德国", "province": "巴伐利亚"})) == set()


def test_a_refusal_beats_an_agreement_and_unknown_values_are_kept() -> None:
    accepted = run("projects", PROJECT | {"consent": "投融资;拒绝", "stage": "也许"}).accepted.to_pylist()[0]
    assert accepted["consent"] == ["none"]
    assert accepted["stage"] == "也许"


def test_a_missing_required_column_is_one_problem_and_rejects_all() -> None:
    checked = run("institutions", {"institution_id": "I1", "name": "甲"}, {"institution_id": "I2", "name": "乙"})
    assert (checked.read, checked.rejected) == (2, 2)
    assert found(checked) == {(0, "kind", "column.missing", "error")}


def test_foreign_currency_fills_the_currency_column() -> None:
    checked = run("projects", PROJECT | {"funding_sought": "50万美元", "currency": None})
    assert checked.accepted["currency"].to_pylist() == ["USD"]


def test_many_equal_warnings_are_summed_up_but_errors_are_not() -> None:
    rows = [PROJECT | {"project_id": f"P{i}", "stage": "也许", "confidentiality": "也许"} for i in range(50)]
    problems = run("projects", *rows).problems
    assert len([item for item in problems if item.severity == "error"]) == 50
    assert len([item for item in problems if item.column == "stage"]) == 21


def test_every_problem_says_what_and_where_in_both_languages() -> None:
    checked = run("institutions", INSTITUTION | {"kind": "算命", "ticket_min": "-1", "other": "x"})
    for problem in checked.problems:
        assert problem.table == "institutions"
        assert " / " in problem.message
        assert problem.message.startswith("f.csv：")


def test_an_empty_table_has_the_schema() -> None:
    checked = check(RawTable("f.csv", "projects", ("project_id", "name"), ((), ()), 0), TABLES["projects"], TODAY)
    assert checked.accepted.schema == TABLES["projects"].schema
    assert (checked.read, checked.rejected) == (0, 0)


CELL = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(
        ["300万", "-3", "2023年5月1日", "3024-1-1", "创投", "是", "none", "a;b", "=1", "nan", "1e400", "\ud800"]
    ),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.lists(st.text(max_size=3), max_size=3),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(TABLES)), st.data())
def test_any_cells_are_accepted_or_rejected(name: str, data: st.DataObject) -> None:
    table = TABLES[name]
    headers = [*data.draw(st.lists(st.sampled_from([*table.names, "x", "手机"]), max_size=6)), *table.required]
    rows = data.draw(st.lists(st.lists(CELL, min_size=len(headers), max_size=len(headers)), max_size=8))
    raw, _ = tabulate("f", name, [headers, *rows])
    assert raw is not None
    checked = check(raw, table, TODAY)
    assert checked.accepted.num_rows + checked.rejected == checked.read == raw.count <= len(rows)
    assert checked.extras.num_rows == checked.accepted.num_rows
    wrong = {problem.row for problem in checked.problems if problem.severity == "error"}
    assert wrong == set(range(1, raw.count + 1)) - set(checked.rows.tolist())
    for column in table.required:
        assert checked.accepted[column].null_count == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=5), max_size=8), st.binary(max_size=40))
def test_any_file_is_read_and_counted(rows: list[list[str]], tail: bytes) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([["project_id", "name", "stage"], *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "projects.csv"
        path.write_bytes(stream.getvalue().encode("utf-8", "replace") + tail)
        intake = read_paths([path], TODAY)
    for name, table in intake.tables.items():
        assert table.num_rows + intake.rejected[name] == intake.read[name]
    if not intake.tables:
        assert any(problem.severity == "error" for problem in intake.problems)


def test_repeated_keys_across_files(tmp_path: Path) -> None:
    header, last = "project_id,institution_id,channel,event,at,source\n", "合同\n"
    same = f"P1,I1,融资,签约,2024-01-01,{last}P1,I1,融资,已签约,2024/1/1,{last}"
    (tmp_path / "outcomes.csv").write_text(header + same, "utf-8")
    (tmp_path / "outcomes_2.csv").write_text(f"{header}P1,I1,融资,到账,2024-01-01,{last}", "utf-8")
    (tmp_path / "ip.csv").write_text("project_id,title\nP1,甲\nP1,甲\nP1,\n", "utf-8")
    intake = read_paths([tmp_path], TODAY)
    assert intake.tables["outcomes"]["event"].to_pylist() == ["signed", "delivered"]
    assert (intake.read["ip"], intake.rejected["ip"]) == (3, 1)
    assert {(item.table, item.row, item.code) for item in intake.problems} == {
        ("outcomes", 2, "row.duplicate"),
        ("ip", 2, "row.duplicate"),
    }


def test_a_doubtful_sum_is_told_in_its_currency() -> None:
    rows = [PROJECT | {"funding_sought": "300", "currency": code} for code in ("USD", None)]
    rows[1]["project_id"] = "P2"
    told = {one.row: one.message for one in run("projects", *rows).problems if one.code == "money.unit"}
    assert "300 USD" in told[1] and "元" not in told[1] and "CNY" not in told[1]
    assert "300 元" in told[2] and "300 CNY" in told[2]


def test_the_header_of_the_smallest_and_the_largest_sum() -> None:
    for low, high in (("单笔下限", "单笔上限"), ("单笔投资下限（万元）", "单笔投资上限（万元）")):
        assert (column_of("institutions", low), column_of("institutions", high)) == ("ticket_min", "ticket_max")


def test_a_very_long_text_is_kept_and_said_to_be_read_in_part() -> None:
    long = "机" * (MOST_READ + 1)
    checked = run("projects", PROJECT | {"name": long})
    assert checked.accepted["name"].to_pylist() == [long]
    assert (1, "name", "cell.long", "warning") in found(checked)
    assert "cell.long" not in {one[2] for one in found(run("projects", PROJECT | {"name": long[1:]}))}
