"""Keep readings on disk, so that the same program reads no text twice.

What is kept of a text is where its sentences stand in it and what they claim, under a digest of the whole row: the text
itself stays in the store, and a reading whose sentences are not verbatim in its row (masked personal data) is not kept.
A folder belongs to one fingerprint of the program: with another table, rule or Python all is read anew. It holds
segments, which are never changed, are renamed into place when whole and carry a checksum: processes may read and add at
once, and what is cut short or altered is passed over.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import struct
import sys
import time
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import data
import features
from features.reading.claims import Claim, Reading
from features.reading.columns import as_text
from features.reading.pool import FEWEST, Read, Row, read_all

MOST_BYTES = 512 << 20
"""Of all segments of all fingerprints together; those used least lately go first."""
MOST_SEGMENTS = 16
"""Of one fingerprint; the next one takes in all of them."""

_MAGIC = b"DJR1"
_KEY, _SUM = 16, 16  # bytes
_HEAD = struct.Struct("<4s16sI")  # magic, checksum of what follows the head, number of readings
_SUFFIX, _DRAFT = ".readings", ".draft"
_STALE_SECONDS = 3600.0

Packed = Mapping[bytes, bytes]
"""Packed readings by key."""


def read_kept(read: Read, rows: Sequence[Row], texts: Sequence[str], folder: Path | None) -> list[Reading]:
    """``read`` of every row, in their order, from ``folder`` where it has been read before.

    ``texts`` are the columns whose sentences ``read`` cuts, in its order. Without a folder, and for few rows, which are
    read faster than looked up, nothing is kept.
    """
    if folder is None or len(rows) < FEWEST:
        return read_all(read, rows)
    kept = Kept(folder, f"{read.__module__}.{read.__qualname__} {fingerprint()}")
    keys = [key_of(row) for row in rows]
    known = kept.find(keys)
    missing = [at for at, key in enumerate(keys) if key not in known]
    fresh = dict(zip(missing, read_all(read, [rows[at] for at in missing]), strict=True))
    cells = [[as_text(row.get(column)) for column in texts] for row in rows]
    kept.add({keys[at]: packed for at, found in fresh.items() if (packed := pack(found, cells[at])) is not None})
    return [fresh[at] if at in fresh else unpack(known[key], cells[at]) for at, key in enumerate(keys)]


def key_of(row: Row) -> bytes:
    """Digest of a row: its columns and all that stands in them."""
    return hashlib.blake2b(repr(row).encode(), digest_size=_KEY).digest()


@cache
def fingerprint() -> str:
    """Digest of all that a reading can depend on beside the row: code and tables of two rooms, and Python's own."""
    versions = f"{sys.version_info[:3]} {marshal.version} {unicodedata.unidata_version}"
    digest = hashlib.blake2b(versions.encode(), digest_size=12)
    for room in (data, features):
        root = Path(room.__path__[0])
        for path in sorted(p for p in root.rglob("*") if p.suffix in (".py", ".csv", ".toml", ".json")):
            digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def pack(reading: Reading, texts: Sequence[str]) -> bytes | None:
    """A reading without its text: places of the sentences in ``texts``, and claims by number of their sentence.

    None where a sentence is not verbatim in them.
    """
    places: list[int] = []
    at = start = 0
    for sentence in reading.sentences:
        while at < len(texts) and (found := texts[at].find(sentence, start)) < 0:
            at, start = at + 1, 0
        if at == len(texts):
            return None
        start = found + len(sentence)
        places += (at, found, start)
    number = {sentence: place for place, sentence in enumerate(reading.sentences)} | {"": -1}
    if any(claim.sentence not in number for claim in reading.claims):
        return None
    claims = [(c.kind, c.value, c.polarity, c.inferred, number[c.sentence], c.number) for c in reading.claims]
    return marshal.dumps((places, claims))


def unpack(packed: bytes, texts: Sequence[str]) -> Reading:
    """The reading that :func:`pack` made ``packed`` of."""
    places, claims = marshal.loads(packed)
    spans = zip(places[::3], places[1::3], places[2::3], strict=True)
    sentences = tuple(texts[at][start:stop] for at, start, stop in spans)
    said = (*sentences, "")  # -1: a column says it
    return Reading(
        sentences,
        tuple(Claim(kind, value, sign, inferred, said[at], n) for kind, value, sign, inferred, at, n in claims),
    )


class Kept:
    """Packed readings of one fingerprint, under ``directory``."""

    def __init__(self, directory: Path, told: str) -> None:
        self.directory = Path(directory)
        self.folder = self.directory / hashlib.blake2b(told.encode(), digest_size=12).hexdigest()

    def find(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Those of ``keys`` that are kept."""
        wanted, found = set(keys), dict[bytes, bytes]()
        for path in self._segments():
            segment = load(path)
            for key in wanted & segment.keys():
                found[key] = segment[key]
            wanted -= found.keys()
            if segment:
                _touch(path)
        return found

    def add(self, packed: Packed) -> None:
        """Keep more. A folder that cannot be written costs the saving, not the run."""
        if not packed:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            before = self._segments()
            merged = before if len(before) >= MOST_SEGMENTS else []
            self._write({key: value for path in reversed(merged) for key, value in load(path).items()} | dict(packed))
            for path in merged:
                path.unlink(missing_ok=True)
            _sweep(self.directory)
        except OSError:
            return

    def _segments(self) -> list[Path]:
        """Newest first."""
        return sorted(self.folder.glob(f"*{_SUFFIX}"), reverse=True)

    def _write(self, packed: Packed) -> None:
        ends = _sizes(packed.values())
        body = b"".join((*packed.keys(), ends, *packed.values()))
        path = self.folder / f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}{_SUFFIX}"
        draft = path.with_name(path.name + _DRAFT)
        draft.touch(mode=0o600)
        draft.write_bytes(_HEAD.pack(_MAGIC, _sum(body), len(packed)) + body)
        draft.replace(path)


def load(path: Path) -> dict[bytes, bytes]:
    """Readings of a segment by key; empty when it is gone, cut short or altered."""
    try:
        whole = path.read_bytes()
    except OSError:
        return {}
    if len(whole) < _HEAD.size:
        return {}
    magic, told, count = _HEAD.unpack_from(whole)
    body = memoryview(whole)[_HEAD.size :]
    if magic != _MAGIC or told != _sum(body):
        return {}
    keys = [bytes(body[at : at + _KEY]) for at in range(0, _KEY * count, _KEY)]
    sizes = struct.unpack_from(f"<{count}I", body, _KEY * count)
    found, start = {}, (_KEY + 4) * count
    for key, size in zip(keys, sizes, strict=True):
        found[key] = bytes(body[start : start + size])
        start += size
    return found


def _sizes(values: Iterable[bytes]) -> bytes:
    return b"".join(struct.pack("<I", len(value)) for value in values)


def _sum(body: bytes | memoryview) -> bytes:
    return hashlib.blake2b(body, digest_size=_SUM).digest()


def _touch(path: Path) -> None:
    """Note that a segment was of use."""
    try:
        os.utime(path)
    except OSError:
        return


def _sweep(directory: Path) -> None:
    """Remove what killed processes left, and what was used least lately beyond :data:`MOST_BYTES`."""
    room = MOST_BYTES
    segments = [(path.stat(), path) for path in directory.glob(f"*/*{_SUFFIX}")]
    for told, path in sorted(segments, key=lambda item: -item[0].st_mtime):
        room -= told.st_size
        if room < 0:
            path.unlink(missing_ok=True)
    for path in directory.glob(f"*/*{_DRAFT}"):
        if time.time() - path.stat().st_mtime > _STALE_SECONDS:
            path.unlink(missing_ok=True)
