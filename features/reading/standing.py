"""Where a project stands: what it lacks, is or has, the figures it gives, and whether it would move.

Claims of the kinds ``state`` (``-环评``: lacking, ``+逾期``: has it; ``number`` says how sure), ``size`` (``value`` the
measure) and ``move``. Institutions refuse such states (:mod:`.refusals`) and draw such lines (:mod:`.limits`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from features.reading.claims import Claim
from features.reading.cues import Found
from features.reading.measures import figures
from features.reading.mobility import mobility
from features.reading.stages import rounds_named
from features.reading.states import SOLD, State, at_rung, state_groups, states

_SURE, _IMPLIED = 1.0, 0.9
_AFTER = {
    "样机": ("放大", "定型", "试点", "客户验证", "量产", "上市", "首单", "营收", "复购", "盈利"),
    "小试": ("放大", "量产", "上市", "首单", "营收", "复购", "盈利"),
    "放大": ("量产", "上市", "复购", "盈利"),
    "定型": ("量产", "上市", "复购"),
    "客户验证": ("首单", "复购"),
    "量产": ("复购",),
    "上市": ("首单", "营收", "复购", "盈利"),
    "首单": ("复购", "营收", "盈利", "订单"),
    "营收": ("复购", "盈利", "流水"),
    "订单": ("复购",),
}
"""What a project that lacks a state of maturity lacks as well."""
_RAISING = re.compile("raising (?:an? |our |the )?(?:angel|seed|pre-?a|series [a-g])\\b(?: round)?")


class Stands(NamedTuple):
    """What one sentence says: states, states it is no further than, figures by measure, moves, and rounds (English)."""

    states: tuple[State, ...] = ()
    rungs: tuple[str, ...] = ()
    sizes: tuple[tuple[str, float], ...] = ()
    moves: tuple[str, ...] = ()
    rounds: tuple[str, ...] = ()


NOTHING = Stands()


def stands(text: str, hits: Iterable[Found]) -> Stands:
    """Read one folded sentence; ``hits`` are the cues of the family ``state`` in it."""
    told = tuple(states(text, hits))
    rungs = tuple(state.code for state in told if state.sign >= 0 and state.code in _AFTER and at_rung(text, state))
    # what is sought is read elsewhere
    sizes = tuple((each.measure, _middle(each.low, each.high)) for each in figures(text) if each.measure != "amount")
    raising = _RAISING.search(text) if "raising" in text else None
    said = Stands(told, rungs, sizes, tuple(mobility(text)), rounds_named(raising.group()) if raising else ())
    return NOTHING if said == NOTHING else said


def _middle(low: float, high: float) -> float:
    return (low * high) ** 0.5 if low < high else low


def standing(lines: Sequence[str], told: Sequence[Stands]) -> list[Claim]:
    """Claims of one project from what its sentences say; ``lines`` are these sentences, verbatim."""
    held: dict[str, str] = {}
    missing: dict[str, tuple[float, str]] = {}
    found: dict[tuple[str, str], Claim] = {}
    for line, said in zip(lines, told, strict=True):
        if said is NOTHING:
            continue
        _note(said, line, held, missing)
        for measure, value in said.sizes:
            found.setdefault(("size", measure), Claim("size", measure, 1, False, line, value))
        for where in said.moves:
            found.setdefault(("move", where), Claim("move", where, 1, True, line))
        for code in said.rounds[-1:]:
            found.setdefault(("round", ""), Claim("round", code, 1, True, line))
    claims = [Claim("state", f"+{code}", 1, False, line, _SURE) for code, line in held.items()]
    return claims + _lacks(held, missing) + list(found.values())


def _note(said: Stands, line: str, held: dict[str, str], missing: dict[str, tuple[float, str]]) -> None:
    """Add the states of a sentence to those that are held and those that are missing, each with its surest sentence."""
    for state in said.states:
        if state.sign > 0:
            held.setdefault(state.code, line)
        elif state.sign < 0 and state.sure > missing.get(state.code, (0.0, ""))[0]:
            missing[state.code] = state.sure, line
    for rung in said.rungs:
        for later in _AFTER[rung]:
            missing.setdefault(later, (_IMPLIED, line))


def _lacks(held: dict[str, str], missing: dict[str, tuple[float, str]]) -> list[Claim]:
    """What is missing with what follows from it; what another sentence says is there counts half."""
    groups = state_groups()
    found: dict[str, Claim] = {}
    reached = not SOLD.isdisjoint(held)
    for code, (sure, line) in missing.items():
        number = 0.5 if code in held else sure
        found[code] = Claim("state", f"-{code}", 1, False, line, number)
        if number < _IMPLIED:
            continue
        if groups[code] == "permit":
            found.setdefault("证照", Claim("state", "-证照", 1, False, line, _IMPLIED))
        for later in () if reached else _AFTER.get(code, ()):
            if later not in held and later not in missing:
                found.setdefault(later, Claim("state", f"-{later}", 1, False, line, _IMPLIED))
    return list(found.values())
