"""From sentences to texts: weigh sentences by novelty, pool, centre.

Sentences that many other texts say too (staff, patents, certificates, "we look forward to cooperation") are paraphrased
rather than repeated, so their weight follows from vector similarity to the sentences of *other* texts of the same side.
What remains common to a side is taken out by subtracting its mean; raw E5 similarities are almost constant without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Indexes = NDArray[np.intp]

REFERENCE_SENTENCES = 4000  # how many sentences a sentence is compared with at most
NEIGHBOUR_SHARE = 0.1  # of the other texts: a topic is rarer than this, boilerplate is not
FEWEST_NEIGHBOURS = 4
SHARPNESS = 1.0  # of the weights: exp(-SHARPNESS * z)
CENTRING_TEXTS = 16  # from this many texts on a side's mean is trusted in full
ENCODE_TEXTS = 20_000  # sentences encoded at a time, to bound memory

_BLOCK = 4096


@dataclass(frozen=True)
class Side:
    """One side of a market as vectors: ``n`` texts of ``m`` sentences altogether, ``d`` numbers a vector.

    Attributes
    ----------
    pooled
        Text vectors (n, d) float32, centred, unit rows; a zero row for a text without sentences.
    sentences
        Sentence vectors (m, d) float16, centred, unit rows.
    weights
        Weight of each sentence in its text (m,) float32, in (0, 1], 1 for the most novel one of each text.
    starts
        Sentences of text ``i`` are ``starts[i]:starts[i + 1]``; (n + 1,).
    """

    pooled: Floats
    sentences: Halves
    weights: Floats
    starts: Indexes


def pool_side(texts: Sequence[Sequence[str]], encode: Callable[[Sequence[str]], Floats]) -> Side:
    """Encode, weigh, pool and centre one side; ``texts`` gives each text as its sentences, ``encode`` unit vectors."""
    starts = np.cumsum([0, *map(len, texts)]).astype(np.intp)
    flat = [sentence for text in texts for sentence in text]
    raw = _encode(flat, encode)
    owner = np.repeat(np.arange(len(texts)), np.diff(starts))
    weights = novelty_weights(raw, owner, len(texts))
    totals = segment_sums(weights, starts)
    pooled = _unit(_weighted_means(raw, weights, starts, totals))
    mean = pooled[totals > 0].mean(axis=0) if (totals > 0).any() else np.zeros(pooled.shape[1], np.float32)
    trust = centring_trust(int((totals > 0).sum()))
    pooled[totals > 0] -= trust * mean
    return Side(_unit(pooled), _centred(raw, trust * mean), _relative(weights, starts), starts)


def centring_trust(texts: int) -> float:
    """How much of a side's mean to subtract: nothing for one text, all from :data:`CENTRING_TEXTS` on."""
    return float(np.clip((texts - 1) / (CENTRING_TEXTS - 1), 0.0, 1.0))
