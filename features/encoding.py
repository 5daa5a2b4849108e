"""Choose an encoder by name and hand it out ready but not yet started.

An encoder is a plug-in: one module of :mod:`features.encoders` that defines ``ENCODER``. Loading one says at once what
its vectors are (fingerprint, dimensions) or why it cannot be had; the heavy part, importing torch and reading the
weights, waits for the first text that has no cached vector.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from data.problem import DuijieError
from data.registry import discover

Floats = NDArray[np.float32]
Progress = Callable[[int], None]
Run = Callable[[Sequence[str], Progress | None], Floats]

DTYPES = ("fp32", "bf16", "int8")
DEFAULT = "builtin"
NONE = "none"
FOLDER = "folder"


class Loaded(Protocol):
    """An encoder that can be had."""

    fingerprint: str  # equal fingerprints give equal vectors: weights, number format, length limit, prompt
    dimensions: int

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Floats:
        """Unit vectors (n, d) float32; ``progress`` is told how many distinct texts are done."""


class Encoder(Protocol):
    """A plug-in of :mod:`features.encoders`."""

    name: str

    def load(self, model: str, settings: EncoderSettings) -> Loaded:
        """Find, and convert if needed, the model. ``model`` is the hub id or folder; plug-ins with one model ignore it.

        Raises
        ------
        DuijieError
            ``encoder.unavailable`` when it cannot be had here.
        """


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """How to run any encoder. ``prompt`` None means the model's own prompt for symmetric search."""

    cache_dir: Path
    threads: int = 1
    dtype: str = "fp32"
    prompt: str | None = None
    max_tokens: int = 512


@dataclass
class Deferred:
    """A :class:`Loaded` whose ``start`` runs at the first text; it may be pickled, the started model stays behind."""

    fingerprint: str
    dimensions: int
    start: Callable[[], Run]
    _run: Run | None = field(default=None, repr=False)
    _lock: Any = field(default_factory=threading.Lock, repr=False)

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Floats:
        """Unit vectors (n, d) float32. Equal texts are encoded once; an empty list starts nothing."""
        if not len(texts):
            return np.empty((0, self.dimensions), np.float32)
        distinct = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        with self._lock:
            if self._run is None:
                self._run = self.start()
            vectors = self._run(list(distinct), progress)
        return vectors[[distinct[text] for text in texts]]

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the started model."""
        return {
            "fingerprint": self.fingerprint,
            "dimensions": self.dimensions,
            "start": self.start,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """As new, not started."""
        self.__init__(**state)  # type: ignore[misc]


def load_encoder(
    encoder: str = DEFAULT,
    cache_dir: Path | None = None,
    threads: int = 0,
    dtype: str = "auto",
    prompt: str | None = None,
) -> Loaded | None:
    """The encoder called ``encoder``: a registered name, a folder, or a hub id; None for ``none``.

    ``threads`` 0 takes every core this process may use; ``dtype`` ``auto`` takes bfloat16 where the processor has it.

    Raises
    ------
    DuijieError
        ``encoder.unavailable`` when it cannot be had (a run may go on without), ``encoder.dtype`` for an unknown
        number format.
    """
    if encoder == NONE:
        return None
    chosen = best_dtype() if dtype == "auto" else dtype
    if chosen not in DTYPES:
        raise DuijieError(
            "encoder.dtype", f"没有 {dtype!r} 这种数值格式 / unknown dtype {dtype!r}", f"auto, {', '.join(DTYPES)}"
        )
    settings = EncoderSettings(cache_dir or default_cache_dir(), threads or available_cores(), chosen, prompt)
    plugins = discover("features.encoders", "ENCODER")
    plugin: Encoder = plugins.get(encoder) or plugins[FOLDER]
    return plugin.load(encoder, settings)


def variants() -> tuple[str, ...]:
    """Number formats in which the built-in model runs, for the bench."""
    return DTYPES


def cached_encode(
    loaded: Loaded, cache_dir: Path | None = None, progress: Progress | None = None
) -> Callable[[Sequence[str]], Floats]:
    """``loaded.encode`` behind the vector cache of ``cache_dir``: ``encode`` of :class:`features.family.Market`."""
    from features.vectors import VectorCache

    cache = VectorCache(
        (cache_dir or default_cache_dir()) / "vectors",
        loaded.fingerprint,
        loaded.dimensions,
    )
    return partial(cache.encode, encode=loaded.encode, progress=progress)


def default_cache_dir() -> Path:
    """``DUIJIE_CACHE``, else the platform's folder for caches."""
    given = os.environ.get("DUIJIE_CACHE")
    if given:
        return Path(given).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "duijie"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "duijie"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "duijie"


def best_dtype(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """``bf16`` where the processor multiplies bfloat16 itself, else ``fp32``: emulated, bfloat16 is the slower one."""
    try:
        flags = next(
            (line for line in cpuinfo.read_text("utf-8").splitlines() if line.startswith("flags")),
            "",
        ).split()
    except OSError:
        return "fp32"
    return "bf16" if {"avx512_bf16", "amx_bf16"} & set(flags) else "fp32"


def available_cores() -> int:
    """Cores this process may run on, or ``OMP_NUM_THREADS`` when that is set."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdigit() and int(given):
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def require(*packages: str) -> None:
    """Check, without importing them, that packages are installed.

    Raises
    ------
    DuijieError
        ``encoder.unavailable``.
    """
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise DuijieError(
            "encoder.unavailable",
            f"未安装 / not installed: {', '.join(missing)}",
            "pip install " + " ".join(missing),
        )
