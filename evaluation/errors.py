"""Where a ranking goes wrong on a labelled set: the worst queries, and which family put the wrong pair first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evaluation.ablation import scored
from evaluation.labelled_set import CUTOFF, SIDES, LabelledSet, score_channel
from matcher.market import Encode
from matcher.settings import Settings

KEYS = {"projects": ("project_id", "institution_id"), "institutions": ("institution_id", "project_id")}


def ranked_pairs(labelled: LabelledSet, settings: Settings, encode: Encode | None) -> pd.DataFrame:
    """Every eligible pair of every channel: ids, score, grade (0: not judged relevant) and a column a family."""
    frames = []
    for channel in sorted(set(labelled.judgements.channel)):
        frame, parts = scored(labelled, channel, settings, encode)
        told = labelled.judgements[labelled.judgements.channel == channel]
        grades = told.set_index(["project_id", "institution_id"])["grade"]
        pairs = pd.MultiIndex.from_frame(frame[["project_id", "institution_id"]])
        frame["grade"] = grades[~grades.index.duplicated()].reindex(pairs, fill_value=0).to_numpy()
        frames.append(frame.assign(channel=channel, **parts))
    return pd.concat(frames, ignore_index=True).fillna(0.0)


def worst_queries(labelled: LabelledSet, pairs: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """The queries with the lowest nDCG@10, and how many of what is relevant to them the first ten hold."""
    rows = []
    for channel, mine in pairs.groupby("channel"):
        for score in score_channel(labelled.judgements, str(channel), mine):
            query, _ = KEYS[score.side]
            top = mine.sort_values("score", ascending=False).groupby(query).head(CUTOFF)
            hits = top[top["grade"] > 0].groupby(query).size()
            wanted = mine[mine["grade"] > 0].groupby(query).size()
            rows += [
                {
                    "channel": channel,
                    "side": score.side,
                    "query": key,
                    "ndcg": value,
                    "in_top_10": int(hits.get(key, 0)),
                    "relevant": int(wanted.get(key, 0)),
                }
                for key, value in score.ndcg.items()
            ]
    return pd.DataFrame(rows).sort_values(["ndcg", "channel", "side", "query"]).head(most).reset_index(drop=True)


def misplacements(pairs: pd.DataFrame, families: Sequence[str]) -> pd.DataFrame:
    """Per channel and side, the family that did most to put the first irrelevant pair above the best relevant one.

    One row a query whose first place is not relevant: the family with the largest difference, and that difference.
    """
    rows = []
    for channel, mine in pairs.groupby("channel"):
        for side in SIDES:
            query, item = KEYS[side]
            for key, own in mine.sort_values(["score", item], ascending=[False, True]).groupby(query, sort=True):
                relevant = own[own["grade"] > 0]
                if relevant.empty or own["grade"].iloc[0] > 0:
                    continue
                gap = own.iloc[0][list(families)].astype(float) - relevant.iloc[0][list(families)].astype(float)
                family = str(gap.index[int(np.argmax(gap.to_numpy()))])
                rows.append(
                    {"channel": channel, "side": side, "query": key, "family": family, "gap": float(gap[family])}
                )
    return pd.DataFrame(rows, columns=["channel", "side", "query", "family", "gap"])
