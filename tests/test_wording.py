"""Reasons in words, reasons of older runs, and explanations that are kept while nothing changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import app.explaining
import app.lists
from app.explaining import as_text, explain
from app.lists import list_matches, list_reasons
from app.system import System
from app.wording import LANGUAGES, phrase, story, story_lines, words
from data.intake import read_paths
from data.runs import Run
from data.sample.generator import AS_OF
from data.store import Store
from matcher.market import build_market
from matcher.reasons import reasons_of
from matcher.rules import RULES
from matcher.settings import Settings

UNKNOWNS = [{"code": f"unknown.{name}", "weight": 0.0} for name in ("ticket", "verified", "sector")]


def test_what_is_unknown_reads_as_unknown() -> None:
    told = story(UNKNOWNS)
    assert story_lines(told) == ["  ? 尚不清楚：融资额与单笔额度是否相符、机构是否通过实名认证、所属领域与产业链位置"]
    assert story_lines(told, "en")[0].startswith("  ? Not known: Whether the amount fits the ticket size, Whether")


def test_every_rule_is_worded_as_failing_and_as_unknown() -> None:
    for rule in RULES:
        assert {f"rule.{rule}", f"unknown.{rule}"} <= set(words())
        for language in LANGUAGES:
            assert phrase("rule", rule, language) != phrase("unknown", rule, language)


def test_every_wording_is_a_wording_of_something() -> None:
    codes = [code.partition(".")[2] for code in words() if code.startswith(("rule.", "unknown."))]
    assert set(codes) == set(RULES)


@pytest.fixture
def small(sample_folder: Path, tmp_path: Path) -> System:
    """The sample's first 40 projects, matched for financing."""
    intake = read_paths([sample_folder])
    tables = {**intake.tables, "projects": intake.tables["projects"].slice(0, 40)}
    store = Store(tmp_path / "small.duckdb")
    store.write(tables, [], actor="test", note={})
    system = System(store, Settings(encoder="none"))
    system.match(["financing"], AS_OF)
    return system


def pair_of(system: System) -> tuple[str, str]:
    row = list_matches(system, "financing", "projects").slice(0, 1).to_pylist()[0]
    return row["project_id"], row["institution_id"]


def test_a_run_made_before_a_feature_was_added_has_its_reasons(small: System, tmp_path: Path) -> None:
    run = small.run_of("financing")
    older = Run(tmp_path / "older", run.manifest)
    shutil.copytree(run.folder, older.folder)
    table = run.table("contributions_financing")
    pq.write_table(table.drop_columns(["sector"]), older.folder / "contributions_financing.parquet")
    before, after = reasons_of(run, "financing"), reasons_of(older, "financing")
    codes = set(after.column("code").to_pylist())
    assert "sector" in before.column("code").to_pylist()
    assert "sector" not in codes
    assert "char_tfidf" in codes


def test_reasons_of_a_feature_that_is_gone_still_sum_to_the_score(small: System, tmp_path: Path) -> None:
    run = small.run_of("financing")
    newer = Run(tmp_path / "newer", run.manifest)
    shutil.copytree(run.folder, newer.folder)
    table = run.table("contributions_financing")
    table = table.append_column("retired", pa.array([0.25] * table.num_rows))
    pq.write_table(table, newer.folder / "contributions_financing.parquet")
    rows = reasons_of(newer, "financing").to_pylist()
    assert sum(row["code"] == "retired" and row["weight"] == 0.25 for row in rows) == table.num_rows


def test_masks_are_built_for_listed_projects_only(small: System, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    plain = app.lists.mask_project
    monkeypatch.setattr("app.lists.mask_project", lambda row: built.append(row["project_id"]) or plain(row))
    project, _ = pair_of(small)
    found = list_matches(small, "financing", "projects", [project])
    list_reasons(small, small.run_of("financing"), "financing", found)
    assert built == [project]


def test_the_market_is_learned_once_until_the_store_changes(small: System, monkeypatch: pytest.MonkeyPatch) -> None:
    learned: list[int] = []

    def count(*args: object, **options: object) -> object:
        learned.append(1)
        return build_market(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(app.explaining, "build_market", count)
    project, institution = pair_of(small)
    first = explain(small, project, institution, ("financing",))
    assert explain(small, project, institution, ("financing",)) == first
    assert len(learned) == 1
    assert f"{project} × {institution}" in as_text(first[0])
    row = next(r for r in small.store.current("institutions").to_pylist() if r["institution_id"] == institution)
    changed = pa.Table.from_pylist([{**row, "roles": ["judge"]}], schema=small.store.current("institutions").schema)
    small.store.write({"institutions": changed}, [], actor="test", note={})
    assert "role" in explain(small, project, institution, ("financing",))[0]["rule"].split(";")
    assert len(learned) == 2
    explain(small.with_settings(weights={"financing": {"sector": 9.0}}), project, institution, ("financing",))
    assert len(learned) == 3


def test_a_project_that_becomes_anonymous_is_masked_in_old_runs(small: System) -> None:
    rows = {row["project_id"]: row for row in small.store.current("projects").to_pylist()}
    named = [key for key, row in rows.items() if row["confidentiality"] != "teaser"]
    found = list_matches(small, "financing", "projects", named)
    told = list_reasons(small, small.run_of("financing"), "financing", found).to_pylist()
    one = next(r for r in told if r["evidence_project"] and rows[r["project_id"]]["name"] in r["evidence_project"])
    project, name = one["project_id"], rows[one["project_id"]]["name"]
    changed = [{**rows[project], "confidentiality": "teaser"}]
    schema = small.store.current("projects").schema
    small.store.write({"projects": pa.Table.from_pylist(changed, schema=schema)}, [], actor="test", note={})
    found = list_matches(small, "financing", "projects", [project])
    told = list_reasons(small, small.run_of("financing"), "financing", found).to_pylist()
    told += explain(small, project, one["institution_id"], ("financing",))[0]["reasons"]
    assert not [r for r in told if name in (r.get("evidence_project") or "")]
