"""Fictional files in the layouts in which organisers hold their winners: lists, forms, one folder of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import openpyxl

Rows = Sequence[Sequence[Any]]


def workbook(path: Path, sheets: dict[str, tuple[Rows, Sequence[str]]]) -> Path:
    """A workbook of sheets, each with its rows and the references of its merged cells."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, (rows, merged) in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for reference in merged:
            sheet.merge_cells(reference)
    book.save(path)
    return path


def table(document: Any, rows: Rows, merged: Sequence[tuple[int, int, int, int]] = ()) -> Any:
    """A table of a document; ``merged`` are (top, left, bottom, right), both ends included."""
    made = document.add_table(len(rows), max(map(len, rows)))
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            made.cell(number, column).text = "" if text is None else str(text)
    for top, left, bottom, right in merged:
        made.cell(top, left).merge(made.cell(bottom, right))
    return made


ZHEJIANG = [
    ["第七届“创客中国”浙江省中小企业创新创业大赛获奖名单"],
    ["企业组"],
    ["序号", "获奖等级", "参赛\n单位", "项目名称", "所属领域", "负责人", "联系电话"],
    ["１", "一等奖", "甲轨道公司（样例）", "钢轨探伤机器人（样例）", "智能装备", "甲某（样例）", "99900000001"],
    [2, None, "乙粉末公司（样例）", "高温合金粉末（样例）", "新材料", None, None],
    [3, "二等奖", "丙医疗公司（样例）", "创面敷料３Ｄ打印（样例）", "医疗健康", None, None],
    ["创客组"],
    ["序号", "项目名称", "团队", "奖项", "所属领域"],
    [1, "水下机器人（样例）", "丁团队（样例）", "优胜奖", None],
    [2, "微型风机（样例）", "戊团队（样例）", "最佳人气奖", None],
    ["注：大赛组委会"],
]


def zhejiang(folder: Path) -> Path:
    """A regional contest of 2022: blocks under headings, an award merged over two rows, full-width digits."""
    merged = ["A1:G1", "A2:G2", "B4:B5", "A7:G7", "A11:G11"]
    return workbook(folder / "浙江.xlsx", {"Sheet1": (ZHEJIANG, merged)})


def strong500(folder: Path) -> Path:
    """The 500 of 2022, a sheet a group; the title stands on the first sheet only."""
    head = ["排名", "项目名称", "企业名称", "地区"]
    first = [
        ["2022年“创客中国”全国５００强公示名单（企业组）"],
        head,
        [1, "钢轨探伤机器人（样例）", "甲轨道公司（样例）", "浙江省"],
        [2, "低温阀门（样例）", "己阀门公司（样例）", "山东省"],
    ]
    second = [
        ["创客组"],
        ["排名", "项目名称", "团队名称", "地区"],
        [1, "水下机器人（样例）", "丁团队（样例）", "浙江省"],
    ]
    return workbook(folder / "全国名单.xlsx", {"企业组": (first, ["A1:D1"]), "创客组": (second, ["A1:D1"])})


def hunan(folder: Path) -> Path:
    """A regional contest of 2021 as a CSV in GB18030; what was merged is empty below the first."""
    text = (
        "第六届“创客中国”湖南省中小企业创新创业大赛获奖项目,,,\n组别,奖项,项目名称,企业名称\n"
        "企业组,一等奖,刀具涂层（样例）,庚刀具公司（样例）\n,,导轨（样例）,辛导轨公司（样例）\n"
        ",二等奖,注塑机（样例）,壬注塑公司（样例）\n"
    )
    path = folder / "湖南.csv"
    path.write_bytes(text.encode("gb18030"))
    return path


def themed(folder: Path) -> Path:
    """A themed contest of 2022 as a Word table: the first places of both groups, the group merged over its rows."""
    document = docx.Document()
    document.add_paragraph("第七届“创客中国”物联网中小企业创新创业大赛推荐项目（企业组前10名、创客组前6名）")
    rows: list[list[Any]] = [["组别", "名次", "项目名称", "参赛单位/团队"]]
    rows += [["企业组", place, f"物联项目{place}（样例）", f"企业{place}（样例）"] for place in range(1, 11)]
    rows += [["创客组", place, f"物联创意{place}（样例）", f"团队{place}（样例）"] for place in range(1, 7)]
    for row in [*range(2, 11), *range(12, 17)]:
        rows[row][0] = ""
    table(document, rows, [(1, 0, 10, 0), (11, 0, 16, 0)])
    path = folder / "物联网.docx"
    document.save(str(path))
    return path


def changzhi(folder: Path) -> Path:
    """The city's contest of 2023: the award is a heading."""
    rows = [
        ["2023年“创客中国”长治市“高新区杯”中小企业创新创业大赛获奖项目公布"],
        ["序号", "参赛项目", "申报单位", "县区"],
        ["一等奖（1名）"],
        [1, "煤矸石制砖（样例）", "癸建材公司（样例）", "潞州区"],
        ["二等奖（2名）"],
        [1, "除尘装置（样例）", "子环保公司（样例）", "上党区"],
        [2, "小米加工（样例）", "丑食品公司（样例）", "沁县"],
    ]
    return workbook(folder / "长治.xlsx", {"获奖": (rows, ["A1:D1", "A3:D3", "A5:D5"])})


def technologies(folder: Path) -> Path:
    """Two lists of 科创中国 that name projects and companies."""
    first = [
        ["2023年“科创中国”先导技术榜入选名单"],
        ["序号", "领域", "技术名称", "申报单位"],
        [1, "电子信息", "光子芯片封装（样例）", "寅研究所（样例）"],
        [2, "绿色低碳", "低温捕碳（样例）", "卯能源公司（样例）"],
    ]
    second = [["2023年“科创中国”新锐企业榜入选名单"], ["序号", "企业名称", "地区"], [1, "辰传感公司（样例）", "江苏省"]]
    return workbook(folder / "科创中国榜单.xlsx", {"先导技术": (first, ["A1:D1"]), "新锐企业": (second, ["A1:C1"])})


def organisations(folder: Path) -> Path:
    """融通创新组织榜: the category is a heading, in one block a column."""
    rows = [
        ["2023年“科创中国”融通创新组织榜"],
        ["序号", "机构名称", "地区", "联系人"],
        ["一、新型研发机构"],
        [1, "巳研究院（样例）", "江苏省", "乙某（样例）"],
        ["二、专业技术转移机构"],
        [1, "午转移中心（样例）", "浙江省", None],
        ["三、创业孵化载体"],
        [1, "未孵化器（样例）", "广东省", None],
        ["四、创新联合体"],
        [1, "申联合体（样例）", "北京市", None],
    ]
    return workbook(folder / "融通.xlsx", {"榜单": (rows, ["A1:D1", "A3:D3", "A5:D5", "A7:D7", "A9:D9"])})


def managers(folder: Path) -> Path:
    """技术经理人先锋榜 as a Word table."""
    document = docx.Document()
    document.add_paragraph("2023年“科创中国”技术经理人先锋榜")
    rows = [["序号", "姓名", "工作单位", "专业领域", "手机"]]
    rows += [
        ["1", "丙某（样例）", "酉大学（样例）", "新材料", "99900000002"],
        ["2", "丁某（样例）", "戌学院（样例）", "", ""],
    ]
    table(document, rows)
    path = folder / "经理人.docx"
    document.save(str(path))
    return path


def needs(folder: Path) -> Path:
    """The 题目 of a track contest; an empty enterprise is the one that runs the contest."""
    rows = [
        ["第七届“创客中国”智能家居产业链赛道赛命题清单"],
        ["编号", "命题企业", "题目", "需求描述", "命题方式", "截止时间"],
        [1, "亥家电公司（样例）", "低噪声压缩机", "一米处低于三十分贝。", "定向", "2022-08-01"],
        [2, "亥家电公司（样例）", "冰箱门封", "十年不硬化。", "定类", "2022-08-01"],
        [3, None, "空气传感器", "零点漂移小。", "命题", "2022-08-01"],
    ]
    return workbook(folder / "赛道赛.xlsx", {"清单": (rows, ["A1:F1"])})


HINT = "说明成果的创新情况，可从技术路线、创新模式、应用场景等方面进行阐述，不超过 1200 字。"


def innovation(folder: Path, rights: int = 11, edition: str = "（第11届APEC技展会）") -> Path:
    """The form of 创新之光, annexes 1 to 3."""
    document = docx.Document()
    document.add_paragraph(f"“创新之光”中小企业技术创新优秀成果申报材料{edition}")
    document.add_paragraph("附件 1：申报单位信息表")
    _applicant(document)
    document.add_paragraph("专家推荐（企业自荐渠道必填，其他渠道推荐不填）")
    table(
        document, [["姓名", "单位", "职务/职称", "联系电话"], ["戊某（样例）", "某协会（样例）", "教授", "99900000003"]]
    )
    document.add_paragraph("附件 2：申报成果信息表")
    _result(document)
    lines = "成果技术创新情况|氧含量低于百万分之五十。|第二段。|成果应用情况|已取得的成效：供货三家。|未来展望：扩产。"
    for line in f"{lines}|客观评价|第三方检测合格。".split("|"):
        document.add_paragraph(line)
    document.add_paragraph("附件 3：知识产权信息表")
    rows: list[list[Any]] = [["技术创新成果涉及的知识产权证明材料（单位盖章）", *[""] * 6]]
    rows.append(["序号", "类别", "名称", "证书编号", "发明人或\n权利人", "授权时间", "有效状态"])
    for number in range(1, rights + 1):
        name, holder = f"制粉方法{number}（样例）", "乙粉末公司（样例）"
        rows.append([number, "发明专利", name, f"ZL00000000000{number}", holder, "2020年3月1日", "有效"])
    rows.append([rights + 1, *[""] * 6])
    table(document, rows, [(0, 0, 0, 6)])
    document.add_paragraph("注：请填写核心知识产权，不超过 10 项。")
    path = folder / "申报表.docx"
    document.save(str(path))
    return path


def _applicant(document: Any) -> None:
    rows = [
        ["申报企业基本信息（单位盖章）", "", "", ""],
        ["单位性质", "☑企业 □科研机构 □院校 □科研团队", "", ""],
        ["单位名称 (中文)", "乙粉末公司（样例）", "单位名称 (英文)", "Example Powder"],
        ["企业负责人", "己某（样例）", "联系电话", "99900000004"],
        ["国家（地区）", "中国", "", ""],
        ["产业领域", "1、高端装备制造 2、新能源及环保 3、电子信息技术 ☑5、新材料技术", "", ""],
        ["单位简介", "不超过 100 字\n专做粉末。", "", ""],
        ["成果所有人", "成果所有人，应具有法律效力", "", ""],
        ["联系人姓名", "庚某（样例）", "联系人职务", "副科长"],
        ["联系人手机", "99900000005", "电子邮箱", "nobody@example.invalid"],
        ["详细通讯地址", "某路一号", "邮编", "990099"],
    ]
    wide = [(0, 0, 0, 3), *((row, 1, row, 3) for row in (1, 4, 5, 6, 7))]
    table(document, rows, wide)


def _result(document: Any) -> None:
    rows = [
        ["申报成果信息（单位盖章）", ""],
        ["成果名称", "航空高温合金粉末（样例）"],
        ["成果创新性简介", "球形度优于同类。"],
        ["成果首发性", "2021年3月首次发布"],
        ["创新成果简介", ""],
        [f"{HINT}\n技术路线：气雾化。\n创新模式：产学研。\n应用场景：发动机。", ""],
    ]
    table(document, rows, [(0, 0, 0, 1), (4, 0, 4, 1), (5, 0, 5, 1)])


def labelled(folder: Path) -> Path:
    """A form of 科创中国 of unknown layout: labels left and above, in a workbook."""
    rows = [
        ["2023年“科创中国”先导技术榜申报表"],
        ["技术名称", "固态电解质（样例）", "所属领域", "先进材料"],
        ["申报单位", "某电池公司（样例）", "成立时间", "2018年5月"],
        ["联系人", "辛某（样例）", "手机", "99900000006"],
        ["项目简介", None, None, None],
        ["室温离子电导率高。", None, None, None],
        ["核心技术：界面修饰。", None, None, None],
    ]
    return workbook(folder / "先导技术申报.xlsx", {"申报表": (rows, ["A1:D1", "A5:D5", "A6:D6", "A7:D7"])})


MAKERS = (
    zhejiang, strong500, hunan, themed, changzhi, technologies, organisations, managers, needs, innovation, labelled,
)  # fmt: skip
"""One maker a file."""


def folder_of_all(folder: Path) -> Path:
    """All files in one folder, beside two tables of ours."""
    folder.mkdir(exist_ok=True)
    for make in MAKERS:
        make(folder)
    (folder / "projects.csv").write_text("project_id,name\nP1,已有项目（样例）\n", "utf-8")
    (folder / "institutions.csv").write_text("institution_id,name,kind\nL1,亥家电公司（样例）,龙头企业\n", "utf-8")
    return folder
