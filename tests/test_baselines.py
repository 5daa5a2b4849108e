"""Baselines on a tiny market: all that are registered, the collaborative ones against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_export import AS_OF, tiny_export

from data.problem import DuijieError
from data.registry import discover
from evaluation.baseline import BUDGET, tuned
from evaluation.baselines import BASELINES, Past
from evaluation.baselines.ials import solve
from evaluation.crunchbase_rank import Ranker
from evaluation.crunchbase_tables import cut, market_of
from evaluation.crunchbase_tasks import TASKS
from evaluation.exposure import exposure, gini
from evaluation.metrics import measure
from evaluation.past import best, ranks
from evaluation.tuning import as_csv, tune

ISSUE = (
    "random",
    "popularity",
    "recent popularity",
    "sector match",
    "region match",
    "naive Bayes",
    "naive Bayes + round",
    "equal-weight RRF",
    "item-kNN",
    "RP3beta",
    "EASE",
    "iALS",
)
COLLABORATIVE = ("item-kNN", "RP3beta", "EASE", "iALS")


@pytest.fixture(scope="module")
def warm() -> Ranker:
    return Ranker(cut(tiny_export(), AS_OF, "warm"), {})


@pytest.fixture(scope="module")
def cold() -> Ranker:
    return Ranker(cut(tiny_export(), AS_OF, "cold"), {})


def test_all_are_found_in_the_order_of_tables() -> None:
    assert tuple(BASELINES) == ISSUE
    assert tuple(name for name, found in BASELINES.items() if found.collaborative) == COLLABORATIVE


def test_an_empty_registry_fails() -> None:
    with pytest.raises(DuijieError, match=r"registry\.empty|no module"):
        discover("evaluation.baselines", "NOTHING")


@pytest.mark.parametrize("name", BASELINES)
def test_scores_are_finite_and_repeatable(name: str, warm: Ranker, cold: Ranker) -> None:
    for ranker in (warm, cold):
        one = BASELINES[name](ranker.past, ranker.rows)
        assert one.shape == (len(ranker.rows), len(ranker.items)) and np.all(np.isfinite(one))
        np.testing.assert_array_equal(one, BASELINES[name](Past(market_of(ranker.benchmark)), ranker.rows))
        np.testing.assert_array_equal(one[3:5], BASELINES[name](ranker.past, ranker.rows[3:5]))


@pytest.mark.parametrize("name", [name for name in BASELINES if name != "random" and "opular" not in name])
def test_better_than_chance_where_there_is_something_to_learn(name: str, warm: Ranker) -> None:
    """But for popularity: all organisations of this market are about equally active."""

    def quality(which: str) -> float:
        lists = warm.lists(BASELINES[which](warm.past, warm.rows), 5)
        return float(measure(warm.benchmark.grades, lists, ["nDCG@5"])["nDCG@5"].mean())

    assert quality(name) > quality("random") + 0.05


@pytest.mark.parametrize("name", COLLABORATIVE)
def test_without_a_history_a_collaborative_one_is_naive_bayes(name: str, cold: Ranker) -> None:
    theirs = BASELINES["naive Bayes + round"](cold.past, cold.rows)
    np.testing.assert_array_equal(best(BASELINES[name](cold.past, cold.rows), 9), best(theirs, 9))


@pytest.mark.parametrize("name", BASELINES)
def test_grids_are_declared_and_inside_the_budget(name: str) -> None:
    found = BASELINES[name]
    assert 1 <= len(found.trials()) <= BUDGET
    assert set(found.grid) <= set(found.default)
    for trial in found.trials():
        assert set(trial) == set(found.grid)
    assert len(found.trials(1)) == 1


def test_kept_constants_are_of_the_grids() -> None:
    for task in TASKS:
        for name, told in tuned(task).items():
            for key, value in told.items():
                assert value in BASELINES[name].grid[key], (task, name, key)
        tunable = {name for name, b in BASELINES.items() if b.grid and not (task == "cold" and b.collaborative)}
        assert set(tuned(task)) == tunable


def test_tuning_finds_the_better_setting_and_writes_it() -> None:
    cuts = [cut(tiny_export(seed), AS_OF, "cold") for seed in (1, 2)]
    found = tune(cuts, ["recent popularity", "naive Bayes"])
    assert set(found["naive Bayes"]) == set(BASELINES["naive Bayes"].grid)
    assert as_csv("cold", {"x": {"k": 2.0}}) == "task,baseline,constant,value\ncold,x,k,2\n"


def test_ranks() -> None:
    assert ranks(np.array([[0.1, 0.9, 0.1]])).tolist() == [[2, 1, 3]]


def test_ease_is_the_ridge_regression_of_each_column_on_the_others(warm: Ranker) -> None:
    """Column j of the weights minimises |x_j - X b|^2 + ridge |b|^2 with b_j = 0."""
    x, ridge, j = warm.past.pairs.toarray(), 7.0, 4
    others = np.delete(x, j, axis=1)
    b = np.linalg.solve(others.T @ others + ridge * np.eye(others.shape[1]), others.T @ x[:, j])
    precision = np.linalg.inv(x.T @ x + ridge * np.eye(x.shape[1]))
    weights = -precision[:, j] / precision[j, j]
    np.testing.assert_allclose(np.delete(weights, j), b, atol=1e-10)
    full = -precision / precision.diagonal()[None, :]
    np.fill_diagonal(full, 0.0)
    mine = BASELINES["EASE"](warm.past, warm.rows, {"ridge": ridge})
    np.testing.assert_array_equal(best(mine, 3), best(np.round(x[warm.rows] @ full, 14), 3))


def test_ials_solves_the_weighted_least_squares_of_a_row(warm: Ranker) -> None:
    """Gradient of sum_seen (1 - u v)^2 + w sum_all (u v)^2 + ridge (n + w N) |u|^2 vanishes."""
    pairs, other = warm.past.pairs, np.random.default_rng(0).normal(size=(len(warm.items), 5))
    weight, ridge = 0.1, 0.02
    mine, row = solve(pairs, other, weight, ridge), int(warm.rows[0])
    seen, u = pairs[[row]].toarray()[0] > 0, mine[row]
    gradient = other[seen].T @ (other[seen] @ u - 1.0) + weight * other.T @ (other @ u)
    gradient += ridge * (seen.sum() + weight * len(other)) * u
    np.testing.assert_allclose(gradient, 0.0, atol=1e-10)


def test_rp3beta_walks_with_the_probabilities_of_the_three_steps(warm: Ranker) -> None:
    x = warm.past.pairs.toarray()
    forth, back = x / np.maximum(x.sum(1, keepdims=True), 1), (x / np.maximum(x.sum(0), 1)).T
    walk = np.round(forth[warm.rows] @ back @ forth, 12)
    mine = BASELINES["RP3beta"](warm.past, warm.rows, {"alpha": 1.0, "beta": 0.0})
    top = best(mine, 5)
    np.testing.assert_allclose(np.take_along_axis(walk, top, 1), np.take_along_axis(walk, best(walk, 5), 1), atol=1e-12)


def test_exposure_by_hand() -> None:
    found = exposure({"p": ["a", "b"], "q": ["a", "c"], "r": ["a"]}, ["a", "b", "c", "d"], k=1)
    assert (found.coverage, found.largest, found.gini) == (0.25, 1.0, 0.75)
    found = exposure({"p": ["a", "b"], "q": ["a", "c"], "r": ["a"]}, ["a", "b", "c", "d"], k=2)
    assert (found.coverage, found.largest) == (0.75, 1.0)
    assert found.gini == pytest.approx(0.45)  # 0 1 1 3: (-3*0 - 1*1 + 1*1 + 3*3) / (4 * 5)
    assert gini(np.array([2, 2, 2])) == 0.0 and gini(np.zeros(3, int)) == 0.0
    assert exposure({}, ["a"]).largest == 0.0
