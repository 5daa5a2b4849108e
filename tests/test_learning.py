"""The learned ranker: honest about time, a sum like any other score, and never in the way where it did not win."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from test_history import AS_OF, Row, deal, institution, market, project

from data.intake import Intake
from data.problem import DuijieError
from data.store import Store
from evaluation.learning import Trial, leaders, ndcg, trial
from evaluation.significance import Interval
from features.families.learned import FAMILY
from features.family import Market
from features.learned import model as learning
from features.learned.columns import GROUPS, Columns, base
from features.learned.cuts import HORIZON_DAYS, Question, ask, cuts
from features.learned.model import Model, dealt, gather, look_back, train
from matcher.taught import Taught, choose, save, stamp

PLACES = [("浙江省", "杭州市"), ("广东省", "深圳市"), ("北京市", "北京市"), ("四川省", "成都市")]
SECTORS = ["人工智能", "新材料", "生物医药", "智能装备"]


def busy_market(seed: int = 3, size: int = 400) -> Market:
    """Four years in which each institution has a favourite place, sector and round."""
    rng = np.random.default_rng(seed)
    funds = [institution(f"f{at}", province=PLACES[at % 4][0], city=PLACES[at % 4][1]) for at in range(16)]
    projects: list[Row] = []
    deals: list[Row] = []
    for at in range(size):
        place, sector, round_ = rng.integers(4), rng.integers(4), ["天使轮", "A轮", "B轮"][rng.integers(3)]
        told = project(f"p{at:04d}", province=PLACES[place][0], city=PLACES[place][1], sectors=[SECTORS[sector]])
        projects.append(told)
        taste = [(fund % 4 == place) * 2.0 + (fund // 4 == sector) * 2.0 for fund in range(16)]
        chance = np.exp(taste) / np.exp(taste).sum()
        day = int(rng.integers(1, 1500))
        for fund in rng.choice(16, size=2, replace=False, p=chance):
            deals.append(deal(told["project_id"], f"f{fund}", day, round=round_))
    return market(projects, funds, deals)


@pytest.fixture(scope="module")
def told() -> Market:
    return busy_market()


@pytest.fixture(scope="module")
def model(told: Market) -> Model:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "ROUNDS", 20)
        patch.setitem(learning.PARAMETERS, "min_data_in_leaf", 20)
        return train(gather(told, "cold"), seeds=2)


def test_no_question_looks_past_the_markets_own_date() -> None:
    found = list(cuts(AS_OF, AS_OF - timedelta(days=1200)))
    assert len(found) == 6
    assert all(cut + timedelta(days=horizon) <= AS_OF for cut, horizon in found)
    assert max(horizon for _, horizon in found) == HORIZON_DAYS


def test_heads_part_those_without_a_deal_from_those_with_one(told: Market) -> None:
    cut = AS_OF - timedelta(days=400)
    deals = Columns(told).deals
    cold, warm = (ask(deals, cut, HORIZON_DAYS, head) for head in ("cold", "warm"))
    assert len(cold.rows) > 50
    assert not set(cold.rows) & set(warm.rows)
    day = (cut - date(1970, 1, 1)).days
    before = set(deals.project[deals.day < day].tolist())
    assert not before & set(cold.rows.tolist())
    assert set(warm.rows.tolist()) <= before
    assert all(cold.rounds)


def test_what_happened_after_the_date_changes_no_column(told: Market) -> None:
    question = ask(Columns(told).deals, AS_OF - timedelta(days=600), 200, "cold")
    shuffled = Question(question.cut, question.rows, question.rounds, question.asked, question.found[::-1].copy())
    later = [deal(f"p{at:04d}", "f0", 30) for at in range(50)]
    more = told.view.outcomes.to_pylist() + later
    other = market(told.view.projects.to_pylist(), told.view.institutions.to_pylist(), more)
    first, second, third = look_back(told, question), look_back(told, shuffled), look_back(other, question)
    assert np.array_equal(first.table, second.table, equal_nan=True)
    assert np.array_equal(first.table, third.table, equal_nan=True)
    assert first.found.sum() > 0


def test_the_groups_add_up_to_the_margin(told: Market, model: Model) -> None:
    asked = gather(told, "cold")[0]
    parts = model.contributions(asked.table, asked.groups)
    assert parts.shape == (len(asked.table), len(GROUPS))
    assert np.allclose(parts.sum(axis=1), model.margin(asked.table), atol=1e-4)
    assert np.abs(parts).sum(axis=0).min() > 0
    again = Model.from_text(model.to_text())
    assert np.array_equal(again.margin(asked.table), model.margin(asked.table))


def test_trees_find_the_taste_that_was_planted(told: Market, model: Model) -> None:
    asked = gather(told, "cold")[0]
    chance = ndcg(np.random.default_rng(0).random(asked.base.shape), asked).mean()
    assert ndcg(model.margin(asked.table).reshape(asked.base.shape), asked).mean() > chance + 0.2


def test_the_family_is_silent_without_a_model_and_a_sum_with_one(told: Market, model: Model) -> None:
    rows, cols = np.repeat(np.arange(5), 16), np.tile(np.arange(16), 5)
    silent = FAMILY.fit(told).block(0, 5).pairs(rows, cols)
    assert all(not values.any() for values in silent.values())
    fresh = busy_market(seed=4, size=60)
    fresh = market(
        [*fresh.view.projects.to_pylist(), project("new", province="浙江省", sectors=["新材料"])],
        fresh.view.institutions.to_pylist(),
        fresh.view.outcomes.to_pylist(),
    )
    taught = Market(fresh.view, fresh.channel, (), (), None, {}, {}, {"cold": model})
    row = fresh.view.projects.num_rows - 1
    found = FAMILY.fit(taught).block(row, row + 1).pairs(np.zeros(16, np.intp), np.arange(16))
    columns = Columns(taught)
    tables = columns.tables(np.array([row]))
    order = np.argsort(-base(tables)[0], kind="stable")
    table, _, _ = columns.pairs(np.array([row]), tables, np.zeros(16, np.intp), order)
    total = sum(found.values())
    assert np.allclose(total[order], model.margin(table), atol=1e-4)
    dealt_before = FAMILY.fit(taught).block(0, 1).pairs(np.zeros(16, np.intp), np.arange(16))
    assert all(not values.any() for values in dealt_before.values())  # a warm project, and no warm model


def test_pairs_that_dealt_stand_last_among_candidates(told: Market) -> None:
    columns = Columns(told)
    rows = np.arange(10)
    known = dealt(columns, rows)
    assert known.sum() == 20
    found = learning.candidates(base(columns.tables(rows)), known)
    assert found.shape == (10, 16)
    assert not np.take_along_axis(known, found[:, :14], axis=1).any()


def test_too_little_history_teaches_nothing_and_decides_nothing() -> None:
    few = busy_market(size=30)
    with pytest.raises(DuijieError, match="past pairs"):
        train(gather(few, "cold"))
    told = trial(few, "cold")
    assert not told.won
    assert told.difference is None


def test_only_an_interval_above_nothing_wins() -> None:
    some = Interval(0.2, 0.1, 0.3)
    assert not Trial("cold", (), 200, some, some, Interval(0.01, 0.0, 0.02)).won
    assert Trial("cold", (), 200, some, some, Interval(0.01, 0.001, 0.02)).won


def test_projects_of_one_busy_institution_are_one_group() -> None:
    question = Question(AS_OF, np.arange(3), ["", "", ""], np.array([0, 0, 1, 2]), np.array([5, 7, 7, 9]))
    assert leaders(question).tolist() == [7, 7, 9]


def test_a_run_takes_the_last_models_of_its_date_that_won(tmp_path: Path, model: Model) -> None:
    assert choose(tmp_path, ["financing"], AS_OF) == {}
    assert stamp({}) == "transparent"
    save(tmp_path, Taught("financing", "2022-01-01", {"cold": model}, []))
    save(tmp_path, Taught("financing", "2023-01-01", {}, [{"won": False}]))
    assert choose(tmp_path, ["financing"], date(2021, 12, 31)) == {}
    found = choose(tmp_path, ["financing", "placement"], AS_OF)
    assert list(found) == ["financing"]
    told = stamp(found)
    assert isinstance(told, dict)
    assert told["financing"]["heads"] == ["cold"]
    assert choose(tmp_path, ["financing"], date(2023, 6, 1)) == {}  # the last trial lost


@pytest.mark.slow
def test_a_run_with_a_model_says_so_and_its_reasons_add_up(
    sample_intake: Intake, sample_as_of: date, model: Model, tmp_path: Path
) -> None:
    from app.explaining import explain
    from app.lists import list_matches, list_reasons
    from app.system import System
    from matcher.settings import Settings

    store = Store(tmp_path / "s.duckdb")
    store.write(sample_intake.tables, [], actor="test", note={})
    system = System(store, Settings(encoder="none"))
    plain = system.match(["financing"], sample_as_of)
    assert plain.manifest["ranker"] == "transparent"
    save(store.runs_folder, Taught("financing", sample_as_of.isoformat(), {"cold": model, "warm": model}, []))
    run = system.match(["financing"], sample_as_of)
    assert run.manifest["ranker"]["financing"]["heads"] == ["cold", "warm"]
    assert run.run_id != plain.run_id
    found = list_matches(system, "financing", "projects", top=3)
    reasons = list_reasons(system, run, "financing", found).to_pandas()
    assert reasons["code"].str.startswith("learned_").any()
    sums = reasons.groupby(["project_id", "institution_id"])["weight"].sum()
    for row in found.to_pylist():
        assert abs(sums[row["project_id"], row["institution_id"]] - row["score"]) < 1e-9
    first = found.to_pylist()[0]
    told = explain(system, first["project_id"], first["institution_id"], ("financing",))[0]
    assert abs(told["score"] - first["score"]) < 1e-6


def test_attributes_nobody_names_are_unknown_and_break_nothing() -> None:
    bare = market([project("a"), project("b")], [institution("f")], [deal("a", "f", 900), deal("b", "f", 100)])
    columns = Columns(bare)
    rows = np.array([0, 1])
    table, names, _ = columns.pairs(rows, columns.tables(rows), rows, np.array([0, 0]))
    told = dict(zip(names, table.T, strict=True))
    assert np.isnan(told["lift sector"]).all()
    assert not told["deals sector"].any()
