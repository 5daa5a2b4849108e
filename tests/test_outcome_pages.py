"""What became of introductions, page by page: who sees which cases, entering and taking back, counts, reports."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from typing import Any

import openpyxl
import pandas as pd
import pytest
from docx import Document
from icalendar import Calendar
from page_visits import visit
from streamlit.testing.v1 import AppTest

from app.dashboard.access import Access, open_access
from app.dashboard.case_queries import cases_of, enter, history_of, state_on, take_back
from app.dashboard.desk import Desk, open_desk
from app.dashboard.evaluation_queries import FOLDER, effect_of, measured
from app.dashboard.followup_queries import assign, calendar_file, called, followups_of, overdue_counts
from app.dashboard.funnel_queries import exposure_of, funnel_of, group_label, price_of_a_floor
from app.dashboard.outcome_queries import followed, today_of
from app.dashboard.report_queries import Wanted, decide_growth, due_reports, growth_cases, write_report
from app.dashboard.roles import ROLES
from app.dashboard.scoreboard_queries import board
from app.dashboard.shown_strings import catalogue
from app.dashboard.visitor import Visitor
from app.reports.deadlines import WRITTEN
from data.cases import LADDER, OPEN
from data.followup import NOT_CALLED
from data.problem import DuijieError
from data.sample.generator import AS_OF
from data.store import Store
from matcher.calibration import Calibration, Curve
from matcher.calibration import save as keep_calibration
from matcher.taught import FOLDER as MODELS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("pages")]  # whole pages are drawn

PAGES = ("cases", "followups", "funnel", "scoreboard", "reports", "evaluation")
ZHEJIANG = "330000"
QUARTER = Wanted("quarter", "", date(2022, 10, 1), date(2022, 12, 31))


def desk_of(access: Access, channel: str = "financing") -> Desk:
    return open_desk(access.role.channel or channel, access)


def organizer(region: str = "") -> Desk:
    return desk_of(Access(ROLES["organizer"], region=region))


def visitor_of(desk: Desk, language: str = "zh") -> Visitor:
    return Visitor(language, desk.access.role, desk.channel, desk.access)


def shown(page: AppTest) -> str:
    kinds = (page.text, page.caption, page.info, page.warning, page.error, page.success, page.subheader, page.code)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def an_open_case(desk: Desk, rung: str = "met") -> dict[str, Any]:
    """A case of the fund channel that is open at a rung."""
    found = followed(desk, today_of(desk))
    found = found[(found["channel"] == desk.channel) & (found["case_state"] == OPEN) & (found["rung"] == rung)]
    found = found[found["project"] != ""]  # of a project that is stored
    return {str(name): value for name, value in found.iloc[0].items()}


def ids(row: dict[str, Any]) -> tuple[str, str]:
    return row["project_id"], row["institution_id"]


def case_param(row: dict[str, Any]) -> str:
    return f"{row['project_id']}|{row['institution_id']}|{row['channel']}"


def keyed(elements: Any, start: str) -> Any:
    """The one element whose key begins so."""
    (found,) = [one for one in elements if (one.key or "").startswith(start)]
    return found


# --- pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("view", PAGES)
def test_every_page_is_drawn_for_the_organizer(view: str, language: str) -> None:
    page = visit(role="organizer", view=view, lang=language)
    assert page.title[0].value == catalogue()[f"view.{view}"][language == "en"]
    assert not page.error
    told = shown(page)
    assert not re.search(r"[一-鿿]" if language == "en" else r"(?!x)x", catalogue()[f"view.{view}"][1])
    assert "<script>" not in "".join(str(one.value) for one in (*page.markdown, *page.caption, *page.info))
    assert told


@pytest.mark.parametrize("by", ["region", "group", "sector", "institution", "contest"])
def test_the_funnel_is_drawn_for_every_grouping_which_stands_in_the_address(by: str) -> None:
    page = visit(role="organizer", view="funnel", by=by, lang="en", which="one", day="2022-06-30")
    assert keyed(page.segmented_control, "ask_by").value == by
    assert "2022-06-30" in shown(page)
    assert not page.error


@pytest.mark.parametrize("view", PAGES[1:])
def test_an_institution_has_none_of_the_organizers_pages(view: str) -> None:
    assert visit(role="fund", view=view).title[0].value == catalogue()["view.matches"][0]


@pytest.mark.parametrize("role", ["fund", "park", "service", "leader"])
def test_an_institution_sees_its_own_cases_on_its_page(role: str) -> None:
    desk = desk_of(open_access(role))
    mine = followed(desk, today_of(desk))
    busiest = mine["institution_id"].value_counts().index[0]
    page = visit(role=role, view="cases", inst=busiest, lang="en")
    count = int((mine["institution_id"] == busiest).sum())
    assert any(one.value.startswith(f"{count} in all") for one in page.caption)
    assert catalogue()["cases.about_institution"][1] in shown(page)


# --- one case ----------------------------------------------------------------------------------------------------


def test_entering_an_event_on_the_page_changes_the_case_and_taking_it_back_restores_it(own_store: Store) -> None:
    row = an_open_case(organizer())
    page = visit(role="organizer", view="cases", case=case_param(row))
    assert row["project"] in [one.value for one in page.text]
    keyed(page.selectbox, "event_").set_value("intent").run()
    keyed(page.button, "save_").click().run()
    assert not page.exception
    assert page.success[0].value == catalogue()["entry.saved"][0]
    desk = organizer()
    state = state_on(desk, *ids(row), today_of(desk))
    assert LADDER[state["rung"]] == "intent" and state["last_at"].date() == AS_OF
    assert own_store.journal("outcome")[-1]["actor"] == "organizer"
    keyed(page.text_input, "retractwhy_").set_value("录错项目").run()
    keyed(page.button, "retractgo_").click().run()
    assert page.success[0].value == catalogue()["retract.done"][0]
    desk = organizer()
    assert LADDER[state_on(desk, *ids(row), today_of(desk))["rung"]] == row["rung"]
    told = history_of(desk, *ids(row))
    assert [(one["action"], one["stands"]) for one in told[-2:]] == [("entered", False), ("retracted", False)]
    assert told[-1]["note"] == "录错项目"


def test_a_decline_needs_its_reason_and_keeps_the_typed_one(own_store: Store) -> None:
    row = an_open_case(organizer())
    page = visit(role="organizer", view="cases", case=case_param(row), lang="en")
    keyed(page.selectbox, "event_").set_value("declined").run()
    assert keyed(page.button, "save_").disabled
    keyed(page.selectbox, "why_").set_value("valuation").run()
    keyed(page.text_input, "whynote_").set_value("价差三成").run()
    keyed(page.button, "save_").click().run()
    desk = organizer()
    state = state_on(desk, *ids(row), today_of(desk))
    assert state["state"] == "declined" and state["reason"] == "估值未谈拢；价差三成"
    assert "No agreement on valuation" in shown(page)


def test_a_signing_needs_its_proof(own_store: Store) -> None:
    desk, row = organizer(), an_open_case(organizer())
    page = visit(role="organizer", view="cases", case=case_param(row))
    keyed(page.selectbox, "event_").set_value("signed").run()
    assert keyed(page.button, "save_").disabled
    cells = {"event": "signed", "at": AS_OF, "source": " "}
    with pytest.raises(DuijieError, match=r"outcome\.proof"):
        enter(visitor_of(desk), desk, *ids(row), cells)
    entry = enter(visitor_of(desk), desk, *ids(row), {**cells, "source": "合同 A-1（样例）", "amount": "500万元"})
    assert entry.added and entry.rows.to_pylist()[0]["amount"] == 5_000_000


def test_what_is_wrong_is_told_and_nothing_is_written(own_store: Store) -> None:
    desk, row = organizer(), an_open_case(organizer())
    before = len(own_store.journal("outcome"))
    late = enter(visitor_of(desk), desk, *ids(row), {"event": "intent", "at": date(2023, 1, 1)})
    assert not late.accepted and late.problems[0].code == "date.future"
    unknown = enter(visitor_of(desk), desk, "no-such-project", row["institution_id"], {"event": "met", "at": AS_OF})
    assert not unknown.accepted and unknown.problems[0].code == "id.unknown"
    assert len(own_store.journal("outcome")) == before


def test_a_past_day_shows_the_case_as_it_was_and_takes_no_entries() -> None:
    desk, row = organizer(), an_open_case(organizer(), "second_contact")
    met = state_on(desk, *ids(row), AS_OF)["reached_met"].date()
    before = max(date.fromordinal(met.toordinal() - 1), row["introduced_at"].date())
    state = state_on(desk, *ids(row), before)
    assert LADDER[state["rung"]] in ("introduced", "accepted")
    page = visit(role="organizer", view="cases", case=case_param(row), day=before.isoformat())
    assert catalogue()["cases.past"][0].format(day=before.isoformat()) in shown(page)
    assert not [one for one in page.button if (one.key or "").startswith("save_")]


def test_a_day_that_is_none_or_lies_ahead_counts_as_today() -> None:
    for day in ("2999-01-01", "no-day", "x" * 3000):
        page = visit(role="organizer", view="cases", day=day)
        assert keyed(page.date_input, "ask_day").value == AS_OF


def test_a_link_to_a_case_that_is_not_there_is_told() -> None:
    page = visit(role="organizer", view="cases", case="x|<script>|y")
    assert catalogue()["list.not_here"][0] in shown(page)


def test_the_organizer_introduces_a_project_on_the_page(own_store: Store) -> None:
    page = visit(role="organizer", view="cases", channel="financing")
    project = keyed(page.selectbox, "introduce_project")
    inst = keyed(page.selectbox, "introduce_inst")
    desk = organizer()
    known = set(zip(*(followed(desk, AS_OF)[name] for name in ("project_id", "institution_id")), strict=True))
    wanted = re.search(r"（(\S+)）$", project.options[0]).group(1)  # type: ignore[union-attr]
    to = next(one for one in (re.search(r"（(SAMPLE-\S+)）$", text) for text in inst.options) if
              one and (wanted, one.group(1)) not in known).group(1)  # fmt: skip
    project.set_value(wanted).run()
    keyed(page.selectbox, "introduce_inst").set_value(to).run()
    page.button(key="introduce_go").click().run()
    assert page.success[0].value == catalogue()["introduce.done"][0]
    assert state_on(organizer(), wanted, to, AS_OF)["state"] == OPEN


# --- whose case --------------------------------------------------------------------------------------------------


def own_desk(rung: str = "met") -> tuple[Desk, dict[str, Any], dict[str, Any]]:
    """The desk of one fund, a case of its own, and one of another fund."""
    everybody = desk_of(open_access("fund"))
    row = an_open_case(everybody, rung)
    foreign = followed(everybody, AS_OF)
    foreign = foreign[foreign["institution_id"] != row["institution_id"]]
    desk = desk_of(Access(ROLES["fund"], institutions=frozenset({row["institution_id"]})))
    return desk, row, {str(name): value for name, value in foreign.iloc[0].items()}


def test_an_institution_records_and_takes_back_in_its_own_cases_only(own_store: Store) -> None:
    desk, row, foreign = own_desk()
    me = visitor_of(desk)
    assert set(followed(desk, AS_OF)["institution_id"]) == {row["institution_id"]}
    for call in (
        lambda: cases_of(desk, foreign["institution_id"], AS_OF),
        lambda: cases_of(desk, "", AS_OF),
        lambda: history_of(desk, *ids(foreign)),
        lambda: state_on(desk, *ids(foreign), AS_OF),
        lambda: enter(me, desk, *ids(foreign), {"event": "met", "at": AS_OF}),
        lambda: take_back(me, desk, *ids(foreign), "introduced", AS_OF, "x"),
        lambda: enter(me, desk, foreign["project_id"], row["institution_id"], {"event": "introduced", "at": AS_OF}),
        lambda: enter(me, desk, *ids(row), {"event": "introduced", "at": AS_OF}),
        lambda: enter(me, desk, *ids(row), {"event": "withdrawn", "at": AS_OF, "reason": "其他"}),
        lambda: take_back(me, desk, *ids(row), row["last_event"], row["last_at"].date(), "imported, not ours"),
    ):
        with pytest.raises(DuijieError, match=r"access\.denied"):
            call()
    assert enter(me, desk, *ids(row), {"event": "second_contact", "at": AS_OF}).added
    desk = desk_of(desk.access)
    told = history_of(desk, *ids(row))
    assert told[-1]["mine"] and {one["actor"] for one in told} == {""}  # who told it is the organizer's to know
    take_back(me, desk, *ids(row), "second_contact", AS_OF, "日期有误")
    assert LADDER[state_on(desk_of(desk.access), *ids(row), AS_OF)["rung"]] == row["rung"]


def test_a_case_of_a_project_that_withdrew_its_consent_leaves_the_institutions_list(own_store: Store) -> None:
    desk, row, _ = own_desk()
    projects = own_store.current("projects")
    rows = [one | {"consent": ["none"]} for one in projects.to_pylist() if one["project_id"] == row["project_id"]]
    own_store.write({"projects": type(projects).from_pylist(rows, schema=projects.schema)}, [], actor="test", note={})
    desk = desk_of(desk.access)
    assert row["project_id"] not in set(followed(desk, AS_OF)["project_id"])
    with pytest.raises(DuijieError, match=r"access\.denied"):
        history_of(desk, *ids(row))
    assert row["project_id"] in set(followed(organizer(), AS_OF)["project_id"])


def test_an_owner_reads_the_cases_of_her_project_and_writes_none() -> None:
    row = an_open_case(organizer())
    desk = desk_of(Access(ROLES["owner"], projects=frozenset({row["project_id"]})))
    found = cases_of(desk, "", AS_OF)
    assert set(found["project_id"]) == {row["project_id"]} and row["institution_id"] in set(found["institution_id"])
    assert history_of(desk, *ids(row))
    with pytest.raises(DuijieError, match=r"access\.denied"):
        enter(visitor_of(desk), desk, *ids(row), {"event": "intent", "at": AS_OF})


def test_an_organizer_of_a_province_sees_and_counts_the_province_only(own_store: Store) -> None:
    desk, whole = organizer(ZHEJIANG), organizer()
    every = followed(whole, AS_OF)
    rows = own_store.current("projects").to_pylist()
    mine = {row["project_id"] for row in rows if (row["province"] or "").startswith("浙江")}
    inside = every[every["project_id"].isin(mine)]
    found = followed(desk, AS_OF)
    assert 0 < len(found) < len(every)
    assert set(found["project_id"]) == set(inside["project_id"])
    assert set(followups_of(desk, AS_OF, "")["project_id"]) == set(inside.loc[inside["let_go"] == "", "project_id"])
    assert funnel_of(desk, "channel", AS_OF, 365, "", True).cases == len(inside)
    assert board(desk, AS_OF, "met", "")["cases"].sum() == len(inside)
    assert exposure_of(desk, "region", 10).eligible < exposure_of(whole, "region", 10).eligible
    outside = next(an_open_case(whole, rung) for rung in LADDER if an_open_case(whole, rung)["project_id"] not in mine)
    case = {name: outside[name] for name in ("project_id", "institution_id", "channel")}
    wide = Wanted("quarter", "江苏", QUARTER.start, QUARTER.end)
    for call in (
        lambda: history_of(desk, *ids(outside)),
        lambda: enter(visitor_of(desk), desk, *ids(outside), {"event": "intent", "at": AS_OF}),
        lambda: assign(visitor_of(desk), desk, case, owner="甲（样例）"),
        lambda: called(visitor_of(desk), desk, case, "contacted", AS_OF, "", {}),
        lambda: write_report(visitor_of(desk), desk, wide, "docx"),
        lambda: growth_cases(desk, Wanted("quarter", "全国", QUARTER.start, QUARTER.end)),
        lambda: price_of_a_floor(desk, "region", 10),
        lambda: effect_of(desk, AS_OF, "accepted", 90),
    ):
        with pytest.raises(DuijieError, match=r"access\.denied"):
            call()
    assert {one.kind for one in due_reports(desk, AS_OF)} == {"quarter"}
    assert len(Calendar.from_ical(calendar_file(desk, AS_OF, every)).walk("VEVENT")) <= len(found)


@pytest.mark.parametrize("role", ["fund", "park", "owner"])
def test_counts_and_reports_are_the_organizers_alone(role: str) -> None:
    desk = desk_of(Access(ROLES[role]))
    me = visitor_of(desk)
    for call in (
        lambda: funnel_of(desk, "channel", AS_OF, None, "", True),
        lambda: exposure_of(desk, "region", 10),
        lambda: board(desk, AS_OF, "met", ""),
        lambda: followups_of(desk, AS_OF, ""),
        lambda: write_report(me, desk, QUARTER, "docx"),
        lambda: growth_cases(desk, QUARTER),
        lambda: measured(desk),
    ):
        with pytest.raises(DuijieError, match=r"access\.denied"):
            call()


# --- funnel, exposure, scoreboard --------------------------------------------------------------------------------


def test_the_funnel_counts_what_the_list_holds_and_hides_small_groups() -> None:
    desk = organizer()
    found = funnel_of(desk, "institution", AS_OF, 365, "financing", False)
    cases = followed(desk, AS_OF)
    cases = cases[cases["channel"] == "financing"]
    assert found.cases == len(cases) and found.open == int((cases["case_state"] == OPEN).sum())
    rows = found.groups[found.groups["stage"] == "met"].set_index("group")
    for institution, mine in cases.groupby("institution_id"):
        if len(mine) < 5:
            assert rows.loc[institution, ["cases", "reached", "rate"]].isna().all()
        else:
            assert rows.loc[institution, "cases"] == len(mine)
            assert rows.loc[institution, "reached"] == sum(LADDER.index(one) >= 2 for one in mine["rung"])
    assert rows["cases"].isna().any() and rows["cases"].notna().any()
    internal = funnel_of(desk, "institution", AS_OF, 365, "financing", True).groups
    assert internal["cases"].notna().all()


@pytest.mark.parametrize(
    ("by", "group", "language", "label"),
    [
        ("channel", "placement", "en", "Placement"),
        ("region", "浙江省", "en", "Zhejiang"),
        ("region", "境外 / abroad", "zh", "境外"),
        ("sector", "未知 / unknown", "en", "unknown"),
        ("institution", "I1", "zh", "甲（样例）"),
        ("institution", "I2", "zh", "I2"),
    ],
)
def test_groups_in_words(by: str, group: str, language: str, label: str) -> None:
    assert group_label(by, group, language, {"I1": "甲（样例）"}) == label


def test_exposure_names_who_is_never_seen_and_the_price_is_worked_out_when_asked() -> None:
    found = exposure_of(organizer(), "region", 10)
    assert len(found.unseen) == found.groups["never_seen"].sum() > 0
    page = visit(role="organizer", view="funnel", by="region")
    assert catalogue()["exposure.unseen"][0].format(count=len(found.unseen)) in shown(page)
    keyed(page.button, "ask_price").click().run()
    assert not page.exception
    floors = [frame.value for frame in page.dataframe if catalogue()["price.floor"][0] in frame.value]
    assert floors[0].iloc[0, 1] == "0.0%"


def test_the_scoreboard_keeps_the_unranked_apart() -> None:
    found = board(organizer(), AS_OF, "met", "")
    ranked, others = found[found["rank"].notna()], found[found["rank"].isna()]
    assert len(ranked) and len(others) and (others["matured"] < 5).all() and (ranked["matured"] >= 5).all()
    page = visit(role="organizer", view="scoreboard", stage="met")
    told = shown(page)
    assert catalogue()["board.ranked"][0].format(count=len(ranked), least=5) in told
    assert catalogue()["board.others"][0].format(count=len(others), least=5) in told
    assert "duijie evaluate scoreboard" in told


# --- follow-up ---------------------------------------------------------------------------------------------------


def test_overdue_come_first_and_are_counted_by_place_and_owner() -> None:
    found = followups_of(organizer(), AS_OF, "")
    late = found["state"] == NOT_CALLED
    assert late.any() and not late.iloc[int(late.sum()) :].any()
    assert found["overdue_days"].iloc[: int(late.sum())].is_monotonic_decreasing
    for by in ("province", "city", "owner"):
        counts = overdue_counts(organizer(), AS_OF, "", by)
        assert counts["not_called"].sum() == late.sum() and counts["cases"].sum() == len(found)


def test_a_call_and_a_plan_on_the_page_take_a_case_off_the_overdue_list(own_store: Store) -> None:
    desk = organizer()
    found = followups_of(desk, AS_OF, "")
    row = {str(name): value for name, value in found[found["project"] != ""].iloc[0].items()}
    page = visit(role="organizer", view="followups", case=case_param(row))
    keyed(page.text_input, "owner_").set_value("对接五组（样例）").run()
    keyed(page.date_input, "due_").set_value(date(2023, 1, 20)).run()
    keyed(page.button, "plan_").click().run()
    assert page.success[0].value == catalogue()["calling.planned"][0]
    told = followups_of(organizer(), AS_OF, "").merge(
        pd.DataFrame([ids(row)], columns=["project_id", "institution_id"])
    )
    assert told["owner"].iloc[0] == "对接五组（样例）" and told["due_from"].iloc[0] == "set"
    assert told["state"].iloc[0] == "scheduled"
    page = visit(role="organizer", view="followups", case=case_param(row))
    keyed(page.button, "callgo_").click().run()
    assert page.success[0].value == catalogue()["calling.done"][0]
    told = followups_of(organizer(), AS_OF, "").merge(
        pd.DataFrame([ids(row)], columns=["project_id", "institution_id"])
    )
    assert told["last_contact"].iloc[0].date() == AS_OF and told["due_from"].iloc[0] != "set"
    assert {entry["actor"] for entry in own_store.journal("followup")} == {"organizer"}


def test_news_of_a_call_is_entered_with_it_or_neither_is(own_store: Store) -> None:
    desk, row = organizer(), an_open_case(organizer(), "accepted")
    case = {name: row[name] for name in ("project_id", "institution_id", "channel")}
    me = visitor_of(desk)
    calls = len(own_store.journal("followup"))
    refused = called(me, desk, case, "news", AS_OF, "", {"event": "no-such-event"})
    assert refused is not None and not refused.accepted and len(own_store.journal("followup")) == calls
    entry = called(me, desk, case, "news", AS_OF, "", {"event": "met", "reason": ""})
    assert entry is not None and entry.added and len(own_store.journal("followup")) == calls + 1
    assert LADDER[state_on(organizer(), *ids(row), AS_OF)["rung"]] == "met"


def test_the_calendar_holds_the_rows_that_are_shown() -> None:
    desk = organizer()
    late = followups_of(desk, AS_OF, "financing")
    late = late[late["state"] == NOT_CALLED]
    events = Calendar.from_ical(calendar_file(desk, AS_OF, late)).walk("VEVENT")
    assert len(events) == len(late) > 0
    assert {str(event["STATUS"]) for event in events} == {"CONFIRMED"}


# --- reports -----------------------------------------------------------------------------------------------------


def test_a_report_is_written_on_the_page_and_kept_in_the_journal(own_store: Store) -> None:
    page = visit(role="organizer", view="reports")
    page.button(key="make_docx").click().run()
    assert not page.exception and not page.error
    name = "duijie-quarter-2022-10-01-2022-12-31.docx"
    assert any(name in one.value.replace("\\", "") for one in page.success)
    told = own_store.journal(WRITTEN)[-1]
    assert told["actor"] == "organizer" and told["payload"]["file"] == name
    assert any(one.kind == "quarter" and one.written == AS_OF for one in due_reports(organizer(), AS_OF))
    state = page.session_state["report_file"]
    assert "全国" in "\n".join(one.text for one in Document(io.BytesIO(state[3])).paragraphs)


def test_a_workbook_and_a_summary_of_a_contest(own_store: Store) -> None:
    desk = organizer()
    _, content = write_report(visitor_of(desk), desk, QUARTER, "xlsx")
    assert "figures" in openpyxl.load_workbook(io.BytesIO(content)).sheetnames
    contest = next(one.scope.zh for one in due_reports(desk, AS_OF) if one.kind == "contest")
    name, content = write_report(visitor_of(desk), desk, Wanted("contest", contest, date(2022, 1, 1), AS_OF), "docx")
    assert name.startswith("duijie-contest-") and len(content) > 1000
    for wanted, code in (
        (Wanted("contest", "浙江", QUARTER.start, QUARTER.end), "report.contest"),
        (Wanted("quarter", "没有这样的地方", QUARTER.start, QUARTER.end), "scope.unknown"),
        (Wanted("quarter", "", QUARTER.end, QUARTER.start), "report.period"),
    ):
        with pytest.raises(DuijieError, match=code.replace(".", r"\.")):
            write_report(visitor_of(desk), desk, wanted, "docx")


def test_a_scope_nobody_knows_is_told_on_the_page() -> None:
    page = visit(role="organizer", view="reports", lang="en")
    page.text_input(key="report_scope").set_value("没有这样的地方").run()
    page.button(key="make_xlsx").click().run()
    assert not page.exception and not page.success
    assert any("unknown scope" in one.value.replace("\\", "") for one in page.error)


def test_a_growth_case_is_confirmed_by_a_person_and_taken_back(own_store: Store) -> None:
    found = growth_cases(organizer(), QUARTER)
    first = str(found.rows["project_id"].iloc[0])
    assert first not in found.by
    page = visit(role="organizer", view="reports")
    page.toggle(key="growth_ask").set_value(True).run()
    page.selectbox(key="growth_project").set_value(first).run()
    assert page.button(key="growth_go").disabled
    page.text_input(key="growth_by").set_value("处长（样例）").run()
    page.button(key="growth_go").click().run()
    assert page.success[0].value == catalogue()["growth.confirmed_now"][0]
    assert growth_cases(organizer(), QUARTER).by == {first: "处长（样例）"}
    desk = organizer()
    decide_growth(visitor_of(desk), desk, QUARTER, first, "处长（样例）", take_back=True)
    assert not growth_cases(organizer(), QUARTER).by
    with pytest.raises(DuijieError, match=r"growth\.unproposed"):
        decide_growth(visitor_of(desk), desk, QUARTER, "no-such-project", "处长（样例）")


# --- evaluation --------------------------------------------------------------------------------------------------


def test_a_missing_evaluation_is_told_with_the_command_and_a_broken_one_by_its_name(
    own_store: Store,
) -> None:
    assert "duijie evaluate crunchbase" in shown(visit(role="organizer", view="evaluation"))
    folder = own_store.runs_folder / FOLDER
    folder.mkdir()
    (folder / "half.json").write_text('{"kind": ', encoding="utf-8")
    page = visit(role="organizer", view="evaluation")
    assert any("half" in one.value for one in page.warning)
    (folder / "half.json").write_text('{"kind": "ablation", "on": ["dev", "short"]}', encoding="utf-8")  # no figures
    assert measured(organizer()).problem and not visit(role="organizer", view="evaluation").exception


def test_the_last_evaluation_is_shown_with_its_figures(own_store: Store) -> None:
    folder = own_store.runs_folder / FOLDER
    folder.mkdir()
    families = {"lexical": {"without": [0.701, 0.65, 0.75], "gives": [0.04, 0.01, 0.07], "verdict": "helps"}}
    told = {"kind": "ablation", "on": ["dev", "short"], "whole": [0.741, 0.7, 0.78], "families": families}
    (folder / "ablation.json").write_text(json.dumps(told), encoding="utf-8")
    page = visit(role="organizer", view="evaluation", lang="en")
    (frame,) = [one.value for one in page.dataframe]
    assert frame.iloc[1, 0] == "lexical" and "0.701 [0.650, 0.750]" in list(frame.iloc[1])
    assert "duijie evaluate ablation" in shown(page)


def test_calibration_and_trials_beside_the_runs_are_shown(own_store: Store) -> None:
    curve = Curve(180, "isotonic", (0.0, 1.0), (0.1, 0.4), (0.05, 0.3), (0.2, 0.5), 300, 60)
    kept = Calibration("financing", AS_OF, "s", {"accepted": curve}, {"delivered": "太少 / too few"})
    keep_calibration(own_store.runs_folder, kept)
    (own_store.runs_folder / MODELS).mkdir()
    trial = {"head": "cold", "dates": [], "asked": 12, "transparent": None, "learned": None, "difference": None}
    text = json.dumps({"channel": "financing", "as_of": "2022-12-31", "models": {}, "trials": [trial | {"won": False}]})
    (own_store.runs_folder / MODELS / "financing-2022-12-31.json").write_text(text, encoding="utf-8")
    page = visit(role="organizer", view="evaluation", lang="en", channel="financing")
    told = shown(page)
    assert "Accepted (180 days): 60 of 300" in told and "Delivered: no probability, too few" in told
    tables = [frame.value for frame in page.dataframe]
    assert any("verdict" in table and table["verdict"][0] == catalogue()["evaluation.few"][1] for table in tables)


def test_the_effect_that_cannot_be_told_yet_is_refused_in_words() -> None:
    page = visit(role="organizer", view="evaluation", lang="en")
    page.button(key="effect_go").click().run()
    assert not page.exception
    assert any("days old" in one.value.replace("\\", "") for one in page.warning)
