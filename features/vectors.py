"""Keep the vectors of texts on disk, so that no text is encoded twice.

A cache folder belongs to one encoder fingerprint. It holds segments, each a pair of files: vectors (float16) and,
renamed into place last, their keys (BLAKE2b of the normalised text, sorted). Segments are never changed, so processes
may read and add at once, and one that is killed leaves at most a file that nobody reads.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.text import normalise

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Keys = NDArray[np.bytes_]
Progress = Callable[[int], None]

KEY_BYTES = 16
MAX_SEGMENTS = 32
CHUNK_TEXTS = 2048  # encoded and stored at a time: what a kill can cost

_KEYS = ".keys.npy"
_VECTORS = ".vectors.npy"
_DRAFT = ".draft"
_STALE_SECONDS = 3600.0


class VectorCache:
    """Vectors of one encoder, under ``directory``."""

    def __init__(self, directory: Path, fingerprint: str, dimensions: int) -> None:
        name = hashlib.blake2b(fingerprint.encode(), digest_size=12).hexdigest()
        self.folder = Path(directory) / name
        self.dimensions = dimensions
        self._open: dict[str, tuple[Keys, Halves]] = {}

    def encode(
        self,
        texts: Sequence[str],
        encode: Callable[..., Floats],
        progress: Progress | None = None,
    ) -> Floats:
        """Unit vectors (n, d) float32 of ``texts``; ``encode(texts, progress=...)`` is called for unknown ones only.

        What is returned is what the disk holds, rounded to float16, the first time too: later runs give the same bytes.
        """
        clean = [normalise(text) for text in texts]
        places = {text: place for place, text in enumerate(dict.fromkeys(clean))}
        distinct = list(places)
        keys = keys_of(distinct)
        vectors, known = self._lookup(keys)
        missing = np.flatnonzero(~known)
        if len(missing):  # neighbours in length make full batches
            missing = missing[np.argsort([-len(distinct[place]) for place in missing], kind="stable")]
        for start in range(0, len(missing), CHUNK_TEXTS):
            chunk = missing[start : start + CHUNK_TEXTS]
            fresh = encode([distinct[place] for place in chunk], progress=_after(progress, start))
            stored = np.asarray(fresh, np.float16)
            self._add(keys[chunk], stored)
            vectors[chunk] = stored
        return vectors[np.array([places[text] for text in clean], np.intp)]

    def compact(self) -> None:
        """Merge all segments into one. Safe beside readers and writers: the merged one stands before the others go."""
        merged = [(path, segment) for path in self._paths() if (segment := self._segment(path)) is not None]
        if not merged:
            return
        keys, first = np.unique(np.concatenate([segment[0] for _, segment in merged]), return_index=True)
        rows = np.concatenate([segment[1] for _, segment in merged])[first]
        kept = _sound(np.asarray(rows, np.float32))
        self._write(keys[kept], rows[kept])
        for path, _ in merged:
            self._open.pop(path.name, None)
            path.unlink(missing_ok=True)
            _vectors_of(path).unlink(missing_ok=True)

    def _lookup(self, keys: Keys) -> tuple[Floats, NDArray[np.bool_]]:
        vectors = np.zeros((len(keys), self.dimensions), np.float32)
        known = np.zeros(len(keys), bool)
        paths = self._paths()
        self._open = {path.name: self._open[path.name] for path in paths if path.name in self._open}
        for path in paths:
            segment = self._segment(path)
            if segment is None:
                continue
            stored, rows = segment
            place = np.minimum(np.searchsorted(stored, keys), len(stored) - 1)
            hits = np.flatnonzero((stored[place] == keys) & ~known)
            found = np.asarray(rows[place[hits]], np.float32)
            sound = _sound(found)
            vectors[hits[sound]] = found[sound]
            known[hits[sound]] = True
        return vectors, known

    def _paths(self) -> list[Path]:
        """Key files, newest first: a vector that replaced a damaged one is found before it."""
        return sorted(self.folder.glob(f"*{_KEYS}"), reverse=True)

    def _segment(self, path: Path) -> tuple[Keys, Halves] | None:
        """Keys and vectors of a segment; None when it is gone, cut short or holds something else."""
        if path.name not in self._open:
            try:
                keys = np.load(path, allow_pickle=False)
                rows = np.load(_vectors_of(path), mmap_mode="r", allow_pickle=False)
            except (OSError, ValueError, EOFError):
                return None
            fits = keys.dtype == f"S{KEY_BYTES}" and rows.shape == (len(keys), self.dimensions) and len(keys) > 0
            if not fits or rows.dtype != np.float16 or not (keys[:-1] <= keys[1:]).all():
                return None
            self._open[path.name] = (keys, rows)
        return self._open[path.name]

    def _add(self, keys: Keys, rows: Halves) -> None:
        """Store a segment. A folder that cannot be written costs the saving, not the run."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._write(keys, rows)
            self._sweep()
            if len(self._paths()) > MAX_SEGMENTS:
                self.compact()
        except OSError:
            return

    def _write(self, keys: Keys, rows: Halves) -> None:
        order = np.argsort(keys, kind="stable")
        path = self.folder / f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}{_KEYS}"
        for target, array in ((_vectors_of(path), rows[order]), (path, keys[order])):
            draft = target.with_name(target.name + _DRAFT)
            with draft.open("wb") as stream:
                np.save(stream, array, allow_pickle=False)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(target)

    def _sweep(self) -> None:
        """Remove what killed processes left: drafts, and vectors without keys."""
        orphans = (path for path in self.folder.glob(f"*{_VECTORS}") if not _keys_of(path).exists())
        for path in (*self.folder.glob(f"*{_DRAFT}"), *orphans):
            try:
                if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                    path.unlink()
            except FileNotFoundError:
                continue

    def __getstate__(self) -> dict[str, Any]:
        """Without the mapped segments: another process maps its own."""
        return {**self.__dict__, "_open": {}}


def keys_of(texts: Sequence[str]) -> Keys:
    """Keys (n,) of normalised texts."""
    digests = [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest() for text in texts]
    return np.array(digests, dtype=f"S{KEY_BYTES}")


def _sound(rows: Floats) -> NDArray[np.bool_]:
    """Rows that are unit vectors, or zero (a text without any known word); NaN and flipped exponents fail."""
    length = np.einsum("ij,ij->i", rows, rows)
    return (np.abs(length - 1) < 0.02) | (length == 0)


def _vectors_of(keys: Path) -> Path:
    return keys.with_name(keys.name.removesuffix(_KEYS) + _VECTORS)


def _keys_of(vectors: Path) -> Path:
    return vectors.with_name(vectors.name.removesuffix(_VECTORS) + _KEYS)


def _after(progress: Progress | None, before: int) -> Progress | None:
    return None if progress is None else lambda done: progress(before + done)
