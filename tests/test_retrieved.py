"""What is known of a block from the first pass need not be asked again: it says the same."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.sample.generator import AS_OF
from data.store import Store
from evaluation.bench_duijie import Hashed
from matcher.block import match_block
from matcher.candidates import FUSED, Pairs, found_by, prepare, retrieval, sorted_order
from matcher.channel import channels
from matcher.gate import may_rank
from matcher.market import ChannelMarket, build_market
from matcher.pipeline import propose
from matcher.settings import CandidateSettings, Settings

BLOCK = 256, 300


@pytest.fixture(scope="module")
def financing(sample_store: Store) -> ChannelMarket:
    """The financing channel of the sample market, with vectors that need no model."""
    few = CandidateSettings(exhaustive_below=0, per_retriever=20, per_institution=20)
    settings = Settings(encoder="none", candidates=few)
    view = sample_store.view(AS_OF)
    return build_market(view, channels()["financing"], settings, Hashed().encode)


def test_every_family_says_of_pairs_what_its_matrix_says(financing: ChannelMarket) -> None:
    prepared = prepare(financing, *BLOCK)
    draw = np.random.default_rng(5)
    rows, cols = draw.integers(0, BLOCK[1] - BLOCK[0], 500), draw.integers(0, financing.n_institutions, 500)
    asked = 0
    for name, block in prepared.items():
        matrix, values = block.matrix(), block.matrix_at(rows, cols)
        assert (matrix is None) == (values is None), name
        if matrix is not None and values is not None:
            np.testing.assert_array_equal(values, matrix[rows, cols], name)
            asked += 1
    assert asked >= 4


def test_found_are_the_best_of_every_matrix(financing: ChannelMarket) -> None:
    prepared = prepare(financing, *BLOCK)
    matrices, bars = retrieval(financing, prepared)
    assert list(bars.floors) == list(matrices)
    assert FUSED in matrices
    rows, cols = (part.ravel() for part in np.indices(matrices[FUSED].shape))
    found, names = found_by(prepared, bars, rows, cols)
    assert names == tuple(matrices)
    for bit, matrix in enumerate(matrices.values()):
        best = np.sort(matrix, axis=1)[:, -financing.settings.candidates.per_retriever]
        assert ((found >> bit & 1) == (matrix >= best[:, None]).ravel()).all()


def test_a_block_is_ranked_alike_with_and_without_the_first_pass(financing: ChannelMarket) -> None:
    free = may_rank(financing.market.view.projects, financing.market.view.awards, "financing")
    proposals = propose(financing, free)
    n = financing.n_institutions
    start, stop = 256, financing.n_projects
    mine = proposals.keys[proposals.keys >= start * n] - start * n
    pairs = Pairs((mine // n).astype(np.intp), (mine % n).astype(np.intp))
    told = match_block(financing, start, stop, pairs, 10, bars=proposals.bars[start])
    asked = match_block(financing, start, stop, pairs, 10)
    assert told.retrievers == asked.retrievers
    assert len(np.unique(told.found)) > 5
    for field in dataclasses.fields(told):
        if field.name != "retrievers":
            np.testing.assert_array_equal(getattr(told, field.name), getattr(asked, field.name), field.name)


@given(st.lists(st.integers(-3, 3) | st.integers(-(2**60), 2**60), max_size=60))
def test_whole_numbers_are_sorted_as_they_stand(numbers: list[int]) -> None:
    keys = np.array(numbers, np.int64)
    np.testing.assert_array_equal(sorted_order(keys), np.argsort(keys, kind="stable"))


def test_a_few_equal_numbers_among_many_keep_their_order() -> None:
    keys = np.random.default_rng(1).integers(0, 2**40, 20_000)
    keys[5::97] = keys[3]
    keys[::1000] = keys[7]
    np.testing.assert_array_equal(sorted_order(keys), np.argsort(keys, kind="stable"))
