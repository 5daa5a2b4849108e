"""For the organizer: records that may be one project, what stands decided, deciding, and taking a decision back.

Of a pair both sides lie within the organizer's region, else it does not exist for that person; so do all records that
show as one of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from app.dashboard.access import denied
from app.dashboard.compared import (
    Compared,
    basis_of,
    compared_records,
    gone,
    inside,
    naming,
    reaches,
    shown_record,
    standing_of,
)
from app.dashboard.desk import Desk, allowed, renewed
from app.dashboard.queries import records
from app.dashboard.stamped import store_key
from app.dashboard.visitor import Visitor
from app.project_sheet import award_lines
from app.same_project import (
    SAME,
    Standing,
    declare_different,
    declare_same,
    standing,
    take_back_different,
    take_back_same,
)
from data.differing import SIDES
from data.problem import DuijieError
from matcher.duplicates.comparing import FEATURES

BANDS = {"certain": 0.95, "likely": 0.8, "possible": 0.0}
"""How sure a pair is: the least score of each band, the surest first."""
SIGNS = {
    "ip": ("ip",),
    "text": ("text", "passages", "passages_both"),
    "figures": ("figures",),
    "name": ("name", "name_alone"),
    "applicant": ("applicant_same", "applicant_alone"),
}
"""What may speak for a pair: features of :mod:`matcher.duplicates.comparing` told as one."""
LEAST_SIGN = 0.5
"""Log odds that something must add to be told as a sign on a list."""
SEPARATOR = "|"


@dataclass(frozen=True)
class Side:
    """One record of a pair as it may be shown, under the id that it shows as (``shown``).

    ``filled`` counts its cells that hold something. Of a ``hidden`` one (withdrawn, disqualified or closed) only the
    ids are told; a ``teaser`` is anonymous.
    """

    record: str
    shown: str
    row: dict[str, Any]
    evidence: str
    awards: list[str]
    rights: list[str]
    filled: int
    hidden: bool
    teaser: bool


@dataclass(frozen=True)
class PairTold:
    """A pair in full: both sides, the score, and what each sign adds to the log odds, the strongest first."""

    key: str
    score: float
    sides: tuple[Side, Side]
    signs: dict[str, float]


@allowed("organizer")
def record_count(desk: Desk) -> int:
    """How many records are compared: what the first comparison after an import costs."""
    return len(basis_of(desk).table)


@allowed("organizer")
def open_pairs(desk: Desk) -> pd.DataFrame:
    """Pairs that wait for a decision, the surest first.

    Columns: ``key`` (ids they show as), ``one`` and ``other`` (those ids), ``name_one`` and ``name_other`` as they may
    be shown, ``score``, ``band``, ``signs`` (those that speak for it, the strongest first), ``places``, ``groups``,
    and ``row``, the number of the pair in what was found.
    """
    return _open(store_key(desk), desk.access.scope, desk)


@st.cache_resource(max_entries=8, show_spinner=False)
def _open(key: tuple[object, ...], scope: tuple[object, ...], _desk: Desk) -> pd.DataFrame:
    found, now = compared_records(_desk), standing_of(_desk)
    frame = found.pairs[[*SIDES, "score"]].reset_index(names="row")
    one, other = (pd.Series([now.shown(one) for one in frame[side]], frame.index, dtype="str") for side in SIDES)
    frame["one"], frame["other"] = one.where(one <= other, other), other.where(one <= other, one)
    frame["key"] = frame["one"] + SEPARATOR + frame["other"]
    decided = pd.Series([pair in now.apart for pair in zip(frame["one"], frame["other"], strict=True)], dtype=bool)
    frame = frame[(frame["one"] != frame["other"]) & ~decided]
    frame = frame.drop_duplicates("key")  # sorted by score: the surest of several records of two projects stays
    if _desk.access.bounded:
        mine = inside(_desk, now)
        frame = frame[frame["one"].isin(mine) & frame["other"].isin(mine)]
    return _described(_desk, found, now, frame.reset_index(drop=True))


def _described(desk: Desk, found: Compared, now: Standing, frame: pd.DataFrame) -> pd.DataFrame:
    ids = {record for side in ("one", "other") for record in frame[side]}
    rows = naming(desk, now).rows(ids)
    pairs = list(zip(frame["one"], frame["other"], strict=True))
    weights = _sign_weights(found.summands[frame["row"].to_numpy(np.intp)])
    told: dict[str, list[Any]] = {
        "name_one": [str(rows[one]["name"] or "") for one, _ in pairs],
        "name_other": [str(rows[other]["name"] or "") for _, other in pairs],
        "band": [next(band for band, least in BANDS.items() if score >= least) for score in frame["score"]],
        "signs": [[sign for sign, weight in one.items() if weight >= LEAST_SIGN] for one in weights],
    }
    for label, column in (("places", "province"), ("groups", "group")):
        cells = [dict.fromkeys(rows[record].get(column) for record in pair) for pair in pairs]
        told[label] = [[value for value in cell if value] for cell in cells]
    columns = {name: pd.Series(values, frame.index, dtype=object) for name, values in told.items()}
    return frame[["key", "one", "other", "score", "row"]].assign(**columns)


def _sign_weights(summands: NDArray[np.float64]) -> list[dict[str, float]]:
    """What each sign adds to the log odds of each pair, the strongest first."""
    names = list(FEATURES)
    totals = {sign: summands[:, [names.index(one) for one in part]].sum(axis=1) for sign, part in SIGNS.items()}
    totals["applicant_other"] = summands[:, names.index("applicant_other")]
    rows = pd.DataFrame(totals).to_dict("records")
    return [dict(sorted(((str(k), float(v)) for k, v in row.items() if v), key=lambda i: -i[1])) for row in rows]


@allowed("organizer")
def pair_told(desk: Desk, key: str) -> PairTold:
    """One pair that waits, in full.

    Raises
    ------
    DuijieError
        ``access.denied`` when no such pair waits within the person's region.
    """
    frame = open_pairs(desk)
    mine = frame[frame["key"] == key]
    if mine.empty:
        raise denied("pair of projects")
    found, now = compared_records(desk), standing_of(desk)
    at = int(mine["row"].iloc[0])
    pair = records(found.pairs.iloc[[at]])[0]
    sides = [_side(desk, found, now, pair[side], pair[f"evidence_{side[-1]}"]) for side in SIDES]
    first, second = sorted(sides, key=lambda side: side.shown)
    return PairTold(key, float(pair["score"]), (first, second), _sign_weights(found.summands[[at]])[0])


def _side(desk: Desk, found: Compared, now: Standing, record: str, evidence: str) -> Side:
    row, shown = found.records.get(record), now.shown(record)
    if shown in gone(desk):
        return Side(record, shown, {"project_id": record}, "", [], [], 0, True, False)
    mask = naming(desk, now).mask(row)
    return Side(
        record,
        shown,
        shown_record(mask, row),
        mask.text(evidence) or "",
        award_lines(found.awards.get(record, []), anonymous=mask.teaser),
        [] if mask.teaser else found.numbers.get(record, []),
        sum(1 for value in row.values() if value not in (None, [], "")),
        False,
        mask.teaser,
    )


@allowed("organizer")
def decided_pairs(desk: Desk) -> list[dict[str, Any]]:
    """Decisions that stand, the latest first: the columns of :class:`app.same_project.Decided` and both names."""
    now = standing_of(desk)
    told = [one for one in now.decided if reaches(desk, now, one.one, one.other)]
    rows = naming(desk, now).rows({record for one in told for record in (one.one, one.other)})
    return [
        vars(one) | {f"name_{side}": str(rows[getattr(one, side)]["name"]) for side in ("one", "other")} for one in told
    ]


@allowed("organizer")
def merge_pair(visitor: Visitor, desk: Desk, kept_id: str, absorbed_id: str) -> None:
    """Show two records as one project.

    Raises
    ------
    DuijieError
        ``access.denied`` for records outside the person's region, ``pair.stale`` when one of them was merged meanwhile;
        else as :func:`app.same_project.declare_same`.
    """
    _require_open(desk, kept_id, absorbed_id)
    declare_same(desk.system.store, kept_id, absorbed_id, actor=visitor.actor)


@allowed("organizer")
def keep_apart(visitor: Visitor, desk: Desk, project_id: str, other_id: str) -> None:
    """Keep that two records are different projects; refused as :func:`merge_pair`."""
    _require_open(desk, project_id, other_id)
    declare_different(desk.system.store, project_id, other_id, actor=visitor.actor)


@allowed("organizer")
def take_back(visitor: Visitor, desk: Desk, seq: int) -> None:
    """Take back the decision of this number.

    Raises
    ------
    DuijieError
        ``access.denied`` for one of another region, ``decision.gone`` when it does not stand any more.
    """
    now = standing(desk.system.store)
    decision = next((one for one in now.decided if one.seq == seq), None)
    if decision is None:
        if desk.access.bounded:  # whether there was one is not told
            raise denied("decision on a pair")
        raise DuijieError("decision.gone", "这项决定已被撤销 / this decision was taken back already", "")
    _require(desk, decision.one, decision.other)
    store = desk.system.store
    if decision.verdict == SAME:
        take_back_same(store, decision.other, actor=visitor.actor)
    else:
        take_back_different(store, decision.one, decision.other, actor=visitor.actor)


def _require_open(desk: Desk, one: str, other: str) -> None:
    """As :func:`_require`; and both still show as themselves, as they did when the person looked."""
    now = _require(desk, one, other)
    if one in now.merges or other in now.merges:
        message = "其中一条刚才已并入另一项目，请重新核对 / one of the two was merged meanwhile: look again"
        raise DuijieError("pair.stale", message, "duijie duplicates")


def _require(desk: Desk, one: str, other: str) -> Standing:
    """Refuse records that the person may not see, whether they exist is not told; gives what stands decided now."""
    fresh = renewed(desk)
    now = standing(fresh.system.store)
    if not reaches(fresh, now, one, other):
        raise denied("decision on a pair")
    return now
