"""Work shared among threads and among processes gives what one gives."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import numpy as np
import pytest

from features.cores import over, slices
from features.reading import Claim, Reading, pool, read_institution, read_project
from features.reading.pool import pack, read_all, unpack

PROFILE = "专注半导体与新材料投资。单笔投资{n}00万至3000万元，不投医药。要求B轮以后，提供中试车间{n}000平方米。"
PITCH = "我们研发碳纤维电池隔膜，已完成中试。尚未办理环评，拟融资{n}000万元。需要厂房{n}00平米。"


def rows(count: int) -> list[dict[str, Any]]:
    return [{"name": f"项目{n}", "summary": PITCH.format(n=n), "profile": PROFILE.format(n=n)} for n in range(count)]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when no other thread runs, which pytest's helpers do."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(pool, "FEWEST", 10)
    monkeypatch.setattr(pool, "_CHUNK", 7)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("read", [read_project, read_institution])
def test_children_read_as_one_process_does(read: pool.Read) -> None:
    expected = [read(row) for row in rows(40)]
    assert any(reading.claims for reading in expected)
    assert read_all(read, rows(40), workers=2) == expected
    assert read_all(read, rows(40), workers=1) == expected
    assert read_all(read, rows(5), workers=2) == expected[:5]


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("refusal", [OSError("no memory"), BrokenProcessPool("killed")])
def test_where_no_child_can_be_had_this_process_reads(monkeypatch: pytest.MonkeyPatch, refusal: Exception) -> None:
    def refuse(*_: object) -> list[bytes]:
        raise refusal

    monkeypatch.setattr(pool, "_in_children", refuse)
    assert read_all(read_project, rows(20), workers=2) == [read_project(row) for row in rows(20)]


@pytest.mark.usefixtures("alone")
def test_what_fails_in_a_child_fails_here() -> None:
    def read(row: Mapping[str, Any]) -> Reading:
        if row["name"] == "项目9":
            raise ValueError("项目9")
        return Reading()

    with pytest.raises(ValueError, match="项目9"):
        read_all(read, rows(20), workers=2)


def test_beside_other_threads_nothing_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "FEWEST", 1)
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    monkeypatch.setattr(pool, "_in_children", lambda *_: pytest.fail("forked"))
    assert len(read_all(read_project, rows(3), workers=2)) == 3


def test_a_reading_comes_back_as_it_went() -> None:
    reading = Reading(("甲。", "乙。"), (Claim("amount", "", 1, False, "甲。", 3e6), Claim("topic", "x", -1, True)))
    assert unpack(pack(reading)) == reading


def test_parts_come_back_in_order_for_any_number_of_threads() -> None:
    numbers = np.arange(103)
    parts = slices(len(numbers), 10)
    assert parts[-1] == slice(100, 103)
    for threads in (0, 1, 3):
        assert np.concatenate(over(lambda part: numbers[part] ** 2, parts, threads)).tolist() == (numbers**2).tolist()
    assert over(lambda part: part, []) == []
