"""How well records of one project are recognised: planted pairs found, traps avoided, and what a score is worth.

``python -m evaluation.duplicates`` prints the figures; ``--fit`` learns the weights of
:mod:`matcher.duplicates.scoring` anew (from the phrases ``fit``, never from those reported).
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.planted_duplicates import KINDS, TRAPS, Planted, plant
from matcher.duplicates.blocking import candidate_pairs
from matcher.duplicates.comparing import FEATURES, Compared, compare
from matcher.duplicates.finding import AT_LEAST
from matcher.duplicates.records import Records, read_records
from matcher.duplicates.scoring import probabilities

FIT_SEEDS = (1, 2, 3)
BINS = 10

Pair = tuple[str, str]


@dataclass(frozen=True)
class Judged:
    """A planted set after a run: the compared pairs, which are true, their scores, what blocking let through."""

    planted: Planted
    pairs: Sequence[Pair]
    features: NDArray[np.float64]
    true: NDArray[np.bool_]
    score: NDArray[np.float64]
    candidates: int
    blocked: frozenset[Pair]
    seconds: float


@dataclass(frozen=True)
class Quality:
    """What a threshold gives: counts, and ``missed`` and ``trapped`` by kind."""

    found: int
    right: int
    wanted: int
    missed: Mapping[str, int]
    trapped: Mapping[str, int]

    @property
    def precision(self) -> float:
        """Share of the pairs found that are true; 1 when none is found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that are found; 1 when there are none."""
        return self.right / self.wanted if self.wanted else 1.0


def judge(planted: Planted, threads: int = 0) -> Judged:
    """Run the finder over a planted set."""
    began = time.perf_counter()
    records = read_records(planted.projects, planted.ip)
    first, second = candidate_pairs(records, threads)
    compared = compare(records, first, second, threads)
    score = probabilities(compared.features)
    seconds = time.perf_counter() - began
    pairs = _named(records, compared)
    true = np.array([pair in planted.pairs for pair in pairs], bool)
    codes = set((first * records.size + second).tolist())
    row = {key: at for at, key in enumerate(records.ids)}
    blocked = frozenset(pair for pair in planted.pairs if row[pair[0]] * records.size + row[pair[1]] in codes)
    return Judged(planted, pairs, compared.features, true, score, len(first), blocked, seconds)


def _named(records: Records, compared: Compared) -> list[Pair]:
    """Ids of the compared pairs; a planted set is sorted by id, so the first is the smaller."""
    ids = records.ids
    return [(ids[a], ids[b]) for a, b in zip(compared.first.tolist(), compared.second.tolist(), strict=True)]


def quality(judged: Judged, at_least: float = AT_LEAST) -> Quality:
    """Pairs that score ``at_least`` against the planted ones."""
    found = {pair for pair, score in zip(judged.pairs, judged.score, strict=True) if score >= at_least}
    planted = judged.planted
    return Quality(
        len(found),
        len(found & planted.pairs.keys()),
        len(planted.pairs),
        Counter(kind for pair, kind in planted.pairs.items() if pair not in found),
        Counter(kind for pair, kind in planted.traps.items() if pair in found),
    )


def brier(judged: Judged) -> float:
    """Mean squared error of the score as a probability, over all compared pairs."""
    return float(np.mean((judged.score - judged.true) ** 2)) if len(judged.true) else 0.0


def reliability(judged: Judged) -> list[tuple[float, float, int]]:
    """Mean score, share of true pairs, and number of pairs of each tenth of the score that is not empty."""
    bins = np.minimum((judged.score * BINS).astype(int), BINS - 1)
    return [
        (float(judged.score[bins == at].mean()), float(judged.true[bins == at].mean()), int((bins == at).sum()))
        for at in range(BINS)
        if (bins == at).any()
    ]


def calibration_error(judged: Judged) -> float:
    """Expected calibration error (Naeini 2015), over pairs that score more than .05: the rest are plainly others."""
    unclear = judged.score > 0.05
    if not unclear.any():
        return 0.0
    bins = np.minimum((judged.score[unclear] * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, judged.score[unclear] - judged.true[unclear], minlength=BINS)
    return float(np.abs(gaps).sum() / unclear.sum())


def fit(seeds: Sequence[int] = FIT_SEEDS, bank: str = "fit") -> tuple[float, dict[str, float]]:
    """Bias and weights learnt from planted sets of the phrases ``bank``, each seed one set."""
    from sklearn.linear_model import LogisticRegression

    sets = [judge(plant(bank, seed)) for seed in seeds]
    features = np.concatenate([told.features for told in sets])
    true = np.concatenate([told.true for told in sets])
    model = LogisticRegression(C=1.0, max_iter=2000).fit(features, true)
    weights = {name: round(float(weight), 3) for name, weight in zip(FEATURES, model.coef_[0], strict=True)}
    return round(float(model.intercept_[0]), 3), weights


def report(judged: Judged, at_least: float = AT_LEAST) -> str:
    """The figures as lines of text."""
    told = quality(judged, at_least)
    planted = judged.planted
    lines = [
        f"records {planted.projects.num_rows}, true pairs {told.wanted}, traps {len(planted.traps)}",
        f"candidates {judged.candidates}, compared {len(judged.pairs)}, true pairs among the candidates"
        f" {len(judged.blocked)}, among the compared {int(judged.true.sum())}",
        f"score >= {at_least}: found {told.found}, precision {told.precision:.3f}, recall {told.recall:.3f}",
        f"Brier {brier(judged):.5f}, calibration error {calibration_error(judged):.3f}",
        "missed by kind: " + ", ".join(f"{kind} {told.missed.get(kind, 0)}" for kind in KINDS),
        "traps found: " + ", ".join(f"{kind} {told.trapped.get(kind, 0)}" for kind in TRAPS),
        "score: share true (pairs): " + ", ".join(f"{s:.2f}: {t:.2f} ({n})" for s, t, n in reliability(judged)),
        f"seconds {judged.seconds:.1f}, peak memory {peak_memory():.2f} GiB",
    ]
    return "\n".join(lines)


def peak_memory() -> float:
    """Most memory this process held, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # Linux counts in KiB


def main(words: Sequence[str] | None = None) -> None:
    """Print the figures of one planted set, or the weights learnt."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.duplicates", description=__doc__)
    parser.add_argument("--records", type=int, default=2400)
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--fit", action="store_true", help="learn the weights and print them")
    asked = parser.parse_args(words)
    if asked.fit:
        bias, weights = fit()
        print(f"BIAS = {bias}")
        for name, weight in weights.items():
            print(f'    "{name}": {weight},')
        return
    print(report(judge(plant("report", asked.seed, asked.records, asked.pairs))))


if __name__ == "__main__":
    main()
