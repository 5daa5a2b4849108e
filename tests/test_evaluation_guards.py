"""Leaks: the future changes no score, shuffled labels fall to chance, a smuggled snapshot count is caught."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from tiny_export import AS_OF, tiny_export

from evaluation.baselines import BASELINES
from evaluation.crunchbase_rank import Ranker, rank_with_baselines
from evaluation.crunchbase_tables import Benchmark, Export, cut
from evaluation.crunchbase_tasks import TASKS, groups_of
from evaluation.leaks import Scorer, later, leaks
from evaluation.metrics import measure
from evaluation.past import Scores


@pytest.fixture(scope="module")
def export() -> Export:
    return tiny_export()


def by(name: str) -> Scorer:
    """A registered baseline, or the history family or one of its terms, as a scorer."""

    def score(export: Export, benchmark: Benchmark) -> Scores:
        for found, scores in Ranker(benchmark, {}).scorers():
            values = scores()
            if found == name:
                return values
        raise AssertionError(name)

    return score


NAMES = [*BASELINES, "history family alone", "term: history_sector", "term: history_activity"]


@pytest.mark.parametrize("task", TASKS)
def test_another_future_changes_nothing_that_is_asked_or_known(export: Export, task: str) -> None:
    other = later(export, AS_OF)
    assert len(other.edges) != len(export.edges) and other.companies != export.companies
    assert cut(export, AS_OF, task) == cut(other, AS_OF, task)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("task", ["cold", "warm"])
def test_no_method_reads_the_future(export: Export, name: str, task: str) -> None:
    assert leaks(by(name), export, AS_OF, task) == []


@pytest.mark.parametrize("name", NAMES)
def test_later_outcomes_in_the_market_change_nothing(export: Export, name: str) -> None:
    """Even where rows dated after the date get into the tables themselves."""
    benchmark = cut(export, AS_OF, "warm")
    last = {**benchmark.outcomes[0], "at": "2012-01-05"}
    outcomes = [*benchmark.outcomes, *({**last, "institution_id": f"/i/{number:02d}"} for number in range(9))]
    one, other = by(name)(export, benchmark), by(name)(export, replace(benchmark, outcomes=outcomes))
    np.testing.assert_array_equal(one, other)


def smuggled(export: Export, benchmark: Benchmark) -> Scores:
    """Naive Bayes, and the number of deals that each organisation has in the whole file."""
    ranker = Ranker(benchmark, {})
    made = Counter(edge["investor_permalink"] for edge in export.edges)
    counts = np.array([made[row["institution_id"]] for row in benchmark.institutions], np.float64)
    return BASELINES["naive Bayes"](ranker.past, ranker.rows) + np.log1p(counts)


def smuggled_column(export: Export, benchmark: Benchmark) -> Scores:
    """The same with a count that the snapshot brings in a column of its own."""
    ranker = Ranker(benchmark, {})
    told = {row["investor_permalink"]: float(row["invested_companies"]) for row in export.investors}
    counts = np.array([told[row["institution_id"]] for row in benchmark.institutions])
    return BASELINES["naive Bayes"](ranker.past, ranker.rows) + np.log1p(counts)


@pytest.mark.parametrize("scorer", [smuggled, smuggled_column])
def test_a_snapshot_count_is_caught(export: Export, scorer: Scorer) -> None:
    assert set(leaks(scorer, export, AS_OF)) == set(cut(export, AS_OF).grades)


def test_shuffled_labels_fall_to_chance(export: Export) -> None:
    """With the makers of past deals shuffled, nothing ranks better than chance; unshuffled, taste is found."""
    ours = ("sector match", "naive Bayes", "naive Bayes + round", "history family alone")
    names, recall = [*ours, "random"], "Recall@10"
    benchmark = cut(export, AS_OF)
    chance, found = 10 / len(benchmark.institutions), rank_with_baselines(benchmark, constants={})
    plain = {name: measure(benchmark.grades, _first(found[name]), [recall])[recall] for name in names}
    assert all(plain[name].mean() > chance + 0.15 for name in ours)
    rng, shuffled = np.random.default_rng(5), {name: [] for name in names}
    for _ in range(6):
        makers = rng.permutation([row["institution_id"] for row in benchmark.outcomes])
        outcomes = [
            {**row, "institution_id": str(maker)} for row, maker in zip(benchmark.outcomes, makers, strict=True)
        ]
        lists = rank_with_baselines(replace(benchmark, outcomes=outcomes), constants={})
        for name in names:
            shuffled[name].append(measure(benchmark.grades, _first(lists[name]), [recall])[recall].mean())
    for name in names:
        assert np.mean(shuffled[name]) == pytest.approx(chance, abs=0.06), name


def _first(lists: dict[str, list[str]]) -> dict[str, list[str]]:
    return {query: items[:10] for query, items in lists.items()}


@pytest.mark.parametrize("task", TASKS)
def test_what_a_query_had_before_is_neither_relevant_nor_listed(export: Export, task: str) -> None:
    benchmark = cut(export, AS_OF, task)
    assert any(benchmark.known.values()) == (task != "cold")
    for query, items in rank_with_baselines(benchmark)["popularity"].items():
        assert not benchmark.known[query] & set(items)
        assert not benchmark.known[query] & set(benchmark.grades[query])


def test_batches_stay_in_one_group_and_groups_are_organisations() -> None:
    def edge(company: str, investor: str, day: str = "2011-08-01") -> dict[str, str]:
        return {"company_permalink": company, "investor_permalink": investor, "funded_at": day}

    batch = [edge("a", "club"), edge("b", "club"), edge("b", "big", "2011-09-09")]
    rest = [edge(key, "big", f"2011-10-0{at}") for at, key in enumerate("cde", 1)] + [edge("f", "lone")]
    assert groups_of(batch + rest) == {**dict.fromkeys("abcde", "big"), "f": "lone"}


def test_strata_are_parts_of_the_question(export: Export) -> None:
    for task in TASKS:
        benchmark = cut(export, AS_OF, task)
        for name, part in benchmark.strata.items():
            assert part and all(set(items) <= set(benchmark.grades[key]) for key, items in part.items()), name
    found = cut(export, AS_OF, "deals").strata
    assert any("cold" in name for name in found)
