"""Text cut at evidence: nothing is lost, nothing is added, and hostile text stays text."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.highlighting import pieces, word_spans

HOSTILE = "<script>x</script> :green-background[a] ](javascript:y) **b** $z$ \\] `c`"


@given(st.text(max_size=80), st.lists(st.text(max_size=12), max_size=5))
def test_pieces_join_to_the_text(text: str, sentences: list[str]) -> None:
    cut = pieces(text, sentences)
    assert "".join(piece.text for piece in cut) == text
    assert all(piece.text for piece in cut)
    assert all(one.marked != two.marked for one, two in pairwise(cut))
    for sentence in sentences:
        if sentence and sentence in text:
            assert any(piece.marked and sentence in piece.text for piece in cut)


def test_only_sentences_are_marked() -> None:
    text = f"甲。{HOSTILE}。乙。"
    cut = pieces(text, [HOSTILE, "不在文中"])
    assert [piece.text for piece in cut if piece.marked] == [HOSTILE]
    assert [piece.text for piece in cut if not piece.marked] == ["甲。", "。乙。"]


def test_sentences_that_overlap_or_repeat_are_marked_once() -> None:
    cut = pieces("abcabc-d", ["abc", "bca", ""])
    assert [(piece.text, piece.marked) for piece in cut] == [("abcabc", True), ("-d", False)]


def test_words_are_found_as_they_are_written() -> None:
    assert word_spans("用 TOPCon 电池", ["topcon", "光伏", ""]) == ["TOPCon"]
