"""Pooling, hubs, sentence interaction and the semantic family, with vectors made by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.tables import TABLES
from data.view import View
from features import hubness, interaction, pooling
from features.families.semantic import FAMILY, RULING, SemanticState, SilentState, emphasis
from features.family import Floats, Market
from features.hubness import fit_local_scale
from features.interaction import Table, best_sentences
from features.pooling import Side, novelty_of, pool_side, unit
from features.reading import Claim, Reading

WIDTH = 32
TOPICS = ("芯片", "疫苗", "风机", "水稻", "遥感", "焊接", "菌剂", "光纤")


def vector(text: str) -> Floats:
    """A vector that depends on the first two characters mostly, so that "芯片…" are near to each other."""
    common = np.random.default_rng(1).normal(size=WIDTH)
    theme = np.random.default_rng([ord(character) for character in text[:2]]).normal(size=WIDTH)
    own = np.random.default_rng([ord(character) for character in text]).normal(size=WIDTH)
    return np.asarray(3 * common + 2 * theme + 0.6 * own, np.float32)


def encode(texts: Sequence[str]) -> Floats:
    """Unit rows, nearly constant as raw E5 vectors are."""
    return unit(np.array([vector(text) for text in texts], np.float32).reshape(len(texts), WIDTH))


def market(
    projects: Sequence[Reading],
    institutions: Sequence[Reading],
    encoder: Callable[[Sequence[str]], Floats] | None = encode,
) -> Market:
    """A market with nothing but texts."""
    empty = {name: table.schema.empty_table() for name, table in TABLES.items()}
    view = View(
        date(2025, 1, 1),
        *(empty[name] for name in ("projects", "institutions", "outcomes", "awards", "needs", "judging")),
    )
    return Market(view, "financing", projects, institutions, encoder, {})


def topical(side: str, count: int) -> list[Reading]:
    """Texts that name a topic once, among boilerplate that is never the same twice."""
    made = []
    for number in range(count):
        topic = TOPICS[number % len(TOPICS)]
        boilerplate = [f"团队{side}{number}{part}实力雄厚经验丰富" for part in "甲乙丙"]
        made.append(Reading((f"{topic}{side}{number}", *boilerplate, f"{topic}相关业务{side}{number}号")))
    return made


def some_side(seed: int, counts: Sequence[int]) -> Side:
    """A side of random vectors with ``counts`` sentences a text."""
    texts = [[f"{seed}-{text}-{place}" for place in range(count)] for text, count in enumerate(counts)]
    drawn = np.random.default_rng(seed)
    return pool_side(texts, lambda flat: unit(drawn.normal(size=(len(flat), 6)).astype(np.float32)))


sides = st.builds(some_side, st.integers(0, 99), st.lists(st.integers(0, 4), min_size=1, max_size=6))


def naive_answer(left: Side, right: Side, row: int, col: int) -> float:
    """The definition, one sentence at a time."""
    mine = range(left.starts[row], left.starts[row + 1])
    theirs = range(right.starts[col], right.starts[col + 1])
    if not len(mine) or not len(theirs):
        return float("nan")
    total = 0.0
    for asked in theirs:
        vector = right.sentences[asked].astype(np.float64)
        best = max(float(left.sentences[i].astype(np.float64) @ vector * np.sqrt(left.novelty[i])) for i in mine)
        total += float(right.weights[asked]) * best
    return total


@settings(max_examples=40, deadline=None)
@given(sides, sides, st.sampled_from([0.0, 2.0]), st.sampled_from([1, 256]))
def test_answers_follow_their_definition_whole_or_gathered(left: Side, right: Side, dense: float, tile: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interaction, "DENSE_SHARE", dense)
        patch.setattr(interaction, "_COLUMNS", tile)
        patch.setattr(interaction, "_ROWS", tile)
        n, m = len(left.pooled), len(right.pooled)
        rows, cols = np.divmod(np.random.default_rng(0).permutation(n * m), m)
        expected = [naive_answer(left, right, row, col) for row, col in zip(rows, cols, strict=True)]
        table = Table(left, right)
        np.testing.assert_allclose(table.pairs(rows, cols), expected, atol=1e-5)
        np.testing.assert_allclose(table(np.arange(n), np.arange(m))[rows, cols], expected, atol=1e-5)


def test_only_the_heaviest_sentences_take_part() -> None:
    left, right = some_side(3, [30, 2]), some_side(4, [20, 1])
    table = Table(left, right)
    assert table.mine.shape == (2, interaction.MOST_ASKED) and table.theirs.shape == (2, interaction.MOST_ASKING)
    heaviest = np.argsort(-right.weights[:20], kind="stable")[: interaction.MOST_ASKING]
    assert sorted(table.theirs[0]) == sorted(heaviest)
    np.testing.assert_allclose(table.weight.sum(axis=1), 1, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(sides, sides)
def test_evidence_is_the_most_alike_pair_of_sentences(left: Side, right: Side) -> None:
    n, m = len(left.pooled), len(right.pooled)
    rows, cols = np.divmod(np.arange(n * m), m)
    found = best_sentences(left, right, rows, cols)
    for row, col, mine, theirs in zip(rows, cols, *found, strict=True):
        a, b = slice(left.starts[row], left.starts[row + 1]), slice(right.starts[col], right.starts[col + 1])
        alike = left.sentences[a].astype(np.float32) @ right.sentences[b].astype(np.float32).T
        alike *= np.sqrt(np.outer(left.novelty[a], right.novelty[b]))
        if alike.size:
            assert alike[mine, theirs] == pytest.approx(alike.max(), abs=1e-6)
        else:
            assert (mine, theirs) == (-1, -1)


@settings(max_examples=40, deadline=None)
@given(sides)
def test_a_pooled_side_keeps_its_promises(side: Side) -> None:
    length = np.linalg.norm(side.pooled, axis=1)
    np.testing.assert_array_equal(side.pooled[~side.said], 0)
    assert np.all((np.abs(length - 1) < 1e-4) | (length == 0))
    assert np.all((side.novelty > 0) & (side.novelty <= 1))
    for start, stop in zip(side.starts, side.starts[1:], strict=False):
        assert stop == start or side.weights[start:stop].sum() == pytest.approx(1, abs=1e-5)


def test_paraphrased_boilerplate_loses_its_weight() -> None:
    subjects = [chr(0x6000 + 37 * number) + chr(0x7000 + 53 * number) for number in range(40)]
    texts = [[f"团队{subject}实力雄厚", f"{subject}的研究", f"团队{subject}经验丰富"] for subject in subjects]
    weights = pool_side(texts, encode).weights.reshape(40, 3)
    by_length = len(texts[0][1]) / sum(map(len, texts[0]))
    assert weights[:, 1].min() > 1.3 * by_length
    assert weights[:, 1].mean() > 2 * by_length


def test_one_text_has_no_boilerplate() -> None:
    side = pool_side([["芯片", "芯片", "芯片"]], encode)
    np.testing.assert_array_equal(side.novelty, 1)
    assert np.linalg.norm(side.pooled[0]) == pytest.approx(1, abs=1e-5)


def test_a_sentence_repeated_within_one_text_stays_novel() -> None:
    texts = [["芯片一", "芯片二", "芯片三"], *([topic] for topic in TOPICS[1:])]
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    raw = encode([sentence for text in texts for sentence in text]).astype(np.float16)
    novelty = novelty_of(raw, owner)
    assert novelty[:3].min() > 0.5


def test_the_mean_is_trusted_with_the_number_of_texts() -> None:
    trusted = [float(pooling.trust(count)) for count in range(40)]
    assert trusted[0] == trusted[1] == 0
    assert trusted == sorted(trusted)
    assert trusted[pooling.TRUSTED_TEXTS] == trusted[-1] == 1


def test_centring_takes_out_what_a_side_has_in_common() -> None:
    texts = [[f"{TOPICS[number % 8]}{number}"] for number in range(32)]
    raw = encode([text[0] for text in texts])
    side = pool_side(texts, encode)
    assert float((raw @ raw.T).mean()) > 0.6
    assert abs(float((side.pooled @ side.pooled.T).mean())) < 0.01


def test_emphasis_moves_the_weight() -> None:
    texts = [["芯片一", "疫苗一"], ["风机", "水稻"]]
    plain = pool_side(texts, encode)
    moved = pool_side(texts, encode, np.array([3, 1, 1, 0.3], np.float32))
    assert moved.weights[0] > plain.weights[0]
    assert moved.weights[3] < plain.weights[3]
    assert moved.novelty[3] < plain.novelty[3] and moved.novelty[0] == plain.novelty[0]


def test_what_rules_out_counts_less_and_the_name_more() -> None:
    claims = (Claim("sector", "x", -1, False, "不投化工。"), Claim("sector", "y", 1, False, "只投芯片。"))
    found = emphasis([Reading(("某基金", "只投芯片。", "不投化工。"), claims)])
    assert found.tolist() == [2.0, 1.0, pytest.approx(RULING)]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 9))
def test_levels_follow_their_definition(n: int, m: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(n, m)).astype(np.float32)
    local = fit_local_scale(lambda rows, cols: values[np.ix_(rows, cols)], n, m)
    for levels, table in ((local.left, values), (local.right, values.T)):
        others = table.shape[1]
        near = min(int(np.clip(round(others**0.5 / 2), hubness.FEWEST, hubness.MOST)), others)
        expected = np.sort(table, axis=1)[:, -near:].mean(axis=1) * pooling.trust(others)
        np.testing.assert_allclose(levels, expected, atol=1e-5)
    rows, cols = np.divmod(np.arange(n * m), m)
    scaled = local(values[rows, cols], rows, cols)
    if n * m > 1:
        assert abs(float(scaled.mean())) < 1e-3
        assert float(scaled.std()) == pytest.approx(1, abs=1e-3)


def test_a_hub_no_longer_leads_every_list() -> None:
    values = np.eye(20, dtype=np.float32) * 0.6
    values[:, 7] = 0.7
    local = fit_local_scale(lambda rows, cols: values[np.ix_(rows, cols)], 20, 20)
    rows, cols = np.divmod(np.arange(400), 20)
    corrected = local(values[rows, cols], rows, cols).reshape(20, 20)
    assert values.argmax(axis=1).tolist() == [7] * 20
    assert corrected.argmax(axis=1).tolist() == list(range(20))


def test_unknown_pairs_take_no_part_in_levels() -> None:
    values = np.array([[1, np.nan], [np.nan, np.nan], [3, np.nan]], np.float32)
    local = fit_local_scale(lambda rows, cols: values[np.ix_(rows, cols)], 3, 2)
    assert np.isfinite(local.left).all() and np.isfinite(local.right).all()
    assert np.isnan(local(values[:, 1], np.arange(3), np.ones(3, np.intp))).all()


def test_the_family_finds_the_topic_under_boilerplate() -> None:
    projects, institutions = topical("项", 24), topical("机", 16)
    state = FAMILY.fit(market(projects, institutions))
    block = state.block(0, 24)
    rows, cols = np.divmod(np.arange(24 * 16), 16)
    found = block.pairs(rows, cols)
    assert set(found) == {feature.name for feature in FAMILY.features}
    same = rows % 8 == cols % 8
    for values in (*found.values(), block.matrix()[rows, cols]):  # type: ignore[index]
        assert values.dtype == np.float32
        assert values[same].min() > values[~same].max()


def test_evidence_names_the_sentences_about_the_topic() -> None:
    projects, institutions = topical("项", 24), topical("机", 16)
    state = FAMILY.fit(market(projects, institutions))
    assert isinstance(state, SemanticState)
    for row in range(8, 12):
        mine, theirs = state.block(8, 16).evidence(row - 8, row)  # type: ignore[attr-defined]
        assert projects[row].sentences[mine].startswith(TOPICS[row % 8])
        assert institutions[row].sentences[theirs].startswith(TOPICS[row % 8])


def test_blocks_do_not_change_the_features() -> None:
    state = FAMILY.fit(market(topical("项", 20), topical("机", 9)))
    cols = np.arange(9)
    whole = state.block(0, 20).pairs(np.repeat(np.arange(20), 9), np.tile(cols, 20))
    for start, stop in ((0, 7), (7, 8), (8, 20)):
        part = state.block(start, stop).pairs(np.repeat(np.arange(stop - start), 9), np.tile(cols, stop - start))
        for name, values in part.items():
            np.testing.assert_allclose(values, whole[name].reshape(20, 9)[start:stop].ravel(), atol=1e-5)


def test_texts_without_sentences_are_unknown() -> None:
    projects = [*topical("项", 8), Reading()]
    institutions = [Reading(), *topical("机", 8)]
    state = FAMILY.fit(market(projects, institutions))
    rows, cols = np.array([8, 0, 0, 8]), np.array([1, 0, 1, 0])
    for values in state.block(0, 9).pairs(rows, cols).values():
        assert np.isnan(values).tolist() == [True, True, False, True]
    left, right = state.sentences(rows, cols)  # type: ignore[attr-defined]
    assert left.tolist()[:2] == [-1, -1] and right.tolist()[:2] == [-1, -1]
    assert np.isfinite(state.block(0, 9).matrix()).all()  # type: ignore[arg-type]


@pytest.mark.parametrize(("projects", "institutions"), [(0, 0), (0, 3), (3, 0), (1, 1), (2, 1)])
def test_tiny_markets_are_ranked(projects: int, institutions: int) -> None:
    state = FAMILY.fit(market(topical("项", projects), topical("机", institutions)))
    block = state.block(0, projects)
    rows, cols = np.divmod(np.arange(projects * institutions), max(institutions, 1))
    for values in block.pairs(rows, cols).values():
        assert np.isfinite(values).all()
    assert block.matrix().shape == (projects, institutions)  # type: ignore[union-attr]


def test_a_single_project_still_orders_institutions() -> None:
    state = FAMILY.fit(market([Reading(("疫苗项目",))], [Reading((topic + "方向",)) for topic in TOPICS]))
    assert int(state.block(0, 1).pairs(np.zeros(8, np.intp), np.arange(8))["semantic"].argmax()) == 1


def test_without_an_encoder_everything_is_unknown() -> None:
    state = FAMILY.fit(market(topical("项", 3), topical("机", 3), None))
    assert isinstance(state, SilentState)
    block = state.block(0, 3)
    assert block.matrix() is None
    assert all(np.isnan(values).all() for values in block.pairs(np.arange(3), np.arange(3)).values())
    assert state.sentences(np.arange(2), np.arange(2))[0].tolist() == [-1, -1]
    assert block.evidence(0, 0) == (-1, -1)


def test_a_feature_without_weight_is_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("computed")

    given = market(topical("项", 3), topical("机", 3))
    unweighted = Market(**{**given.__dict__, "weights": {"semantic_sentence": 0.0}})
    monkeypatch.setattr(Table, "pairs", refuse)
    monkeypatch.setattr(Table, "__call__", refuse)
    state = FAMILY.fit(unweighted)
    assert np.isnan(state.block(0, 3).pairs(np.arange(3), np.arange(3))["semantic_sentence"]).all()


def test_a_state_can_be_sent_to_another_process() -> None:
    import pickle

    state = FAMILY.fit(market(topical("项", 4), topical("机", 4)))
    again = pickle.loads(pickle.dumps(state))
    np.testing.assert_array_equal(again.block(0, 4).matrix(), state.block(0, 4).matrix())
