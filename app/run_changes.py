"""Two runs side by side: what differs in their manifests, and which matches came and went."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from data.runs import MANIFEST, Run

FACTS = ("as_of", "data", "settings", "code", "encoder", "ranker", "top", "seed", "counts", "channels")
"""What of a manifest is compared, in the order in which a reader wants it."""
EXPLAINED = ("as_of", "data", "settings", "code", "encoder", "ranker", "top", "seed")
"""What can change a result."""


@dataclass(frozen=True)
class Fact:
    """One entry of two manifests."""

    name: str
    old: Any
    new: Any

    @property
    def differs(self) -> bool:
        """Whether the two runs differ in it."""
        return bool(self.old != self.new)


def stored_runs(root: Path) -> list[Run]:
    """Runs of a folder, the latest written first; folders without a manifest are passed over."""
    found = [path.parent for path in root.glob(f"*/{MANIFEST}") if not path.parent.name.startswith(".")]
    ordered = sorted(found, key=lambda folder: (-(folder / MANIFEST).stat().st_mtime_ns, folder.name))
    return [Run(folder, json.loads((folder / MANIFEST).read_text(encoding="utf-8"))) for folder in ordered]


def facts_of(old: Run, new: Run) -> list[Fact]:
    """What the manifests of two runs say."""
    return [Fact(name, old.manifest.get(name), new.manifest.get(name)) for name in FACTS]


def moved_matches(old: Run, new: Run, channel: str, top: int) -> pd.DataFrame:
    """Matches among the ``top`` of their project in one run only, or at another rank in both.

    ``project_id``, ``institution_id``, ``old`` and ``new`` (ranks for the project, NaN where it is not among the
    ``top``), ``change``: ``gained``, ``lost`` or ``moved``. Sorted by change, then by rank.
    """
    pair = ["project_id", "institution_id"]
    joined = _ranks(old, channel, top).merge(_ranks(new, channel, top), on=pair, how="outer", suffixes=("_old", "_new"))
    joined = joined.rename(columns={"rank_old": "old", "rank_new": "new"})
    joined["change"] = "moved"
    joined.loc[joined["old"].isna(), "change"] = "gained"
    joined.loc[joined["new"].isna(), "change"] = "lost"
    joined = joined[joined["old"] != joined["new"]]
    best = joined[["old", "new"]].min(axis=1)
    return joined.assign(best=best).sort_values(["change", "best", *pair], ignore_index=True).drop(columns="best")


def _ranks(run: Run, channel: str, top: int) -> pd.DataFrame:
    table = run.table(f"matches_{channel}").select(["project_id", "institution_id", "rank_for_project"])
    frame = table.to_pandas().rename(columns={"rank_for_project": "rank"})
    return frame[frame["rank"] <= top]
