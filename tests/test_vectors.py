"""The vector cache: nothing is encoded twice, nothing damaged is believed, processes do not disturb each other."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import vectors
from features.encoding import Deferred, cached_encode
from features.vectors import Floats, Progress, VectorCache, keys_of

WIDTH = 8


def vector_of(text: str) -> Floats:
    """The vector that the stand-in encoder gives a text."""
    drawn = np.random.default_rng(int.from_bytes(keys_of([text])[0].ljust(16, b"\0"), "little")).normal(size=WIDTH)
    return np.asarray(drawn / np.linalg.norm(drawn), np.float32)


class Recorder:
    """An encoder that remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, texts: Sequence[str], *, progress: Progress | None = None) -> Floats:
        self.seen.extend(texts)
        if progress:
            progress(len(texts))
        return np.array([vector_of(text) for text in texts], np.float32).reshape(len(texts), WIDTH)


def open_cache(place: Path, fingerprint: str = "model-a") -> VectorCache:
    """A cache as another process would open it."""
    return VectorCache(place, fingerprint, WIDTH)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.text("ab中 \u3000", max_size=4), max_size=6), min_size=1, max_size=5))
def test_any_sequence_of_calls_gives_the_encoders_vectors(
    tmp_path_factory: pytest.TempPathFactory, calls: list[list[str]]
) -> None:
    place, recorder = tmp_path_factory.mktemp("cache"), Recorder()
    for texts in calls:
        found = open_cache(place).encode(texts, recorder)
        expected = np.array([vector_of(vectors.normalise(text)) for text in texts]).reshape(-1, WIDTH)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-3)
    assert len(recorder.seen) == len(set(recorder.seen))


def test_the_second_call_encodes_nothing_and_gives_the_same_bytes(tmp_path: Path) -> None:
    first = open_cache(tmp_path).encode(["芯片", "疫苗", "芯片"], Recorder())
    recorder = Recorder()
    second = open_cache(tmp_path).encode(["芯片", "疫苗", "芯片"], recorder)
    assert recorder.seen == []
    assert first.tobytes() == second.tobytes()


def test_spelling_variants_of_white_space_and_width_share_a_vector(tmp_path: Path) -> None:
    recorder = Recorder()
    found = open_cache(tmp_path).encode(["SiC 器件", "ＳｉＣ\u3000器件\n"], recorder)
    assert len(recorder.seen) == 1
    np.testing.assert_array_equal(found[0], found[1])


def test_another_encoder_has_its_own_vectors(tmp_path: Path) -> None:
    open_cache(tmp_path).encode(["芯片"], Recorder())
    recorder = Recorder()
    open_cache(tmp_path, "model-b").encode(["芯片"], recorder)
    assert recorder.seen == ["芯片"]


def test_a_full_cache_never_starts_the_model(tmp_path: Path) -> None:
    def refuse() -> None:
        raise AssertionError("the model was started")

    known = Deferred("print", WIDTH, lambda: lambda texts, progress: Recorder()(texts))
    cached_encode(known, tmp_path)(["芯片", "疫苗"])
    found = cached_encode(Deferred("print", WIDTH, refuse), tmp_path)(["疫苗"])  # type: ignore[arg-type]
    np.testing.assert_allclose(found[0], vector_of("疫苗"), atol=1e-3)


def test_progress_counts_over_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "CHUNK_TEXTS", 2)
    told: list[int] = []
    open_cache(tmp_path).encode(["a", "b", "c", "d", "e"], Recorder(), told.append)
    assert told == [2, 4, 5]


def damage(path: Path, how: str) -> None:
    """Spoil a file in one of the ways in which files go bad."""
    content = path.read_bytes()
    if how == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:-WIDTH] + b"\xff" * WIDTH)


@pytest.mark.parametrize("how", ["cut", "empty", "gone", "flipped"])
@pytest.mark.parametrize("kind", [".keys.npy", ".vectors.npy"])
def test_damaged_segments_are_encoded_again(tmp_path: Path, how: str, kind: str) -> None:
    cache = open_cache(tmp_path)
    expected = cache.encode(["芯片", "疫苗", "风机"], Recorder())
    damage(next(cache.folder.glob(f"*{kind}")), how)
    for _ in range(2):
        found = open_cache(tmp_path).encode(["芯片", "疫苗", "风机"], Recorder())
        np.testing.assert_array_equal(found, expected)


def test_segments_are_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "MAX_SEGMENTS", 4)
    cache = open_cache(tmp_path)
    reader = open_cache(tmp_path)
    texts = [f"文本{number}" for number in range(12)]
    for place in range(12):
        cache.encode(texts[: place + 1], Recorder())
        reader.encode(texts[:1], Recorder())
    assert len(list(cache.folder.glob("*.keys.npy"))) <= 4
    recorder = Recorder()
    found = reader.encode(texts, recorder)
    assert recorder.seen == []
    np.testing.assert_allclose(found, [vector_of(text) for text in texts], atol=1e-3)
    assert len(list(cache.folder.glob("*.keys.npy"))) == len(list(cache.folder.glob("*.vectors.npy")))


def test_leftovers_of_killed_processes_are_removed_when_old(tmp_path: Path) -> None:
    cache = open_cache(tmp_path)
    cache.encode(["a"], Recorder())
    old, orphan, young = cache.folder / "1.draft", cache.folder / "0-x.vectors.npy", cache.folder / "2.draft"
    for path in (old, orphan, young):
        path.write_bytes(b"")
    for path in (old, orphan):
        os.utime(path, (time.time() - 7200,) * 2)
    cache.encode(["b"], Recorder())
    assert (old.exists(), orphan.exists(), young.exists()) == (False, False, True)


def test_a_folder_that_cannot_be_written_costs_only_the_saving(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = open_cache(tmp_path / "file").encode(["芯片"], Recorder())
    np.testing.assert_allclose(found[0], vector_of("芯片"), atol=1e-3)


def test_a_cache_can_be_sent_to_another_process(tmp_path: Path) -> None:
    cache = open_cache(tmp_path)
    cache.encode(["芯片"], Recorder())
    cache.encode(["芯片"], Recorder())
    packed = pickle.dumps(cache)
    assert len(packed) < 1000
    recorder = Recorder()
    pickle.loads(packed).encode(["芯片"], recorder)
    assert recorder.seen == []


def fill(place: Path, start: int) -> None:
    """Add vectors one call at a time, merging often."""
    vectors.MAX_SEGMENTS = 3
    cache = open_cache(place)
    for number in range(start, start + 40):
        cache.encode([f"t{number}", f"t{number + 1}"], Recorder())


def test_processes_fill_one_cache_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=fill, args=(tmp_path, start)) for start in (0, 20, 40)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    texts = [f"t{number}" for number in range(81)]
    recorder = Recorder()
    found = open_cache(tmp_path).encode(texts, recorder)
    np.testing.assert_allclose(found, [vector_of(text) for text in texts], atol=1e-3)
    assert recorder.seen == []


def test_a_killed_writer_leaves_a_readable_cache(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    worker = context.Process(target=fill, args=(tmp_path, 0))
    worker.start()
    time.sleep(0.05)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(timeout=60)
    texts = [f"t{number}" for number in range(41)]
    np.testing.assert_allclose(
        open_cache(tmp_path).encode(texts, Recorder()), [vector_of(text) for text in texts], atol=1e-3
    )
