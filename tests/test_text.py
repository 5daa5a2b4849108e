"""Running text: verbatim sentences, normal form, tokens."""

from __future__ import annotations

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import features.text as text_module
from data.tables import MOST_READ
from features.text import fold, folds, normalise, sentences, tokens

PARTS = st.lists(
    st.sampled_from(
        ["我们不投医药", "。", "！", "；", "\n", " ", "3.5亿元", "Yes. No", "，", "”", "…", "（ａ）", "㎡", "\u3000"]
    ),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(PARTS)
def test_sentences_are_verbatim_and_in_order(parts: list[str]) -> None:
    text = "".join(parts)
    at = 0
    for sentence in sentences(text):
        assert sentence == sentence.strip() and any(c.isalnum() for c in sentence)
        at = text.index(sentence, at) + len(sentence)
    kept = "".join(c for s in sentences(text) for c in s if c.isalnum())
    assert kept == "".join(c for c in text if c.isalnum())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我们不投医药。单笔不低于3.5亿元！好？", ["我们不投医药。", "单笔不低于3.5亿元！", "好？"]),
        ("Yes. We do not invest in biotech.", ["Yes.", "We do not invest in biotech."]),
        ("一；二\n三", ["一；", "二", "三"]),
        ("他说：“好。”于是走了", ["他说：“好。”", "于是走了"]),
        ("。；\n", []),
        ("", []),
        (None, []),
    ],
)
def test_sentences(text: str | None, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_an_overlong_sentence_is_cut_at_commas() -> None:
    text = "，".join(["这是一个没有句号的长列表"] * 60)
    parts = sentences(text)
    assert len(parts) > 1 and all(len(part) <= 230 for part in parts)
    assert "".join(parts) == text


def test_normal_form() -> None:
    assert normalise("ＡＢＣ　中 文\n（测试） 50 ㎡") == "ABC 中文(测试) 50 m2"
    assert normalise(None) == ""
    assert fold("Pre-A轮") == "pre-a轮"


@given(st.lists(st.text(alphabet="甲乙 ＡＢ　（）㎡\tx", max_size=12), min_size=1, max_size=6))
def test_folds_equals_fold_of_each(lines: list[str]) -> None:
    assert folds(lines) == [fold(line) for line in lines]


def test_tokens_cut_as_jieba_does() -> None:
    text = "细菌纤维素创面敷料的中试放大，样机尚未经过第三方型式试验。"
    expected = [word for word in jieba.cut(fold(text)) if any(c.isalnum() for c in word)]
    assert tokens(text) == expected
    assert tokens(None) == []


def test_what_stands_beyond_the_limit_is_not_read() -> None:
    text = "甲。" * (MOST_READ // 2) + "在后面。"
    assert set(sentences(text)) == {"甲。"}


def test_a_sentence_is_remembered_and_a_whole_text_is_not() -> None:
    sentence, text = "ＡＢ 中 文甲乙。", "ＡＢ 中 文。" * 50
    before = text_module._remembered.cache_info().currsize
    assert [fold(text), fold(sentence)] * 2 == [("ab 中文。" * 50), "ab 中文甲乙。"] * 2
    assert text_module._remembered.cache_info().currsize == before + 1
