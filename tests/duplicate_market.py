"""A small market with records that may be one project and institutions in conflict: what deciding is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from dashboard_market import CONTACT, FORMULA, HOSTILE, DashboardMarket

from app.system import System
from data.problem import Problem
from data.store import Store
from data.tables import TABLES
from matcher.settings import Settings

BRIDGE = "桥索内部断丝由磁通泄漏阵列沿索爬行测出。十二通道同步采样，断丝定位误差 3.7 毫米。已在两座斜拉桥试挂 214 天。"
BRIDGE_AGAIN = (
    "已在两座斜拉桥试挂 214 天！磁通泄漏阵列沿索爬行，测出桥索内部断丝；十二通道同步采样，断丝定位误差为 3.7 毫米。"
)
SOIL = "盐碱地改良用的腐植酸缓释颗粒。耕层含盐量两季下降 41.5%。亩成本 136 元。"
GLASS = "光伏玻璃减反射膜由溶胶浸涂制得。透过率提高 2.83 个百分点。中试线每班产 5,170 片。"
VALVE = "超临界机组调节阀的阀芯激光熔覆钴基合金。寿命由 3,100 小时延长到 9,400 小时。泄漏等级达到 V 级。"
JUDGED = date(2023, 9, 1)


def stored(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows in the schema of a table."""
    return pa.Table.from_pylist(rows, schema=TABLES[name].schema)


def _project(key: str, name: str, text: str, province: str, **more: Any) -> dict[str, Any]:
    told = {"project_id": key, "name": name, "summary": text, "province": province, "country": "中国"}
    return {**told, "consent": ["all"], "confidentiality": "public", **more}


def projects() -> list[dict[str, Any]]:
    """A/B alike within Jiangsu, C/D across provinces, E/F with an anonymous side, G/H with a withdrawn one; X alone."""
    firm = {"applicant": "砚禾检测技术有限公司（样例）", "city": "苏州市", "group": "enterprise"}
    return [
        _project("A", f"斜拉索探伤机器人 {HOSTILE}", BRIDGE + CONTACT, "江苏省", **firm),
        _project("B", "缆索爬行检测装备", BRIDGE_AGAIN, "江苏省", **(firm | {"applicant": FORMULA})),
        _project("C", "盐碱地改良颗粒", SOIL, "江苏省", applicant="沐川农业有限公司（样例）"),
        _project("D", "盐碱地改良颗粒（二期）", SOIL, "山东省", applicant="沐川农业有限公司（样例）"),
        _project("E", "减反射膜浸涂线", GLASS, "江苏省", applicant="澄野新材料有限公司（样例）"),
        _project(
            *("F", "澄野光伏膜", GLASS, "江苏省"), applicant="澄野新材料有限公司（样例）", confidentiality="teaser"
        ),
        _project("G", "调节阀激光熔覆", VALVE, "江苏省", applicant="昀羽阀门有限公司（样例）"),
        _project("H", "阀芯激光熔覆", VALVE, "江苏省", applicant="昀羽阀门有限公司（样例）", state="withdrawn"),
        _project("X", "海上风电运维船", "双体船靠泊时艏部顶靠力保持 120 千牛。", "江苏省"),
    ]


def write_duplicates(folder: Path) -> DashboardMarket:
    """Write and match the store; the pairs of the market's record are the planted conflicts of interest."""
    offer = {"profile": "投资新材料与检测机器人。", "roles": ["match", "judge"], "verified": True}
    institutions = [
        offer | {"institution_id": "JUDGE", "name": f"评审基金 {HOSTILE}", "kind": "venture_capital"},
        offer | {"institution_id": "OWNER", "name": "沐川农业股份有限公司（样例）", "kind": "venture_capital"},
        offer | {"institution_id": "PARK", "name": "测试园区（样例）", "kind": "park"},
        offer | {"institution_id": "SERVE", "name": "测试服务中心（样例）", "kind": "service_platform"},
        offer | {"institution_id": "LEAD", "name": "龙头企业有限公司（样例）", "kind": "lead_enterprise"},
    ]
    judging = [
        {"institution_id": "JUDGE", "project_id": key, "edition": "2023", "at": JUDGED} for key in ("A", "D", "F", "H")
    ]
    award = {"programme": "创客中国", "edition": "2023", "award": "一等奖", "status": "已公布"}
    tables = {
        "projects": stored("projects", projects()),
        "institutions": stored("institutions", institutions),
        "judging": stored("judging", judging),
        "awards": stored("awards", [{"project_id": "A", **award}, {"project_id": "B", **award, "edition": "2022"}]),
        "ip": stored("ip", [{"project_id": "A", "kind": "发明专利", "number": "ZL 2021 1 0123456.7"}]),
        "needs": stored("needs", [{"need_id": "N1", "institution_id": "LEAD", "title": "探伤", "text": "征集探伤"}]),
    }
    message = "a.csv：“A”的 stage 与 b.csv 第 2 行不同，取先读到的 / differs from an earlier row, kept"
    problems = [Problem("projects", 3, "stage", "row.conflict", "warning", message, "核对两处 / check both places")]
    store = Store(folder / "duplicates.duckdb")
    store.write(tables, problems, actor="test", note={})
    settings = folder / "duijie.toml"
    settings.write_text('encoder = "none"\n', encoding="utf-8")
    system = System(store, Settings(encoder="none"))
    system.match()
    return DashboardMarket(store.path, settings, ("JUDGE", "A"), ("OWNER", "B"), ("JUDGE", "F"), system)


def verdicts(store: Store) -> Iterator[tuple[str, str]]:
    """Actions and actors of the decisions in the journal, in order."""
    for entry in store.journal("merge", "unmerge", "differ", "undiffer", "confirm", "unconfirm"):
        yield entry["action"], entry["actor"]
