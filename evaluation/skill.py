"""How well institutions serve the cases they get: observed against expected successes, shrunk, with rank intervals.

Success is an event in time. A case is watched from its introduction to the success or to the last day on which it is
known to have had none; a refusal is such knowledge up to today. The rate of successes is piecewise constant in time,
times ``exp(covariates × coefficients)`` of the case, times the skill of its institution. So a young case adds little to
what is expected and is no failure, and whoever takes hard cases is expected to succeed less often.

With refusals kept under observation this is the subdistribution hazard of Fine & Gray (1999); the observation of a case
is cut by a known date only, so no weights are needed. Skills have a gamma prior around 1 (a shared frailty): few cases
tell little, and the estimate stays near the market's. The spread of the skills is learned from all institutions and its
uncertainty is kept by a grid, so that chance alone does not look like skill.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from evaluation.scoreboard_design import Design, design_of
from evaluation.tails import Tails, ranks_within

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PIECES = 8
"""Pieces of the baseline rate, with as many successes each."""
RIDGE = 1.0
"""Precision of the normal prior on every coefficient: what few cases say of hardness is believed in part."""
SPREADS = np.geomspace(0.03, 2.0, 40)
"""Standard deviations of skill that are thought possible."""
SPREAD_SCALE = 1.0
"""Scale of their half-normal prior; half of it would draw in the spread of twenty institutions and cost coverage."""
ROUNDS = 40
TOLERANCE = 1e-4
DRAWS = 4000
LEVEL = 0.95
AT_ONCE = 500
"""Draws that are held at one time: all of them would be hundreds of megabytes for thousands of institutions."""
_TINY = 1e-12


@dataclass(frozen=True)
class Watched:
    """Cases under observation: number of the institution, covariates, days watched, whether a success ended them."""

    institution: Ints
    covariates: Floats
    days: Floats
    success: NDArray[np.bool_]
    institutions: int


@dataclass(frozen=True)
class Bounds:
    """Bounds of what the data leave open: of skills, and of ranks (1 the best) among the ranked institutions."""

    low: Floats
    high: Floats
    rank_low: Ints
    rank_high: Ints


@dataclass(frozen=True)
class Skills:
    """What was learned. ``observed`` and ``expected`` successes and the posterior of the skill, one an institution.

    ``case_expected`` is each case's own share of ``expected``; ``baseline`` gives the expected successes of an average
    case until a day (see :meth:`rate`); ``spread`` weighs :data:`SPREADS`.
    """

    observed: Floats
    expected: Floats
    case_expected: Floats
    spread: Floats
    coefficients: Floats
    cuts: Floats
    hazard: Floats
    typical: float

    def mean(self, observed: Floats | None = None, expected: Floats | None = None) -> Floats:
        """Posterior mean of skill, 1 being the market's; for other counts under the same market where given."""
        seen = self.observed if observed is None else observed
        due = self.expected if expected is None else expected
        return _mean_skill(self.spread, seen, due)

    def drawn(self, count: int = DRAWS, seed: int = 0) -> Iterator[Floats]:
        """Draws from the posterior of all skills, (:data:`AT_ONCE`, institutions) at a time."""
        rng = np.random.default_rng(seed)
        shapes = SPREADS[rng.choice(len(SPREADS), count, p=self.spread)][:, None] ** -2.0
        for start in range(0, count, AT_ONCE):
            shape = shapes[start : start + AT_ONCE]
            drawn = rng.standard_gamma(shape + self.observed)
            drawn /= shape + self.expected
            yield drawn

    def draws(self, count: int = DRAWS, seed: int = 0) -> Floats:
        """Draws from the posterior of all skills, (count, institutions)."""
        return np.concatenate(list(self.drawn(count, seed)))

    def bounds(self, ranked: Ints, count: int = DRAWS, seed: int = 0, level: float = LEVEL) -> Bounds:
        """Bounds of every skill over these draws, and of the ranks of ``ranked`` institutions among themselves."""
        skills, ranks = Tails(count, level), Tails(count, level)
        for drawn in self.drawn(count, seed):
            skills.add(drawn)
            ranks.add(ranks_within(drawn[:, ranked]))
        return Bounds(*skills.between(), *ranks.around())

    def rate(self, skill: Floats, day: float) -> Floats:
        """Share of typical cases that succeed by ``day`` with an institution of this skill."""
        exposure = np.clip(day - self.cuts[:-1], 0, np.diff(self.cuts))
        return np.asarray(1 - np.exp(-skill * self.typical * float(exposure @ self.hazard)))


def learn(watched: Watched, ridge: float = RIDGE) -> Skills:
    """Learn what makes cases hard, then the baseline, the skills and their spread.

    Hardness is learned inside institutions: their own mix stands beside each covariate (Mundlak, Econometrica 1978)
    and takes what only tells institutions apart, so that good ones that take hard cases do not make these look easy.
    """
    cuts, exposure = _pieces(watched)
    both = design_of(watched.covariates, watched.institution, watched.institutions)
    x = both.alone()
    hardness = _alternate(both, watched, exposure, np.zeros(both.width), ridge).coefficients[: x.width]
    found = _alternate(x, watched, exposure, hardness, None)
    typical = float(np.exp(x.times(hardness)).mean())
    due = np.bincount(watched.institution, found.case, watched.institutions).astype(np.float64)
    return Skills(_observed(watched), due, found.case, found.spread, hardness, cuts, found.hazard, typical)


@dataclass(frozen=True)
class _State:
    """Where the alternation ended: coefficients, baseline, expected successes of each case, weights of the spreads."""

    coefficients: Floats
    hazard: Floats
    case: Floats
    spread: Floats


def _alternate(
    x: Design, watched: Watched, exposure: tuple[Floats, Floats], coefficients: Floats, ridge: float | None
) -> _State:
    """Coefficients (kept where ``ridge`` is None) and baseline for the skills, skills for these, until they agree."""
    days, events = exposure
    observed = _observed(watched)
    spoken = _told_by_counts(observed)
    skill = np.ones(watched.institutions)
    for _ in range(ROUNDS):
        of_case = skill[watched.institution]
        if ridge is not None:
            coefficients = _newton(x, watched, exposure, coefficients, of_case, ridge)
        risk = np.exp(x.times(coefficients))
        hazard = events / np.maximum((risk * of_case) @ days, _TINY)
        case = risk * (days @ hazard)
        due = np.bincount(watched.institution, case, watched.institutions).astype(np.float64)
        spread = _weigh(spoken, observed, due)
        before, skill = skill, _mean_skill(spread, observed, due)
        if np.abs(np.log(skill / before)).max(initial=0.0) < TOLERANCE:
            break
    return _State(coefficients, hazard, case, spread)


def _observed(watched: Watched) -> Floats:
    return np.bincount(watched.institution, watched.success, watched.institutions).astype(np.float64)


def _pieces(watched: Watched) -> tuple[Floats, tuple[Floats, Floats]]:
    """Borders of the baseline's pieces; for each case its days in each; the successes in each."""
    times = watched.days[watched.success]
    inner = np.unique(np.quantile(times, np.linspace(0, 1, PIECES + 1)[1:-1])) if len(times) else np.array([])
    last = max(float(watched.days.max(initial=0.0)), 1.0)
    inner = inner[(inner > 0) & (inner < last)]
    cuts = np.concatenate([[0.0], inner, [last]])
    days = np.clip(watched.days[:, None] - cuts[:-1], 0, np.diff(cuts))
    piece = np.searchsorted(cuts[1:-1], times, side="left")
    return cuts, (days, np.bincount(piece, minlength=len(cuts) - 1).astype(np.float64))


def _newton(
    x: Design,
    watched: Watched,
    exposure: tuple[Floats, Floats],
    start: Floats,
    skill: Floats,
    ridge: float,
    steps: int = 3,
) -> Floats:
    """Some Newton steps on the coefficients, with the baseline at its best for each (a profile likelihood)."""
    (days, events), beta = exposure, start
    total = x.sums(watched.success.astype(np.float64))
    for _ in range(steps if len(beta) else 0):
        risk = skill * np.exp(np.clip(x.times(beta), -20, 20))
        at_risk = np.maximum(risk @ days, _TINY)
        weight = risk * (days @ (events / at_risk))
        means = x.sums(risk[:, None] * days) / at_risk
        gradient = total - x.sums(weight) - ridge * beta
        curvature = x.gram(weight) - (means * events) @ means.T + ridge * np.eye(x.width)
        step = np.linalg.solve(curvature, gradient)
        beta = beta + step / max(1.0, float(np.abs(step).max()))
    return beta


def _mean_skill(spread: Floats, observed: Floats, expected: Floats) -> Floats:
    """Posterior mean of skill for these counts, under weights of the spreads; the same wherever a count stands."""
    found = np.zeros(np.broadcast(observed, expected).shape)
    for weight, shape in zip(spread, SPREADS**-2.0, strict=True):
        found += weight * ((shape + observed) / (shape + expected))
    return found


def _told_by_counts(observed: Floats) -> Floats:
    """The part of the marginal likelihood that depends on the spread and the successes alone, summed."""
    shape = SPREADS[:, None] ** -2.0
    counts, often = np.unique(observed, return_counts=True)
    told = gammaln(shape + counts) - gammaln(shape) + shape * np.log(shape)
    return np.asarray(told @ often.astype(np.float64))


def _weigh(spoken: Floats, observed: Floats, expected: Floats) -> Floats:
    """Posterior weight of every spread: the marginal likelihood (negative binomial) times the prior.

    ``spoken`` is :func:`_told_by_counts` of ``observed``.
    """
    shape = SPREADS[:, None] ** -2.0
    told = spoken - ((shape + observed) * np.log(shape + expected)).sum(axis=1)
    prior = -0.5 * (SPREADS / SPREAD_SCALE) ** 2 + np.log(SPREADS)  # the grid is even in the logarithm
    score = told + prior
    return np.asarray(np.exp(score - logsumexp(score)))


def rank_bounds(draws: Floats, level: float = LEVEL) -> tuple[Ints, Ints]:
    """Bounds of the ranks (1 the best) that the institutions take over the draws."""
    tails = Tails(len(draws), level)
    for start in range(0, len(draws), AT_ONCE):
        tails.add(ranks_within(draws[start : start + AT_ONCE]))
    return tails.around()


def apart(low: Ints, high: Ints) -> NDArray[np.bool_]:
    """Which pairs are told apart: the rank intervals do not touch. (n, n), true where the row is better."""
    return np.asarray(high[:, None] < low[None, :])
