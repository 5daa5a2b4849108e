"""Cases out of events: rungs, ends, dates in the past, and corrections through the store."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cases import EVENTS, LADDER, cases, state_of
from data.problem import DuijieError
from data.store import Store
from data.tables import OUTCOMES

BEGIN, END = date(2022, 1, 1), date(2023, 1, 1)


def event(case: str, name: str, day: int, **more: object) -> dict[str, object]:
    blank: dict[str, object] = dict.fromkeys(OUTCOMES.names)
    told = {"project_id": case, "institution_id": "I", "channel": "financing", "event": name}
    return {**blank, **told, "at": BEGIN + timedelta(days=day), **more}


def table(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=OUTCOMES.schema)


def only(found: pd.DataFrame) -> pd.Series:  # type: ignore[type-arg]
    assert len(found) == 1
    return found.iloc[0]


def test_a_rung_nobody_wrote_down_was_climbed_with_the_next() -> None:
    case = only(cases(table(event("A", "introduced", 0), event("A", "met", 9)), END))
    assert (case["state"], LADDER[case["rung"]]) == ("open", "met")
    assert case["reached_accepted"] == case["reached_met"] == pd.Timestamp("2022-01-10")
    assert pd.isna(case["reached_second_contact"])


def test_an_end_keeps_the_rung_and_its_reason() -> None:
    rows = table(event("A", "introduced", 0), event("A", "met", 5), event("A", "declined", 8, reason="估值未谈拢"))
    case = only(cases(rows, END))
    assert (case["state"], case["reason"], LADDER[case["rung"]]) == ("declined", "估值未谈拢", "met")
    before = state_of(rows, "A", "I", "financing", BEGIN + timedelta(days=7))
    assert before["state"] == "open"
    assert state_of(rows, "A", "I", "financing", BEGIN - timedelta(days=1)) == {}


def test_a_case_may_open_again() -> None:
    rows = table(event("A", "introduced", 0), event("A", "declined", 3), event("A", "accepted", 30))
    case = only(cases(rows, END))
    assert case["state"] == "open"
    assert pd.isna(case["ended_at"])


def test_a_deal_of_which_only_the_end_is_known_is_history() -> None:
    found = cases(table(event("A", "delivered", 0), event("B", "introduced", 0), event("B", "delivered", 4)), END)
    assert found["history"].tolist() == [True, False]
    assert found["state"].tolist() == ["delivered", "delivered"]


def test_a_tenant_that_graduates_or_leaves_had_moved_in() -> None:
    told = [
        event("A", "introduced", 0),
        event("A", "delivered", 9),
        event("A", "graduated", 90),
        event("A", "left", 99),
    ]
    case = only(cases(table(*told), END))
    assert (case["state"], case["last_event"]) == ("delivered", "left")
    assert case["reached_delivered"] == pd.Timestamp("2022-01-10")
    assert pd.isna(case["ended_at"])
    alone = only(cases(table(event("B", "introduced", 0), event("B", "graduated", 5)), END))
    assert (alone["state"], alone["reached_delivered"]) == ("delivered", pd.Timestamp("2022-01-06"))
    assert only(cases(table(event("C", "delivered", 0), event("C", "left", 5)), END))["history"]


def test_nothing_happened_yet() -> None:
    assert cases(table(), END).empty


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(EVENTS), st.integers(0, 40)),
        max_size=14,
        unique=True,
    )
)
def test_the_order_of_rows_does_not_matter_and_dates_never_run_backwards(events: list[tuple[str, str, int]]) -> None:
    rows = [event(*told) for told in events]
    found = cases(table(*rows), END)
    pd.testing.assert_frame_equal(found, cases(table(*reversed(rows)), END))
    assert len(found) == len({case for case, _, _ in events})
    reached = found[[f"reached_{rung}" for rung in LADDER]].to_numpy()
    for dates, rung in zip(reached, found["rung"], strict=True):
        assert all(not pd.isna(day) for day in dates[: rung + 1])
        assert all(pd.isna(day) for day in dates[rung + 1 :])
        assert sorted(dates[: rung + 1]) == list(dates[: rung + 1])


def test_a_correction_is_a_retraction_and_a_new_event(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.duckdb")
    first = event("A", "signed", 3, amount=5e6)
    assert store.record(table(event("A", "introduced", 0), first), actor="me").added == 2
    assert store.record(table(first), actor="me").added == 0
    key = {name: first[name] for name in OUTCOMES.key}
    store.retract(key, actor="me", reason="日期有误")
    assert store.current("outcomes").column("event").to_pylist() == ["introduced"]
    assert store.view(END).outcomes.num_rows == 1
    with pytest.raises(DuijieError, match="no such event"):
        store.retract(key, actor="me", reason="twice")
    store.record(table(first), actor="me")
    assert store.current("outcomes").num_rows == 2
    assert [entry["action"] for entry in store.journal()] == ["outcome", "outcome", "retract", "outcome"]
    assert store.journal("retract")[0]["payload"]["reason"] == "日期有误"
