"""A search tells nothing of what an anonymous project hides: not by what comes up, nor in which order or with what."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from dashboard_market import DashboardMarket, desk_of, write_market

from app.commands.search import search_rows
from app.dashboard.queries import project_names
from app.dashboard.roles import ROLES
from app.dashboard.search_queries import find
from app.dashboard.visitor import Visitor
from app.masking import plain_key
from app.searching import Hit, masked_projects, masks_of_teasers, search_projects
from app.system import System
from data.store import Store
from data.tables import IP
from matcher.channel import channels
from matcher.settings import Settings

LEXICAL = Settings(encoder="none")

FUND = Visitor("zh", ROLES["fund"], "financing")
SECRETS = (
    {"name": "曙光七号", "applicant": "云雀星河有限公司", "number": "ZL202410012345.6", "city": "无锡市"},
    {"name": "玄武计划", "applicant": "海棠山川有限公司", "number": "ZL202019988776.1", "city": "苏州市"},
)
"""What two markets hide: they differ in nothing else."""
ASKED = ("曙光七号", "玄武计划", "云雀星河", "海棠", "202410012345.6", "无锡", "苏州 储能", "储能电池 曙光", "热泵")


def market_of(folder: object, secret: dict[str, str]) -> System:
    """A store with an anonymous project that names itself in every text, and some others."""
    texts = {
        "summary": f"{secret['name']}做储能电池。由{secret['applicant']}承担。循环寿命长。",
        "technology": f"核心专利{secret['number']}，另有{secret['name']}热泵技术。采用液冷方案。",
        "innovation": f"在{secret['city']}建成中试线。能量密度高。",
    }
    anonymous = {"project_id": "T1", "province": "江苏省", "confidentiality": "teaser", "sectors": ["储能"], **texts}
    anonymous |= {name: secret[name] for name in ("name", "applicant", "city")}
    others = [
        {"project_id": f"P{number}", "name": f"项目{number}（样例）", "summary": text, "confidentiality": "public"}
        for number, text in enumerate(("热泵与储能电池。", "无锡的液冷方案。", "医疗影像软件。"))
    ]
    projects = [{**row, "consent": ["all"]} for row in (anonymous, *others)]
    fund = {"institution_id": "I1", "name": "样例基金", "kind": "venture_capital", "profile": "投资储能。"}
    store = Store(folder / "s.duckdb")  # type: ignore[operator]
    tables = {
        name: pa.Table.from_pylist(rows, schema=table.schema)
        for name, rows, table in (
            ("projects", projects, store.current("projects")),
            ("institutions", [fund], store.current("institutions")),
            ("ip", [{"project_id": "T1", "kind": "发明专利", "title": "x", "number": secret["number"]}], IP),
        )
    }
    store.write(tables, [], actor="test", note={})
    return System(store, LEXICAL)


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> list[System]:
    return [market_of(tmp_path_factory.mktemp(f"market{number}"), secret) for number, secret in enumerate(SECRETS)]


def hits(system: System, text: str) -> list[Hit]:
    view = system.store.view(date.today())
    projects = masked_projects(view.projects, masks_of_teasers(system, None, view.projects))
    masked = type(view)(**{**vars(view), "projects": projects})
    return search_projects(masked, channels()["financing"], LEXICAL, None, text)


@pytest.mark.parametrize("text", ASKED)
def test_what_a_search_gives_does_not_depend_on_what_is_hidden(systems: list[System], text: str) -> None:
    found = [hits(system, text) for system in systems]
    assert found[0] == found[1]
    assert {hit.project_id for hit in found[0]} == {"T1", "P0", "P1", "P2"}
    rows = [search_rows(system, text, "projects", ("financing",), 10) for system in systems]
    assert rows[0] == rows[1]
    assert [row["project_id"] for row in rows[0]] == [hit.project_id for hit in found[0]]


def test_what_is_searched_holds_nothing_of_what_is_hidden(systems: list[System]) -> None:
    for system, secret in zip(systems, SECRETS, strict=True):
        projects = system.store.view(date.today()).projects
        row = masked_projects(projects, masks_of_teasers(system, None, projects)).to_pylist()[-1]
        assert row["project_id"] == "T1" and row["name"] == ""
        told = plain_key(str([value for name, value in row.items() if name != "province"]))
        assert not any(plain_key(word) in told for word in secret.values())
        assert "循环寿命长" in row["summary"]  # the rest of the text is searched


def test_command_and_page_find_the_same_in_the_same_order(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = write_market(tmp_path_factory.mktemp("searched"))
    for name, value in market.env.items():
        monkeypatch.setenv(name, value)
    desk = desk_of("fund")
    names = project_names(desk, everything=False)
    for text in ("储能电池 电站", hidden_name(market)):
        page = [str(one.row["project_id"]) for one in find(FUND, desk, text)]
        command = [str(row["project_id"]) for row in search_rows(market.system, text, "projects", ("financing",), 1000)]
        told = {str(row["project_id"]): row["name"] for row in search_rows(market.system, text, "projects", (), 1000)}
        assert page == [one for one in command if one in names][: len(page)]
        assert all(told[one] == names[one] for one in page)


def hidden_name(market: DashboardMarket) -> str:
    rows = market.system.store.current("projects").to_pylist()
    return str(next(row["name"] for row in rows if row["project_id"] == market.teaser[1]))
