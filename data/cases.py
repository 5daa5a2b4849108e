"""Cases: what became of an introduction of one project to one institution in one channel, as of any date.

The ladder is that of every channel: introduced, accepted, met, second contact (placement: 考察), intent, signed,
delivered (money in, moved in, service done); declined and withdrawn end a case from any rung (requirement I5).
Outcome events are only ever added; a case is what follows from them, never a row of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

LADDER = ("introduced", "accepted", "met", "second_contact", "intent", "signed", "delivered")
ENDS = ("declined", "withdrawn")
OPEN = "open"
STATES = (OPEN, "delivered", *ENDS)
KEY = ["project_id", "institution_id", "channel"]
AFTER = ("graduated", "left")
"""What becomes of a tenant later (毕业, 退出): it was moved in by then, and the case stays delivered."""
EVENTS = (*LADDER, *ENDS, *AFTER)
"""All events in the order of one day."""


def cases(outcomes: pa.Table, as_of: date) -> pd.DataFrame:
    """One row a case, sorted by project, institution and channel, from the events up to ``as_of``.

    Columns: the three ids; ``state`` (one of :data:`STATES`); ``rung`` (highest rung reached, a position in
    :data:`LADDER`); ``reached_<rung>`` for every rung, the date on which it or a higher one was first reached (a rung
    that nobody wrote down was climbed at the latest with the next one), NaT where it was not; ``ended_at`` and
    ``reason`` of a case that was declined or withdrawn; ``last_event`` and ``last_at``; ``amount`` (CNY as stored) of
    the last event that names one; ``history``.

    ``history`` marks a deal of which only the delivery is known (imported past deals): it was no introduction of ours
    and belongs in no funnel. An event on a rung after the end opens the case again; so does one of :data:`AFTER`, by
    which a project has moved in.
    """
    kept = outcomes.filter(pc.less_equal(outcomes.column("at"), pa.scalar(as_of, pa.date32())))
    kept = kept.filter(pc.is_in(kept.column("event"), pa.array(EVENTS)))
    ids, number = _numbered(kept)
    frame = kept.select(["at", "reason", "amount"]).to_pandas(date_as_object=False)
    frame["step"] = pc.index_in(kept.column("event"), pa.array(EVENTS)).to_numpy().astype(np.int8)
    # Sorting by the date, then the rung, gives the order of a case's events; ends come last on their day.
    order = np.lexsort((frame["step"].to_numpy(), frame["at"].to_numpy().astype(np.int64), number))
    frame, numbers = frame.take(order).reset_index(drop=True), number[order]
    last = np.searchsorted(numbers, np.arange(len(ids)), side="right") - 1
    result = ids.assign(last_at=frame["at"].to_numpy()[last], last_step=frame["step"].to_numpy()[last])
    _add_rungs(result, frame, numbers)
    _add_ends(result, frame, numbers)
    named = frame.loc[frame["amount"].notna(), "amount"]
    result["amount"] = named.groupby(numbers[named.index]).last().reindex(range(len(result))).to_numpy()
    last_step = result.pop("last_step").to_numpy()
    result["last_event"] = np.array(EVENTS, dtype=object)[last_step]
    events = np.bincount(numbers, minlength=len(result))
    delivered = np.bincount(numbers[_rungs(frame["step"].to_numpy()) == len(LADDER) - 1], minlength=len(result))
    result["history"] = events == delivered
    return result


def _numbered(events: pa.Table) -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    """The ids of every case in their order, and the number of each event's case among them."""
    number = np.zeros(events.num_rows, np.int64)
    values = []
    for name in KEY:
        coded = pc.dictionary_encode(events.column(name)).combine_chunks()
        order = pc.array_sort_indices(coded.dictionary).to_numpy()
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        values.append(np.asarray(coded.dictionary.to_numpy(zero_copy_only=False), object)[order])
        number = number * max(len(order), 1) + rank[coded.indices.to_numpy()]
    found, number = np.unique(number, return_inverse=True)
    ids = {}
    for name, names in zip(reversed(KEY), reversed(values), strict=True):
        ids[name] = names[found % max(len(names), 1)]
        found = found // max(len(names), 1)
    return pd.DataFrame({name: ids[name] for name in KEY}), number


def _rungs(steps: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Positions in :data:`EVENTS`, with what comes after a delivery as a delivery."""
    return np.where(steps >= len(LADDER) + len(ENDS), len(LADDER) - 1, steps)


def _add_rungs(result: pd.DataFrame, frame: pd.DataFrame, numbers: np.ndarray[Any, Any]) -> None:
    """The dates on which each rung was first reached, and the highest rung."""
    steps = _rungs(frame["step"].to_numpy())
    days = frame["at"].to_numpy().astype("datetime64[D]").astype(np.int64)
    never = np.iinfo(np.int64).max
    first = np.full((len(result), len(LADDER)), never)
    climbing = steps < len(LADDER)
    np.minimum.at(first, (numbers[climbing], steps[climbing]), days[climbing])
    # An end without any rung (declined at once, entered alone) still was an introduction.
    alone = (first == never).all(axis=1)
    started = np.full(len(result), never)
    np.minimum.at(started, numbers, days)
    first[alone, 0] = started[alone]
    first = np.minimum.accumulate(first[:, ::-1], axis=1)[:, ::-1]
    result["rung"] = (first != never).sum(axis=1) - 1
    dates = np.where(first == never, np.datetime64("NaT"), first.astype("datetime64[D]")).astype("datetime64[s]")
    for at, name in enumerate(LADDER):
        result[f"reached_{name}"] = dates[:, at]


def _add_ends(result: pd.DataFrame, frame: pd.DataFrame, numbers: np.ndarray[Any, Any]) -> None:
    """State, end and its reason: by the last event of the case."""
    last = result["last_step"].to_numpy()
    ended = (last >= len(LADDER)) & (last < len(LADDER) + len(ENDS))
    states = np.where(result["rung"].to_numpy() == len(LADDER) - 1, "delivered", OPEN).astype(object)
    states[ended] = np.array(ENDS, dtype=object)[last[ended] - len(LADDER)]
    result["state"] = states
    result["ended_at"] = result["last_at"].where(ended)
    closing = np.append(numbers[1:] != numbers[:-1], True) if len(numbers) else np.array([], bool)
    result["reason"] = frame["reason"].to_numpy()[closing]
    result.loc[~ended, "reason"] = None


def of_case(outcomes: pa.Table, case: Mapping[str, Any]) -> pa.Table:
    """Rows of one case; ``case`` names project, institution and channel."""
    first, second, third = (pc.equal(outcomes.column(name), case[name]) for name in KEY)
    return outcomes.filter(pc.and_(pc.and_(first, second), third))


def state_of(outcomes: pa.Table, project_id: str, institution_id: str, channel: str, as_of: date) -> dict[str, Any]:
    """One case on one date, in the columns of :func:`cases`; empty when nothing had happened by then."""
    case = dict(zip(KEY, (project_id, institution_id, channel), strict=True))
    found = cases(of_case(outcomes, case), as_of)
    return {} if found.empty else {str(name): value for name, value in found.iloc[0].items()}
