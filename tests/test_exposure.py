"""Who is seen, and what a floor costs: recounted, by brute force, and on the sample market."""

from __future__ import annotations

import csv
import io
from datetime import date
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli import main
from app.system import System
from data.intake import Intake
from data.problem import DuijieError
from data.store import Store
from evaluation.exposure_floor import floor_prices
from evaluation.visibility import never_seen, seen_by_group
from matcher.settings import Settings

FLOORS = (0.0, 0.25, 0.5, 0.75, 1.0)


def grouped(*pairs: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["project_id", "group"])


def test_places_against_projects() -> None:
    groups = grouped(("a", "x"), ("b", "x"), ("c", "y"), ("d", "y"), ("d", "x"))
    places = pd.DataFrame({"project_id": ["a", "a", "c", "a", "held back"]})
    found = seen_by_group(places, groups).set_index("group")
    # Four eligible projects, four places of eligible ones; the fifth place is of a project that may not be shown.
    assert found.loc["x"].tolist() == [3, 3 / 4, 2, 3, 3 / 4, 1.0]
    assert found.loc["y"].tolist() == [2, 2 / 4, 1, 1, 1 / 4, 0.5]
    assert never_seen(places, ["d", "c", "b", "a"]) == ["b", "d"]
    assert seen_by_group(places.iloc[:0], groups)["ratio"].tolist() == [0.0, 0.0]


def brute_force(pairs: pd.DataFrame, groups: pd.DataFrame, places: int, floor: float) -> float:
    """Highest total score of any lists that meet the floor, -inf where none do."""
    choices = []
    for _, own in pairs.groupby("institution_id"):
        choices.append(list(combinations(own[["project_id", "score"]].itertuples(index=False), min(places, len(own)))))
    slots = sum(len(options[0]) for options in choices)
    eligible = groups["project_id"].nunique()
    members = {name: set(own["project_id"]) for name, own in groups.groupby("group")}
    need = {name: int(floor * len(own) / eligible * slots + 1e-9) for name, own in members.items()}
    best = -np.inf
    for lists in product(*choices):
        held = [pair.project_id for own in lists for pair in own]
        if all(sum(project in members[name] for project in held) >= least for name, least in need.items()):
            best = max(best, sum(pair.score for own in lists for pair in own))
    return best


@st.composite
def markets(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    projects = "abcde"
    rows = [(p, i, draw(st.integers(-4, 9))) for i in "IJK" for p in projects if draw(st.booleans()) or p == "a"]
    groups = [(p, draw(st.sampled_from("xy"))) for p in projects]
    groups += [(p, "z") for p in projects if draw(st.integers(0, 3)) == 0]
    return pd.DataFrame(rows, columns=["project_id", "institution_id", "score"]), grouped(*groups)


@settings(max_examples=40, deadline=None)
@given(markets())
def test_a_floor_costs_exactly_what_brute_force_says(market: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    pairs, groups = market
    found = floor_prices(pairs, groups, 2, FLOORS)
    slots = sum(min(2, len(own)) for _, own in pairs.groupby("institution_id"))
    for row in found.itertuples():
        best = brute_force(pairs, groups, 2, row.floor)
        if np.isinf(best):
            assert np.isnan(row.score) and row.short
        else:
            assert row.score == pytest.approx(best / slots) and not row.short
    prices = found["price"].dropna()
    assert prices.iloc[0] == 0 and (prices.diff().dropna() >= -1e-9).all()
    assert found["price"].isna().is_monotonic_increasing  # what no lists can meet, no lists can exceed


def test_the_price_does_not_depend_on_the_scale_of_scores() -> None:
    pairs = pd.DataFrame(
        [(p, i, float((3 * ord(p) + 7 * ord(i)) % 11 + 5 * (p == "a"))) for i in "IJKL" for p in "abcd"],
        columns=["project_id", "institution_id", "score"],
    )
    groups = grouped(("a", "x"), ("b", "y"), ("c", "y"), ("d", "y"))
    one = floor_prices(pairs, groups, 1)
    other = floor_prices(pairs.assign(score=pairs["score"] * 7 - 100), groups, 1)
    assert one["price"].to_numpy() == pytest.approx(other["price"].to_numpy())
    assert one["price"].iloc[-1] > 0


def test_a_floor_that_cannot_be_met_names_who_falls_short() -> None:
    pairs = pd.DataFrame({"project_id": ["a", "b"], "institution_id": ["I", "I"], "score": [2.0, 1.0]})
    found = floor_prices(pairs, grouped(("a", "x"), ("b", "x"), ("c", "y")), 3, (0.5, 1.0))
    assert found["short"].tolist() == ["", ""]  # a third of two places, rounded down
    far = floor_prices(pairs, grouped(("a", "x"), ("c", "y")), 2, (0.0, 1.0))
    assert far["short"].tolist() == ["", ""]
    told = floor_prices(
        pd.concat([pairs, pairs.assign(institution_id="J")]), grouped(("a", "x"), ("b", "x"), ("c", "y")), 2, (1.0,)
    )
    assert told["short"].tolist() == ["y"]
    with pytest.raises(DuijieError, match=r"exposure\.empty"):
        floor_prices(pairs, grouped(("c", "y")), 2)


def run(*args: object) -> list[dict[str, str]]:
    result = CliRunner().invoke(main, ["exposure", *map(str, args)])
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_the_command_equals_the_exported_matches(
    sample_intake: Intake, sample_as_of: date, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "s.duckdb")
    store.write(sample_intake.tables, [], actor="test", note={})
    (tmp_path / "duijie.toml").write_text('encoder = "none"\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    System(store, Settings(encoder="none")).match(["financing"], sample_as_of)
    base = ("--store", store.path, "--channel", "financing")
    result = CliRunner().invoke(main, ["matches", *map(str, base), "--for", "institutions", "--top", "5"])
    listed = [row["project_id"] for row in csv.DictReader(io.StringIO(result.stdout))]
    for by in ("region", "group", "sector", "contest"):
        rows = run(*base, "--by", by, "--top", 5)
        assert sum(int(row["places"]) for row in rows) >= len(listed)
    rows = run(*base, "--by", "group", "--top", 5)
    assert sum(int(row["places"]) for row in rows) == len(listed)
    unseen = {row["project_id"] for row in run(*base, "--by", "group", "--top", 5, "--show", "unseen")}
    assert unseen.isdisjoint(listed)
    assert sum(int(row["projects"]) for row in rows) == len(unseen | set(listed))
    assert sum(int(row["never_seen"]) for row in rows) == len(unseen)
    prices = [
        float(row["price"]) for row in run(*base, "--by", "region", "--top", 5, "--show", "price") if row["price"]
    ]
    assert prices == sorted(prices) and prices[0] == 0 and len(prices) >= 5
