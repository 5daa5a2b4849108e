"""Passes with a reason: what stands passed on a date, what the next run makes of it, and what is left to introduce."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from app.dashboard.owner_queries import DECLINE_REASONS
from app.feedback import PASS_REASONS, PASSED, SHORTLISTED, UNDONE, decide, decisions
from app.introductions import allowance
from data.decisions import DECISION, PASSES, passes_of
from data.declines import VOCABULARY, decline_label
from data.intake import Intake
from data.reference.vocabularies import vocabulary
from data.store import Store
from data.tables import OUTCOMES
from data.view import View
from features.families.feedback import FAMILY, LEAST, MOST, recurring
from matcher.channel import channels
from matcher.market import ChannelMarket, build_market
from matcher.pipeline import rank_channel
from matcher.run import view_fingerprint
from matcher.settings import Settings
from matcher.tables import matches_table

LEXICAL = Settings(encoder="none")

TODAY = date.today()
FUND = "SAMPLE-I001"
Pass = tuple[str, str, str]


def entry(project: str, state: str, day: date, reason: str = "", institution: str = FUND) -> dict[str, object]:
    """One decision of the journal, made at noon of a day."""
    payload = {"project_id": project, "institution_id": institution, "channel": "financing", "state": state}
    told = {**payload, "reason": reason, "note": "", "until": ""}
    at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC).replace(tzinfo=None)
    return {"action": DECISION, "at": at, "actor": "a", "payload": told}


def with_passes(view: View, passes: Sequence[Pass]) -> View:
    """A view in which these (institution, project, reason) stand passed in the financing channel."""
    rows = [
        {"institution_id": one, "channel": "financing", "project_id": project, "reason": reason}
        for one, project, reason in passes
    ]
    return dataclasses.replace(view, passes=pa.Table.from_pylist(rows, schema=PASSES))


@pytest.fixture(scope="module")
def view(sample_store: Store, sample_as_of: date) -> View:
    return sample_store.view(sample_as_of)


@pytest.fixture(scope="module")
def plain(view: View) -> ChannelMarket:
    return build_market(view, channels()["financing"], LEXICAL, None)


def of_province(view: View, count: int) -> list[str]:
    """Projects of one province."""
    rows = view.projects.select(["project_id", "province"]).to_pylist()
    return [row["project_id"] for row in rows if str(row["province"]).startswith("浙江")][:count]


def values_of_feature(market: ChannelMarket, name: str) -> dict[tuple[str, str], float]:
    """A feature of every pair, where it is not 0."""
    n, count = market.n_institutions, market.n_projects
    rows, cols = np.repeat(np.arange(count), n), np.tile(np.arange(n), count)
    told = FAMILY.fit(market.market).block(0, count).pairs(rows, cols)[name]
    projects = market.market.view.projects.column("project_id").to_pylist()
    institutions = market.market.view.institutions.column("institution_id").to_pylist()
    hits = np.flatnonzero(told)
    return {(projects[rows[at]], institutions[cols[at]]): float(told[at]) for at in hits}


def market_with(plain: ChannelMarket, passes: Sequence[Pass]) -> ChannelMarket:
    """The market under a view with passes; texts are not read again."""
    inner = dataclasses.replace(plain.market, view=with_passes(plain.market.view, passes))
    return dataclasses.replace(plain, market=inner)


# --- what stands passed --------------------------------------------------------------------------------------------


def test_only_what_was_entered_by_the_date_and_not_undone_stands_passed() -> None:
    first, second = date(2024, 3, 1), date(2024, 3, 20)
    told = [
        entry("P1", PASSED, first, "region"),
        entry("P2", PASSED, first, "stage"),
        entry("P3", SHORTLISTED, first),
        entry("P2", UNDONE, second),
        entry("P4", PASSED, second, "amount"),
        {"action": "consent", "at": datetime(2024, 3, 1), "payload": {"project_id": "P9"}},
    ]
    known = {day: passes_of(told, {}, day).column("project_id").to_pylist() for day in (first, second)}
    assert known == {first: ["P1", "P2"], second: ["P1", "P4"]}
    assert passes_of(told, {}, first - timedelta(days=1)).num_rows == 0
    assert passes_of(told, {}, first).schema == PASSES


def test_a_pass_of_a_merged_record_is_one_of_the_project_and_old_codes_are_read() -> None:
    told = [entry("OLD", PASSED, date(2024, 3, 1), "maturity")]
    assert passes_of(told, {"OLD": "P1"}, TODAY).to_pylist() == [
        {"institution_id": FUND, "channel": "financing", "project_id": "P1", "reason": "stage"}
    ]


def test_reasons_are_those_by_which_declined_introductions_are_counted() -> None:
    codes = vocabulary(VOCABULARY).codes
    for reasons in (PASS_REASONS, DECLINE_REASONS):
        assert len(set(reasons)) == len(reasons) > 5
        assert set(reasons) <= set(codes)
        assert all(decline_label(code, "en") != code for code in reasons)


def test_a_view_holds_the_passes_of_its_date_and_its_fingerprint_tells_them(
    sample_intake: Intake, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = Store(tmp_path_factory.mktemp("passes") / "s.duckdb")
    store.write(sample_intake.tables, [], actor="test", note={})
    before = [view_fingerprint(store.view(day)) for day in (TODAY - timedelta(days=1), TODAY)]
    decide(store, "SAMPLE-P0001", FUND, "financing", SHORTLISTED, actor="a", today=TODAY)
    assert view_fingerprint(store.view(TODAY)) == before[1]  # only a pass changes a ranking
    decide(store, "SAMPLE-P0001", FUND, "financing", PASSED, actor="a", today=TODAY, reason="region")
    assert store.view(TODAY).passes.num_rows == store.view(TODAY, texts=False).passes.num_rows == 1
    assert view_fingerprint(store.view(TODAY)) != before[1]
    assert view_fingerprint(store.view(TODAY - timedelta(days=1))) == before[0]
    decide(store, "SAMPLE-P0001", FUND, "financing", UNDONE, actor="a", today=TODAY)
    assert view_fingerprint(store.view(TODAY)) == before[1]
    assert decisions(store) == {}


# --- what a run makes of it ----------------------------------------------------------------------------------------


def test_a_passed_project_is_not_recommended_to_that_institution_again(view: View, plain: ChannelMarket) -> None:
    ranked = matches_table(plain, rank_channel(plain, np.ones(plain.n_projects, bool), 10), "r").to_pandas()
    best = ranked[(ranked.status == "recommended") & ranked.rank_for_institution.notna()].iloc[0]
    pair = (best.institution_id, best.project_id)
    market = build_market(
        with_passes(view, [(*pair, "known")]), plain.channel, LEXICAL, None, plain.market.project_texts
    )
    after = matches_table(market, rank_channel(market, np.ones(plain.n_projects, bool), 10), "r").to_pandas()
    told = after[(after.institution_id == pair[0]) & (after.project_id == pair[1])].iloc[0]
    assert (told.status, told.rule) == ("ineligible", "passed")
    others = after[(after.project_id == pair[1]) & (after.institution_id != pair[0])]
    assert "passed" not in set(";".join(others.rule).split(";"))
    assert len(others) > 0


def test_every_channel_has_the_rule() -> None:
    assert all("passed" in channel.rules for channel in channels().values())


@pytest.mark.parametrize("count", [LEAST - 1, LEAST, LEAST + 1, MOST, MOST + 2])
def test_a_reason_that_recurs_lowers_projects_of_the_same_value_for_that_institution_only(
    plain: ChannelMarket, count: int
) -> None:
    passed = of_province(plain.market.view, count)
    assert len(passed) == count
    found = values_of_feature(market_with(plain, [(FUND, one, "region") for one in passed]), "feedback_region")
    if count < LEAST:
        assert found == {}
        return
    expected = set(of_province(plain.market.view, plain.n_projects))
    assert set(found) == {(project, FUND) for project in expected}
    assert list(found.values()) == pytest.approx([-min(count, MOST) / MOST] * len(found))


def test_reasons_that_speak_of_nothing_shared_say_nothing_of_other_projects(plain: ChannelMarket) -> None:
    passed = of_province(plain.market.view, 4)
    for reason in ("team", "known", "other"):
        market = market_with(plain, [(FUND, one, reason) for one in passed])
        assert all(values_of_feature(market, feature.name) == {} for feature in FAMILY.features)
    mixed = [(FUND, one, reason) for one, reason in zip(passed, ("region", "stage", "amount", "region"), strict=True)]
    assert values_of_feature(market_with(plain, mixed), "feedback_region") == {}


def test_a_pass_in_another_channel_or_of_an_unknown_project_does_not_count(plain: ChannelMarket) -> None:
    view = plain.market.view
    passed = [(FUND, one, "region") for one in of_province(view, LEAST)]
    passes = with_passes(view, passed).passes
    assert len(recurring(passes, "financing", view.projects, plain.market.project_texts)) == 1
    assert recurring(passes, "services", view.projects, plain.market.project_texts) == []
    unknown = with_passes(view, [*passed[:-1], (FUND, "NOBODY", "region")]).passes
    assert recurring(unknown, "financing", view.projects, plain.market.project_texts) == []


@pytest.mark.parametrize("reason", ["sector", "stage", "amount"])
def test_each_reason_reads_the_value_it_speaks_of(plain: ChannelMarket, reason: str) -> None:
    view = plain.market.view
    ids = view.projects.column("project_id").to_pylist()
    passes = with_passes(view, [(FUND, one, reason) for one in ids]).passes
    told = recurring(passes, "financing", view.projects, plain.market.project_texts)
    assert told and {one.reason for one in told} == {reason}
    counts = [one.count for one in told]
    assert counts == sorted(counts, reverse=True) and sum(counts) <= len(ids)
    found = values_of_feature(market_with(plain, [(FUND, one, reason) for one in ids]), f"feedback_{reason}")
    assert len(found) == sum(counts)


# --- introductions that are left -----------------------------------------------------------------------------------


def events(*rows: tuple[str, str, str, date]) -> pa.Table:
    names = ("project_id", "institution_id", "event", "at")
    told = [dict(zip(names, row, strict=True)) | {"channel": "financing"} for row in rows]
    return pa.Table.from_pylist(told, schema=OUTCOMES.schema)


def test_what_is_left_counts_introductions_of_this_quarter_up_to_today() -> None:
    day = date(2024, 5, 15)
    told = events(
        ("P1", FUND, "introduced", date(2024, 4, 1)),
        ("P1", FUND, "introduced", date(2024, 5, 2)),  # the same pair once more
        ("P2", FUND, "introduced", day),
        ("P3", FUND, "introduced", date(2024, 3, 31)),  # the quarter before
        ("P4", FUND, "introduced", date(2024, 5, 16)),  # not yet
        ("P5", FUND, "accepted", day),
        ("P6", "OTHER", "introduced", day),
    )
    told = pa.concat_tables([told, events(("OLD", FUND, "introduced", day))])  # another record of P2
    found = allowance(5.0, told, {"OLD": "P2"}, FUND, day)
    assert found is not None
    assert (found.limit, found.introduced, found.left) == (5, 2, 3)
    assert (found.first, found.last) == (date(2024, 4, 1), date(2024, 6, 30))


def test_more_introductions_than_asked_for_leave_none_and_no_number_is_no_limit() -> None:
    day = date(2024, 5, 15)
    told = events(*((f"P{number}", FUND, "introduced", day) for number in range(4)))
    found = allowance(2.0, told, {}, FUND, day)
    assert found is not None and found.left == 0 and found.introduced == 4
    assert allowance(None, told, {}, FUND, day) is None
