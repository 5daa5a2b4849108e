"""Measures, intervals and tests, against ir_measures, exact enumeration and figures worked out by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.problem import DuijieError
from evaluation.metrics import measure, measure_with_ir_measures
from evaluation.significance import bootstrap_interval, holm, paired_interval, paired_randomisation

NAMES = ("Recall@3", "Recall@10", "nDCG@3", "nDCG@10", "nDCG-linear@10", "MRR", "MRR@10")
ITEMS = [f"i{n:02d}" for n in range(14)]


def test_by_hand() -> None:
    grades = {"q": {"a": 2, "b": 1, "c": 0, "d": 1}}
    found = measure(grades, {"q": ["c", "b", "a"]}, NAMES)
    assert found["Recall@3"].tolist() == [2 / 3]
    assert found["MRR"].tolist() == [0.5]
    gained = 1 / math.log2(3) + 3 / math.log2(4)
    ideal = 3 + 1 / math.log2(3) + 1 / math.log2(4)
    assert found["nDCG@10"][0] == pytest.approx(gained / ideal)
    linear = (1 / math.log2(3) + 2 / math.log2(4)) / (2 + 1 / math.log2(3) + 1 / math.log2(4))
    assert found["nDCG-linear@10"][0] == pytest.approx(linear)


def test_a_query_without_an_answer_counts_as_zero_and_one_without_relevant_items_not_at_all() -> None:
    grades = {"answered": {"a": 1}, "missing": {"a": 1}, "nothing": {"a": 0}}
    for found in (
        measure(grades, {"answered": ["a"]}, NAMES),
        measure_with_ir_measures(grades, {"answered": ["a"]}, NAMES),
    ):
        assert all(values.tolist() == [1.0, 0.0] for values in found.values())


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["q1", "q2", "q3"]),
        st.dictionaries(st.sampled_from(ITEMS), st.integers(0, 3), min_size=1),
        min_size=1,
    ),
    st.dictionaries(
        st.sampled_from(["q1", "q2", "q4"]), st.permutations(ITEMS).flatmap(lambda p: st.just(p[: len(p) - 2]))
    ),
)
def test_equal_to_ir_measures(grades: dict[str, dict[str, int]], rankings: dict[str, list[str]]) -> None:
    if not any(grade for items in grades.values() for grade in items.values()):
        return
    ours, theirs = measure(grades, rankings, NAMES), measure_with_ir_measures(grades, rankings, NAMES)
    for name in NAMES:
        np.testing.assert_allclose(ours[name], theirs[name], atol=1e-9, err_msg=name)


@pytest.mark.parametrize(
    ("grades", "ranking", "name", "code"),
    [
        ({"q": {"a": 1}}, ["a", "a"], "MRR", "metrics.twice"),
        ({"q": {"a": 0}}, ["a"], "MRR", "metrics.empty"),
        ({"q": {"a": 1}}, ["a"], "Recall", "metrics.unknown"),
        ({"q": {"a": 1}}, ["a"], "AUC@3", "metrics.unknown"),
    ],
)
def test_misuse_is_an_error(grades: dict[str, dict[str, int]], ranking: list[str], name: str, code: str) -> None:
    with pytest.raises(DuijieError) as caught:
        measure(grades, {"q": ranking}, [name])
    assert caught.value.code == code


def test_bootstrap_interval_is_near_the_normal_one() -> None:
    scores = np.random.default_rng(1).normal(0.3, 0.2, 400)
    found = bootstrap_interval(scores)
    half = 1.96 * scores.std() / 20
    assert found.mean == pytest.approx(scores.mean())
    assert found.low == pytest.approx(scores.mean() - half, abs=0.003)
    assert found.high == pytest.approx(scores.mean() + half, abs=0.003)
    assert bootstrap_interval(scores) == found  # seeded


def test_copies_in_one_group_add_no_certainty() -> None:
    scores = np.random.default_rng(2).random(60)
    copied, groups = np.repeat(scores, 5), np.repeat(np.arange(60), 5).tolist()
    plain, grouped, naive = bootstrap_interval(scores), bootstrap_interval(copied, groups), bootstrap_interval(copied)
    assert (grouped.low, grouped.high) == pytest.approx((plain.low, plain.high))
    assert naive.high - naive.low < 0.6 * (grouped.high - grouped.low)


def test_randomisation_agrees_with_all_sign_patterns() -> None:
    ours, theirs = np.array([0.9, 0.4, 0.7, 0.6, 0.5, 0.8]), np.array([0.5, 0.5, 0.4, 0.2, 0.4, 0.7])
    difference = ours - theirs
    flipped = [abs(np.dot(signs, difference)) for signs in itertools.product((-1, 1), repeat=6)]
    exact = np.mean(np.array(flipped) >= abs(difference.sum()) - 1e-12)
    assert paired_randomisation(ours, theirs) == pytest.approx(exact, abs=0.015)
    assert paired_randomisation(ours, ours) == 1.0
    assert paired_randomisation(ours, theirs, ["g"] * 6) == 1.0  # one group can only be flipped whole


def test_paired_interval_and_misuse() -> None:
    ours = np.random.default_rng(3).random(200)
    found = paired_interval(ours + 0.05, ours)
    assert (found.low, found.mean, found.high) == pytest.approx((0.05, 0.05, 0.05))
    with pytest.raises(DuijieError, match="same queries"):
        paired_randomisation(ours, ours[:-1])
    with pytest.raises(DuijieError):
        bootstrap_interval(ours, ["g"])


def test_holm() -> None:
    assert holm({"a": 0.04, "b": 0.01, "c": 0.03}) == pytest.approx({"a": 0.06, "b": 0.03, "c": 0.06})
