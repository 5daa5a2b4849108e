"""``duijie import`` of a folder of lists and forms, end to end: preview, store, export, options, refusals."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import organisers_files as files
import pyarrow.parquet as pq
import pytest
from click.testing import Result

from data.contacts import contacts_path
from data.store import Store


@pytest.fixture
def duijie(duijie: Callable[..., Result], tmp_path: Path) -> Callable[..., Result]:
    files.folder_of_all(tmp_path / "in")
    return duijie


def exported(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_a_folder_is_previewed_imported_exported_and_imported_again(duijie: Callable[..., Result]) -> None:
    seen = duijie("import", "in", "--preview").stderr
    assert "获奖名单 / list of winners" in seen and "钢轨探伤机器人(样例) | 甲轨道公司(样例)" in seen
    assert "nothing was written" in seen
    assert not Store("duijie.duckdb").exists  # a preview does not even make the store
    duijie("import", "in")
    projects, awards = exported(duijie("export", "projects")), exported(duijie("export", "awards"))
    assert (len(projects), len(awards)) == (36, 35)
    assert {row["programme"] for row in awards} == {"创客中国", "创客中国长治", "创新之光", "科创中国"}
    assert {row["project_id"] for row in awards} <= {row["project_id"] for row in projects}
    again = duijie("import", "in").stderr
    for table in ("projects", "institutions", "awards", "ip", "needs"):
        [line] = [line for line in again.splitlines() if line.startswith(f"{table}: added")]
        assert "added 0" in line and "changed 0" in line


def test_an_import_keeps_contacts_apart_and_a_preview_keeps_none(duijie: Callable[..., Result]) -> None:
    held = contacts_path(Store("duijie.duckdb"))
    duijie("import", "in", "--preview")
    assert not held.exists()
    duijie("import", "in")
    first = pq.read_table(held)
    known = {
        row[key]
        for table, key in (("projects", "project_id"), ("institutions", "institution_id"))
        for row in exported(duijie("export", table))
    }
    assert {"person", "phone", "mail"} <= set(first.column("kind").to_pylist())
    assert set(first.column("subject_id").to_pylist()) <= known
    assert "新存 0 项" in duijie("import", "in").stderr
    assert pq.read_table(held).equals(first)


def test_contacts_of_a_rejected_row_are_dropped(duijie: Callable[..., Result]) -> None:
    title = "第七届“创客中国”浙江省中小企业创新创业大赛获奖名单\n"
    head = "编号,项目名称,组别,奖项,参赛单位,联系电话\n"
    good, bad = "A1,甲（样例）,创客组,一等奖,某队（样例）,99900000001\n", "A2,,创客组,一等奖,某队（样例）,99900000002\n"
    Path("名单.csv").write_text(title + head + good + bad, "utf-8")
    duijie("import", "名单.csv", code=1)
    values = pq.read_table(contacts_path(Store("duijie.duckdb"))).column("value").to_pylist()
    assert values == ["99900000001"]


def test_options_and_strict_on_the_command_line(duijie: Callable[..., Result]) -> None:
    Path("名单.csv").write_text("项目名称,参赛单位,奖项\n甲（样例）,某公司（样例）,一等奖\n", "utf-8")
    assert "document.origin" in duijie("import", "名单.csv", "in/projects.csv", code=1).stderr
    assert [row["project_id"] for row in exported(duijie("export", "projects"))] == ["P1"]
    duijie("import", "名单.csv", "in/institutions.csv", "--strict", code=1)
    assert not exported(duijie("export", "institutions"))
    duijie("import", "名单.csv", "--programme", "创客中国", "--edition", "2022", "--contest", "浙江")
    [award] = exported(duijie("export", "awards"))
    assert award["contest"] == "第七届“创客中国”浙江省中小企业创新创业大赛"


def test_a_stored_lead_enterprise_is_not_made_again(duijie: Callable[..., Result]) -> None:
    duijie("import", "in/institutions.csv")
    duijie("import", "in/赛道赛.xlsx")
    held = exported(duijie("export", "institutions"))
    assert sorted(row["name"] for row in held) == ["亥家电公司（样例）", "海尔智家股份有限公司"]
