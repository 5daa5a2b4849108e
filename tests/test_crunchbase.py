"""The benchmark on real investments: its cut in time on a made-up export, its figures where the data is at hand."""

from __future__ import annotations

import csv
import json
import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from data.problem import DuijieError
from evaluation.baselines import BASELINES, Past
from evaluation.crunchbase import compare, main, rank_with_baselines, rank_with_duijie
from evaluation.crunchbase_tables import Benchmark, market_of, read_benchmark, write_tables

AS_OF = date(2011, 7, 1)
SHARED = Path(os.environ.get("DUIJIE_SHARED", Path(__file__).resolve().parents[2] / "shared"))
REAL = SHARED / "data" / "crunchbase_2013"
HEADERS = {
    "edges": "company_permalink investor_permalink funding_round_type funded_at",
    "companies": "company_permalink company_name company_category_code company_state_code company_region company_city",
    "investors": "investor_permalink investor_name investor_category_code investor_country_code investor_state_code "
    "investor_region",
}
needs_data = pytest.mark.skipif(
    not (REAL / "edges.csv").is_file(), reason="the CrunchBase export is not at hand: set DUIJIE_SHARED to its parent"
)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two organisations with six earlier deals each, one with two; three companies funded after the date."""
    folder = tmp_path_factory.mktemp("export")
    edges = [
        (f"/c/old{i}", f"/i/{'web' if i % 2 else 'bio'}", "series-a", f"2010-{i % 9 + 1:02d}-01") for i in range(12)
    ]
    edges += [("/c/old1", "/i/small", "angel", "2010-05-05"), ("/c/old2", "/i/small", "angel", "2010-05-06")]
    edges += [("/c/new1", "/i/web", "series-a", "2011-07-01"), ("/c/new2", "/i/bio", "angel", "2012-06-30")]
    edges += [("/c/new2", "/i/small", "angel", "2012-06-30"), ("/c/new3", "/i/small", "angel", "2011-09-01")]
    edges += [("/c/late", "/i/web", "angel", "2012-07-01"), ("/c/old1", "/i/bio", "series-b", "2011-08-01")]
    companies: list[tuple[str, ...]] = []
    for name in sorted({edge[0] for edge in edges}):
        web = name == "/c/new1" or (name.startswith("/c/old") and int(name[6:]) % 2)
        place = ("CA", "SF Bay", "Palo Alto") if web else ("MA", "Boston", "Waltham")
        companies.append((name, name[3:].title(), "web" if web else "biotech", *place))
    investors = [(f"/i/{key}", f"{key} capital", "", "USA", "CA", "unknown") for key in ("web", "bio", "small")]
    tables: dict[str, list[tuple[str, ...]]] = {
        "edges": list(edges),
        "companies": companies,
        "investors": list(investors),
    }
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([HEADERS[name].split(), *rows])
    return folder


def test_cut_in_time(export: Path) -> None:
    found = read_benchmark(export, AS_OF)
    assert found.grades == {"/c/new1": {"/i/web": 1}, "/c/new2": {"/i/bio": 1}}
    assert [row["institution_id"] for row in found.institutions] == ["/i/bio", "/i/web"]  # small: two deals only
    assert all(row["at"] < "2011-07-01" for row in found.outcomes) and len(found.outcomes) == 14
    rounds = {row["project_id"]: row["funding_round"] for row in found.projects}
    assert rounds["/c/new1"] == "series-a" and rounds["/c/old1"] == "" and "/c/late" not in rounds
    assert {row["project_id"] for row in found.projects if row["consent"] == "financing"} == set(found.grades)
    assert all(row["city"] == "" for row in found.institutions)


def test_later_edges_change_no_table(export: Path, tmp_path: Path) -> None:
    for name in ("edges.csv", "companies.csv", "investors.csv"):
        (tmp_path / name).write_bytes((export / name).read_bytes())
    with (tmp_path / "edges.csv").open("a", encoding="utf-8") as stream:
        stream.write("/c/old3,/i/bio,series-b,2011-07-01\n/c/new1,/i/bio,series-b,2013-01-01\n")
    one, other = read_benchmark(export, AS_OF), read_benchmark(tmp_path, AS_OF)
    assert one == other


def test_baselines_find_the_obvious(export: Path) -> None:
    found = read_benchmark(export, AS_OF)
    lists = rank_with_baselines(found)
    for name in ("sector match", "region match", "naive Bayes", "naive Bayes + round", "history family alone"):
        assert lists[name]["/c/new1"][0] == "/i/web" and lists[name]["/c/new2"][0] == "/i/bio", name
    assert lists["popularity"]["/c/new1"] == ["/i/bio", "/i/web"]  # equal, so by id
    by_name = {result.name: result for result in compare(found.grades, lists)}
    assert by_name["sector match"].scores["nDCG@10"].mean == 1.0
    assert set(by_name) == {*BASELINES, "history family alone"}


def test_misuse(export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DuijieError, match="has no edges"):
        read_benchmark(tmp_path, AS_OF)
    with pytest.raises(DuijieError, match="first time"):
        read_benchmark(export, date(2013, 1, 1))
    assert main([str(tmp_path)]) == 2
    assert "benchmark.missing" in capsys.readouterr().err


def test_json_names_the_source(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(export), "--as-of", "2011-07-01", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["queries"] == 2 and "CC-BY" in told["attribution"] and "crunchbase.com" in told["attribution"]


def test_console_command_ranks_the_tables(export: Path, tmp_path: Path) -> None:
    found = read_benchmark(export, AS_OF)
    fast = tmp_path / "fast.toml"
    fast.write_text('encoder = "none"\n', encoding="utf-8")
    lists = rank_with_duijie(found, tmp_path / "work", fast)
    assert set(lists) == set(found.grades)
    assert all(sorted(items) == ["/i/bio", "/i/web"] for items in lists.values())


@pytest.fixture(scope="module")
def real() -> Benchmark:
    return read_benchmark(REAL, AS_OF)


@needs_data
def test_real_counts_are_those_of_the_reference(real: Benchmark) -> None:
    counts = len(real.institutions), len(real.grades), sum(map(len, real.grades.values()))
    assert counts == (1058, 1132, 2182)


@needs_data
def test_real_baselines_and_history(real: Benchmark) -> None:
    results = {result.name: result for result in compare(real.grades, rank_with_baselines(real, constants={}))}
    reference = {"popularity": 0.054, "recent popularity": 0.085, "sector match": 0.071, "region match": 0.132}
    reference |= {"naive Bayes": 0.153, "naive Bayes + round": 0.199}
    for name, value in reference.items():
        assert results[name].scores["nDCG@10"].mean == pytest.approx(value, abs=0.01), name
    history = results["history family alone"]
    assert history.gain.low > 0.01 and history.p < 0.001
    assert history.scores["nDCG@10"].mean > 0.22


@needs_data
def test_real_tables_can_be_written_and_read_as_a_market(real: Benchmark, tmp_path: Path) -> None:
    write_tables(real, tmp_path)
    with (tmp_path / "outcomes.csv").open(encoding="utf-8", newline="") as stream:
        assert sum(1 for _ in csv.DictReader(stream)) == len(real.outcomes)
    past = Past(market_of(real))
    assert np.all(past.age > 0) and len(past.institution) < len(real.outcomes)
