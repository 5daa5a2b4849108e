"""Growth cases: evidence, a person's word, consent; and text of entrants that would be more than text."""

from __future__ import annotations

import copy
import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pyarrow as pa
import pytest
from report_built import Rows, report_of
from report_market import END, START, market, store_of

from app.reports.document import write_document
from app.reports.facts import read_facts
from app.reports.growth import ACTION, confirm, confirmations, confirmed, propose, told_as, withdraw
from app.reports.scope import NATION
from app.reports.workbook import proposal_rows, sheets, write_workbook
from data.consents import CONSENT, consent_entry
from data.problem import DuijieError
from data.reference.vocabularies import vocabulary
from data.store import Store
from data.tables import TABLES


@pytest.fixture(scope="module")
def rows() -> Rows:
    return market()


@pytest.fixture(scope="module")
def stored(rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Read it only; a test that writes makes its own."""
    return store_of(rows, tmp_path_factory.mktemp("report"))


def hostile(rows: Rows) -> Rows:
    found = copy.deepcopy(rows)
    for row in found["projects"]:
        row["name"] = '=HYPERLINK("http://x")\x07\u202e<b>{introduced}</b>'
        row["applicant"] = "+cmd|' /C calc'!A0"
        row["innovation"] = "国内首创：=1+1 <script>{fingerprint}</script>，电话 13912345678。"
        row["state"], row["confidentiality"], row["consent"] = "active", "public", ["all"]
    return found


def test_a_case_appears_only_after_a_person_confirmed_it_and_as_it_may_be_told(rows: Rows, tmp_path: Path) -> None:
    store = store_of(rows, tmp_path)
    facts = read_facts(store, NATION, START, END)
    cases = {case.project_id: case for case in propose(facts)}
    by = {shown: next(c for c in cases.values() if c.shown == shown) for shown in ("named", "anonymous", "withheld")}
    assert report_of(store).cases == ()
    assert "由此" not in told_as(by["named"], "zh")[0]
    for case in by.values():
        confirm(store, case, by="审核人（样例）", actor="test", on=END)
    report = report_of(store)
    assert {case.project_id for case in report.cases} == {by["named"].project_id, by["anonymous"].project_id}
    assert (report.book["growth"].value, report.book["growth_withheld"].value) == (2, 1)
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(write_document(report))).paragraphs)
    names = {row["project_id"]: row["name"] for row in rows["projects"]}
    assert names[by["named"].project_id] + "\n" in text
    assert names[by["anonymous"].project_id] + "\n" not in text and "匿名项目" in text
    assert names[by["withheld"].project_id] + "\n" not in text
    assert "审核人（样例）" in text and ("（自述）" in text or "（已核）" in text)
    withdraw(store, by["named"].project_id, by="审核人（样例）", actor="test", on=END)
    assert by["named"].project_id not in {case.project_id for case in report_of(store).cases}
    with pytest.raises(DuijieError, match=r"growth\.unconfirmed"):
        withdraw(store, by["named"].project_id, by="x", actor="test", on=END)
    with pytest.raises(DuijieError, match=r"growth\.by"):
        confirm(store, by["named"], by=" ", actor="test", on=END)


def test_proposals_name_no_project_that_may_not_be_told(rows: Rows, stored: Store) -> None:
    cases = propose(read_facts(stored, NATION, START, END))
    lines = proposal_rows(cases, set(), "zh")[1]
    known = {row["project_id"]: row for row in rows["projects"]}
    assert {line[0] for line in lines} == {case.project_id for case in cases if case.shown != "withheld"}
    assert {line[0] for line in lines} < {case.project_id for case in cases}
    for line in lines:
        row = known[line[0]]
        assert row["state"] == "active" and row["confidentiality"] != "closed"
        assert (line[1] == row["name"]) == (row["confidentiality"] != "teaser")


def test_the_three_criteria_rest_on_evidence(rows: Rows, stored: Store) -> None:
    found = {case.project_id: case for case in propose(read_facts(stored, NATION, START, END))}
    for row in rows["projects"]:
        if row["listed_at"] and row["listed_at"] > END:
            continue
        novel = (
            [one for one in found[row["project_id"]].evidence if one.criterion == "novel"]
            if row["project_id"] in found
            else []
        )
        achieved = (row["innovation"] or "").startswith("本项目国内首创")
        assert [one.zh for one in novel] == (["“本项目国内首创低温工艺。”"] if achieved else [])
        assert not any(one.checked for one in novel)  # a plan is no evidence, and its own word is not checked
    national = {r["project_id"] for r in rows["awards"] if r["award"] == "500强"} & {
        r["project_id"] for r in rows["projects"]
    }
    shown = {r["project_id"] for r in rows["projects"] if not r["listed_at"] or r["listed_at"] <= END}
    assert national & shown <= {key for key, case in found.items() if "potential" in case.criteria}
    fast = [one for case in found.values() for one in case.evidence if one.criterion == "fast"]
    assert fast and all(int(re.search(r"历时 (\d+) 天", one.zh)[1]) <= 180 for one in fast)


def test_a_withdrawn_consent_takes_the_case_out(rows: Rows, tmp_path: Path) -> None:
    store = store_of(rows, tmp_path)
    case = next(one for one in propose(read_facts(store, NATION, START, END)) if one.shown == "named")
    confirm(store, case, by="审核人（样例）", actor="test", on=END)
    assert [one.shown for one in report_of(store).cases] == ["named"]
    row = next(row for row in rows["projects"] if row["project_id"] == case.project_id)
    steps: list[tuple[dict[str, Any], list[str]]] = [
        ({"confidentiality": "teaser"}, ["anonymous"]),
        ({"consent": ["none"]}, []),
        ({"consent": ["all"], "confidentiality": "public"}, ["named"]),
        ({"state": "withdrawn"}, []),
    ]
    for change, left in steps:
        row = row | change
        table = pa.Table.from_pylist([row], schema=TABLES["projects"].schema)
        store.write({"projects": table}, [], actor="test", note={})
        facts = read_facts(store, NATION, START, END)
        kept = confirmed(propose(facts), confirmations(store.journal(ACTION), {}))
        assert [one.shown for one in kept if one.shown != "withheld"] == left


@pytest.mark.parametrize("change", [{"state": "withdrawn"}, {"state": "disqualified"}, {"confidentiality": "closed"}])
def test_who_left_after_the_period_is_not_named_in_its_report(
    rows: Rows, tmp_path: Path, change: dict[str, str]
) -> None:
    store = store_of(rows, tmp_path)
    case = next(one for one in propose(read_facts(store, NATION, START, END)) if one.shown == "named")
    row = next(row for row in rows["projects"] if row["project_id"] == case.project_id)
    assert case.project_id in {line[0] for line in sheets(report_of(store))["projects"][1]}
    later = pa.Table.from_pylist([row | change | {"updated_at": date.today()}], schema=TABLES["projects"].schema)
    store.write({"projects": later}, [], actor="test", note={})
    facts = read_facts(store, NATION, START, END)
    assert facts.view.projects.equals(store.view(END).projects)
    after = {one.project_id: one.shown for one in propose(facts)}
    assert after[case.project_id] == "withheld"
    assert case.project_id not in {line[0] for line in sheets(report_of(store))["projects"][1]}


@pytest.mark.parametrize(("answer", "left"), [("withdrawn", "withheld"), ("refused", "withheld"), ("given", "named")])
def test_an_answer_after_the_period_holds_over_the_imported_column(
    rows: Rows, tmp_path: Path, answer: str, left: str
) -> None:
    store = store_of(rows, tmp_path)
    key = next(one.project_id for one in propose(read_facts(store, NATION, START, END)) if one.shown == "named")
    assert any(key in row for row in sheets(report_of(store))["projects"][1])
    channels = vocabulary("channels").codes
    store.append("test", CONSENT, consent_entry(key, channels, answer, "本人（样例）", [key]))
    [case] = [one for one in propose(read_facts(store, NATION, START, END)) if one.project_id == key]
    assert case.shown == left
    listed = sheets(report_of(store))
    assert any(key in row for name in ("cases", "projects", "awards") for row in listed[name][1]) == (left == "named")


def test_consent_taken_back_for_one_channel_withholds_what_is_told_of_it(rows: Rows, tmp_path: Path) -> None:
    store = store_of(rows, tmp_path)
    cases = propose(read_facts(store, NATION, START, END))
    case, channel = next(
        (one, part.channel) for one in cases if one.shown == "named" for part in one.evidence if part.channel
    )
    told = consent_entry(case.project_id, [channel], "withdrawn", "本人（样例）", [case.project_id])
    store.append("test", CONSENT, told)
    after = {one.project_id: one.shown for one in propose(read_facts(store, NATION, START, END))}
    assert after[case.project_id] == "withheld"
    keys = [(row[0], row[2]) for row in sheets(report_of(store))["cases"][1]]
    assert (case.project_id, channel) not in keys


def test_a_merged_record_keeps_its_confirmation() -> None:
    entry = {
        "payload": {"kind": "confirm", "project_id": "A", "criteria": ["novel"], "by": "甲（样例）", "on": "2022-01-01"}
    }
    assert confirmations([entry], {"A": "B"}) == {"B": {"novel": "甲（样例）"}}
    assert confirmed([], {"B": {"novel": "甲（样例）"}}) == []


def test_hostile_text_is_only_text(rows: Rows, tmp_path: Path) -> None:
    store = store_of(hostile(rows), tmp_path)
    for case in propose(read_facts(store, NATION, START, END))[:5]:
        confirm(store, case, by="=1+1\x00", actor="test", on=END)
    report = report_of(store, internal=True)
    assert report.cases
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(write_document(report))).paragraphs)
    assert "{introduced}</b>" in text and "13912345678" not in text
    assert "\x07" not in text and "\u202e" not in text
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(report)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert any(str(cell.value).startswith("'=HYPERLINK") for cell in cells)
    assert not any("13912345678" in str(cell.value) for cell in cells)
