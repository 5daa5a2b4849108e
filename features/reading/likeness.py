"""What an institution rules out, compared with the projects' sentences by meaning.

卖一台就结束的生意不投 shares no word with 整机一次性卖断给家庭. Vectors of the ruled-out phrase and of every sentence
are centred. How near a project is in itself says little, for the encoder finds all of one field alike; that its nearest
sentence stands out from those of the other projects does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from features.cores import over, slices
from features.reading.claims import Reading
from features.reading.ruling import Grounds, Ruling, join_grounds
from features.reading.scope import scopes
from features.text import fold

Floats = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Floats]

LEAST, MOST = 1.5, 4.0
"""Standard deviations above the other projects from which likeness counts, and above which it counts no more."""
LEAST_COSINE = 0.2
FEWEST_PROJECTS = 20  # below, deviations mean nothing
SHORTEST = 3  # characters of a phrase that says something
_BLOCK, _ROWS = 256, 8192
_CONTRARY = re.compile(
    "无需|不需|不用|替代|取代|代替|避免|免去|不含|不产生|不使用|杜绝|告别|摆脱|省去|而非|不再|零排放|不依赖"
)


@lru_cache(maxsize=1 << 14)
def _phrases(sentence: str) -> tuple[str, ...]:
    """Phrases that a sentence rules out or says it does not have."""
    found = (scope.phrase for scope in scopes(fold(sentence)) if scope.mode in ("not", "lack"))
    return tuple(dict.fromkeys(phrase for phrase in found if len(phrase) >= SHORTEST))


def rule_out_by_meaning(projects: Sequence[Reading], institutions: Sequence[Reading], encode: Encode) -> Ruling:
    """Which projects stand out by their likeness to what an institution's text rules out, and by which sentences.

    ``encode`` maps texts to unit vectors (n, d). The strength is in standard deviations above :data:`LEAST`, at most
    ``MOST - LEAST``.
    """
    holders: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for col, reading in enumerate(institutions):
        ruling = reading.ruling
        for number, sentence in enumerate(reading.sentences):
            for phrase in _phrases(sentence) if sentence in ruling else ():
                holders[phrase].append((col, number))
    phrases = sorted(holders)
    grounds = _Sentences(projects, encode).grounds(phrases) if phrases else []
    said = [(col, key, number + 1) for key, phrase in enumerate(phrases) for col, number in holders[phrase] if grounds]
    return join_grounds(grounds, said, len(projects), len(institutions))


class _Sentences:
    """Sentences of the projects as centred unit vectors."""

    def __init__(self, projects: Sequence[Reading], encode: Encode) -> None:
        self.encode, self.size = encode, len(projects)
        texts: list[str] = []
        places: list[tuple[int, int]] = []
        for row, reading in enumerate(projects):
            for number, sentence in enumerate(reading.sentences):
                if not _CONTRARY.search(sentence):
                    texts.append(sentence)
                    places.append((row, number))
        self.owners, self.numbers = np.array(places, dtype=np.int32).reshape(-1, 2).T
        self.vectors = _centred(encode(texts)) if texts else np.empty((0, 1), np.float32)
        self.rows, self.starts = np.unique(self.owners, return_index=True)

    def grounds(self, phrases: Sequence[str]) -> list[Grounds]:
        """The projects that stand out for each phrase; empty where there are too few to stand out from."""
        if len(self.rows) < FEWEST_PROJECTS:
            return []
        queries = _centred(self.encode(phrases)) if len(phrases) > 7 else np.asarray(self.encode(phrases), np.float32)
        found: list[Grounds] = []
        for start in range(0, len(phrases), _BLOCK):
            near = np.ascontiguousarray((self.vectors @ queries[start : start + _BLOCK].T).T)
            found += over(self._grounds, list(near))
        return found

    def _grounds(self, near: Floats) -> Grounds:
        best = np.maximum.reduceat(near, self.starts)
        height = (best - best.mean()) / max(float(best.std()), 1e-6)
        hit = np.flatnonzero((height > LEAST) & (best >= LEAST_COSINE))
        strength = np.minimum(height[hit], MOST) - np.float32(LEAST)
        stops = np.append(self.starts, len(near))
        shown = [int(near[stops[at] : stops[at + 1]].argmax() + stops[at]) for at in hit.tolist()]
        return Grounds("topic", self.rows[hit], strength.astype(np.float32), self.numbers[shown])


def _centred(vectors: Floats) -> Floats:
    """Unit rows after subtracting the mean row (n x d), in one new array."""
    mean = np.asarray(vectors, np.float32).mean(axis=0)
    centred = np.empty(vectors.shape, np.float32)

    def subtract(part: slice) -> None:
        values = np.subtract(vectors[part], mean, out=centred[part])
        values /= np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-9)

    over(subtract, slices(len(centred), _ROWS))
    return centred
