"""The bench on tiny markets: what it reports, and that both pipelines find comparable things. Times are not judged."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.intake import read_paths
from data.tables import TEXT_COLUMNS
from evaluation import bench
from evaluation.bench_clock import Clock
from evaluation.bench_market import write_market
from evaluation.bench_report import WHAT, encoding_table, matching_table, recall_lines
from evaluation.bench_worker import run

PROJECTS, INSTITUTIONS, TOP = 40, 160, 20


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A tiny market, with vectors, as the workers want it."""
    folder = tmp_path_factory.mktemp("bench")
    write_market(folder / "market", PROJECTS, INSTITUTIONS)
    for name in ("work", "out"):
        (folder / name).mkdir()
    places = {"folder": str(folder / "market"), "work": str(folder / "work"), "out": str(folder / "out")}
    told = {**places, "encoder": "hashed", "top": TOP}
    return {**told, "encoding": run("encode", told)}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_market_is_the_same_for_the_same_seed_and_passes_the_intake(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        write_market(tmp_path / name, 12, 9, seed)
    for table in ("projects.csv", "institutions.csv", "outcomes.csv"):
        assert (tmp_path / "a" / table).read_bytes() == (tmp_path / "b" / table).read_bytes()
        assert (tmp_path / "a" / table).read_bytes() != (tmp_path / "c" / table).read_bytes()
    intake = read_paths([tmp_path / "a"])
    assert (intake.tables["projects"].num_rows, intake.tables["institutions"].num_rows) == (12, 9)
    assert not [problem for problem in intake.problems if problem.severity == "error"]
    lengths = [sum(len(row[name]) for name in TEXT_COLUMNS) for row in rows(tmp_path / "a" / "projects.csv")]
    assert 380 < np.mean(lengths) < 560
    assert 380 < np.mean([len(row["profile"]) for row in rows(tmp_path / "a" / "institutions.csv")]) < 480


def test_a_stage_within_another_is_taken_off_it() -> None:
    clock = Clock()
    inner = clock.within("inner", lambda: sum(range(2_000_000)))
    with clock.stage("outer"):
        inner()
        inner()
    assert list(clock.stages) == ["outer", "inner"]
    assert clock.stages["inner"].cpu > clock.stages["outer"].cpu
    assert all(stage.peak > 10 for stage in clock.stages.values())


def test_seconds_of_children_count_when_they_have_ended() -> None:
    clock = Clock()
    with clock.stage("child"):
        subprocess.run([sys.executable, "-c", "sum(range(5_000_000))"], check=True)
    assert clock.stages["child"].cpu > 0.03


def test_all_pipelines_report_every_stage_and_find_comparable_things(told: dict[str, Any]) -> None:
    both = {kind: run(kind, told) for kind in bench.KINDS}
    stages = {kind: [stage["name"] for stage in both[kind]["stages"]] for kind in both}
    assert set(stages["duijie"]) == set(WHAT) - {"candidates"}  # so small a market is ranked whole
    assert set(stages["plain"]) == {"start", "import", "market", "candidates", "rank", "export"}
    assert set(stages["retrieval"]) == {"start", "import", "market", "rank", "export"}
    lists = {kind: both[kind].pop("lists") for kind in both}
    assert set(lists["duijie"]) == set(lists["plain"]) == set(lists["retrieval"])
    assert bench.overlap(lists["retrieval"], lists["plain"]) > 0.9  # the same retrieval
    assert all(len(best) == TOP for best in lists["plain"].values())
    assert all(len(set(best)) == len(best) <= TOP for best in lists["duijie"].values())
    assert (
        bench.overlap(lists["duijie"], lists["plain"]) > 1.25 * TOP / INSTITUTIONS
    )  # above chance: rules, rounds and places pull the two apart
    out = Path(told["out"])
    assert len(rows(out / "plain.csv")) == PROJECTS * TOP
    exported = {(row["project_id"], row["institution_id"]) for row in rows(out / "matches.csv")}
    assert {(key, each) for key, best in lists["duijie"].items() for each in best} <= exported
    report = {"projects": PROJECTS, "institutions": INSTITUTIONS, "encoding": told["encoding"], "rounds": [both]}
    report |= {"ratios": bench.ratios([both]), "ratios of retrieval": bench.ratios([both], "retrieval")}
    report |= {"overlap": 0.5, "overlap of retrieval": 0.93}
    lines = list(matching_table(report))
    assert sum(line.startswith("| ") for line in lines) == len(WHAT) + 3
    assert f"{bench.ratios([both])['cpu']:.1f} x CPU" in lines[-2]
    assert f"our parts: {bench.ratios([both], 'retrieval')['cpu']:.1f} x CPU" in lines[-1]
    assert lines[-1].endswith("93%")
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1


def test_with_as_many_candidates_as_institutions_nothing_is_lost(told: dict[str, Any]) -> None:
    found = run("recall", told)
    assert found["recall"] == 1.0
    assert found["pairs"] > PROJECTS
    assert "1.0000 of the exact top 20" in next(recall_lines({"recall": found}))


def test_ratios_are_those_of_matching_alone() -> None:
    def stages(**seconds: float) -> dict[str, Any]:
        return {"stages": [{"name": name, "cpu": value, "wall": 2 * value} for name, value in seconds.items()]}

    slow, fast = stages(start=9, market=6, rank=2), stages(start=1, encode=9, read=1, market=1)
    assert bench.ratios([{"duijie": fast, "plain": slow}]) == {"cpu": 4.0, "wall": 4.0, "cpu without reading": 8.0}
    assert bench.overlap({"a": ["x", "y"], "b": []}, {"a": ["y", "z"], "b": ["x"]}) == 0.5


def test_the_command_writes_what_it_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bench.json"
    told = ["--sizes", "12x30", "--parts", "matching", "--encoder", "hashed", "--rounds", "1", "--threads", "1"]
    assert bench.main([*told, "--json", str(path)]) == 0
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["sizes"][0]["projects"] == 12
    assert report["sizes"][0]["ratios"]["cpu"] > 0
    assert "**matching**" in capsys.readouterr().out


def test_the_encoding_table_has_a_row_an_encoder() -> None:
    row = {"encoder": "static", "dtype": "fp32", "texts": 10, "ndcg": {"dev/short": 0.5}}
    lines = list(encoding_table([{**row, "stages": [{"wall": 2.0, "cpu": 4.0, "peak": 300.0}]}]))
    assert lines[-1] == "| static | fp32 | 5.0 | 2.5 | 300 | 0.5000 |"
