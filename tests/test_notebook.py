"""The notebook runs from top to bottom, as a reader would run it, without a notebook program."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data.tables import MATCHES

FILE = Path(__file__).parents[1] / "notebooks" / "tour.ipynb"
CELLS = json.loads(FILE.read_text("utf-8"))["cells"]


def run_cell(source: str, namespace: dict[str, Any]) -> Any:
    """Run one cell; gives the value of its last expression, rendered as a notebook would."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), namespace)
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), namespace) if isinstance(last, ast.Expr) else None
    if hasattr(value, "_repr_html_"):
        assert value._repr_html_()
    return value


def test_it_is_small_and_stored_without_outputs() -> None:
    assert len(CELLS) < 12
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in CELLS if cell["cell_type"] == "code")


def test_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    namespace: dict[str, Any] = {}
    for cell in CELLS:
        if cell["cell_type"] == "code":
            run_cell("".join(cell["source"]), namespace)
    assert set(MATCHES.names) <= set(namespace["matches"].columns)
    assert namespace["told"][0]["rule"]
    assert "✗" in capsys.readouterr().out
    mine: pd.DataFrame = namespace["mine"]
    assert abs(mine["weight"].sum() - namespace["first"]["score"]) < 1e-9
