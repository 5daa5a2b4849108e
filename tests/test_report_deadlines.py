"""For whom a report is, when it is due, and the commands that write it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from report_built import WRITTEN, Rows, report_of
from report_market import END, FINAL, START, ZHEJIANG, market, store_of

from app.cli import main
from app.reports.awards import notice_ends, placed_awards
from app.reports.counting import value_words
from app.reports.deadlines import deadlines, keep_end, keep_written, quarter_of
from app.reports.scope import NATION, resolve_scope
from app.reports.template import read_template
from data.problem import DuijieError
from data.store import Store
from data.tables import TABLES
from data.working_days import after_working_days


@pytest.fixture(scope="module")
def rows() -> Rows:
    return market()


@pytest.fixture(scope="module")
def stored(rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Read it only; a test that writes makes its own."""
    return store_of(rows, tmp_path_factory.mktemp("report"))


def test_scopes_are_resolved_by_name() -> None:
    assert resolve_scope("") is resolve_scope("全国") is NATION
    assert [
        resolve_scope(name).kind for name in ("创客中国", "cnmaker-2022", "创客中国第七届", ZHEJIANG, "Zhejiang")
    ] == [
        "programme",
        "edition",
        "edition",
        "contest",
        "place",
    ]
    assert resolve_scope("浙江").key == "330000" and resolve_scope("浙江省宁波市").key == "330200"
    assert resolve_scope("吉林").key == "220000" and resolve_scope("吉林省吉林市").key == "220200"
    assert resolve_scope("新疆生产建设兵团").key == "660000"
    with pytest.raises(DuijieError, match=r"scope\.ambiguous"):
        resolve_scope("境外区域赛", ["x|境外区域赛", "y|境外区域赛"])
    for name in ("火星", "浙江省火星大赛", "第七届浙江"):
        with pytest.raises(DuijieError) as caught:
            resolve_scope(name)
        assert caught.value.code == "scope.unknown" and caught.value.hint


def test_a_contest_is_found_by_what_its_awards_call_it(tmp_path: Path) -> None:
    made = Store(tmp_path / "s.duckdb")
    blank: dict[str, Any] = dict.fromkeys(TABLES["awards"].names)
    told = {
        "programme": "创客中国",
        "edition": "第七届",
        "contest_kind": "区域赛",
        "award": "一等奖",
        "status": "已公布",
    }
    names = [f"{place}区域赛" for place in ("山西", "浙江", "江苏", "湖南", "湖北", "四川")]
    rows = [{**blank, **told, "project_id": f"P{at}", "contest": name} for at, name in enumerate(names)]
    projects = [
        {**dict.fromkeys(TABLES["projects"].names), "project_id": f"P{at}", "name": "甲（样例）"} for at in range(6)
    ]
    tables = {"awards": rows, "projects": projects}
    stored = {name: pa.Table.from_pylist(made_of, schema=TABLES[name].schema) for name, made_of in tables.items()}
    made.write(stored, [], actor="test", note={})
    common = ["--store", str(made.path)]
    found = run("ended", "山西区域赛", "--on", "2022-09-28", *common)
    assert found.exit_code == 0 and "山西省" in found.output
    period = ["--from", str(START), "--to", str(END), "--out", str(tmp_path / "c.docx")]
    found = run("contest", "--scope", "山西区域赛", *period, *common)
    assert found.exit_code == 0, found.output
    found = run("contest", "--scope", "山西省的区域赛", *period, *common)
    assert found.exit_code == 2 and "scope.unknown" in found.output
    hint = found.output.split("or: ")[1].strip().split("；")
    assert len(hint) == 5 and hint[0] == "山西区域赛" and set(hint) < set(names)


def test_the_words_of_a_breakdown() -> None:
    assert value_words("channel", "financing") == ("投融资对接", "Financing")


def test_quarters() -> None:
    assert quarter_of(date(2022, 12, 31)) == (date(2022, 10, 1), date(2022, 12, 31))
    assert quarter_of(date(2024, 2, 29)) == (date(2024, 1, 1), date(2024, 3, 31))
    assert quarter_of(date(2022, 6, 30)) == (date(2022, 4, 1), date(2022, 6, 30))
    assert quarter_of(date(2022, 7, 1)) == (START, END)


def test_a_summary_is_due_ten_calendar_days_after_the_contest(rows: Rows, tmp_path: Path) -> None:
    store = store_of(rows, tmp_path)
    scope = resolve_scope(ZHEJIANG)
    end = date(2022, 9, 28)

    def mine(day: date) -> Any:
        return next(one for one in deadlines(store, day) if one.scope.key == scope.key)

    assert mine(WRITTEN).state == "unknown" and mine(WRITTEN).due is None
    keep_end(store, scope, date(2022, 9, 1), actor="test")
    keep_end(store, scope, end, actor="test")  # a correction
    assert mine(WRITTEN).due == date(2022, 10, 8) == end + timedelta(days=10)
    # The week of the national day has no working days: ten working days would end later.
    assert after_working_days(end, 10) == date(2022, 10, 17)
    states = {date(2022, 9, 27): "upcoming", end: "due", WRITTEN: "due", date(2022, 10, 9): "overdue"}
    assert {day: mine(day).state for day in states} == states
    assert mine(date(2022, 10, 9)).days(date(2022, 10, 9)) == -1


def test_a_written_report_is_done_and_an_internal_draft_is_not(rows: Rows, tmp_path: Path) -> None:
    store = store_of(rows, tmp_path)
    late = END + timedelta(days=20)

    def mine() -> Any:
        return next(one for one in deadlines(store, late) if one.kind == "quarter" and one.ends == END)

    report = report_of(store)
    early = replace(report, written=END - timedelta(days=3))
    keep_written(store, early, b"x", actor="test", name="a.docx")
    keep_written(store, replace(report, internal=True), b"x", actor="test", name="a.docx")
    keep_written(store, report_of(store, resolve_scope("浙江")), b"x", actor="test", name="a.docx")
    assert mine().state == "overdue"
    digest = keep_written(store, report, b"content", actor="test", name="a.docx")
    assert (mine().state, mine().written, mine().digest) == ("done", WRITTEN, digest)
    before = next(o for o in deadlines(store, END + timedelta(days=2)) if o.kind == "quarter" and o.ends == END)
    assert before.state == "overdue"  # on that day it was not written yet
    graced = deadlines(store, END + timedelta(days=2), grace=15)
    assert next(o for o in graced if o.kind == "quarter" and o.ends == END).state == "due"


def test_the_notice_dates_the_national_final(stored: Store) -> None:
    final = next(one for one in deadlines(stored, date(2022, 11, 1)) if one.scope.zh == FINAL)
    assert (final.ends, final.due, final.provisional) == (date(2022, 10, 31), date(2022, 11, 10), True)
    assert final.state == "due"


def test_awards_are_placed_once_a_wording(stored: Store) -> None:
    frame = placed_awards(stored.view(END).awards)
    assert set(frame["level"]) == {"省", "国"} and set(frame["edition_id"]) == {"cnmaker-2022"}


def run(*args: str) -> Any:
    return CliRunner().invoke(main, ["report", *args])


def test_the_command_writes_and_tells_the_journal(rows: Rows, tmp_path: Path) -> None:
    store = store_of(rows, tmp_path)
    common = ["--store", str(store.path), "--from", str(START), "--to", str(END)]
    for name in ("a.docx", "a.xlsx"):
        found = run("quarter", *common, "--out", str(tmp_path / name))
        assert found.exit_code == 0, found.output
        assert (tmp_path / name).stat().st_size > 5000
    found = run("contest", *common, "--scope", ZHEJIANG, "--out", str(tmp_path / "c.docx"), "--language", "en")
    assert found.exit_code == 0, found.output
    written = [entry["payload"] for entry in store.journal("report")]
    assert [one["file"] for one in written] == ["a.docx", "a.xlsx", "c.docx"]
    assert all(len(one["digest"]) == 64 and one["data"] for one in written)
    assert json.dumps(written, ensure_ascii=False).count(str(tmp_path)) == 0
    found = run("proposals", *common, "--format", "json")
    first = json.loads(found.stdout)[0]
    assert run("confirm-case", first["project_id"], *common, "--by", "甲（样例）").exit_code == 0
    state = {
        one["project_id"]: one["state"] for one in json.loads(run("proposals", *common, "--format", "json").stdout)
    }
    assert state[first["project_id"]] == "confirmed" and "proposed" in state.values()
    assert run("confirm-case", first["project_id"], *common, "--by", "甲（样例）", "--take-back").exit_code == 0
    assert run("ended", ZHEJIANG, "--on", "2022-09-28", "--store", str(store.path)).exit_code == 0
    found = run("deadlines", "--store", str(store.path), "--as-of", "2022-10-20", "--fail", "--format", "json")
    lines = json.loads(found.stdout)
    assert found.exit_code == 1
    assert next(one for one in lines if one["scope"] == ZHEJIANG)["due"] == "2022-10-08"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["quarter", "--scope", "火星", "--out", "x.docx"], "scope.unknown"),
        (["quarter", "--out", "x.pdf"], "report.format"),
        (["contest", "--scope", "浙江", "--out", "x.docx"], "report.contest"),
        (["quarter", "--template", "none.toml", "--out", "x.docx"], "template.missing"),
        (["confirm-case", "P-NONE", "--by", "甲（样例）"], "growth.unproposed"),
    ],
)
def test_the_command_refuses(stored: Store, args: list[str], code: str) -> None:
    found = run(*args, "--store", str(stored.path), "--from", str(START), "--to", str(END))
    assert found.exit_code == 2 and code in found.stderr
    assert not Path("x.docx").exists()


def test_the_command_prints_its_templates(tmp_path: Path) -> None:
    found = run("template", "contest", "--language", "en")
    assert found.exit_code == 0 and read_template(found.stdout, "stdout").language == "en"
    assert (
        run(
            "quarter", "--store", str(tmp_path / "no"), "--from", "2022-01-01", "--to", "2022-03-31", "--out", "x.docx"
        ).exit_code
        == 2
    )


def test_public_notice_runs_in_working_days() -> None:
    """Five working days after 28 September 2022 end on 10 October: the first week is free, the weekend after is not."""
    cells = {"project_id": "P1", "programme": "创客中国", "edition": "2022", "contest": FINAL, "contest_kind": "总决赛"}
    told = [
        ("公示中", date(2022, 9, 28)),
        ("已公布", date(2022, 9, 28)),
        ("公示中", None),
        ("公示中", date(2099, 1, 1)),
    ]
    lines = [
        {**cells, "award": f"500强{n}", "status": status, "published_at": day} for n, (status, day) in enumerate(told)
    ]
    schema = TABLES["awards"].schema
    frame = placed_awards(pa.Table.from_pylist([dict.fromkeys(schema.names) | line for line in lines], schema=schema))
    assert notice_ends(frame) == [date(2022, 10, 10), None, None, None]
