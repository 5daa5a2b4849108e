"""The command line of the interchange, end to end on small files: output, what is kept, refusals, exit codes."""

from __future__ import annotations

import csv
import io
import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from data.store import Store

PROJECTS = """项目编号,项目名称,项目简介,所属领域,省份,融资需求,是否同意
P1,细菌纤维素创面敷料,发酵法制备的细菌纤维素敷料可吸收大量渗液。样机尚未经过第三方型式试验。,医疗健康,浙江,800万元,
P2,钢轨探伤机器人,利用电磁超声对在役钢轨做不停车检测。,智能装备,山东,3000万元,
P3,高温合金粉末,面向航空发动机的高温合金球形粉末。,新材料,陕西,,
"""
INSTITUTIONS = """institution_id,name,kind,profile,province,ticket_min
F1,甲创投,创业投资机构,关注组织修复与高值耗材。,浙江,
F2,乙创投,venture_capital,关注轨道交通与无损检测。单笔不低于三千万。不投医药。,山东,
F3,丙银行,银行,支持先进材料企业。,陕西,
K1,丁园区,产业园区,医疗器械专业园区，有洁净车间。,浙江,
S1,戊检测,服务平台,医疗器械型式检验与生物相容性检测。,浙江,
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "projects.csv").write_text(PROJECTS, "utf-8")
    (tmp_path / "in" / "institutions.csv").write_text(INSTITUTIONS, "utf-8")
    return tmp_path


Duijie = Callable[..., Result]


@pytest.fixture
def duijie(duijie: Duijie, work: Path) -> Duijie:
    return duijie


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_an_excluded_sector_is_ineligible_and_says_why(duijie: Duijie) -> None:
    duijie("import", "in", "--consent", "financing")
    duijie("match", "--channel", "financing")
    listed = table(duijie("matches", "--channel", "financing", "--for", "projects", "--with-ineligible").stdout)
    pair = next(row for row in listed if (row["project_id"], row["institution_id"]) == ("P1", "F2"))
    assert pair["status"] == "ineligible" and "exclusion" in pair["rule"] and not pair["rank_for_project"]
    text = duijie("explain", "P1", "F2").stdout  # the other channels were never matched
    assert "不投医药。" in text


def test_import_match_list_explain_search_export(duijie: Duijie) -> None:
    told = duijie("import", "in")
    assert "added 3" in told.stderr
    assert "added 5" in told.stderr
    duijie("match")
    rows = table(duijie("matches", "--channel", "financing", "--for", "projects").stdout)
    first = {row["project_id"]: row["institution_id"] for row in rows if row["rank_for_project"] == "1"}
    assert first["P3"] == "F3"
    assert not any(row["project_id"] == "P1" and row["institution_id"] == "F2" for row in rows)
    nested = json.loads(
        duijie("matches", "--channel", "services", "--for", "projects", "--id", "P1", "--format", "json").stdout
    )
    assert abs(sum(reason["weight"] for reason in nested[0]["reasons"]) - nested[0]["score"]) < 1e-9
    text = duijie("explain", "P1", "F2").stdout
    assert "不投医药" in text
    assert "✗" in text
    assert "P2" in duijie("search", "轨道无损检测", "--for", "projects", "--channel", "financing", "--top", "1").stdout
    assert table(duijie("export", "projects").stdout)[0]["province"]
    reasons = table(duijie("export", "reasons").stdout)
    stored = PROJECTS
    assert all(row["evidence_project"] in stored for row in reasons)


def test_import_is_idempotent_and_previews(duijie: Duijie) -> None:
    assert "added 3" in duijie("import", "in", "--preview").stderr
    duijie("match", code=2)
    duijie("import", "in")
    assert "added 0, changed 0, unchanged 3" in duijie("import", "in").stderr


def test_ids_ranks_and_top(duijie: Duijie) -> None:
    duijie("import", "in")
    duijie("match", "--channel", "financing", "--top", "2")
    rows = table(
        duijie("matches", "--channel", "financing", "--for", "institutions", "--id", "F1", "--top", "1").stdout
    )
    assert [(row["institution_id"], row["rank_for_institution"]) for row in rows] == [("F1", "1")]


def test_a_withdrawal_works_at_once_on_old_runs(duijie: Duijie, work: Path) -> None:
    duijie("import", "in")
    duijie("match")
    (work / "p.csv").write_text("project_id,name,state\nP2,钢轨探伤机器人,withdrawn\n", "utf-8")
    duijie("import", "p.csv")
    rows = table(duijie("matches", "--channel", "financing", "--for", "projects").stdout)
    assert "P2" not in {row["project_id"] for row in rows}
    assert "P2" not in duijie("search", "轨道无损检测", "--for", "projects", "--channel", "financing").stdout


def test_declared_consent_is_recorded(duijie: Duijie) -> None:
    duijie("import", "in", "--consent", "financing")
    store = Store("duijie.duckdb")
    assert {tuple(value) for value in store.current("projects").column("consent").to_pylist()} == {("financing",)}
    assert store.journal("import")[0]["payload"]["consent"] == ["financing"]
    duijie("match")
    assert table(duijie("matches", "--channel", "placement", "--for", "projects").stdout) == []


def test_an_id_that_is_not_stored_is_told(duijie: Duijie) -> None:
    duijie("import", "in")
    duijie("match")
    for side, code in (("projects", "project.unknown"), ("institutions", "institution.unknown")):
        told = duijie("matches", "--channel", "financing", "--for", side, "--id", "NOPE", code=2).stderr
        assert code in told and "没有这个" in told


def test_one_answer_of_consent_at_a_time(duijie: Duijie) -> None:
    duijie("import", "in")
    answer = ("consent", "P1", "--channel", "financing", "--by", "甲（样例）")
    assert "consent.answer" in duijie(*answer, "--given", "--refused", code=2).stderr
    assert Store("duijie.duckdb").journal("consent") == []
    duijie(*answer, "--given")


def test_a_busy_port_is_told_before_any_address(duijie: Duijie) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        told = duijie("serve", "--port", str(busy.getsockname()[1]), code=2).stderr
    assert "serve.port" in told and "http://" not in told


def test_misuse_exits_with_2_and_a_hint(duijie: Duijie, work: Path) -> None:
    assert "file.missing" in duijie("import", "nowhere", code=2).stderr
    listed = ("matches", "--channel", "financing", "--for", "projects")
    assert "store.missing" in duijie(*listed, code=2).stderr
    assert not (work / "duijie.duckdb").exists()
    duijie("import", "in")
    assert "run.missing" in duijie(*listed, code=2).stderr
    duijie("match", "--as-of", "tomorrow", code=2)
    duijie("matches", "--channel", "lottery", "--for", "projects", code=2)
    (work / "bad.toml").write_text("encodr = 'x'\n")
    assert "settings.unknown" in duijie("match", "--settings", "bad.toml", code=2).stderr


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "file.empty"),
    "no name": (b"project_id,summary\nP1,x\n", "column.missing"),
    "broken encoding": (b"project_id,name\nP1,\xff\xfe\xfa\x80\x81\n", "file.encoding"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_file_that_cannot_be_used_stops_the_whole_set(duijie: Duijie, work: Path, name: str) -> None:
    content, code = BAD[name]
    (work / "in" / "projects.csv").write_bytes(content)
    told = duijie("import", "in", code=1)
    assert code in told.stderr
    assert Store("duijie.duckdb").current("institutions").num_rows == 0


ROWS = {
    "twice": ("P1,again,", "row.duplicate", "project_id"),
    "year 3024": ("P9,x,3024-01-01", "date.range", "listed_at"),
    "no id": (",x,", "cell.missing", "project_id"),
}


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_bad_row_is_rejected_with_row_column_and_code_and_the_others_kept(
    duijie: Duijie, work: Path, name: str
) -> None:
    row, code, column = ROWS[name]
    (work / "projects.csv").write_text(f"project_id,name,listed_at\nP1,x,\n{row}\n", "utf-8")
    duijie("import", "projects.csv", code=1)
    store = Store("duijie.duckdb")
    assert store.current("projects").column("project_id").to_pylist() == ["P1"]
    problem = next(p for p in table(duijie("export", "problems").stdout) if p["severity"] == "error")
    assert (problem["row"], problem["column"], problem["code"]) == ("2", column, code)
    assert problem["hint"]


def test_an_institution_kind_nobody_knows_is_named(duijie: Duijie, work: Path) -> None:
    (work / "institutions.csv").write_text("institution_id,name,kind\nI1,x,占星社\nI2,y,bank\n", "utf-8")
    assert "占星社" in duijie("import", "institutions.csv", code=1).stderr


def test_strict_keeps_nothing_when_a_row_is_wrong(duijie: Duijie, work: Path) -> None:
    (work / "projects.csv").write_text("project_id,name\nP1,x\nP1,y\n", "utf-8")
    duijie("import", "projects.csv", "--strict", code=1)
    assert Store("duijie.duckdb").current("projects").num_rows == 0


def test_a_run_without_an_encoder_says_so(duijie: Duijie, work: Path) -> None:
    (work / "duijie.toml").write_text('encoder = "./no-such-model"\n')
    duijie("import", "in")
    told = duijie("match")
    assert "NO ENCODER" in told.stderr
    run = next(path for path in (work / "duijie.duckdb.runs").iterdir() if path.is_dir())
    assert json.loads((run / "manifest.json").read_text())["encoder"]["lexical_only"] is True
