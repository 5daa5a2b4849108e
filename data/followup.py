"""Follow-up of introductions: who asks how a case goes on, what comes next, and when (requirement I1 of the notices).

Call-backs are due some months after the introduction. Who is in charge, a next step and a date of one's own are
entries ``followup`` of the journal, as is every call-back made; entries are never changed, a correction is a new one.
What is due follows from them and from the outcome events each time it is asked for, for any date.

A due date that passed without contact is :data:`NOT_CALLED` (未回访): nothing is known of such a case, so it is
neither a success nor a failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.cases import KEY, OPEN, cases
from data.merging import Merges
from data.problem import DuijieError

ACTION = "followup"
"""Name of the action in the journal."""
SET, CALLED = "set", "called"
CONTACTED, NOT_REACHED, EVENT, VOID = "contacted", "not_reached", "event", "void"
RESULTS = (CONTACTED, NOT_REACHED, EVENT, VOID)
"""What a call-back gave; ``event``: an outcome event came with it; ``void``: the call of that day is taken back."""
SCHEDULED, NOT_CALLED, COMPLETE, CLOSED = "scheduled", "not_called", "complete", "closed"
STATES = (SCHEDULED, NOT_CALLED, COMPLETE, CLOSED)
MONTHS = (1, 3, 6, 12, 24)
EARLY_DAYS = 30
"""A contact may come so many days before a call-back is due and still answer it."""
INTRODUCTION, CONTACT = "introduction", "contact"
CaseKey = tuple[str, str, str]
_NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Plan:
    """When call-backs are due, in calendar months (31 January and one month is the last day of February).

    ``start`` is ``introduction``, from which all of ``months`` are counted, or ``contact``: then the first of them is
    counted from the last contact, again and again while the case is open.
    """

    months: tuple[int, ...] = MONTHS
    start: str = INTRODUCTION

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in zip((0, *self.months), self.months, strict=False))
        if not self.months or not rising or self.start not in (INTRODUCTION, CONTACT):
            raise DuijieError(
                "followup.plan",
                f"回访计划无效 / no valid plan of call-backs: {self.months}, {self.start!r}",
                "months must rise from 1; start is introduction or contact",
            )


@dataclass
class Told:
    """What the journal says of one case up to a date."""

    owner: str = ""
    next_step: str = ""
    due: date | None = None
    due_told: tuple[date, int] = (date.min, 0)
    calls: dict[date, tuple[str, int]] = field(default_factory=dict)
    """Result and number of the entry of each day's call."""
    entries: int = 0

    @property
    def last_call(self) -> tuple[date, int]:
        """Day and entry of the last call that reached somebody."""
        return max(
            ((day, number) for day, (result, number) in self.calls.items() if result in (CONTACTED, EVENT)),
            default=(date.min, 0),
        )


def told_of(entries: Iterable[Mapping[str, Any]], as_of: date, merges: Merges) -> dict[CaseKey, Told]:
    """What ``followup`` entries, in their order, say of each case by ``as_of``; merged projects count as one."""
    found: dict[CaseKey, Told] = {}
    for entry in entries:
        payload = entry["payload"]
        on = date.fromisoformat(payload["on"])
        if on > as_of:
            continue
        project_id = merges.get(payload["project_id"], payload["project_id"])
        told = found.setdefault((project_id, payload["institution_id"], payload["channel"]), Told())
        told.entries += 1
        if payload["kind"] == CALLED:
            told.calls[on] = (payload["result"], int(entry["seq"]))
            continue
        told.owner = payload.get("owner", told.owner)
        told.next_step = payload.get("next_step", told.next_step)
        if "due" in payload:
            told.due = date.fromisoformat(payload["due"]) if payload["due"] else None
            told.due_told = (on, int(entry["seq"]))
    return found


def followups(
    outcomes: pa.Table,
    entries: Iterable[Mapping[str, Any]],
    as_of: date,
    plan: Plan | None = None,
    merges: Merges | None = None,
) -> pd.DataFrame:
    """One row a case that was introduced by ``as_of``, sorted by its ids.

    Columns: the ids; ``case_state`` and ``rung`` of :func:`data.cases.cases`; ``introduced_at``; ``last_contact`` (an
    event after the introduction, or a call that reached somebody; NaT for none); ``attempts`` (calls since then that
    reached nobody); ``owner``, ``next_step`` ("" where nobody said); ``due`` (NaT when nothing is due any more) and
    ``due_from`` (``set`` by a person, or ``plan``); ``state`` (one of :data:`STATES`); ``overdue_days``; ``ended_at``;
    ``entries`` (how many entries the journal has). Past deals that were no introductions of ours are left out.

    A contact answers every call-back that was due by then, and one that was due within :data:`EARLY_DAYS`, unless it
    lies nearer to the call-back before: whoever spoke with them last week need not call this week.
    """
    plan = plan or Plan()
    found = cases(outcomes, as_of)
    found = found[~found["history"].to_numpy(bool)].reset_index(drop=True)
    told = told_of(entries, as_of, merges or {})
    keys: list[CaseKey] = list(found[KEY].itertuples(index=False, name=None))
    own = [told.get(key, Told()) for key in keys]
    events = _event_days(outcomes, found, as_of)
    calls = _call_days(own)
    introduced = _days(found["reached_introduced"])
    last = _last_days(len(found), np.concatenate([events, calls]))
    planned = _planned(introduced, last, plan)
    due, due_from = _due(planned, _last_days(len(found), events), own)
    result = found[KEY].assign(case_state=found["state"], rung=found["rung"])
    result["introduced_at"], result["last_contact"] = _dates(introduced), _dates(last)
    result["attempts"] = [_attempts(one, day) for one, day in zip(own, last, strict=True)]
    result["owner"] = pd.array([one.owner for one in own], dtype="str")
    result["next_step"] = pd.array([one.next_step for one in own], dtype="str")
    _add_states(result, due, due_from, np.datetime64(as_of, "D"))
    result["ended_at"] = found["ended_at"].where(found["state"].ne("delivered"), found["reached_delivered"])
    result["entries"] = [one.entries for one in own]
    return result


def _add_states(
    result: pd.DataFrame, due: NDArray[np.datetime64], due_from: NDArray[Any], today: np.datetime64
) -> None:
    """What is due in open cases, where that comes from, the state, and how many days late."""
    still_open = result["case_state"].to_numpy() == OPEN
    result["due"] = _dates(np.where(still_open, due, _NEVER))
    result["due_from"] = np.where(still_open & ~np.isnat(due), due_from, "")
    states = np.select([~still_open, np.isnat(due), due < today], [CLOSED, COMPLETE, NOT_CALLED], SCHEDULED)
    result["state"] = pd.array(states.tolist(), dtype="str")
    result["overdue_days"] = np.where(states == NOT_CALLED, (today - due).astype(float), 0).astype(np.int64)


def _days(column: pd.Series[Any]) -> NDArray[np.datetime64]:
    return column.to_numpy().astype("datetime64[D]")


def _dates(days: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    return days.astype("datetime64[s]")


_CONTACT_ROW = np.dtype([("case", np.int64), ("day", "datetime64[D]")])


def _event_days(outcomes: pa.Table, found: pd.DataFrame, as_of: date) -> NDArray[Any]:
    """Case and day of every event after an introduction: whoever told it had contact."""
    kept = outcomes.filter(
        pc.and_(
            pc.less_equal(outcomes.column("at"), pa.scalar(as_of, pa.date32())),
            pc.not_equal(outcomes.column("event"), "introduced"),
        )
    )
    frame = kept.select([*KEY, "at"]).to_pandas(date_as_object=False)
    numbered = found[KEY].assign(case=np.arange(len(found)))
    joined = frame.merge(numbered, on=KEY, how="inner")
    rows = np.empty(len(joined), _CONTACT_ROW)
    rows["case"], rows["day"] = joined["case"].to_numpy(), _days(joined["at"])
    return rows


def _call_days(own: list[Told]) -> NDArray[Any]:
    """Case and day of every call that reached somebody."""
    rows = [
        (case, np.datetime64(day, "D"))
        for case, told in enumerate(own)
        for day, (result, _) in told.calls.items()
        if result in (CONTACTED, EVENT)
    ]
    return np.array(rows, _CONTACT_ROW)


def _last_days(count: int, contacts: NDArray[Any]) -> NDArray[np.datetime64]:
    """Last contact of every case, NaT for none."""
    last = np.full(count, np.iinfo(np.int64).min)  # the number that stands for NaT
    np.maximum.at(last, contacts["case"], contacts["day"].astype(np.int64))
    return last.astype("datetime64[D]")


def _planned(introduced: NDArray[np.datetime64], last: NDArray[np.datetime64], plan: Plan) -> NDArray[np.datetime64]:
    """The next call-back of the plan for every case, NaT when all are answered."""
    if plan.start == CONTACT:
        return add_months(np.where(np.isnat(last), introduced, last), plan.months[0])
    dates = np.stack([introduced, *(add_months(introduced, months) for months in plan.months)], axis=1)
    days = dates.astype(np.int64)
    ahead = np.minimum(np.diff(days, axis=1), 2 * EARLY_DAYS)  # twice the days by which a contact may come early
    spoken = np.where(np.isnat(last), days[:, 0], last.astype(np.int64))
    answered = (2 * (days[:, 1:] - spoken[:, None]) < ahead).sum(axis=1)
    upcoming = np.minimum(answered + 1, len(plan.months))
    return np.where(answered < len(plan.months), dates[np.arange(len(dates)), upcoming], _NEVER)


def add_months(days: NDArray[np.datetime64], months: int) -> NDArray[np.datetime64]:
    """The same day some calendar months later; the last day of a month that is too short."""
    return np.asarray(pd.DatetimeIndex(days) + pd.DateOffset(months=months)).astype("datetime64[D]")


def _due(
    planned: NDArray[np.datetime64], last_event: NDArray[np.datetime64], own: list[Told]
) -> tuple[NDArray[np.datetime64], NDArray[Any]]:
    """Due date of every case and where it comes from: a date that a person set holds until the next contact."""
    due, source = planned.copy(), np.full(len(planned), "plan", dtype=object)
    for case, told in enumerate(own):
        if told.due is None:
            continue
        event = last_event[case]
        answered = told.last_call > told.due_told or (not np.isnat(event) and event > np.datetime64(told.due_told[0]))
        if not answered:
            due[case], source[case] = np.datetime64(told.due, "D"), "set"
    return due, source


def _attempts(told: Told, last: np.datetime64) -> int:
    missed = [np.datetime64(day, "D") for day, (result, _) in told.calls.items() if result == NOT_REACHED]
    return len(missed) if np.isnat(last) else sum(bool(day > last) for day in missed)
