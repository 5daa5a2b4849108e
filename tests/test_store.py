"""The store: versions, idempotence, as-of views, the journal, and what kill -9 leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data.present import Present
from data.problem import DuijieError, Problem
from data.runs import latest_run, save_run
from data.store import Store
from data.store_file import make_store
from data.tables import TABLES


def rows(table: str, *found: dict[str, Any]) -> dict[str, pa.Table]:
    return {table: pa.Table.from_pylist(list(found), schema=TABLES[table].schema)}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "s.duckdb")


def put(store: Store, tables: dict[str, pa.Table], **options: Any) -> list[tuple[int, int, int]]:
    changes = store.write(tables, [], actor="test", note={}, **options)
    return [(change.added, change.changed, change.unchanged) for change in changes]


def test_the_same_import_twice_changes_nothing(store: Store) -> None:
    two = rows("projects", {"project_id": "a", "name": "A", "sectors": ["x", "y"]}, {"project_id": "b", "name": "B"})
    assert put(store, two) == [(2, 0, 0)]
    assert put(store, two) == [(0, 0, 2)]
    assert [entry["payload"]["changes"] for entry in store.journal("import")] == [
        [["projects", 2, 0, 0]],
        [["projects", 0, 0, 2]],
    ]


def test_columns_that_a_file_lacks_keep_what_they_held(store: Store) -> None:
    put(store, rows("projects", {"project_id": "a", "name": "A", "summary": "old"}))
    present = {"projects": Present.in_every_row({"project_id", "name"}, 1)}
    assert put(store, rows("projects", {"project_id": "a", "name": "A2"}), present=present)
    row = store.current("projects").to_pylist()[0]
    assert (row["name"], row["summary"]) == ("A2", "old")


def test_a_version_dated_later_is_not_seen_before(store: Store) -> None:
    put(store, rows("projects", {"project_id": "a", "name": "A", "summary": "early", "updated_at": date(2022, 1, 1)}))
    put(store, rows("projects", {"project_id": "a", "name": "A", "summary": "late", "updated_at": date(2023, 1, 1)}))
    assert store.view(date(2022, 6, 1)).projects.to_pylist()[0]["summary"] == "early"
    assert store.view(date(2023, 6, 1)).projects.to_pylist()[0]["summary"] == "late"


def test_a_row_known_only_later_is_there_but_blank(store: Store) -> None:
    put(store, rows("projects", {"project_id": "a", "name": "A", "summary": "late", "updated_at": date(2023, 1, 1)}))
    row = store.view(date(2022, 6, 1)).projects.to_pylist()[0]
    assert row["name"] == "A"
    assert row["summary"] is None


def test_rows_listed_later_and_outcomes_dated_later_are_not_in_the_view(store: Store) -> None:
    put(store, rows("projects", {"project_id": "a", "name": "A", "listed_at": date(2023, 1, 1)}))
    deal = {"project_id": "a", "institution_id": "i", "channel": "financing", "event": "delivered"}
    put(store, rows("outcomes", deal | {"at": date(2022, 1, 1)}, deal | {"at": date(2023, 1, 1)}))
    view = store.view(date(2022, 6, 1))
    assert view.projects.num_rows == 0
    assert view.outcomes.num_rows == 1


def test_preview_keeps_nothing(store: Store) -> None:
    changes = store.preview(rows("projects", {"project_id": "a", "name": "A"}))
    assert changes[0].added == 1
    assert store.current("projects").num_rows == 0
    assert store.journal() == []


def test_what_is_not_there_reads_as_empty_and_stays_away(tmp_path: Path) -> None:
    store = Store(tmp_path / "none.duckdb")
    assert store.view(date(2024, 1, 1)).projects.num_rows == 0 and store.journal() == [] and not store.holds_sample
    assert store.preview(rows("projects", {"project_id": "a", "name": "A"}))[0].added == 1
    assert store.shown("projects")["projects"].num_rows == store.problems().num_rows == 0
    assert list(tmp_path.iterdir()) == []


def test_unknown_columns_are_kept(store: Store) -> None:
    extras = {"projects": pa.table({"project_id": ["a"], "colour": ["red"]})}
    put(store, rows("projects", {"project_id": "a", "name": "A"}), extras=extras)
    put(store, rows("projects", {"project_id": "a", "name": "A"}), extras=extras)
    assert store.extras("projects") == [{"project_id": "a", "colour": "red"}]


def test_problems_of_the_last_import_are_kept(store: Store) -> None:
    problem = Problem("projects", 3, "listed_at", "date.range", "error", "3024", "check the year")
    store.write(rows("projects", {"project_id": "a", "name": "A"}), [problem], actor="test", note={})
    assert store.problems().to_pylist()[0]["code"] == "date.range"


def test_a_file_that_is_no_store_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "no.duckdb"
    path.write_text("this is not a database, not at all, and never was one" * 200)
    with pytest.raises(DuijieError, match=r"store\.unreadable"):
        Store(path).current("projects")


WRITER = """
import sys
import pyarrow as pa
from data.store import Store
from data.tables import TABLES
store = Store(sys.argv[1])
for number in range(10_000):
    table = pa.Table.from_pylist(
        [{"project_id": f"p{number}-{i}", "name": "x"} for i in range(5)], schema=TABLES["projects"].schema
    )
    store.write({"projects": table}, [], actor="test", note={"number": number})
    print(number, flush=True)
"""


def test_kill_9_loses_no_acknowledged_row_and_leaves_no_half_import(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(4)]
        time.sleep(0.03)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        names = set(Store(path).current("projects").column("project_id").to_pylist())
        for number in acknowledged:
            assert {f"p{number}-{i}" for i in range(5)} <= names
        numbers = {name.split("-")[0] for name in names}
        assert len(names) == 5 * len(numbers)


def test_two_processes_may_write_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    code = WRITER.replace("10_000", "3").replace('f"p{number}', 'f"{sys.argv[2]}{number}')
    both = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in "ab"]
    assert [process.wait() for process in both] == [0, 0]
    assert Store(path).current("projects").num_rows == 30


def test_a_store_that_another_process_makes_meanwhile_is_not_begun_anew(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.duckdb")
    put(store, rows("projects", {"project_id": "a", "name": "A"}))
    make_store(store.path)  # as a process that had looked before this one wrote
    assert store.current("projects").num_rows == 1
    assert [path.name for path in tmp_path.iterdir()] == ["s.duckdb"]


def test_running_texts_may_stay_where_they_are(store: Store) -> None:
    told = {"project_id": "a", "name": "A", "summary": "long", "province": "浙江省", "updated_at": date(2022, 1, 1)}
    put(store, rows("projects", told))
    put(store, rows("institutions", {"institution_id": "i", "name": "I", "kind": "park", "profile": "long"}))
    full, lean = (store.view(date(2022, 6, 1), texts=texts) for texts in (True, False))
    row, blank = full.projects.to_pylist()[0], lean.projects.to_pylist()[0]
    assert (row["summary"], blank) == ("long", row | {"summary": None})
    row, blank = full.institutions.to_pylist()[0], lean.institutions.to_pylist()[0]
    assert (row["profile"], blank) == ("long", row | {"profile": None})


def test_a_run_is_whole_or_not_there_and_the_pointer_moves(tmp_path: Path) -> None:
    manifest = {"channels": ["financing"], "as_of": "2022-01-01"}
    save_run(tmp_path, "r1", manifest, {"matches_financing": pa.table({"a": [1]})})
    save_run(tmp_path, "r2", manifest, {"matches_financing": pa.table({"a": [2]})})
    run = latest_run(tmp_path, "financing")
    assert run is not None
    assert run.run_id == "r2"
    assert run.table("matches_financing").to_pylist() == [{"a": 2}]
    with pytest.raises(AttributeError):
        save_run(tmp_path, "r3", manifest, {"good": pa.table({"a": [1]}), "bad": "no table"})  # type: ignore[dict-item]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest.json", "r1", "r2"]
