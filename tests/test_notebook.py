"""The notebooks run from top to bottom, as a reader would run them, without a notebook program."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data.tables import MATCHES

FILES = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
each = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


def cells_of(file: Path) -> list[dict[str, Any]]:
    """The cells of a notebook."""
    cells: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["cells"]
    return cells


def run(file: Path) -> dict[str, Any]:
    """Run all cells; gives the names they leave behind."""
    namespace: dict[str, Any] = {}
    for cell in cells_of(file):
        if cell["cell_type"] == "code":
            run_cell("".join(cell["source"]), namespace)
    return namespace


def run_cell(source: str, namespace: dict[str, Any]) -> Any:
    """Run one cell; gives the value of its last expression, rendered as a notebook would."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), namespace)
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), namespace) if isinstance(last, ast.Expr) else None
    if hasattr(value, "_repr_html_"):
        assert value._repr_html_()
    return value


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib

    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@each
def test_it_is_small_and_stored_without_outputs(file: Path) -> None:
    cells = cells_of(file)
    assert 3 < len(cells) < 12
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)


@each
def test_it_calls_the_library_and_defines_nothing(file: Path) -> None:
    for cell in cells_of(file):
        if cell["cell_type"] == "code":
            tree = ast.walk(ast.parse("".join(cell["source"])))
            assert not [node for node in tree if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def test_the_tour_runs(capsys: pytest.CaptureFixture[str]) -> None:
    namespace = run(FILES[-1])
    assert set(MATCHES.names) <= set(namespace["matches"].columns)
    assert namespace["told"][0]["rule"]
    assert "✗" in capsys.readouterr().out
    mine: pd.DataFrame = namespace["mine"]
    assert abs(mine["weight"].sum() - namespace["first"]["score"]) < 1e-9


def test_the_error_analysis_runs_and_finds_queries_that_went_wrong() -> None:
    namespace = run(FILES[1])
    worst: pd.DataFrame = namespace["worst"]
    assert worst["ndcg"].is_monotonic_increasing
    assert worst["ndcg"].iloc[0] < 0.6
    assert namespace["table"].to_numpy().sum() == len(namespace["misled"]) > 0
    first: pd.DataFrame = namespace["first"]
    assert first["score"].is_monotonic_decreasing


def test_the_ablation_runs_and_its_parts_are_those_of_the_ranker() -> None:
    namespace = run(FILES[0])
    told = {part.family: part for part in namespace["found"]}
    assert told["lexical"].gives.low > 0
    assert not told["history"].moved
