"""The plain pipeline's own retrieval, done with the product's parts: the same texts, similarities, weights and lists.

What the product does beyond it (rules, columns, reasons, lists for institutions) is left out here, so that the two can
be compared like with like.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from data.tables import TEXT_COLUMNS
from evaluation.bench_clock import Clock
from evaluation.bench_plain import CHARACTERS, MEANING, WORDS

if TYPE_CHECKING:
    from features.products import Products

BLOCK = 512
DENSE = 0.005
"""Share of all pairs from which a word or n-gram that they have in common is left to the dense product: it does all
pairs at once. The product itself drops such n-grams in a large market; here they are kept, as the plain pipeline does.
"""


def run_retrieval(
    folder: Path, vectors: Path, out: Path, clock: Clock, top: int = 20
) -> tuple[list[str], list[list[str]]]:
    """The best ``top`` institutions of every project; see :func:`evaluation.bench_plain.run_plain`."""
    with clock.stage("start"):
        import pyarrow as pa
        import pyarrow.csv
        import pyarrow.parquet
        from scipy.sparse import hstack

        from features.cores import over, slices
        from features.grams import CharGrams
        from features.pooling import unit
        from features.products import weighted
        from features.text import fold, tokens

        tokens("预热")
    with clock.stage("import"):
        tables = [pyarrow.csv.read_csv(folder / f"{name}.csv") for name in ("projects", "institutions")]
        left, right = (
            ["\n".join(map(str, row.values())) for row in table.select(list(columns)).to_pylist()]
            for table, columns in zip(tables, (TEXT_COLUMNS, ("name", "profile")), strict=True)
        )
    with clock.stage("market"):
        left, right = ([fold(text) for text in texts] for texts in (left, right))  # once for both indexes
        kinds = (lambda: _words(left, right), lambda: CharGrams(left, right, 1.0, folded=True))
        words, grams = over(lambda make: make(), kinds)
        meant, heard = (unit(np.load(vectors / f"{name}.npy")) for name in ("projects", "institutions"))
        (mine, theirs), (own, others) = words.take_common(DENSE), grams.take_common(DENSE)
        common = hstack([mine, own], format="csr")
        dense = np.concatenate(
            [heard.T * np.float32(MEANING), theirs * np.float32(WORDS), others * np.float32(CHARACTERS)]
        )
        rest = weighted([(words, WORDS), (grams, CHARACTERS)])

    def best_of(part: slice) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        asked = np.concatenate([meant[part], common[part].toarray()], axis=1)
        fused = rest.add_rows(part.start, part.stop, asked @ dense)
        chosen = np.argpartition(fused, -top, axis=1)[:, -top:]
        found = np.take_along_axis(fused, chosen, axis=1)
        order = np.argsort(-found, axis=1, kind="stable")
        return np.take_along_axis(chosen, order, axis=1), np.take_along_axis(found, order, axis=1)

    with clock.stage("rank"):
        best, score = zip(*over(best_of, slices(len(left), BLOCK)), strict=True)
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


def _words(left: Sequence[str], right: Sequence[str]) -> Products:
    """TF-IDF over words as the plain pipeline has it: all pieces, plain counts, smooth idf, unit rows."""
    from features.grams import word_counts
    from features.products import Products

    vocabulary: dict[str, int] = {}
    sides = [word_counts(texts, vocabulary, lambda piece: True).astype(np.float32) for texts in (left, right)]
    df = np.bincount(np.concatenate([side.indices for side in sides]), minlength=len(vocabulary))
    idf = (np.log((1 + len(left) + len(right)) / (1 + df)) + 1).astype(np.float32)
    for side in sides:
        side.resize((side.shape[0], len(vocabulary)))
        side.data *= idf[side.indices]
        norm = np.sqrt(np.asarray(side.multiply(side).sum(axis=1)).ravel())
        side.data /= np.repeat(np.maximum(norm, 1e-9), np.diff(side.indptr)).astype(np.float32)
    return Products(*sides)
