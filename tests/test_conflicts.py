"""Conflicts of interest: all that are planted are found, none is recommended unless confirmed, and then it is told."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

from app.cli import main
from app.explaining import as_text, explain
from app.lists import list_matches, list_reasons
from app.system import System
from app.wording import story, words
from data.conflicts import CONFIRM, KINDS, confirm_entry, conflicts_of, disclosed
from data.merging import MERGE
from data.names import firm_core, organisation_cores
from data.problem import DuijieError
from data.store import Store
from data.tables import TABLES
from matcher.channel import channels
from matcher.checking import run_checks
from matcher.ledger import read_ledger
from matcher.settings import Settings

TODAY = date.today()
CITY = {"programme": "创客中国", "edition": "2023", "award": "一等奖", "status": "已公布"}
CITY |= {"contest": "2023年“创客中国”长治市“高新区杯”中小企业创新创业大赛"}
TRACK = {"programme": "创客中国", "edition": "2022", "award": "一等奖", "status": "已公布", "contest_kind": "赛道赛"}
TRACK |= {"contest": "第七届“创客中国”智能家居产业链赛道赛（海尔智家）"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("长治高新技术产业开发区管理委员会", "长治高新区管委会", True),
        ("清控创新基地（长治高新区）（样例）", "长治高新技术产业开发区管理委员会", True),
        ("长治国家高新技术产业开发区（样例）", "长治高新区", True),
        ("甲乙科技有限公司（样例）", "甲乙科技股份有限公司", True),
        ("甲乙丙集团股份有限公司", "甲乙丙集团", True),
        ("甲乙集团", "甲乙集团（样例）", True),
        ("甲乙集团", "甲乙公司", False),
        ("Skylark Tech Co., Ltd.", "ＳＫＹＬＡＲＫ　ＴＥＣＨ", True),
        ("甲乙科技有限公司（样例）", "丙丁科技有限公司（样例）", False),
        ("甲乙科技（上海市）", "丙丁孵化器（上海市）", False),
        ("太原高新技术产业开发区", "长治高新技术产业开发区", False),
    ],
)
def test_one_organisation_under_two_names(one: str, other: str, same: bool) -> None:
    assert bool(organisation_cores(one) & organisation_cores(other)) is same


def test_a_firm_is_one_in_whatever_legal_form() -> None:
    assert (
        firm_core("甲科技有限公司")
        == firm_core("甲科技股份有限公司")
        == firm_core("甲科技集团有限责任公司")
        == "甲科技"
    )
    assert firm_core(None) == firm_core("") == ""


def stored(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=TABLES[name].schema)


def planted(seed: int, count: int = 60) -> tuple[dict[str, pa.Table], list[dict[str, str]], set[tuple[str, str, str]]]:
    """Tables with ``count`` conflicts of every kind among as many pairs without one, and which pairs they are."""
    rng = random.Random(seed)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ("projects", "institutions", "awards", "judging")}
    extras: list[dict[str, str]] = []
    truth: set[tuple[str, str, str]] = set()
    rows["institutions"] += [
        {"institution_id": "HOST", "name": "清控创新基地（长治高新区）（样例）", "kind": "incubator"},
        {"institution_id": "ZONE", "name": "长治高新区管委会（样例）", "kind": "zone"},
        {"institution_id": "LEAD", "name": "海尔智家股份有限公司（样例）", "kind": "lead_enterprise"},
    ]
    for number in range(count):
        project, institution = f"P{number:03d}", f"I{number:03d}"
        kind = KINDS[number % len(KINDS)]
        name = f"第{number:03d}号机构科技有限公司（样例）"
        rows["institutions"].append({"institution_id": institution, "name": name, "kind": "venture_capital"})
        row = {
            "project_id": project,
            "name": f"项目{number}（样例）",
            "applicant": f"第{number:03d}号企业有限公司（样例）",
        }
        if kind == "owner":
            row["applicant"] = rng.choice(
                [name, name.replace("（样例）", ""), name.replace("有限公司", "股份有限公司")]
            )
        elif kind == "judge":
            rows["judging"].append(
                {"institution_id": institution, "project_id": project, "edition": "2023", "at": date(2023, 9, 1)}
            )
        elif kind == "recommender":
            extras.append({"project_id": project, "推荐单位": rng.choice([name, f"某协会、{name}"]), "备注": name})
        else:
            hosts, award = rng.choice([(("HOST", "ZONE"), CITY), (("LEAD",), TRACK)])
            rows["awards"].append({"project_id": project, **award})
            truth |= {(project, host, "host") for host in hosts}
        rows["projects"].append(row)
        if kind != "host":
            truth.add((project, institution, kind))
    return {name: stored(name, told) for name, told in rows.items()}, extras, truth


@pytest.mark.parametrize("seed", range(4))
def test_all_planted_conflicts_are_found_and_no_other(seed: int) -> None:
    tables, extras, truth = planted(seed)
    found = conflicts_of(tables, extras, [], {}, TODAY).to_pylist()
    assert {(row["project_id"], row["institution_id"], row["kind"]) for row in found} == truth
    assert len(truth) >= 60
    assert all(row["source"] and not row["confirmed"] for row in found)


def test_a_conflict_of_a_merged_record_is_one_of_the_project() -> None:
    tables = planted(0)[0]
    told = [{"project_id": "P900", "推荐机构": "第001号机构科技有限公司"}]
    found = conflicts_of(tables, told, [], {"P900": "P007"}, TODAY).to_pylist()
    assert ("P007", "I001", "recommender") in {(r["project_id"], r["institution_id"], r["kind"]) for r in found}


def market(folder: Path) -> System:
    """A project that every kind of institution has a conflict with, and one that none has, matched without encoder."""
    text = "碳纤维预浸料用于风电叶片。需要检验检测。"
    projects = [
        {
            "project_id": "P1",
            "name": "甲（样例）",
            "applicant": "甲乙科技有限公司（样例）",
            "summary": text,
            "consent": ["all"],
        },
        {
            "project_id": "P2",
            "name": "乙（样例）",
            "applicant": "丙丁科技有限公司（样例）",
            "summary": text,
            "consent": ["all"],
        },
    ]
    offer = {"profile": "投资碳纤维等新材料，面向风电。", "roles": ["match", "judge"], "verified": True}
    institutions = [
        offer | {"institution_id": "JUDGE", "name": "评审基金（样例）", "kind": "venture_capital"},
        offer | {"institution_id": "HOST", "name": "清控创新基地（长治高新区）（样例）", "kind": "incubator"},
        offer | {"institution_id": "RECOMMENDER", "name": "推荐服务中心（样例）", "kind": "service_platform"},
        offer | {"institution_id": "OWNER", "name": "甲乙科技股份有限公司（样例）", "kind": "lead_enterprise"},
    ]
    need = {"need_id": "N1", "institution_id": "OWNER", "title": "碳纤维预浸料", "text": "征集风电叶片用碳纤维"}
    tables = {
        "projects": stored("projects", projects),
        "institutions": stored("institutions", institutions),
        "needs": stored("needs", [need]),
        "awards": stored("awards", [{"project_id": "P1", **CITY}]),
        "judging": stored(
            "judging", [{"institution_id": "JUDGE", "project_id": "P1", "edition": "2023", "at": date(2023, 9, 1)}]
        ),
    }
    store = Store(folder / "s.duckdb")
    extras = {"projects": pa.table({"project_id": ["P1"], "推荐单位": ["推荐服务中心"]})}
    store.write(tables, [], actor="test", note={}, extras=extras)
    system = System(store, Settings(encoder="none"))
    system.match()
    return system


CASES = [
    ("financing", "JUDGE", "judge"),
    ("placement", "HOST", "host"),
    ("services", "RECOMMENDER", "recommender"),
    ("challenge", "OWNER", "owner"),
]


@pytest.fixture(scope="module")
def conflicted(tmp_path_factory: pytest.TempPathFactory) -> System:
    return market(tmp_path_factory.mktemp("conflicts"))


def rows_of(system: System, channel: str) -> dict[str, dict[str, Any]]:
    return {row["project_id"]: row for row in list_matches(system, channel, "projects", ineligible=True).to_pylist()}


@pytest.mark.parametrize(("channel", "institution", "kind"), CASES)
def test_a_pair_in_conflict_is_ineligible_and_the_rule_says_why(
    conflicted: System, channel: str, institution: str, kind: str
) -> None:
    rows = rows_of(conflicted, channel)
    assert (rows["P1"]["status"], rows["P1"]["rule"]) == ("ineligible", kind)
    assert rows["P2"]["status"] == "recommended"
    assert list_matches(conflicted, channel, "projects").column("project_id").to_pylist() == ["P2"]
    told = explain(conflicted, "P1", institution, (channel,))[0]
    assert words()[f"rule.{kind}"][0] in as_text(told)


def test_every_channel_asks_for_every_kind_but_a_host_of_its_own_challenge() -> None:
    for name, channel in channels().items():
        assert set(KINDS) - set(channel.rules) == ({"host"} if name == "challenge" else set())


@pytest.mark.parametrize(("channel", "institution", "kind"), CASES)
def test_a_confirmed_conflict_is_recommended_and_told(
    tmp_path: Path, channel: str, institution: str, kind: str
) -> None:
    system = market(tmp_path)
    before = system.run_of(channel).run_id
    arguments = ["confirm", "P1", institution, "--store", str(system.store.path), "--conflict", kind]
    told = CliRunner().invoke(main, [*arguments, "--note", "已书面告知双方（样例）"])
    assert told.exit_code == 0, told.output
    assert rows_of(system, channel)["P1"]["status"] == "ineligible"  # until the next run
    run = system.match()
    assert run.run_id != before
    assert rows_of(system, channel)["P1"]["status"] == "recommended"
    matches = list_matches(system, channel, "projects", ["P1"])
    reasons = list_reasons(system, run, channel, matches).to_pylist()
    assert reasons[0]["code"] == f"disclosed.{kind}"
    assert sum(row["weight"] for row in reasons) == pytest.approx(matches.column("score")[0].as_py(), abs=1e-9)
    assert story(reasons).con["code"] == f"disclosed.{kind}"  # type: ignore[index]
    assert words()[f"disclosed.{kind}"][0] in as_text(explain(system, "P1", institution, (channel,))[0])
    entry = system.store.journal(CONFIRM)[0]
    assert (entry["payload"]["kind"], entry["payload"]["note"]) == (kind, "已书面告知双方（样例）")
    assert CliRunner().invoke(main, [*arguments, "--note", "撤回（样例）", "--revoke"]).exit_code == 0
    system.match()
    assert rows_of(system, channel)["P1"]["status"] == "ineligible"


def test_a_confirmation_holds_from_its_day_on_and_for_its_pair_only(conflicted: System) -> None:
    conflicts = conflicted.store.view(TODAY).conflicts
    payload = confirm_entry(conflicts, "P1", "JUDGE", "judge", "已告知（样例）")
    conflicted.store.append("test", CONFIRM, payload)
    assert disclosed(conflicted.store.view(TODAY).conflicts) == {("P1", "JUDGE"): ("judge",)}
    assert disclosed(conflicted.store.view(TODAY - timedelta(days=1)).conflicts) == {}


def test_a_confirmation_survives_a_merge(tmp_path: Path) -> None:
    system = market(tmp_path)
    conflicts = system.store.view(TODAY).conflicts
    system.store.append("test", CONFIRM, confirm_entry(conflicts, "P1", "JUDGE", "judge", "已告知（样例）"))
    system.store.append("test", MERGE, {"kept": "P2", "absorbed": "P1"})
    assert disclosed(system.store.view(TODAY).conflicts) == {("P2", "JUDGE"): ("judge",)}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["P1", "JUDGE", "--conflict", "host", "--note", "甲"], "conflict.unknown"),
        (["P1", "JUDGE", "--conflict", "judge"], "conflict.note"),
        (["P1", "--conflict", "judge", "--note", "甲"], "conflict.pair"),
    ],
)
def test_a_confirmation_without_meaning_is_refused(conflicted: System, arguments: list[str], code: str) -> None:
    told = CliRunner().invoke(main, ["confirm", *arguments, "--store", str(conflicted.store.path)])
    assert told.exit_code == 2
    assert code in told.stderr


def test_the_command_lists_what_waits_for_a_person(conflicted: System) -> None:
    told = CliRunner().invoke(main, ["confirm", "P1", "--store", str(conflicted.store.path)])
    assert told.exit_code == 0
    assert [line.split(",")[2] for line in told.stdout.splitlines()[1:]] == ["host", "judge", "owner", "recommender"]


def test_check_tells_of_introductions_in_conflict(tmp_path: Path) -> None:
    system = market(tmp_path)
    met = {"project_id": "P1", "event": "introduced", "at": TODAY - timedelta(days=1)}
    pairs = [met | {"institution_id": institution, "channel": channel} for channel, institution, _ in CASES]
    system.store.write({"outcomes": stored("outcomes", pairs)}, [], actor="test", note={})
    found = run_checks(read_ledger(system.store, TODAY), ["judging"])
    assert [problem.code for problem in found] == ["judging.conflict"] * 4
    conflicts = system.store.view(TODAY).conflicts
    system.store.append("test", CONFIRM, confirm_entry(conflicts, "P1", "JUDGE", "judge", "已告知（样例）"))
    found = run_checks(read_ledger(system.store, TODAY), ["judging"])
    assert [problem.code for problem in found] == ["judging.conflict"] * 3 + ["judging.confirmed"]


def test_a_meaningless_confirmation_is_refused_in_the_library() -> None:
    with pytest.raises(DuijieError, match=r"conflict\.unknown"):
        confirm_entry(conflicts_of(*planted(0)[:2], [], {}, TODAY), "P000", "I001", "judge", "甲")
