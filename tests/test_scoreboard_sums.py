"""The scoreboard's sums over kinds of cases are the sums over cases, and what is vectorised is what loops give."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from data.awarded import WORDING, place_awards
from data.edition import LEVELS
from data.programmes import editions
from data.sample.generator import AS_OF
from data.store import Store
from evaluation.scoreboard import STAGES, _Board, _extremes, _levels, _matured, _read, _without_one, scoreboard
from evaluation.scoreboard_design import design_of
from evaluation.scoreboard_simulation import simulate
from evaluation.skill import (
    LEVEL,
    RIDGE,
    ROUNDS,
    SPREAD_SCALE,
    SPREADS,
    TOLERANCE,
    Skills,
    Watched,
    _pieces,
    learn,
    rank_bounds,
)
from evaluation.tails import Tails

Floats = NDArray[np.float64]


def world(seed: int, columns: int = 5) -> Watched:
    """A simulated market whose covariates are shares, some cases alike and some columns halved."""
    rng = np.random.default_rng(seed)
    watched = simulate(rng, 0.5, tie=0.8).watched
    first = rng.integers(0, columns, len(watched.days))
    second = np.where(rng.random(len(first)) < 0.3, rng.integers(0, columns, len(first)), first)
    shares = (np.eye(columns)[first] + np.eye(columns)[second]) / 2
    covariates = np.concatenate([watched.covariates, shares], axis=1)
    return dataclasses.replace(watched, covariates=covariates)


def dense(watched: Watched) -> tuple[Floats, Floats]:
    """Covariates less their means, and the same with the mix of the institution beside them, a row a case."""
    x = watched.covariates - watched.covariates.mean(axis=0)
    mix = np.stack([x[watched.institution == one].mean(axis=0) for one in watched.institution])
    return x, np.concatenate([x, mix], axis=1)


@pytest.mark.parametrize("seed", [0, 1])
def test_what_the_design_is_asked_is_what_dense_rows_give(seed: int) -> None:
    watched, rng = world(seed), np.random.default_rng(seed)
    plain, whole = dense(watched)
    design = design_of(watched.covariates, watched.institution, watched.institutions)
    for told, matrix in ((design, whole), (design.alone(), plain)):
        assert told.width == matrix.shape[1]
        beta, weight = rng.standard_normal(told.width), rng.random(len(matrix))
        several = rng.random((len(matrix), 3))
        np.testing.assert_allclose(told.times(beta), matrix @ beta, atol=1e-10)
        np.testing.assert_allclose(told.sums(weight), matrix.T @ weight, atol=1e-9)
        np.testing.assert_allclose(told.sums(several), matrix.T @ several, atol=1e-9)
        np.testing.assert_allclose(told.gram(weight), (matrix.T * weight) @ matrix, atol=1e-9)


def by_rows(watched: Watched) -> tuple[Floats, Floats]:
    """Expected successes of each case and weights of the spreads, learned with a dense row for every case."""
    plain, whole = dense(watched)
    days, events = _pieces(watched)[1]
    observed = np.bincount(watched.institution, watched.success, watched.institutions).astype(np.float64)
    shapes = SPREADS[:, None] ** -2.0

    def weigh(due: Floats) -> Floats:
        told = gammaln(shapes + observed) - gammaln(shapes) + shapes * np.log(shapes)
        told = told - (shapes + observed) * np.log(shapes + due)
        score = told.sum(axis=1) - 0.5 * (SPREADS / SPREAD_SCALE) ** 2 + np.log(SPREADS)
        return np.asarray(np.exp(score - logsumexp(score)))

    def newton(beta: Floats, skill: Floats) -> Floats:
        for _ in range(3):
            risk = skill * np.exp(np.clip(whole @ beta, -20, 20))
            at_risk = risk @ days
            weight = risk * (days @ (events / at_risk))
            means = (whole.T @ (risk[:, None] * days)) / at_risk
            gradient = whole.T @ watched.success.astype(np.float64) - whole.T @ weight - RIDGE * beta
            curvature = (whole.T * weight) @ whole - (means * events) @ means.T + RIDGE * np.eye(len(beta))
            step = np.linalg.solve(curvature, gradient)
            beta = beta + step / max(1.0, float(np.abs(step).max()))
        return beta

    def alternate(matrix: Floats, beta: Floats, moves: bool) -> tuple[Floats, Floats, Floats]:
        skill = np.ones(watched.institutions)
        for _ in range(ROUNDS):
            of_case = skill[watched.institution]
            beta = newton(beta, of_case) if moves else beta
            risk = np.exp(matrix @ beta)
            case = risk * (days @ (events / ((risk * of_case) @ days)))
            due = np.bincount(watched.institution, case, watched.institutions)
            spread = weigh(due)
            before, skill = skill, spread @ ((shapes + observed) / (shapes + due))
            if np.abs(np.log(skill / before)).max() < TOLERANCE:
                break
        return beta, case, spread

    beta = alternate(whole, np.zeros(whole.shape[1]), True)[0][: plain.shape[1]]
    _, case, spread = alternate(plain, beta, False)
    return case, spread


def test_what_is_learned_is_what_dense_rows_teach() -> None:
    watched = world(4)
    found, (case, spread) = learn(watched), by_rows(watched)
    np.testing.assert_allclose(found.case_expected, case, rtol=1e-9)
    np.testing.assert_allclose(found.spread, spread, rtol=1e-8, atol=1e-300)


@pytest.mark.parametrize(("count", "institutions", "at_once"), [(1, 3, 4), (2, 1, 1), (100, 7, 9), (1000, 300, 400)])
def test_bounds_of_rows_that_come_in_parts_are_quantiles(count: int, institutions: int, at_once: int) -> None:
    draws = np.random.default_rng(count).gamma(2.0, size=(count, institutions))
    before, tail, tails = draws.copy(), (1 - LEVEL) / 2, Tails(count, LEVEL)
    for start in range(0, count, at_once):
        tails.add(draws[start : start + at_once])
    np.testing.assert_array_equal(draws, before)
    np.testing.assert_array_equal(np.stack(tails.between()), np.quantile(draws, [tail, 1 - tail], axis=0))
    ranks = np.argsort(np.argsort(-draws, axis=1), axis=1) + 1
    low, high = rank_bounds(draws)
    assert low.tolist() == np.quantile(ranks, tail, axis=0, method="lower").tolist()
    assert high.tolist() == np.quantile(ranks, 1 - tail, axis=0, method="higher").tolist()


def test_bounds_of_skills_are_those_of_all_draws_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    skills, ranked = learn(world(6)), np.array([0, 2, 5, 9])
    draws = skills.draws(700, 3)
    monkeypatch.setattr("evaluation.skill.AT_ONCE", 64)
    np.testing.assert_array_equal(skills.draws(700, 3), draws)
    told, tail = skills.bounds(ranked, 700, 3), (1 - LEVEL) / 2
    np.testing.assert_array_equal([told.low, told.high], np.quantile(draws, [tail, 1 - tail], axis=0))
    np.testing.assert_array_equal([told.rank_low, told.rank_high], rank_bounds(draws[:, ranked]))


def ranks_by_loops(
    skills: Skills, board: _Board, matured: NDArray[np.bool_], least: int
) -> dict[str, list[int | None]]:
    """Ranks of the scoreboard, one institution and one case left out at a time."""
    count = np.bincount(board.watched.institution, matured, board.watched.institutions)
    mean, harsh = skills.mean(), learn(board.silent).mean()
    ranked = [one for one in range(len(count)) if count[one] >= least]
    names = ("rank", "rank_if_silent_failed", "rank_without_best_case", "rank_without_worst_case")
    ranks: dict[str, list[int | None]] = {name: [None] * len(count) for name in names}
    for one in ranked:
        others = [mean[other] for other in ranked if other != one]
        ranks["rank"][one] = 1 + sum(mean[one] < other for other in others)
        ranks["rank_if_silent_failed"][one] = 1 + sum(harsh[one] < harsh[other] for other in ranked if other != one)
        own = np.flatnonzero(board.watched.institution == one)
        without = [
            skills.mean(
                skills.observed[[one]] - board.watched.success[case],
                skills.expected[[one]] - skills.case_expected[case],
            )[0]
            for case in own
        ]
        for name, at in (("best", int(np.argmin(without))), ("worst", int(np.argmax(without)))):
            if count[one] - matured[own[at]] >= least:
                ranks[f"rank_without_{name}_case"][one] = 1 + sum(without[at] < other for other in others)
    return ranks


@pytest.mark.parametrize("stage", ["met", "signed"])
def test_ranks_are_those_of_one_institution_at_a_time(sample_store: Store, stage: str) -> None:
    view = sample_store.view(AS_OF)
    board = _read(view, [], stage, None, None, {})
    table = scoreboard(view, [], stage=stage, least=2).set_index("institution_id").loc[board.ids]
    expected = ranks_by_loops(learn(board.watched), board, _matured(board, STAGES[stage]), 2)
    assert sum(rank is not None for rank in expected["rank"]) > 10
    for name, ranks in expected.items():
        assert [None if pd.isna(one) else int(one) for one in table[name]] == ranks, name


def test_the_case_that_helps_most_and_the_one_that_hurts_most_are_found_as_by_one_institution_at_a_time() -> None:
    watched = world(5)
    skills = learn(watched)
    without = _without_one(skills, watched)
    for number, (best, worst) in enumerate(zip(*_extremes(without, watched), strict=True)):
        own = np.flatnonzero(watched.institution == number)
        alone = [
            skills.mean(
                skills.observed[number : number + 1] - watched.success[case],
                skills.expected[number : number + 1] - skills.case_expected[case],
            )[0]
            for case in own
        ]
        assert without[own].tolist() == alone
        assert (best, worst) == (own[int(np.argmin(alone))], own[int(np.argmax(alone))])


def test_levels_of_awards_are_those_of_each_row(sample_store: Store) -> None:
    view = sample_store.view(AS_OF)
    rows = view.awards.select(["project_id", *WORDING]).to_pylist()
    best: dict[str, str] = {}
    for row, placed in zip(rows, place_awards(editions(), rows), strict=True):
        if placed.level:
            best[row["project_id"]] = max(best.get(row["project_id"], placed.level), placed.level, key=LEVELS.index)
    assert best
    assert _levels(view).to_dict() == best
    nothing = dataclasses.replace(view, awards=view.awards.slice(0, 0))
    assert _levels(nothing).empty and isinstance(_levels(nothing), pd.Series)
    unknown = pa.array(["x"] * view.awards.num_rows, pa.string())
    at = view.awards.schema.get_field_index("award")
    blurred = view.awards.set_column(at, view.awards.schema.field(at), unknown)
    assert set(_levels(dataclasses.replace(view, awards=blurred)).unique()) <= set(LEVELS)
