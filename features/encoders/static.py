"""A fast, weaker encoder: one vector a piece of the vocabulary, distilled from the built-in model, summed up.

Every piece is encoded alone by the built-in model; a text's vector is the sum of its pieces' vectors, rare pieces
weighing more (smooth inverse frequency, Arora et al. 2017), minus what all pieces share. Neither order nor context
counts. Encoding needs numpy, scipy and the tokenizer; torch only once, to build the table.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.e5 import files
from features.encoding import (
    Deferred,
    EncoderSettings,
    Floats,
    Loaded,
    Progress,
    Run,
    require,
)

VERSION = 1
DIMENSIONS = 384
SMOOTHING = 1e-4  # a in a / (a + frequency)
ASCII_PIECES = 6000  # the most frequent ones; rarer ones are letters of foreign words

_TABLE = "pieces.npy"
_CHUNK_TEXTS = 4096


class Static:
    """``static``."""

    name = "static"

    def load(self, model: str, settings: EncoderSettings) -> Loaded:
        """See :class:`features.encoding.Encoder`. The first call on a machine builds the table (about a minute)."""
        require("tokenizers", "scipy")
        target = settings.cache_dir / "models" / f"e5-static-v{VERSION}"
        files.keep(target, partial(_write, settings))
        return Deferred(f"e5-static-v{VERSION}", DIMENSIONS, partial(_start, target, settings))


def _write(settings: EncoderSettings, folder: Path) -> None:
    from features.e5.network import Network

    teacher = files.model_folder(settings.cache_dir)
    shutil.copyfile(teacher / files.TOKENIZER, folder / files.TOKENIZER)
    vocabulary = json.loads((folder / files.TOKENIZER).read_text("utf-8"))["model"]["vocab"]
    scores = np.array([score for _, score in vocabulary])
    rows = chosen_pieces([piece for piece, _ in vocabulary], scores)
    network = Network(teacher, "fp32", "", settings.max_tokens, settings.threads)
    table = np.zeros((len(vocabulary), DIMENSIONS), np.float32)
    table[rows] = weighted(network.encode_pieces(rows.tolist()), scores[rows])
    np.save(folder / _TABLE, table.astype(np.float16))


def chosen_pieces(pieces: Sequence[str], scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """Rows of the pieces that get a vector: all with a Chinese character, and the most frequent others of ASCII."""
    chinese = np.array([any("\u3400" <= character <= "\u9fff" for character in piece) for piece in pieces])
    letters = np.array(
        [piece.isascii() and any(map(str.isalnum, piece)) for piece in (p.strip("\u2581") for p in pieces)]
    )
    special = np.array([piece.startswith("<") for piece in pieces])
    candidates = np.flatnonzero(letters & ~special)
    frequent = candidates[np.argsort(-scores[candidates], kind="stable")[:ASCII_PIECES]]
    return np.union1d(np.flatnonzero(chinese), frequent)


def weighted(vectors: Floats, scores: NDArray[np.float64]) -> Floats:
    """Centre the pieces on their expected vector and scale each by smooth inverse frequency.

    ``scores`` are the pieces' log probabilities in the tokenizer's unigram model.
    """
    frequency = np.exp(scores)
    frequency /= frequency.sum()
    centred = vectors - vectors.mean(axis=0)
    return np.asarray(centred * (SMOOTHING / (SMOOTHING + frequency))[:, None], np.float32)


def _start(folder: Path, settings: EncoderSettings) -> Run:
    from tokenizers import Tokenizer

    files.keep(folder, partial(_write, settings), thorough=True)
    tokenizer = Tokenizer.from_file(str(folder / files.TOKENIZER))
    table = np.load(folder / _TABLE).astype(np.float32)

    def run(texts: Sequence[str], progress: Progress | None) -> Floats:
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        for start in range(0, len(texts), _CHUNK_TEXTS):
            chunk = texts[start : start + _CHUNK_TEXTS]
            tokens = [each.ids for each in tokenizer.encode_batch_fast(list(chunk), add_special_tokens=False)]
            vectors[start : start + len(chunk)] = bag(tokens, table)
            if progress:
                progress(start + len(chunk))
        return vectors

    return run


def bag(tokens: Sequence[Sequence[int]], table: Floats) -> Floats:
    """Unit rows: the sum of each text's rows of ``table``; a zero row where no token has a vector."""
    from scipy.sparse import csr_array

    ends = np.cumsum([0, *map(len, tokens)])
    columns = np.concatenate([np.asarray(ids, np.int64) for ids in tokens]) if ends[-1] else np.empty(0, np.int64)
    counts = csr_array(
        (np.ones(len(columns), np.float32), columns, ends),
        shape=(len(tokens), len(table)),
    )
    summed = np.asarray(counts @ table, np.float32)
    length = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.divide(summed, length, out=np.zeros_like(summed), where=length > 1e-6)


ENCODER = Static()
