"""Stale cases, outcomes against the prediction, and good projects that wait for a person."""

from __future__ import annotations

from datetime import date, timedelta

from alert_market import NO_ROWS, RUN_DAY, busiest, change, event, record

from app.alerts import REFUSED, RULED_OUT, SUCCEEDED, promising, stale_cases, surprises
from app.commands.alerts import named
from app.digests import digests
from app.reports.facts import read_facts
from app.reports.growth import confirm, propose
from app.reports.scope import NATION
from app.system import System
from data.sample.generator import AS_OF


def test_cases_go_stale_by_silence_or_a_missed_call(alerting: System) -> None:
    institution = busiest(alerting)
    first, second, third = alerting.store.current("projects").column("project_id").to_pylist()[:3]
    record(
        alerting,
        event(first, institution, "introduced", date(2022, 1, 1)),
        event(second, institution, "introduced", date(2022, 1, 1)),
        event(second, institution, "met", date(2022, 3, 31)),
        event(third, institution, "introduced", date(2022, 1, 1)),
        event(third, institution, "declined", date(2022, 1, 9)),
    )
    found = stale_cases(alerting.store, date(2022, 4, 2))
    assert found["project_id"].tolist() == [first]
    assert found[["state", "overdue_days", "quiet_days"]].iloc[0].tolist() == ["not_called", 60, 91]
    found = stale_cases(alerting.store, date(2022, 6, 1), quiet=60).set_index("project_id")
    assert found.loc[second, "state"] == "scheduled" and found.loc[second, "quiet_days"] == 62
    assert second not in stale_cases(alerting.store, date(2022, 6, 1), quiet=62)["project_id"].tolist()


def pairs(alerting: System) -> dict[str, tuple[str, str]]:
    """Pairs of the run: one ranked first, one ruled out, one off the list."""
    table = alerting.run_of("financing").table("matches_financing").to_pylist()
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


def test_outcomes_against_the_prediction_are_found_and_others_are_not(alerting: System) -> None:
    chosen = pairs(alerting)
    begin, end = RUN_DAY + timedelta(days=3), RUN_DAY + timedelta(days=40)
    for pair, name in ((chosen["first"], "declined"), (chosen["out"], "delivered"), (chosen["off"], "delivered")):
        record(alerting, event(*pair, "introduced", begin), event(*pair, name, end))
    found = surprises(alerting.store, end + timedelta(days=5))
    told = {(row["project_id"], row["institution_id"]): row for row in found.to_dict("records")}
    assert {pair: row["what"] for pair, row in told.items()} == {
        chosen["first"]: REFUSED,
        chosen["out"]: RULED_OUT,
        chosen["off"]: SUCCEEDED,
    }
    assert told[chosen["first"]]["rank"] == 1 and told[chosen["out"]]["rule"]
    assert surprises(alerting.store, end + timedelta(days=31)).empty  # told for a month
    assert surprises(alerting.store, end - timedelta(days=1)).empty  # not known before


def test_an_expected_outcome_and_one_before_every_run_are_no_surprise(alerting: System) -> None:
    chosen = pairs(alerting)
    late, end = RUN_DAY + timedelta(days=3), RUN_DAY + timedelta(days=40)
    record(alerting, event(*chosen["first"], "introduced", late), event(*chosen["first"], "delivered", end))
    record(alerting, event(*chosen["out"], "introduced", late), event(*chosen["out"], "declined", end))
    early = RUN_DAY - timedelta(days=1)
    record(alerting, event(*chosen["off"], "introduced", early), event(*chosen["off"], "delivered", end))
    assert surprises(alerting.store, end).empty


def test_projects_that_are_let_go_are_in_no_digest(alerting: System) -> None:
    chosen = pairs(alerting)
    begin, end = RUN_DAY + timedelta(days=3), RUN_DAY + timedelta(days=40)
    record(alerting, event(*chosen["first"], "introduced", begin), event(*chosen["first"], "declined", end))
    record(alerting, event(*chosen["off"], "introduced", begin))
    day = end + timedelta(days=5)
    odd = surprises(alerting.store, day)
    assert len(named(alerting.store, odd, day)) == len(stale_cases(alerting.store, day)) == 1
    for project, _ in (chosen["first"], chosen["off"]):
        change(alerting, project, state="disqualified")
    assert named(alerting.store, odd, day).empty and stale_cases(alerting.store, day).empty


def test_good_projects_wait_for_a_person(alerting: System) -> None:
    day = date(2022, 8, 1)
    found = {one.project_id: one for one in promising(alerting.store, day)}
    assert found
    key = next(key for key, one in found.items() if len(one.criteria) == 1)
    case = next(
        case for case in propose(read_facts(alerting.store, NATION, date(2022, 7, 1), day)) if case.project_id == key
    )
    confirm(alerting.store, case, by="甲（样例）", actor="x", on=day)
    assert set(found) - {one.project_id for one in promising(alerting.store, day)} == {key}
    other = next(name for name in found if name != key)
    named = next(row["name"] for row in alerting.store.current("projects").to_pylist() if row["project_id"] == other)
    assert found[other].name == named
    change(alerting, other, confidentiality="teaser")
    again = {one.project_id: one.name for one in promising(alerting.store, day)}
    assert again[other].startswith("匿名项目")
    for number, gone in enumerate(({"state": "withdrawn"}, {"confidentiality": "closed"}, {"consent": ["none"]})):
        left = sorted(again)[number]
        change(alerting, left, **gone)
        assert left not in {one.project_id for one in promising(alerting.store, day)}
    again = {one.project_id: one.name for one in promising(alerting.store, day)}
    (organizer,) = digests(AS_OF, [], NO_ROWS, NO_ROWS, [], {}, promising(alerting.store, day))
    assert organizer.text.count("模式新 / new model") == len(again)
