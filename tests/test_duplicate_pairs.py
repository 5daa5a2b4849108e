"""Pairs of records that may be one project: asked, decided, undone, by page and by command, within a region."""

from __future__ import annotations

from typing import Any

import pytest
from dashboard_market import DashboardMarket
from deciding import JIANGSU, call, desk, keys, refused, visitor
from duplicate_market import verdicts
from hypothesis import given
from hypothesis import strategies as st

from app import same_project
from app.dashboard import compared
from app.dashboard.conflict_queries import confirm_conflict, conflicts_of_interest, differing_values
from app.dashboard.duplicate_queries import (
    decided_pairs,
    keep_apart,
    merge_pair,
    open_pairs,
    pair_told,
    record_count,
    take_back,
)
from app.dashboard.views.duplicates import narrowed
from app.same_project import DIFFERENT, SAME, declare_same, standing
from data.differing import DIFFER, UNDIFFER, declared, differing
from data.merging import MERGE, UNMERGE, merges_of
from data.store import Store


def test_pairs_are_asked_the_surest_first_with_their_signs(duplicates: DashboardMarket) -> None:
    frame = open_pairs(desk())
    assert sorted(frame["key"]) == ["A|B", "C|D", "E|F", "G|H"]
    assert list(frame["score"]) == sorted(frame["score"], reverse=True)
    mine = frame.set_index("key").loc["A|B"]
    assert mine["signs"][0] == "text" and mine["band"] == "likely" and mine["places"] == ["江苏省"]
    told = pair_told(desk(), "A|B")
    assert [side.record for side in told.sides] == ["A", "B"]
    assert list(told.signs.values()) == sorted(told.signs.values(), reverse=True)
    first, second = told.sides
    assert "十二通道同步采样" in first.evidence and "十二通道同步采样" in second.evidence
    assert first.rights == ["ZL 2021 1 0123456.7"] and first.filled > 5
    assert "13800138000" not in str(told)
    assert record_count(desk()) == 9


def test_an_anonymous_side_stays_anonymous_and_a_withdrawn_pair_tells_nothing(duplicates: DashboardMarket) -> None:
    names = open_pairs(desk()).set_index("key")
    assert "澄野" not in names.loc["E|F", "name_other"]
    teaser = pair_told(desk(), "E|F").sides[1]
    assert teaser.teaser and "澄野" not in str(teaser.row)
    gone = pair_told(desk(), "G|H").sides[1]
    assert gone.hidden and gone.row == {"project_id": "H"} and not gone.evidence
    assert names.loc["G|H", "name_other"] == "H"


def test_a_record_of_an_anonymous_project_is_anonymous_too(duplicates: DashboardMarket) -> None:
    declare_same(duplicates.system.store, "F", "E", actor="test")
    (told,) = decided_pairs(desk())
    assert "减反射" not in told["name_other"] and "澄野" not in told["name_one"]


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("", {}, ["A|B", "C|D", "E|F", "G|H"]),
        ("盐碱 二期", {}, ["C|D"]),
        ("<SCRIPT>", {}, ["A|B"]),
        ("", {"band": ["likely"]}, ["A|B"]),
        ("", {"signs": ["applicant"]}, ["C|D", "E|F", "G|H"]),
        ("", {"places": ["山东省"], "groups": []}, ["C|D"]),
        ("没有", {}, []),
    ],
)
def test_filters(duplicates: DashboardMarket, text: str, wanted: dict[str, list[str]], found: list[str]) -> None:
    assert sorted(narrowed(open_pairs(desk()), text, wanted)["key"]) == found


def test_records_are_compared_once_for_an_import(duplicates: DashboardMarket, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    real = compared.find_duplicates
    monkeypatch.setattr(compared, "find_duplicates", lambda *tables: calls.append(1) or real(*tables))
    assert len(keys()) == 4
    merge_pair(visitor(), desk(), "A", "B")
    keep_apart(visitor(), desk(), "C", "D")
    confirm_conflict(visitor(), desk(), "A", "JUDGE", "judge", "已告知（样例）")
    assert sorted(keys(JIANGSU)) == sorted(keys()) == ["E|F", "G|H"]
    assert len(calls) == 1
    store = duplicates.system.store
    rows = store.current("projects").slice(0, 1).to_pylist()
    rows[0]["summary"] = "完全不同的内容。"
    store.write({"projects": store.current("projects").from_pylist(rows, store.current("projects").schema)}, [],
                actor="test", note={})  # fmt: skip
    keys()
    assert len(calls) == 2


def test_a_merge_is_kept_with_who_and_when_and_can_be_undone(duplicates: DashboardMarket) -> None:
    store = duplicates.system.store
    merge_pair(visitor(), desk(), "B", "A")
    assert store.merges() == {"A": "B"}
    assert "A|B" not in keys()
    (told,) = decided_pairs(desk())
    assert (told["verdict"], told["one"], told["other"], told["actor"]) == (SAME, "B", "A", "organizer")
    assert told["at"].tzinfo is not None
    take_back(visitor(), desk(), told["seq"])
    assert store.merges() == {} and decided_pairs(desk()) == []
    assert "A|B" in keys()
    assert list(verdicts(store)) == [("merge", "organizer"), ("unmerge", "organizer")]


def test_two_that_are_different_are_not_asked_again_by_page_or_command(duplicates: DashboardMarket) -> None:
    keep_apart(visitor(), desk(), "B", "A")
    assert "A|B" not in keys()
    (told,) = decided_pairs(desk())
    assert (told["verdict"], told["one"], told["other"]) == (DIFFERENT, "A", "B")
    assert "\nA,B," not in call(duplicates, "duplicates").stdout
    assert "\nA,B," in call(duplicates, "duplicates", "--all").stdout
    refused("differ.already", lambda: keep_apart(visitor(), desk(), "A", "B"))
    refused("merge.differ", lambda: merge_pair(visitor(), desk(), "A", "B"))
    assert "merge.differ" in call(duplicates, "merge", "A", "B", code=2).stderr
    take_back(visitor(), desk(), told["seq"])
    assert "A|B" in keys()
    assert [action for action, _ in verdicts(duplicates.system.store)] == [DIFFER, UNDIFFER]


def test_the_command_decides_the_same(duplicates: DashboardMarket) -> None:
    call(duplicates, "merge", "A", "B", "--different")
    assert "A|B" not in keys()
    assert "differ.already" in call(duplicates, "merge", "B", "A", "--different", code=2).stderr
    call(duplicates, "unmerge", "B", "A")
    assert "A|B" in keys()
    assert "differ.missing" in call(duplicates, "unmerge", "A", "B", code=2).stderr
    assert "differ.self" in call(duplicates, "merge", "A", "A", "--different", code=2).stderr
    assert "project.unknown" in call(duplicates, "merge", "A", "nobody", "--different", code=2).stderr
    call(duplicates, "merge", "A", "B")
    assert "differ.merged" in call(duplicates, "merge", "A", "B", "--different", code=2).stderr


def test_what_was_declared_of_a_record_holds_for_what_it_is_merged_into(duplicates: DashboardMarket) -> None:
    call(duplicates, "merge", "A", "B", "--different")
    call(duplicates, "merge", "X", "B")
    assert "merge.differ" in call(duplicates, "merge", "X", "A", code=2).stderr
    assert "A|X" not in keys()  # A and B, compared, would be A and X now
    call(duplicates, "unmerge", "A", "X")  # under the ids that show, as the hint of the refusal says
    assert "A|X" in keys()
    told = pair_told(desk(), "A|X").sides[1]
    assert (told.record, told.shown) == ("B", "X")


def test_a_decision_on_a_pair_that_the_command_merged_meanwhile_is_refused(duplicates: DashboardMarket) -> None:
    before = desk()
    assert "A|B" in list(open_pairs(before)["key"])
    call(duplicates, "merge", "X", "A")
    refused("pair.stale", lambda: merge_pair(visitor(), before, "A", "B"))
    refused("pair.stale", lambda: keep_apart(visitor(), before, "A", "B"))
    (told,) = decided_pairs(desk())
    call(duplicates, "unmerge", "A")
    refused("decision.gone", lambda: take_back(visitor(), before, told["seq"]))
    assert [action for action, _ in verdicts(duplicates.system.store)] == ["merge", "unmerge"]


def test_of_two_merges_at_one_moment_the_first_holds_and_the_second_is_told(
    duplicates: DashboardMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, real = duplicates.system.store, Store.append

    def late(self: Store, actor: str, action: str, payload: Any, **more: Any) -> bool:
        real(self, "somebody", MERGE, {"kept": "B", "absorbed": "A"})
        return real(self, actor, action, payload, **more)

    monkeypatch.setattr(Store, "append", late)
    refused("merge.late", lambda: declare_same(store, "A", "B", actor="test"))
    assert store.merges() == {"A": "B"}
    assert [one.actor for one in standing(store).decided] == ["somebody"]


@given(st.lists(st.tuples(st.sampled_from([MERGE, UNMERGE]), *[st.sampled_from("ABCD")] * 2), max_size=12))
def test_no_order_of_merges_makes_a_circle(told: list[tuple[str, str, str]]) -> None:
    entries = [{"action": action, "payload": {"kept": kept, "absorbed": other}} for action, kept, other in told]
    merges = merges_of(entries)
    assert all(shown not in merges and shown != record for record, shown in merges.items())


def test_pairs_that_show_as_one_are_no_pair() -> None:
    entry = {"action": DIFFER, "payload": {"project_id_a": "A", "project_id_b": "B"}}
    assert differing([entry], {}) == {("A", "B")}
    assert differing([entry], {"B": "C"}) == {("A", "C")}
    assert differing([entry], {"A": "B"}) == frozenset()
    assert declared([entry, {**entry, "action": UNDIFFER}]) == {}


def test_decisions_that_stand_are_the_latest_first(duplicates: DashboardMarket) -> None:
    store = duplicates.system.store
    same_project.declare_same(store, "A", "B", actor="一")
    same_project.declare_different(store, "C", "D", actor="二")
    assert [one.actor for one in standing(store).decided] == ["二", "一"]
    assert standing(store).groups == {"A": ["B"]}


# Who may


def test_a_region_sees_and_decides_pairs_of_its_own_only(duplicates: DashboardMarket) -> None:
    whole = desk()
    assert sorted(keys(JIANGSU)) == ["A|B", "E|F", "G|H"] and len(open_pairs(whole)) == 4
    own, mine = desk(region=JIANGSU), visitor(region=JIANGSU)
    assert keys("370000") == []
    for act in (
        lambda: pair_told(own, "C|D"),
        lambda: merge_pair(mine, own, "C", "D"),
        lambda: merge_pair(mine, own, "D", "C"),
        lambda: keep_apart(mine, own, "C", "D"),
        lambda: keep_apart(mine, own, "C", "nobody"),
        lambda: take_back(mine, own, 10_000),
    ):
        refused("access.denied", act)
    merge_pair(visitor(), whole, "C", "D")
    (told,) = decided_pairs(desk())
    assert decided_pairs(desk(region=JIANGSU)) == []
    refused("access.denied", lambda: take_back(mine, desk(region=JIANGSU), told["seq"]))
    refused("access.denied", lambda: merge_pair(mine, desk(region=JIANGSU), "X", "C"))  # C shows for D of Shandong
    merge_pair(mine, desk(region=JIANGSU), "A", "B")
    assert [one["one"] for one in decided_pairs(desk(region=JIANGSU))] == ["A"]
    assert len(decided_pairs(desk())) == 2


@pytest.mark.parametrize("role", ["fund", "park", "owner", "mentor"])
def test_nobody_but_an_organizer_decides(duplicates: DashboardMarket, role: str) -> None:
    own, mine = desk(role), visitor(role)
    for act in (
        lambda: open_pairs(own),
        lambda: decided_pairs(own),
        lambda: pair_told(own, "A|B"),
        lambda: record_count(own),
        lambda: merge_pair(mine, own, "A", "B"),
        lambda: keep_apart(mine, own, "A", "B"),
        lambda: take_back(mine, own, 1),
        lambda: conflicts_of_interest(mine, own),
        lambda: confirm_conflict(mine, own, "A", "JUDGE", "judge", "x"),
        lambda: differing_values(mine, own),
    ):
        refused("access.denied", act)
    assert list(verdicts(duplicates.system.store)) == []
