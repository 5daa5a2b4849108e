"""Readings on disk: what comes back is what was read; what is damaged, foreign or too much is passed over."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data.tables import INSTITUTIONS, TABLES, TEXT_COLUMNS
from data.view import View
from features.reading import Claim, Reading, kept, pool, read_institution, read_project
from features.reading.institution import TEXTS
from features.reading.kept import Kept, key_of, load, pack, read_kept, unpack
from matcher.asking import market_of
from matcher.channel import channels
from matcher.settings import Settings

PROFILE = "专注半导体与新材料投资。单笔投资{n}00万至3000万元，不投医药。要求B轮以后，提供中试车间{n}000平方米。"
PITCH = "我们研发碳纤维电池隔膜，已完成中试。尚未办理环评，拟融资{n}000万元。需要厂房{n}00平米。"
CALL = "联系电话13812345678，欢迎合作。"


def rows(count: int, pitch: str = PITCH) -> list[dict[str, Any]]:
    return [{"name": f"项目{n}", "summary": pitch.format(n=n), "profile": PROFILE.format(n=n)} for n in range(count)]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are kept, too, and read in this process."""
    monkeypatch.setattr(kept, "FEWEST", 1)
    monkeypatch.setattr(pool, "FEWEST", 1000)


class Counted:
    """A way of reading that counts the rows it is asked for."""

    def __init__(self) -> None:
        self.__qualname__ = "counted"
        self.asked: list[str] = []

    def __call__(self, row: Mapping[str, Any]) -> Reading:
        self.asked.append(row["name"])
        return read_project(row)


def segments(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.readings"))


@pytest.mark.parametrize(("read", "texts"), [(read_project, TEXT_COLUMNS), (read_institution, TEXTS)])
def test_kept_readings_are_what_reading_gives(read: pool.Read, texts: tuple[str, ...], tmp_path: Path) -> None:
    expected = [read(row) for row in rows(9)]
    assert any(claim.sentence for reading in expected for claim in reading.claims)
    assert read_kept(read, rows(9), texts, tmp_path) == expected
    assert len(segments(tmp_path)) == 1
    assert read_kept(read, rows(9), texts, tmp_path) == expected
    assert len(segments(tmp_path)) == 1


def test_only_what_is_new_is_read(tmp_path: Path) -> None:
    read = Counted()
    read_kept(read, rows(4), TEXT_COLUMNS, tmp_path)
    changed = [*rows(6)[::-1], {**rows(1)[0], "stage": "market"}]
    assert read_kept(read, changed, TEXT_COLUMNS, tmp_path) == [read_project(row) for row in changed]
    assert read.asked == ["项目0", "项目1", "项目2", "项目3", "项目5", "项目4", "项目0"]


def test_without_a_folder_and_for_few_rows_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FEWEST", 4)
    read = Counted()
    for folder in (None, tmp_path):
        read_kept(read, rows(3), TEXT_COLUMNS, folder)
    assert len(read.asked) == 6
    assert not segments(tmp_path)


def test_no_text_of_a_row_is_on_disk(tmp_path: Path) -> None:
    read_kept(read_project, rows(3), TEXT_COLUMNS, tmp_path)
    written = b"".join(path.read_bytes() for path in segments(tmp_path))
    assert written
    assert "碳纤维电池隔膜".encode() not in written
    assert all(path.stat().st_mode & 0o077 == 0 for path in segments(tmp_path))


def test_a_text_with_personal_data_is_read_anew(tmp_path: Path) -> None:
    read = Counted()
    private = rows(2, PITCH + CALL)
    for _ in range(2):
        found = read_kept(read, private, TEXT_COLUMNS, tmp_path)
        assert found == [read_project(row) for row in private]
        assert "13812345678" not in "".join(found[0].sentences)
    assert len(read.asked) == 4


def test_another_program_reads_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Counted()
    read_kept(read, rows(2), TEXT_COLUMNS, tmp_path)
    monkeypatch.setattr(kept, "fingerprint", lambda: "another")
    read_kept(read, rows(2), TEXT_COLUMNS, tmp_path)
    assert len(read.asked) == 4
    assert len({path.parent for path in segments(tmp_path)}) == 2


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "foreign", "gone"])
def test_a_damaged_segment_is_passed_over(damage: str, tmp_path: Path) -> None:
    read = Counted()
    expected = read_kept(read, rows(3), TEXT_COLUMNS, tmp_path)
    path = segments(tmp_path)[0]
    whole = path.read_bytes()
    flipped = whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:]
    path.write_bytes({"cut": whole[:-7], "flipped": flipped, "empty": b"", "foreign": b"x" * 99}.get(damage, b""))
    if damage == "gone":
        path.unlink()
    assert load(path) == {}
    assert read_kept(read, rows(3), TEXT_COLUMNS, tmp_path) == expected
    assert len(read.asked) == 6


def test_many_segments_become_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_SEGMENTS", 3)
    store = Kept(tmp_path, "x")
    for number in range(4):
        store.add({key_of({"n": number}): bytes([number])})
    assert len(segments(tmp_path)) == 1
    assert store.find([key_of({"n": n}) for n in (0, 3, 9)]) == {key_of({"n": 0}): b"\0", key_of({"n": 3}): b"\3"}


def test_what_was_used_least_lately_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Kept(tmp_path, "first"), Kept(tmp_path, "second")
    first.add({b"a" * 16: b"x" * 600})
    second.add({b"b" * 16: b"x" * 600})
    for path, age in zip((*segments(first.folder), *segments(second.folder)), (50, 100), strict=True):
        os.utime(path, (time.time() - age,) * 2)
    assert second.find([b"b" * 16])  # used now
    monkeypatch.setattr(kept, "MOST_BYTES", 1500)
    second.add({b"c" * 16: b"x" * 600})
    assert not segments(first.folder)
    assert len(segments(second.folder)) == 2


def test_drafts_of_killed_processes_are_swept(tmp_path: Path) -> None:
    store = Kept(tmp_path, "x")
    store.add({b"a" * 16: b"1"})
    old, new = (store.folder / f"{name}.readings.draft" for name in ("old", "new"))
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    store.add({b"b" * 16: b"2"})
    assert (old.exists(), new.exists()) == (False, True)


def test_a_folder_that_cannot_be_written_costs_only_the_saving(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert read_kept(read_project, rows(2), TEXT_COLUMNS, tmp_path / "file") == [read_project(row) for row in rows(2)]


def test_many_at_once_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_SEGMENTS", 2)
    expected = [read_project(row) for row in rows(12)]

    def work(count: int) -> list[Reading]:
        return read_kept(read_project, rows(count), TEXT_COLUMNS, tmp_path)

    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(work, [3, 12, 6, 9, 12, 1] * 3))
    assert all(readings == expected[: len(readings)] for readings in found)


def test_a_sentence_that_is_not_in_the_row_is_not_packed() -> None:
    said = Claim("topic", "x", -1, True, "乙。", 0.5)
    reading = Reading(("甲。", "乙。"), (Claim("amount", "", 1, False, "", 3e6), said))
    packed = pack(reading, ["甲。乙。"])
    assert packed is not None
    assert unpack(packed, ["甲。乙。"]) == reading
    assert pack(reading, ["甲。", "丙。"]) is None
    assert pack(Reading(("甲。",), (said,)), ["甲。乙。"]) is None


def test_institutions_that_rules_are_asked_about_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = [{"institution_id": f"I{n}", "name": f"机构{n}（样例）", "profile": PROFILE.format(n=n)} for n in range(3)]
    asked, counted = pa.Table.from_pylist(named, schema=INSTITUTIONS.schema), Counted()
    monkeypatch.setattr("matcher.market.read_institution", counted)
    settings, channel = Settings(encoder="none", cache=str(tmp_path)), channels()["financing"]
    tables = ("projects", "institutions", "outcomes", "awards", "needs", "judging")
    none = View(date(2024, 1, 1), *(TABLES[name].schema.empty_table() for name in tables))
    first, again = (market_of(none, asked, channel, settings, []).institution_texts for _ in range(2))
    assert len(counted.asked) == 3 and [one.sentences for one in again] == [one.sentences for one in first]
