"""Outcome entry, typed reasons, call-backs and their calendar."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from app.calendar import calendar_of, changes_of, revisions
from app.cli import main
from app.following import counted, follow_up_list, in_region
from data.declines import UNMAPPED, decline_code, decline_label
from data.entry import case_history, check_event, enter_event, events_of, retract_event
from data.followup import Plan, add_months, followups
from data.followup_entry import call_back, set_followup
from data.problem import DuijieError
from data.sample.generator import AS_OF
from data.store import Store
from data.tables import AWARDS, INSTITUTIONS, OUTCOMES, PROJECTS

BEGIN = date(2022, 1, 1)
CASE = {"project_id": "P", "institution_id": "I", "channel": "financing"}


def event(name: str, at: date, project: str = "P", **more: object) -> dict[str, object]:
    blank: dict[str, object] = dict.fromkeys(OUTCOMES.names)
    return {**blank, **CASE, "project_id": project, "event": name, "at": at, **more}


def table(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=OUTCOMES.schema)


def project(key: str, **more: object) -> dict[str, object]:
    return {**dict.fromkeys(PROJECTS.names), "project_id": key, "name": f"项目{key}（样例）", **more}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two projects and an institution; P was introduced on the first day."""
    made = Store(tmp_path / "s.duckdb")
    projects = [
        project("P", province="浙江", city="杭州", district="西湖区"),
        project("Q", province="山西", city="长治", district="上党区", confidentiality="teaser"),
    ]
    institution = {**dict.fromkeys(INSTITUTIONS.names), "institution_id": "I", "name": "甲基金（样例）", "kind": "bank"}
    tables = {
        "projects": pa.Table.from_pylist(projects, schema=PROJECTS.schema),
        "institutions": pa.Table.from_pylist([institution], schema=INSTITUTIONS.schema),
        "outcomes": table(event("introduced", BEGIN)),
    }
    made.write(tables, [], actor="test", note={})
    return made


# Typed reasons


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("方向不符", "sector"),
        ("单笔规模不符", "amount"),
        ("估值没有问题，但项目偏早期", "stage"),
        ("我们觉得估值过高", "valuation"),
        ("不是估值过高", UNMAPPED),
        ("Too early for us; come back later", "stage"),
        ("需求已解决", "no_need"),
        ("他说其他项目更好", UNMAPPED),
        ("其他", "other"),
        ("  ", ""),
        (None, ""),
    ],
)
def test_a_typed_reason_has_the_code_of_what_it_says(text: str | None, code: str) -> None:
    assert decline_code(text) == code


def test_every_reason_of_the_sample_market_is_mapped(sample_store: Store) -> None:
    reasons = {row["reason"] for row in sample_store.current("outcomes").to_pylist() if row["event"] == "declined"}
    assert len(reasons) > 4
    assert not {reason for reason in reasons if decline_code(reason) == UNMAPPED}
    assert decline_label(UNMAPPED) == "未归类"


# Entering an event


def test_an_event_is_entered_by_its_names_and_kept_once(store: Store) -> None:
    cells = {**CASE, "channel": "融资", "event": "会面", "at": "2022-02-03", "amount": "500万元", "round": "A轮"}
    entry = enter_event(store, cells, actor="me", today=AS_OF)
    assert (entry.added, entry.problems) == (True, ())
    kept = entry.rows.to_pylist()[0]
    assert (kept["event"], kept["amount"], kept["round"]) == ("met", 5e6, "a")
    again = enter_event(store, cells, actor="me", today=AS_OF)
    assert again.accepted and not again.added and not again.changed
    assert store.current("outcomes").num_rows == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"project_id": "X"}, "id.unknown"),
        ({"institution_id": "X"}, "id.unknown"),
        ({"at": "2022-03-02"}, "date.future"),
        ({"at": "yesterday"}, "cell.missing"),
        ({"event": "烧香"}, "code.unknown"),
        ({"channel": "彩票"}, "code.unknown"),
    ],
)
def test_an_event_that_cannot_be_is_refused(store: Store, changes: dict[str, str], code: str) -> None:
    cells = {**CASE, "event": "met", "at": "2022-02-03", **changes}
    entry = enter_event(store, cells, actor="me", today=date(2022, 3, 1))
    assert code in [problem.code for problem in entry.problems if problem.severity == "error"]
    assert not entry.accepted
    assert store.current("outcomes").num_rows == 1


def test_what_is_odd_is_kept_with_a_warning(store: Store) -> None:
    def told(**cells: str) -> list[str]:
        entry = enter_event(store, {**CASE, **cells}, actor="me", today=AS_OF)
        assert entry.accepted
        return [problem.code for problem in entry.problems]

    assert told(event="accepted", at="2021-12-31") == ["outcome.early"]
    assert told(event="introduced", at="2021-12-30") == []
    assert told(event="declined", at="2022-02-01", reason="说不清") == ["reason.unmapped"]
    assert told(event="met", at="2022-03-01") == ["outcome.reopened"]
    assert check_event(store, {**CASE, "event": "met", "at": "2022-01-20"}, AS_OF).problems == ()


def test_the_history_of_a_case_shows_what_was_taken_back(store: Store) -> None:
    for at in ("2022-02-01", "2022-02-05"):
        enter_event(store, {**CASE, "event": "met", "at": at}, actor="me", today=AS_OF)
    with pytest.raises(DuijieError, match="several dates"):
        retract_event(store, {**CASE, "event": "met"}, actor="me", reason="误记")
    retract_event(store, {**CASE, "event": "met"}, actor="me", reason="误记", at=date(2022, 2, 1))
    history = case_history(store, CASE)
    assert [(row["action"], row["at"].day, row["stands"]) for row in history] == [
        ("imported", 1, True),
        ("entered", 1, False),
        ("entered", 5, True),
        ("retracted", 1, False),
    ]
    assert (history[-1]["note"], history[-1]["reason"]) == ("误记", None)
    enter_event(store, {**CASE, "event": "met", "at": "2022-02-01"}, actor="me", today=AS_OF)
    assert case_history(store, CASE)[-1]["stands"]
    with pytest.raises(DuijieError, match="no such event"):
        retract_event(store, {**CASE, "event": "signed"}, actor="me", reason="误记")
    with pytest.raises(DuijieError, match="needs a reason"):
        retract_event(store, {**CASE, "event": "met"}, actor="me", reason=" ")


def test_a_case_is_read_without_the_others(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = [{**event("met", BEGIN), "institution_id": "J"}, {**event("met", BEGIN), "channel": "services"}]
    store.record(table(event("met", BEGIN, "Q"), *elsewhere), actor="me")
    enter_event(store, {**CASE, "event": "met", "at": "2022-02-01"}, actor="me", today=AS_OF)
    enter_event(store, {**CASE, "event": "accepted", "at": "2022-02-02"}, actor="me", today=AS_OF)
    retract_event(store, {**CASE, "event": "met"}, actor="me", reason="误记")
    every, history = store.current("outcomes"), case_history(store, CASE)
    assert every.num_rows == 5 and events_of(store.events(CASE), CASE) == events_of(every, CASE)
    assert store.events(CASE).num_rows == 2 and store.events(CASE).schema == every.schema
    both = store.events(CASE, [CASE["project_id"], "Q"])
    assert both.num_rows == 3 and set(both.column("project_id").to_pylist()) == {CASE["project_id"], "Q"}
    monkeypatch.setattr(Store, "current", lambda *_: pytest.fail("reads a whole table"))
    assert case_history(store, CASE) == history
    enter_event(store, {**CASE, "event": "met", "at": "2022-02-03"}, actor="me", today=AS_OF)
    retract_event(store, {**CASE, "event": "met"}, actor="me", reason="误记")


# Months and plans


@settings(deadline=None)
@given(st.dates(date(1990, 1, 1), date(2080, 1, 1)), st.integers(1, 36))
def test_months_are_calendar_months(day: date, months: int) -> None:
    later = add_months(np.array([day], "datetime64[D]"), months)
    assert later.tolist() == [day + relativedelta(months=months)]


def test_the_end_of_january_and_a_month_is_the_end_of_february() -> None:
    rows = table(event("introduced", date(2022, 1, 31)), event("introduced", date(2024, 1, 31), "Q"))
    due = followups(rows, [], date(2024, 2, 1)).set_index("project_id")["due"]
    assert due["P"] == pd.Timestamp("2022-02-28")
    assert due["Q"] == pd.Timestamp("2024-02-29")


@pytest.mark.parametrize("months", [(), (0, 1), (3, 1), (1, 1)])
def test_a_plan_that_does_not_rise_is_refused(months: tuple[int, ...]) -> None:
    with pytest.raises(DuijieError, match=r"followup\.plan"):
        Plan(months)


def call(on: date, result: str = "contacted", seq: int = 1, **more: object) -> dict[str, object]:
    return {"seq": seq, "payload": {"kind": "called", **CASE, "on": on.isoformat(), "result": result, **more}}


def due_after(as_of: date, *contacts: date, rows: tuple[dict[str, object], ...] = (), plan: Plan | None = None) -> date:
    entries = [call(day, seq=number) for number, day in enumerate(contacts)]
    due: pd.Timestamp = followups(table(event("introduced", BEGIN), *rows), entries, as_of, plan).iloc[0]["due"]
    return due.date()


def test_a_contact_answers_what_was_due_and_what_was_due_soon() -> None:
    end = date(2024, 6, 1)
    assert due_after(end) == date(2022, 2, 1)
    assert due_after(end, date(2022, 1, 20)) == date(2022, 4, 1)
    assert due_after(end, date(2022, 1, 9)) == date(2022, 2, 1)  # nearer to the introduction
    assert due_after(end, date(2022, 1, 20), date(2022, 1, 25)) == date(2022, 4, 1)
    assert due_after(end, date(2022, 2, 1)) == date(2022, 4, 1)
    assert due_after(end, date(2022, 2, 20)) == date(2022, 4, 1)  # a late call does not answer the next one
    assert due_after(end, date(2022, 2, 20), date(2022, 3, 20)) == date(2022, 7, 1)
    assert due_after(end, date(2022, 8, 1)) == date(2023, 1, 1)  # one call answers all that were due
    assert due_after(end, date(2022, 12, 3)) == date(2024, 1, 1)
    assert due_after(end, date(2023, 10, 1)) == date(2024, 1, 1)  # three months are too early
    assert due_after(end, rows=(event("met", date(2022, 1, 20)),)) == date(2022, 4, 1)
    assert due_after(date(2022, 1, 19), rows=(event("met", date(2022, 1, 20)),)) == date(2022, 2, 1)
    assert due_after(end, date(2022, 3, 3), plan=Plan((1, 2), "contact")) == date(2022, 4, 3)


def one_plan(contacts: list[int]) -> int:
    """The rule spelt out for one case: how many of the call-backs at 1, 3, 6, 12, 24 months are answered."""
    dates = [BEGIN, *(BEGIN + relativedelta(months=months) for months in (1, 3, 6, 12, 24))]
    answered = 0
    for before, due in pairwise(dates):
        early = min(timedelta(days=30), (due - before) / 2)
        days = [datetime.combine(BEGIN + timedelta(days=contact), time()) for contact in contacts]
        answered += any(day > datetime.combine(due, time()) - early for day in days)
    return answered


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.integers(1, 900), max_size=7, unique=True), min_size=1, max_size=6))
def test_many_cases_at_once_give_what_each_gives_alone(cases: list[list[int]]) -> None:
    rows = table(*(event("introduced", BEGIN, f"P{number}") for number in range(len(cases))))
    entries = [
        {
            **call(BEGIN + timedelta(days=day)),
            "payload": {**call(BEGIN + timedelta(days=day))["payload"], "project_id": f"P{n}"},
        }  # type: ignore[dict-item]
        for n, days in enumerate(cases)
        for day in days
    ]
    found = followups(rows, entries, BEGIN + timedelta(days=1000))
    dates = [BEGIN + relativedelta(months=months) for months in (1, 3, 6, 12, 24)]
    for days, due in zip(cases, found["due"], strict=True):
        answered = one_plan(days)
        assert (None if pd.isna(due) else due.date()) == (dates[answered] if answered < 5 else None)


def test_past_due_is_a_state_of_its_own_and_leaves_the_case_open() -> None:
    rows = table(event("introduced", BEGIN))
    row = followups(rows, [call(date(2022, 2, 3), "not_reached")], date(2022, 2, 11)).iloc[0]
    assert (row["state"], row["case_state"], row["overdue_days"], row["attempts"]) == ("not_called", "open", 10, 1)
    assert followups(rows, [], date(2022, 2, 1)).iloc[0]["state"] == "scheduled"
    ended = table(event("introduced", BEGIN), event("declined", date(2022, 1, 5)))
    row = followups(ended, [], date(2024, 1, 1)).iloc[0]
    assert (row["state"], row["overdue_days"]) == ("closed", 0) and pd.isna(row["due"])


def test_a_past_deal_is_nobodys_call() -> None:
    assert followups(table(event("delivered", BEGIN)), [], AS_OF).empty
    assert followups(table(), [], AS_OF).empty


# Entries


def row_of(store: Store, as_of: date) -> pd.Series:  # type: ignore[type-arg]
    return follow_up_list(store, as_of).set_index("project_id").loc["P"]


def test_a_date_of_ones_own_holds_until_the_next_contact(store: Store) -> None:
    day = date(2022, 1, 10)
    set_followup(store, CASE, actor="me", today=day, owner="省中小企业局", next_step="补充材料", due=date(2022, 1, 15))
    row = row_of(store, date(2022, 1, 12))
    assert (row["owner"], row["next_step"], row["due_from"]) == ("省中小企业局", "补充材料", "set")
    assert row["due"] == pd.Timestamp("2022-01-15")
    set_followup(store, CASE, actor="me", today=day, next_step="约见")
    row = row_of(store, date(2022, 1, 12))
    assert (row["owner"], row["next_step"]) == ("省中小企业局", "约见") and row["due_from"] == "set"
    assert row_of(store, date(2022, 1, 9))["owner"] == ""  # nobody had said so by then
    call_back(store, CASE, "contacted", actor="me", today=date(2022, 1, 10))
    row = row_of(store, date(2022, 1, 12))
    assert (row["due_from"], row["due"]) == ("plan", pd.Timestamp("2022-02-01"))
    call_back(store, CASE, "void", actor="me", today=date(2022, 1, 11), on=date(2022, 1, 10))
    assert row_of(store, date(2022, 1, 12))["due_from"] == "set"
    set_followup(store, CASE, actor="me", today=day, due="")
    assert row_of(store, date(2022, 1, 12))["due"] == pd.Timestamp("2022-02-01")
    assert [entry["payload"]["kind"] for entry in store.journal("followup")] == [
        "set",
        "set",
        "called",
        "called",
        "set",
    ]


def test_entries_that_make_no_sense_are_refused(store: Store) -> None:
    day = date(2022, 1, 10)
    refused: list[tuple[str, Callable[[], None]]] = [
        ("followup.empty", lambda: set_followup(store, CASE, actor="me", today=day)),
        ("followup.due", lambda: set_followup(store, CASE, actor="me", today=day, due=date(2022, 1, 9))),
        ("followup.owner", lambda: set_followup(store, CASE, actor="me", today=day, owner="长" * 41)),
        ("case.unknown", lambda: set_followup(store, {**CASE, "project_id": "Q"}, actor="me", today=day, owner="x")),
        ("followup.on", lambda: call_back(store, CASE, "contacted", actor="me", today=day, on=date(2022, 1, 11))),
        ("followup.on", lambda: call_back(store, CASE, "contacted", actor="me", today=day, on=date(2021, 1, 11))),
        ("followup.result", lambda: call_back(store, CASE, "won", actor="me", today=day)),
    ]
    for code, act in refused:
        with pytest.raises(DuijieError) as caught:
            act()
        assert caught.value.code == code
    enter_event(store, {**CASE, "event": "declined", "at": day, "reason": "方向不符"}, actor="me", today=day)
    with pytest.raises(DuijieError, match="has ended"):
        set_followup(store, CASE, actor="me", today=day, owner="x")
    assert store.journal("followup") == []


def test_lists_by_region_down_to_the_county_and_by_owner(store: Store) -> None:
    store.record(table(event("introduced", date(2022, 1, 2), "Q")), actor="me")
    found = follow_up_list(store, date(2022, 3, 1))
    for region, ids in {
        "浙江": ["P"],
        "山西省长治市": ["Q"],
        "上党区": ["Q"],
        "长三角": ["P"],
        "杭州市西湖区": ["P"],
    }.items():
        assert in_region(found, region)["project_id"].tolist() == ids, region
    with pytest.raises(DuijieError, match=r"region\.unknown"):
        in_region(found, "亚特兰蒂斯")
    assert found.set_index("project_id")["project"]["Q"].startswith("匿名项目")
    counts = counted(found, "district").set_index("district")
    assert counts["not_called"].to_dict() == {"上党": 1, "西湖": 1}
    assert counted(found, "owner")["cases"].tolist() == [2]


# Calendar


def events_in(text: bytes) -> dict[str, dict[str, object]]:
    found = {}
    for one in Calendar.from_ical(text).walk("VEVENT"):
        days = (one["DTSTART"].dt, one["DTEND"].dt)
        found[str(one["UID"])] = {"days": days, "status": str(one["STATUS"]), "number": int(one["SEQUENCE"])}
    return found


def test_the_calendar_moves_an_event_instead_of_adding_one(store: Store) -> None:
    as_of = date(2022, 1, 10)
    first = calendar_of(follow_up_list(store, as_of), as_of, {})
    ((uid, told),) = events_in(first).items()
    assert told == {"days": (date(2022, 2, 1), date(2022, 2, 2)), "status": "CONFIRMED", "number": 0}
    assert calendar_of(follow_up_list(store, as_of), as_of, {}, revisions(first)) == first
    set_followup(store, CASE, actor="me", today=as_of, due=date(2022, 1, 20))
    second = calendar_of(follow_up_list(store, as_of), as_of, {}, revisions(first))
    assert events_in(second)[uid]["number"] == 1
    assert events_in(second)[uid]["days"] == (date(2022, 1, 20), date(2022, 1, 21))
    enter_event(store, {**CASE, "event": "declined", "at": as_of, "reason": "方向不符"}, actor="me", today=as_of)
    third = calendar_of(follow_up_list(store, as_of), as_of, {}, revisions(second))
    assert events_in(third)[uid]["status"] == "CANCELLED"
    assert events_in(third)[uid]["number"] == 2
    late = as_of + timedelta(days=200)
    assert events_in(calendar_of(follow_up_list(store, late), late, {})) == {}


def test_texts_of_entrants_are_escaped_and_contact_data_is_masked(store: Store) -> None:
    name = "甲;乙,丙\\n\nEND:VEVENT\nBEGIN:VEVENT 13800138000"
    renamed = pa.Table.from_pylist([project("P", name=name)], schema=PROJECTS.schema)
    store.write({"projects": renamed}, [], actor="test", note={})
    as_of = date(2022, 1, 10)
    set_followup(store, CASE, actor="me", today=as_of, next_step="电 13900139000 联系")
    text = calendar_of(follow_up_list(store, as_of), as_of, {})
    assert b"13800138000" not in text and b"13900139000" not in text.replace(b"\r\n ", b"")
    assert text.count(b"BEGIN:VEVENT\r\n") == text.count(b"END:VEVENT\r\n") == 1
    summary = str(Calendar.from_ical(text).walk("VEVENT")[0]["SUMMARY"])
    assert "甲;乙,丙" in summary


# Commands


@pytest.fixture
def duijie(store: Store) -> Callable[..., Result]:
    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, [*words, "--store", str(store.path)])
        assert result.exit_code == code, result.output + result.stderr
        return result

    return run


def test_the_commands_tell_one_story(duijie: Callable[..., Result], tmp_path: Path) -> None:
    pair = ("P", "I", "--channel", "financing")
    told = duijie("outcome", *pair, "--event", "会面", "--at", "2022-01-20", "--amount", "500万元")
    assert "recorded" in told.stderr and "open, met" in told.stderr
    assert (
        "known already"
        in duijie("outcome", *pair, "--event", "met", "--at", "2022-01-20", "--amount", "500万元").stderr
    )
    duijie("outcome", *pair, "--event", "met", "--at", "2999-01-01", code=1)
    duijie("outcome", *pair, "--event", "astrology", code=2)
    duijie("outcome", *pair, "--event", "met", "--retract", "--reason", "误记")
    rows = list(csv.DictReader(io.StringIO(duijie("outcome", *pair, "--list").stdout)))
    assert [row["action"] for row in rows] == ["imported", "entered", "entered", "retracted"]
    assert [row["stands"] for row in rows] == ["True", "False", "False", "False"]
    duijie("followup", "set", *pair, "--owner", "乙县中小企业局", "--due", "2999-01-01", code=2)
    duijie("followup", "set", *pair, "--owner", "乙县中小企业局")
    listed = duijie("followup", "list", "--overdue", "--as-of", "2022-02-11").stdout
    row = next(csv.DictReader(io.StringIO(listed)))
    assert (row["state"], row["overdue_days"], row["due"], row["owner"]) == ("not_called", "10", "2022-02-01", "")
    told = duijie("followup", "list", "--owner", "乙县中小企业局", "--by", "owner").stdout
    assert "乙县中小企业局" in told
    out = tmp_path / "calls.ics"
    duijie("followup", "calendar", "--as-of", "2022-01-20", "--out", str(out))
    assert [one["days"][0] for one in events_in(out.read_bytes()).values()] == [date(2022, 2, 1)]  # type: ignore[index]
    duijie("followup", "done", *pair, "--event", "declined", "--reason", "估值过高")
    assert "closed" in duijie("followup", "list").stdout


# Projects that are let go


@pytest.mark.parametrize(
    "change",
    [
        {"state": "withdrawn"},
        {"state": "disqualified"},
        {"confidentiality": "closed"},
        {"consent": ["services"]},
        {"consent": ["none"]},
    ],
)
def test_a_project_that_is_let_go_is_in_no_list_by_name(
    duijie: Callable[..., Result], store: Store, tmp_path: Path, change: dict[str, object]
) -> None:
    out, day = str(tmp_path / "calls.ics"), ("--as-of", "2022-02-11")
    duijie("followup", "set", "P", "I", "--channel", "financing", "--next-step", "问项目P（样例）")
    duijie("followup", "calendar", *day, "--out", out)
    assert "项目P（样例）".encode() in Path(out).read_bytes()
    gone = project("P", province="浙江", city="杭州", district="西湖区", **change)
    store.write({"projects": pa.Table.from_pylist([gone], schema=PROJECTS.schema)}, [], actor="test", note={})
    assert list(csv.DictReader(io.StringIO(duijie("followup", "list", *day).stdout))) == []
    told = duijie("followup", "list", "--all", *day).stdout
    (row,) = csv.DictReader(io.StringIO(told))
    assert (row["project_id"], row["state"], row["due"], row["overdue_days"]) == ("P", "closed", "", "0")
    assert not any(word in told for word in ("项目P", "浙江", "杭州", "西湖"))
    counts = list(csv.DictReader(io.StringIO(duijie("followup", "list", "--all", "--by", "owner", *day).stdout)))
    assert [(row["cases"], row["open"]) for row in counts] == [("1", "0")]
    duijie("followup", "calendar", *day, "--out", out)  # whoever has the event sees it cancelled, without the name
    (event_left,) = Calendar.from_ical(Path(out).read_bytes()).walk("VEVENT")
    assert str(event_left["STATUS"]) == "CANCELLED" and "项目P" not in event_left.to_ical().decode()
    duijie("followup", "calendar", *day, "--out", str(tmp_path / "new.ics"))
    assert events_in((tmp_path / "new.ics").read_bytes()) == {}


def test_publicity_is_a_wait_and_no_reason_to_let_go(store: Store) -> None:
    award = {**dict.fromkeys(AWARDS.names), "project_id": "P", "programme": "创客中国", "edition": "第七届"}
    award |= {"award": "一等奖", "status": "公示中"}
    store.write({"awards": pa.Table.from_pylist([award], schema=AWARDS.schema)}, [], actor="test", note={})
    assert follow_up_list(store, date(2022, 3, 1))["project"].tolist() == ["项目P（样例）"]


def test_a_province_has_its_full_name(store: Store) -> None:
    assert follow_up_list(store, date(2022, 3, 1))["province"].tolist() == ["浙江省"]


def test_without_any_case_there_is_a_header_alone(tmp_path: Path) -> None:
    empty = Store(tmp_path / "empty.duckdb")
    rows = pa.Table.from_pylist([project("P")], schema=PROJECTS.schema)
    empty.write({"projects": rows}, [], actor="test", note={})
    for words in ((), ("--by", "province"), ("--overdue",), ("--all",)):
        found = CliRunner().invoke(main, ["followup", "list", *words, "--store", str(empty.path)])
        assert found.exit_code == 0, found.output
        assert len(found.stdout.splitlines()) == 1


def test_the_same_cases_give_the_same_calendar(store: Store) -> None:
    as_of = date(2022, 1, 10)

    def written() -> bytes:
        return calendar_of(follow_up_list(store, as_of), as_of, changes_of(store))

    before = written()
    stamp = Calendar.from_ical(before).walk("VEVENT")[0]["DTSTAMP"].dt
    assert stamp == datetime(2022, 1, 1, tzinfo=UTC)  # the day of the only event
    assert written() == before
    set_followup(store, CASE, actor="me", today=as_of, next_step="催材料")
    after = written()
    told = store.journal("followup")[-1]["at"].replace(microsecond=0, tzinfo=UTC)
    assert Calendar.from_ical(after).walk("VEVENT")[0]["DTSTAMP"].dt == told
    assert written() == after
