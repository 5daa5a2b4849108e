"""Does the scoreboard hold what it says? Simulated institutions whose skill is known.

Every run draws institutions with few and many cases, easy and hard ones, old and young ones, and lets cases end by a
refusal or stay open. ``python -m evaluation.scoreboard_simulation`` prints the figures of the documentation.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.significance import Interval, bootstrap_interval
from evaluation.skill import Floats, Watched, apart, learn, rank_bounds

INSTITUTIONS = 20
HARD = 0.3
"""Hazard ratio of a hard case."""
SPREAD = 0.5
"""Standard deviation of the logarithm of the true skill, where skills differ."""
YEAR = 365.0


@dataclass(frozen=True)
class World:
    """Simulated cases, and what is true of each institution: its skill and its share of hard cases."""

    watched: Watched
    refused: NDArray[np.bool_]
    skill: Floats
    hard: Floats
    young: NDArray[np.bool_]


def simulate(rng: np.random.Generator, spread: float, institutions: int = INSTITUTIONS, tie: float = 0.0) -> World:
    """Draw one world. ``tie`` makes skilled institutions take hard cases (positive) or easy ones (negative)."""
    latent = rng.standard_normal(institutions)
    skill = np.exp(spread * latent - spread**2 / 2)
    hard = 1 / (1 + np.exp(-(tie * latent + 1.2 * rng.standard_normal(institutions))))
    young = rng.random(institutions) < 0.4
    counts = np.maximum(rng.geometric(1 / 30, institutions), 2)
    at = np.repeat(np.arange(institutions), counts)
    is_hard = rng.random(len(at)) < hard[at]
    followed = np.where(young[at], rng.uniform(20, 200, len(at)), rng.uniform(100, 900, len(at)))
    hazard = 1.0 / YEAR * 0.45 * skill[at] * np.where(is_hard, HARD, 1.0)
    success_day = rng.exponential(1 / hazard)
    refusal_day = rng.exponential(150.0, len(at))
    # A refusal, where it comes first, ends half of the cases for good; they stay watched without success until today.
    refused = (refusal_day < success_day) & (rng.random(len(at)) < 0.5)
    success = (success_day <= followed) & ~refused
    days = np.where(success, success_day, followed)
    covariates = np.stack([is_hard, ~is_hard], axis=1).astype(np.float64)
    watched = Watched(at.astype(np.int64), covariates, days, success, institutions)
    return World(watched, refused & (refusal_day <= followed), skill, hard, young)


def raw_rates(world: World) -> Floats:
    """Successes per case, as a total would be judged."""
    watched = world.watched
    cases = np.bincount(watched.institution, minlength=watched.institutions)
    return np.asarray(np.bincount(watched.institution, watched.success, watched.institutions) / cases)


def equal_skills(runs: int, seed: int = 0) -> tuple[float, float]:
    """Share of runs with any pair ranked apart, and share of all pairs, though all institutions are alike."""
    rng = np.random.default_rng(seed)
    any_pair, pairs = 0, 0.0
    for number in range(runs):
        world = simulate(rng, 0.0)
        told = apart(*rank_bounds(learn(world.watched).draws(1000, number)))
        any_pair += bool(told.any())
        pairs += told.sum() / (INSTITUTIONS * (INSTITUTIONS - 1) / 2)
    return any_pair / runs, pairs / runs


def order_recovered(runs: int, seed: int = 0) -> tuple[Interval, Interval, Interval]:
    """Kendall's tau with the true order: ours, raw rates', and the paired difference over runs."""
    from scipy.stats import kendalltau

    rng = np.random.default_rng(seed)
    ours, raw = np.empty(runs), np.empty(runs)
    for number in range(runs):
        world = simulate(rng, SPREAD)
        ours[number] = kendalltau(learn(world.watched).mean(), world.skill).statistic
        raw[number] = kendalltau(raw_rates(world), world.skill).statistic
    return bootstrap_interval(ours), bootstrap_interval(raw), bootstrap_interval(ours - raw)


def mix_bias(runs: int, seed: int = 0, tie: float = 0.0) -> dict[str, tuple[Interval, Interval]]:
    """Correlation of the judgement with what an institution cannot help: its share of hard cases, and young cases.

    ``hard`` and ``young``: ours and raw rates', mean over runs; zero is fair. All institutions are equally skilled.
    """
    rng = np.random.default_rng(seed)
    values: dict[str, list[tuple[float, float]]] = {"hard": [], "young": []}
    for _ in range(runs):
        world = simulate(rng, 0.0, tie=tie)
        skills = learn(world.watched)
        ratio = (skills.observed + 0.5) / (skills.expected + 0.5)
        for name, cause in (("hard", world.hard), ("young", world.young.astype(float))):
            if cause.std() > 0:
                pair = [float(np.corrcoef(one, cause)[0, 1]) for one in (ratio, raw_rates(world))]
                values[name].append((pair[0], pair[1]))
    told = {name: np.array(rows) for name, rows in values.items()}
    return {name: (bootstrap_interval(rows[:, 0]), bootstrap_interval(rows[:, 1])) for name, rows in told.items()}


def covered(runs: int, seed: int = 0) -> dict[str, float]:
    """Where skills differ: ``skill`` and ``rank``, the shares of true skills and ranks inside their 95 % intervals;
    ``apart``, the share of pairs ranked apart; ``wrong``, the share of those whose true order is the other one.
    """
    rng = np.random.default_rng(seed)
    hits, told_apart, wrong = [], 0, 0
    for number in range(runs):
        world = simulate(rng, SPREAD)
        skills = learn(world.watched)
        draws = skills.draws(1000, number)
        low, high = np.quantile(draws, [0.025, 0.975], axis=0)
        # Skill is measured against the market that was drawn, whose own mean is not exactly 1.
        relative = world.skill / np.average(world.skill, weights=skills.expected)
        true_rank = np.argsort(np.argsort(-world.skill)) + 1
        first, last = rank_bounds(draws)
        inside = (low <= relative) & (relative <= high), (first <= true_rank) & (true_rank <= last)
        hits.append([one.mean() for one in inside])
        better = apart(first, last)
        told_apart += int(better.sum())
        wrong += int((better & (world.skill[:, None] < world.skill[None, :])).sum())
    skill, rank = np.mean(hits, axis=0)
    pairs = runs * INSTITUTIONS * (INSTITUTIONS - 1) / 2
    found = {"skill": skill, "rank": rank, "apart": told_apart / pairs, "wrong": wrong / max(told_apart, 1)}
    return {name: float(value) for name, value in found.items()}


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args(argv)
    any_pair, pairs = equal_skills(told.runs, told.seed)
    print(f"equal skills, {told.runs} runs of {INSTITUTIONS} institutions: some pair ranked apart in {any_pair:.1%}")
    print(f"  of all pairs {pairs:.3%}")
    ours, raw, gain = order_recovered(told.runs, told.seed)
    print(f"true order, Kendall's tau: scoreboard {ours}, raw rates {raw}, difference {gain}")
    for name, (own, plain) in mix_bias(told.runs, told.seed).items():
        print(f"equal skills, correlation with {name} cases: scoreboard {own}, raw rates {plain}")
    found = covered(told.runs, told.seed)
    print(f"95 % intervals hold the true skill in {found['skill']:.1%}, the true rank in {found['rank']:.1%}")
    print(f"different skills: {found['apart']:.1%} of pairs ranked apart, {found['wrong']:.2%} of them the wrong way")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
