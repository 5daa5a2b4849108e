"""What a recommendation does, and what another policy would have done: from places whose chances were logged.

A pair that was drawn into a list and one that was as likely to be drawn and was not differ by the draw alone. So
weighting by the inverse chance gives the effect without any model of who is recommended (IPS; self-normalised: SNIPS),
and a model of the outcome may make it sharper without being trusted (doubly robust, cross-fitted by project).
Intervals come from the influence function, summed by project, since places of one list are not independent.

Where the logged chances cannot carry an answer the answer is a refusal, with why (:class:`Limits`).
Sources: Horvitz & Thompson 1952; Robins, Rotnitzky & Zhao 1994; Swaminathan & Joachims 2015; Dudik et al. 2014.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.family import Flags, Indexes

Numbers = NDArray[np.float64]

LEVEL = 0.95
NO_DRAW = "没有随机名额 / no pair whose place was a matter of chance: [exploration] random_share"
NAIVE, IPS, SNIPS, DR = "naive", "ips", "snips", "dr"


@dataclass(frozen=True)
class Limits:
    """What the log must carry before anything is estimated.

    ``effective``: least effective sample size (Kish) of each arm; ``heaviest``: largest share of all weight that one
    pair may have; ``unsupported``: largest share of a policy's places that were never given a chance; ``projects``:
    fewest projects; ``outcomes``: fewest outcomes in an arm (as many as it would have without an effect): with fewer
    an arm may show none at all, and its interval would be blind.
    """

    effective: float = 50.0
    heaviest: float = 0.1
    unsupported: float = 0.05
    projects: int = 20
    outcomes: float = 20.0


@dataclass(frozen=True)
class Support:
    """What the log carries of a question, and why that is too little (``""``: it is enough)."""

    pairs: int
    projects: int
    effective: float
    heaviest: float
    unsupported: float
    outcomes: float
    refused: str


@dataclass(frozen=True)
class Estimate:
    """An estimate with its 95 % interval."""

    name: str
    value: float
    low: float
    high: float

    @property
    def shown(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Answer:
    """Estimates by name, none where the log cannot carry them."""

    support: Support
    estimates: dict[str, Estimate]


def effect(
    treated: Flags, chance: Numbers, outcome: Numbers, score: Numbers, project: Indexes, limits: Limits | None = None
) -> Answer:
    """Effect of a place on a list on the chance of an outcome, over all pairs whose place was a matter of chance.

    One array entry a pair: whether it got a place, the logged chance of any place, what became of it (0 or 1), its
    score, the number of its project. The naive difference (with all pairs, by chance or not) is given beside.
    """
    drawn = (chance > 0) & (chance < 1)
    t, e, y, g = treated[drawn], chance[drawn], outcome[drawn], project[drawn]
    weights = [np.where(t, 1 / e, 0.0), np.where(t, 0.0, 1 / (1 - e))]
    expected = float(y.mean()) * min(int(t.sum()), int((~t).sum())) if len(y) else 0.0
    support = _support(weights, g, 0.0, expected, limits or Limits())
    if support.refused:
        return Answer(support, {})
    n = len(y)
    psi = weights[0] * y - weights[1] * y
    means = [float(weight @ y / weight.sum()) for weight in weights]
    normed = [weight * (y - mean) / weight.mean() for weight, mean in zip(weights, means, strict=True)]
    m1, m0 = (_crossed(score[drawn], y, arm, g) for arm in (t, ~t))
    robust = m1 - m0 + weights[0] * (y - m1) - weights[1] * (y - m0)
    found = [
        _interval(IPS, float(psi.mean()), psi - psi.mean(), g, n),
        _interval(SNIPS, means[0] - means[1], normed[0] - normed[1], g, n),
        _interval(DR, float(robust.mean()), robust - robust.mean(), g, n),
        _naive(treated, outcome, project),
    ]
    return Answer(support, {estimate.name: estimate for estimate in found})


def policy_value(
    shown: Flags,
    chance: Numbers,
    wanted: Numbers,
    outcome: Numbers,
    score: Numbers,
    project: Indexes,
    listing: Indexes,
    missing: float = 0.0,
    limits: Limits | None = None,
) -> Answer:
    """Outcomes a list under another policy, and (``gain``) how many more than under the one that was logged.

    ``wanted`` is the chance of a place under the other policy; ``listing`` the number of each pair's list;
    ``missing`` how many of the policy's places no logged pair stands for. Assumed: what becomes of a shown pair does
    not hang on who else is shown.
    """
    weight = np.where(shown & (chance > 0), wanted / np.where(chance > 0, chance, 1.0), 0.0)
    total = float(wanted.sum()) + missing
    lost = (float(wanted[chance <= 0].sum()) + missing) / max(total, 1e-12)
    support = _support([weight], project, lost, float(outcome[weight > 0].sum()), limits or Limits())
    if support.refused:
        return Answer(support, {})
    lists = np.unique(project[np.unique(listing, return_index=True)[1]], return_counts=True)[1]
    size = total / lists.sum()
    mean = float(weight @ outcome / weight.sum())
    model = _crossed(score, outcome, shown, project)
    robust = np.where(chance > 0, wanted * model, 0.0) + weight * (outcome - model)
    logged = np.where(shown, outcome, 0.0)
    found = [
        _sums(IPS, weight * outcome, project, lists),
        _interval(
            SNIPS, size * mean, size * weight * (outcome - mean) / weight.sum() * len(weight), project, len(weight)
        ),
        _sums(DR, robust, project, lists),
        _sums("logged", logged, project, lists),
        _sums("gain", robust - logged, project, lists),
    ]
    return Answer(support, {estimate.name: estimate for estimate in found})


def no_draw(project: Indexes) -> Answer:
    """The refusal where every place was certain."""
    return Answer(Support(len(project), len(np.unique(project)), 0.0, 1.0, 1.0, 0.0, NO_DRAW), {})


def _support(weights: list[Numbers], project: Indexes, unsupported: float, outcomes: float, limits: Limits) -> Support:
    """How much the weights carry; of several arms the weakest."""
    totals = [float(weight.sum()) for weight in weights]
    squares = [float((weight**2).sum()) for weight in weights]
    effective = min((total**2 / square if square else 0.0) for total, square in zip(totals, squares, strict=True))
    heaviest = max(
        float(weight.max(initial=0.0)) / total if total else 1.0 for weight, total in zip(weights, totals, strict=True)
    )
    projects = len(np.unique(project))
    why = ""
    if unsupported > limits.unsupported:
        why = f"策略不受支持 / {unsupported:.0%} of the policy's places never had a chance"
    elif not len(project) or not all(totals):
        why = NO_DRAW
    elif projects < limits.projects:
        why = f"项目太少 / {projects} projects, {limits.projects} are needed"
    elif effective < limits.effective:
        why = f"有效样本太小 / effective sample size {effective:.0f}, {limits.effective:.0f} is needed"
    elif heaviest > limits.heaviest:
        why = f"权重过于集中 / one pair carries {heaviest:.0%} of the weight"
    elif outcomes < limits.outcomes:
        why = f"结果太少 / {outcomes:.0f} outcomes to be expected in an arm, {limits.outcomes:.0f} are needed"
    return Support(len(project), projects, effective, heaviest, unsupported, outcomes, why)


def _interval(name: str, value: float, influence: Numbers, project: Indexes, n: int) -> Estimate:
    """Value with the interval from influences summed by project (Liang & Zeger), t with projects - 1 degrees."""
    from scipy import stats

    sums = np.bincount(project, influence)
    groups = len(np.unique(project))
    error = float(np.sqrt((sums**2).sum() * groups / max(groups - 1, 1))) / n
    reach = float(stats.t.ppf((1 + LEVEL) / 2, max(groups - 1, 1))) * error
    return Estimate(name, value, value - reach, value + reach)


def _sums(name: str, parts: Numbers, project: Indexes, lists: NDArray[np.int64]) -> Estimate:
    """Mean over lists of the sum of ``parts``; ``lists`` counts those of each project, in order of its number."""
    present, group = np.unique(project, return_inverse=True)
    value = float(parts.sum() / lists.sum())
    apart = np.bincount(group, parts) - lists * value
    return _interval(name, value, apart, np.arange(len(present)), int(lists.sum()))


def _naive(treated: Flags, outcome: Numbers, project: Indexes) -> Estimate:
    """Difference of the means of who was shown and who was not: what is read off a list that was given by score."""
    means = [float(outcome[arm].mean()) for arm in (treated, ~treated)]
    influence = np.where(
        treated,
        (outcome - means[0]) / max(treated.mean(), 1e-12),
        -(outcome - means[1]) / max((~treated).mean(), 1e-12),
    )
    return _interval(NAIVE, means[0] - means[1], influence, project, len(outcome))


def _crossed(score: Numbers, outcome: Numbers, among: Flags, project: Indexes) -> Numbers:
    """Outcome expected at each score, learned from the other half of the projects: a parabola, slightly shrunk."""
    spread = float(score.std()) or 1.0
    z = (score - score.mean()) / spread
    design = np.c_[np.ones(len(z)), z, z**2]
    half = project % 2
    expected = np.zeros(len(z))
    for part in (0, 1):
        used = among & (half != part)
        inside = design[used]
        shrink = np.diag([1e-9, 1.0, 1.0])
        beta = np.linalg.solve(inside.T @ inside + shrink, inside.T @ outcome[used]) if used.any() else np.zeros(3)
        expected[half == part] = design[half == part] @ beta
    return expected
