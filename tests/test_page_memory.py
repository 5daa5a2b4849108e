"""What pages read of a large store is narrow and says the same: pairs of the run, events, filled cells."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pyarrow as pa
import pytest
from dashboard_market import DashboardMarket, desk_of

from app.dashboard import whynot_queries
from app.dashboard.desk import Desk
from app.dashboard.memory import keep_little
from app.dashboard.quality_queries import gaps_in_data
from app.dashboard.queries import institution_names, project_names
from app.dashboard.rows import GATED, outcomes_of, projects_of
from app.dashboard.run_texts import needs_sentences
from app.dashboard.visitor import Visitor
from app.dashboard.whynot_queries import whynot
from app.lists import list_matches
from app.quality import missing_fields
from data.problem import DuijieError
from data.store import Store
from data.store_shown import current_columns, shown_columns
from data.tables import OUTCOMES, TABLES
from features.reading import Reading
from features.reading.claims import Claim

pytestmark = pytest.mark.usefixtures("pages")


def visitor_of(desk: Desk) -> Visitor:
    return Visitor("zh", desk.access.role, desk.channel, desk.access)


def test_a_pair_of_a_large_run_is_told_as_the_run_tells_it(
    market: DashboardMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of("organizer", "financing")
    held = list_matches(market.system, "financing", "projects", ineligible=True)
    frame = held.select(["project_id", "institution_id", "status"]).to_pandas()
    pairs = [tuple(frame[frame["status"] == one].iloc[3, :2]) for one in ("recommended", "ineligible")]
    learned = [whynot(desk, *pair) for pair in pairs]
    known = set(frame.loc[frame["project_id"] == pairs[0][0], "institution_id"])
    missing = next(one for one in institution_names(desk) if one not in known)
    monkeypatch.setattr(whynot_queries, "AT_ONCE", 10)
    monkeypatch.setattr(whynot_queries, "explain", lambda *_: pytest.fail("the market is learned anew"))
    for pair, full in zip(pairs, learned, strict=True):
        told = whynot(desk, *pair)
        for name in ("held_back", "consent", "rule", "status", "rank_for_project", "institutions"):
            assert told[name] == full[name], name
        assert told["score"] == pytest.approx(full["score"], abs=1e-6)
        plain = [{(one["code"], one.get("evidence_project")) for one in each["reasons"]} for each in (told, full)]
        assert plain[0] and plain[0] == plain[1]
    with pytest.raises(DuijieError, match=r"whynot\.large"):
        whynot(desk, pairs[0][0], missing)
    fund = desk_of("fund")
    hidden = next(one for one in projects_of(fund).place if one not in project_names(fund, everything=False))
    with pytest.raises(DuijieError, match=r"access\.denied"):
        whynot(fund, hidden, pairs[0][1])


def test_what_is_missing_is_counted_as_in_the_tables(market: DashboardMarket) -> None:
    desk = desk_of("organizer", "financing")
    tables = {name: market.system.store.current(name) for name in TABLES}
    expected = missing_fields(tables, desk.run, "financing")
    told = gaps_in_data(visitor_of(desk), desk)
    keys = ["table", "column"]
    assert told.sort_values(keys, ignore_index=True).equals(expected.sort_values(keys, ignore_index=True))


def test_narrow_columns_are_those_of_the_tables(market: DashboardMarket) -> None:
    path, store = market.store, market.system.store
    assert current_columns(path, "ip", ("status",)).to_pylist() == (
        store.current("ip").select(["project_id", "status"]).to_pylist()
    )
    told, absorbed = shown_columns(path, {"projects": ("consent", "state"), "awards": ("status",)})
    assert told["projects"].column_names == ["project_id", "consent", "state"] or set(
        told["projects"].column_names
    ) == {"project_id", "consent", "state"}
    whole = store.shown("projects", "awards")
    assert told["projects"].to_pylist() == whole["projects"].select(told["projects"].column_names).to_pylist()
    assert told["awards"].to_pylist() == whole["awards"].select(["project_id", "status"]).to_pylist()
    assert not absorbed


def test_events_that_stand_are_those_of_the_store(market: DashboardMarket) -> None:
    whole = market.system.store.shown("projects", "outcomes")["outcomes"]
    assert whole.num_rows > 100
    assert outcomes_of(desk_of("organizer", "financing")).to_pylist() == whole.to_pylist()


def test_some_columns_of_events_are_those_of_events_that_stand(market: DashboardMarket, tmp_path: Path) -> None:
    store = Store(tmp_path / "copy.duckdb")
    store.path.write_bytes(market.store.read_bytes())
    row = store.current("outcomes").slice(0, 1).to_pylist()[0]
    store.retract({name: row[name] for name in OUTCOMES.key}, actor="test", reason="x")
    standing = store.current("outcomes")
    narrow = current_columns(store.path, "outcomes", ("event", "at"))
    assert narrow.to_pylist() == standing.select(narrow.column_names).to_pylist()
    told = shown_columns(store.path, {"projects": GATED, "outcomes": OUTCOMES.names})[0]["outcomes"]
    assert told.num_rows == standing.num_rows == market.system.store.current("outcomes").num_rows - 1


def test_the_serving_process_takes_memory_from_the_system() -> None:
    before = pa.default_memory_pool()
    try:
        keep_little()
        assert pa.default_memory_pool().backend_name == "system"
    finally:
        pa.set_memory_pool(before)


def test_an_institution_of_its_own_words_needs_sentences() -> None:
    known, own = (Claim("topic", "养殖", -1, inferred, "不接受养殖。") for inferred in (False, True))
    assert needs_sentences(Reading((), (known, own)))
    assert not needs_sentences(Reading((), (known, dataclasses.replace(own, polarity=1))))
