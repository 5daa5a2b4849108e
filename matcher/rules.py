"""Eligibility: rules with three answers. Unknown never silently passes or fails; it is recorded with the match.

A rule is prepared once for a market and then asked about pairs: ``check(start, stop, rows, cols)`` gives one int8 a
pair, :data:`MEETS`, :data:`UNKNOWN` or :data:`FAILS`. ``rows`` index the block that begins at project ``start``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from data.conflicts import KINDS, open_conflicts
from data.reference.regions import regions
from features.families.geography import Places
from features.families.stage import fit_by_code, own_code
from features.family import Indexes, Market, State, column

MEETS, UNKNOWN, FAILS = 1, 0, -1
Answers = NDArray[np.int8]
Check = Callable[[int, int, Indexes, Indexes], Answers]
Prepare = Callable[[Market, Mapping[str, State]], Check]

TICKET_TOLERANCE = 0.7
"""An amount from this share of the minimum ticket up is open to talks: unknown, not failed."""
MATCHABLE_ROLES = ("match", "demand")


def _by_institution(answers: list[int]) -> Check:
    table = np.array(answers, dtype=np.int8)
    return lambda start, stop, rows, cols: table[cols]


def role(market: Market, states: Mapping[str, State]) -> Check:
    """The institution signed up to be matched or to publish needs, not only to judge (requirement B5)."""
    told = column(market.view.institutions, "roles")
    return _by_institution(
        [UNKNOWN if not roles else MEETS if set(roles) & set(MATCHABLE_ROLES) else FAILS for roles in told]
    )


def verified(market: Market, states: Mapping[str, State]) -> Check:
    """The institution passed the real-name check (requirement B6)."""
    told = column(market.view.institutions, "verified")
    return _by_institution([UNKNOWN if value is None else MEETS if value else FAILS for value in told])


def exclusion(market: Market, states: Mapping[str, State]) -> Check:
    """The institution's own text does not rule the project out; unknown where it may."""
    state: Any = states["exclusion"]

    def check(start: int, stop: int, rows: Indexes, cols: Indexes) -> Answers:
        words, plain = state.strengths(start, stop)
        perhaps = np.where(words[rows, cols] > 0, UNKNOWN, MEETS)
        return np.where(plain[rows, cols], FAILS, perhaps).astype(np.int8)

    return check


def ticket(market: Market, states: Mapping[str, State]) -> Check:
    """The amount sought is not far below the institution's smallest ticket."""
    state: Any = states["ticket"]

    def check(start: int, stop: int, rows: Indexes, cols: Indexes) -> Answers:
        sought, low = state.sought[start:stop][rows], state.low[cols]
        known = (
            np.isfinite(sought) & state.has_range[cols] & (state.currency_p[start:stop][rows] == state.currency_i[cols])
        )
        short = sought - np.nan_to_num(low, nan=-np.inf)
        answer = np.where(short >= 0, MEETS, np.where(short >= np.log10(TICKET_TOLERANCE), UNKNOWN, FAILS))
        return np.where(known, answer, UNKNOWN).astype(np.int8)

    return check


def round_(market: Market, states: Mapping[str, State]) -> Check:
    """The round the project raises is at most one step from a round the institution takes."""
    own = own_code(market.project_texts, "round", "rounds")
    table = fit_by_code(market.institution_texts, "round", "rounds")

    def check(start: int, stop: int, rows: Indexes, cols: Indexes) -> Answers:
        fit = table[own[start:stop][rows], cols]
        answer = np.where(fit >= 1, MEETS, np.where(fit >= 0, UNKNOWN, FAILS))
        return np.where(np.isfinite(fit), answer, UNKNOWN).astype(np.int8)

    return check


def company(market: Market, states: Mapping[str, State]) -> Check:
    """A bank lends to a company: a maker team has to found one first (requirement C9)."""
    kinds = column(market.view.projects, "applicant_kind")
    groups = column(market.view.projects, "group")
    team = np.array([k == "maker_team" or (k is None and g == "创客组") for k, g in zip(kinds, groups, strict=True)])
    unknown = np.array([k is None and g is None for k, g in zip(kinds, groups, strict=True)])
    bank = np.array([kind == "bank" for kind in column(market.view.institutions, "kind")])

    def check(start: int, stop: int, rows: Indexes, cols: Indexes) -> Answers:
        answer = np.where(team[start:stop][rows], FAILS, np.where(unknown[start:stop][rows], UNKNOWN, MEETS))
        return np.where(bank[cols], answer, MEETS).astype(np.int8)

    return check


def space(market: Market, states: Mapping[str, State]) -> Check:
    """The park has the floor space the project needs."""
    needed = np.array(column(market.view.projects, "space_m2"), dtype=np.float64)
    free = np.array(column(market.view.institutions, "capacity_m2"), dtype=np.float64)

    def check(start: int, stop: int, rows: Indexes, cols: Indexes) -> Answers:
        left = free[cols] - needed[start:stop][rows]
        return np.where(np.isnan(left), UNKNOWN, np.where(left >= 0, MEETS, FAILS)).astype(np.int8)

    return check


def wish(market: Market, states: Mapping[str, State]) -> Check:
    """The place lies in a region the project wishes to go to (requirement D19: no wish, no match)."""
    places = Places(market.view.institutions)
    wishes = column(market.view.projects, "regions_wanted")
    distinct = {tuple(wanted or ()) for wanted in wishes}
    lookup = {wanted: row for row, wanted in enumerate(sorted(distinct))}
    table = np.full((len(lookup), len(places.raw) + 1), UNKNOWN, np.int8)
    for wanted, row in lookup.items():
        codes = {code for label in wanted for code in regions().find(label)}
        for col, place in enumerate(places.known):
            if not wanted:
                table[row, col] = MEETS
            elif codes and place:
                table[row, col] = MEETS if any(regions().covers(code, place) for code in codes) else FAILS
    own = np.array([lookup[tuple(wanted or ())] for wanted in wishes], np.intp)

    def check(start: int, stop: int, rows: Indexes, cols: Indexes) -> Answers:
        return table[own[start:stop][rows], places.row[cols]]

    return check


def contact(market: Market, states: Mapping[str, State]) -> Check:
    """The two have not been brought together in this channel already: an introduction is made once."""
    return _known_pairs(market, _pairs_in(market.view.outcomes, market.channel))


def passed(market: Market, states: Mapping[str, State]) -> Check:
    """The institution has not passed the project in this channel, or has taken that back."""
    return _known_pairs(market, _pairs_in(market.view.passes, market.channel))


def _pairs_in(table: pa.Table, channel: str) -> list[tuple[str, str]]:
    """Project and institution of every row of a channel."""
    rows = table.filter(pc.equal(table.column("channel"), channel))
    return list(zip(column(rows, "project_id"), column(rows, "institution_id"), strict=True))


def no_conflict(kind: str) -> Prepare:
    """The institution has no conflict of interest of this kind with the project, or a person confirmed that it was
    disclosed (requirements B5, B10, B20; kinds in :mod:`data.conflicts`).
    """
    return lambda market, states: _known_pairs(market, open_conflicts(market.view.conflicts, kind))


def _known_pairs(market: Market, pairs: list[tuple[str, str]]) -> Check:
    """A check that fails for these pairs of ids and is met by all others."""
    project = {key: row for row, key in enumerate(column(market.view.projects, "project_id"))}
    institution: dict[str, list[int]] = {}
    for col, key in enumerate(column(market.view.institutions, "institution_id")):
        institution.setdefault(key, []).append(col)
    hits = [(project[p], col) for p, i in pairs if p in project for col in institution.get(i, ())]
    rows, cols = (np.array(part, np.intp) for part in zip(*hits, strict=True)) if hits else (np.zeros(0, np.intp),) * 2
    shape = (len(project), market.view.institutions.num_rows)
    known = csr_matrix((np.ones(len(rows), np.int8), (rows, cols)), shape)

    def check(start: int, stop: int, rows: Indexes, cols: Indexes) -> Answers:
        block = known[start:stop]
        if block.nnz == 0:  # most blocks know of no such pair
            return np.full(len(rows), MEETS, np.int8)
        return np.where(block.toarray()[rows, cols] > 0, FAILS, MEETS).astype(np.int8)

    return check


RULES: dict[str, Prepare] = {
    "role": role,
    "verified": verified,
    "exclusion": exclusion,
    "ticket": ticket,
    "round": round_,
    "company": company,
    "space": space,
    "wish": wish,
    "contact": contact,
    "passed": passed,
    **{kind: no_conflict(kind) for kind in KINDS},
}
