"""The sample market with hostile and disguised entries, matched lexically: what the dashboard's tests look at."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from app.dashboard.access import open_access
from app.dashboard.desk import Desk, open_desk
from app.lists import list_matches, shown_projects
from app.system import System
from data.intake import read_paths
from data.sample.generator import AS_OF, write_sample
from data.store import Store
from matcher.settings import Settings

SCRIPT = "<script>window.hit=1</script><img src=x onerror='window.hit=1'>"
HOSTILE = f"{SCRIPT} **粗** $x$ :red[红] [链](https://example.com) www.example.com"
FORMULA = '=HYPERLINK("https://example.com","x")'
CONTACT = "联系人电话13800138000。"

PROJECTS = 180
"""As many projects as keep the tests quick."""


@dataclass(frozen=True)
class DashboardMarket:
    """A matched store, its settings file, and pairs (institution, project) of the financing channel worth a look."""

    store: Path
    settings: Path
    hostile: tuple[str, str]
    formula: tuple[str, str]
    teaser: tuple[str, str]
    system: System

    @property
    def env(self) -> dict[str, str]:
        """What the command line hands to the dashboard."""
        return {"DUIJIE_STORE": str(self.store), "DUIJIE_SETTINGS": str(self.settings)}


def write_market(folder: Path) -> DashboardMarket:
    """Write the store under ``folder`` and match it without an encoder."""
    write_sample(folder / "tables")
    intake = read_paths([folder / "tables"])
    tables = dict(intake.tables)
    tables["projects"], groups = _disguise(tables["projects"].slice(0, PROJECTS))
    store = Store(folder / "market.duckdb")
    store.write(tables, intake.problems, actor="test", note={"sample": True})
    settings = folder / "duijie.toml"
    settings.write_text('encoder = "none"\n', encoding="utf-8")
    system = System(store, Settings(encoder="none"))
    system.match(as_of=AS_OF)
    pairs = [_listed(system, ids) for ids in groups]
    return DashboardMarket(store.path, settings, pairs[0], pairs[1], pairs[2], system)


def copied(market: DashboardMarket, folder: Path) -> DashboardMarket:
    """A market of one's own to write into and to match anew; its runs so far are those of the other."""
    store = Store(folder / "market.duckdb")
    store.path.write_bytes(market.store.read_bytes())
    store.runs_folder.mkdir()
    for child in market.system.store.runs_folder.iterdir():
        (store.runs_folder / child.name).symlink_to(child)
    return dataclasses.replace(market, store=store.path, system=System(store, Settings(encoder="none")))


def _disguise(projects: pa.Table) -> tuple[pa.Table, list[list[str]]]:
    """Give every third free project a hostile name, a formula as name, or anonymity; and a telephone number."""
    rows = projects.to_pylist()
    free = [
        r for r in rows if "financing" in (r["consent"] or []) and r["confidentiality"] == "public" and r["summary"]
    ]
    groups: list[list[str]] = [[], [], []]
    for number, row in enumerate(free[:60]):
        kind = number % 3
        groups[kind].append(row["project_id"])
        row["summary"] = f"{row['summary']}{CONTACT}"
        if kind == 2:
            row["confidentiality"] = "teaser"
        else:
            row["name"] = f"{(HOSTILE, FORMULA)[kind]} {row['name']}"
    return pa.Table.from_pylist(rows, schema=projects.schema), groups


def _listed(system: System, ids: list[str]) -> tuple[str, str]:
    """An institution that lists one of these projects, and the project: the best placed."""
    given = {key for key, answer in shown_projects(system, "financing").items() if answer == "given"}
    rows = list_matches(system, "financing", "institutions").to_pylist()
    found = [r for r in rows if r["project_id"] in set(ids) & given]
    best = min(found, key=lambda r: (r["rank_for_institution"], r["institution_id"]))
    return best["institution_id"], best["project_id"]


def draw_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let AppTest not read the metadata of every installed package anew for each page: we use no packaged component."""
    monkeypatch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", lambda *_, **__: [])


def desk_of(role: str, channel: str = "") -> Desk:
    """The desk of somebody with a role of the open demonstration; the store is the one of the environment."""
    access = open_access(role)
    return open_desk(channel or access.role.channel or "financing", access)
