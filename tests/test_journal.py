"""The journal under many writers: nothing acknowledged is lost, nothing is doubled, whoever dies when."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import Any

import pyarrow as pa
import pytest

from data.problem import DuijieError
from data.store import Store
from data.tables import OUTCOMES

THREADS = 16


def event(number: int, name: str = "introduced") -> pa.Table:
    told = {"project_id": f"P{number}", "institution_id": "I", "channel": "financing", "event": name}
    row: dict[str, Any] = {**dict.fromkeys(OUTCOMES.names), **told, "at": date(2022, 1, 1)}
    return pa.Table.from_pylist([row], schema=OUTCOMES.schema)


def entered(store: Store) -> Counter[str]:
    """How often each request stands in the journal: notes by their number, outcomes by their project."""
    notes = Counter(f"note {entry['payload']['number']}" for entry in store.journal("note"))
    events = Counter(entry["payload"]["events"][0]["project_id"] for entry in store.journal("outcome"))
    return notes + events


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "s.duckdb")


def test_a_request_is_done_once_however_often_it_is_sent(store: Store) -> None:
    assert store.append("me", "note", {"number": 1}, once="a")
    assert not store.append("me", "note", {"number": 1}, once="a")
    assert store.record(event(1), actor="me", once="b").added == 1
    assert store.record(event(1), actor="me", once="b").unchanged == 1
    key = event(1).to_pylist()[0]
    for _ in range(2):
        store.retract(key, actor="me", reason="日期有误", once="c")
    assert [entry["action"] for entry in store.journal()] == ["note", "outcome", "retract"]
    assert store.current("outcomes").num_rows == 0


def test_sending_a_request_again_does_not_undo_what_came_after(store: Store) -> None:
    store.record(event(1), actor="me", once="a")
    store.retract(event(1).to_pylist()[0], actor="me", reason="没有发生")
    store.record(event(1), actor="me", once="a")
    assert store.current("outcomes").num_rows == 0


def test_without_a_name_every_entry_is_its_own(store: Store) -> None:
    assert [store.append("me", "note", {"number": 1}) for _ in range(2)] == [True, True]
    assert entered(store) == {"note 1": 2}


def test_one_name_for_two_requests_is_a_misuse(store: Store) -> None:
    store.append("me", "note", {"number": 1}, once="a")
    with pytest.raises(DuijieError, match=r"journal\.once"):
        store.append("me", "note", {"number": 2}, once="a")
    with pytest.raises(DuijieError, match=r"journal\.once"):
        store.record(event(1), actor="me", once="a")
    assert entered(store) == {"note 1": 1}


def test_several_entries_at_once_keep_their_order(store: Store) -> None:
    told = [("note", {"number": number}) for number in range(3000)]
    assert store.append_all("me", told, once="a")
    assert not store.append_all("me", told, once="a")
    store.append_all("me", [])
    store.append("me", "note", {"number": 3000})
    found = store.journal()
    assert [entry["payload"]["number"] for entry in found] == list(range(3001))
    assert [entry["seq"] for entry in found] == sorted({entry["seq"] for entry in found})


def test_a_request_that_failed_may_be_sent_again(store: Store) -> None:
    key = event(1).to_pylist()[0]
    with pytest.raises(DuijieError, match=r"outcome\.unknown"):
        store.retract(key, actor="me", reason="x", once="a")
    store.record(event(1), actor="me")
    store.retract(key, actor="me", reason="x", once="a")
    assert store.current("outcomes").num_rows == 0


def test_many_threads_of_one_process_write_and_read_a_new_store(store: Store) -> None:
    start = Barrier(THREADS)

    def work(thread: int) -> list[bool]:
        own, added = Store(store.path), []
        start.wait()
        for number in range(4):
            added.append(own.append("me", "note", {"number": number}, once=f"note {number}"))  # all send the same
            own.record(event(100 * thread + number), actor="me")
            seen = own.current("outcomes").column("project_id").to_pylist()
            assert f"P{100 * thread + number}" in seen
        return added

    with ThreadPoolExecutor(THREADS) as pool:
        added = list(pool.map(work, range(THREADS)))
    assert [sum(column) for column in zip(*added, strict=True)] == [1] * 4
    assert set(entered(store).values()) == {1}
    assert store.current("outcomes").num_rows == 4 * THREADS
    assert [entry["seq"] for entry in store.journal()] == sorted({entry["seq"] for entry in store.journal()})


WRITER = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
import pyarrow as pa
from data.store import Store
from data.tables import OUTCOMES
def event(number):
    told = {"project_id": f"P{number}", "institution_id": "I", "channel": "financing", "event": "introduced"}
    row = {**dict.fromkeys(OUTCOMES.names), **told, "at": date(2022, 1, 1)}
    return pa.Table.from_pylist([row], schema=OUTCOMES.schema)
path, numbers = sys.argv[1], [int(number) for number in sys.argv[2].split(",")]
def write(number):
    store, name = Store(path), f"request {number}"
    if number % 2:
        store.append("me", "note", {"number": number}, once=name)
    else:
        store.record(event(number), actor="me", once=name)
    os.write(1, f"{number}\\n".encode())  # acknowledged: from here on it must not be lost
with ThreadPoolExecutor(16) as pool:
    list(pool.map(write, numbers))
"""


def acknowledged(process: subprocess.Popen[bytes], until: int, wait: float) -> list[int]:
    """Kill the writer ``wait`` seconds after it acknowledged ``until`` requests; the requests it acknowledged."""
    assert process.stdout is not None
    told, fd = b"", process.stdout.fileno()
    while told.count(b"\n") < until and (part := os.read(fd, 65536)):
        told += part
    time.sleep(wait)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    while select.select([fd], [], [], 0)[0] and (part := os.read(fd, 65536)):
        told += part
    process.stdout.close()
    return [int(number) for number in told.split(b"\n")[:-1]]


@pytest.mark.slow
def test_a_thousand_writes_of_sixteen_threads_killed_twenty_times(store: Store) -> None:
    rng, root = random.Random(20), Path(__file__).parents[1]
    done: set[int] = set()
    unsure = 0  # requests that were written, but whose writer died before it could say so
    for kill in range(21):
        left = sorted(set(range(1000)) - done)
        rng.shuffle(left)
        command = [sys.executable, "-c", WRITER, str(store.path), ",".join(map(str, left))]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, env={**os.environ, "PYTHONPATH": "."})
        last = kill == 20
        done |= set(acknowledged(process, len(left) if last else rng.randint(1, 45), 0 if last else rng.random() / 20))
        found = entered(store)
        assert set(found.values()) <= {1}
        sure = {f"note {number}" if number % 2 else f"P{number}" for number in done}
        assert sure <= set(found)
        unsure += len(set(found) - sure)
    assert len(done) == len(found) == 1000
    assert unsure > 0
    assert sorted(store.current("outcomes").column("project_id").to_pylist()) == sorted(
        f"P{number}" for number in range(0, 1000, 2)
    )
