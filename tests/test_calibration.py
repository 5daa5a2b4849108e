"""Probabilities: learned from the past alone, refused where it is too short, honest on later cases."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner

from app.cli import main
from data.store import Store
from data.tables import TABLES
from data.view import View
from evaluation.calibration import judge, later_reliability
from matcher.calibrating import CONSTANT, ISOTONIC, LOGISTIC, compare, fit, learn, past_cases, score_pairs, split
from matcher.calibration import NEVER, Calibration, Curve, choose, from_json, save, scorer_fingerprint, stamps
from matcher.channel import channels
from matcher.market import build_market
from matcher.pipeline import rank_channel
from matcher.run import make_manifest, rank_view
from matcher.settings import CalibrationSettings, Settings

LEXICAL = Settings(encoder="none")
BEGIN = pd.Timestamp("2020-01-01")


def simulated(n: int = 1500, slope: float = 1.2, seed: int = 0) -> pd.DataFrame:
    """Cases whose chance is a logistic function of the score; several a project, over five years."""
    rng = np.random.default_rng(seed)
    score = rng.normal(0, 1, n)
    reached = rng.random(n) < 1 / (1 + np.exp(1.0 - slope * score))
    frame = pd.DataFrame(
        {
            "project_id": [f"P{at}" for at in rng.integers(0, n // 4, n)],
            "institution_id": "I",
            "introduced": BEGIN + pd.to_timedelta(np.sort(rng.integers(0, 1800, n)), unit="D"),
            "score": score,
            "accepted": reached.astype(float),
            "delivered": np.nan,
        }
    )
    return frame


def truth(score: np.ndarray, slope: float = 1.2) -> np.ndarray:
    return 1 / (1 + np.exp(1.0 - slope * score))


def learned(frame: pd.DataFrame) -> Calibration:
    return learn("financing", frame, date(2025, 1, 1), LEXICAL, "s")


def test_the_curve_is_the_true_one_within_its_interval() -> None:
    asked = np.linspace(-1.5, 1.5, 13)
    covered = []
    for seed in range(8):
        curve = learned(simulated(seed=seed)).curves["accepted"]
        value, low, high = curve.at(asked)
        assert np.abs(value - truth(asked)).max() < 0.1
        assert ((low <= value) & (value <= high)).all()
        covered.append(((low <= truth(asked)) & (truth(asked) <= high)).mean())
    assert np.mean(covered) > 0.85


def test_a_score_that_says_nothing_gives_the_base_rate_and_a_step_a_step() -> None:
    told = learned(simulated(slope=0.0, seed=3)).curves["accepted"]
    assert max(told.probability) - min(told.probability) < 0.1
    step = simulated(3000, seed=4)
    rng = np.random.default_rng(4)
    step["accepted"] = (
        rng.random(len(step)) < np.where(step.score.abs() < 0.1, 0.9, np.where(step.score > 0, 0.5, 0.1))
    ) * 1.0
    step.loc[step.score.between(0.1, 9), "accepted"] = (rng.random(int(step.score.between(0.1, 9).sum())) < 0.9) * 1.0
    losses = compare(step, "accepted", 90)
    assert min(losses, key=lambda name: losses[name]) == ISOTONIC
    assert learned(step).curves["accepted"].method == ISOTONIC


@pytest.mark.parametrize("method", [CONSTANT, LOGISTIC, ISOTONIC])
def test_no_method_ever_says_never_or_always(method: str) -> None:
    score = np.linspace(0, 1, 60)
    found = fit(method, score, (score > 0.5) * 1.0)(np.array([-50.0, 0.0, 0.5, 1.0, 50.0]))
    assert (found > 0).all()
    assert (found < 1).all()


def test_too_little_history_is_refused_and_says_why() -> None:
    told = learned(simulated(150))
    assert not told.curves
    assert "150 introduced cases" in told.refused["accepted"]
    few = simulated(400).assign(accepted=0.0)
    few.loc[:10, "accepted"] = 1.0
    assert "11 of 400" in learned(few).refused["accepted"]
    assert "0 introduced cases" in learned(simulated()).refused["delivered"]


def test_later_cases_never_teach_what_they_judge() -> None:
    frame = simulated()
    earlier, later = split(frame, 90)
    assert (earlier.introduced + pd.Timedelta(days=90)).max() <= later.introduced.min()
    assert 0.25 < len(later) / len(frame) < 0.35


def test_reliability_on_later_cases() -> None:
    told = later_reliability(simulated(), "accepted", 90)
    assert told is not None
    assert told.error < 0.08
    assert told.skill.low > 0
    best = truth(split(simulated(), 90)[1].score.to_numpy())
    assert told.brier.low < float((best * (1 - best)).mean()) < told.brier.high
    assert sum(part.cases for part in told.bins) == told.later
    coverage = [part.coverage for part in told.abstaining]
    assert coverage == sorted(coverage, reverse=True)
    first, last = told.abstaining[0].precision, told.abstaining[-1].precision
    assert first is not None
    assert last is not None
    assert last > first + 0.15
    json.dumps(told.as_dict())
    assert later_reliability(simulated(80), "accepted", 90) is None


def test_probabilities_that_are_wrong_are_seen_to_be() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.1, 0.9, 3000)
    reached, groups = rng.random(3000) < p, [str(at // 3) for at in range(3000)]
    plain = np.full(3000, 0.5)
    right, wrong = judge(p, plain, reached, groups), judge(np.sqrt(p), plain, reached, groups)
    assert right["error"] < 0.04 < 0.1 < wrong["error"]
    assert right["brier"].high < wrong["brier"].low
    assert right["skill"].low > 0


def curve(low: float = 0.01, high: float = 0.6, at: tuple[float, float] = (-2.0, 4.0)) -> Curve:
    return Curve(90, LOGISTIC, at, (low, high), (low / 2, high / 2), (low * 1.5, high * 1.5), 300, 100, {LOGISTIC: 0.5})


def calibration(as_of: date = date(2022, 6, 1), scorer: str = "s", channel: str = "financing") -> Calibration:
    return Calibration(channel, as_of, scorer, {"accepted": curve()}, {"delivered": "too little"})


def test_a_file_is_read_as_it_was_written() -> None:
    told = calibration()
    assert from_json(told.to_json()) == told
    assert from_json(told.to_json()).digest == told.digest


def test_only_what_was_learned_earlier_and_for_the_same_scorer_is_used(tmp_path: Path) -> None:
    encoder = {"name": "none"}

    def chosen(day: date, settings: Settings = LEXICAL, code: str = "c") -> Calibration | str:
        return choose(tmp_path, ["financing"], day, settings, encoder, code)["financing"]

    assert chosen(date(2022, 7, 1)) == NEVER
    scorer = scorer_fingerprint("financing", LEXICAL, encoder, "c")
    old, new = calibration(date(2022, 1, 1), scorer), calibration(date(2022, 6, 1), scorer)
    for told in (new, old, calibration(date(2022, 6, 15), "other")):
        save(tmp_path, told)
    assert chosen(date(2022, 7, 1)) == new
    assert chosen(date(2022, 6, 1)) == new
    assert chosen(date(2022, 5, 31)) == old
    assert "later dates only" in chosen(date(2021, 12, 31))
    weights = dataclasses.replace(LEXICAL, weights={"financing": {"bm25": 0.1}})
    days = dataclasses.replace(LEXICAL, calibration=CalibrationSettings(accepted_days=60))
    for other in (
        chosen(date(2022, 7, 1), weights),
        chosen(date(2022, 7, 1), days),
        chosen(date(2022, 7, 1), code="d"),
    ):
        assert "changed since" in other
    other_seed = dataclasses.replace(LEXICAL, seed=8)
    assert chosen(date(2022, 7, 1), other_seed) == new


def test_the_manifest_names_the_calibration_or_says_why_there_is_none() -> None:
    told = stamps({"financing": calibration(), "services": "why"}, ["financing", "services", "placement"], "accepted")
    assert told["financing"]["id"] == calibration().digest
    assert told["services"] == {"none": "why"}
    assert told["placement"] == {"none": NEVER}
    assert stamps({"financing": calibration()}, ["financing"], "delivered") == {"financing": {"none": "too little"}}


@pytest.fixture(scope="module")
def view(sample_store: Store, sample_as_of: date) -> View:
    return sample_store.view(sample_as_of)


def test_a_run_carries_probabilities_and_names_their_source(view: View) -> None:
    told = {"financing": calibration()}
    manifest = make_manifest(view, ["financing"], LEXICAL, 20, {"name": "none"}, told)
    plain = make_manifest(view, ["financing"], LEXICAL, 20, {"name": "none"})
    assert manifest["run_id"] != plain["run_id"]
    tables = rank_view(view, manifest, LEXICAL, None, None, told)
    matches, chances = tables["matches_financing"].to_pandas(), tables["probabilities_financing"].to_pandas()
    able = matches.status == "recommended"
    assert matches.probability[able].notna().all()
    assert matches.probability[~able].isna().all()
    ordered = matches[able].sort_values("score")
    assert ordered.probability.is_monotonic_increasing
    assert list(chances.columns) == ["accepted", "accepted_low", "accepted_high"]
    pd.testing.assert_series_equal(chances.accepted, matches.probability, check_names=False)
    assert (chances.accepted_low <= chances.accepted)[able].all()
    without = rank_view(view, plain, LEXICAL, None)
    assert without["matches_financing"].column("probability").null_count == matches.shape[0]
    assert "probabilities_financing" not in without
    assert without["contributions_financing"].equals(tables["contributions_financing"])


def test_scores_of_pairs_are_those_of_a_run(view: View) -> None:
    market = build_market(view, channels()["financing"], LEXICAL, None)
    ranked = rank_channel(market, np.ones(market.n_projects, bool), 5).ranked
    order = np.lexsort((ranked.cols, ranked.rows))
    found = score_pairs(market, ranked.rows[order], ranked.cols[order])
    expected = np.where(ranked.failed[order] == 0, ranked.score[order], np.nan)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_what_is_dated_later_teaches_nothing(sample_intake: object, sample_store: Store, tmp_path: Path) -> None:
    day = date(2022, 1, 1)
    store = Store(tmp_path / "s.duckdb")
    tables = dict(sample_intake.tables)  # type: ignore[attr-defined]
    known = [(row["project_id"], row["institution_id"]) for row in tables["outcomes"].to_pylist() if row["at"] <= day]
    later = [
        {**dict.fromkeys(TABLES["outcomes"].names), "project_id": p, "institution_id": i, "channel": "services"}
        | {"event": "accepted", "at": day + timedelta(days=1)}
        for p, i in dict.fromkeys(known)
    ]
    store.write(tables, [], actor="test", note={})
    store.write({"outcomes": pa.Table.from_pylist(later, schema=TABLES["outcomes"].schema)}, [], actor="test", note={})
    before, after = (past_cases(s.view, channels()["services"], day, LEXICAL, None) for s in (sample_store, store))
    assert len(before) > 20
    pd.testing.assert_frame_equal(before, after)


def test_the_command_keeps_a_calibration(sample_intake: object, sample_as_of: date, tmp_path: Path) -> None:
    store = Store(tmp_path / "s.duckdb")
    store.write(sample_intake.tables, [], actor="test", note={})  # type: ignore[attr-defined]
    (tmp_path / "duijie.toml").write_text('encoder = "none"\n[calibration]\ncases = 20\npositives = 5\n')
    words = ["--store", str(store.path), "--settings", str(tmp_path / "duijie.toml")]
    told = CliRunner().invoke(
        main, ["calibrate", *words, "--channel", "challenge", "--as-of", sample_as_of.isoformat()]
    )
    assert told.exit_code == 0, told.output
    assert "challenge · accepted" in told.output
    assert "delivered: 不给概率" in told.output
    kept = list((store.runs_folder / "calibrations").iterdir())
    assert len(kept) == 1
    found = from_json(kept[0].read_text())
    assert found.curves["accepted"].cases >= 20
    assert found.as_of == sample_as_of
    told = CliRunner().invoke(
        main, ["calibrate", *words, "--channel", "challenge", "--as-of", "2020-01-01", "--format", "json"]
    )
    assert [row["none"][:4] for row in json.loads(told.stdout)] == ["满期对接"] * 2
