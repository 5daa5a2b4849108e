"""The product itself, stage by stage, as ``duijie import``, ``match`` and ``export`` run it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from evaluation.bench_clock import Clock

if TYPE_CHECKING:
    from data.view import View
    from features.encoding import Loaded

CHANNEL = "financing"
HASHED_DIMENSIONS = 384
HASHED_BUCKETS = 4096

Floats = NDArray[np.float32]


class Hashed:
    """Vectors without a model, for machines that lack one and for tests: a fixed random vector for every
    character and pair of characters, summed.

    Like any encoder it puts texts with common wording near each other; it understands nothing.
    """

    fingerprint = "bench-hashed"
    dimensions = HASHED_DIMENSIONS

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Floats:
        """Unit vectors (n, d)."""
        from scipy.sparse import csr_matrix

        from features.grams import char_grams

        table = np.random.default_rng(7).standard_normal((HASHED_BUCKETS, self.dimensions), np.float32)
        grams = char_grams(texts, 2)
        shape = (len(texts), HASHED_BUCKETS)
        folded = csr_matrix((grams.data, grams.indices % HASHED_BUCKETS, grams.indptr), shape)
        summed = np.asarray(folded @ table, np.float32)
        return summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-9)


def load(encoder: str) -> Loaded | None:
    """The encoder of a bench run."""
    from features.encoding import load_encoder

    return Hashed() if encoder == "hashed" else load_encoder(encoder)


def encode_market(folder: Path, encoder: str, work: Path, clock: Clock) -> dict[str, Any]:
    """Encode every sentence into a vector cache under ``work``, and pool a vector a text for the plain pipeline."""
    from data.intake import read_paths
    from data.tables import TEXT_COLUMNS
    from features.encoding import cached_encode
    from features.text import sentences

    tables = read_paths([folder]).tables
    loaded = load(encoder)
    if loaded is None:
        raise ValueError("the bench needs vectors")
    encode = cached_encode(loaded, work)
    encode(["预热"])
    told: dict[str, Any] = {"encoder": encoder}
    for name, columns in (("projects", TEXT_COLUMNS), ("institutions", ("name", "profile"))):
        rows = tables[name].select(list(columns)).to_pylist()
        texts = [list(dict.fromkeys(s for text in row.values() for s in sentences(text))) for row in rows]
        flat = [sentence for text in texts for sentence in text]
        with clock.stage("encode"):
            vectors = encode(flat)
        starts = np.cumsum([0, *map(len, texts)])[:-1]
        np.save(work / f"{name}.npy", np.add.reduceat(vectors, np.minimum(starts, len(flat) - 1), axis=0))
        told[f"{name}_texts"], told[f"{name}_sentences"] = len(texts), len(flat)
        told[f"{name}_characters"] = round(sum(len(s) for s in flat) / max(len(texts), 1))
    return told


def run_duijie(
    folder: Path, encoder: str, work: Path, out: Path, clock: Clock, top: int = 20
) -> tuple[list[str], list[list[str]]]:
    """Import, match and export the CSV files of ``folder``; vectors come from the cache under ``work``, and
    so do readings of texts that were read before.

    Returns the projects' ids and the best institutions of each.
    """
    with clock.stage("start"):
        import pyarrow.csv
        from threadpoolctl import threadpool_limits

        from data.runs import save_run
        from features.text import tokens
        from matcher.market import families
        from matcher.tables import contributions_table, evidence_table, matches_table

        families()
        tokens("预热")
        threadpool_limits(limits=1, user_api="blas")  # as the commands do: the product spreads its work itself
    view = import_market(folder, out, clock)
    market, free = build(view, encoder, work, clock)
    result = ranked(market, free, top, clock)
    with clock.stage("export"):
        matches = matches_table(market, result, "bench")
        tables = {
            f"matches_{CHANNEL}": matches,
            f"contributions_{CHANNEL}": contributions_table(market, result.ranked),
            f"evidence_{CHANNEL}": evidence_table(market, result.ranked),
        }
        save_run(out / "runs", "bench", {"channels": [CHANNEL]}, tables)
        pyarrow.csv.write_csv(matches, out / "matches.csv")
    return view.projects.column("project_id").to_pylist(), lists(market, result, top)


def import_market(folder: Path, out: Path, clock: Clock) -> View:
    """Read the files, keep them in a store, look at it as of the market's date."""
    from data.intake import read_paths
    from data.store import Store
    from evaluation.bench_market import as_of

    with clock.stage("import"):
        intake = read_paths([folder])
        store = Store(out / "bench.duckdb")
        store.write(intake.tables, intake.problems, actor="bench", note={})
        return store.view(as_of())


def build(view: View, encoder: str, work: Path, clock: Clock, **settings: Any) -> tuple[Any, NDArray[np.bool_]]:
    """The channel's market, and which projects are ranked. Reading texts and fetching vectors count apart."""
    import matcher.market
    from features.encoding import cached_encode
    from matcher.channel import channels
    from matcher.gate import may_rank
    from matcher.settings import Settings

    loaded = load(encoder)
    encode = cached_encode(loaded, work) if loaded else None
    fetch = clock.within("vectors", encode) if encode else None
    chosen = Settings(encoder=encoder, cache=str(work), **settings)
    read = clock.within("read", matcher.market.read_texts)
    with clock.stage("market"), patch.object(matcher.market, "read_texts", read):
        market = matcher.market.build_market(view, channels()[CHANNEL], chosen, fetch)
    return market, may_rank(view.projects, view.awards, CHANNEL)


def ranked(market: Any, free: NDArray[np.bool_], top: int, clock: Clock) -> Any:
    """The ranking; proposing candidates counts apart."""
    import matcher.pipeline

    propose = clock.within("candidates", matcher.pipeline.propose)
    with clock.stage("rank"), patch.object(matcher.pipeline, "propose", propose):
        return matcher.pipeline.rank_channel(market, free, top)


def lists(market: Any, result: Any, top: int) -> list[list[str]]:
    """Ids of the best institutions of every project, best first."""
    ids = market.market.view.institutions.column("institution_id").to_pylist()
    found: list[list[str]] = [[] for _ in range(market.n_projects)]
    kept = np.flatnonzero((result.ranked.rank > 0) & (result.ranked.rank <= top))
    order = kept[np.lexsort((result.ranked.rank[kept], result.ranked.rows[kept]))]
    for row, col in zip(result.ranked.rows[order].tolist(), result.ranked.cols[order].tolist(), strict=True):
        found[row].append(ids[col])
    return found
