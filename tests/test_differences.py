"""Pieces of two texts: what differs is marked, and joined they are the texts again."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.differences import differing_pieces, own_sentences


@given(st.text("甲乙丙 ab", max_size=20), st.text("甲乙丙 ab", max_size=20))
def test_pieces_joined_are_the_texts_again(one: str, other: str) -> None:
    for told, text in zip(differing_pieces(one, other), (one, other), strict=True):
        assert "".join(piece.text for piece in told) == text
        assert all(left.marked != right.marked for left, right in pairwise(told))
    marked = any(piece.marked for side in differing_pieces(one, other) for piece in side)
    assert marked == (one != other and bool(one) and bool(other))


def test_what_differs_is_marked() -> None:
    one, other = differing_pieces("盐碱地改良颗粒", "盐碱地改良颗粒（二期）")
    assert [(piece.text, piece.marked) for piece in one] == [("盐碱地改良颗粒", False)]
    assert [(piece.text, piece.marked) for piece in other] == [("盐碱地改良颗粒", False), ("（二期）", True)]
    assert [piece.marked for piece in differing_pieces("甲乙丙丁", "戊己庚辛")[0]] == [True]
    assert [piece.marked for piece in differing_pieces("长" * 2000, "长" * 1999)[0]] == [True]
    told = own_sentences("甲句。乙句Ａ。", "乙句a。丙句。")
    assert [(piece.text, piece.marked) for piece in told] == [("甲句。", True), ("乙句Ａ。", False)]
