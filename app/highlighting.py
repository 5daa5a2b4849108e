"""Where evidence stands in a text: the text cut into pieces that are evidence and pieces that are not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; ``marked`` when evidence rests on it. Pieces joined give the text again."""

    text: str
    marked: bool


def pieces(text: str, sentences: Iterable[str]) -> list[Piece]:
    """Cut ``text`` at the sentences that stand in it verbatim; sentences that do not stand in it are passed over."""
    spans: list[tuple[int, int]] = []
    for sentence in dict.fromkeys(sentences):
        start = text.find(sentence) if sentence else -1
        while start >= 0:
            spans.append((start, start + len(sentence)))
            start = text.find(sentence, start + len(sentence))
    found: list[Piece] = []
    at = 0
    for start, stop in _joined(spans):
        if start > at:
            found.append(Piece(text[at:start], False))
        found.append(Piece(text[start:stop], True))
        at = stop
    if at < len(text):
        found.append(Piece(text[at:], False))
    return found


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that overlap or touch as one."""
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
        else:
            joined.append((start, stop))
    return joined


def word_spans(text: str, words: Iterable[str]) -> list[str]:
    """The words (any case) that stand in ``text``, as they are written there."""
    folded = text.casefold()
    found = []
    for word in dict.fromkeys(word.casefold() for word in words if word.strip()):
        at = folded.find(word)
        if at >= 0 and len(folded) == len(text):  # case folding that changes the length would shift what is marked
            found.append(text[at : at + len(word)])
    return found
