"""Exclusions in words of their own, compared with the projects' sentences by meaning.

卖一台就结束的生意不投 shares no word with 整机一次性卖断给家庭. Vectors of the excluded phrase and of every sentence
are centred; a project is possibly meant when its nearest sentence is near in absolute terms and far nearer than that of
most projects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from features.cores import over, slices
from features.reading.claims import Reading

Floats = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Floats]

DEVIATIONS = (1.7, 2.3, 2.7, 3.2)
STRENGTHS = (0.3, 0.5, 0.65, 0.8)
"""Strength by how many standard deviations a project stands above the others, linear between, 0 below. On the labelled
set ``dev`` 1.5, 1.95 and 2.4 deviations are passed by 10, 5 and 2 per cent of the good pairs of the institutions that
exclude, and by 65, 53 and 40 per cent of the ruled-out pairs."""
LEAST_COSINE, CLEAR_COSINE, UNCLEAR = 0.2, 0.36, 0.7
FEWEST_PROJECTS = 20  # below, deviations mean nothing
_BLOCK, _ROWS = 256, 8192
_CONTRARY = re.compile(
    "无需|不需|不用|替代|取代|代替|避免|免去|不含|不产生|不使用|杜绝|告别|摆脱|省去|而非|不再|零排放|不依赖"
)


class Likeness:
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
        self.places = np.array(places, dtype=np.int32).reshape(-1, 2)
        self.vectors = _centred(encode(texts)) if texts else np.empty((0, 1), np.float32)
        self.starts = np.searchsorted(self.places[:, 0], np.arange(self.size))
        self.filled = np.bincount(self.places[:, 0], minlength=self.size) > 0

    def strengths(self, phrases: Sequence[str]) -> dict[str, tuple[Floats, NDArray[np.int32]]]:
        """Strength (0, or 0.3 to 0.8) and sentence number of every project, for each phrase."""
        if not phrases or not len(self.places) or self.filled.sum() < FEWEST_PROJECTS:
            return {}
        queries = _centred(self.encode(phrases)) if len(phrases) > 7 else np.asarray(self.encode(phrases), np.float32)
        found: dict[str, tuple[Floats, NDArray[np.int32]]] = {}
        for start in range(0, len(phrases), _BLOCK):
            near = np.ascontiguousarray((self.vectors @ queries[start : start + _BLOCK].T).T)
            found.update(zip(phrases[start : start + _BLOCK], over(self._strength, list(near)), strict=True))
        return found

    def _strength(self, near: Floats) -> tuple[Floats, NDArray[np.int32]]:
        strength = np.zeros(self.size, np.float32)
        shown = np.full(self.size, -1, np.int32)
        rows = np.flatnonzero(self.filled)
        best = np.maximum.reduceat(near, self.starts[rows])
        z = (best - best.mean()) / max(float(best.std()), 1e-6)
        found = np.interp(z, DEVIATIONS, STRENGTHS)
        found = np.where(best >= CLEAR_COSINE, found, np.minimum(found, UNCLEAR))
        strength[rows] = np.where((z >= DEVIATIONS[0]) & (best >= LEAST_COSINE), found, 0.0)
        for row in np.flatnonzero(strength):
            stop = self.starts[row + 1] if row + 1 < self.size else len(near)
            place = self.starts[row] + int(near[self.starts[row] : stop].argmax())
            shown[row] = self.places[place, 1]
        return strength, shown


def _centred(vectors: Floats) -> Floats:
    """Unit rows after subtracting the mean row (n x d), in one new array."""
    mean = np.asarray(vectors, np.float32).mean(axis=0)
    centred = np.empty(vectors.shape, np.float32)

    def subtract(part: slice) -> None:
        values = np.subtract(vectors[part], mean, out=centred[part])
        values /= np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-9)

    over(subtract, slices(len(centred), _ROWS))
    return centred
