"""Where two texts differ, cut so that the difference can be marked; joined, the pieces of a side are its text again."""

from __future__ import annotations

from difflib import SequenceMatcher

from app.highlighting import Piece, pieces
from features.text import fold, sentences

LEAST_ALIKE = 0.5
"""Two texts less alike than this differ as a whole: single characters that they share by chance tell nothing."""
LEAST_RUN = 2
"""A shorter run that both sides have, with differences around it, is marked with them."""
LONGEST = 1_000
"""Characters of a side up to which single characters are compared."""


def differing_pieces(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts, each with what the other does not have marked, character by character."""
    if one == other or not one or not other:
        return _whole(one, marked=False), _whole(other, marked=False)
    if max(len(one), len(other)) > LONGEST:
        return _whole(one, marked=True), _whole(other, marked=True)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < LEAST_ALIKE:
        return _whole(one, marked=True), _whole(other, marked=True)
    first: list[Piece] = []
    second: list[Piece] = []
    for tag, start, stop, begin, end in matcher.get_opcodes():
        inner = start > 0 and stop < len(one) and begin > 0 and end < len(other)
        marked = tag != "equal" or (inner and stop - start < LEAST_RUN)
        _add(first, one[start:stop], marked)
        _add(second, other[begin:end], marked)
    return first, second


def own_sentences(text: str, other: str) -> list[Piece]:
    """A text with the sentences marked that the other does not have, whatever their order, spaces and width."""
    theirs = {fold(sentence) for sentence in sentences(other)}
    return pieces(text, [sentence for sentence in sentences(text) if fold(sentence) not in theirs])


def _whole(text: str, *, marked: bool) -> list[Piece]:
    return [Piece(text, marked)] if text else []


def _add(told: list[Piece], text: str, marked: bool) -> None:
    if not text:
        return
    if told and told[-1].marked == marked:
        told[-1] = Piece(told[-1].text + text, marked)
    else:
        told.append(Piece(text, marked))
