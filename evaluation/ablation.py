"""What each family of features gives: the whole ranker against itself without the family.

The score is a sum, so a family is left out by taking its summands off; rules stay, so that only the order changes.
On labelled sets nothing has happened yet, so history and graph give nothing there; on real investments there are no
texts, so they are all there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from evaluation.crunchbase_rank import Ranker
from evaluation.labelled_set import LabelledSet, score_channel
from evaluation.metrics import measure
from evaluation.past import Scores
from evaluation.significance import Interval, bootstrap_interval, paired_interval
from features.families.graph import FAMILY as GRAPH
from features.families.history import FAMILY as HISTORY
from matcher.channel import channels
from matcher.market import Encode, build_market, families_of, weights_of
from matcher.pipeline import rank_channel
from matcher.settings import Settings

MAIN = "nDCG@10"


@dataclass(frozen=True)
class Ablation:
    """One family: nDCG@10 without it, and what it gives (whole ranker less that), with intervals.

    ``moved`` is False where the family adds the same to every pair: it cannot help or harm.
    """

    family: str
    without: Interval
    gives: Interval
    moved: bool

    @property
    def verdict(self) -> str:
        """What may be said."""
        if not self.moved:
            return "says nothing here"
        if self.gives.low > 0:
            return "helps"
        return "harms" if self.gives.high < 0 else "no difference shown"


def ablate(labelled: LabelledSet, settings: Settings, encode: Encode | None) -> tuple[Interval, list[Ablation]]:
    """nDCG@10 of the whole ranker over all channels and sides of a set, and what each family gives.

    Queries of one project or institution are one group.
    """
    whole: dict[tuple[str, str, str], float] = {}
    without: dict[str, dict[tuple[str, str, str], float]] = {}
    moved: set[str] = set()
    for channel in sorted(set(labelled.judgements.channel)):
        frame, parts = scored(labelled, channel, settings, encode)
        whole |= _queries(labelled, channel, frame, frame["score"].to_numpy())
        for family, part in parts.items():
            score = frame["score"].to_numpy() - part
            without.setdefault(family, {}).update(_queries(labelled, channel, frame, score))
            if np.ptp(part):
                moved.add(family)
    keys = sorted(whole)
    groups = [key[2] for key in keys]
    full = np.array([whole[key] for key in keys])
    found = []
    for family, told in sorted(without.items()):
        mine = sorted(told)  # a family may belong to some channels only
        rest, all_of = np.array([told[key] for key in mine]), np.array([whole[key] for key in mine])
        names = [key[2] for key in mine]
        found.append(
            Ablation(family, bootstrap_interval(rest, names), paired_interval(all_of, rest, names), family in moved)
        )
    return bootstrap_interval(full, groups), found


def scored(
    labelled: LabelledSet, channel: str, settings: Settings, encode: Encode | None
) -> tuple[pd.DataFrame, dict[str, Scores]]:
    """Every eligible pair of a channel with its score, and the part of it that each family adds."""
    market = build_market(labelled.view, channels()[channel], settings, encode)
    ranked = rank_channel(market, np.ones(market.n_projects, bool), market.n_projects + market.n_institutions).ranked
    view, free = market.market.view, ranked.failed == 0
    frame = pd.DataFrame(
        {
            "project_id": view.projects.column("project_id").take(pa.array(ranked.rows[free])).to_pylist(),
            "institution_id": view.institutions.column("institution_id").take(pa.array(ranked.cols[free])).to_pylist(),
            "score": ranked.score[free],
        }
    )
    parts: dict[str, Scores] = {}
    at = 0
    for family in families_of(channel):
        parts[family.name] = ranked.contributions[free, at : at + len(family.features)].sum(axis=1)
        at += len(family.features)
    return frame, parts


def _queries(
    labelled: LabelledSet, channel: str, frame: pd.DataFrame, score: Scores
) -> dict[tuple[str, str, str], float]:
    told = score_channel(labelled.judgements, channel, frame.assign(score=np.round(score, 6)))
    return {(channel, part.side, query): value for part in told for query, value in part.ndcg.items()}


def ablate_investments(ranker: Ranker, settings: Settings) -> tuple[Interval, list[Ablation]]:
    """The same on real investments, feature by feature of history and graph; groups as in the benchmark."""
    weights: Mapping[str, float] = weights_of(channels()["financing"], settings)
    terms = _terms(ranker, weights)
    total = np.sum(list(terms.values()), axis=0)
    benchmark = ranker.benchmark
    groups = [benchmark.groups[query] for query in ranker.queries]

    def score(table: Scores) -> Scores:
        return measure(benchmark.grades, ranker.lists(table, 20), [MAIN])[MAIN]

    whole = score(total)
    found = []
    for name, term in terms.items():
        rest = score(total - term)
        gives = paired_interval(whole, rest, groups)
        found.append(Ablation(name, bootstrap_interval(rest, groups), gives, bool(np.ptp(term))))
    return bootstrap_interval(whole, groups), found


def _terms(ranker: Ranker, weights: Mapping[str, float]) -> dict[str, Scores]:
    """Weighted values of every feature of the two families, ``ranker.rows`` x institutions; unknown as 0."""
    terms: dict[str, Scores] = {}
    for fit in (HISTORY.fit, GRAPH.fit):
        for mine, inside, block in ranker.blocks(fit):
            for name, values in ranker.values(block, inside).items():
                table = terms.setdefault(name, np.zeros((len(ranker.rows), ranker.past.n)))
                table[mine] = weights[name] * values
    return terms


def as_table(whole: Interval, found: list[Ablation]) -> pd.DataFrame:
    """One row a family, as it is printed: nDCG@10 without it, what it gives, and the verdict."""
    rows = [{"family": "whole ranker", "nDCG@10 without": str(whole), "gives": "", "verdict": ""}]
    rows += [
        {
            "family": part.family,
            "nDCG@10 without": str(part.without),
            "gives": f"{part.gives.mean:+.3f} [{part.gives.low:+.3f}, {part.gives.high:+.3f}]" if part.moved else "",
            "verdict": part.verdict,
        }
        for part in found
    ]
    return pd.DataFrame(rows)
