"""Read a sentence once, however many texts hold it: much of what institutions and applicants write is written again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from features.reading.cues import Cue, Found, scan_lines
from features.reading.lexicon import Lexicon
from features.text import folds

Said = TypeVar("Said")
Read = Callable[[str, str, dict[str, list[Found]], bool], Said]

MOST = 1 << 15
"""Sentences remembered at a time: some tens of megabytes."""


class Sentences(Generic[Said]):
    """What ``read`` makes of single sentences: ``read(sentence, folded, cues, named)``, ``named`` for a name.

    It must not depend on anything else, and nobody may change what it gives.
    """

    def __init__(self, lexicon: Callable[[], Lexicon[Cue]], read: Read[Said]) -> None:
        self.lexicon, self.read = lexicon, read
        self._known: dict[tuple[str, bool], Said] = {}

    def __call__(self, lines: Sequence[str], *, named: bool) -> list[Said]:
        """What the distinct ``lines`` of one text say; ``named``: the first of them is its name."""
        keys = [(line, named and place == 0) for place, line in enumerate(lines)]
        if len(self._known) + len(keys) > MOST:
            self._known = {}  # not emptied: another thread may be looking into it
        known = self._known
        new = [key for key in keys if key not in known]
        folded = folds([line for line, _ in new])
        for key, text, found in zip(new, folded, scan_lines(self.lexicon(), folded), strict=True):
            known[key] = self.read(key[0], text, found, key[1])
        return [known[key] for key in keys]
