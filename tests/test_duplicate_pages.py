"""Deciding duplicates and conflicts of interest: remembered, undone, bounded by the region, never markup."""

from __future__ import annotations

import dataclasses
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from dashboard_market import FORMULA, SCRIPT, DashboardMarket
from duplicate_market import JUDGED, verdicts, write_duplicates
from hypothesis import given
from hypothesis import strategies as st
from page_visits import texts_of, use, visit
from streamlit.testing.v1 import AppTest

from app import same_project
from app.cli import main
from app.dashboard import compared
from app.dashboard.access import Access
from app.dashboard.conflict_queries import confirm_conflict, conflicts_of_interest, differing_values
from app.dashboard.desk import Desk, open_desk
from app.dashboard.duplicate_queries import (
    decided_pairs,
    keep_apart,
    merge_pair,
    open_pairs,
    pair_told,
    record_count,
    take_back,
)
from app.dashboard.roles import ROLES
from app.dashboard.shown_strings import catalogue, say
from app.dashboard.views import duplicates as duplicates_page
from app.dashboard.views.conflicts import narrowed as narrowed_conflicts
from app.dashboard.views.duplicates import narrowed
from app.dashboard.visitor import Visitor
from app.differences import differing_pieces, own_sentences
from app.same_project import DIFFERENT, SAME, declare_same, standing
from app.system import System
from data.differing import DIFFER, UNDIFFER, declared, differing
from data.merging import MERGE, UNMERGE, merges_of
from data.problem import DuijieError
from data.store import Store
from matcher.settings import Settings

LANGUAGES = ("zh", "en")
JIANGSU = "320000"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> DashboardMarket:
    return write_duplicates(tmp_path_factory.mktemp("duplicates"))


@pytest.fixture
def market(written: DashboardMarket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DashboardMarket:
    """A store of the test's own, with the runs of the written one."""
    store = Store(tmp_path / "duplicates.duckdb")
    shutil.copy(written.store, store.path)
    store.runs_folder.symlink_to(written.system.store.runs_folder)
    own = dataclasses.replace(written, store=store.path, system=System(store, Settings(encoder="none")))
    use(own, monkeypatch)
    return own


def desk(role: str = "organizer", region: str = "") -> Desk:
    access = Access(ROLES[role], region=region)
    return open_desk(access.role.channel or "financing", access)


def visitor(role: str = "organizer", region: str = "") -> Visitor:
    return Visitor("zh", ROLES[role], "financing", Access(ROLES[role], region=region))


def keys(region: str = "") -> list[str]:
    return list(open_pairs(desk(region=region))["key"])


def refused(code: str, act: Any) -> None:
    with pytest.raises(DuijieError) as error:
        act()
    assert error.value.code == code


def call(market: DashboardMarket, *words: str, code: int = 0) -> Any:
    result = CliRunner().invoke(main, [*words, "--store", str(market.store)])
    assert result.exit_code == code, result.output + result.stderr
    return result


# --- duplicates: what is asked ---------------------------------------------------------------------------------------


def test_pairs_are_asked_the_surest_first_with_their_signs(market: DashboardMarket) -> None:
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


def test_an_anonymous_side_stays_anonymous_and_a_withdrawn_pair_tells_nothing(market: DashboardMarket) -> None:
    names = open_pairs(desk()).set_index("key")
    assert "澄野" not in names.loc["E|F", "name_other"]
    teaser = pair_told(desk(), "E|F").sides[1]
    assert teaser.teaser and "澄野" not in str(teaser.row)
    gone = pair_told(desk(), "G|H").sides[1]
    assert gone.hidden and gone.row == {"project_id": "H"} and not gone.evidence
    assert names.loc["G|H", "name_other"] == "H"


def test_a_record_of_an_anonymous_project_is_anonymous_too(market: DashboardMarket) -> None:
    declare_same(market.system.store, "F", "E", actor="test")
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
def test_filters(market: DashboardMarket, text: str, wanted: dict[str, list[str]], found: list[str]) -> None:
    assert sorted(narrowed(open_pairs(desk()), text, wanted)["key"]) == found


def test_records_are_compared_once_for_an_import(market: DashboardMarket, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    real = compared.find_duplicates
    monkeypatch.setattr(compared, "find_duplicates", lambda *tables: calls.append(1) or real(*tables))
    assert len(keys()) == 4
    merge_pair(visitor(), desk(), "A", "B")
    keep_apart(visitor(), desk(), "C", "D")
    confirm_conflict(visitor(), desk(), "A", "JUDGE", "judge", "已告知（样例）")
    assert sorted(keys(JIANGSU)) == sorted(keys()) == ["E|F", "G|H"]
    assert len(calls) == 1
    store = market.system.store
    rows = store.current("projects").slice(0, 1).to_pylist()
    rows[0]["summary"] = "完全不同的内容。"
    store.write({"projects": store.current("projects").from_pylist(rows, store.current("projects").schema)}, [],
                actor="test", note={})  # fmt: skip
    keys()
    assert len(calls) == 2


# --- duplicates: deciding --------------------------------------------------------------------------------------------


def test_a_merge_is_kept_with_who_and_when_and_can_be_undone(market: DashboardMarket) -> None:
    store = market.system.store
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


def test_two_that_are_different_are_not_asked_again_by_page_or_command(market: DashboardMarket) -> None:
    keep_apart(visitor(), desk(), "B", "A")
    assert "A|B" not in keys()
    (told,) = decided_pairs(desk())
    assert (told["verdict"], told["one"], told["other"]) == (DIFFERENT, "A", "B")
    assert "\nA,B," not in call(market, "duplicates").stdout
    assert "\nA,B," in call(market, "duplicates", "--all").stdout
    refused("differ.already", lambda: keep_apart(visitor(), desk(), "A", "B"))
    refused("merge.differ", lambda: merge_pair(visitor(), desk(), "A", "B"))
    assert "merge.differ" in call(market, "merge", "A", "B", code=2).stderr
    take_back(visitor(), desk(), told["seq"])
    assert "A|B" in keys()
    assert [action for action, _ in verdicts(market.system.store)] == [DIFFER, UNDIFFER]


def test_the_command_decides_the_same(market: DashboardMarket) -> None:
    call(market, "merge", "A", "B", "--different")
    assert "A|B" not in keys()
    assert "differ.already" in call(market, "merge", "B", "A", "--different", code=2).stderr
    call(market, "unmerge", "B", "A")
    assert "A|B" in keys()
    assert "differ.missing" in call(market, "unmerge", "A", "B", code=2).stderr
    assert "differ.self" in call(market, "merge", "A", "A", "--different", code=2).stderr
    assert "project.unknown" in call(market, "merge", "A", "nobody", "--different", code=2).stderr
    call(market, "merge", "A", "B")
    assert "differ.merged" in call(market, "merge", "A", "B", "--different", code=2).stderr


def test_what_was_declared_of_a_record_holds_for_what_it_is_merged_into(market: DashboardMarket) -> None:
    call(market, "merge", "A", "B", "--different")
    call(market, "merge", "X", "B")
    assert "merge.differ" in call(market, "merge", "X", "A", code=2).stderr
    assert "A|X" not in keys()  # A and B, compared, would be A and X now
    call(market, "unmerge", "A", "X")  # under the ids that show, as the hint of the refusal says
    assert "A|X" in keys()
    told = pair_told(desk(), "A|X").sides[1]
    assert (told.record, told.shown) == ("B", "X")


def test_a_decision_on_a_pair_that_the_command_merged_meanwhile_is_refused(market: DashboardMarket) -> None:
    before = desk()
    assert "A|B" in list(open_pairs(before)["key"])
    call(market, "merge", "X", "A")
    refused("pair.stale", lambda: merge_pair(visitor(), before, "A", "B"))
    refused("pair.stale", lambda: keep_apart(visitor(), before, "A", "B"))
    (told,) = decided_pairs(desk())
    call(market, "unmerge", "A")
    refused("decision.gone", lambda: take_back(visitor(), before, told["seq"]))
    assert [action for action, _ in verdicts(market.system.store)] == ["merge", "unmerge"]


def test_of_two_merges_at_one_moment_the_first_holds_and_the_second_is_told(
    market: DashboardMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, real = market.system.store, Store.append

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


# --- who may ---------------------------------------------------------------------------------------------------------


def test_a_region_sees_and_decides_pairs_of_its_own_only(market: DashboardMarket) -> None:
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
def test_nobody_but_an_organizer_decides(market: DashboardMarket, role: str) -> None:
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
    assert list(verdicts(market.system.store)) == []


# --- conflicts of interest -------------------------------------------------------------------------------------------


def found(region: str = "") -> list[tuple[str, str, str]]:
    frame = conflicts_of_interest(visitor(region=region), desk(region=region))
    return list(zip(frame["project_id"], frame["institution_id"], frame["kind"], strict=True))


def test_conflicts_tell_their_source_and_leave_out_what_may_not_be_told(market: DashboardMarket) -> None:
    frame = conflicts_of_interest(visitor(), desk()).set_index(["project_id", "institution_id"])
    assert set(frame.index) == {("A", "JUDGE"), ("C", "OWNER"), ("D", "JUDGE"), ("D", "OWNER"), ("F", "JUDGE")}
    assert frame.loc[("A", "JUDGE"), "source"] == "2023" and frame.loc[("A", "JUDGE"), "on"] == JUDGED
    assert "澄野" not in str(frame.loc[("F", "JUDGE")].to_dict())
    assert not frame["confirmed"].any()
    listed = conflicts_of_interest(visitor(), desk())
    assert len(narrowed_conflicts(listed, "沐川", ["owner"])) == 2
    assert narrowed_conflicts(listed, "沐川", ["judge"]).empty


def test_a_conflict_is_confirmed_and_taken_back(market: DashboardMarket) -> None:
    store = market.system.store
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


def test_a_conflict_that_the_command_confirmed_is_seen_at_once(market: DashboardMarket) -> None:
    before = desk()
    assert len(found()) == 5
    call(market, "confirm", "A", "JUDGE", "--conflict", "judge", "--note", "已告知（样例）")
    refused("conflict.stale", lambda: confirm_conflict(visitor(), before, "A", "JUDGE", "judge", "x"))
    assert conflicts_of_interest(visitor(), desk())["confirmed"].sum() == 1


def test_conflicts_of_a_region_and_of_merged_records(market: DashboardMarket) -> None:
    own, mine = desk(region=JIANGSU), visitor(region=JIANGSU)
    assert {project for project, _, _ in found(JIANGSU)} == {"A", "C", "F"}
    refused("access.denied", lambda: confirm_conflict(mine, own, "D", "JUDGE", "judge", "x"))
    refused("access.denied", lambda: confirm_conflict(mine, own, "A", "OWNER", "owner", "x"))
    refused("access.denied", lambda: differing_values(mine, own))
    merge_pair(visitor(), desk(), "C", "D")
    assert ("C", "JUDGE", "judge") in found() and ("D", "JUDGE", "judge") not in found()
    assert {project for project, _, _ in found(JIANGSU)} == {"A", "F"}  # C shows for a record of Shandong as well
    frame = conflicts_of_interest(visitor(), desk()).set_index(["project_id", "institution_id"])
    assert frame.loc[("C", "JUDGE"), "on"] == JUDGED


def test_values_that_differ_between_files_are_listed(market: DashboardMarket) -> None:
    assert list(differing_values(visitor(), desk())["column"]) == ["stage"]


# --- differences -----------------------------------------------------------------------------------------------------


@given(st.text("甲乙丙 ab", max_size=20), st.text("甲乙丙 ab", max_size=20))
def test_pieces_joined_are_the_texts_again(one: str, other: str) -> None:
    for told, text in zip(differing_pieces(one, other), (one, other), strict=True):
        assert "".join(piece.text for piece in told) == text
        assert all(left.marked != right.marked for left, right in pairwise(told))
    marked = any(piece.marked for side in differing_pieces(one, other) for piece in side)
    assert marked == (one != other and bool(one) and bool(other))


def test_what_differs_is_marked() -> None:
    one, other = differing_pieces("盐碱地改良颗粒", "盐碱地改良颗粒（二期）")
    assert [(piece.text, piece.marked) for piece in one] == [("盐碱地改良颗粒", False)]
    assert [(piece.text, piece.marked) for piece in other] == [("盐碱地改良颗粒", False), ("（二期）", True)]
    assert [piece.marked for piece in differing_pieces("甲乙丙丁", "戊己庚辛")[0]] == [True]
    assert [piece.marked for piece in differing_pieces("长" * 2000, "长" * 1999)[0]] == [True]
    told = own_sentences("甲句。乙句Ａ。", "乙句a。丙句。")
    assert [(piece.text, piece.marked) for piece in told] == [("甲句。", True), ("乙句Ａ。", False)]


# --- pages -----------------------------------------------------------------------------------------------------------


def look(view: str, language: str = "zh", **more: str) -> AppTest:
    return visit(role="organizer", channel="financing", view=view, lang=language, **more)


def messages(page: AppTest) -> list[str]:
    return [str(one.value) for kind in (page.success, page.info, page.warning, page.error) for one in kind]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["A|B", "E|F", "G|H"])
def test_the_page_shows_a_pair_as_plain_text(market: DashboardMarket, language: str, key: str) -> None:
    page = look("duplicates", language, pair=key)
    assert page.title[0].value == catalogue()["view.duplicates"][language == "en"]
    told = texts_of(page)
    assert not any(SCRIPT in str(one.value) for one in page.markdown)
    if key == "A|B":
        assert SCRIPT.split("<img")[0] in "".join(text.value for text in page.text)
        assert any(FORMULA in text.value for text in page.text)
        assert "13800138000" not in told
        assert all("<script>" not in one.label.replace("\\<", "") for one in page.button)
    if key == "E|F":
        assert "澄野光伏膜" not in told and say("pair.teaser", language) in told
    if key == "G|H":
        assert "阀芯" not in told and say("pair.hidden", language) in messages(page)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_merge_reject_and_undo_on_the_page(market: DashboardMarket, language: str) -> None:
    store = market.system.store
    page = look("duplicates", language, pair="A|B")
    assert page.radio(key="kept_A|B").value == "A"  # the fuller one is proposed
    page.radio(key="kept_A|B").set_value("B").run()
    page.button(key="same_A|B").click().run()
    assert not page.exception and say("pair.merged", language) in messages(page)
    assert store.merges() == {"A": "B"}
    page = look("duplicates", language)
    page.button(key="different_C|D").click().run()
    assert say("pair.parted", language) in messages(page)
    page = look("duplicates", language, tab="decided")
    told = decided_pairs(desk())
    assert [one["verdict"] for one in told] == [DIFFERENT, SAME]
    page.button(key=f"undo_pair_{told[1]['seq']}").click().run()
    assert say("pair.undone", language) in messages(page)
    assert store.merges() == {} and sorted(keys()) == ["A|B", "E|F", "G|H"]


@pytest.mark.slow
def test_a_stale_decision_is_told_on_the_page(market: DashboardMarket) -> None:
    page = look("duplicates", pair="A|B")
    call(market, "merge", "X", "B")
    page.button(key="same_A|B").click().run()
    assert not page.exception
    told = " ".join(messages(page))
    assert "不在这份清单里" in told  # the click finds the pair gone already, and the page says so
    assert [action for action, _ in verdicts(market.system.store)] == ["merge"]
    assert market.system.store.merges() == {"B": "X"}


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_to_decide_and_links_that_name_nothing(market: DashboardMarket, language: str) -> None:
    page = look("duplicates", language, pair="nobody|x")
    assert say("list.not_here", language) in messages(page)
    assert say("duplicates.none_decided", language) in messages(look("duplicates", language, tab="decided"))
    assert say("conflicts.none_confirmed", language) in messages(look("conflicts", language, tab="confirmed"))
    for key in keys():
        keep_apart(visitor(), desk(), *key.split("|"))
    for ids in found():
        confirm_conflict(visitor(), desk(), *ids, "已告知（样例）")
    assert say("duplicates.none", language) in messages(look("duplicates", language))
    assert say("conflicts.none", language) in messages(look("conflicts", language))


@pytest.mark.slow
def test_a_large_store_is_compared_when_somebody_asks(market: DashboardMarket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates_page, "AT_ONCE", 5)
    page = look("duplicates")
    assert not any((button.key or "").startswith("same_") for button in page.button)
    page.button(key="duplicates_ask").click().run()
    assert any(button.key.startswith("same_") for button in page.button)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_conflict_is_confirmed_and_taken_back_on_the_page(market: DashboardMarket, language: str) -> None:
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
    assert [action for action, _ in verdicts(market.system.store)] == ["confirm", "unconfirm"]
    page = look("conflicts", language, tab="values")
    assert len(page.dataframe[0].value) == 1


@pytest.mark.slow
@pytest.mark.parametrize("view", ["duplicates", "conflicts"])
def test_another_role_has_no_such_page(market: DashboardMarket, view: str) -> None:
    page = visit(role="fund", view=view)
    assert page.title[0].value != catalogue()[f"view.{view}"][0]


def test_decisions_that_stand_are_the_latest_first(market: DashboardMarket) -> None:
    store = market.system.store
    same_project.declare_same(store, "A", "B", actor="一")
    same_project.declare_different(store, "C", "D", actor="二")
    assert [one.actor for one in standing(store).decided] == ["二", "一"]
    assert standing(store).groups == {"A": ["B"]}
