"""The service catalogue: every code has its words and its notice, and a wish that is inferred is marked as such."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from app.cli import main
from app.explaining import as_text, explain
from app.system import System
from app.wishes import list_wishes, wish_lines
from data.programmes import editions
from data.reference.vocabularies import vocabulary
from data.store import Store
from data.tables import TABLES
from features.reading import read_project
from features.reading.needs import wishes_told
from matcher.settings import Settings

SERVICES = vocabulary("services")
NOTICES = (
    "第七届创客中国通知",
    "第六届创客中国通知",
    "2023长治创客大赛通知",
    "2023科创中国榜单通知",
    "创新之光公告",
    "创新之光邀请推荐函",
)
QUOTED = re.compile(r"“([^”]+)”")
NOT_EXCERPTED = {
    *(
        "创业导师",
        "技术专家",
        "投资专家",
        "管理专家",
        "政策咨询",
        "创业孵化服务",
        "创业企业孵化",
        "成果转移转化",
        "落地对接",
    ),
    *("国家级基金资本对接", "国际化经营合规辅导", "地方和央企市场推介", "权威媒体宣传", "行业标准化技术咨询"),
}


@pytest.mark.parametrize("code", SERVICES.codes)
def test_every_service_has_both_names_synonyms_and_a_notice(code: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", SERVICES.label(code))
    assert re.fullmatch(r"[A-Za-z][A-Za-z &-]+", SERVICES.label(code, "en"))
    assert SERVICES.synonyms(code)
    note = SERVICES.note(code)
    assert any(notice in note for notice in NOTICES), note
    assert QUOTED.search(note) or "补充" in note, "neither a word of a notice nor marked as added"


@pytest.mark.parametrize("code", SERVICES.codes)
def test_every_word_taken_from_a_notice_leads_to_its_service(code: str) -> None:
    for word in QUOTED.findall(SERVICES.note(code)):
        assert SERVICES.resolve(word) == code, word


def test_words_stand_in_the_sentences_that_the_editions_carry() -> None:
    """Those that do not are of a passage that no edition's file excerpts, or joined from an enumeration."""
    sentences = "".join(told.sentence for edition in editions() for told in (*edition.supports, *edition.rules))
    words = {word for code in SERVICES.codes for word in QUOTED.findall(SERVICES.note(code))}
    assert {word for word in words if word not in sentences} == NOT_EXCERPTED


@pytest.mark.parametrize(
    ("words", "code"),
    [
        *(
            ("检验检测", "testing"),
            ("技术转移", "tech_transfer"),
            ("数字化改造", "digital"),
            ("工业设计", "industrial_design"),
        ),
        *(("法律", "legal"), ("人力资源", "hr"), ("财务", "finance_accounting"), ("知识产权", "ip")),
        *(("创业导师", "mentoring"), ("技术专家", "expert_technical"), ("投资专家", "expert_investment")),
        *(("管理专家", "expert_management"), ("行业标准化技术咨询", "standardisation"), ("合规辅导", "compliance")),
        *(("国际化经营合规辅导", "compliance"), ("地方和央企市场推介", "market"), ("市场推介", "market")),
        *(("媒体宣传", "media"), ("融资对接", "financing_service"), ("国家级基金资本对接", "financing_service")),
        *(("技术咨询", "expert_technical"), ("定向推介", "market"), ("资源对接", "market"), ("政策咨询", "policy")),
    ],
)
def test_the_closed_list_of_the_notices(words: str, code: str) -> None:
    assert SERVICES.resolve(words) == code


TOLD = {
    "project_id": "P1",
    "name": "碳纤维叶片（样例）",
    "summary": "我们需要知识产权布局服务。样机尚未经过第三方型式试验。",
    "services_wanted": ["hr"],
    "consent": ["all"],
}


def test_a_wish_is_stated_written_or_inferred() -> None:
    told = {claim.value: (how, claim.sentence) for claim, how in wishes_told(read_project(TOLD))}
    assert told["hr"] == ("stated", "")
    assert told["ip"] == ("written", "我们需要知识产权布局服务。")
    assert told["testing"] == ("inferred", "样机尚未经过第三方型式试验。")
    both = read_project({**TOLD, "services_wanted": ["testing"]})
    assert {claim.value: how for claim, how in wishes_told(both)}["testing"] == "stated"


@pytest.fixture
def system(tmp_path: Path) -> System:
    hidden = {"project_id": "P2", "name": "云雀（样例）", "confidentiality": "teaser", "consent": ["all"]}
    rows = [
        TOLD,
        hidden | {"summary": "云雀样机尚未经过第三方型式试验。"},
        {**TOLD, "project_id": "P3", "state": "withdrawn"},
        {**TOLD, "project_id": "P4", "consent": ["financing"]},
    ]
    lab = {"institution_id": "I1", "name": "检测中心（样例）", "kind": "service_platform", "profile": "提供型式试验。"}
    store = Store(tmp_path / "s.duckdb")
    tables = {"projects": rows, "institutions": [lab]}
    store.write(
        {name: pa.Table.from_pylist(told, schema=TABLES[name].schema) for name, told in tables.items()},
        [],
        actor="test",
        note={},
    )
    found = System(store, Settings(encoder="none"))
    found.match(["services"])
    return found


def test_wishes_are_exported_with_how_they_are_known(system: System) -> None:
    told = CliRunner().invoke(main, ["wishes", "--store", str(system.store.path)])
    rows = {(row["project_id"], row["service"]): row for row in csv.DictReader(io.StringIO(told.stdout))}
    assert {project for project, _ in rows} == {"P1", "P2"}  # neither the withdrawn nor the unwilling one
    assert (rows["P1", "testing"]["how"], rows["P1", "testing"]["evidence"]) == (
        "inferred",
        "样机尚未经过第三方型式试验。",
    )
    assert (rows["P2", "testing"]["how"], rows["P2", "testing"]["evidence"]) == ("inferred", "")
    assert list_wishes(system, ["P2"]).column("project_id").to_pylist() == ["P2"]


def test_explain_marks_what_is_inferred(system: System) -> None:
    told = explain(system, "P1", "I1", ("services",))[0]
    assert [(wish["service"], wish["how"]) for wish in told["wishes"]] == [
        ("testing", "inferred"),
        ("hr", "stated"),
        ("ip", "written"),
    ]
    assert "所需服务（由原文推断）：检验检测“样机尚未经过第三方型式试验。”" in as_text(told)
    assert "wishes for (inferred): Testing and inspection" in as_text(told, "en")
    assert wish_lines([]) == []
