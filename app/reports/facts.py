"""What a report is made from: the stored rows as of its last day, narrowed to its scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.reports.awards import placed_awards
from app.reports.figure import Rows
from app.reports.scope import Scope, awards_in, projects_in
from app.system import call_back_plan
from data.cases import KEY, LADDER, cases
from data.consents import CONSENT, with_consents
from data.followup import ACTION, followups
from data.problem import DuijieError
from data.reference.sectors import sectors
from data.reference.vocabularies import vocabulary
from data.runs import Run, latest_run
from data.store import Store, open_store
from data.store_shown import shown_columns
from data.view import View
from evaluation.grouping import UNKNOWN, case_groups
from matcher.channel import channels
from matcher.gate import let_go
from matcher.run import view_fingerprint

BREAKDOWNS = ("channel", "group", "sector")
YUAN = ("CNY", "RMB", "人民币", "元")
_SHOWN = ("project_id", "group", "listed_at", "consent", "confidentiality", "state")


@dataclass(frozen=True)
class Facts:
    """Rows of one scope, all as known on ``end``; row positions in these frames are what figures count.

    ``cases`` as :func:`data.cases.cases` gives them (without imported past deals) with ``amount`` in CNY only;
    ``follow`` is the follow-up state of the same cases; ``awards`` are placed. ``first`` and ``last`` are the days of
    each rung as ``datetime64[D]``. ``gone`` names the projects that are let go today, with the reason: they count in
    what was, and no report of any period names them. ``start`` and ``end`` both belong to the period. ``sample``: some
    of it is the fictional sample market.
    """

    scope: Scope
    start: date
    end: date
    view: View
    projects: pd.DataFrame
    cases: pd.DataFrame
    follow: pd.DataFrame
    awards: pd.DataFrame
    runs: dict[str, Run]
    gone: dict[str, str]
    sample: bool

    @cached_property
    def fingerprint(self) -> str:
        """Digest of all stored rows as of the last day."""
        return view_fingerprint(self.view)

    @cached_property
    def groups(self) -> dict[str, pd.DataFrame]:
        """Which case stands in which group, by breakdown."""
        return {by: case_groups(self.cases, by, self.view) for by in BREAKDOWNS}

    def values(self, by: str) -> list[str]:
        """Every value of a breakdown: those of its vocabulary, others that are stored, and the unknown last."""
        if by == "channel":
            return list(vocabulary("channels").codes)
        fixed = vocabulary("groups").codes if by == "group" else [field.name_zh for field in sectors().fields]
        stored = set(self.groups[by]["group"].unique()) - {*fixed, UNKNOWN}
        return [*fixed, *sorted(stored), UNKNOWN]

    def slices(self, by: str) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Every value of a breakdown with the mask of its cases."""
        table = self.groups[by]
        for value in self.values(by):
            mask = np.zeros(len(self.cases), dtype=bool)
            mask[table.loc[table["group"] == value, "case"].to_numpy()] = True
            yield value, mask

    @cached_property
    def rungs(self) -> dict[str, NDArray[np.datetime64]]:
        """Day on which each rung was first reached, by rung; NaT for never."""
        return {rung: self.cases[f"reached_{rung}"].to_numpy().astype("datetime64[D]") for rung in LADDER}

    def within(self, days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
        """Which days lie in the period; its first and its last day do, NaT does not."""
        return (days >= np.datetime64(self.start, "D")) & (days <= np.datetime64(self.end, "D"))

    def rows(self, mask: NDArray[np.bool_]) -> Rows:
        """Positions of a mask."""
        return np.flatnonzero(mask)


def _yuan(outcomes: pa.Table) -> pa.Table:
    """Outcomes with sums in CNY only: a sum in another currency is no number that could be added."""
    told = pc.utf8_upper(pc.fill_null(outcomes.column("currency"), YUAN[0]))
    foreign = pc.invert(pc.is_in(told, value_set=pa.array(YUAN)))
    at = outcomes.schema.get_field_index("amount")
    amounts = pc.if_else(foreign, pa.scalar(None, pa.float64()), outcomes.column("amount"))
    return outcomes.set_column(at, outcomes.schema.field(at), amounts)


def read_facts(store: Store, scope: Scope, start: date, end: date) -> Facts:
    """Facts of a scope and a period (both days belong to it), as known on its last day.

    Consent alone is that of today: who has taken it back since is not named in a report of an earlier period.

    Raises
    ------
    DuijieError
        ``report.period`` when the period ends before it begins, ``store.missing`` without a store.
    """
    if start > end:
        raise DuijieError("report.period", f"起始日晚于截止日 / {start} is after {end}", "--from DATE --to DATE")
    view, merges = open_store(store.path).view(end), store.merges()
    view = replace(view, projects=with_consents(view.projects, store.journal(CONSENT), merges))
    awards = placed_awards(view.awards)
    members = projects_in(scope, view, awards)
    outcomes = _yuan(view.outcomes)
    if members is not None:
        inside = pa.array(sorted(members), pa.string())
        outcomes = outcomes.filter(pc.is_in(outcomes.column("project_id"), value_set=inside))
    projects = view.projects.select(list(_SHOWN)).to_pandas(date_as_object=False)
    if members is not None:
        projects = projects[projects["project_id"].isin(members)].reset_index(drop=True)
    found = cases(outcomes, end)
    found = found[~found["history"].to_numpy(bool)].reset_index(drop=True)
    follow = followups(outcomes, store.journal(ACTION), end, call_back_plan(), merges)
    follow = found[KEY].merge(follow, how="left", on=KEY, validate="one_to_one")  # row by row beside the cases
    awards = awards[awards_in(scope, awards, members)].reset_index(drop=True)
    runs = {name: run for name in channels() if (run := latest_run(store.runs_folder, name)) is not None}
    gone = _gone(store)
    return Facts(scope, start, end, view, projects, found, follow, awards, runs, gone, store.holds_sample)


def _gone(store: Store) -> dict[str, str]:
    """Projects that are let go today, with the reason."""
    today = shown_columns(store.path, {"projects": ("state", "confidentiality", "consent")})[0]["projects"]
    told = zip(today.column("project_id").to_pylist(), let_go(today), strict=True)
    return {key: why for key, why in told if why}
