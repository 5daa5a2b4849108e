"""Import with preview: what files would change, what is refused, whose rows they may be, and that nothing is left."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import organisers_files
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from dashboard_market import draw_quickly
from page_visits import MAIN
from streamlit.testing.v1 import AppTest

from app.dashboard import import_queries, uploads
from app.dashboard.access import Access
from app.dashboard.desk import Desk, open_desk
from app.dashboard.import_queries import Declared, Preview, import_files, preview_files
from app.dashboard.import_scope import OUTSIDE, TABLE
from app.dashboard.parts.import_guide import template_of
from app.dashboard.parts.import_preview import problems_csv
from app.dashboard.parts.import_words import in_language, shown_problems
from app.dashboard.roles import ROLES
from app.dashboard.shown_strings import catalogue, say
from app.dashboard.uploads import Upload, labels_of
from app.dashboard.visitor import Visitor
from app.system import System
from data.contacts import contacts_path
from data.intake import Intake, read_paths
from data.merging import MERGE
from data.problem import DuijieError
from data.reference.headers import column_of, header_label
from data.store import Store
from data.tables import TABLES
from matcher.settings import Settings

VISITOR = Visitor("zh", ROLES["organizer"], "financing")
PROJECTS = """project_id,name,province,city,sectors,funding_sought,consent
P1,钙钛矿产线（样例）,江苏省,南京市,新能源,5000000,financing
P2,风机叶片（样例）,浙江省,杭州市,新能源,,financing
P3,检测芯片（样例）,江苏省,苏州市,集成电路,,financing
"""
INSTITUTIONS = """institution_id,name,kind,sectors
I1,甲基金（样例）,venture_capital,新能源
I2,乙银行（样例）,bank,新能源
"""
GOOD = Upload(
    "projects.csv",
    "项目编号,项目名称,省份,拟融资金额\nP1,钙钛矿产线（样例）,江苏省,8000000\nP2,风机叶片（样例）,浙江省,\nP9,新项目（样例）,江苏省,\n".encode(),
)
BROKEN = Upload("项目.csv", "项目编号,项目名称,项目状态\nP8,好的（样例）,active\nP9,,active\n,=1+1,乱写\n".encode())


@pytest.fixture(scope="module")
def matched(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A small store with a run, which tests copy."""
    folder = tmp_path_factory.mktemp("import")
    (folder / "projects.csv").write_text(PROJECTS, "utf-8")
    (folder / "institutions.csv").write_text(INSTITUTIONS, "utf-8")
    intake = read_paths([folder / "projects.csv", folder / "institutions.csv"])
    store = Store(folder / "market.duckdb")
    store.write(intake.tables, intake.problems, actor="test", note={})
    System(store, Settings(encoder="none")).match(["financing"], as_of=date(2024, 1, 1))
    return store


@pytest.fixture
def store(matched: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of one's own that pages read, and an empty folder for temporary files."""
    store = Store(tmp_path / "market.duckdb")
    store.path.write_bytes(matched.path.read_bytes())
    store.runs_folder.symlink_to(matched.runs_folder)
    (tmp_path / "duijie.toml").write_text('encoder = "none"\n')
    (tmp_path / "scratch").mkdir()
    monkeypatch.setenv("DUIJIE_STORE", str(store.path))
    monkeypatch.setenv("DUIJIE_SETTINGS", str(tmp_path / "duijie.toml"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    draw_quickly(monkeypatch)
    return store


@pytest.fixture(autouse=True)
def _nothing_left(store: Store) -> Iterator[None]:
    """Whatever a test does, no temporary file is left behind it."""
    yield
    assert list(Path(tempfile.gettempdir()).iterdir()) == []


def desk(role: str = "organizer", region: str = "") -> Desk:
    return open_desk("financing", Access(ROLES[role], region=region))


def preview(*files: Upload, region: str = "", declared: Declared | None = None) -> Preview:
    return preview_files(desk(region=region), files, declared or Declared())


def table_of(text: str, name: str = "projects.csv") -> Upload:
    return Upload(name, text.encode())


def codes(found: Preview, severity: str = "error") -> list[str]:
    return list(found.problems.loc[found.problems["severity"] == severity, "code"])


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(stream)
    return stream.getvalue()


# --- preview -----------------------------------------------------------------------------------------------------


def test_a_preview_says_what_is_new_changed_and_the_same_and_writes_nothing(store: Store) -> None:
    before, journal = store.path.read_bytes(), store.journal()
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
    assert store.journal() == journal and store.path.read_bytes() == before


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


def test_a_list_of_winners_is_read_once_its_contest_is_told(tmp_path: Path, store: Store) -> None:
    path = organisers_files.zhejiang(tmp_path)
    upload = Upload("名单.xlsx", path.read_bytes())
    told = Declared("创客中国", "2022", "浙江", ("financing",))
    found = preview(upload, declared=told)
    assert not found.blocked and found.files["zh"][0] and found.files["en"][0]
    assert set(found.problems["file"]) == {"名单.xlsx"}
    counts = found.tables.set_index("table")["added"]
    assert counts["projects"] == counts["awards"] == 5 and found.filled == 5
    assert found.contacts > 0 and not contacts_path(store).exists()
    done = import_files(VISITOR, desk(), [upload], told)
    assert done.contacts == found.contacts and contacts_path(store).exists()
    entry = store.journal("import")[-1]["payload"]
    assert entry["consent"] == ["financing"] and entry["consent_filled"] == 5


def test_any_error_blocks_the_whole_set_and_says_where(store: Store) -> None:
    journal = store.journal()
    found = preview(BROKEN, GOOD)
    assert found.blocked and found.rows.empty and found.tables["added"].isna().all()
    assert (found.tables["read"] == found.tables["accepted"] + found.tables["rejected"]).all()
    told = found.problems[found.problems["severity"] == "error"].set_index(["row", "column"])["code"]
    assert told[(2, "name")] == "cell.missing" and told[(3, "project_id")] == "cell.missing"
    assert told[(3, "state")] == "code.unknown"
    assert set(found.problems["file"]) >= {"项目.csv"}
    with pytest.raises(DuijieError, match=r"import\.blocked"):
        import_files(VISITOR, desk(), [BROKEN, GOOD], Declared())
    assert store.journal() == journal and "P8" not in store.current("projects").column("project_id").to_pylist()


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


# --- import ------------------------------------------------------------------------------------------------------


def test_an_import_is_kept_under_the_visitors_name_and_done_twice_changes_nothing(store: Store) -> None:
    visitor = Visitor("zh", ROLES["organizer"], "financing", Access(ROLES["organizer"], "someone"))
    first = import_files(visitor, desk(), [GOOD], Declared())
    assert [(one.added, one.changed, one.unchanged) for one in first.changes] == [(1, 1, 1)]
    entry = store.journal("import")[-1]
    assert entry["actor"] == "someone" and list(entry["payload"]["files"]) == ["projects.csv"]
    held = {row["project_id"]: row for row in store.current("projects").to_pylist()}
    assert held["P1"]["funding_sought"] == 8e6 and held["P1"]["city"] == "南京市"  # the file has no cities
    before = [store.current(name) for name in TABLES]
    second = import_files(visitor, desk(), [GOOD], Declared())
    assert [(one.added, one.changed, one.unchanged) for one in second.changes] == [(0, 0, 3)]
    assert [store.current(name) for name in TABLES] == before
    assert preview(GOOD).changing == 0


@pytest.mark.parametrize("role", [name for name, role in ROLES.items() if not role.organizes])
def test_others_than_organizers_neither_preview_nor_import(store: Store, role: str) -> None:
    organizer = desk()  # a run of another channel is not needed to be refused
    own = Desk(organizer.system, organizer.channel, organizer.run, organizer.stamp, Access(ROLES[role]))
    journal = store.journal()
    for call in (
        lambda: preview_files(own, [GOOD], Declared()),
        lambda: import_files(VISITOR, own, [GOOD], Declared()),
    ):
        with pytest.raises(DuijieError, match=r"access\.denied"):
            call()
    assert store.journal() == journal


# --- regions -----------------------------------------------------------------------------------------------------

JIANGSU = "320000"


@pytest.mark.parametrize(
    "row",
    [
        "P7,新（样例）,浙江省,杭州市",  # new, elsewhere
        "P7,新（样例）,,",  # new, nowhere
        "P2,改（样例）,江苏省,南京市",  # another region's project, moved here
        "P1,改（样例）,浙江省,杭州市",  # one's own, moved away
    ],
)
def test_a_regional_organizer_imports_no_project_of_another_region(row: str) -> None:
    file = table_of(f"project_id,name,province,city\nP3,三（样例）,江苏省,苏州市\n{row}\n")
    found = preview(file, region=JIANGSU)
    told = found.problems[found.problems["code"] == OUTSIDE]
    assert found.blocked and list(told["row"]) == [2] and list(told["file"]) == ["projects.csv"]
    assert found.rows.empty  # nor is she told what is stored
    with pytest.raises(DuijieError, match=r"import\.blocked"):
        import_files(VISITOR, desk(region=JIANGSU), [file], Declared())
    assert not preview(file).blocked  # the country's organizer may


def test_a_regional_organizer_imports_what_belongs_to_her_projects(store: Store) -> None:
    projects = table_of("project_id,name,province,city\nP1,改（样例）,江苏省,\nP7,新（样例）,江苏省,苏州市\n")
    placeless = table_of("project_id,name\nP3,改名（样例）\n")
    awards = table_of("project_id,programme,edition,award\nP1,甲赛,2022,一等奖\nP7,甲赛,2022,二等奖\n", "awards.csv")
    assert not preview(projects, awards, region=JIANGSU).blocked
    done = import_files(VISITOR, desk(region=JIANGSU), [projects, awards], Declared())
    assert {one.table: one.added + one.changed for one in done.changes} == {"projects": 2, "awards": 2}
    assert preview(placeless, region=JIANGSU).changing == 1  # it keeps its place
    assert codes(preview(projects, placeless, region=JIANGSU)) == [OUTSIDE]  # as one table they would empty it
    foreign = table_of("project_id,programme,edition,award\nP1,甲赛,2023,一等奖\nP2,甲赛,2022,一等奖\n", "awards.csv")
    found = preview(foreign, region=JIANGSU)
    assert list(found.problems.loc[found.problems["code"] == OUTSIDE, "row"]) == [2]
    national = table_of("institution_id,name,kind\nI9,丙（样例）,bank\n", "institutions.csv")
    assert TABLE in codes(preview(national, region=JIANGSU)) and not preview(national).blocked


def test_a_record_that_shows_as_another_regions_project_is_that_regions(store: Store) -> None:
    store.append("test", MERGE, {"kept": "P2", "absorbed": "P3"})
    assert store.merges() == {"P3": "P2"}
    found = preview(table_of("project_id,name,province\nP3,改（样例）,江苏省\n"), region=JIANGSU)
    assert codes(found) == [OUTSIDE]


# --- hostile uploads ---------------------------------------------------------------------------------------------


def test_names_are_labels_and_never_lead_anywhere(store: Store, tmp_path: Path) -> None:
    names = [
        "../../x.csv",
        "/etc/projects.csv",
        "..\\..\\x.csv",
        "a\0b\n.csv",
        "甲" * 300 + ".csv",
        "..",
        "",
        "𠀀" * 300 + ".csv",
    ]
    labels = labels_of(names)
    assert len(set(labels)) == len(names) and labels[:3] == ["x.csv", "projects.csv", "x (2).csv"]
    assert labels[3] == "ab.csv" and labels_of(["A.csv", "a.csv"]) == ["A.csv", "a (2).csv"]
    assert all(len(label.encode()) < 250 and not set(label) & set("/\\\0") for label in labels)
    files = [Upload(name, f"project_id,name,summary\nP{100 + at},x,y\n".encode()) for at, name in enumerate(names[:5])]
    found = preview(*files)
    assert not found.blocked and found.changing == 5
    import_files(VISITOR, desk(), files, Declared())
    assert list(store.journal("import")[-1]["payload"]["files"]) == labels[:5]
    assert not (tmp_path.parent / "x.csv").exists() and not (tmp_path / "x.csv").exists()


def bomb() -> bytes:
    """A workbook that unpacks to 300 MB."""
    stream = io.BytesIO()
    archive = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open("xl/worksheets/sheet1.xml", "w") as part:
        for _ in range(300):
            part.write(b" " * (1 << 20))
    return stream.getvalue()


def repeated_text() -> bytes:
    """A small workbook of one text of 30,000 characters in 4,000 cells, kept once."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("projects")
        sheet.write_row(0, 0, ["project_id", "name", "summary"])
        for row in range(1, 4_001):
            sheet.write_row(row, 0, [f"P{row}", "x", "字" * 30_000])
    return stream.getvalue()


def repeated_parquet() -> bytes:
    """A small Parquet file of one text of a million characters in 1,000 rows."""
    sink, texts = pa.BufferOutputStream(), pa.array(["x" * 1_000_000])
    pq.write_table(
        pa.table({"project_id": texts.dictionary_encode().take(pa.array([0] * 1000))}), sink, store_schema=False
    )
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("projects.xlsx", bomb, "file.size"),
        ("projects.xlsx", repeated_text, "file.size"),
        ("projects.parquet", repeated_parquet, "file.size"),
        ("projects.xlsx", lambda: b"project_id,name\nP1,x\n", "file.suffix"),
        ("projects.csv", lambda: workbook({"projects": [["project_id", "name"], ["P1", "x"]]}), "file.suffix"),
        ("projects.csv", lambda: b"%PDF-1.7 x", "file.suffix"),
        ("projects.parquet", lambda: b"PAR1" + b"x" * 99, "file.unreadable"),
        ("projects.xlsx", lambda: b"PK\x03\x04" + b"x" * 99, "file.unreadable"),
        ("projects.exe", lambda: b"MZ\x90", "file.unknown"),
        ("projects", lambda: b"project_id,name\nP1,x\n", "file.unknown"),
        ("projects.csv", lambda: b"", "file.empty"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_a_problem_and_stops_the_set(name: str, content: object, code: str) -> None:
    data = content()  # type: ignore[operator]
    assert len(data) < 20 << 20
    found = preview(Upload(name, data), GOOD)
    assert found.blocked and code in codes(found)
    assert name in set(found.problems["file"])


def test_a_cell_of_many_megabytes_is_emptied_with_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    found = preview(table_of(f"project_id,name,summary\nP7,七（样例）,{'字' * 5_000_000}\n"))
    told = found.problems.iloc[0]
    assert (told["row"], told["column"]) == (1, "summary") and len(told["message"]) < 200


def test_a_set_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [table_of("project_id,name\nP1,x\n", f"projects_{n}.csv") for n in range(uploads.MOST_FILES + 1)]
    assert codes(preview(*many)) == ["upload.files"]
    monkeypatch.setattr(uploads, "MOST_BYTES", 100)
    monkeypatch.setattr(uploads, "MOST_TOGETHER", 250)
    large = Upload("projects.csv", b"project_id,name\n" + b"P1,x\n" * 20)
    assert codes(preview(large)) == ["upload.size"]
    assert codes(preview(large, large, large)) == ["upload.size"]
    assert not preview(table_of("project_id,name\nP1,x\n")).blocked


def test_nothing_stays_when_reading_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def broken(paths: list[Path], **_: object) -> Intake:
        seen.append(all(path.exists() for path in paths))
        raise RuntimeError("out of memory")

    monkeypatch.setattr(import_queries, "read_paths", broken)
    with pytest.raises(RuntimeError):
        preview(GOOD)
    assert seen == [True]  # and _nothing_left looks


# --- templates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("table", TABLES)
def test_a_template_is_read_as_its_table(table: str, language: str) -> None:
    content = template_of(table, language)
    headers = content.decode("utf-8-sig").strip().split(",")
    assert [column_of(table, header) for header in headers] == list(TABLES[table].names)
    found = preview(Upload(f"{table}.csv", content))
    assert list(found.files["table"]) == [table] and not found.blocked and found.changing == 0


# --- page --------------------------------------------------------------------------------------------------------


def visit(language: str = "zh", role: str = "organizer") -> AppTest:
    page = AppTest.from_file(str(MAIN), default_timeout=60)
    for name, value in {"view": "importing", "lang": language, "role": role, "channel": "financing"}.items():
        page.query_params[name] = value
    return checked(page.run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception[0].message
    return page


def told(page: AppTest) -> str:
    kinds = (page.error, page.success, page.info, page.warning, page.text, page.caption, page.subheader)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def upload(page: AppTest, *files: Upload) -> AppTest:
    page.file_uploader[0].set_value([(one.name, one.content, "text/csv") for one in files])
    return checked(page.run())


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_from_the_guide_to_the_import(store: Store, language: str) -> None:
    page = visit(language)
    assert say("importing.guide", language) in told(page) and say("importing.about_projects", language) in told(page)
    page = upload(page, BROKEN)
    assert say("importing.blocked", language, count=3) in told(page)
    assert {"zh": "项目.csv · 第 2 行 · 项目名称：必填项", "en": "项目.csv · row 2 · name: required name"}[
        language
    ] in told(page)
    assert "import_go" not in {button.key for button in page.button}
    page = upload(page, GOOD)
    assert say("importing.ready", language, count=2) in told(page)
    page = checked(page.button(key="import_go").click().run())
    assert say("importing.done", language, count=2) in told(page)
    assert f"duijie match --store {store.path}" in [one.value for one in page.code]
    assert not page.file_uploader[0].value and "import_go" not in {button.key for button in page.button}
    assert len(store.journal("import")) == 2
    page = upload(page, GOOD)
    assert say("importing.same", language) in told(page) and say("importing.next", language) not in told(page)
    page = checked(page.button(key="import_go").click().run())
    assert say("importing.done_same", language) in told(page)


@pytest.mark.slow
def test_sessions_do_not_see_each_others_uploads_and_a_name_is_never_markup(store: Store) -> None:
    hostile = Upload(
        "<img src=x onerror=alert(1)> **粗** [链](http://x).csv", b"project_id,name,summary\nP5,<b>x</b>,y\n"
    )
    one = upload(visit(), hostile)
    assert say("importing.ready", "zh", count=1) in told(one)
    shown = "\n".join(str(found.value) for found in one.markdown) + told(one)
    assert "onerror" not in shown and "<b>" not in shown  # they stand in tables only, which show text as text
    other = visit()
    assert say("importing.guide", "zh") in told(other) and say("importing.ready", "zh", count=1) not in told(other)
    assert not other.file_uploader[0].value


@pytest.mark.slow
def test_the_page_is_the_organizers(store: Store) -> None:
    page = visit(role="fund")
    assert catalogue()["view.importing"][0] not in [one.value for one in page.title]
    assert not page.file_uploader
