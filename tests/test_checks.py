"""Checks: each planted breach is found and named with its sentence, clean data fails nothing, nothing raises."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planted_breaches import BREACHES, IOT, TRACK, ZHEJIANG, Row, award, final, ledger, project, right

from data.problem import Problem
from data.programmes import editions
from data.store import Store
from data.tables import PROBLEMS, TABLES
from matcher.checking import checks, run_checks, verdict_table
from matcher.ledger import read_ledger

CITY = {"edition": "2023", "contest": "长治市高新区杯", "contest_kind": "市级赛"}


def told(found: list[Problem], code: str) -> list[Problem]:
    return [problem for problem in found if problem.code == code]


def failed(found: list[Problem]) -> list[str]:
    return [problem.code for problem in found if problem.severity == "error"]


CLEAN = {
    "projects": [
        project("P1"),
        project("P2", group="创客组", applicant="乙团队", applicant_kind="maker_team", stage="lab"),
    ],
    "awards": [award("P1"), final("P1"), award("P2", award="优胜奖")],
    "ip": [right("P1"), right("P2", "ZL20220002", holder="乙团队")],
}


def test_every_rule_names_a_check_that_exists() -> None:
    assert {rule.check for edition in editions() for rule in edition.rules} <= set(checks())
    assert all(name == check.name and check.label_zh and check.label_en for name, check in checks().items())


def test_clean_data_fails_nothing() -> None:
    found = run_checks(ledger(**CLEAN))
    assert failed(found) == []
    assert {problem.code for problem in found} == {"conditions.unknown"}


@pytest.mark.parametrize(("code", "severity", "tables", "sentence"), BREACHES, ids=[breach[0] for breach in BREACHES])
def test_a_planted_breach_is_found_and_named(
    code: str, severity: str, tables: dict[str, list[Row]], sentence: str
) -> None:
    found = [problem for problem in told(run_checks(ledger(**tables)), code) if problem.severity == severity]
    assert found
    assert any(sentence in problem.message for problem in found)
    for problem in found:
        assert problem.column in TABLES[problem.table].names
        assert problem.row >= 0
        assert " / " in problem.message


def test_one_project_and_the_three_editions() -> None:
    """The same project with a regional and a track or themed contest: three notices, three verdicts."""
    tables = {
        "projects": [project("P1"), project("P2", name="另一个项目", applicant="P1科技有限公司")],
        "awards": [
            award("P1"),
            award("P1", contest=TRACK, contest_kind="赛道赛"),
            award("P2", contest=IOT, contest_kind="专题赛"),
            award("P1", edition="2021", contest="第六届浙江省赛"),
            award("P2", edition="2021", contest="第六届物联网专题赛", contest_kind="专题赛"),
            award("P1", edition="2023", contest="长治市高新区杯", contest_kind="市级赛"),
            award("P2", edition="2023", contest="长治市高新区杯", contest_kind="市级赛"),
        ],
    }
    found = run_checks(ledger(**tables), ["entries"])
    by_source = {name: [p for p in found if name in p.message] for name in ("第七届", "第六届", "长治")}
    seventh = [p for p in found if "第七届创客中国通知" in p.message]
    assert [(p.code, p.severity) for p in seventh] == [("entries.allowed", "info")]  # per project, 赛道赛 not named
    sixth = [p for p in by_source["第六届"] if p.code == "entries.repeat"]
    assert [p.severity for p in sixth] == ["error"]  # per entrant
    assert "参赛者不可重复报名参加" in sixth[0].message
    city = [p for p in by_source["长治"] if p.code == "entries.applicant"]
    assert [p.severity for p in city] == ["error"]  # one project an applicant
    assert "只能申报一个项目参赛" in city[0].message
    assert len(found) == 3


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("区域赛", ZHEJIANG), ("专题赛", IOT), ["error"]),
        (("区域赛", ZHEJIANG), ("区域赛", "湖南赛区"), ["error"]),
        (("区域赛", ZHEJIANG), ("赛道赛", TRACK), ["info"]),
        (("区域赛", ZHEJIANG), (None, "某某赛"), ["info"]),
        (("区域赛", ZHEJIANG), ("总决赛", "全国总决赛"), []),
        (("区域赛", ZHEJIANG), ("市级赛", "杭州市"), []),
    ],
)
def test_the_seventh_edition_forbids_by_project(
    first: tuple[str, str], second: tuple[str | None, str], expected: list[str]
) -> None:
    awards = [award(contest_kind=kind, contest=name) for kind, name in (first, second)]
    found = run_checks(ledger(projects=[project()], awards=awards), ["entries"])
    assert [problem.severity for problem in found] == expected


def test_two_records_of_one_project() -> None:
    pair = [project("P1", name="甲"), project("P2", name="甲", applicant="P1科技有限公司")]
    awards = [award("P1"), award("P2", contest=IOT, contest_kind="专题赛")]
    assert failed(run_checks(ledger(projects=pair, awards=awards), ["entries"])) == ["entries.repeat"]
    other = [project("P1"), project("P2")]
    alike = run_checks(ledger(projects=other, awards=awards, ip=[right("P1"), right("P2")]), ["entries"])
    assert [(p.code, p.severity) for p in alike] == [("entries.similar", "warning")]
    as_told = run_checks(ledger(projects=other, awards=awards, similar=(("P2", "P1"),)), ["entries"])
    assert [(p.code, p.severity) for p in as_told] == [("entries.similar", "warning")]
    assert run_checks(ledger(projects=other, awards=awards), ["entries"]) == []


def test_one_project_in_both_groups_of_the_city() -> None:
    pair = [project("P1", name="甲"), project("P2", name="甲", applicant="P1科技有限公司", group="创客组")]
    found = run_checks(ledger(projects=pair, awards=[award("P1", **CITY), award("P2", **CITY)]), ["entries"])
    assert failed(found) == ["entries.groups"]


def test_conditions_give_three_answers() -> None:
    found = run_checks(ledger(projects=[project(stage="pilot")], ip=[right()]), ["conditions"])
    assert [problem.severity for problem in found] == ["info"]
    for told_state in ("境内注册已知符合", "自主知识产权已知符合", "已进入市场未知", "无不良记录未知"):
        assert told_state in found[0].message
    assert "参照第七届创客中国通知" in found[0].message  # no known edition: cited by analogy
    abroad = ledger(projects=[project(country="德国")], awards=[award(contest_kind="境外区域赛", contest="国际")])
    assert failed(run_checks(abroad, ["conditions"])) == []


def test_rules_are_not_copied_back_to_2021() -> None:
    row = project(group="创客组", stage="lab")
    assert (
        run_checks(ledger(projects=[row], awards=[award(edition="2021", contest="浙江")]), ["maker", "conditions"])
        == []
    )


def test_publicity_runs_five_working_days() -> None:
    rows = {"projects": [project()], "awards": [final(status="公示中", published_at=date(2022, 9, 28)), award()]}
    running = {day: bool(told(run_checks(ledger(day, **rows)), "publicity.running"))
               for day in (date(2022, 10, 10), date(2022, 10, 11))}  # fmt: skip
    assert running == {date(2022, 10, 10): True, date(2022, 10, 11): False}


def test_verdicts_have_the_columns_of_problems() -> None:
    table = verdict_table(run_checks(ledger(projects=[project(group="创客组")])))
    assert table.schema == PROBLEMS
    assert verdict_table([]).num_rows == 0


def test_the_sample_market_is_checked_in_the_same_way_twice(sample_store: Store, sample_as_of: date) -> None:
    rows = read_ledger(sample_store, sample_as_of)
    first = run_checks(rows)
    assert first == run_checks(read_ledger(sample_store, sample_as_of))
    assert told(first, "disqualification.state")
    assert told(first, "entries.allowed")
    for problem in told(first, "disqualification.state"):
        key = sample_store.current("projects").column("project_id")[problem.row - 1].as_py()
        assert problem.message.startswith(key)


@pytest.mark.parametrize("days", [-1200, -300, -100, 0, 3000])
def test_checks_never_raise_on_any_day_of_the_sample(sample_store: Store, sample_as_of: date, days: int) -> None:
    found = run_checks(read_ledger(sample_store, sample_as_of + timedelta(days=days)))
    assert all(problem.row >= 0 for problem in found)


_DAY = st.dates(date(2005, 1, 1), date(2027, 1, 1))
_WORDS = {
    "project_id": st.sampled_from(["P1", "P2", "P3"]),
    "institution_id": st.sampled_from(["I1", "I2"]),
    "programme": st.sampled_from(["创客中国", "创新之光", "科创中国", "创客中国长治", "=甲", "，"]),
    "edition": st.sampled_from(["2021", "2022", "2023", "第七届", "七", "x"]),
    "contest": st.sampled_from([ZHEJIANG, IOT, TRACK, "长治市", "北京", "总决赛", "（", "  "]),
    "contest_kind": st.sampled_from(
        ["区域赛", "专题赛", "赛道赛", "境外区域赛", "总决赛", "市级赛", "榜单", "成果征集", "别的"]
    ),
    "award": st.sampled_from(["一等奖", "500强", "50强", "优秀成果", "新锐企业榜", "人气奖"]),
    "status": st.sampled_from(["公示中", "已公布", "有异议", "失效", "有效", "诉讼中"]),
    "group": st.sampled_from(["企业组", "创客组", "院校组"]),
    "applicant_kind": st.sampled_from(["enterprise", "maker_team", "university"]),
    "applicant": st.sampled_from(["甲科技有限公司", "乙团队", "公司", "·"]),
    "holder": st.sampled_from(["甲科技股份有限公司", "张三", "；", "某大学、乙团队"]),
    "country": st.sampled_from(["中国", "德国", "香港"]),
    "province": st.sampled_from(["浙江省", "湖南", "兵团"]),
    "state": st.sampled_from(["active", "withdrawn", "disqualified"]),
    "stage": st.sampled_from(["lab", "pilot", "market"]),
}


def _rows(table: str) -> st.SearchStrategy[list[Row]]:
    cells = {}
    for column in TABLES[table].columns:
        kind = column.kind.arrow
        if kind == pa.date32():
            value: st.SearchStrategy[Any] = _DAY
        elif kind == pa.string():
            value = _WORDS.get(column.name, st.text("甲乙=;\n1", max_size=6))
        else:
            continue
        cells[column.name] = value if column.required else st.none() | value
    return st.lists(st.fixed_dictionaries(cells), max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(_DAY, *(_rows(name) for name in ("projects", "awards", "ip", "outcomes", "judging")))
def test_checks_never_raise(
    as_of: date, projects: list[Row], awards: list[Row], ip: list[Row], outcomes: list[Row], judging: list[Row]
) -> None:
    unique = list({row["project_id"]: row for row in projects}.values())
    found = run_checks(ledger(as_of, projects=unique, awards=awards, ip=ip, outcomes=outcomes, judging=judging))
    assert verdict_table(found).schema == PROBLEMS


def test_the_command(duijie: Callable[..., Result], tmp_path: Path) -> None:
    duijie("check", code=2)
    assert not (tmp_path / "duijie.duckdb").exists()
    Path("projects.csv").write_text(
        "project_id,name,applicant,applicant_kind,group\nP1,甲,甲团队,maker_team,创客组\n", "utf-8"
    )
    duijie("import", "projects.csv")
    told_clean = duijie("check", "--as-of", "2022-12-31")
    assert list(csv.reader(io.StringIO(told_clean.stdout))) == [PROBLEMS.names]
    assert "没有违反" in told_clean.stderr
    Path("projects.csv").write_text(
        "project_id,name,applicant,applicant_kind,group\nP2,乙,乙有限公司,企业,创客组\n", "utf-8"
    )
    duijie("import", "projects.csv")
    broken = duijie("check", "--format", "csv", code=1)
    rows = list(csv.DictReader(io.StringIO(broken.stdout)))
    assert [(row["table"], row["row"], row["code"]) for row in rows] == [("projects", "2", "maker.enterprise")]
    assert "企业创新项目不得参加创客组比赛" in rows[0]["message"]
    assert "创客组 / Maker group" in broken.stderr
    duijie("check", "--as-of", "yesterday", code=2)
