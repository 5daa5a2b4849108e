"""Character n-grams and words against plain Python."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import grams
from features.grams import BUCKETS, Bm25, CharGrams, char_grams
from features.text import normalise, tokens

TEXTS = st.lists(st.text("碳纤维电池AI a，。1", max_size=12), max_size=6)
LEFT = ["碳纤维复合材料的回收", "动力电池的梯次利用", "", "面向电池的视觉检测"]
RIGHT = ["投资动力电池与储能", "专注复合材料", "医疗器械"]


def own_grams(text: str, longest: int = 3) -> Counter[str]:
    """N-grams of a text, one by one."""
    clean = " ".join(normalise(text).lower().split())
    found: Counter[str] = Counter()
    for length in range(1, longest + 1):
        for start in range(len(clean) - length + 1):
            gram = clean[start : start + length]
            if " " not in gram:
                found[gram] += 1
    return found


@given(TEXTS, st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_counts_are_those_of_plain_python(texts: list[str], longest: int) -> None:
    counts = char_grams(texts, longest)
    assert counts.shape == (len(texts), BUCKETS)
    for row, text in enumerate(texts):
        mine = np.sort(counts.data[counts.indptr[row] : counts.indptr[row + 1]])
        assert mine.tolist() == sorted(own_grams(text, longest).values())
        columns = counts.indices[counts.indptr[row] : counts.indptr[row + 1]]
        assert (np.diff(columns) > 0).all()


def test_equal_grams_share_a_column_across_texts_and_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [*LEFT, *RIGHT] * 3
    whole = char_grams(texts)
    monkeypatch.setattr(grams, "CHUNK_TEXTS", 2)
    cut = char_grams(texts)
    assert (whole != cut).nnz == 0
    assert (whole[0] != whole[7]).nnz == 0
    shared = set(whole[1].indices) & set(whole[4].indices)
    assert len(shared) == len(own_grams(LEFT[1]).keys() & own_grams(RIGHT[0]).keys())


def test_counts_do_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grams, "CHUNK_TEXTS", 3)
    texts = [f"{left}{number}{right}" for number in range(9) for left in LEFT for right in RIGHT]
    one = char_grams(texts, threads=1)
    for threads in (2, 5):
        more = char_grams(texts, threads=threads)
        for part in ("data", "indices", "indptr"):
            assert np.array_equal(getattr(one, part), getattr(more, part))


def test_a_broken_character_is_counted_like_any_other() -> None:
    assert char_grams(["\ud800电"]).sum() == 3


def tfidf_cosine(left: str, right: str, everything: list[str]) -> float:
    """The definition: sublinear tf, smooth idf, unit length."""
    df = Counter(gram for text in everything for gram in own_grams(text))

    def weights(text: str) -> dict[str, float]:
        told = {
            gram: (1 + math.log(count)) * (math.log((1 + len(everything)) / (1 + df[gram])) + 1)
            for gram, count in own_grams(text).items()
        }
        norm = math.sqrt(sum(value * value for value in told.values())) or 1.0
        return {gram: value / norm for gram, value in told.items()}

    mine, theirs = weights(left), weights(right)
    return sum(value * theirs.get(gram, 0.0) for gram, value in mine.items())


def test_cosines_are_those_of_the_definition() -> None:
    table = CharGrams(LEFT, RIGHT).rows(0, len(LEFT))
    wanted = [[tfidf_cosine(left, right, LEFT + RIGHT) for right in RIGHT] for left in LEFT]
    np.testing.assert_allclose(table, wanted, atol=1e-6)
    assert table.dtype == np.float32


@pytest.mark.parametrize("kind", [CharGrams, Bm25])
def test_rows_do_not_depend_on_the_block(kind: type[CharGrams] | type[Bm25]) -> None:
    index = kind(LEFT, RIGHT)
    whole = index.rows(0, len(LEFT))
    assert (np.concatenate([index.rows(row, row + 1) for row in range(len(LEFT))]) == whole).all()
    assert whole.shape == (len(LEFT), len(RIGHT))
    assert whole.any()


@pytest.mark.parametrize("kind", [CharGrams, Bm25])
@pytest.mark.parametrize(("left", "right"), [([], RIGHT), (LEFT, []), (["甲"], ["乙"]), ([""], [""])])
def test_sides_that_share_nothing_give_zeros(
    kind: type[CharGrams] | type[Bm25], left: list[str], right: list[str]
) -> None:
    table = kind(left, right).rows(0, len(left))
    assert table.shape == (len(left), len(right))
    assert not table.any()


def test_in_a_large_corpus_what_everybody_says_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [f"公司{number}" for number in "甲乙丙丁戊己庚辛壬癸子丑"]
    right = [f"公司{number}" for number in "甲寅卯辰巳午未申酉戌亥天"]
    monkeypatch.setattr(grams, "LARGE_CORPUS", len(left) + len(right))
    table = CharGrams(left, right).rows(0, len(left))
    assert table[0, 0] == pytest.approx(1, abs=1e-6)
    assert np.count_nonzero(table) == 1


def test_bm25_prefers_the_text_that_has_the_rarer_word() -> None:
    query = "电池 回收"
    assert tokens(query) == ["电池", "回收"]
    row = Bm25([query], ["电池 材料", "电池 设备", "回收 利用", "装备 制造"]).rows(0, 1)[0]
    assert row[2] > row[0] == row[1] > row[3] == 0
