"""What an organizer of a region may import: rows of the projects that lie there, before and after the import.

Institutions and their needs belong to no region, so they are left to the organizers of the whole country.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from app.dashboard.access import Access
from data.intake import Intake
from data.merging import Merges
from data.present import Present
from data.problem import Problem
from data.tables import TABLES

NATIONAL = ("institutions", "needs")
PLACE = ("country", "province", "city")
OUTSIDE, TABLE = "scope.region", "scope.table"


@dataclass(frozen=True)
class Held:
    """What the store holds: ``projects`` as they are kept each, which shows as which, and those of the region."""

    projects: pa.Table
    merges: Merges
    within: frozenset[str]

    def mine(self) -> frozenset[str]:
        """Ids of stored projects that show as one of the region."""
        ids = self.projects.column("project_id").to_pylist()
        return frozenset(one for one in ids if self.merges.get(one, one) in self.within)


def outside(access: Access, intake: Intake, held: Held) -> tuple[list[Problem], Intake]:
    """Problems of the rows that are not the organizer's to import; and the files without contacts of others."""
    problems = [
        Problem(name, 0, "", TABLE, "error", f"{source}：{_TABLE_MESSAGE}", _TABLE_HINT)
        for name in NATIONAL
        if intake.read.get(name)
        for source in dict.fromkeys(intake.places[name].column("source").to_pylist())
    ]
    mine = set(held.mine())
    projects = intake.tables.get("projects")
    if projects is not None and projects.num_rows:
        good = _inside(access, projects, intake.present["projects"], held, mine)
        problems += _problems("projects", intake, ~good)
        mine |= set(projects.column("project_id").filter(pa.array(good.to_numpy())).to_pylist())
    wanted = pa.array(sorted(mine), pa.string())
    for name, table in intake.tables.items():
        if name != "projects" and name not in NATIONAL and "project_id" in TABLES[name].by_name:
            known = pc.is_in(table.column("project_id"), value_set=wanted)
            problems += _problems(name, intake, ~pd.Series(known.to_numpy(zero_copy_only=False), dtype=bool))
    return problems, _without_contacts(intake, wanted)


def _inside(access: Access, projects: pa.Table, present: Present, held: Held, mine: set[str]) -> pd.Series:
    """Of each row whether the project, if it is stored, is the region's, and whether it will lie there."""
    rows = projects.select(["project_id", *PLACE]).to_pandas()
    stored = held.projects.select(["project_id", *PLACE]).to_pandas().set_index("project_id")
    for name in PLACE:
        stays = rows[name].isna() & present.lacking(name)  # a known row keeps what it holds
        rows[name] = rows[name].mask(stays, rows["project_id"].map(stored[name]))
    addresses = rows[list(PLACE)].astype(object).where(rows[list(PLACE)].notna(), None)
    keys = list(map(tuple, addresses.to_numpy()))
    lies = {key: access.keeps_project("", *key) for key in set(keys)}
    known = rows["project_id"].isin(stored.index)
    return pd.Series([lies[key] for key in keys], dtype=bool) & (~known | rows["project_id"].isin(mine))


def _problems(name: str, intake: Intake, wrong: pd.Series) -> list[Problem]:
    places = intake.places[name].filter(pa.array(wrong.to_numpy())).to_pylist()
    return [
        Problem(name, one["row"], "project_id", OUTSIDE, "error", f"{one['source']}：{_MESSAGE}", _HINT)
        for one in places
    ]


def _without_contacts(intake: Intake, mine: pa.Array) -> Intake:
    """The same files without the contacts of projects and institutions that are not the organizer's."""
    kept = intake.contacts.filter(pc.is_in(intake.contacts.column("subject_id"), value_set=mine))
    return replace(intake, contacts=kept)


_MESSAGE = "项目不在您负责的地区 / the project does not lie within your region"
_HINT = "核对编号与省份、城市，或交由全国组织方导入 / check id, province and city, or leave it to a national organizer"
_TABLE_MESSAGE = "机构与命题不分地区，由全国组织方导入 / institutions and needs belong to no region"
_TABLE_HINT = "去掉这张表 / leave this table out; a national organizer may import it"
