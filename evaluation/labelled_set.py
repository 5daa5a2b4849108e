"""Labelled sets: graded Chinese pairs, short and long, and how well a ranking orders them.

A set is a folder of ``projects.csv``, ``institutions.csv``, ``needs.csv`` and ``judgements.csv``; each has a README.
Texts come in two lengths: ``summary`` / ``profile`` and, with boilerplate, ``summary_long`` / ``profile_long``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from data.intake import read_paths
from data.tables import TABLES
from data.view import View
from evaluation.metrics import judge, ndcg
from matcher.channel import Channel, channels
from matcher.market import Encode, build_market
from matcher.pipeline import rank_channel
from matcher.settings import Settings

SETS = Path(__file__).parent / "labelled"
NAMES = ("dev", "test", "heldout", "unseen")
"""``dev`` is tuned on, ``test`` was looked at and chooses between variants, the other two are only reported."""
LENGTHS = ("short", "long")
SIDES = ("projects", "institutions")
CUTOFF = 10
TRAP_RANK = 5
AS_OF = date(2026, 1, 1)


@dataclass(frozen=True)
class LabelledSet:
    """One set in one length: the view that is ranked, and the judgements (channel, ids, grade, trap)."""

    name: str
    length: str
    view: View
    judgements: pd.DataFrame


@dataclass(frozen=True)
class Score:
    """Quality of one channel and side: nDCG@10 of each query, and ruled-out pairs in a top 5."""

    channel: str
    side: str
    ndcg: Mapping[str, float]
    trapped: int
    traps: int

    @property
    def mean(self) -> float:
        """Mean nDCG@10 over the queries that have a relevant counterpart."""
        return float(np.mean(list(self.ndcg.values()))) if self.ndcg else float("nan")


def load_set(folder: Path, length: str) -> LabelledSet:
    """Read a set in one length through the product's own intake."""
    with tempfile.TemporaryDirectory() as work:
        for table, text in (("projects", "summary"), ("institutions", "profile"), ("needs", "")):
            frame = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
            if text and length == "long":
                frame[text] = frame[f"{text}_long"]
            frame.drop(columns=[f"{text}_long"], errors="ignore").to_csv(Path(work) / f"{table}.csv", index=False)
        intake = read_paths([Path(work)])
    tables = {name: intake.tables.get(name, table.schema.empty_table()) for name, table in TABLES.items()}
    ordered = {name: table.sort_by(TABLES[name].key[0]) for name, table in tables.items() if name != "ip"}
    judgements = pd.read_csv(folder / "judgements.csv", keep_default_na=False, dtype={"grade": int})
    return LabelledSet(folder.name, length, View(as_of=AS_OF, **ordered), judgements)


def rank_set(
    labelled: LabelledSet, channel: str, settings: Settings, encode: Encode | None, as_channel: Channel | None = None
) -> pd.DataFrame:
    """Every eligible pair of a channel with its score: project_id, institution_id, score.

    ``as_channel`` takes the place of the channel, for instance one without rules.
    """
    market = build_market(labelled.view, as_channel or channels()[channel], settings, encode)
    result = rank_channel(market, np.ones(market.n_projects, bool), market.n_projects + market.n_institutions)
    ranked, view = result.ranked, market.market.view
    frame = pd.DataFrame(
        {
            "project_id": view.projects.column("project_id").take(pa.array(ranked.rows)).to_pylist(),
            "institution_id": view.institutions.column("institution_id").take(pa.array(ranked.cols)).to_pylist(),
            "score": ranked.score,
        }
    )
    return frame[ranked.failed == 0]


def score_channel(judgements: pd.DataFrame, channel: str, ranked: pd.DataFrame) -> list[Score]:
    """Score both sides of a ranked channel. Relevant pairs that are not ranked count as missed."""
    judged = judgements[judgements.channel == channel]
    scores = []
    for side in SIDES:
        query, item = ("project_id", "institution_id") if side == "projects" else ("institution_id", "project_id")
        relevant = judged[judged.grade > 0]
        truth = {str(q): dict(zip(rows[item], rows.grade, strict=True)) for q, rows in relevant.groupby(query)}
        order = ranked.sort_values(["score", item], ascending=[False, True])
        lists = {str(q): rows[item].tolist() for q, rows in order.groupby(query)}
        judged_lists = judge(truth, lists)
        found = dict(zip(judged_lists.queries, ndcg(judged_lists, CUTOFF).tolist(), strict=True))
        traps = judged[judged.trap == "ruled_out"]
        hit = sum(i in lists.get(q, [])[:TRAP_RANK] for q, i in zip(traps[query], traps[item], strict=True))
        scores.append(Score(channel, side, found, hit, len(traps)))
    return scores


def score_set(labelled: LabelledSet, settings: Settings, encode: Encode | None) -> list[Score]:
    """Score every channel and side of a set."""
    return [
        score
        for channel in sorted(set(labelled.judgements.channel))
        for score in score_channel(labelled.judgements, channel, rank_set(labelled, channel, settings, encode))
    ]


def sets(names: Sequence[str] = NAMES) -> Iterator[LabelledSet]:
    """The sets of the repository, both lengths of each."""
    for name in names:
        for length in LENGTHS:
            yield load_set(SETS / name, length)
