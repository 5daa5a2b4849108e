"""Exclusions in words of their own, compared with the projects' clauses by meaning.

卖一台就结束的生意不投 shares no word with 整机一次性卖断给家庭. Vectors of the excluded phrase and of every clause are
centred; a project is possibly meant when its nearest clause is near in absolute terms and far nearer than that of
most projects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

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
MOST_CLAUSES = 0  # above, whole sentences are compared: their vectors are there for other purposes
_BLOCK = 256
_CLAUSE = re.compile("[，,；;。:：!！?？()（）]")
_CONTRARY = re.compile(
    "无需|不需|不用|替代|取代|代替|避免|免去|不含|不产生|不使用|杜绝|告别|摆脱|省去|而非|不再|零排放|不依赖"
)


def _clauses(sentence: str) -> list[str]:
    return [part.strip() for part in _CLAUSE.split(sentence) if len(part.strip()) > 3]


class Likeness:
    """Clauses of the projects as centred unit vectors."""

    def __init__(self, projects: Sequence[Reading], encode: Encode) -> None:
        self.encode, self.size = encode, len(projects)
        count = sum(len(_clauses(sentence)) for reading in projects for sentence in reading.sentences)
        texts: list[str] = []
        places: list[tuple[int, int]] = []
        for row, reading in enumerate(projects):
            for number, sentence in enumerate(reading.sentences):
                parts = dict.fromkeys([sentence, *(_clauses(sentence) if count <= MOST_CLAUSES else ())])
                for part in parts:
                    if not _CONTRARY.search(part):
                        texts.append(part)
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
            near = self.vectors @ queries[start : start + _BLOCK].T
            for column, phrase in enumerate(phrases[start : start + _BLOCK]):
                found[phrase] = self._strength(near[:, column])
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
    values = np.asarray(vectors, np.float32)
    values = values - values.mean(axis=0)
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    return (values / np.maximum(norms, 1e-9)).astype(np.float32)
