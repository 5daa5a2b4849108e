"""Free phrases of exclusions (no table knows them) sought in the projects' sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.reading.claims import Reading
from features.reading.lexicon import words
from features.reading.topics import denied
from features.text import folds, tokens

_FRAME = words("frame")


def core_terms(phrase: str) -> tuple[str, ...]:
    """Words of a phrase that carry its meaning, each once."""
    return tuple(dict.fromkeys(word for word in tokens(phrase) if word not in _FRAME and len(word) > 1))


class PhraseIndex:
    """The projects' sentences, folded once."""

    def __init__(self, projects: Sequence[Reading]) -> None:
        self._texts = ["\n".join(folds(reading.sentences)) for reading in projects]

    def strength(self, phrase: str, firm: float) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Strength (1 whole phrase, 0.5 all its words in one sentence) and sentence number for every project."""
        strength = np.zeros(len(self._texts), np.float32)
        shown = np.full(len(self._texts), -1, np.int32)
        terms = core_terms(phrase)
        whole = "".join(terms)
        if len(whole) < 3:
            return strength, shown
        rarest = max(terms, key=len)  # most likely: nearly all texts are done with it
        for row in [row for row, text in enumerate(self._texts) if rarest in text]:
            text = self._texts[row]
            if all(term in text for term in terms):
                strength[row], shown[row] = self._within(text, phrase, terms)
        return strength * np.float32(firm), shown

    def _within(self, text: str, phrase: str, terms: tuple[str, ...]) -> tuple[float, int]:
        best, where = 0.0, -1
        for number, sentence in enumerate(text.split("\n")):
            if not all(term in sentence for term in terms) or denied(sentence, terms[0]):
                continue
            value = 1.0 if phrase in sentence and len(phrase) > 3 else 0.5
            if value > best:
                best, where = value, number
        return best, where
