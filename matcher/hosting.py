"""What a park can host: the channel's own rules and the facilities, asked for several states of one park at once.

Nothing is decided here that ranking decides otherwise: rules are :data:`matcher.rules.RULES`, facilities are what the
feature family reads on both sides. A what-if is the park's row with a larger area or a further facility.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.reference.vocabularies import vocabulary
from data.tables import INSTITUTIONS
from data.view import View
from features.reading import Reading
from matcher.asking import market_of
from matcher.channel import Channel
from matcher.market import families
from matcher.rules import FAILS, MEETS, RULES, UNKNOWN
from matcher.settings import Settings


@dataclass(frozen=True)
class Hosting:
    """Answers for V states of one park, n projects, R rules and F facilities.

    ``answers`` is V x n x R and ``facilities`` V x n x F, each ``MEETS``, ``UNKNOWN`` or ``FAILS``; a facility that a
    project does not need is met. ``needed`` is n x F.
    """

    rules: tuple[str, ...]
    codes: tuple[str, ...]
    answers: NDArray[np.int8]
    facilities: NDArray[np.int8]
    needed: NDArray[np.bool_]

    @property
    def overall(self) -> NDArray[np.int8]:
        """V x n: fails when a rule or a needed facility fails, unknown when one is unknown, else met."""
        return np.minimum(self.answers.min(axis=2, initial=MEETS), self.facilities.min(axis=2, initial=MEETS))


def hosting(
    view: View, channel: Channel, states: Sequence[dict[str, Any]], settings: Settings, texts: Sequence[Reading]
) -> Hosting:
    """Ask every rule of ``channel`` and every facility for each state (an institutions row) of one park.

    ``texts`` are the readings of ``view.projects``. States after the first add something to it. An addition makes no
    answer worse: of a park whose area is not known, 2,000 m2 more do not turn "unknown" into "too small".
    """
    table = pa.Table.from_pylist(list(states), schema=INSTITUTIONS.schema)
    market = market_of(view, table, channel, settings, texts)
    fitted = {name: families()[name].fit(market) for name in ("exclusion", "facilities")}
    n, count = view.projects.num_rows, len(states)
    rows = np.tile(np.arange(n), count)
    cols = np.repeat(np.arange(count), n)
    answers = np.empty((count, n, len(channel.rules)), np.int8)
    for at, name in enumerate(channel.rules):
        answers[:, :, at] = RULES[name](market, fitted)(0, n, rows, cols).reshape(count, n)
    found: Any = fitted["facilities"]
    needed, present = found.needed > 0, found.present > 0
    told = np.where(present[:, None, :], MEETS, np.where(present.any(axis=1)[:, None, None], FAILS, UNKNOWN))
    facilities = np.where(needed[None, :, :], told, MEETS).astype(np.int8)
    answers, facilities = np.maximum(answers, answers[:1]), np.maximum(facilities, facilities[:1])
    return Hosting(channel.rules, vocabulary("facilities").codes, answers, facilities, needed)


def tenants(outcomes: pa.Table, projects: pa.Table, institution_id: str, channel: str = "placement") -> pd.DataFrame:
    """Projects that moved in (delivered): ``project_id``, ``at`` (first delivery), ``space_m2``, NaN where unknown."""
    delivered = outcomes.filter(
        pc.and_(
            pc.equal(outcomes.column("institution_id"), institution_id),
            pc.and_(pc.equal(outcomes.column("channel"), channel), pc.equal(outcomes.column("event"), "delivered")),
        )
    )
    frame = delivered.select(["project_id", "at"]).to_pandas(date_as_object=False)
    frame = frame.groupby("project_id", as_index=False)["at"].min()
    areas = projects.select(["project_id", "space_m2"]).to_pandas().drop_duplicates("project_id")
    return frame.merge(areas, on="project_id", how="left").sort_values(["at", "project_id"], ignore_index=True)


def area_left(capacity_m2: float | None, taken: pd.Series) -> float | None:
    """Area in m2 that is left of a capacity after the areas known to be taken; never below 0, None when not known."""
    return None if capacity_m2 is None else max(0.0, float(capacity_m2) - float(taken.sum()))


def by_quarter(moved_in: pd.DataFrame, capacity_m2: float | None, places: float | None) -> pd.DataFrame:
    """What moved in per quarter: ``quarter``, ``count``, ``space_m2``, ``left_m2`` at its end, ``places_left`` in it.

    ``places`` is how many projects the park takes in a period; ``left_m2`` and ``places_left`` are NaN where unknown.
    """
    frame = moved_in.assign(quarter=moved_in["at"].dt.to_period("Q").astype(str))
    groups = frame.groupby("quarter")
    found = groups.agg(count=("project_id", "size")).assign(space_m2=groups["space_m2"].sum(min_count=1)).reset_index()
    capacity = np.nan if capacity_m2 is None else capacity_m2
    found["left_m2"] = np.maximum(capacity - found["space_m2"].fillna(0.0).cumsum(), 0.0)
    found["places_left"] = np.maximum((np.nan if places is None else places) - found["count"], 0.0)
    return found
