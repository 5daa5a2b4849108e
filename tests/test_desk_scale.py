"""What makes large lists quick changes nothing in them: rows read by group, the gate asked at once, answers kept."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dashboard_market import DashboardMarket, desk_of, write_market
from hypothesis import given
from hypothesis import strategies as st

import app.lists
import data.runs
from app.dashboard import queries
from app.dashboard import rows as rows_module
from app.dashboard.overview_queries import ineligible, overview
from app.dashboard.queries import TOP, listing, project_names
from app.feedback import SHORTLISTED, decide
from app.lists import list_matches, list_reasons, shown_projects
from app.today import read_today
from data.consents import CONSENT, consent_entry
from data.run_pairs import pairs_of
from data.runs import PARTS, Run, save_run
from data.sample.generator import AS_OF
from data.store import Store
from data.store_shown import last_entry
from data.tables import TABLES
from matcher.gate import PENDING, consent, held_back

CHANNEL = "financing"
GROUP = 100
"""So few rows a group that every list lies in several."""


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DashboardMarket]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data.runs, "GROUP", GROUP)
        yield write_market(tmp_path_factory.mktemp("scale"))


@pytest.fixture(autouse=True)
def _env(market: DashboardMarket, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in market.env.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def run(market: DashboardMarket) -> Run:
    return market.system.run_of(CHANNEL)


@given(rows=st.lists(st.integers(0, 249), max_size=40))
def test_rows_by_number_are_those_of_the_table(tmp_path_factory: pytest.TempPathFactory, rows: list[int]) -> None:
    folder = tmp_path_factory.mktemp("rows")
    words = pa.array([f"词{number % 7}" if number % 5 else None for number in range(250)])
    table = pa.table({"number": pa.array(range(250)), "word": words.dictionary_encode()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data.runs, "GROUP", 64)
        run = save_run(folder, "r1", {"channels": []}, {"t": table})
    assert pq.ParquetFile(folder / "r1" / "t.parquet").num_row_groups == 4
    at = np.array(rows, dtype=np.int64)
    assert run.at("t", at).to_pylist() == table.take(pa.array(at)).to_pylist()
    assert run.at("t", at, ["word"]).column_names == ["word"]
    assert run.table("t").to_pylist() == table.to_pylist()


def test_the_copy_by_institution_holds_the_rows_of_the_run(run: Run) -> None:
    pairs = pairs_of(run, CHANNEL)
    every = np.arange(len(pairs.ineligible))
    told = run.at(f"listed_{CHANNEL}", pairs.listed_at(every))
    for part in PARTS:
        table = run.table(f"{part}_{CHANNEL}")
        copied = told.select([f"{part}_{name}" for name in table.column_names]).rename_columns(table.column_names)
        assert copied.to_pylist() == table.to_pylist()
    ids = run.table(f"listed_{CHANNEL}").column("matches_institution_id").to_pylist()
    assert ids == sorted(ids)
    assert pq.ParquetFile(run.folder / f"listed_{CHANNEL}.parquet").num_row_groups > 1


def by_hand(market: DashboardMarket, side: str, ids: list[str], top: int | None, out: bool, given: bool) -> list[tuple]:
    """Pairs of a list counted from the whole table, row by row."""
    answers = shown_projects(market.system, CHANNEL)
    key, rank = app.lists.SIDES[side]
    kept = []
    for row in market.system.run_of(CHANNEL).table(f"matches_{CHANNEL}").to_pylist():
        answer = answers.get(row["project_id"])
        if answer is None or (given and answer != "given") or (ids and row[key] not in ids):
            continue
        if row[rank] is None and not (out and row["status"] == "ineligible"):
            continue
        if top is not None and row[rank] is not None and row[rank] > top:
            continue
        kept.append((row[key], row[rank] or 10**9, row["project_id"], row["institution_id"]))
    return sorted(kept)


@pytest.mark.parametrize(
    ("side", "out", "given", "top"),
    list(itertools.product(("projects", "institutions"), (False, True), (False, True), (None, 3))),
)
def test_lists_are_those_of_the_whole_table(
    market: DashboardMarket, run: Run, side: str, out: bool, given: bool, top: int | None
) -> None:
    pairs = pairs_of(run, CHANNEL)
    known = pairs.of(side).ids.to_pylist()
    for ids in ([], [known[0]], [known[-1], known[3], "nobody"], ["nobody"]):
        found = list_matches(market.system, CHANNEL, side, ids, top, ineligible=out, consented_only=given)
        pairs_found = list(
            zip(*(found.column(name).to_pylist() for name in ("project_id", "institution_id")), strict=True)
        )
        assert pairs_found == [row[2:] for row in by_hand(market, side, ids, top, out, given)]
        table = run.table(f"matches_{CHANNEL}").take(found.column("position"))
        assert found.drop_columns(["position"]).to_pylist() == table.to_pylist()


@pytest.mark.parametrize("side", ["projects", "institutions"])
@pytest.mark.parametrize("copied", [True, False])
def test_reasons_are_the_same_however_they_are_read(
    market: DashboardMarket, run: Run, monkeypatch: pytest.MonkeyPatch, side: str, copied: bool
) -> None:
    anchor = pairs_of(run, CHANNEL).of(side).ids[5].as_py()
    found = list_matches(market.system, CHANNEL, side, [anchor], ineligible=True)
    if not copied:  # a run that was kept before the copy was made
        monkeypatch.setattr(Run, "has", lambda run, name: not name.startswith("listed_"))
        assert list_matches(market.system, CHANNEL, side, [anchor], ineligible=True).equals(found)
    few = list_reasons(market.system, run, CHANNEL, found)
    monkeypatch.setattr(app.lists, "FEW", 0)
    assert list_matches(market.system, CHANNEL, side, [anchor], ineligible=True).to_pylist() == found.to_pylist()
    assert few.num_rows > 0
    assert list_reasons(market.system, run, CHANNEL, found).to_pylist() == few.to_pylist()


def test_the_gate_asked_at_once_answers_as_row_by_row(tmp_path: Path) -> None:
    states = (None, "active", "withdrawn", "disqualified")
    secrecy = (None, "public", "teaser", "closed")
    told = (None, ["all"], [CHANNEL], ["placement"], ["none"], ["placement", CHANNEL])
    awarded = ((), ("已公布",), PENDING[:1], (*PENDING[:1], "已公布"))
    rows, prizes = [], []
    for number, (state, secret, consents, statuses) in enumerate(itertools.product(states, secrecy, told, awarded)):
        key = f"P{number:04d}"
        rows.append({"project_id": key, "name": key, "state": state, "confidentiality": secret, "consent": consents})
        prizes += [
            {"project_id": key, "programme": "p", "edition": "1", "award": f"a{at}", "status": status}
            for at, status in enumerate(statuses)
        ]
    store = Store(tmp_path / "gate.duckdb")
    tables = {"projects": rows, "awards": prizes}
    told_tables = {name: pa.Table.from_pylist(told, schema=TABLES[name].schema) for name, told in tables.items()}
    store.write(told_tables, [], actor="test", note={})
    answer = consent_entry("P0001", [CHANNEL], "withdrawn", "本人（样例）", ["P0001"])
    store.append("test", CONSENT, answer)
    from app.system import System
    from matcher.settings import Settings

    now, whole = read_today(System(store, Settings(encoder="none"))), store.shown("projects", "awards")
    held, consents = held_back(whole["projects"], whole["awards"]), consent(whole["projects"], CHANNEL)
    ids = whole["projects"].column("project_id").to_pylist()
    assert now.reasons.to_pylist() == held
    assert now.consents(CHANNEL).to_pylist() == consents
    free = {
        key: told for key, reason, told in zip(ids, held, consents, strict=True) if not reason and told != "refused"
    }
    assert now.answers(CHANNEL) == free
    assert "P0001" not in free
    assert now.held(CHANNEL).keys() == set(ids) - free.keys()
    assert len(set(held)) == 5


def test_a_shortlist_empties_nothing_and_a_withdrawal_works_at_once(
    market: DashboardMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    institution, project = market.hostile
    told = listing(desk_of("fund"), "institutions", institution, everything=False)
    asked: list[str] = []
    read = queries.list_matches
    monkeypatch.setattr(queries, "list_matches", lambda *args, **more: asked.append("list") or read(*args, **more))
    monkeypatch.setattr(rows_module, "read_today", lambda system: asked.append("today") or read_today(system))
    decide(market.system.store, project, institution, CHANNEL, SHORTLISTED, actor="fund", today=AS_OF)
    after = desk_of("fund")
    assert listing(after, "institutions", institution, everything=False) is told
    assert asked == []
    known = [project]
    entry = consent_entry(project, [CHANNEL], "withdrawn", "本人（样例）", known)
    market.system.store.append("test", CONSENT, entry)
    after = desk_of("fund")
    assert project in set(told.frame["listed"])
    assert project not in set(listing(after, "institutions", institution, everything=False).frame["listed"])
    assert project not in project_names(after, everything=False)
    assert asked == ["today", "list"]
    market.system.store.append("test", CONSENT, {**entry, "answer": "given"})
    assert project in set(listing(desk_of("fund"), "institutions", institution, everything=False).frame["listed"])


def test_what_nobody_named_harmless_empties_what_is_kept(market: DashboardMarket) -> None:
    before = desk_of("fund")
    market.system.store.append("test", "something new", {})
    after = desk_of("fund")
    assert after.shown_key != before.shown_key
    assert after.run_key == before.run_key
    path = market.system.store.path
    assert last_entry(path, ["something new"])[0] < last_entry(path, [])[0]


def test_the_overview_counts_what_the_lists_hold(market: DashboardMarket) -> None:
    desk = desk_of("organizer", CHANNEL)
    told = overview(desk)
    rows = list_matches(market.system, CHANNEL, "projects").to_pylist()
    assert told.ranked == len({row["project_id"] for row in rows})
    first = [row["institution_id"] for row in rows if row["rank_for_project"] <= TOP]
    shown = dict(zip(told.exposure["institution_id"], told.exposure["projects"], strict=True))
    assert {key: count for key, count in shown.items() if count} == {key: first.count(key) for key in set(first)}
    listed = set(list_matches(market.system, CHANNEL, "institutions").column("institution_id").to_pylist())
    assert told.without_list == sorted(set(shown) - listed)
    out = [row for row in list_matches(market.system, CHANNEL, "projects", ineligible=True).to_pylist()]
    expected = {(row["project_id"], row["institution_id"]) for row in out if row["status"] == "ineligible"}
    found = ineligible(desk)
    assert expected
    assert set(zip(found["project_id"], found["institution_id"], strict=True)) == expected
    assert found["score"].is_monotonic_decreasing
