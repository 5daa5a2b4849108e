"""What an import leaves alone: columns that a file lacks, answers that a project gave, restrictions that stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from organisers_files import zhejiang

from app.importing import Declaration, answered_projects, declare_consent
from data.consents import CONSENT, REFUSED, WITHDRAWN, consent_entry, consent_of
from data.document import Told
from data.intake import Intake, read_paths
from data.merging import MERGE
from data.present import LASTING, Present
from data.store import Change, Store
from data.tables import TABLES

TOLD = "project_id,name,city,summary,funding_sought\n"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that knows three projects in full."""
    store = Store(tmp_path / "market.duckdb")
    lines = (f"P{n},名{n}（样例）,南京市,文{n},{n}000000\n" for n in (1, 2, 3))
    write(store, tmp_path, {"projects.csv": TOLD + "".join(lines)})
    return store


def read(folder: Path, files: dict[str, str]) -> Intake:
    """Read files of a folder of their own, in the order in which they are given."""
    home = folder / f"files_{len(list(folder.iterdir()))}"
    home.mkdir()
    for name, text in files.items():
        (home / name).write_text(text, "utf-8")
    return read_paths([home / name for name in files])


def write(store: Store, folder: Path, files: dict[str, str]) -> dict[str, Change]:
    intake = read(folder, files)
    changes = store.write(intake.tables, intake.problems, actor="test", note={}, present=intake.present)
    return {change.table: change for change in changes}


def held(store: Store, key: str, table: str = "projects") -> dict[str, Any]:
    rows = store.current(table).to_pylist()
    return next(row for row in rows if row["project_id"] == key)


# --- columns, file by file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, -1])
def test_what_one_file_lacks_is_left_alone_though_another_has_it(store: Store, tmp_path: Path, order: int) -> None:
    narrow = "project_id,name\nP1,改一（样例）\n"
    wide = TOLD + "P2,改二（样例）,苏州市,,\nP4,新（样例）,,,\n"
    files = dict(list({"projects_a.csv": narrow, "projects_b.csv": wide}.items())[::order])
    change = write(store, tmp_path, files)["projects"]
    assert (change.added, change.changed, change.cleared) == (1, 2, 2)
    one, two = held(store, "P1"), held(store, "P2")
    assert (one["name"], one["city"], one["summary"], one["funding_sought"]) == ("改一（样例）", "南京市", "文1", 1e6)
    assert (two["name"], two["city"], two["summary"], two["funding_sought"]) == ("改二（样例）", "苏州市", None, None)


def test_an_empty_cell_clears_also_where_the_whole_column_is_empty(store: Store, tmp_path: Path) -> None:
    change = write(store, tmp_path, {"projects.csv": "project_id,name,summary\nP1,名1（样例）,\n"})["projects"]
    assert (change.changed, change.cleared) == (1, 1)
    assert held(store, "P1")["summary"] is None and held(store, "P1")["city"] == "南京市"
    assert held(store, "P2")["summary"] == "文2"


def test_sheets_and_files_of_several_formats_have_their_own_columns(store: Store, tmp_path: Path) -> None:
    intake = read(
        tmp_path,
        {
            "projects_1.csv": "项目编号,项目名称\nP1,一（样例）\n",
            "projects_2.csv": "project_id,name,city\n,缺（样例）,\nP2,二（样例）,\nP1,又（样例）,\nP3,三（样例）,\n",
        },
    )
    present = intake.present["projects"]
    assert intake.tables["projects"].column("project_id").to_pylist() == ["P1", "P2", "P3"]
    assert present.lacking("city").tolist() == [True, False, False]
    assert not present.lacking("name").any() and present.lacking("summary").all()


def test_the_preview_tells_what_is_cleared_and_the_import_does_just_that(store: Store, tmp_path: Path) -> None:
    intake = read(
        tmp_path, {"projects_a.csv": "project_id,name\nP1,名1（样例）\n", "projects_b.csv": TOLD + "P2,x,,,1\n"}
    )
    told = store.differences(intake.tables, intake.present)["projects"].to_pylist()
    assert [(row["project_id"], row["change"]) for row in told] == [("P2", "changed")]
    assert set(told[0]["columns"]) == {"name", "city", "summary", "funding_sought"}
    assert set(told[0]["cleared"]) == {"city", "summary"}
    (change,) = store.preview(intake.tables, intake.present)
    assert store.write(intake.tables, [], actor="test", note={}, present=intake.present) == [change]
    assert change.cleared == 2
    assert not store.differences(intake.tables, intake.present)["projects"].num_rows


def test_a_sum_tells_its_currency_and_without_one_the_currency_stays(store: Store, tmp_path: Path) -> None:
    write(store, tmp_path, {"projects.csv": "project_id,name,funding_sought\nP1,名1（样例）,USD 2m\n"})
    assert (held(store, "P1")["funding_sought"], held(store, "P1")["currency"]) == (2e6, "USD")
    write(store, tmp_path, {"projects.csv": "project_id,name\nP1,改（样例）\n"})
    assert held(store, "P1")["currency"] == "USD"
    write(store, tmp_path, {"projects.csv": "project_id,name,funding_sought\nP1,改（样例）,3000000\n"})
    assert (held(store, "P1")["funding_sought"], held(store, "P1")["currency"]) == (3e6, None)  # else 3 million dollars
    change = write(store, tmp_path, {"projects.csv": "project_id,name,funding_sought\nP1,改（样例）,EUR 1m\n"})[
        "projects"
    ]
    assert change.cleared == 0 and held(store, "P1")["currency"] == "EUR"
    change = write(store, tmp_path, {"projects.csv": "project_id,name,funding_sought\nP1,改（样例）,4000000\n"})[
        "projects"
    ]
    assert (change.changed, change.cleared, held(store, "P1")["currency"]) == (1, 0, None)


def test_a_list_clears_nothing_of_what_it_does_not_say(tmp_path: Path) -> None:
    store, told = Store(tmp_path / "market.duckdb"), Told("创客中国", "2022", "浙江")
    intake = read_paths([zhejiang(tmp_path)], told=told)
    projects = intake.tables["projects"].to_pylist()
    full = [{**row, "summary": "全文", "city": row["city"] or "杭州市"} for row in projects]
    store.write(
        {"projects": intake.tables["projects"].from_pylist(full, schema=TABLES["projects"].schema)},
        [],
        actor="test",
        note={},
    )
    change = store.write({"projects": intake.tables["projects"]}, [], actor="test", note={}, present=intake.present)[0]
    assert change.cleared == 0 and len(projects) > 1
    assert {row["summary"] for row in store.current("projects").to_pylist()} == {"全文"}


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("projects", "state", "withdrawn"),
        ("projects", "confidentiality", "closed"),
        ("projects", "consent", "none"),
        ("awards", "status", "公示中"),
    ],
)
def test_an_empty_cell_lifts_no_restriction(store: Store, tmp_path: Path, table: str, column: str, value: str) -> None:
    start = {
        "projects": ("project_id,name", "P1,名1（样例）"),
        "awards": ("project_id,programme,edition,award", "P1,甲,2022,一"),
    }
    header, row = start[table]
    write(store, tmp_path, {f"{table}.csv": f"{header},{column}\n{row},{value}\n"})
    before = held(store, "P1", table)[column]
    assert before in (value, [value])
    change = write(store, tmp_path, {f"{table}.csv": f"{header},{column}\n{row},\n"})[table]
    assert held(store, "P1", table)[column] == before and change.cleared == 0
    other = {"state": "active", "confidentiality": "public", "consent": "financing", "status": "已公布"}[column]
    write(store, tmp_path, {f"{table}.csv": f"{header},{column}\n{row},{other}\n"})
    assert held(store, "P1", table)[column] in (other, [other])


def test_lasting_columns_are_columns() -> None:
    for table, columns in LASTING.items():
        assert set(columns) <= set(TABLES[table].names) - set(TABLES[table].key)


def test_sets_are_told_once_however_many_parts_there_are() -> None:
    one, two = frozenset({"a"}), frozenset({"a", "b"})
    present = Present.of_parts([one, two, one], np.array([0, 0, 1, 2, 2], dtype=np.int32))
    assert present.sets == (one, two)
    assert present.lacking("b").tolist() == [True, True, False, True, True]
    assert present.sets_without("a") == []


# --- declared consent --------------------------------------------------------------------------------------------

CHANNELS = ["financing", "placement"]
NAMES = "project_id,name\nP1,名1（样例）\nP2,名2（样例）\nP9,新（样例）\n"


def declared(store: Store, folder: Path, text: str = NAMES) -> Declaration:
    """Import a file with the declaration of two channels."""
    intake = read(folder, {"projects.csv": text})
    tables = dict(intake.tables)
    told = declare_consent(tables, CHANNELS, answered_projects(store))
    store.write(tables, [], actor="test", note={}, present=intake.present)
    return told


@pytest.mark.parametrize("header", ["", ",consent"])  # a file without the column, and one that leaves it empty
@pytest.mark.parametrize("answer", ["none", "services"])
def test_a_declaration_changes_no_answer_that_is_stored(store: Store, tmp_path: Path, answer: str, header: str) -> None:
    write(store, tmp_path, {"projects.csv": f"project_id,name,consent\nP1,名1（样例）,{answer}\n"})
    tail = "," if header else ""
    told = declared(
        store, tmp_path, f"project_id,name{header}\nP1,名1（样例）{tail}\nP2,名2（样例）{tail}\nP9,新（样例）{tail}\n"
    )
    assert told == Declaration(filled=2, answered=1)
    assert held(store, "P1")["consent"] == [answer]
    assert held(store, "P2")["consent"] == held(store, "P9")["consent"] == CHANNELS


@pytest.mark.parametrize("answer", [REFUSED, WITHDRAWN])
def test_a_refusal_in_the_journal_holds_over_a_declaration(store: Store, tmp_path: Path, answer: str) -> None:
    store.append("test", CONSENT, consent_entry("P1", ["financing"], answer, "负责人", ["P1"]))
    declared(store, tmp_path)
    shown = {row["project_id"]: row["consent"] for row in store.shown("projects")["projects"].to_pylist()}
    assert consent_of(shown["P1"], "financing") == "refused" and consent_of(shown["P1"], "placement") == "given"
    assert consent_of(shown["P2"], "financing") == "given"


def test_a_refusal_of_a_merged_record_is_one_of_the_project(store: Store, tmp_path: Path) -> None:
    write(store, tmp_path, {"projects.csv": "project_id,name,consent\nP2,名2（样例）,services\n"})
    store.append("test", MERGE, {"kept": "P1", "absorbed": "P2"})
    assert declared(store, tmp_path) == Declaration(filled=1, answered=2)
    shown = {row["project_id"]: row["consent"] for row in store.shown("projects")["projects"].to_pylist()}
    assert shown["P1"] == ["services"] and "P2" not in shown


def test_a_declaration_repeated_changes_nothing(store: Store, tmp_path: Path) -> None:
    assert declared(store, tmp_path) == Declaration(filled=3, answered=0)
    before = store.current("projects")
    assert declared(store, tmp_path) == Declaration(filled=0, answered=3)
    assert store.current("projects").equals(before)


def test_the_command_line_tells_what_became_of_the_declaration(duijie: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "projects.csv").write_text(
        "project_id,name,summary,consent\nP1,一（样例）,文,不同意\nP2,二（样例）,文,\n", "utf-8"
    )
    assert "1 filled as declared, 1 keep" not in duijie("import", "projects.csv", "--consent", "financing").stderr
    (tmp_path / "projects.csv").write_text(
        "project_id,name,summary\nP1,一（样例）,\nP2,二（样例）,文\nP3,三（样例）,文\n", "utf-8"
    )
    told = duijie("import", "projects.csv", "--consent", "financing").stderr
    assert "1 filled as declared, 2 keep the answer" in told and "1 stored values are cleared" in told
    rows = Store(tmp_path / "duijie.duckdb").current("projects").to_pylist()
    assert [row["consent"] for row in rows] == [["none"], ["financing"], ["financing"]]


def test_nobody_answered_in_a_store_that_is_not_there(tmp_path: Path) -> None:
    store = Store(tmp_path / "none.duckdb")
    assert answered_projects(store) == frozenset() and not store.exists
    assert declare_consent({}, CHANNELS, ()) == Declaration()
