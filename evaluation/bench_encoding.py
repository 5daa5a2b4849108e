"""How fast each encoder is and what it costs in quality: texts a second, and nDCG@10 on the labelled sets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.bench_clock import Clock

CHARACTERS = 400
VARIANTS = (("builtin", "fp32"), ("builtin", "bf16"), ("builtin", "int8"), ("static", "fp32"))


def bench_texts(count: int, seed: int = 7) -> list[str]:
    """Distinct texts of :data:`CHARACTERS` characters from the bench's projects."""
    import csv
    import tempfile

    from evaluation.bench_market import PROJECT_TEXTS, write_market

    with tempfile.TemporaryDirectory() as work:
        write_market(Path(work), count, 1, seed)
        with (Path(work) / "projects.csv").open(encoding="utf-8", newline="") as stream:
            rows = ["".join(row[name] for name in PROJECT_TEXTS) for row in csv.DictReader(stream)]
    return [(row * (CHARACTERS // max(len(row), 1) + 1))[:CHARACTERS] for row in rows]


def measure(
    encoder: str, dtype: str, work: Path, count: int, sets: Sequence[str], clock: Clock, threads: int = 0
) -> dict[str, Any]:
    """Encode ``count`` texts, then score the labelled ``sets``; vectors of the sets are kept under ``work``.

    Returns ``{set/length: nDCG@10}``, the mean over channels and sides.
    """
    from evaluation.labelled_set import LENGTHS, SETS, load_set, score_set
    from features.encoding import cached_encode, load_encoder
    from matcher.settings import Settings

    loaded = load_encoder(encoder, dtype=dtype, threads=threads)
    if loaded is None:
        raise ValueError(f"{encoder} gives no vectors")
    texts = bench_texts(count)
    loaded.encode(texts[:2])  # the weights are read now
    with clock.stage("encode"):
        loaded.encode(texts)
    encode = cached_encode(loaded, work)
    quality = {}
    for name in sets:
        for length in LENGTHS:
            scores = score_set(load_set(SETS / name, length), Settings(encoder=encoder, dtype=dtype), encode)
            quality[f"{name}/{length}"] = float(np.mean([score.mean for score in scores]))
    return {"encoder": encoder, "dtype": dtype, "texts": count, "ndcg": quality}
