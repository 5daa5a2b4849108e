"""The same forms and lists in other layouts: one table for all annexes, labels above, headers over two rows, lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import organisers_files as files
from intake_told import by_name, codes, rows

from data.intake import read_paths


def written(path: Path, lines: list[str], table: list[list[str]] | None = None, merged: Any = ()) -> Path:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    if table:
        files.table(document, table, merged)
    document.save(str(path))
    return path


def test_all_annexes_in_one_table(tmp_path: Path) -> None:
    table = [
        ["单位性质", "企业", "", ""],
        ["单位名称（中文）", "甲公司（样例）", "单位名称（英文）", "Example"],
        ["产业领域", "5、新材料", "", ""],
        ["成果名称", "智能传感器（样例）", "", ""],
        ["成果创新性简介", "漂移小。", "", ""],
        ["创新成果简介", "", "", ""],
        ["技术路线：镀膜。\n应用场景：管网。", "", "", ""],
        ["成果技术创新情况", "", "", ""],
        ["精度高。", "", "", ""],
        ["成果应用情况\n未来展望：扩产。", "", "", ""],
        ["序号", "类别", "名称", "证书编号"],
        ["1", "实用新型", "壳体（样例）", "ZL000000000001"],
        ["2", "软件著作权", "软件（样例）", "SR000000"],
        ["3", "", "", ""],
    ]
    wide = [(row, 1, row, 3) for row in (0, 2, 3, 4)] + [(row, 0, row, 3) for row in range(5, 10)]
    intake = read_paths([written(tmp_path / "x.docx", ["“创新之光”优秀成果申报表（2021年）"], table, wide)])
    [project] = rows(intake, "projects")
    assert project["innovation"] == "技术路线：镀膜。\n应用场景：管网。"  # parts of a value are no labels
    assert (project["technology"], project["application"]) == ("精度高。", "未来展望：扩产。")
    assert project["sectors"] == ["新材料"]
    assert [row["number"] for row in rows(intake, "ip")] == ["ZL000000000001", "SR000000"]
    assert rows(intake, "awards")[0]["edition"] == "2021"


def test_several_results_of_one_applicant(tmp_path: Path) -> None:
    table = [["单位名称（中文）", "甲公司（样例）"], ["单位简介", "做传感器。"]]
    for name in ("甲传感器（样例）", "乙传感器（样例）"):
        table += [["成果名称", name], ["成果创新性简介", f"{name}更准。"], ["成果应用情况", "三地。"]]
    projects = by_name(read_paths([written(tmp_path / "x.docx", ["“创新之光”2021年"], table)]))
    assert [row["summary"] for row in projects.values()] == ["甲传感器（样例）更准。", "乙传感器（样例）更准。"]
    assert {row["applicant"] for row in projects.values()} == {"甲公司(样例)"}


def test_a_prize_told_in_passing_is_no_award_and_a_title_that_tells_one_is(tmp_path: Path) -> None:
    table = [
        ["单位名称", "甲公司（样例）"],
        ["成果名称", "甲（样例）"],
        ["成果创新性简介", "好。"],
        ["成果应用情况", "广。"],
    ]
    for title, award in (("“创新之光”2021年申报材料", "申报"), ("2021年“创新之光”入选优秀成果", "优秀成果")):
        lines = [title, "客观评价", "荣获省科技进步一等奖。"]
        [found] = rows(read_paths([written(tmp_path / "x.docx", lines, table)]), "awards")
        assert (found["award"], found["status"]) == (award, None)


def test_a_company_form_names_the_company(tmp_path: Path) -> None:
    table = [
        ["企业名称", "乙公司（样例）"],
        ["成立时间", "2016.05"],
        ["所属领域", "生物医药"],
        ["联系人", "某人（样例）"],
    ]
    intake = read_paths([written(tmp_path / "x.docx", ["2023年“科创中国”新锐企业榜申报表"], table)])
    [project] = rows(intake, "projects")
    assert project["name"] == project["applicant"] == "乙公司(样例)"
    [award] = rows(intake, "awards")
    assert (award["programme"], award["contest"], award["award"]) == ("科创中国", "“科创中国”新锐企业榜", "申报")


def test_lines_without_any_table(tmp_path: Path) -> None:
    lines = ["项目申报书", "项目名称：丙项目（样例）", "申报单位：丙公司（样例）", "联系电话：99900000008"]
    intake = read_paths([written(tmp_path / "x.docx", [*lines, "项目简介：", "第一段。", "第二段。"])])
    [project] = rows(intake, "projects")
    assert (project["applicant"], project["summary"]) == ("丙公司(样例)", "第一段。\n第二段。")
    assert [row["value"] for row in intake.contacts.to_pylist()] == ["99900000008"]
    assert not rows(intake, "awards") and not codes(intake, "error")


def test_labels_above_their_values_are_no_list(tmp_path: Path) -> None:
    cells = [["项目名称", "申报单位", "所属领域"], ["丁（样例）", "丁公司（样例）", "新材料"]]
    cells += [["项目简介", "成立时间", "省份"], ["轻。", "2020-05-01", "浙江省"]]
    intake = read_paths([files.workbook(tmp_path / "x.xlsx", {"表": (cells, [])})])
    [project] = rows(intake, "projects")
    assert (project["name"], project["summary"], project["province"]) == ("丁(样例)", "轻。", "浙江省")


def test_a_header_over_two_rows(tmp_path: Path) -> None:
    cells: list[list[Any]] = [
        ["附件1"],
        ["第七届“创客中国”生物医药中小企业创新创业大赛获奖项目名单（企业组）"],
        ["序号", "项目信息", None, "获奖情况"],
        [None, "项目名称", "参赛企业", None],
        [1, "药（样例）", "丁公司（样例）", "一等奖"],
        [2, "械（样例）", "戊公司（样例）", "二等奖"],
    ]
    merged = ["A1:D1", "A2:D2", "A3:A4", "B3:C3", "D3:D4"]
    intake = read_paths([files.workbook(tmp_path / "x.xlsx", {"表": (cells, merged)})])
    assert [row["group"] for row in rows(intake, "projects")] == ["企业组", "企业组"]
    assert [row["award"] for row in rows(intake, "awards")] == ["一等奖", "二等奖"]
    assert {row["contest_kind"] for row in rows(intake, "awards")} == {"专题赛"}


def test_a_plain_list_is_not_taken_for_a_form_and_loses_no_row(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "项目名称,企业名称\n甲（样例）,某公司（样例）\n乙（样例）,某公司（样例）\n", "utf-8"
    )
    intake = read_paths([tmp_path])
    assert intake.read["projects"] == intake.rejected["projects"] == 2
    assert "document.origin" in codes(intake, "error")


def test_each_row_of_a_broken_csv_counts(tmp_path: Path) -> None:
    text = "第七届“创客中国”福建省中小企业创新创业大赛获奖名单\n项目名称,企业名称,奖项\n甲（样例）,某公司,一等奖\n"
    (tmp_path / "x.csv").write_text(text + '乙（样例）,"某公司,二等奖\n丙（样例）,某公司,三等奖\n', "utf-8")
    intake = read_paths([tmp_path])
    assert (intake.read["awards"], intake.rejected["awards"]) == (3, 1)
    assert set(by_name(intake)) == {"甲(样例)", "丙(样例)"}
    assert "csv.quotes" in codes(intake, "error")


def test_a_document_of_lines_that_say_nothing_is_unknown(tmp_path: Path) -> None:
    intake = read_paths([written(tmp_path / "x.docx", ["会议通知", "请参会。"])])
    assert codes(intake, "error") == {"file.unknown"}
