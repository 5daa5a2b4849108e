"""New matches of saved searches: told once, gated and masked as the list, under the same filters."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from alert_market import NO_ROWS, busiest, change, ids, listed, save

from app.digests import digests
from app.feedback import PASSED, decide
from app.list_filters import LONGEST, from_value, narrow, not_understood
from app.lists import list_matches
from app.new_matches import keep_told, new_matches
from app.saved_searches import SavedSearch, forget_search, kept_searches, save_search, saved_searches
from app.system import System
from data.problem import DuijieError
from data.sample.generator import AS_OF


def test_a_match_is_told_once_for_every_search(alerting: System) -> None:
    institution = busiest(alerting)
    save(alerting, institution)
    found = new_matches(alerting, AS_OF)
    assert ids(found) == [listed(alerting, institution)]
    assert [row["rank"] for row in found[0].rows] == list(range(1, len(found[0].rows) + 1))
    keep_told(alerting.store, found, actor="x")
    assert new_matches(alerting, AS_OF) == []
    save(alerting, institution, "另一个")
    assert [one.kept.search.name for one in new_matches(alerting, AS_OF)] == ["另一个"]
    forget_search(alerting.store, institution, "financing", SavedSearch("另一个", "list", ""), actor="x")
    assert new_matches(alerting, AS_OF) == []


def test_what_may_not_be_seen_is_not_told(alerting: System) -> None:
    institution = busiest(alerting)
    save(alerting, institution)
    shown = listed(alerting, institution)
    closed, withdrawn, refused, unasked, passed, teaser = shown[:6]
    change(alerting, closed, confidentiality="closed")
    change(alerting, withdrawn, state="withdrawn")
    change(alerting, refused, consent=["none"])
    change(alerting, unasked, consent=None)
    secret = next(row for row in alerting.store.current("projects").to_pylist() if row["project_id"] == teaser)
    change(alerting, teaser, confidentiality="teaser")
    decide(alerting.store, passed, institution, "financing", PASSED, actor="x", today=AS_OF, reason="sector")
    (found,) = new_matches(alerting, AS_OF)
    assert [row["project_id"] for row in found.rows] == [key for key in shown if key in shown[5:]]
    row = found.rows[0]
    assert row["project_id"] == teaser
    files = digests(AS_OF, [found], NO_ROWS, NO_ROWS, [], {})
    text = "".join(one.text for one in files)
    assert secret["name"] not in text and secret["applicant"] not in text
    assert "匿名项目" in text


def test_filters_are_applied_and_unknown_ones_are_named() -> None:
    rows = pd.DataFrame(
        [
            {"id": "A", "text": "甲 新材料", "sectors": ["新材料"], "province": "浙江", "score": 2.0, "stage": "lab"},
            {"id": "B", "text": "乙 医疗", "sectors": ["医疗"], "province": "山东", "score": 1.0, "stage": ""},
        ]
    ).assign(status="recommended", award=["国", ""], branches=[["S1", "S2"], []])

    def kept(**filters: object) -> tuple[str, tuple[str, ...]]:
        value = json.dumps(filters, ensure_ascii=False)
        return "".join(narrow(rows, from_value(value))["id"]), not_understood(value)

    assert kept() == ("AB", ())
    assert kept(text="乙 医疗") == ("B", ())
    assert kept(sector="材料") == ("A", ())
    assert kept(province=["山东"]) == ("B", ())
    assert kept(stage=["lab"], least=1.5) == ("A", ())
    assert kept(award=["国"]) == kept(branches=["S2", "S9"]) == ("A", ())
    assert kept(colour=["red"], ineligible=True) == ("AB", ("colour",))
    for broken in ("not json", "[1]", "[" * 100_000, '{"text":"' + "x" * LONGEST + '"}'):
        assert not_understood(broken) == ("?",) and len(narrow(rows, from_value(broken))) == 2
    assert not_understood("") == ()


def test_an_entry_of_another_shape_is_passed_over(alerting: System) -> None:
    alerting.store.append("x", "search.saved", {"user": "somebody", "filters": {}})
    alerting.store.append("x", "digest", {"projects": ["P"]})
    assert kept_searches(alerting.store) == []


def test_a_renamed_search_is_not_told_anew_and_a_new_one_of_the_old_name_is(alerting: System) -> None:
    institution = busiest(alerting)
    save(alerting, institution, "旧名")
    keep_told(alerting.store, new_matches(alerting, AS_OF), actor="x")
    save_search(alerting.store, institution, "financing", SavedSearch("新名", "list", ""), actor="x", was="旧名")
    assert [one.name for one in saved_searches(alerting.store, institution, "financing")] == ["新名"]
    assert new_matches(alerting, AS_OF) == []
    save(alerting, institution, "旧名")
    assert [one.kept.search.name for one in new_matches(alerting, AS_OF)] == ["旧名"]
    for was, name, code in (("旧名", "新名", "search.taken"), ("没有", "其他", "search.unknown")):
        with pytest.raises(DuijieError) as error:
            save_search(alerting.store, institution, "financing", SavedSearch(name, "list", ""), actor="x", was=was)
        assert error.value.code == code
    assert len(saved_searches(alerting.store, institution, "financing")) == 2


def test_a_search_that_was_taken_out_of_digests_is_not_told(alerting: System) -> None:
    institution = busiest(alerting)
    save(alerting, institution)
    quiet = SavedSearch("全部", "list", "", digest=False)
    save_search(alerting.store, institution, "financing", quiet, actor="x")
    assert saved_searches(alerting.store, institution, "financing") == [quiet]
    assert new_matches(alerting, AS_OF) == []
    save(alerting, institution)
    assert ids(new_matches(alerting, AS_OF)) == [listed(alerting, institution)]


def test_passed_projects_of_one_institution_are_told_to_the_others(alerting: System) -> None:
    first, *_ = listed(alerting, busiest(alerting))
    rows = list_matches(alerting, "financing", "institutions", consented_only=True).to_pylist()
    one, other = sorted({row["institution_id"] for row in rows if row["project_id"] == first})[:2]
    for institution in (one, other):
        save(alerting, institution)
    decide(alerting.store, first, one, "financing", PASSED, actor="x", today=AS_OF, reason="sector")
    told = {
        found.kept.institution_id: [row["project_id"] for row in found.rows] for found in new_matches(alerting, AS_OF)
    }
    assert first not in told[one] and first in told[other]
