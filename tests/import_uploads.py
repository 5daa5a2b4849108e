"""Uploads, and a small store with a run to import them into: what the tests of the import page share."""

from __future__ import annotations

import io
import tempfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from dashboard_market import draw_quickly

from app.dashboard.access import Access
from app.dashboard.desk import Desk, open_desk
from app.dashboard.import_queries import Declared, Preview, preview_files
from app.dashboard.roles import ROLES
from app.dashboard.uploads import Upload
from app.dashboard.visitor import Visitor
from app.system import System
from data.intake import read_paths
from data.store import Store
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


def write_matched(folder: Path) -> Store:
    """A small store with a run, which tests copy."""
    (folder / "projects.csv").write_text(PROJECTS, "utf-8")
    (folder / "institutions.csv").write_text(INSTITUTIONS, "utf-8")
    intake = read_paths([folder / "projects.csv", folder / "institutions.csv"])
    store = Store(folder / "market.duckdb")
    store.write(intake.tables, intake.problems, actor="test", note={})
    System(store, Settings(encoder="none")).match(["financing"], as_of=date(2024, 1, 1))
    return store


def copy_of(matched: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of one's own that pages read, and an empty folder for temporary files."""
    store = Store(folder / "market.duckdb")
    store.path.write_bytes(matched.path.read_bytes())
    store.runs_folder.symlink_to(matched.runs_folder)
    serve_from(store, monkeypatch)
    return store


def serve_from(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages read a store without an encoder, and lay their temporary files into a folder beside it."""
    folder = store.path.parent
    (folder / "duijie.toml").write_text('encoder = "none"\n')
    (folder / "scratch").mkdir()
    monkeypatch.setenv("DUIJIE_STORE", str(store.path))
    monkeypatch.setenv("DUIJIE_SETTINGS", str(folder / "duijie.toml"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "scratch"))
    draw_quickly(monkeypatch)


def left_behind() -> list[Path]:
    """Temporary files that are still there."""
    return list(Path(tempfile.gettempdir()).iterdir())


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
