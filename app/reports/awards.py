"""Awards placed in their edition and contest, each distinct wording once, with their state of publicity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from app.reports.scope import contest_id
from data.awarded import WORDING, Placed, place_award
from data.edition import Edition
from data.programmes import editions
from data.working_days import after_working_days
from matcher.gate import PENDING

PLACED = ("edition_id", "programme_id", "contest_id", "kind", "level", "rank", "names")


def placed_awards(awards: pa.Table, catalogue: Sequence[Edition] | None = None) -> pd.DataFrame:
    """The rows of ``awards`` in their order with the columns of :data:`PLACED` (``names`` of the edition, joined by
    ``;``), ``confirmed`` (not under public notice, not disputed: as the gate has it) and ``notice`` (rule of public
    notice: its working days, 0 where none is known).
    """
    known = editions() if catalogue is None else catalogue
    frame = awards.to_pandas(date_as_object=False)
    number = frame.groupby(list(WORDING), sort=False, dropna=False).ngroup().to_numpy()
    firsts = frame.loc[~frame.duplicated(list(WORDING)), list(WORDING)].astype(object)
    firsts = firsts.where(firsts.notna(), None)
    places = [place_award(known, row) for row in firsts.to_dict("records")]
    for at, name in enumerate((*PLACED, "notice")):
        cells = np.empty(len(places), dtype=object)
        cells[:] = [_cells(place)[at] for place in places]
        frame[name] = cells[number] if len(places) else np.empty(0, dtype=object)
    frame["confirmed"] = ~frame["status"].isin(PENDING).to_numpy(dtype=bool)
    return frame


def _cells(placed: Placed) -> tuple[Any, ...]:
    edition = placed.edition
    return (
        edition.id if edition else "",
        edition.programme if edition else "",
        contest_id(edition.id if edition else "", placed.contest_key),
        placed.kind,
        placed.level,
        placed.rank,
        ";".join(placed.names),
        _notice_days(edition, placed) if edition else 0,
    )


def _notice_days(edition: Edition, placed: Placed) -> int:
    """Working days of public notice that a rule of the edition demands for an award; 0 where none names any."""
    days = [
        rule.amount
        for rule in edition.rules_of("publicity")
        if rule.amount and (not rule.awards or set(rule.awards) & set(placed.names))
    ]
    return max(days, default=0)


def contests_named(awards: pd.DataFrame) -> set[str]:
    """Ids of the contests of placed awards; an award of which nobody says the contest names none."""
    return {key for key in awards["contest_id"].unique() if key.partition("|")[2] not in ("", "/")}


def contest_wordings(awards: pd.DataFrame) -> list[tuple[str, str]]:
    """What placed awards call their contests, each with the contest's id; sorted, each once."""
    named = awards[awards["contest_id"].isin(contests_named(awards)) & awards["contest"].notna()]
    return sorted(set(zip(named["contest"], named["contest_id"], strict=True)))


def notice_ends(awards: pd.DataFrame) -> list[date | None]:
    """Last working day of public notice of every row; None where it is not under notice, its first day or the rule is
    unknown, or the calendar of working days does not reach so far.
    """
    found: list[date | None] = []
    known: dict[tuple[date, int], date | None] = {}
    for status, told, days in zip(awards["status"], awards["published_at"], awards["notice"], strict=True):
        if status != "公示中" or pd.isna(told) or not days:
            found.append(None)
            continue
        key = (pd.Timestamp(told).date(), int(days))
        if key not in known:
            known[key] = after_working_days(*key)
        found.append(known[key])
    return found
