"""What a preview says of files: what is new, what differs, what is wrong, and where; nothing is written."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import organisers_files
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from import_uploads import (
    BROKEN,
    GOOD,
    VISITOR,
    codes,
    desk,
    preview,
    table_of,
    workbook,
)

from app.dashboard.import_queries import Declared, import_files
from app.dashboard.parts.import_guide import template_of
from app.dashboard.parts.import_preview import problems_csv
from app.dashboard.parts.import_words import in_language, shown_problems
from app.dashboard.roles import ROLES
from app.dashboard.shown_strings import say
from app.dashboard.uploads import Upload
from app.dashboard.visitor import Visitor
from app.importing import Declaration
from data.contacts import contacts_path
from data.intake import Intake, read_paths
from data.problem import DuijieError
from data.reference.headers import column_of, header_label
from data.store import Store
from data.tables import TABLES

pytestmark = pytest.mark.usefixtures("import_store")


def test_a_preview_says_what_is_new_changed_and_the_same_and_writes_nothing(import_store: Store) -> None:
    before, journal = import_store.path.read_bytes(), import_store.journal()
    found = preview(GOOD)
    assert not found.blocked and found.errors == 0 and found.changing == 2
    assert found.files.to_dict("records") == [
        {"file": "projects.csv", "table": "projects", "zh": "", "en": "", "read": 3}
    ]
    told = found.tables.to_dict("records")
    assert told == [
        {"table": "projects", "read": 3, "accepted": 3, "rejected": 0, "added": 1, "changed": 1, "unchanged": 1}
    ]
    rows = found.rows.set_index("key")
    assert rows.loc["P1", "columns"] == ["funding_sought"] and rows.loc["P1", "change"] == "changed"
    assert rows.loc["P9", "columns"] == [] and rows.loc["P9", "change"] == "added"
    assert (rows.loc["P9", "file"], rows.loc["P9", "row"], rows.loc["P9", "name"]) == (
        "projects.csv",
        3,
        "新项目（样例）",
    )
    assert import_store.journal() == journal and import_store.path.read_bytes() == before


def test_a_preview_counts_what_would_be_cleared(import_store: Store) -> None:
    found = preview(
        table_of("project_id,name,city\nP1,钙钛矿产线（样例）,\nP3,改（样例）,苏州市\n", "projects_1.csv"),
        table_of("project_id,name\nP2,风机叶片（样例）\n", "projects_2.csv"),
    )
    rows = found.rows.set_index("key")
    assert found.clearing == 1 and set(rows.index) == {"P1", "P3"}
    assert (rows.loc["P1", "columns"], rows.loc["P1", "cleared"]) == (["city"], ["city"])
    assert (rows.loc["P3", "columns"], rows.loc["P3", "cleared"]) == (["name"], [])
    assert preview(GOOD).clearing == 0


def test_a_declaration_fills_what_nobody_answered_and_says_so(import_store: Store) -> None:
    file = table_of("project_id,name\nP1,钙钛矿产线（样例）\nP9,新（样例）\n")
    told = Declared(consent=("placement",))
    found = preview(file, declared=told)
    assert found.declaration == Declaration(filled=1, answered=1)
    assert list(found.rows["key"]) == ["P9"]
    import_files(VISITOR, desk(), [file], told)
    held = {row["project_id"]: row["consent"] for row in import_store.current("projects").to_pylist()}
    assert held["P1"] == ["financing"] and held["P9"] == ["placement"]
    assert import_store.journal("import")[-1]["payload"]["consent_filled"] == 1


def test_files_of_every_format_are_read_as_one_set() -> None:
    parquet = pa.BufferOutputStream()
    pq.write_table(pa.table({"project_id": ["P1"], "kind": ["发明专利"], "title": ["一种电池（样例）"]}), parquet)
    found = preview(
        Upload(
            "数据.xlsx",
            workbook({"项目": [["项目编号", "项目名称"], ["P7", "七（样例）"]], "机构": [["机构编号"], ["I7"]]}),
        ),
        Upload("ip.parquet", parquet.getvalue().to_pybytes()),
        table_of("project_id,institution_id,channel,event,at\nP7,I1,financing,introduced,2024-01-05\n", "outcomes.csv"),
    )
    assert dict(zip(found.files["table"], found.files["read"], strict=True)) == {
        "projects": 1, "institutions": 1, "ip": 1, "outcomes": 1,
    }  # fmt: skip
    assert codes(found) == ["column.missing", "column.missing"] and found.blocked  # name and kind of the institution
    assert set(found.problems["file"]) == {"数据.xlsx"}


def test_a_list_of_winners_is_read_once_its_contest_is_told(tmp_path: Path, import_store: Store) -> None:
    path = organisers_files.zhejiang(tmp_path)
    upload = Upload("名单.xlsx", path.read_bytes())
    told = Declared("创客中国", "2022", "浙江", ("financing",))
    found = preview(upload, declared=told)
    assert not found.blocked and found.files["zh"][0] and found.files["en"][0]
    assert set(found.problems["file"]) == {"名单.xlsx"}
    counts = found.tables.set_index("table")["added"]
    assert counts["projects"] == counts["awards"] == 5 and found.declaration.filled == 5
    assert found.contacts > 0 and not contacts_path(import_store).exists()
    done = import_files(VISITOR, desk(), [upload], told)
    assert done.contacts == found.contacts and contacts_path(import_store).exists()
    entry = import_store.journal("import")[-1]["payload"]
    assert entry["consent"] == ["financing"] and entry["consent_filled"] == 5


def test_any_error_blocks_the_whole_set_and_says_where(import_store: Store) -> None:
    journal = import_store.journal()
    found = preview(BROKEN, GOOD)
    assert found.blocked and found.rows.empty and found.tables["added"].isna().all()
    assert (found.tables["read"] == found.tables["accepted"] + found.tables["rejected"]).all()
    told = found.problems[found.problems["severity"] == "error"].set_index(["row", "column"])["code"]
    assert told[(2, "name")] == "cell.missing" and told[(3, "project_id")] == "cell.missing"
    assert told[(3, "state")] == "code.unknown"
    assert set(found.problems["file"]) >= {"项目.csv"}
    with pytest.raises(DuijieError, match=r"import\.blocked"):
        import_files(VISITOR, desk(), [BROKEN, GOOD], Declared())
    assert (
        import_store.journal() == journal
        and "P8" not in import_store.current("projects").column("project_id").to_pylist()
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_problems_are_told_in_the_readers_language(language: str) -> None:
    shown = shown_problems(Visitor(language, ROLES["organizer"], "financing"), preview(BROKEN).problems)
    row = shown[(shown["row"] == "2") & (shown["code"] == "cell.missing")].iloc[0]
    assert row["column"] == header_label("projects", "name", language)
    assert row["table"] == say("table.projects", language) and row["severity"] == say("importing.error", language)
    assert row["message"].startswith({"zh": "必填项“项目名称”", "en": "required name"}[language])
    assert " / " not in row["message"] + row["hint"]


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("没有 / none", "没有", "none"),
        ("“甲 / 乙”重复 / stands already", "“甲 / 乙”重复", "stands already"),
        ("缺 / lacks（另有 3 行相同 / 3 more rows alike）", "缺（另有 3 行相同）", "lacks (3 more rows alike)"),
        ("按表命名 / name it: a；可识别 / or one of: 乙 b", "按表命名：a；可识别：乙 b", "name it: a; or one of: 乙 b"),
        ("可用 / known: active, withdrawn", "可用：active, withdrawn", "known: active, withdrawn"),
        ("不使用 / personal data: kept apart", "不使用", "personal data: kept apart"),
        ("project_id", "project_id", "project_id"),
        ("a / b / c", "a / b / c", "a / b / c"),
    ],
)
def test_halves_of_bilingual_texts(text: str, zh: str, en: str) -> None:
    assert (in_language(text, "zh"), in_language(text, "en")) == (zh, en)


def test_the_download_of_problems_holds_all_of_them_and_no_formula() -> None:
    cells = "\n".join(f"P{number},=1+1,乱写" for number in range(100, 160))
    found = preview(
        table_of(f"project_id,name,state,=cmd|x\n{cells.replace(chr(10), ',x' + chr(10))},x\n", "=projects.csv")
    )
    for language in ("zh", "en"):
        rows = list(csv.DictReader(io.StringIO(problems_csv(found.problems, language).decode("utf-8-sig"))))
        assert len(rows) == len(found.problems) > 60
        assert {row["file"] for row in rows} == {"'=projects.csv"}
        assert {row["column"] for row in rows} >= {"'=cmd|x", "state", "name"}
        assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


def test_differences_are_what_an_import_writes(sample_intake: Intake, tmp_path: Path) -> None:
    other = Store(tmp_path / "other.duckdb")
    other.write({"projects": sample_intake.tables["projects"].slice(0, 50)}, [], actor="test", note={})
    for tables in (sample_intake.tables, {name: table.slice(3, 9) for name, table in sample_intake.tables.items()}):
        found = {name: told.column("change").to_pylist() for name, told in other.differences(tables).items()}
        for change in other.preview(tables):
            told = found[change.table]
            assert (told.count("added"), told.count("changed")) == (change.added, change.changed)
            assert change.unchanged == tables[change.table].num_rows - len(told)
        other.write(tables, [], actor="test", note={})
        assert not any(told.num_rows for told in other.differences(tables).values())


def test_every_accepted_row_has_its_place(tmp_path: Path) -> None:
    (tmp_path / "projects_1.csv").write_text("project_id,name\nP1,甲\n,乙\nP3,丙\n", "utf-8")
    (tmp_path / "projects_2.csv").write_text("project_id,name\nP3,又\nP4,丁\n", "utf-8")
    intake = read_paths([tmp_path])
    told = zip(intake.tables["projects"]["project_id"].to_pylist(), intake.places["projects"].to_pylist(), strict=True)
    assert [(key, place["source"], place["row"]) for key, place in told] == [
        ("P1", "projects_1.csv", 1), ("P3", "projects_1.csv", 3), ("P4", "projects_2.csv", 2),
    ]  # fmt: skip
    assert [(one.source, one.read, one.rejected) for one in intake.files] == [
        ("projects_1.csv", 3, 1), ("projects_2.csv", 2, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("table", TABLES)
def test_a_template_is_read_as_its_table(table: str, language: str) -> None:
    content = template_of(table, language)
    headers = content.decode("utf-8-sig").strip().split(",")
    assert [column_of(table, header) for header in headers] == list(TABLES[table].names)
    found = preview(Upload(f"{table}.csv", content))
    assert list(found.files["table"]) == [table] and not found.blocked and found.changing == 0
