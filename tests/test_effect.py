"""Effects from logged places: on simulated logs with known truth, and from the runs of a store."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from app.cli import main
from data.problem import DuijieError
from data.runs import save_run
from data.store import Store
from data.tables import OUTCOMES, TABLES
from evaluation.effect import Effect, measure_effect, table_of
from evaluation.effect_estimators import DR, IPS, NAIVE, SNIPS, Answer, effect, policy_value
from evaluation.effect_log import Log, read_log

RUNS, PROJECTS, POOL, HEAD = 500, 120, 20, 8
Numbers = NDArray[np.float64]


class Simulated:
    """One log: each project lists a head by score and draws some of a pool; outcomes hang on score and place.

    The chance of an outcome without a place is ``base``, with one ``base + gain``; ``base`` rises with the score and
    varies with the project. ``truth`` is the mean gain of the pool.
    """

    def __init__(self, seed: int, gain: float, drawn: tuple[int, ...] = (3, 4, 6), level: float = 0.16) -> None:
        rng = np.random.default_rng(seed)
        n = HEAD + POOL
        self.score = -np.sort(-rng.normal(0, 1, (PROJECTS, n)), axis=1)
        k = rng.choice(drawn, PROJECTS)
        order = rng.random((PROJECTS, POOL)).argsort(axis=1).argsort(axis=1)
        self.shown = np.c_[np.ones((PROJECTS, HEAD), bool), order < k[:, None]]
        self.chance = np.c_[np.ones((PROJECTS, HEAD)), np.repeat(k / POOL, POOL).reshape(PROJECTS, POOL)]
        luck = rng.normal(0, 0.03, (PROJECTS, 1))
        base = np.clip(level * (1 + 0.3 * self.score) + luck * level / 0.16, 0.0, 0.6)
        added = gain * (1 + 0.3 * np.tanh(self.score))
        self.truth = float(added[:, HEAD:].mean())
        self.with_place = base + added
        self.outcome = (rng.random((PROJECTS, n)) < base + added * self.shown).astype(float)
        self.project = np.repeat(np.arange(PROJECTS), n).reshape(PROJECTS, n)

    def flat(self, name: str) -> Numbers:
        return getattr(self, name).ravel()  # type: ignore[no-any-return]

    def effect(self) -> Answer:
        return effect(*(self.flat(name) for name in ("shown", "chance", "outcome", "score", "project")))

    def value(self, wanted: Numbers) -> Answer:
        told = [self.flat(name) for name in ("shown", "chance", "outcome", "score", "project")]
        return policy_value(told[0], told[1], wanted.ravel(), *told[2:], listing=told[-1])


def logs(gain: float, first: int, drawn: tuple[int, ...] = (3, 4, 6), level: float = 0.16) -> Iterator[Simulated]:
    for seed in range(first, first + RUNS):
        yield Simulated(seed, gain, drawn, level)


def covered(answers: list[Answer], truths: list[float], name: str) -> float:
    told = [answer.estimates[name] for answer in answers]
    return float(np.mean([e.low <= truth <= e.high for e, truth in zip(told, truths, strict=True)]))


@pytest.fixture(scope="module")
def helped() -> list[tuple[Answer, float]]:
    return [(log.effect(), log.truth) for log in logs(0.12, 0)]


@pytest.mark.parametrize("name", [IPS, SNIPS, DR])
def test_intervals_cover_the_true_effect(helped: list[tuple[Answer, float]], name: str) -> None:
    answers, truths = zip(*helped, strict=True)
    assert covered(list(answers), list(truths), name) >= 0.9
    bias = np.mean([answer.estimates[name].value - truth for answer, truth in helped])
    assert abs(bias) < 0.005


def test_the_naive_difference_is_biased(helped: list[tuple[Answer, float]]) -> None:
    bias = np.mean([answer.estimates[NAIVE].value - truth for answer, truth in helped])
    assert bias > 0.03
    assert covered([answer for answer, _ in helped], [truth for _, truth in helped], NAIVE) < 0.5


def test_the_model_makes_it_sharper(helped: list[tuple[Answer, float]]) -> None:
    width = {name: np.mean([a.estimates[name].high - a.estimates[name].low for a, _ in helped]) for name in (IPS, DR)}
    assert width[DR] < width[IPS]


def test_no_effect_is_called_an_effect_at_most_5_percent_of_the_time() -> None:
    answers = [log.effect() for log in logs(0.0, 10_000)]
    for name in (SNIPS, DR):
        assert np.mean([answer.estimates[name].shown for answer in answers]) <= 0.05


@pytest.mark.parametrize("level", [0.005, 0.03, 0.05])
def test_where_outcomes_are_rare_it_is_refused_rather_than_mistaken(level: float) -> None:
    """An arm in which nothing came looks certain; with 520 drawn places .04 is where refusing begins."""
    told = [log.effect() for log in logs(0.0, 50_000, level=level)]
    for name in (SNIPS, DR):
        assert np.mean([not a.support.refused and a.estimates[name].shown for a in told]) <= 0.05
    if level == 0.005:
        assert all("outcomes" in answer.support.refused for answer in told)


def test_a_broken_overlap_is_refused_every_time() -> None:
    """Nothing drawn at all; and so little drawn that the treated arm is a handful."""
    for log in logs(0.12, 20_000, drawn=(0,)):
        assert "no pair" in log.effect().support.refused
    for log in logs(0.12, 30_000):
        few = np.random.default_rng(0).random(log.shown.shape) < 0.002
        log.shown[:, HEAD:], log.chance[:, HEAD:] = few[:, HEAD:], 0.002
        answer = log.effect()
        assert answer.support.refused
        assert not answer.estimates


def test_intervals_cover_the_value_of_another_policy() -> None:
    """The other policy gives the drawn places to the best of the pool instead."""
    answers, truths, gains = [], [], []
    for log in logs(0.1, 40_000):
        size = log.shown.sum(axis=1)
        wanted = (np.arange(HEAD + POOL)[None, :] < size[:, None]).astype(float)
        answers.append(log.value(wanted))
        truths.append(float((wanted * log.with_place).sum(axis=1).mean()))
        gains.append(truths[-1] - float((log.chance * log.with_place).sum(axis=1).mean()))
    for name in (IPS, SNIPS, DR):
        assert covered(answers, truths, name) >= 0.9
    assert covered(answers, gains, "gain") >= 0.9


def test_a_policy_that_was_never_tried_is_refused() -> None:
    log = Simulated(1, 0.1)
    wanted = np.zeros(log.shown.shape)
    wanted[:, -10:] = 1.0
    log.chance[:, -10:], log.shown[:, -10:] = 0.0, False
    assert "never had a chance" in log.value(wanted).support.refused


DAY = date(2022, 3, 31)
MARKET_PROJECTS, MARKET_INSTITUTIONS, PLACES, DRAWN = 60, 30, 10, 4


def event(project: str, institution: str, name: str, days: int) -> dict[str, object]:
    told = {"project_id": project, "institution_id": institution, "channel": "financing", "event": name}
    return {**dict.fromkeys(OUTCOMES.names), **told, "at": DAY + timedelta(days=days)}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with one run that drew places, and outcomes in which a place doubles the chance."""
    store = Store(tmp_path_factory.mktemp("effect") / "s.duckdb")
    projects = [{"project_id": f"P{at:02d}", "name": f"项目{at}（样例）"} for at in range(MARKET_PROJECTS)]
    institutions = [
        {"institution_id": f"I{at:02d}", "name": f"机构{at}（样例）", "kind": "venture_capital"}
        for at in range(MARKET_INSTITUTIONS)
    ]
    rng, rows, shown = np.random.default_rng(5), [], []
    for project in projects:
        order = rng.permutation(MARKET_INSTITUTIONS)
        for rank, at in enumerate(order):
            key, name = str(project["project_id"]), f"I{at:02d}"
            position = rank + 1 if rank < PLACES else None
            chance = 1.0 if rank < PLACES - DRAWN else DRAWN / (MARKET_INSTITUTIONS - PLACES + DRAWN)
            score = 3 - rank / 10 if rank < PLACES - DRAWN else float(rng.uniform(0, 2.4))  # the draw knows no score
            row = {"project_id": key, "institution_id": name, "score": score, "position": position}
            shown.append({**row, "propensity": None, "inclusion": chance, "policy": None})
            if rng.random() < (0.5 if position else 0.15):
                rows += [event(key, name, "introduced", 5), event(key, name, "accepted", 12)]
    rows.append(event("P00", "I00", "accepted", -400))
    tables = {
        name: pa.Table.from_pylist(told, schema=TABLES[name].schema)
        for name, told in (("projects", projects), ("institutions", institutions), ("outcomes", rows))
    }
    store.write(tables, [], actor="test", note={})
    log = pa.Table.from_pylist(shown)
    matches = log.filter(pc.is_valid(log["position"])).select(["project_id", "institution_id", "score"])
    matches = matches.append_column("rank_for_project", log["position"].drop_null())
    matches = matches.append_column("status", pa.array(["recommended"] * matches.num_rows))
    for name, day in (("r1", DAY), ("r2", DAY + timedelta(days=30)), ("r3", DAY + timedelta(days=300))):
        manifest = {"as_of": day.isoformat(), "channels": ["financing"], "top": PLACES}
        drawn = {"exposure_financing": log} if name == "r1" else {}
        save_run(store.runs_folder, name, manifest, {"matches_financing": matches, **drawn})
    return store


def read(store: Store, today: date = DAY + timedelta(days=310)) -> Log:
    return read_log(store.runs_folder, "financing", store.view(today).outcomes, today, "accepted", 90)


def test_runs_that_are_young_or_overlap_do_not_count(store: Store) -> None:
    log = read(store)
    assert [run.run_id for run in log.runs] == ["r1"]
    assert (log.unripe, log.overlapping) == (1, 1)
    assert not read(store, DAY + timedelta(days=89)).runs
    with pytest.raises(DuijieError, match=r"effect\.unripe"):
        answers(store, read(store, DAY + timedelta(days=89)))


def test_what_was_reached_before_or_after_the_window_is_no_success(store: Store) -> None:
    log = read(store)
    pairs = log.pairs
    assert len(pairs) == MARKET_PROJECTS * MARKET_INSTITUTIONS - 1  # P00 and I00 knew each other
    outcomes = store.current("outcomes").to_pandas()
    accepted = outcomes[(outcomes.event == "accepted") & (outcomes["at"] > DAY)]
    assert (
        pairs.reached.sum()
        == len(accepted) - ((accepted.project_id == "P00") & (accepted.institution_id == "I00")).sum()
    )
    early = read_log(
        store.runs_folder, "financing", store.current("outcomes"), DAY + timedelta(days=400), "accepted", 11
    )
    assert early.pairs.reached.sum() == 0


def answers(store: Store, log: Log) -> Effect:
    return measure_effect(log, "financing", DAY + timedelta(days=310), "accepted", 90, store.view)


def test_the_report_of_a_store_finds_the_effect_and_what_random_lists_would_cost(store: Store) -> None:
    told = answers(store, read(store))
    place = told.place.estimates[DR]
    assert place.shown
    assert place.low < 0.35 < place.high
    gain = told.policies["random"].estimates["gain"]  # a place helps whoever has it: who that is makes no difference
    assert not gain.shown
    assert [group.label for group in told.by_place] == ["1", "2-3", "4-5", "6-10"]
    assert sum(group.pairs for group in told.by_place) == sum(group.pairs for group in told.by_score)
    assert {claim.theirs for claim in told.ranking.claims} >= {"popularity", "sector match"}
    table = table_of(told)
    assert set(table["section"].to_pylist()) >= {"place", "score", "against", "effect", "policy score"}
    json.dumps(told.as_dict(), default=str)


def test_lists_by_score_alone_give_no_effect(store: Store) -> None:
    """The later run kept no chances: its lists are known, what a place did is not."""
    today = DAY + timedelta(days=400)
    log = read(store, today)
    plain = dataclasses.replace(log, runs=log.runs[1:], pairs=log.pairs[log.pairs.run == 1])
    told = answers(store, plain)
    for answer in (told.place, *told.policies.values()):
        assert "no pair" in answer.support.refused
        assert not answer.estimates
    assert told.ranking.refused


def test_a_run_that_showed_nobody_says_so(store: Store) -> None:
    log = read(store)
    told = answers(store, dataclasses.replace(log, pairs=log.pairs.head(0)))
    assert told.by_place == told.by_score == ()
    assert told.place.support.refused
    assert all(answer.support.refused for answer in told.policies.values())


def test_the_command_tells_and_refuses(store: Store) -> None:
    words = ["effect", "--store", str(store.path), "--channel", "financing"]
    told = CliRunner().invoke(main, [*words, "--as-of", (DAY + timedelta(days=310)).isoformat()])
    assert told.exit_code == 0, told.output
    assert "doubly robust" in told.output
    told = CliRunner().invoke(main, [*words, "--as-of", (DAY + timedelta(days=310)).isoformat(), "--format", "json"])
    assert json.loads(told.stdout)[0]["place"]["estimates"]["dr"]["low"] > 0
    refused = CliRunner().invoke(main, [*words, "--as-of", (DAY + timedelta(days=10)).isoformat()])
    assert refused.exit_code == 2
    assert "effect.unripe" in refused.output + refused.stderr
