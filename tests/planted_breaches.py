"""Rows of a small market, and breaches planted in them: code, severity, tables, and words of the sentence cited."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from data.tables import TABLES
from matcher.ledger import Ledger, numbered

AS_OF = date(2022, 12, 31)
ZHEJIANG = "第七届“创客中国”浙江省中小企业创新创业大赛"
IOT = "第七届“创客中国”物联网中小企业创新创业大赛"
TRACK = "第七届“创客中国”智能家居产业链赛道赛（海尔智家）"
Row = dict[str, Any]


def project(key: str = "P1", **cells: Any) -> Row:
    row = {"project_id": key, "name": f"项目{key}", "applicant": f"{key}科技有限公司", "applicant_kind": "enterprise"}
    return row | {"group": "企业组", "country": "中国", "province": "浙江省", "stage": "market"} | cells


def award(key: str = "P1", **cells: Any) -> Row:
    row = {"project_id": key, "programme": "创客中国", "edition": "2022", "contest": ZHEJIANG, "contest_kind": "区域赛"}
    return row | {"award": "二等奖", "status": "已公布", "published_at": date(2022, 8, 1)} | cells


def final(key: str = "P1", **cells: Any) -> Row:
    told = {"contest": "全国总决赛", "contest_kind": "总决赛", "award": "500强", "published_at": date(2022, 10, 20)}
    return award(key, **told | cells)


def right(key: str = "P1", number: str = "ZL20220001", **cells: Any) -> Row:
    row = {"project_id": key, "kind": "发明专利", "title": "一种方法", "number": number, "status": "有效"}
    return row | {"holder": f"{key}科技有限公司", "granted_at": date(2020, 1, 1)} | cells


def ledger(as_of: date = AS_OF, similar: tuple[tuple[str, str], ...] = (), **tables: list[Row]) -> Ledger:
    parts = {name: numbered(pa.Table.from_pylist(rows, schema=TABLES[name].schema)) for name, rows in tables.items()}
    return Ledger(as_of, similar=similar, **parts)  # type: ignore[arg-type]


def result(key: str = "P1") -> Row:
    told = {"contest": "创新之光优秀成果", "contest_kind": "成果征集", "award": "优秀成果"}
    return award(key, programme="创新之光", edition="2021", **told)


def listed(name: str) -> Row:
    return award(programme="科创中国", edition="2023", contest=name, contest_kind="榜单", award=name)


BREACHES: list[tuple[str, str, dict[str, list[Row]], str]] = [
    (
        "quotas.over",
        "error",
        {
            "projects": [project(f"P{i}") for i in range(4)],
            "awards": [final(f"P{i}", award="一等奖") for i in range(4)],
        },
        "企业组一等奖 3 名",
    ),
    (
        "quotas.over",
        "error",
        {
            "projects": [project(f"P{i}") for i in range(11)],
            "awards": [a(f"P{i}") for i in range(11) for a in (award, final)],
        },
        "企业组前 10 名",
    ),
    (
        "quotas.winners",
        "warning",
        {
            "projects": [project(f"P{i}", group="创客组", applicant_kind="maker_team") for i in range(7)],
            "awards": [award(f"P{i}") for i in range(7)],
        },
        "创客组前 6 名",
    ),
    (
        "quotas.unknown",
        "info",
        {
            "projects": [project(f"P{i}", group=None) for i in range(4)],
            "awards": [final(f"P{i}", award="一等奖") for i in range(4)],
        },
        "企业组一等奖 3 名",
    ),
    ("quotas.over", "error", {"awards": [result(f"P{i}") for i in range(61)]}, "不超过 60 个"),
    (
        "origin.missing",
        "error",
        {"projects": [project("P1"), project("P2")], "awards": [award("P2"), final("P1")]},
        "选拔胜出",
    ),
    (
        "origin.missing",
        "error",
        {"projects": [project()], "awards": [award(contest="杭州市赛", contest_kind="市级赛"), final()]},
        "选拔胜出",
    ),
    ("origin.unknown", "info", {"projects": [project()], "awards": [final()]}, "选拔胜出"),
    (
        "origin.late",
        "warning",
        {"projects": [project()], "awards": [award(published_at=date(2022, 9, 20)), final()]},
        "推荐截止日期前",
    ),
    ("region.outside", "warning", {"projects": [project(province="湖南省")], "awards": [award()]}, "所辖区域内"),
    ("maker.enterprise", "error", {"projects": [project(group="创客组")], "awards": [award()]}, "不得参加创客组"),
    ("maker.enterprise", "error", {"projects": [project(group="创客组", applicant_kind=None)]}, "不得参加创客组"),
    (
        "holder.other",
        "warning",
        {"projects": [project()], "awards": [award()], "ip": [right(holder="某大学")]},
        "自主知识产权",
    ),
    (
        "holder.member",
        "info",
        {
            "projects": [project(group="创客组", applicant="甲团队", applicant_kind="maker_team")],
            "awards": [award()],
            "ip": [right(holder="李四")],
        },
        "团队核心成员",
    ),
    (
        "holder.joint",
        "info",
        {"projects": [project()], "awards": [award()], "ip": [right(holder="P1科技有限公司；某大学")]},
        "自主知识产权",
    ),
    (
        "holder.unknown",
        "info",
        {"projects": [project(applicant=None)], "awards": [award()], "ip": [right()]},
        "知识产权",
    ),
    ("ip_valid.lapsed", "warning", {"projects": [project()], "ip": [right(status="失效")]}, "拥有知识产权"),
    (
        "ip_valid.lapsed",
        "warning",
        {"projects": [project()], "ip": [right(kind="实用新型", granted_at=date(2010, 1, 1))]},
        "拥有知识产权",
    ),
    (
        "ip_rows.over",
        "info",
        {"projects": [project()], "ip": [right(number=f"ZL{i:08d}") for i in range(11)]},
        "不超过 10 项",
    ),
    (
        "ip_rows.over",
        "error",
        {"projects": [project()], "ip": [right(number=f"ZL{i:08d}") for i in range(11)], "awards": [result()]},
        "不超过 10 项",
    ),
    ("conditions.registered", "error", {"projects": [project(country="德国", province=None)]}, "在中国境内注册"),
    ("conditions.registered", "error", {"projects": [project(applicant_kind="maker_team")]}, "中小微企业"),
    ("conditions.market", "error", {"projects": [project(stage="lab")], "awards": [award()]}, "已进入市场"),
    ("conditions.ip", "error", {"projects": [project()], "ip": [right(status="权属纠纷")]}, "无产权纠纷"),
    ("conditions.unknown", "info", {"projects": [project(stage=None)]}, "中小企业划型标准规定"),
    ("disqualification.state", "error", {"projects": [project(state="disqualified")]}, "取消参赛资格"),
    (
        "publicity.running",
        "warning",
        {"projects": [project()], "awards": [final(status="公示中", published_at=date(2022, 12, 28)), award()]},
        "5 个工作日",
    ),
    ("publicity.over", "info", {"awards": [award(status="公示中")]}, "公示和公布"),
    ("publicity.unknown", "info", {"awards": [award(status="公示中", published_at=None)]}, "公示和公布"),
    ("publicity.disputed", "warning", {"awards": [award(status="有异议")]}, "公示和公布"),
    ("publicity.short", "info", {"awards": [final(published_at=date(2022, 12, 30))]}, "5 个工作日"),
    (
        "publicity.early",
        "warning",
        {
            "awards": [award(status="公示中")],
            "outcomes": [
                {
                    "project_id": "P1",
                    "institution_id": "I1",
                    "channel": "financing",
                    "event": "introduced",
                    "at": date(2022, 8, 2),
                }
            ],
        },
        "公示和公布",
    ),
    ("conflicts.notice", "warning", {"projects": [project()], "awards": [final(award="50强")]}, "优胜奖 8 名"),
    ("contests.unlisted", "warning", {"awards": [award(contest="火星赛区")]}, "不得随意更改赛事名称"),
    ("before_final.late", "info", {"awards": [award(published_at=date(2022, 11, 11))]}, "总决赛前完赛"),
    (
        "past.winner",
        "error",
        {
            "projects": [project()],
            "awards": [
                award(contest="山西省", award="优胜奖"),
                award(edition="2023", contest="长治市高新区杯", contest_kind="市级赛"),
            ],
        },
        "不得再次报名",
    ),
    (
        "past.winner",
        "error",
        {
            "projects": [project()],
            "awards": [
                award(edition="2021", contest="第六届“创客中国”山西省中小企业创新创业大赛"),
                award(edition="2023", contest="长治市高新区杯", contest_kind="市级赛"),
            ],
        },
        "不得再次报名",
    ),
    (
        "age.over",
        "error",
        {"projects": [project(founded_at=date(2010, 1, 1))], "awards": [listed("新锐企业榜")]},
        "不超过10年",
    ),
    ("age.unknown", "info", {"projects": [project()], "awards": [listed("新锐企业榜")]}, "不超过10年"),
    (
        "secrecy.closed",
        "warning",
        {"projects": [project(confidentiality="closed")], "awards": [listed("先导技术榜")]},
        "技术不涉密",
    ),
    ("lengths.over", "warning", {"projects": [project(profile="长" * 101)], "awards": [result()]}, "不超过 100 字"),
    (
        "judging.conflict",
        "warning",
        {
            "projects": [project()],
            "judging": [{"institution_id": "I1", "project_id": "P1", "edition": "2022", "at": date(2022, 7, 1)}],
            "outcomes": [
                {
                    "project_id": "P1",
                    "institution_id": "I1",
                    "channel": "financing",
                    "event": "met",
                    "at": date(2022, 9, 1),
                }
            ],
        },
        "成为大赛评委",
    ),
]
