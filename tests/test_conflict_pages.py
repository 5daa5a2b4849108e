"""Conflicts of interest: found with their source, confirmed and taken back, by page and by command."""

from __future__ import annotations

import pytest
from dashboard_market import SCRIPT, DashboardMarket
from deciding import JIANGSU, call, conflicts_found, desk, look, messages, refused, visitor
from duplicate_market import JUDGED, verdicts

from app.dashboard.conflict_queries import confirm_conflict, conflicts_of_interest, differing_values
from app.dashboard.duplicate_queries import merge_pair
from app.dashboard.shown_strings import catalogue, say
from app.dashboard.views.conflicts import narrowed
from app.wording import LANGUAGES


def test_conflicts_tell_their_source_and_leave_out_what_may_not_be_told(duplicates: DashboardMarket) -> None:
    frame = conflicts_of_interest(visitor(), desk()).set_index(["project_id", "institution_id"])
    assert set(frame.index) == {("A", "JUDGE"), ("C", "OWNER"), ("D", "JUDGE"), ("D", "OWNER"), ("F", "JUDGE")}
    assert frame.loc[("A", "JUDGE"), "source"] == "2023" and frame.loc[("A", "JUDGE"), "on"] == JUDGED
    assert "澄野" not in str(frame.loc[("F", "JUDGE")].to_dict())
    assert not frame["confirmed"].any()
    listed = conflicts_of_interest(visitor(), desk())
    assert len(narrowed(listed, "沐川", ["owner"])) == 2
    assert narrowed(listed, "沐川", ["judge"]).empty


def test_a_conflict_is_confirmed_and_taken_back(duplicates: DashboardMarket) -> None:
    store = duplicates.system.store
    refused("conflict.note", lambda: confirm_conflict(visitor(), desk(), "A", "JUDGE", "judge", "  "))
    confirm_conflict(visitor(), desk(), "A", "JUDGE", "judge", "已书面告知（样例）")
    frame = conflicts_of_interest(visitor(), desk())
    mine = frame[frame["confirmed"].astype(bool)].iloc[0]
    assert (mine["project_id"], mine["actor"], mine["note"]) == ("A", "organizer", "已书面告知（样例）")
    assert int(frame["confirmed"].sum()) == 1 and frame["project_id"].iloc[-1] == "A"
    refused("conflict.stale", lambda: confirm_conflict(visitor(), desk(), "A", "JUDGE", "judge", "又一次"))
    confirm_conflict(visitor(), desk(), "A", "JUDGE", "judge", "一方撤回（样例）", seq=int(mine["seq"]))
    refused("conflict.stale", lambda: confirm_conflict(visitor(), desk(), "A", "JUDGE", "judge", "x", seq=99))
    assert not conflicts_of_interest(visitor(), desk())["confirmed"].any()
    assert [action for action, _ in verdicts(store)] == ["confirm", "unconfirm"]


def test_a_conflict_that_the_command_confirmed_is_seen_at_once(duplicates: DashboardMarket) -> None:
    before = desk()
    assert len(conflicts_found()) == 5
    call(duplicates, "confirm", "A", "JUDGE", "--conflict", "judge", "--note", "已告知（样例）")
    refused("conflict.stale", lambda: confirm_conflict(visitor(), before, "A", "JUDGE", "judge", "x"))
    assert conflicts_of_interest(visitor(), desk())["confirmed"].sum() == 1


def test_conflicts_of_a_region_and_of_merged_records(duplicates: DashboardMarket) -> None:
    own, mine = desk(region=JIANGSU), visitor(region=JIANGSU)
    assert {project for project, _, _ in conflicts_found(JIANGSU)} == {"A", "C", "F"}
    refused("access.denied", lambda: confirm_conflict(mine, own, "D", "JUDGE", "judge", "x"))
    refused("access.denied", lambda: confirm_conflict(mine, own, "A", "OWNER", "owner", "x"))
    refused("access.denied", lambda: differing_values(mine, own))
    merge_pair(visitor(), desk(), "C", "D")
    assert ("C", "JUDGE", "judge") in conflicts_found() and ("D", "JUDGE", "judge") not in conflicts_found()
    assert {project for project, _, _ in conflicts_found(JIANGSU)} == {
        "A",
        "F",
    }  # C is of Shandong as well
    frame = conflicts_of_interest(visitor(), desk()).set_index(["project_id", "institution_id"])
    assert frame.loc[("C", "JUDGE"), "on"] == JUDGED


def test_values_that_differ_between_files_are_listed(duplicates: DashboardMarket) -> None:
    assert list(differing_values(visitor(), desk())["column"]) == ["stage"]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_conflict_is_confirmed_and_taken_back_on_the_page(duplicates: DashboardMarket, language: str) -> None:
    page = look("conflicts", language)
    assert page.title[0].value == catalogue()["view.conflicts"][language == "en"]
    assert any(SCRIPT in text.value for text in page.text)
    assert not any(SCRIPT in str(one.value) for one in page.markdown)
    key = "A_JUDGE_judge_0"
    page.button(key=f"confirm_{key}").click().run()
    assert any("disclosed" in one or "披露" in one for one in messages(page))  # without a note: told, not kept
    page.text_input(key=f"note_{key}").set_value("<b>已告知</b> **x**")
    page.button(key=f"confirm_{key}").click().run()
    assert say("conflicts.confirm_done", language) in messages(page)
    page = look("conflicts", language, tab="confirmed")
    assert "“<b>已告知</b> **x**”" in [text.value for text in page.text]
    (key,) = [one.key.removeprefix("note_") for one in page.text_input if (one.key or "").startswith("note_")]
    page.text_input(key=f"note_{key}").set_value("撤回（样例）")
    page.button(key=f"revoke_{key}").click().run()
    assert say("conflicts.revoke_done", language) in messages(page)
    assert [action for action, _ in verdicts(duplicates.system.store)] == ["confirm", "unconfirm"]
    page = look("conflicts", language, tab="values")
    assert len(page.dataframe[0].value) == 1
