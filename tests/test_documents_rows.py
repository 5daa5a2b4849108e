"""Random lists of winners: whatever stands in them, rows accepted and rows rejected are the rows read."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_told import balanced, rows

from data.document import Document, Told, kinds
from data.intake import read_paths
from data.raw import Grid
from data.recognising import Recognised, readings, take

NAMES = st.sampled_from(
    ["", "甲（样例）", "乙（样例）", "智能组网（样例）", "＝丙（样例）", "1", "注塑（样例）", "合计器（样例）"]
)
AWARDS = st.sampled_from(["", "一等奖", "二等奖（１名）", "人气奖", "３", "企业组一等奖"])
ROW = st.tuples(
    NAMES, st.sampled_from(["", "某公司（样例）", "另一公司"]), AWARDS, st.sampled_from(["", "浙江", "火星"])
)
HEADS = ("项目名称", "参赛单位", "获奖等级", "所在地区")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, max_size=12), st.permutations(range(4)), st.booleans())
def test_rows_accepted_and_rejected_are_the_rows_read(
    tmp_path: Path, lines: list[tuple[str, ...]], order: list[int], numbered: bool
) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["第七届“创客中国”浙江省中小企业创新创业大赛获奖名单"])
    writer.writerow([*(["序号"] if numbered else []), *(HEADS[place] for place in order)])
    for number, line in enumerate(lines, 1):
        writer.writerow([*([number] if numbered else []), *(line[place] for place in order)])
    path = tmp_path / "x.csv"
    path.write_text(out.getvalue(), "utf-8")
    intake = read_paths([path])
    said = [line for line in lines if any(line)]
    alone = [line for line in said if line[2] and not line[0] and not line[1] and not line[3]]
    assert balanced(intake)
    if said and len(alone) < len(said):
        [document] = intake.documents
        headings = [line for line in alone if line[2] in ("一等奖", "二等奖（１名）", "企业组一等奖")]
        assert document.rows == len(said) - len(headings)
        assert len(rows(intake, "projects")) <= sum(bool(line[0]) for line in said)
        names = {row["name"] for row in rows(intake, "projects")}
        assert len(names) == len({line[0] for line in said if line[0]})


LABELS = [
    "项目名称",
    "参赛单位",
    "奖项",
    "序号",
    "组别",
    "成果名称",
    "成果创新性简介",
    "创新成果简介",
    "技术路线：",
    "联系电话",
]
LABELS += [
    "类别",
    "名称",
    "证书编号",
    "授权时间",
    "姓名",
    "机构名称",
    "题目",
    "命题企业",
    "单位性质",
    "国家（地区）",
    "编号",
    "成立时间",
]
VALUES = [
    "",
    "甲（样例）",
    "一等奖",
    "企业组",
    "☑企业 □院校",
    "1、新材料 2、其他 3、甲 4、乙",
    "新型研发机构",
    "注：无",
    "合计",
    "第七届创客中国",
]
TITLES = [
    "",
    "第七届“创客中国”浙江省中小企业创新创业大赛获奖名单",
    "“科创中国”融通创新组织榜",
    "技术经理人先锋榜 2023年",
]
CELL = st.one_of(
    st.none(), st.sampled_from(LABELS), st.sampled_from(VALUES), st.integers(-3, 3000), st.floats(), st.text()
)
AREA = st.tuples(st.integers(0, 6), st.integers(0, 5), st.integers(0, 9), st.integers(0, 9))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(st.lists(CELL, max_size=5), max_size=8), min_size=1, max_size=3),
    st.lists(AREA, max_size=4),
    st.lists(st.one_of(st.sampled_from(TITLES), st.sampled_from(LABELS), st.text()), max_size=4),
)
def test_no_grid_makes_a_kind_fail(
    grids: list[list[list[Any]]], merged: list[tuple[int, int, int, int]], before: list[str]
) -> None:
    made = tuple(Grid("x.docx", "x", cells, tuple(merged), tuple(before)) for cells in grids)
    into = Recognised([], [], [], {})
    document = Document("x.docx", "x", made)
    found, left = readings(document, Told(edition="2022"))
    problems = take(document, found, left, None, into)
    assert problems or into.documents or not any(grids)
    for part in into.parts:
        assert len(part.accepted) + part.rejected == part.read
    claimed = sum(len(kind.claim(document)) > 0 for kind in kinds())
    assert bool(found) == bool(claimed)
