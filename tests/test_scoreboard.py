"""The scoreboard: chance is not skill, hard and young cases are no blame, few cases win nothing."""

from __future__ import annotations

import csv
import dataclasses
import io
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner

from app.cli import main
from data.problem import DuijieError
from data.sample.generator import AS_OF
from data.store import Store
from data.tables import OUTCOMES, PROJECTS, TABLES
from data.view import View
from evaluation.scoreboard import COLUMNS, scoreboard
from evaluation.scoreboard_simulation import HARD, covered, equal_skills, mix_bias, order_recovered, simulate
from evaluation.skill import LEVEL, Watched, apart, learn, rank_bounds

BEGIN, TODAY = date(2021, 1, 1), date(2022, 7, 1)

# Simulated worlds whose truth is known


def test_equal_institutions_are_ranked_apart_no_more_often_than_the_error_rate() -> None:
    any_pair, pairs = equal_skills(150, seed=1)
    assert any_pair <= 1 - LEVEL
    assert pairs <= any_pair


def test_different_institutions_are_ranked_apart_and_the_right_way() -> None:
    found = covered(50, seed=1)
    assert found["apart"] > 0.002
    assert found["wrong"] <= 0.02
    assert found["rank"] >= 0.95
    assert found["skill"] >= 0.85


def test_the_true_order_is_recovered_better_than_by_raw_rates() -> None:
    ours, raw, gain = order_recovered(50, seed=1)
    assert gain.low > 0.05
    assert ours.mean > raw.mean > 0


def test_hard_and_young_cases_are_no_blame() -> None:
    for ours, raw in mix_bias(100, seed=1).values():
        assert raw.high < -0.15
        assert abs(ours.mean) < 0.08


def test_skilled_institutions_that_take_the_hard_cases_do_not_make_them_look_easy() -> None:
    rng = np.random.default_rng(2)
    ours, pooled = [], []
    for _ in range(40):
        watched = simulate(rng, 0.5, tie=1.5).watched
        together = dataclasses.replace(watched, institution=np.zeros_like(watched.institution), institutions=1)
        for errors, cases in ((ours, watched), (pooled, together)):
            hard, easy = learn(cases).coefficients
            errors.append(easy - hard - np.log(1 / HARD))
    assert np.mean(pooled) < -0.3
    assert abs(np.mean(ours)) < 0.5 * abs(np.mean(pooled))


# The model


def world(seed: int = 3) -> Watched:
    return simulate(np.random.default_rng(seed), 0.4).watched


def test_expected_times_skill_is_observed() -> None:
    skills = learn(world())
    assert skills.mean() @ skills.expected == pytest.approx(skills.observed.sum(), rel=0.02)
    assert skills.case_expected.sum() == pytest.approx(skills.expected.sum())


def test_a_skill_lies_between_its_own_ratio_and_the_market() -> None:
    skills = learn(world())
    ratio, mean = skills.observed / skills.expected, skills.mean()
    assert ((mean - ratio) * (mean - 1) <= 1e-9).all()
    few, many = skills.mean(np.array([1.0, 10.0]), np.array([0.5, 5.0]))
    assert 1 < few < many < 2


def test_draws_agree_with_the_mean_and_are_the_same_for_a_seed() -> None:
    skills = learn(world())
    draws = skills.draws(20_000, 5)
    np.testing.assert_allclose(draws.mean(axis=0), skills.mean(), rtol=0.03)
    np.testing.assert_array_equal(draws, skills.draws(20_000, 5))
    assert not np.array_equal(draws, skills.draws(20_000, 6))


def test_leaving_a_case_out_is_as_learning_without_it() -> None:
    watched = world()
    skills = learn(watched)
    case = int(np.flatnonzero(watched.success)[0])
    number = watched.institution[case : case + 1]
    short = skills.mean(skills.observed[number] - 1, skills.expected[number] - skills.case_expected[case])
    keep = np.arange(len(watched.days)) != case
    fewer = dataclasses.replace(
        watched,
        institution=watched.institution[keep],
        covariates=watched.covariates[keep],
        days=watched.days[keep],
        success=watched.success[keep],
    )
    np.testing.assert_allclose(short, learn(fewer).mean()[number], rtol=0.05)


def test_a_market_without_success_or_without_differences_can_be_read() -> None:
    watched = world()
    none = dataclasses.replace(watched, success=np.zeros_like(watched.success))
    assert (learn(none).expected == 0).all()
    assert (learn(none).rate(learn(none).mean(), 365) == 0).all()
    plain = dataclasses.replace(watched, covariates=np.zeros((len(watched.days), 0)))
    assert learn(plain).expected.sum() > 0


def test_ranks_apart_are_ranks_that_do_not_touch() -> None:
    draws = np.array([[3.0, 2.0, 1.0]] * 50 + [[3.0, 1.0, 2.0]] * 50)
    low, high = rank_bounds(draws)
    assert (low.tolist(), high.tolist()) == ([1, 2, 2], [1, 3, 3])
    assert apart(low, high).tolist() == [[False, True, True], [False] * 3, [False] * 3]


# From events to rows


class Market:
    """Events of a small market, written row by row."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.projects: dict[str, str] = {}

    def case(self, institution: str, begin: date, end: tuple[str, int] | None = None, stage: str = "market") -> None:
        project = f"P{len(self.projects):04d}"
        self.projects[project] = stage
        self._event(project, institution, "introduced", begin)
        if end:
            self._event(project, institution, end[0], begin + timedelta(days=end[1]))

    def cases(self, institution: str, good: int, bad: int, begin: date = BEGIN, stage: str = "market") -> None:
        for number in range(good):
            self.case(institution, begin, ("delivered", 60 + 5 * number), stage)
        for number in range(bad):
            self.case(institution, begin, ("declined", 20 + number), stage)

    def _event(self, project: str, institution: str, event: str, at: date) -> None:
        told = {"project_id": project, "institution_id": institution, "channel": "financing", "event": event, "at": at}
        self.rows.append({**dict.fromkeys(OUTCOMES.names), **told})

    def view(self, as_of: date = TODAY) -> View:
        rows = [row for row in self.rows if row["at"] <= as_of]  # type: ignore[operator]
        projects = [
            {**dict.fromkeys(PROJECTS.names), "project_id": key, "name": key, "stage": stage}
            for key, stage in self.projects.items()
        ]
        empty = {name: TABLES[name].schema.empty_table() for name in ("institutions", "awards", "needs", "judging")}
        return View(
            as_of=as_of,
            projects=pa.Table.from_pylist(projects, schema=PROJECTS.schema),
            outcomes=pa.Table.from_pylist(rows, schema=OUTCOMES.schema),
            **empty,
        )


def usual(market: Market) -> Market:
    """Ten institutions that achieve three of twelve."""
    for number in range(10):
        market.cases(f"N{number}", 3, 9)
    return market


def board(market: Market, entries: list[dict[str, object]] | None = None, **options: object) -> pd.DataFrame:
    return scoreboard(market.view(), entries or [], **options).set_index("institution_id")  # type: ignore[arg-type]


def test_nobody_wins_with_one_of_one() -> None:
    market = usual(Market())
    market.cases("LUCKY", 1, 0)
    market.cases("GOOD", 14, 6)
    found = board(market)
    assert found.loc["LUCKY", "raw_rate"] == 1 and pd.isna(found.loc["LUCKY", "rank"])
    assert found.loc["GOOD", "rank"] == 1
    assert found.index[-1] == "LUCKY"
    assert board(market, least=1).loc["LUCKY", "rank"] > 1  # shrinking alone would do
    assert found.loc["LUCKY", "high"] - found.loc["LUCKY", "low"] > found.loc["GOOD", "high"] - found.loc["GOOD", "low"]


def test_a_board_where_nobody_has_enough_cases_has_no_ranks() -> None:
    market = Market()
    market.cases("ONE", 1, 0)
    market.cases("TWO", 0, 1)
    found = board(market)
    assert found["rank"].isna().all() and found["rank_low"].isna().all()
    assert (found["low"] <= found["adjusted_rate"]).all() and (found["adjusted_rate"] <= found["high"]).all()


def test_open_cases_are_no_failures() -> None:
    market = usual(Market())
    market.cases("GOOD", 9, 3)
    before = board(market).loc["GOOD"]
    for _ in range(20):
        market.case("GOOD", TODAY - timedelta(days=10))
    after = board(market).loc["GOOD"]
    assert (after["open"], after["matured"], after["not_called"]) == (20, before["matured"], 0)
    assert after["raw_rate"] < before["raw_rate"] / 2
    assert after["adjusted_rate"] == pytest.approx(before["adjusted_rate"], rel=0.05)
    assert after["rank"] == before["rank"] == 1


def test_hard_cases_are_held_against_hard_cases() -> None:
    market = Market()
    for number in range(8):
        market.cases(f"N{number}", 6, 6, stage="market")
        market.cases(f"N{number}", 1, 11, stage="lab")
    market.cases("HARD", 4, 20, stage="lab")
    market.cases("EASY", 10, 14, stage="market")
    found = board(market)
    assert found.loc["HARD", "raw_rate"] < found.loc["EASY", "raw_rate"]
    assert found.loc["HARD", "adjusted_rate"] > found.loc["EASY", "adjusted_rate"]
    assert found.loc["HARD", "rank"] < found.loc["EASY", "rank"]


def test_silence_is_neither_success_nor_failure_and_does_not_pay() -> None:
    market = usual(Market())
    market.cases("QUIET", 4, 2)
    for _ in range(14):
        market.case("QUIET", BEGIN)
    silent = board(market)
    assert silent.loc["QUIET", ["not_called", "matured"]].tolist() == [14, 6]
    assert silent.loc["QUIET", "rank"] == 1 < silent.loc["QUIET", "rank_if_silent_failed"]
    calls: list[dict[str, object]] = [
        {
            "seq": number,
            "payload": {
                "kind": "called",
                "project_id": row["project_id"],
                "institution_id": "QUIET",
                "channel": "financing",
                "on": "2022-06-30",
                "result": "contacted",
            },
        }
        for number, row in enumerate(market.rows)
        if row["institution_id"] == "QUIET"
    ]
    called = board(market, calls)
    assert called.loc["QUIET", ["not_called", "matured"]].tolist() == [0, 20]
    assert called.loc["QUIET", "expected"] > silent.loc["QUIET", "expected"] + 1
    assert called.loc["QUIET", "adjusted_rate"] < silent.loc["QUIET", "adjusted_rate"]


def test_one_case_can_carry_a_rank_and_that_is_told() -> None:
    market = usual(Market())
    market.cases("TOP", 4, 8)
    market.cases("NEXT", 3, 7)
    found = board(market)
    assert found.loc["TOP", "rank"] == 1 < found.loc["TOP", "rank_without_best_case"]
    ranked = found[found["rank"].notna()]
    assert (ranked["rank_without_best_case"] >= ranked["rank"]).all()
    assert (ranked["rank_without_worst_case"] <= ranked["rank"]).all()
    assert ((ranked["rank_low"] <= ranked["rank"]) & (ranked["rank"] <= ranked["rank_high"])).all()
    market.cases("EDGE", 2, 3)
    assert pd.isna(board(market).loc["EDGE", "rank_without_best_case"])  # four cases would be too few


def test_the_stage_and_the_channel_are_what_is_asked_for() -> None:
    market = usual(Market())
    market.case("N0", BEGIN, ("met", 5))
    assert board(market, stage="met").loc["N0", "observed"] == 4
    assert board(market).loc["N0", "observed"] == 3
    with pytest.raises(DuijieError, match=r"scoreboard\.empty"):
        board(market, channel="placement")
    with pytest.raises(DuijieError, match=r"scoreboard\.stage"):
        board(market, stage="loved")


def test_past_deals_that_were_no_introductions_count_for_nobody() -> None:
    market = usual(Market())
    before = board(market)
    market._event("P9999", "N0", "delivered", BEGIN)
    pd.testing.assert_frame_equal(board(market), before)


def test_the_order_of_events_does_not_matter() -> None:
    market = usual(Market())
    market.cases("GOOD", 9, 3)
    first = board(market)
    market.rows.reverse()
    pd.testing.assert_frame_equal(board(market), first)


def test_the_command_gives_the_table_for_the_sample(sample_store: Store, tmp_path: Path) -> None:
    out = tmp_path / "b.csv"
    words = ["scoreboard", "--store", str(sample_store.path), "--as-of", AS_OF.isoformat(), "--stage", "met"]
    result = CliRunner().invoke(main, [*words, "--out", str(out)])
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    ranks = [int(row["rank"]) for row in rows if row["rank"]]
    assert ranks == sorted(ranks) and len(ranks) > 20
    assert all(int(row["matured"]) >= 5 for row in rows if row["rank"])
    assert all(int(row["matured"]) < 5 for row in rows if not row["rank"])
    told = {row["institution_id"]: row for row in rows}
    view = sample_store.view(AS_OF)
    met = view.outcomes.to_pandas().query("event in ['met', 'second_contact', 'intent', 'signed', 'delivered']")
    introduced = view.outcomes.to_pandas().query("event == 'introduced'")
    keys = ["project_id", "institution_id", "channel"]
    pairs = introduced[keys].drop_duplicates().merge(met[keys].drop_duplicates())
    expected = pairs.groupby("institution_id").size()
    assert {key: int(row["observed"]) for key, row in told.items() if row["observed"] != "0"} == expected.to_dict()
