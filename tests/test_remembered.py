"""What is worked out once for equal sentences is what each of them gives by itself."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.intake import Intake
from features import pooling
from features.claims import SharedValue
from features.grams import CharGrams, word_counts
from features.pooling import novelty_of, numbered, pool_side
from features.products import Products, weighted
from features.reading import institution as institution_reader
from features.reading import project as project_reader
from features.reading import read_institution, read_project, remembered
from features.reading.exclusions import exclusion_claims
from features.reading.places import place_of
from features.text import cut, fold, normalise, pieces, sentences

SHARED = "样机尚未经过第三方型式试验，需要检测服务。"
PROJECTS = [
    {
        "name": "碳纤维电池隔膜",
        "summary": f"我们研发隔膜。{SHARED}拟融资{n}000万元，寻求A轮。",
        "technology": "已完成中试。",
    }
    for n in range(1, 5)
]
FUNDS = [
    {"name": "某基金（样例）", "profile": "单笔不低于三千万。不投省外项目。关注A轮，服务本省。", "province": province}
    for province in ("浙江省", "广东省", "浙江省")
]


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins without sentences that others have read."""
    monkeypatch.setattr(project_reader._sentences, "_known", {})


@pytest.mark.parametrize("most", [1 << 15, 3])
def test_a_reading_does_not_depend_on_what_was_read_before(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    alone = []
    for row in PROJECTS:
        project_reader._sentences._known.clear()
        alone.append(read_project(row))
    project_reader._sentences._known.clear()
    monkeypatch.setattr(remembered, "MOST", most)
    assert [read_project(row) for row in (*PROJECTS, *PROJECTS)] == alone * 2
    assert all(reading.of("service") and reading.of("round") and reading.of("stage") for reading in alone)
    assert len({reading.of("amount") for reading in alone}) == len(PROJECTS)


def test_few_sentences_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST", 6)
    for row in PROJECTS:
        read_project(row)
        assert len(project_reader._sentences._known) <= 6


def test_a_sentence_is_a_name_only_where_it_stands_first() -> None:
    line = "激光切割设备"
    assert read_project({"name": line, "summary": f"{SHARED}"}).claims
    named = {c.value: c.number for c in read_project({"name": line}).of("sector")}
    said = {c.value: c.number for c in read_project({"summary": line}).of("sector")}
    assert named.keys() == said.keys()
    assert sum(v or 0 for v in named.values()) >= sum(v or 0 for v in said.values())


def test_the_same_sentence_of_two_institutions_means_each_its_own_province() -> None:
    first, second, third = (read_institution(row) for row in FUNDS)
    assert first == third
    assert {c.value for c in first.of("only_region")} != {c.value for c in second.of("only_region")}
    assert {c.value for c in first.of("region")} != {c.value for c in second.of("region")}
    assert first.of("ticket_min") == second.of("ticket_min") != ()


def test_what_is_remembered_of_a_sentence_agrees_with_its_exclusions_anywhere(sample_intake: Intake) -> None:
    places = [None, *(place_of({"province": name}) for name in ("浙江省", "广东省"))]
    profiles = sample_intake.tables["institutions"].column("profile").to_pylist()
    lines = dict.fromkeys(line for profile in profiles for line in sentences(profile))
    able = 0
    for line in lines:
        told = institution_reader._read(line, fold(line), {}, False)
        able += told.excludes
        for place in places:
            claims, ruled = exclusion_claims(fold(line), line, place)
            assert told.excludes or (claims, ruled) == ([], [])
            assert list(told.ruled) == ruled
    assert 100 < able < len(lines) - 100


@given(st.lists(st.text("电池材料。！？; ，：、a1A.-\n（）　℃", max_size=30), max_size=8))
def test_words_are_those_of_the_whole_text(texts: list[str]) -> None:
    vocabulary: dict[str, int] = {}
    counts = word_counts(map(fold, texts), vocabulary, lambda piece: True)
    words = {number: word for word, number in vocabulary.items()}
    for row, text in enumerate(texts):
        found = [words[col] for col in counts[row].indices for _ in range(int(counts[row, col]))]
        assert sorted(found) == sorted(pieces(text))
    assert [cut(fold(text)) for text in texts] == [pieces(text) for text in texts]


@given(st.text("电，：；（）％？！ \n\ta℃㎡²³₂é一", max_size=20))
def test_normal_form_needs_no_second_time(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert not set(once) & set("，：；（）％？！℃㎡²³₂\n\t")
    assert "".join(once.split()) == "".join(unicodedata.normalize("NFKC", text).split())


def test_common_columns_and_the_rest_add_up() -> None:
    texts = [f"{a}电池与{b}材料的回收" for a in "甲乙丙丁" for b in "碳硅氮"]
    others = [f"投资{b}材料{a}" for a in "甲乙戊" for b in "碳锂"]
    whole = CharGrams(texts, others).rows(0, len(texts))
    index = CharGrams([fold(text) for text in texts], [fold(text) for text in others], folded=True)
    mine, theirs = index.take_common(0.2)
    assert theirs.shape[0]
    np.testing.assert_allclose(mine.toarray() @ theirs + index.rows(0, len(texts)), whole, atol=1e-6)
    both = weighted([(index, 0.5), (index, 2.0)])
    assert isinstance(both, Products)
    np.testing.assert_allclose(both.rows(3, 7), 2.5 * index.rows(3, 7), atol=1e-6)
    added = index.add_rows(3, 7, np.ones((4, len(others)), np.float32))
    np.testing.assert_allclose(added, index.rows(3, 7) + 1, atol=1e-6)


def drawn(lines: Any) -> Any:
    """A unit vector a line, the same for the same line."""
    rows = [np.random.default_rng(sum(map(ord, line))).normal(size=8) for line in lines]
    return pooling.unit(np.array(rows, np.float32).reshape(-1, 8))


def test_equal_sentences_are_encoded_once_and_weighed_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooling, "REFERENCE_SENTENCES", 12)  # most texts are not in the sample
    texts = [[f"句{n % 7}", f"另{n}", "欢迎合作"] for n in range(40)]
    asked: list[int] = []

    def encode(lines: Any) -> Any:
        asked.append(len(lines))
        return drawn(lines)

    side = pool_side(texts, encode)
    assert sum(asked) == len(side.distinct) == 7 + 40 + 1
    flat = [line for text in texts for line in text]
    said, which = numbered(flat)
    assert [said[number] for number in which] == flat
    owner = np.repeat(np.arange(40), 3)
    one_each = novelty_of(drawn(flat).astype(np.float16), owner)
    np.testing.assert_allclose(novelty_of(drawn(said).astype(np.float16), owner, which), one_each, atol=1e-6)
    assert (side.vectors(np.arange(6)) == side.sentences[:6]).all()


@pytest.mark.parametrize("related", [False, True])
def test_the_value_shared_most_is_that_of_all_values(related: bool) -> None:
    draw = np.random.default_rng(3)
    left, right = ((draw.random((9, 12)) * (draw.random((9, 12)) < 0.3)).astype(np.float32) for _ in range(2))
    left[0] = right[1] = 0
    near = (draw.random((12, 12)) * (draw.random((12, 12)) < 0.4)).astype(np.float32)
    affinity = near + near.T if related else None  # as near one way as the other
    none = np.zeros((9, 12), np.int32)
    rows, cols = (part.ravel() for part in np.meshgrid(np.arange(9), np.arange(9), indexing="ij"))
    mine, theirs = SharedValue(left, right, none, none, affinity).values(rows, cols)
    spread = right if affinity is None else right @ affinity
    for row, col, value, other in zip(rows, cols, mine, theirs, strict=True):
        product = left[row] * spread[col]
        if product.max() <= 0:
            assert (value, other) == (-1, -1)
        else:
            assert value == product.argmax()
            assert other == (value if affinity is None else (right[col] * affinity[value]).argmax())
    assert (mine >= 0).any()
