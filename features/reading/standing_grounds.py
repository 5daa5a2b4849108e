"""How strongly a line (:mod:`.limits`) or a refused state (:mod:`.refusals`) applies to every project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from features.reading.stages import STAGES
from features.reading.states import HAS_FROM, LACKS_BELOW, LADDER, SOLD, state_groups

if TYPE_CHECKING:
    from features.reading.grounds import Market

Applied = tuple[str, NDArray[np.float32], NDArray[np.int32]]
"""Code of the ground, its strength for every project, and the number of the sentence that shows it."""
ROOM = 2.0
"""Times of a plain ceiling up to which others may put in the rest."""
_NOTHING_OF = {"revenue": "营收", "profit": "盈利"}
_OF_STAGE = frozenset({"early", "maturity", "market"})
_OF_A_SITE = frozenset(
    {"space", "power", "tension", "load", "water", "crane", "weight", "height", "clean", "heat", "batch"}
)


def by_measure(market: Market, kind: str, measure: str, limit: float, *, plain: bool) -> Applied:
    """Projects above or below a line; a ``plain`` ceiling of money leaves room for others to join."""
    if ":" in measure:
        value, shown = _own_measure(market, *measure.split(":", 1), highest=kind == "above")
    else:
        value, shown = market.number("amount") if measure == "amount" else market.size_of(measure)
    with np.errstate(invalid="ignore"):
        if kind == "above":
            strength = np.where(value > limit * (ROOM if plain else 1.02), 1.0, 0.0)
        else:
            strength = np.where(value < limit * 0.98, 1.0, 0.0)
    if kind == "below" and (missing := f"-{_NOTHING_OF.get(measure, '')}") != "-":
        for row, claim, sentence in market.by_value.get(("state", missing), ()):
            if strength[row] == 0 and np.isnan(value[row]):
                strength[row], shown[row] = claim.number or 1.0, sentence
    code = "ticket" if measure == "amount" else "facility" if measure in _OF_A_SITE else "topic"
    return code, strength.astype(np.float32), shown


def _code(value: str) -> str:
    """Ground of a state: its stage, the applicant, or what it is about."""
    group = state_groups().get(value[1:], "")
    return "stage" if group in _OF_STAGE else "applicant_kind" if group == "entity" else "topic"


def _own_measure(
    market: Market, unit: str, core: str, *, highest: bool
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Figures that the projects give of something no table knows: the one furthest on the refused side."""
    value, shown = np.full(market.size, np.nan), np.full(market.size, -1, np.int32)
    for (row, sentence, _), figure in market.cases.figures(core, unit):
        if np.isnan(value[row]) or (figure > value[row]) == highest:
            value[row], shown[row] = figure, sentence
    return value, shown


def by_state(market: Market, value: str, firm: float, own: bool) -> Applied:
    """Projects in a refused state; one that no table knows (``own``) is sought in their clauses by its words."""
    strength, shown = np.zeros(market.size, np.float32), np.full(market.size, -1, np.int32)
    firm = min(firm, 1.0)
    if own:
        found = market.cases.shown(value[0], value[1:])
        for row, sentence, _ in found:
            if strength[row] < firm:
                strength[row], shown[row] = firm, sentence
        return _code(value), strength, shown
    for row, claim, sentence in market.by_value.get(("state", value), ()):
        sure = (claim.number or 1.0) * firm
        if sure > strength[row]:
            strength[row], shown[row] = sure, sentence
    _by_rung(market, value, firm, strength, shown)
    return _code(value), strength, shown


def _by_rung(market: Market, value: str, firm: float, strength: NDArray[np.float32], shown: NDArray[np.int32]) -> None:
    """Add projects whose stage, where known for sure, shows that they lack a state of maturity, or are past it."""
    sign, code = value[0], value[1:]
    step, sure, said = market.stages
    if sign == "-":
        applies = step < LACKS_BELOW.get(code, 0)
        for row, _, _ in market.by_value.get(("state", f"+{code}"), ()):
            applies[row] = False
    else:
        applies = step >= HAS_FROM.get(code, len(STAGES))
        for later in LADDER[LADDER.index(code) :] if code in HAS_FROM else ():
            for row, _, sentence in market.by_value.get(("state", f"+{later}"), ()):
                if later in SOLD and strength[row] < firm:
                    strength[row], shown[row] = firm, sentence
    applies &= (step >= 0) & (sure >= 1) & (strength < firm)
    strength[applies], shown[applies] = firm, said[applies]
