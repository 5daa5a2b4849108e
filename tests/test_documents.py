"""Lists and forms as organisers hold them: what they become, what is told about them, and that no row is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import docx
import organisers_files as files
import pytest
from intake_told import awards_by_name, balanced, by_name, codes, rows

from data.awarded import place_award
from data.document import Told, kinds
from data.documents._origin import find_contest
from data.intake import read_paths
from data.programmes import editions

WRITTEN = {"zhejiang": 5, "strong500": 3, "hunan": 3, "themed": 16, "changzhi": 3, "technologies": 3}
WRITTEN |= {"organisations": 4, "managers": 2, "needs": 3}


@pytest.mark.parametrize("make", files.MAKERS, ids=lambda make: make.__name__)
def test_no_row_of_any_layout_is_lost(make: Callable[[Path], Path], tmp_path: Path) -> None:
    intake = read_paths([make(tmp_path)])
    assert not codes(intake, "error")
    assert balanced(intake) and not any(intake.rejected.values())
    assert [document.rows for document in intake.documents] == [WRITTEN.get(make.__name__, 1)]


def test_a_list_in_blocks_with_merged_cells_and_headers_in_any_order(tmp_path: Path) -> None:
    intake = read_paths([files.zhejiang(tmp_path)])
    projects, awards = by_name(intake), awards_by_name(intake)
    assert [row["group"] for row in projects.values()] == ["企业组"] * 3 + ["创客组"] * 2
    assert [awards[name][0]["award"] for name in projects] == ["一等奖", "一等奖", "二等奖", "优胜奖", "最佳人气奖"]
    assert {row["contest"] for row in rows(intake, "awards")} == {"第七届“创客中国”浙江省中小企业创新创业大赛"}
    assert {row["province"] for row in projects.values()} == {"浙江省"}
    assert projects["创面敷料3D打印(样例)"]["applicant"] == "丙医疗公司(样例)"
    assert projects["水下机器人(样例)"]["applicant"] == "丁团队(样例)"
    raw = {row["原文：name"] for row in intake.extras["projects"].to_pylist()}
    assert "创面敷料３Ｄ打印（样例）" in raw
    [unmapped] = [problem for problem in intake.problems if problem.code == "award.unmapped"]
    assert "最佳人气奖" in unmapped.message and unmapped.severity == "warning"


def test_contacts_stand_in_no_table(tmp_path: Path) -> None:
    intake = read_paths([files.folder_of_all(tmp_path / "in")])
    held = " ".join(str(table.to_pylist()) for table in (*intake.tables.values(), *intake.extras.values()))
    told = " ".join(problem.message for problem in intake.problems)
    contacts = intake.contacts.to_pylist()
    assert {"person", "phone", "mail", "address"} <= {row["kind"] for row in contacts}
    for row in contacts:
        assert row["value"] not in held
        assert row["value"] not in told
    assert {number for number in map(str, range(1, 7))} == {
        row["value"][-1] for row in contacts if row["kind"] == "phone"
    }
    assert "contact.left_out" in codes(intake, "info")


def test_a_maker_without_team_is_the_entrant(tmp_path: Path) -> None:
    text = "第七届“创客中国”浙江省中小企业创新创业大赛获奖名单\n项目名称,组别,奖项,负责人,参赛单位\n"
    text += "甲（样例）,创客组,一等奖,某人（样例）,\n乙（样例）,企业组,一等奖,某人（样例）,某公司（样例）\n"
    (tmp_path / "名单.csv").write_text(text, "utf-8")
    projects = by_name(read_paths([tmp_path]))
    assert projects["甲(样例)"]["applicant"] == "某人(样例)"
    assert projects["乙(样例)"]["applicant"] == "某公司(样例)"


def test_the_500_are_a_national_award_of_the_final(tmp_path: Path) -> None:
    intake = read_paths([files.strong500(tmp_path)])
    for row in rows(intake, "awards"):
        assert (row["award"], row["contest_kind"], row["status"]) == ("500强", "总决赛", "公示中")
        assert place_award(editions(), row).level == "国"
    groups = [row["group"] for row in rows(intake, "projects")]
    assert groups == ["企业组", "企业组", "创客组"]  # the title of the first sheet holds for the second


def test_first_places_of_both_groups_in_a_word_table(tmp_path: Path) -> None:
    intake = read_paths([files.themed(tmp_path)])
    groups = [row["group"] for row in rows(intake, "projects")]
    assert (groups.count("企业组"), groups.count("创客组")) == (10, 6)
    awards = rows(intake, "awards")
    assert [row["award"] for row in awards[:10]] == [f"第{place}名" for place in range(1, 11)]
    assert {(row["contest_kind"], place_award(editions(), row).level) for row in awards} == {("专题赛", "省")}


def test_the_city_contest_and_an_edition_whose_contests_are_not_listed(tmp_path: Path) -> None:
    intake = read_paths([files.changzhi(tmp_path), files.hunan(tmp_path)])
    awards = awards_by_name(intake)
    [brick] = awards["煤矸石制砖(样例)"]
    assert (brick["programme"], brick["edition"], brick["status"]) == ("创客中国长治", "2023", "已公布")
    assert place_award(editions(), brick).level == "市"
    assert by_name(intake)["小米加工(样例)"]["district"] == "沁县"
    [coating] = awards["刀具涂层(样例)"]
    assert (coating["edition"], coating["contest_kind"]) == ("2021", "区域赛")
    assert place_award(editions(), coating).level == "省"
    assert awards["导轨(样例)"][0]["award"] == "一等奖"  # merged in the workbook, empty in the CSV
    assert "cell.filled_down" in codes(intake, "warning")


def test_lists_of_technologies_and_companies(tmp_path: Path) -> None:
    awards = awards_by_name(read_paths([files.technologies(tmp_path)]))
    assert [row["award"] for row in awards["低温捕碳(样例)"]] == ["先导技术榜"]
    assert [row["award"] for row in awards["辰传感公司(样例)"]] == ["新锐企业榜"]


def test_supply_and_needs(tmp_path: Path) -> None:
    intake = read_paths([files.folder_of_all(tmp_path / "in")])
    institutions = by_name(intake, "institutions")
    kinds_of = {name.partition("(")[0]: row["kind"] for name, row in institutions.items()}
    assert kinds_of["巳研究院"] == "research_institute"
    assert kinds_of["午转移中心"] == "service_platform"
    assert kinds_of["未孵化器"] == "incubator"
    assert kinds_of["丙某"] == "technology_manager"
    assert "酉大学(样例)" in institutions["丙某(样例)"]["profile"]
    owners = {row["title"]: row["institution_id"] for row in rows(intake, "needs")}
    assert owners["低噪声压缩机"] == owners["冰箱门封"] == "L1"  # known from institutions.csv, not made again
    assert owners["空气传感器"] == institutions["海尔智家股份有限公司"]["institution_id"]
    assert all(row["sectors"] == ["智能家居"] for row in rows(intake, "needs"))


def test_the_form_of_chuangxinzhiguang(tmp_path: Path) -> None:
    intake = read_paths([files.innovation(tmp_path)])
    [project] = rows(intake, "projects")
    assert project["applicant"] == "乙粉末公司(样例)"
    assert (project["applicant_kind"], project["sectors"]) == ("enterprise", ["新材料技术"])
    assert project["profile"] == "专做粉末。"  # without the advice that the blank form prints
    assert project["innovation"] == "技术路线：气雾化。\n创新模式：产学研。\n应用场景：发动机。"
    assert project["technology"] == "氧含量低于百万分之五十。\n第二段。"
    assert "供货三家" in project["application"] and "扩产" in project["application"]
    assert project["country"] == "中国"
    [unused] = [one.message for one in intake.problems if one.code == "column.unknown" and one.table == "projects"]
    assert "产业领域" not in unused and "技术路线" in unused
    [kept] = intake.extras["projects"].to_pylist()
    assert "高端装备制造" in kept["原文：sectors"]
    assert "owner.differs" not in codes(intake, "warning")
    assert (kept["原文：技术路线"], kept["原文：未来展望"]) == ("气雾化。", "扩产。")
    assert len(rows(intake, "ip")) == 11 and "ip.rows" in codes(intake, "warning")
    assert {row["holder"] for row in rows(intake, "ip")} == {"乙粉末公司(样例)"}
    [award] = rows(intake, "awards")
    assert (award["edition"], award["status"]) == ("2021", None)


@pytest.mark.parametrize(("owner", "differs"), [("丁研究院（样例）", True), ("乙粉末公司(样例)", False)])
def test_an_owner_who_is_not_the_applicant_is_told(tmp_path: Path, owner: str, differs: bool) -> None:
    path = files.innovation(tmp_path)
    form = docx.Document(str(path))
    for table in form.tables:
        for row in table.rows:
            if row.cells[0].text == "成果所有人":
                row.cells[1].text = owner
    form.save(str(path))
    intake = read_paths([path])
    assert ("owner.differs" in codes(intake, "warning")) is differs
    [kept] = intake.extras["projects"].to_pylist()
    assert kept["原文：成果所有人"] == owner


def test_a_form_that_tells_no_edition_keeps_project_and_rights(tmp_path: Path) -> None:
    path = files.innovation(tmp_path, rights=2, edition="")
    intake = read_paths([path])
    assert (len(rows(intake, "projects")), len(rows(intake, "ip")), intake.rejected["awards"]) == (1, 2, 1)
    assert "document.origin" in codes(intake, "error") and "ip.rows" not in codes(intake)
    told = read_paths([path], told=Told(edition="2021"))
    assert not codes(told, "error")
    assert rows(told, "projects") == rows(intake, "projects")  # the option changes no id


def test_labels_beside_and_above(tmp_path: Path) -> None:
    intake = read_paths([files.labelled(tmp_path)])
    [project] = rows(intake, "projects")
    assert (project["applicant"], project["sectors"]) == ("某电池公司(样例)", ["先进材料"])
    assert project["summary"] == "室温离子电导率高。"
    assert project["technology"] == "界面修饰。"
    assert project["founded_at"].isoformat() == "2018-05-01"


def test_what_the_file_says_wins_and_options_fill_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_text("项目名称,参赛单位,奖项\n甲（样例）,某公司（样例）,一等奖\n", "utf-8")
    silent = read_paths([path])
    assert silent.read == {"projects": 1, "awards": 1} and silent.rejected == {"projects": 1, "awards": 1}
    [problem] = [problem for problem in silent.problems if problem.severity == "error"]
    assert (problem.code, problem.table, problem.row) == ("document.origin", "", 0) and "--edition" in problem.hint
    told = Told("创客中国中小企业创新创业大赛", "第七届", "浙江赛区")
    [award] = rows(read_paths([path], told=told), "awards")
    assert (award["programme"], award["edition"], award["contest_kind"]) == ("创客中国", "2022", "区域赛")
    contradicted = read_paths([files.hunan(tmp_path)], told=told)
    assert {row["edition"] for row in rows(contradicted, "awards")} == {"2021"}
    assert "option.contradicted" in codes(contradicted, "warning")
    other = read_paths([path], told=Told("某某杯（样例）", "2030"))
    assert rows(other, "awards")[0]["programme"] == "某某杯(样例)"
    assert "award.unmapped" in codes(other, "info")


def test_columns_of_a_list_tell_programme_and_edition_of_each_row(tmp_path: Path) -> None:
    text = "大赛名称,届次,赛事名称,项目名称,企业名称,奖项\n创客中国,第七届,福建赛区,甲（样例）,某公司（样例）,一等奖\n"
    text += "创客中国,2021,湖南赛区,乙（样例）,某公司（样例）,二等奖\n"
    (tmp_path / "x.csv").write_text(text, "utf-8")
    found = rows(read_paths([tmp_path / "x.csv"]), "awards")
    assert [(row["edition"], row["contest_kind"], row["award"]) for row in found] == [
        ("2022", "区域赛", "一等奖"),
        ("2021", "区域赛", "二等奖"),
    ]


def test_a_record_told_twice_is_one_and_the_final_list_counts(tmp_path: Path) -> None:
    head = "项目名称,企业名称,奖项,所属领域\n"
    title = "第七届“创客中国”浙江省中小企业创新创业大赛获奖名单"
    (tmp_path / "a.csv").write_text(f"{title}公示\n{head}甲（样例）,某公司（样例）,一等奖,\n", "utf-8")
    (tmp_path / "b.csv").write_text(f"关于公布{title}的通知\n{head}甲（样例）,某公司（样例）,一等奖,新材料\n", "utf-8")
    intake = read_paths([tmp_path])
    assert balanced(intake) and not codes(intake, "error")
    [project] = rows(intake, "projects")
    [award] = rows(intake, "awards")
    assert (project["sectors"], award["status"]) == (["新材料"], "已公布")
    assert "row.folded" in codes(intake, "info")


def test_a_short_number_is_no_id_and_a_long_one_is(tmp_path: Path) -> None:
    text = "第七届“创客中国”浙江省中小企业创新创业大赛获奖名单\n编号,项目名称,奖项\n"
    text += "1,甲（样例）,一等奖\nZJ2022-015,乙（样例）,一等奖\n"
    (tmp_path / "x.csv").write_text(text, "utf-8")
    projects = by_name(read_paths([tmp_path / "x.csv"]))
    assert projects["乙(样例)"]["project_id"] == "ZJ2022-015"
    assert projects["甲(样例)"]["project_id"].startswith("cnmaker-2022-浙江-")


def test_every_contest_is_found_by_its_own_name() -> None:
    for edition in editions():
        for contest in edition.contests:
            assert find_contest(edition, contest.name) == contest


def test_kinds_are_plug_ins_and_named_in_both_languages() -> None:
    assert {kind.name for kind in kinds()} >= {"winner_list", "innovation_form", "label_value", "need_list"}
    assert all(kind.zh and kind.en and kind.claim.__doc__ for kind in kinds())


def test_an_unknown_document_is_told_and_stops_nothing(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("会议通知")
    files.table(document, [["时间", "地点"], ["上午", "会议室"]])
    document.save(str(tmp_path / "通知.docx"))
    files.zhejiang(tmp_path)
    intake = read_paths([tmp_path])
    assert len(rows(intake, "projects")) == 5
    [problem] = [problem for problem in intake.problems if problem.severity == "error"]
    assert (problem.code, problem.table) == ("file.unknown", "") and "获奖名单" in problem.hint


def test_a_list_named_after_a_table_is_still_a_list(tmp_path: Path) -> None:
    text = "第七届“创客中国”福建省中小企业创新创业大赛获奖名单\n序号,项目名称,参赛单位,奖项\n"
    text += "1,甲（样例）,某公司（样例）,一等奖\n"
    (tmp_path / "获奖名单.csv").write_text(text, "utf-8")
    intake = read_paths([tmp_path])
    assert not codes(intake, "error") and len(rows(intake, "awards")) == 1
    (tmp_path / "获奖名单.csv").write_text(text.partition("\n")[2], "utf-8")
    silent = read_paths([tmp_path])
    assert {(p.code, p.table) for p in silent.problems if p.severity == "error"} == {("document.origin", "")}


def test_projects_with_an_award_column_stay_projects_when_nobody_tells_the_edition(tmp_path: Path) -> None:
    (tmp_path / "projects.csv").write_text("项目编号,项目名称,奖项\nP1,甲（样例）,一等奖\n", "utf-8")
    silent = read_paths([tmp_path])
    assert [row["project_id"] for row in rows(silent, "projects")] == ["P1"]
    assert not codes(silent, "error") and "document.origin" in codes(silent, "warning")
    told = read_paths([tmp_path], told=Told("创客中国", "2022", "浙江"))
    assert [row["project_id"] for row in rows(told, "projects")] == ["P1"]
    assert [row["award"] for row in rows(told, "awards")] == ["一等奖"]


def test_lines_that_are_no_rows(tmp_path: Path) -> None:
    lines = [
        "第七届“创客中国”福建省中小企业创新创业大赛获奖名单,,",
        "项目名称,参赛单位,奖项",
        "注塑机（样例）,某公司（样例）,一等奖",
    ]
    lines += [
        "（排名不分先后）,,",
        "联系人：某人 99900000009,,",
        "合计,1,",
        ",,2022年9月1日",
        "说明书翻译（样例）,,二等奖",
    ]
    (tmp_path / "x.csv").write_text("\n".join(lines), "utf-8")
    intake = read_paths([tmp_path])
    assert set(by_name(intake)) == {"注塑机(样例)", "说明书翻译(样例)"} and not any(intake.rejected.values())
    [note] = [problem for problem in intake.problems if problem.code == "list.note"]
    assert "排名不分先后" in note.message and "99900000009" not in note.message
