"""What an import writes: under whose name, once only, and whose rows they may be."""

from __future__ import annotations

import pytest
from import_uploads import (
    GOOD,
    VISITOR,
    codes,
    desk,
    preview,
    table_of,
)

from app.dashboard.access import Access
from app.dashboard.desk import Desk
from app.dashboard.import_queries import Declared, import_files, preview_files
from app.dashboard.import_scope import OUTSIDE, TABLE
from app.dashboard.roles import ROLES
from app.dashboard.visitor import Visitor
from data.merging import MERGE
from data.problem import DuijieError
from data.store import Store
from data.tables import TABLES

pytestmark = pytest.mark.usefixtures("import_store")


def test_an_import_is_kept_under_the_visitors_name_and_done_twice_changes_nothing(import_store: Store) -> None:
    visitor = Visitor("zh", ROLES["organizer"], "financing", Access(ROLES["organizer"], "someone"))
    first = import_files(visitor, desk(), [GOOD], Declared())
    assert [(one.added, one.changed, one.unchanged) for one in first.changes] == [(1, 1, 1)]
    entry = import_store.journal("import")[-1]
    assert entry["actor"] == "someone" and list(entry["payload"]["files"]) == ["projects.csv"]
    held = {row["project_id"]: row for row in import_store.current("projects").to_pylist()}
    assert held["P1"]["funding_sought"] == 8e6 and held["P1"]["city"] == "南京市"  # the file has no cities
    before = [import_store.current(name) for name in TABLES]
    second = import_files(visitor, desk(), [GOOD], Declared())
    assert [(one.added, one.changed, one.unchanged) for one in second.changes] == [(0, 0, 3)]
    assert [import_store.current(name) for name in TABLES] == before
    assert preview(GOOD).changing == 0


@pytest.mark.parametrize("role", [name for name, role in ROLES.items() if not role.organizes])
def test_others_than_organizers_neither_preview_nor_import(import_store: Store, role: str) -> None:
    organizer = desk()  # a run of another channel is not needed to be refused
    own = Desk(organizer.system, organizer.channel, organizer.run, organizer.stamp, Access(ROLES[role]))
    journal = import_store.journal()
    for call in (
        lambda: preview_files(own, [GOOD], Declared()),
        lambda: import_files(VISITOR, own, [GOOD], Declared()),
    ):
        with pytest.raises(DuijieError, match=r"access\.denied"):
            call()
    assert import_store.journal() == journal


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


def test_a_regional_organizer_imports_what_belongs_to_her_projects(import_store: Store) -> None:
    projects = table_of("project_id,name,province,city\nP1,改（样例）,江苏省,\nP7,新（样例）,江苏省,苏州市\n")
    placeless = table_of("project_id,name\nP3,改名（样例）\n")
    awards = table_of("project_id,programme,edition,award\nP1,甲赛,2022,一等奖\nP7,甲赛,2022,二等奖\n", "awards.csv")
    assert not preview(projects, awards, region=JIANGSU).blocked
    done = import_files(VISITOR, desk(region=JIANGSU), [projects, awards], Declared())
    assert {one.table: one.added + one.changed for one in done.changes} == {"projects": 2, "awards": 2}
    assert preview(placeless, region=JIANGSU).changing == 1  # it keeps its place
    assert not preview(projects, placeless, region=JIANGSU).blocked  # beside a file with places as well
    emptied = table_of("project_id,name,province,city\nP3,改名（样例）,,\n")
    assert codes(preview(emptied, region=JIANGSU)) == [OUTSIDE]  # it would lie nowhere
    foreign = table_of("project_id,programme,edition,award\nP1,甲赛,2023,一等奖\nP2,甲赛,2022,一等奖\n", "awards.csv")
    found = preview(foreign, region=JIANGSU)
    assert list(found.problems.loc[found.problems["code"] == OUTSIDE, "row"]) == [2]
    national = table_of("institution_id,name,kind\nI9,丙（样例）,bank\n", "institutions.csv")
    assert TABLE in codes(preview(national, region=JIANGSU)) and not preview(national).blocked


def test_a_record_that_shows_as_another_regions_project_is_that_regions(import_store: Store) -> None:
    import_store.append("test", MERGE, {"kept": "P2", "absorbed": "P3"})
    assert import_store.merges() == {"P3": "P2"}
    found = preview(table_of("project_id,name,province\nP3,改（样例）,江苏省\n"), region=JIANGSU)
    assert codes(found) == [OUTSIDE]
