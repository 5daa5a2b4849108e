"""Which projects the institutions get to see: places on their lists by group, against the group's share of projects.

A project nobody is shown cannot be chosen, whatever its score. What a fairer share would cost is in
:mod:`evaluation.exposure_floor`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

COLUMNS = ("group", "projects", "project_share", "never_seen", "places", "place_share", "ratio")


def seen_by_group(places: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """How much of the lists each group has, a row a group in the order of the category, columns :data:`COLUMNS`.

    ``places``: a row a place on a list, with its ``project_id``; ``groups``: ``project_id`` and ``group`` of all
    projects that may be shown (eligible), a project in each of its groups. ``never_seen`` are eligible projects on no
    list; ``ratio`` is the share of places over the share of projects: 1 is proportional, below 1 seen less. Shares are
    of all places and all eligible projects, so those of overlapping groups sum to more than 1.
    """
    column = groups["group"].astype("category").cat
    codes, count = column.codes.to_numpy(), len(column.categories)
    eligible = pd.unique(groups["project_id"])
    times = places["project_id"].value_counts().reindex(eligible, fill_value=0)
    member = times.reindex(groups["project_id"]).to_numpy()
    projects = np.bincount(codes, minlength=count)
    held = np.bincount(codes, member, minlength=count).astype(np.int64)
    project_share = projects / max(len(eligible), 1)
    place_share = held / max(int(times.sum()), 1)
    figures = (
        np.asarray(column.categories, object),
        projects,
        project_share,
        np.bincount(codes[member == 0], minlength=count),
        held,
        place_share,
        np.divide(place_share, project_share, out=np.full(count, np.nan), where=project_share > 0),
    )
    return pd.DataFrame(dict(zip(COLUMNS, figures, strict=True)))


def never_seen(places: pd.DataFrame, eligible: Sequence[str]) -> list[str]:
    """Eligible projects that stand on no list, in order of id."""
    return sorted(set(eligible) - set(places["project_id"]))
