"""Digests: what is told to whom, once, under which name; and what is never told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner

from app.alerts import (
    REFUSED,
    RULED_OUT,
    SUCCEEDED,
    promising,
    stale_cases,
    surprises,
)
from app.cli import main
from app.commands.alerts import named
from app.digests import MOST, digests, escape, file_name, write_digests
from app.feedback import PASSED, decide
from app.list_filters import LONGEST, from_value, narrow, not_understood
from app.lists import list_matches
from app.new_matches import NewMatches, keep_told, new_matches
from app.reports.facts import read_facts
from app.reports.growth import confirm, propose
from app.reports.scope import NATION
from app.saved_searches import Kept, SavedSearch, forget_search, kept_searches, save_search, saved_searches
from app.system import System
from data.followup_entry import set_followup
from data.intake import Intake
from data.problem import DuijieError
from data.sample.generator import AS_OF
from data.store import Store
from data.tables import OUTCOMES, PROJECTS
from matcher.settings import Settings

RUN_DAY = date(2022, 6, 1)
Told = Callable[..., list[NewMatches]]


@pytest.fixture(scope="module")
def matched(sample_intake: Intake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty projects of the sample without any past event, matched for financing in June."""
    path = tmp_path_factory.mktemp("alerts") / "m.duckdb"
    tables = {**sample_intake.tables, "projects": sample_intake.tables["projects"].slice(0, 80)}
    rows = [
        {
            **row,
            "consent": ["financing"],
            "confidentiality": "public",
            "listed_at": date(2022, 1, 1),
            "updated_at": None,
        }
        for row in tables["projects"].to_pylist()
    ]
    tables["projects"] = pa.Table.from_pylist(rows, schema=PROJECTS.schema)
    tables["awards"] = tables["awards"].slice(0, 0)
    tables["outcomes"] = tables["outcomes"].slice(0, 0)
    Store(path).write(tables, [], actor="test", note={})
    System(Store(path), Settings(encoder="none", top=8)).match(["financing"], RUN_DAY)
    return path


@pytest.fixture
def system(matched: Path, tmp_path: Path) -> System:
    """A copy that a test may write to; the runs are shared, and only read."""
    copy = tmp_path / "m.duckdb"
    copy.write_bytes(matched.read_bytes())
    (tmp_path / "m.duckdb.runs").symlink_to(matched.with_name("m.duckdb.runs"))
    return System(Store(copy), Settings(encoder="none", top=8))


def busiest(system: System) -> str:
    rows = list_matches(system, "financing", "institutions", consented_only=True).to_pylist()
    counts = pd.Series([row["institution_id"] for row in rows]).value_counts()
    return str(counts.index[0])


def listed(system: System, institution: str) -> list[str]:
    rows = list_matches(system, "financing", "institutions", [institution], consented_only=True).to_pylist()
    return [row["project_id"] for row in rows]


def save(system: System, institution: str, name: str = "全部", **filters: object) -> None:
    value = json.dumps(filters, ensure_ascii=False) if filters else ""
    save_search(system.store, institution, "financing", SavedSearch(name, "list", value), actor="x")


def change(system: System, project: str, **cells: object) -> None:
    rows = {row["project_id"]: row for row in system.store.current("projects").to_pylist()}
    table = pa.Table.from_pylist([{**rows[project], **cells}], schema=PROJECTS.schema)
    system.store.write({"projects": table}, [], actor="test", note={})


def ids(found: list[NewMatches]) -> list[list[str]]:
    return [[row["project_id"] for row in one.rows] for one in found]


def event(project: str, institution: str, name: str, at: date, **more: object) -> dict[str, object]:
    told = {"project_id": project, "institution_id": institution, "channel": "financing", "event": name, "at": at}
    return {**dict.fromkeys(OUTCOMES.names), **told, **more}


def record(system: System, *rows: dict[str, object]) -> None:
    system.store.record(pa.Table.from_pylist(list(rows), schema=OUTCOMES.schema), actor="test")


# Saved searches


def test_a_match_is_told_once_for_every_search(system: System) -> None:
    institution = busiest(system)
    save(system, institution)
    found = new_matches(system, AS_OF)
    assert ids(found) == [listed(system, institution)]
    assert [row["rank"] for row in found[0].rows] == list(range(1, len(found[0].rows) + 1))
    keep_told(system.store, found, actor="x")
    assert new_matches(system, AS_OF) == []
    save(system, institution, "另一个")
    assert [one.kept.search.name for one in new_matches(system, AS_OF)] == ["另一个"]
    forget_search(system.store, institution, "financing", SavedSearch("另一个", "list", ""), actor="x")
    assert new_matches(system, AS_OF) == []


def test_what_may_not_be_seen_is_not_told(system: System) -> None:
    institution = busiest(system)
    save(system, institution)
    shown = listed(system, institution)
    closed, withdrawn, refused, unasked, passed, teaser = shown[:6]
    change(system, closed, confidentiality="closed")
    change(system, withdrawn, state="withdrawn")
    change(system, refused, consent=["none"])
    change(system, unasked, consent=None)
    secret = next(row for row in system.store.current("projects").to_pylist() if row["project_id"] == teaser)
    change(system, teaser, confidentiality="teaser")
    decide(system.store, passed, institution, "financing", PASSED, actor="x", today=AS_OF, reason="sector")
    (found,) = new_matches(system, AS_OF)
    assert [row["project_id"] for row in found.rows] == [key for key in shown if key in shown[5:]]
    row = found.rows[0]
    assert row["project_id"] == teaser
    files = digests(AS_OF, [found], EMPTY_STALE, EMPTY_ODD, [], {})
    text = "".join(one.text for one in files)
    assert secret["name"] not in text and secret["applicant"] not in text
    assert "匿名项目" in text


def test_filters_are_applied_and_unknown_ones_are_named() -> None:
    rows = pd.DataFrame(
        [
            {"id": "A", "text": "甲 新材料", "sectors": ["新材料"], "province": "浙江", "score": 2.0, "stage": "lab"},
            {"id": "B", "text": "乙 医疗", "sectors": ["医疗"], "province": "山东", "score": 1.0, "stage": ""},
        ]
    ).assign(status="recommended", award=["国", ""], branches=[["S1", "S2"], []])

    def kept(**filters: object) -> tuple[str, tuple[str, ...]]:
        value = json.dumps(filters, ensure_ascii=False)
        return "".join(narrow(rows, from_value(value))["id"]), not_understood(value)

    assert kept() == ("AB", ())
    assert kept(text="乙 医疗") == ("B", ())
    assert kept(sector="材料") == ("A", ())
    assert kept(province=["山东"]) == ("B", ())
    assert kept(stage=["lab"], least=1.5) == ("A", ())
    assert kept(award=["国"]) == kept(branches=["S2", "S9"]) == ("A", ())
    assert kept(colour=["red"], ineligible=True) == ("AB", ("colour",))
    for broken in ("not json", "[1]", "[" * 100_000, '{"text":"' + "x" * LONGEST + '"}'):
        assert not_understood(broken) == ("?",) and len(narrow(rows, from_value(broken))) == 2
    assert not_understood("") == ()


def test_an_entry_of_another_shape_is_passed_over(system: System) -> None:
    system.store.append("x", "search.saved", {"user": "somebody", "filters": {}})
    system.store.append("x", "digest", {"projects": ["P"]})
    assert kept_searches(system.store) == []


def test_a_renamed_search_is_not_told_anew_and_a_new_one_of_the_old_name_is(system: System) -> None:
    institution = busiest(system)
    save(system, institution, "旧名")
    keep_told(system.store, new_matches(system, AS_OF), actor="x")
    save_search(system.store, institution, "financing", SavedSearch("新名", "list", ""), actor="x", was="旧名")
    assert [one.name for one in saved_searches(system.store, institution, "financing")] == ["新名"]
    assert new_matches(system, AS_OF) == []
    save(system, institution, "旧名")
    assert [one.kept.search.name for one in new_matches(system, AS_OF)] == ["旧名"]
    for was, name, code in (("旧名", "新名", "search.taken"), ("没有", "其他", "search.unknown")):
        with pytest.raises(DuijieError) as error:
            save_search(system.store, institution, "financing", SavedSearch(name, "list", ""), actor="x", was=was)
        assert error.value.code == code
    assert len(saved_searches(system.store, institution, "financing")) == 2


def test_a_search_that_was_taken_out_of_digests_is_not_told(system: System) -> None:
    institution = busiest(system)
    save(system, institution)
    quiet = SavedSearch("全部", "list", "", digest=False)
    save_search(system.store, institution, "financing", quiet, actor="x")
    assert saved_searches(system.store, institution, "financing") == [quiet]
    assert new_matches(system, AS_OF) == []
    save(system, institution)
    assert ids(new_matches(system, AS_OF)) == [listed(system, institution)]


def test_passed_projects_of_one_institution_are_told_to_the_others(system: System) -> None:
    first, *_ = listed(system, busiest(system))
    rows = list_matches(system, "financing", "institutions", consented_only=True).to_pylist()
    one, other = sorted({row["institution_id"] for row in rows if row["project_id"] == first})[:2]
    for institution in (one, other):
        save(system, institution)
    decide(system.store, first, one, "financing", PASSED, actor="x", today=AS_OF, reason="sector")
    told = {
        found.kept.institution_id: [row["project_id"] for row in found.rows] for found in new_matches(system, AS_OF)
    }
    assert first not in told[one] and first in told[other]


# Stale cases and surprises


def test_cases_go_stale_by_silence_or_a_missed_call(system: System) -> None:
    institution = busiest(system)
    first, second, third = system.store.current("projects").column("project_id").to_pylist()[:3]
    record(
        system,
        event(first, institution, "introduced", date(2022, 1, 1)),
        event(second, institution, "introduced", date(2022, 1, 1)),
        event(second, institution, "met", date(2022, 3, 31)),
        event(third, institution, "introduced", date(2022, 1, 1)),
        event(third, institution, "declined", date(2022, 1, 9)),
    )
    found = stale_cases(system.store, date(2022, 4, 2))
    assert found["project_id"].tolist() == [first]
    assert found[["state", "overdue_days", "quiet_days"]].iloc[0].tolist() == ["not_called", 60, 91]
    found = stale_cases(system.store, date(2022, 6, 1), quiet=60).set_index("project_id")
    assert found.loc[second, "state"] == "scheduled" and found.loc[second, "quiet_days"] == 62
    assert second not in stale_cases(system.store, date(2022, 6, 1), quiet=62)["project_id"].tolist()


def pairs(system: System) -> dict[str, tuple[str, str]]:
    """Pairs of the run: one ranked first, one ruled out, one off the list."""
    table = system.run_of("financing").table("matches_financing").to_pylist()
    first = next(row for row in table if row["rank_for_project"] == 1)
    out = next(row for row in table if row["status"] == "ineligible" and "contact" not in row["rule"].split(";"))
    known = {(row["project_id"], row["institution_id"]) for row in table}
    institutions = sorted({row["institution_id"] for row in table})
    project = next(row["project_id"] for row in table if row["rank_for_project"] == 2)
    off = next((project, one) for one in institutions if (project, one) not in known)
    return {
        "first": (first["project_id"], first["institution_id"]),
        "out": (out["project_id"], out["institution_id"]),
        "off": off,
    }


def test_outcomes_against_the_prediction_are_found_and_others_are_not(system: System) -> None:
    chosen = pairs(system)
    begin, end = RUN_DAY + timedelta(days=3), RUN_DAY + timedelta(days=40)
    for pair, name in ((chosen["first"], "declined"), (chosen["out"], "delivered"), (chosen["off"], "delivered")):
        record(system, event(*pair, "introduced", begin), event(*pair, name, end))
    found = surprises(system.store, end + timedelta(days=5))
    told = {(row["project_id"], row["institution_id"]): row for row in found.to_dict("records")}
    assert {pair: row["what"] for pair, row in told.items()} == {
        chosen["first"]: REFUSED,
        chosen["out"]: RULED_OUT,
        chosen["off"]: SUCCEEDED,
    }
    assert told[chosen["first"]]["rank"] == 1 and told[chosen["out"]]["rule"]
    assert surprises(system.store, end + timedelta(days=31)).empty  # told for a month
    assert surprises(system.store, end - timedelta(days=1)).empty  # not known before


def test_an_expected_outcome_and_one_before_every_run_are_no_surprise(system: System) -> None:
    chosen = pairs(system)
    late, end = RUN_DAY + timedelta(days=3), RUN_DAY + timedelta(days=40)
    record(system, event(*chosen["first"], "introduced", late), event(*chosen["first"], "delivered", end))
    record(system, event(*chosen["out"], "introduced", late), event(*chosen["out"], "declined", end))
    early = RUN_DAY - timedelta(days=1)
    record(system, event(*chosen["off"], "introduced", early), event(*chosen["off"], "delivered", end))
    assert surprises(system.store, end).empty


def test_projects_that_are_let_go_are_in_no_digest(system: System) -> None:
    chosen = pairs(system)
    begin, end = RUN_DAY + timedelta(days=3), RUN_DAY + timedelta(days=40)
    record(system, event(*chosen["first"], "introduced", begin), event(*chosen["first"], "declined", end))
    record(system, event(*chosen["off"], "introduced", begin))
    day = end + timedelta(days=5)
    odd = surprises(system.store, day)
    assert len(named(system.store, odd, day)) == len(stale_cases(system.store, day)) == 1
    for project, _ in (chosen["first"], chosen["off"]):
        change(system, project, state="disqualified")
    assert named(system.store, odd, day).empty and stale_cases(system.store, day).empty


def test_good_projects_wait_for_a_person(system: System) -> None:
    day = date(2022, 8, 1)
    found = {one.project_id: one for one in promising(system.store, day)}
    assert found
    key = next(key for key, one in found.items() if len(one.criteria) == 1)
    case = next(
        case for case in propose(read_facts(system.store, NATION, date(2022, 7, 1), day)) if case.project_id == key
    )
    confirm(system.store, case, by="甲（样例）", actor="x", on=day)
    assert set(found) - {one.project_id for one in promising(system.store, day)} == {key}
    other = next(name for name in found if name != key)
    named = next(row["name"] for row in system.store.current("projects").to_pylist() if row["project_id"] == other)
    assert found[other].name == named
    change(system, other, confidentiality="teaser")
    again = {one.project_id: one.name for one in promising(system.store, day)}
    assert again[other].startswith("匿名项目")
    for number, gone in enumerate(({"state": "withdrawn"}, {"confidentiality": "closed"}, {"consent": ["none"]})):
        left = sorted(again)[number]
        change(system, left, **gone)
        assert left not in {one.project_id for one in promising(system.store, day)}
    again = {one.project_id: one.name for one in promising(system.store, day)}
    (organizer,) = digests(AS_OF, [], EMPTY_STALE, EMPTY_ODD, [], {}, promising(system.store, day))
    assert organizer.text.count("模式新 / new model") == len(again)


# Files

EMPTY_STALE = pd.DataFrame(columns=["owner", "project_id"])
EMPTY_ODD = pd.DataFrame(columns=["owner", "project_id"])


def test_texts_of_people_are_no_markup_and_names_no_paths(tmp_path: Path) -> None:
    hostile = "[点我](https://example.com) <img src=x> `rm` **粗**\n# 标题 www.example.com | $x$ a@example.com"
    shown = escape(hostile)
    assert "\n" not in shown
    for mark in "[]<>`*#|$@:":
        assert f"\\{mark}" in shown or mark not in hostile
        assert mark not in shown.replace(f"\\{mark}", "")
    assert "www\\.example" in shown
    name = file_name("owner", "../../etc/passwd")
    assert "/" not in name and ".." not in name and name != file_name("owner", "etcpasswd")
    kept = Kept("../I", "financing", SavedSearch(hostile, "list", ""))
    row = {"project_id": "P", "name": hostile, "rank": 1, "sectors": ["[x](y)"], "province": "浙江"}
    files = digests(AS_OF, [NewMatches(kept, [row], ("award",))], EMPTY_STALE, EMPTY_ODD, [], {"../I": hostile})
    write_digests(files, tmp_path / "out")
    assert {path.parent for path in tmp_path.rglob("*.md")} == {tmp_path / "out"}
    text = files[0].text
    assert "award" in text
    assert not re.search(r"(?<!\\)[\[\]<>`*|$]", text)  # all of them escaped
    assert [line for line in text.splitlines() if line.startswith("# ")] == [text.splitlines()[0]]


def test_the_command_writes_a_file_for_every_user(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = system.store.path.parent
    (folder / "duijie.toml").write_text('encoder = "none"\n')
    monkeypatch.chdir(folder)
    institution = busiest(system)
    save(system, institution)
    project = listed(system, institution)[0]
    record(system, event(project, institution, "introduced", date(2022, 7, 1)))
    case = {"project_id": project, "institution_id": institution, "channel": "financing"}
    set_followup(system.store, case, actor="x", today=date(2022, 7, 2), owner="甲科（样例）")

    def run(*words: str) -> str:
        result = CliRunner().invoke(main, ["alerts", "--store", "m.duckdb", "--as-of", "2022-12-20", *words])
        assert result.exit_code == 0, result.output
        return result.stderr

    assert "0 个新匹配" not in run("--out", "one", "--preview")
    assert "0 个新匹配" not in run("--out", "two")
    assert "0 个新匹配" in run("--out", "three")
    files = {path.name.split("-")[0]: path.read_text("utf-8") for path in (folder / "two").iterdir()}
    assert set(files) == {"institution", "owner", "organizer.md"}
    assert "未回访" in files["owner"] and project in files["owner"]
    assert "2022-12-31 赛事专报" in files["organizer.md"] and "还有 11 天" in files["organizer.md"]
    assert "未回访" not in files["institution"] and "新匹配" in files["institution"]
    assert {path.name for path in (folder / "three").iterdir()} < {path.name for path in (folder / "two").iterdir()}


def test_a_long_section_ends_with_how_many_more() -> None:
    columns = {"owner": "", "project_id": "P", "institution_id": "I", "project": "甲", "institution": "乙"}
    columns |= {"channel": "financing", "state": "not_called", "overdue_days": 3, "rung": "met", "quiet_days": 90}
    stale = pd.DataFrame([{**columns, "last_at": pd.Timestamp(2022, 1, 1)}] * (MOST + 7))
    (organizer,) = digests(AS_OF, [], stale, EMPTY_ODD, [], {})
    assert organizer.text.count("逾期 3 天") == MOST and "7 more" in organizer.text
