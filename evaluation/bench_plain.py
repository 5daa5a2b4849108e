"""What most people would write: pandas, jieba and scikit-learn, every pair, the best twenty of every project.

The retrieval of the product without its reasons: TF-IDF over words, TF-IDF over characters, cosines of the same text
vectors, a weighted sum. No rules, no features of structured columns, no evidence, no lists for institutions.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.tables import TEXT_COLUMNS
from evaluation.bench_clock import Clock

WORDS, CHARACTERS, MEANING = 0.1, 0.3, 1.0


def run_plain(folder: Path, vectors: Path, out: Path, clock: Clock, top: int = 20) -> tuple[list[str], list[list[str]]]:
    """Match the CSV files of ``folder``; ``vectors`` holds ``projects.npy`` and ``institutions.npy`` (n, d).

    Returns the projects' ids and the best institutions of each; writes the lists to ``out`` as CSV and Parquet.
    """
    with clock.stage("start"):
        import jieba
        import pandas as pd
        import sklearn.feature_extraction.text
        import sklearn.metrics.pairwise  # noqa: F401 - loaded here so that no later stage pays for it

        jieba.setLogLevel(60)
        jieba.initialize()
    with clock.stage("import"):
        projects, institutions = (
            pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
            for name in ("projects", "institutions")
        )
        left = projects[list(TEXT_COLUMNS)].agg("\n".join, axis=1).tolist()
        right = institutions[["name", "profile"]].agg("\n".join, axis=1).tolist()
    score = _scores(left, right, vectors, clock)
    with clock.stage("rank"):
        best = np.argsort(-score, axis=1)[:, :top]
    with clock.stage("export"):
        ids = institutions["institution_id"].to_numpy()[best]
        frame = pd.DataFrame(
            {
                "project_id": np.repeat(projects["project_id"].to_numpy(), best.shape[1]),
                "institution_id": ids.ravel(),
                "rank_for_project": np.tile(np.arange(1, best.shape[1] + 1), len(best)),
                "score": np.take_along_axis(score, best, axis=1).ravel(),
            }
        )
        frame.to_csv(out / "plain.csv", index=False)
        frame.to_parquet(out / "plain.parquet")
    return projects["project_id"].tolist(), ids.tolist()


def _scores(left: list[str], right: list[str], vectors: Path, clock: Clock) -> NDArray[np.float64]:
    import jieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import cosine_similarity

    n = len(left)
    with clock.stage("market"):
        words = TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None).fit_transform(left + right)
        characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True).fit_transform(left + right)
        dense = [np.load(vectors / f"{name}.npy") for name in ("projects", "institutions")]
    with clock.stage("candidates"):
        score: NDArray[np.float64] = (
            WORDS * cosine_similarity(words[:n], words[n:])
            + CHARACTERS * cosine_similarity(characters[:n], characters[n:])
            + MEANING * cosine_similarity(*dense)
        )
    return score
