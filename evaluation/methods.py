"""Methods compared on a labelled set: baselines, each step of ours, and the whole ranker, with intervals.

Every method ranks every pair of a channel. Steps differ from the whole ranker only in the weights and rules they leave
out, so what a step gives is read off the difference.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.labelled_set import LabelledSet, Score, rank_set, score_channel
from evaluation.significance import Interval, bootstrap_interval, paired_interval
from features.families.exclusion import EXCLUSIONS
from features.pooling import unit
from matcher.channel import channels
from matcher.market import Encode, features_of, read_texts
from matcher.settings import Settings

OURS = "whole ranker"
WITHOUT_RULES = "whole ranker without exclusions"
RAW = "raw embeddings"
CENTRED = "embeddings, each side centred"

STEPS: Mapping[str, tuple[str, ...]] = {
    "BM25": ("bm25",),
    "character TF-IDF": ("char_tfidf",),
    "sentences pooled by novelty, centred": ("semantic",),
    "+ sentence to sentence": ("semantic", "semantic_sentence"),
    "+ character TF-IDF": ("semantic", "semantic_sentence", "char_tfidf"),
    "+ sector and chain": ("semantic", "semantic_sentence", "char_tfidf", "sector"),
    "+ themes": ("semantic", "semantic_sentence", "char_tfidf", "sector", "theme"),
}
"""Features of each step; their weights are the ranker's own where it has one, else 1."""
METHODS = ("BM25", "character TF-IDF", RAW, CENTRED, *list(STEPS)[2:], WITHOUT_RULES, OURS)


@dataclass(frozen=True)
class Row:
    """One method on one channel and side of a set; the interval is over queries."""

    method: str
    score: Score
    interval: Interval


def only(names: Sequence[str], settings: Settings) -> Settings:
    """Settings in which these features keep their weight (1 if they have none) and all others weigh nothing."""
    weights = {}
    for name, channel in channels().items():
        told = settings.weights.get(name, {})
        weights[name] = {
            f.name: (told.get(f.name, channel.weights.get(f.name, f.weight)) or 1.0) if f.name in names else 0.0
            for f in features_of(name)
        }
    return dataclasses.replace(settings, weights=weights)


def embeddings(labelled: LabelledSet, channel: str, encode: Encode, *, centred: bool) -> pd.DataFrame:
    """Cosine of whole texts, each one vector; ``centred``: less the mean of its side."""
    supply = channels()[channel].supply(labelled.view)
    sides = []
    for table, side in ((labelled.view.projects, "projects"), (supply, "institutions")):
        vectors = encode(["".join(reading.sentences) for reading in read_texts(table, side)])
        sides.append(unit(vectors - vectors.mean(axis=0)) if centred else vectors)
    scores = sides[0] @ sides[1].T
    projects = labelled.view.projects.column("project_id").to_pylist()
    institutions = supply.column("institution_id").to_pylist()
    frame = pd.DataFrame(
        {
            "project_id": np.repeat(projects, len(institutions)),
            "institution_id": np.tile(institutions, len(projects)),
            "score": scores.ravel(),
        }
    )
    return frame.groupby(["project_id", "institution_id"], as_index=False)[["score"]].max()


def rank_by(method: str, labelled: LabelledSet, channel: str, settings: Settings, encode: Encode) -> pd.DataFrame:
    """All pairs of a channel as a method ranks them."""
    if method in (RAW, CENTRED):
        return embeddings(labelled, channel, encode, centred=method == CENTRED)
    if method == OURS:
        return rank_set(labelled, channel, settings, encode)
    plain = dataclasses.replace(channels()[channel], rules=())
    if method == WITHOUT_RULES:
        everything = [
            f.name for f in features_of(channel) if f.name not in EXCLUSIONS and _weight(f.name, channel, settings)
        ]
        return rank_set(labelled, channel, only(everything, settings), encode, plain)
    return rank_set(labelled, channel, only(STEPS[method], settings), encode, plain)


def _weight(feature: str, channel: str, settings: Settings) -> float:
    default = {f.name: channels()[channel].weights.get(f.name, f.weight) for f in features_of(channel)}
    return settings.weights.get(channel, {}).get(feature, default[feature])


def compare(
    labelled: LabelledSet, settings: Settings, encode: Encode, told: Callable[[str], object] = lambda step: None
) -> list[Row]:
    """Every method on every channel and side of a set."""
    rows = []
    for method in METHODS:
        told(f"{labelled.name} {labelled.length}: {method}")
        for channel in sorted(set(labelled.judgements.channel)):
            for score in score_channel(
                labelled.judgements, channel, rank_by(method, labelled, channel, settings, encode)
            ):
                values = np.array(list(score.ndcg.values()))
                rows.append(Row(method, score, bootstrap_interval(values)))
    return rows


def gain(rows: Sequence[Row], method: str, over: str) -> Interval:
    """Difference in nDCG@10 of two methods over the same queries of all channels and sides, with its interval."""
    values: dict[str, dict[tuple[str, str, str], float]] = {method: {}, over: {}}
    for row in rows:
        if row.method in values:
            for query, value in row.score.ndcg.items():
                values[row.method][row.score.channel, row.score.side, query] = value
    keys = sorted(values[method])
    ours, theirs = (np.array([values[name][key] for key in keys]) for name in (method, over))
    return paired_interval(ours, theirs, [key[2] for key in keys])
