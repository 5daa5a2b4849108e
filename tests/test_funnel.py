"""The funnel: by hand, against other implementations, on a simulated log with known truth, and the command."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, binomtest, ecdf

from app.cli import main
from data.cases import LADDER, cases
from data.store import Store
from data.tables import OUTCOMES, TABLES
from data.view import View
from evaluation.funnel import COLUMNS, for_outsiders, funnel, funnel_table
from evaluation.grouping import ABROAD, BY, UNKNOWN, case_groups
from evaluation.survival import ENDED, OPEN, REACHED, incidence

AS_OF = date(2022, 11, 30)
Told = Sequence[tuple[int, int]]


def one(told: Told, within: int | None = None) -> tuple[float, float, float, float]:
    """Rate, bounds and last day of a single group of (day, fate)."""
    days, fate = np.array(told, np.int64).T
    found = incidence(np.zeros(len(told), np.int64), days, fate, 1, within)
    return float(found.rate[0]), float(found.low[0]), float(found.high[0]), float(found.followed[0])


def by_hand(told: Told) -> Fraction:
    """Aalen-Johansen, day by day, in fractions."""
    open_share, rate = Fraction(1), Fraction(0)
    for day in sorted({day for day, _ in told}):
        at_risk = sum(other >= day for other, _ in told)
        reached = sum(told_day == day and fate == REACHED for told_day, fate in told)
        ended = sum(told_day == day and fate == ENDED for told_day, fate in told)
        rate += open_share * Fraction(reached, at_risk)
        open_share *= 1 - Fraction(reached + ended, at_risk)
    return rate


def test_two_curves_worked_out_on_paper() -> None:
    # Day 2: 1 of 5 reached (1/5, 4/5 open). Day 3: one drops out. Day 5: 1 of 3 declined (8/15 open). Day 7: 1 of 2.
    told = [(2, REACHED), (3, OPEN), (5, ENDED), (7, REACHED), (9, OPEN)]
    assert one(told)[0] == pytest.approx(1 / 5 + 8 / 15 / 2)
    # Without a competing end it is one minus Kaplan-Meier: 1 - 4/5 * 2/3.
    assert one([(2, REACHED), (3, OPEN), (5, REACHED), (7, OPEN), (9, OPEN)])[0] == pytest.approx(1 - 4 / 5 * 2 / 3)
    # On one day steps come before open cases drop out: the open one was at risk.
    assert one([(4, REACHED), (4, OPEN)])[0] == pytest.approx(1 / 2)


FATES = st.lists(st.tuples(st.integers(0, 12), st.sampled_from([OPEN, REACHED, ENDED])), min_size=1, max_size=9)


@given(FATES)
def test_it_is_the_aalen_johansen_estimate(told: list[tuple[int, int]]) -> None:
    assert one(told)[0] == pytest.approx(float(by_hand(told)))


@given(FATES)
def test_without_competing_ends_it_is_kaplan_meier(told: list[tuple[int, int]]) -> None:
    steps = [day for day, fate in told if fate == REACHED]
    still = [day for day, fate in told if fate != REACHED]
    curve = ecdf(CensoredData(uncensored=steps, right=still)).cdf
    expected = curve.probabilities[-1] if steps else 0.0
    assert one([(day, REACHED if fate == REACHED else OPEN) for day, fate in told])[0] == pytest.approx(expected)


@given(st.lists(st.tuples(st.integers(0, 99), st.sampled_from([REACHED, ENDED])), min_size=1, max_size=60))
def test_without_open_cases_it_is_the_share_with_its_exact_interval(told: list[tuple[int, int]]) -> None:
    rate, low, high, _ = one(told)
    reached = sum(fate == REACHED for _, fate in told)
    exact = binomtest(reached, len(told)).proportion_ci(0.95, "exact")
    assert rate == pytest.approx(reached / len(told))
    assert (low, high) == pytest.approx((exact.low, exact.high), abs=1e-6)


@given(FATES, FATES)
def test_groups_do_not_see_each_other(one_group: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    days, fate = np.array([*one_group, *other], np.int64).T
    group = np.repeat([1, 0], [len(one_group), len(other)])
    both = incidence(group, days, fate, 3)
    for at, told in ((1, one_group), (0, other)):
        figures = (both.rate[at], both.low[at], both.high[at], both.followed[at])
        assert figures == pytest.approx(one(told), abs=1e-12)
    assert np.isnan([both.rate[2], both.low[2], both.high[2]]).all()


@given(FATES)
def test_the_interval_holds_the_rate_and_open_cases_never_make_it_surer(told: list[tuple[int, int]]) -> None:
    rate, low, high, _ = one(told)
    assert 0 <= low <= rate <= high <= 1
    found = incidence(np.zeros(len(told), np.int64), *np.array(told, np.int64).T, 1)
    assert 0 < found.effective[0] <= len(told)
    if all(fate != OPEN for _, fate in told):
        assert found.effective[0] == pytest.approx(len(told))


def test_one_old_case_does_not_decide() -> None:
    crowd = [(10 + day % 50, OPEN) for day in range(99)]
    assert one([*crowd, (700, REACHED)])[0] == 0.0
    assert one([*crowd, (700, REACHED)])[3] < 60


def test_a_horizon_nobody_was_followed_to_is_not_told() -> None:
    young = [(5, REACHED), (9, ENDED), *[(20, OPEN)] * 6]
    assert one(young, within=20)[0] == pytest.approx(1 / 8)
    assert np.isnan(one(young, within=21)[0])
    settled = [(5, REACHED), (9, ENDED)]
    assert one(settled, within=365)[0] == pytest.approx(1 / 2)
    assert one([*settled, (400, REACHED)], within=365)[0] == pytest.approx(1 / 3)


RUNS, EACH, SPAN = 500, 250, 720
CHANCES = (1.0, 0.45, 0.7, 0.6, 0.65, 0.7, 0.8)
"""Of each rung once the one below is reached; the last is reached by 5 % of all introductions."""
WAITS = (0, 12, 20, 35, 50, 60, 60)


def simulated(seed: int) -> tuple[pd.DataFrame, np.ndarray]:  # type: ignore[type-arg]
    """RUNS logs of EACH introductions over two years, cut off on AS_OF; and the day of each rung had we waited.

    Waits are exponential; a case that goes no further is declined after such a wait, a fifth of them never is.
    """
    rng = np.random.default_rng(seed)
    size = RUNS * EACH
    begun = -rng.integers(0, SPAN, size)
    climbed = np.cumprod(rng.random((size, len(LADDER))) < CHANCES, axis=1, dtype=bool)
    waits = np.cumsum(np.round(rng.exponential(WAITS, (size, len(LADDER)))), axis=1)
    days = np.where(climbed, waits, np.inf)
    over = np.where(rng.random(size) < 0.8, _end(rng, climbed, waits), np.inf)
    seen = days + begun[:, None] <= 0
    rung = seen.sum(axis=1) - 1
    ended = (over + begun <= 0) & ~climbed[:, -1]
    today = np.datetime64(AS_OF, "D")
    frame: dict[str, object] = {"rung": rung, "history": False}
    frame["state"] = np.where(rung == len(LADDER) - 1, "delivered", np.where(ended, "declined", "open"))
    frame["ended_at"] = _dates(today, np.where(ended, over + begun, np.nan))
    for at, name in enumerate(LADDER):
        frame[f"reached_{name}"] = _dates(today, np.where(seen[:, at], days[:, at] + begun, np.nan))
    return pd.DataFrame(frame), days


def _end(rng: np.random.Generator, climbed: np.ndarray, waits: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    last = climbed.sum(axis=1) - 1
    return waits[np.arange(len(last)), last] + np.round(rng.exponential(25, len(last)))


def _dates(today: np.datetime64, days: np.ndarray) -> pd.Series:  # type: ignore[type-arg]
    known = ~np.isnan(days)
    told = today + np.where(known, days, 0).astype("timedelta64[D]")
    return pd.Series(np.where(known, told, np.datetime64("NaT", "D")).astype("datetime64[s]"))


def test_on_a_simulated_log_rates_are_within_their_interval_where_naive_ones_are_biased() -> None:
    found, days = simulated(3)
    runs = pd.DataFrame({"case": np.arange(len(found)), "group": np.repeat(np.arange(RUNS), EACH)})
    for within in (None, 240):
        horizon = SPAN if within is None else within
        told = funnel(found, runs, AS_OF, within=within)
        for at, stage in enumerate(LADDER[1:], start=1):
            rows = told[told["stage"] == stage]
            truth = float((days[:, at] <= horizon).mean())
            assert ((rows["low"] <= truth) & (truth <= rows["high"])).mean() >= 0.93, (
                stage,
                within,
            )  # 95 % less two of 500 runs' errors
            assert abs(rows["rate"].mean() - truth) < 0.06 * truth, (stage, within)
    naive = told[told["stage"] == "delivered"]
    eventually = float((days[:, -1] < np.inf).mean())
    assert (naive["reached"] / naive["cases"]).mean() < 0.85 * eventually
    exact = [binomtest(row.reached, row.cases).proportion_ci(0.95, "exact") for row in naive.itertuples()]
    assert np.mean([bounds.low <= eventually <= bounds.high for bounds in exact]) < 0.85


def event(project: str, institution: str, name: str, day: int) -> dict[str, object]:
    told = {"project_id": project, "institution_id": institution, "channel": "financing", "event": name}
    return {**dict.fromkeys(OUTCOMES.names), **told, "at": date(2022, 1, 1) + timedelta(days=day)}


def table(name: str, rows: list[dict[str, object]]) -> pa.Table:
    blank = dict.fromkeys(TABLES[name].names)
    return pa.Table.from_pylist([{**blank, **row} for row in rows], schema=TABLES[name].schema)


def small_view() -> View:
    """A project of two sectors and two contests, one from abroad, one of which nothing is known, and a past deal."""
    first = {"project_id": "A", "name": "甲（样例）", "province": "浙江省", "city": "宁波市", "group": "创客组"}
    second = {"project_id": "B", "name": "乙（样例）", "country": "德国", "group": "企业组"}
    projects = [first | {"sectors": ["芯片设计", "新材料"]}, second, {"project_id": "C", "name": "丙（样例）"}]
    award = {"project_id": "A", "programme": "创客中国", "edition": "2022"}
    awards = [award | {"contest": "宁波市赛", "award": "一等奖"}, award | {"contest": "总决赛", "award": "优胜奖"}]
    outcomes = [event(p, f"I{i}", "introduced", 9 * i) for p in "ABC" for i in range(2)]
    outcomes += [event("A", "I0", "met", 30), event("A", "I1", "declined", 40), event("B", "OLD", "delivered", 3)]
    empty = {name: table(name, []) for name in ("institutions", "needs", "judging")}
    filled = {"projects": table("projects", projects), "awards": table("awards", awards)}
    return View(as_of=AS_OF, outcomes=table("outcomes", outcomes), **filled, **empty)


GROUPS = {
    "channel": {"financing": 6},
    "region": {"宁波市": 2, ABROAD: 2, UNKNOWN: 2},
    "group": {"企业组": 2, "创客组": 2, UNKNOWN: 2},
    "sector": {"新材料": 2, "电子信息": 2, UNKNOWN: 4},
    "institution": {"I0": 3, "I1": 3},
    "contest": {"创客中国 2022 宁波市赛": 2, "创客中国 2022 总决赛": 2, UNKNOWN: 4},
}


@pytest.mark.parametrize("by", BY)
def test_groups(by: str) -> None:
    view = small_view()
    found = cases(view.outcomes, AS_OF)
    told = funnel(found, case_groups(found, by, view), AS_OF, at_least=1)
    assert told.columns.tolist() == list(COLUMNS)
    assert told["stage"].tolist() == list(LADDER) * len(GROUPS[by])
    counts = told[told["stage"] == "introduced"].set_index("group")["cases"]
    assert list(counts.items()) == list(GROUPS[by].items())


def test_what_the_columns_count() -> None:
    view = small_view()
    found = cases(view.outcomes, AS_OF)
    told = funnel(found, case_groups(found, "region", view), AS_OF, at_least=2).set_index(["group", "stage"])
    met = told.loc[("宁波市", "met")]
    assert (met["cases"], met["reached"], met["open"], met["rate"]) == (2, 1, 0, 0.5)  # the other one was declined
    assert told.loc[(ABROAD, "met")][["cases", "reached", "open", "rate"]].tolist() == [2, 0, 2, 0.0]
    assert told.loc[(ABROAD, "delivered"), "reached"] == 0  # the past deal was no introduction
    assert told.loc[(ABROAD, "introduced")][["rate", "low", "high"]].tolist() == [1.0, 1.0, 1.0]


def test_a_rate_is_at_most_that_of_the_rung_below() -> None:
    view = small_view()
    rows = view.outcomes.to_pylist()
    rows += [event("D", f"I{i}", name, 3 * i + 7 * at) for i in range(30) for at, name in enumerate(LADDER[: i % 8])]
    found = cases(table("outcomes", rows), date(2022, 3, 1))
    told = funnel(found, case_groups(found, "institution", view), date(2022, 3, 1), at_least=1)
    for _, rows_of in told.groupby("group"):
        assert (rows_of["rate"].diff().dropna() <= 0).all()
    assert (told["low"] <= told["rate"]).all() and (told["rate"] <= told["high"]).all()


def test_small_groups_have_no_rate_and_outside_not_even_numbers() -> None:
    view = small_view()
    found = cases(view.outcomes, AS_OF)
    told = funnel(found, case_groups(found, "institution", view), AS_OF, at_least=4)
    assert told["rate"].isna().all() and (told["cases"] == 3).all()
    outside = for_outsiders(funnel(found, case_groups(found, "sector", view), AS_OF, at_least=4), at_least=4)
    hidden = outside[outside["group"] != UNKNOWN]
    assert hidden[list(COLUMNS[2:])].isna().all(axis=None)
    assert (outside.loc[outside["group"] == UNKNOWN, "cases"] == 4).all()
    assert funnel_table(outside).schema.names == list(COLUMNS)


def test_no_case_no_row() -> None:
    view = small_view()
    found = cases(view.outcomes.slice(0, 0), AS_OF)
    for by in BY:
        assert funnel(found, case_groups(found, by, view), AS_OF).empty


def run(*args: object) -> tuple[list[dict[str, str]], int]:
    result = CliRunner().invoke(main, ["funnel", *map(str, args)])
    return list(csv.DictReader(io.StringIO(result.stdout))), result.exit_code


def test_the_command_on_the_sample_market(sample_store: Store, tmp_path: Path) -> None:
    for by in BY:
        rows, code = run("--store", sample_store.path, "--by", by, "--as-of", AS_OF)
        assert code == 0 and tuple(rows[0]) == COLUMNS
        assert len(rows) == len(LADDER) * len({row["group"] for row in rows})
        for row in rows:
            assert (row["rate"] == "") == (int(row["cases"]) < 5)
    early, _ = run("--store", sample_store.path, "--by", "channel", "--as-of", "2021-12-31")
    late, _ = run("--store", sample_store.path, "--by", "channel", "--as-of", AS_OF)
    assert [int(a["reached"]) < int(b["reached"]) for a, b in zip(early, late, strict=False)].count(True) >= 14
    assert run("--store", tmp_path / "none.duckdb", "--by", "channel")[1] == 2


def test_a_merged_project_counts_once(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.duckdb")
    view = small_view()
    store.write({"projects": view.projects, "outcomes": view.outcomes}, [], actor="test", note={})
    store.append("test", "merge", {"kept": "A", "absorbed": "C"})
    rows, _ = run("--store", store.path, "--by", "channel", "--as-of", AS_OF, "--at-least", 1)
    assert rows[0]["cases"] == "4"
