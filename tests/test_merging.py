"""Merging: two records show as one project with the awards of both; nothing stored changes and all can be undone."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from app.cli import main
from data.merging import check_merge, merged, merges_of
from data.problem import DuijieError
from data.store import Store
from data.tables import AWARDS, PROJECTS

BRIDGE = "桥索内部断丝由磁通泄漏阵列沿索爬行测出。断丝定位误差 3.7 毫米，已在两座斜拉桥试挂 214 天。"
SOIL = "盐碱地改良用的腐植酸缓释颗粒。耕层含盐量两季下降 41.5%。亩成本 136 元。"


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([{"name": "x", **row} for row in rows], schema=PROJECTS.schema)


PROJECT_ROWS = """project_id,name,applicant,summary,consent
A,斜拉索探伤机器人,杭州砚禾检测技术有限公司,{bridge},financing;services
B,缆索爬行检测装备,砚禾检测技术有限公司,=CMD()。{again}电话13812345678。,financing
C,盐碱地改良颗粒,沐川农业有限公司,{soil},
"""
AWARD_ROWS = """project_id,programme,edition,award,status,published_at
A,创客中国,2021,一等奖,已公布,2021-10-01
B,创客中国,2022,优胜奖,已公布,2022-10-01
B,创客中国,2021,一等奖,已公布,2021-10-01
"""


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    told = PROJECT_ROWS.format(bridge=BRIDGE, again=BRIDGE, soil=SOIL)
    (tmp_path / "projects.csv").write_text(told, "utf-8")
    (tmp_path / "awards.csv").write_text(AWARD_ROWS, "utf-8")
    (tmp_path / "institutions.csv").write_text(
        "institution_id,name,kind,profile\nF,甲创投,venture_capital,检测机器人\n", "utf-8"
    )
    (tmp_path / "duijie.toml").write_text('encoder = "none"\n')
    monkeypatch.chdir(tmp_path)
    call("import", ".")
    return tmp_path


def call(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == code, result.output + result.stderr
    return result


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_merge_shows_one_project_with_the_awards_of_both_and_can_be_undone(work: Path) -> None:
    store = Store("duijie.duckdb")
    call("match", "--channel", "financing")

    def listed() -> set[str]:
        told = call("matches", "--channel", "financing", "--for", "projects").stdout
        return {row["project_id"] for row in cells(told)}

    before = store.view(date(2026, 1, 1))
    assert {"A", "B"} <= listed()
    call("merge", "A", "B")
    view = store.view(date(2026, 1, 1))
    assert view.projects.column("project_id").to_pylist() == ["A", "C"]
    assert view.projects.column("consent").to_pylist()[0] == ["financing"]
    awards = view.awards.to_pylist()
    assert [(row["project_id"], row["edition"]) for row in awards] == [("A", "2021"), ("A", "2022")]
    assert "B" not in listed()
    assert not cells(call("duplicates").stdout)
    assert store.current("projects").num_rows == 3
    call("unmerge", "B")
    after = store.view(date(2026, 1, 1))
    assert after == before
    assert {"A", "B"} <= listed()
    assert [entry["action"] for entry in store.journal("merge", "unmerge")] == ["merge", "unmerge"]


def test_a_merge_without_meaning_is_refused(work: Path) -> None:
    assert "merge.self" in call("merge", "A", "A", code=2).stderr
    assert "project.unknown" in call("merge", "A", "nobody", code=2).stderr
    assert "merge.missing" in call("unmerge", "A", code=2).stderr
    call("merge", "A", "B")
    assert "merge.already" in call("merge", "B", "C", code=2).stderr
    assert "merge.already" in call("merge", "C", "B", code=2).stderr
    call("merge", "C", "A")
    assert Store("duijie.duckdb").view(date(2026, 1, 1)).projects.column("project_id").to_pylist() == ["C"]


def entry(action: str, **payload: str) -> dict[str, Any]:
    return {"action": action, "payload": payload}


def test_merges_follow_chains_and_undoing_the_first_frees_the_second() -> None:
    told = [entry("merge", kept="B", absorbed="C"), entry("merge", kept="A", absorbed="B")]
    assert merges_of(told) == {"C": "A", "B": "A"}
    assert merges_of([*told, entry("unmerge", absorbed="B")]) == {"C": "B"}
    with pytest.raises(DuijieError, match=r"merge\.already"):
        check_merge("B", "D", "ABCD", merges_of(told))


def test_a_record_that_was_not_listed_yet_lends_no_id_to_the_past() -> None:
    rows = table({"project_id": "B"}, {"project_id": "C"})
    awards = pa.Table.from_pylist(
        [{"project_id": "C", "programme": "p", "edition": "1", "award": "x"}], schema=AWARDS.schema
    )
    shown = merged({"projects": rows, "awards": awards}, {"B": "A", "C": "A"})
    assert shown["projects"].column("project_id").to_pylist() == ["B"]
    assert shown["awards"].column("project_id").to_pylist() == ["B"]


def test_the_strictest_confidentiality_stands() -> None:
    rows = table({"project_id": "A", "confidentiality": "public"}, {"project_id": "B", "confidentiality": "closed"})
    shown = merged({"projects": rows}, {"B": "A"})["projects"].to_pylist()
    assert [(row["project_id"], row["confidentiality"]) for row in shown] == [("A", "closed")]


def test_a_merged_project_is_as_withdrawn_as_its_strictest_record() -> None:
    rows = [{"project_id": "A", "state": "active"}, {"project_id": "B", "state": "withdrawn"}, {"project_id": "C"}]
    shown = merged({"projects": table(*rows)}, {"B": "A", "C": "A"})["projects"].to_pylist()
    assert [(row["project_id"], row["state"]) for row in shown] == [("A", "withdrawn")]
