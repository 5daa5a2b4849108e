"""Reports: every figure against an independent count; one event, one city, one day more or less."""

from __future__ import annotations

import copy
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import docx
import pyarrow as pa
import pytest
from report_built import Rows, assert_same, changed, report_of, told
from report_market import END, FIELDS, START, ZHEJIANG, market, store_of, within
from report_recount import Told, callback, cases_of, recount

from app.reports.document import write_document
from app.reports.facts import read_facts
from app.reports.scope import NATION, resolve_scope
from app.reports.workbook import write_workbook
from data.followup import ACTION as FOLLOWUP
from data.merging import MERGE
from data.problem import DuijieError
from data.store import Store
from data.tables import OUTCOMES, TABLES


@pytest.fixture(scope="module")
def rows() -> Rows:
    return market()


@pytest.fixture(scope="module")
def stored(rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Read it only; a test that writes makes its own."""
    return store_of(rows, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def national(stored: Store) -> dict[str, Told]:
    """Every figure of the nation."""
    return told(report_of(stored))


def test_every_figure_of_the_nation_equals_a_count_by_hand(rows: Rows, national: dict[str, Told]) -> None:
    wanted = recount(rows, START, END, None, FIELDS)
    assert wanted["introduced"].value and wanted["amount_delivered.total"].value and wanted["not_called"].value
    assert sum(told.low is not None for told in wanted.values()) > 30
    assert_same(national, wanted)


@pytest.mark.parametrize(
    ("name", "place"), [("浙江", ("浙江省",)), ("宁波市", ("浙江省", "宁波市")), ("山西省", ("山西省",))]
)
def test_every_figure_of_a_place_equals_a_count_by_hand(
    rows: Rows, stored: Store, name: str, place: tuple[str, ...]
) -> None:
    wanted = recount(rows, START, END, within(rows, *place), FIELDS)
    assert_same(told(report_of(stored, resolve_scope(name))), wanted)


def test_every_figure_of_a_contest_equals_a_count_by_hand(rows: Rows, stored: Store) -> None:
    report = report_of(stored, resolve_scope(ZHEJIANG), "contest")
    known = {row["project_id"]: row for row in rows["projects"]}
    mine = [row for row in rows["awards"] if row["contest"] == ZHEJIANG]
    ids = {row["project_id"] for row in mine if row["published_at"] is None or row["published_at"] <= END}
    wanted = recount(rows, START, END, ids, FIELDS, contest=ZHEJIANG)
    for group, quota in (("企业组", "contest-enterprise"), ("创客组", "contest-maker")):
        inside = [key for key in ids if not known[key]["listed_at"] or known[key]["listed_at"] <= END]
        wanted[f"quota@cnmaker-2022@{quota}"] = Told(sum(known[key]["group"] == group for key in inside))
    assert_same(told(report), wanted)
    assert report.book["quota@cnmaker-2022@contest-maker"].params["at_most"] == "6"


def test_a_row_number_stands_behind_every_count(stored: Store) -> None:
    for figure in report_of(stored).book:
        if figure.unit == "count" and not figure.name.startswith("institutions") and figure.name != "contests":
            assert figure.value is None or figure.value == figure.rows == len(figure.at), figure.name


EVENTS = [
    ("P0001", "I001", "financing", "introduced", START, None),
    ("P0002", "I002", "services", "met", END, None),
    ("P0003", "I003", "challenge", "signed", date(2022, 8, 1), 5e6),
    ("P0004", "I004", "placement", "declined", date(2022, 8, 2), None),
    ("P0006", "I006", "financing", "met", END + timedelta(days=1), None),  # after the last day
    ("P0007", "I900", "financing", "delivered", date(2022, 8, 1), 1e6),  # a past deal, no introduction
]


@pytest.mark.parametrize("event", EVENTS, ids=[one[3] + str(one[4]) for one in EVENTS])
def test_one_event_changes_exactly_the_figures_that_depend_on_it(
    rows: Rows, national: dict[str, Told], tmp_path: Path, event: tuple[str, str, str, str, date, float | None]
) -> None:
    store = store_of(rows, tmp_path)
    was = recount(rows, START, END, None, FIELDS)
    row = dict.fromkeys(OUTCOMES.names) | dict(zip((*OUTCOMES.key, "amount"), event, strict=True))
    assert store.record(pa.Table.from_pylist([row], schema=OUTCOMES.schema), actor="test").added
    now = recount({**rows, "outcomes": [*rows["outcomes"], row]}, START, END, None, FIELDS)
    assert changed(national, told(report_of(store))) == changed(was, now)
    assert bool(changed(was, now)) == (event[4] <= END and event[3] != "delivered")


def test_an_event_that_was_taken_back_counts_nowhere(rows: Rows, tmp_path: Path) -> None:
    store = store_of(rows, tmp_path)
    gone = next(row for row in rows["outcomes"] if row["event"] == "signed" and row["at"] <= END)
    store.retract(gone, actor="test", reason="录错")
    left = [row for row in rows["outcomes"] if row is not gone]
    assert_same(told(report_of(store)), recount({**rows, "outcomes": left}, START, END, None, FIELDS))


def test_a_new_introduction_changes_the_figures_named_here(tmp_path: Path) -> None:
    rows = market(seed=5, cases=30)
    store = store_of(rows, tmp_path)
    before = told(report_of(store))
    project = next(row for row in rows["projects"] if row["group"] == "创客组" and row["sectors"] == [FIELDS[0]])
    cells = {"project_id": project["project_id"], "institution_id": "I-NEW", "channel": "challenge"}
    row = dict.fromkeys(OUTCOMES.names) | cells | {"event": "introduced", "at": END}
    store.record(pa.Table.from_pylist([row], schema=OUTCOMES.schema), actor="test")
    moved = {name for name in changed(before, told(report_of(store))) if not name.startswith(("rate", "covered"))}
    slices = ("", "@channel=challenge", "@group=创客组", f"@sector={FIELDS[0]}")
    counts = {f"{name}{at}" for at in slices for name in ("introduced", "introduced.total", "open")}
    assert moved == counts | {"institutions", "institutions.total", "due_90", "unowned", "due_30"} - (
        set() if END + timedelta(days=30) >= date(2022, 10, 30) else {"due_30"}
    )


COUNTS = ("introduced", "met", "signed", "delivered.total", "open", "not_called", "declined.total", "projects")
SUMMED = (*COUNTS, "amount_delivered.total", "awards", "met@channel=financing", "awarded")


def test_cities_sum_to_their_province_and_provinces_to_the_nation(
    rows: Rows, stored: Store, national: dict[str, Told]
) -> None:
    value = {name: told(report_of(stored, resolve_scope(name))) for name in ("浙江", "杭州", "宁波", "山西")}
    zhejiang = within(rows, "浙江省")
    cities = within(rows, "浙江省", "杭州市") | within(rows, "浙江省", "宁波市")
    nowhere = recount(rows, START, END, zhejiang - cities, FIELDS)  # the city is not known
    every = {row["project_id"] for table in ("projects", "outcomes", "awards") for row in rows[table]}
    rest = recount(rows, START, END, every - zhejiang - within(rows, "山西省"), FIELDS)
    for name in SUMMED:
        parts = [value[city][name].value or 0 for city in ("杭州", "宁波")] + [nowhere[name].value or 0]
        assert value["浙江"][name].value == pytest.approx(sum(parts)), name
        parts = [value[place][name].value or 0 for place in ("浙江", "山西")] + [rest[name].value or 0]
        assert national[name].value == pytest.approx(sum(parts)), name


def test_both_ends_of_the_period_belong_to_it(rows: Rows, stored: Store) -> None:
    days = [START - timedelta(days=1), START, END, END + timedelta(days=1)]
    kept = [sum(r["institution_id"] == "I500" and r["at"] == day for r in rows["outcomes"]) for day in days]
    assert kept == [1, 1, 1, 1]
    for day, there in zip(days, (0, 1, 1, 0), strict=True):
        start, end = max(day, START), min(day, END)
        if start > end:
            continue
        frame = report_of(stored, start=start, end=end)
        at = frame.book["introduced"].at
        assert (frame.facts.cases["institution_id"].iloc[at] == "I500").sum() == there
    assert_same(told(report_of(stored, start=START, end=START)), recount(rows, START, START, None, FIELDS))


def test_an_empty_period_and_an_empty_store(tmp_path: Path) -> None:
    empty = {name: [] for name in ("projects", "institutions", "outcomes", "awards")}
    report = report_of(store_of(empty, tmp_path))
    assert {one.value for one in report.book if one.unit != "share"} <= {0, None}
    assert all(one.value is None for one in report.book if one.unit == "share")
    for content in (write_document(report), write_workbook(report)):
        assert len(content) > 5000
    assert "无法给出" in "\n".join(p.text for p in docx.Document(io.BytesIO(write_document(report))).paragraphs)


def test_a_period_that_ends_before_it_begins_is_refused(stored: Store) -> None:
    with pytest.raises(DuijieError, match=r"report\.period"):
        read_facts(stored, NATION, END, START)


def test_merged_projects_count_once(rows: Rows, tmp_path: Path) -> None:
    store = store_of(rows, tmp_path)
    kept, absorbed = "P0010", "P0011"
    store.append("test", MERGE, {"kept": kept, "absorbed": absorbed})
    one = copy.deepcopy(rows)
    shown = [row for row in one["projects"] if row["listed_at"] is None or row["listed_at"] <= END]
    assert {kept, absorbed} <= {row["project_id"] for row in shown}
    one["projects"] = [row for row in one["projects"] if row["project_id"] != absorbed]
    for table, key in (("outcomes", OUTCOMES.key), ("awards", TABLES["awards"].key)):
        for row in one[table]:
            row["project_id"] = kept if row["project_id"] == absorbed else row["project_id"]
        first: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in one[table]:
            first.setdefault(tuple(row[name] for name in key), row)
        one[table] = list(first.values())
    assert_same(told(report_of(store)), recount(one, START, END, None, FIELDS))


def test_an_owner_changes_one_figure_and_a_date_of_ones_own_those_of_call_backs(
    rows: Rows, national: dict[str, Told], tmp_path: Path
) -> None:
    store = store_of(rows, tmp_path)
    case = next(one for one in cases_of(rows["outcomes"], END, None) if one.state == "open" and callback(one) < END)
    key = {"project_id": case.project, "institution_id": case.institution, "channel": case.channel}
    entry = {"kind": "set", "on": END.isoformat(), **key}
    store.append("test", FOLLOWUP, {**entry, "owner": "负责人（样例）"})
    assert_same(told(report_of(store)), recount(rows, START, END, None, FIELDS, owned=1))
    store.append("test", FOLLOWUP, {**entry, "due": (END + timedelta(days=40)).isoformat()})
    moved = changed(national, told(report_of(store)))
    assert {name.partition("@")[0] for name in moved} == {"unowned", "not_called", "due_90"}
    assert f"not_called@channel={case.channel}" in moved
