"""The plain pipeline's own retrieval, done with the product's parts: the same texts, similarities, weights and lists.

What the product does beyond it (rules, columns, reasons, lists for institutions) is left out here, so that the two can
be compared like with like.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.tables import TEXT_COLUMNS
from evaluation.bench_clock import Clock
from evaluation.bench_plain import CHARACTERS, MEANING, WORDS

BLOCK = 256


def run_retrieval(
    folder: Path, vectors: Path, out: Path, clock: Clock, top: int = 20
) -> tuple[list[str], list[list[str]]]:
    """The best ``top`` institutions of every project; see :func:`evaluation.bench_plain.run_plain`."""
    with clock.stage("start"):
        import pyarrow as pa
        import pyarrow.csv
        import pyarrow.parquet

        from features.grams import Bm25, CharGrams
        from features.pooling import unit
        from features.text import tokens

        tokens("预热")
    with clock.stage("import"):
        tables = [pyarrow.csv.read_csv(folder / f"{name}.csv") for name in ("projects", "institutions")]
        left, right = (
            ["\n".join(map(str, row.values())) for row in table.select(list(columns)).to_pylist()]
            for table, columns in zip(tables, (TEXT_COLUMNS, ("name", "profile")), strict=True)
        )
    with clock.stage("market"):
        indexes = (Bm25(left, right), WORDS), (CharGrams(left, right), CHARACTERS)
        dense = [unit(np.load(vectors / f"{name}.npy")) for name in ("projects", "institutions")]
    best, score = [], []
    with clock.stage("rank"):
        for start in range(0, len(left), BLOCK):
            stop = min(start + BLOCK, len(left))
            fused = np.float32(MEANING) * (dense[0][start:stop] @ dense[1].T)
            for index, weight in indexes:
                fused += np.float32(weight) * index.rows(start, stop)
            chosen = np.argpartition(-fused, top - 1, axis=1)[:, :top]
            found = np.take_along_axis(fused, chosen, axis=1)
            order = np.argsort(-found, axis=1, kind="stable")
            best.append(np.take_along_axis(chosen, order, axis=1))
            score.append(np.take_along_axis(found, order, axis=1))
    with clock.stage("export"):
        at: NDArray[np.intp] = np.concatenate(best)
        projects = tables[0].column("project_id").to_numpy(zero_copy_only=False)
        ids = tables[1].column("institution_id").to_numpy(zero_copy_only=False)[at]
        table = pa.table(
            {
                "project_id": np.repeat(projects, at.shape[1]),
                "institution_id": ids.ravel(),
                "rank_for_project": np.tile(np.arange(1, at.shape[1] + 1), len(at)),
                "score": np.concatenate(score).ravel(),
            }
        )
        pyarrow.csv.write_csv(table, out / "retrieval.csv")
        pyarrow.parquet.write_table(table, out / "retrieval.parquet")
    return projects.tolist(), ids.tolist()
