"""The first import from the browser: pages before there is anything to show, and the way from there to the lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from import_uploads import INSTITUTIONS, PROJECTS, desk, left_behind, serve_from, table_of
from page_visits import MAIN
from streamlit.testing.v1 import AppTest

from app.accounts import passwords
from app.accounts.account import Account
from app.accounts.book import add_account
from app.accounts.file import AccountsFile
from app.accounts.sessions import log_in
from app.dashboard import session
from app.dashboard.access import Access
from app.dashboard.desk import Desk, bare_desk, open_desk
from app.dashboard.import_queries import Declared, preview_files
from app.dashboard.plain import escape
from app.dashboard.roles import ROLES
from app.dashboard.sample_queries import is_sample
from app.dashboard.shown_strings import say
from app.dashboard.store_queries import lacking, stored_rows
from app.dashboard.uploads import Upload
from app.dashboard.viewing import all_views
from app.system import System
from data.intake import read_paths
from data.problem import DuijieError
from data.store import Store
from matcher.settings import Settings

PASSWORD = "right horse 9"
FILES = {"projects.csv": PROJECTS, "institutions.csv": INSTITUTIONS}
JIANGSU = "320000"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store that is named and not there."""
    store = Store(tmp_path / "market.duckdb")
    serve_from(store, monkeypatch)
    return store


@pytest.fixture(autouse=True)
def _nothing_left(store: Store) -> Iterator[None]:
    """Whatever a test does, no temporary file is left behind it."""
    yield
    assert left_behind() == []


@pytest.fixture
def enter(store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Log in as somebody of a role, who needs no store to have an account."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: cheap)
    file = AccountsFile.beside(store.path)
    for role in ROLES.values():
        own = {"institutions": ("I1",)} if "institution" in role.kinds else {}
        own |= {"projects": ("P1",)} if "owner" in role.kinds else {}
        add_account(file, Account(role.name, role.name, **own), PASSWORD, actor="test")
    add_account(file, Account("provincial", "organizer", region=JIANGSU), PASSWORD, actor="test")

    def take(name: str) -> None:
        token = log_in(file, name, PASSWORD).token
        monkeypatch.setattr(session, "token", lambda: token)

    return take


def fill(store: Store, *names: str) -> None:
    """Import some of the files, as the command line does."""
    for name in names:
        (store.path.parent / name).write_text(FILES[name], "utf-8")
    intake = read_paths([store.path.parent / name for name in names])
    store.write(intake.tables, intake.problems, actor="test", note={})


def match(store: Store) -> None:
    System(store, Settings(encoder="none")).match(["financing"], as_of=date(2024, 1, 1))


def visit(view: str, language: str = "zh", **params: str) -> AppTest:
    page = AppTest.from_file(str(MAIN), default_timeout=60)
    for name, value in {"view": view, "lang": language, **params}.items():
        page.query_params[name] = value
    return checked(page.run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception[0].message
    assert not page.error, page.error[0].value
    return page


def told(page: AppTest) -> list[str]:
    kinds = (page.title, page.header, page.subheader, page.text, page.caption, page.info, page.success, page.code)
    return [str(one.value) for kind in kinds for one in kind]


def keys(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button}


# --- the desk ----------------------------------------------------------------------------------------------------


def test_a_desk_without_a_run_reads_an_empty_store_and_makes_none(store: Store) -> None:
    with pytest.raises(DuijieError, match=r"store\.missing"):
        open_desk("financing", Access(ROLES["organizer"]))
    own = bare_desk("financing", Access(ROLES["organizer"]))
    assert stored_rows(own) == {"projects": 0, "institutions": 0} and lacking(own) == "all"
    assert not is_sample(own) and store.current("projects").num_rows == 0 and store.journal() == []
    found = preview_files(own, [table_of(PROJECTS)], Declared())
    assert found.tables.to_dict("records")[0]["added"] == 3
    assert not store.path.exists()
    with pytest.raises(DuijieError, match=r"run\.missing"):
        _ = own.run


@pytest.mark.parametrize("channel", ["financing", "placement"])
def test_a_desk_without_a_run_keeps_to_the_rights(store: Store, channel: str) -> None:
    access = Access(ROLES["fund"])
    if channel == "financing":
        assert bare_desk(channel, access).last is None
    else:
        with pytest.raises(DuijieError, match=r"access\.denied"):
            bare_desk(channel, access)
    for call in (stored_rows, lacking):
        with pytest.raises(DuijieError, match=r"access\.denied"):
            call(bare_desk("financing", access))


def test_what_is_stored_is_counted_within_the_region(store: Store) -> None:
    def own(region: str = "") -> Desk:
        return bare_desk("financing", Access(ROLES["organizer"], region=region))

    fill(store, "projects.csv")
    assert (stored_rows(own()), lacking(own())) == ({"projects": 3, "institutions": 0}, "institutions")
    assert stored_rows(own(JIANGSU))["projects"] == 2 and stored_rows(own("650000"))["projects"] == 0
    fill(store, "institutions.csv")
    assert stored_rows(own()) == {"projects": 3, "institutions": 2} and lacking(own()) == ""
    with pytest.raises(DuijieError, match=r"run\.missing"):
        desk()
    match(store)
    assert desk().last is not None and stored_rows(desk()) == stored_rows(own())


# --- every page before the first run -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_the_administrator_says_what_comes_first(
    store: Store, enter: Callable[[str], None], language: str
) -> None:
    enter("admin")
    for name, view in all_views().items():
        if not set(view.roles) & {"organizer", "admin"}:
            continue
        page = visit(name, language)
        assert page.title[0].value == say(f"view.{name}", language)
        if view.needs_run or view.needs_projects:
            said = told(page)
            assert say("beginning.lacks_all", language) in said
            assert say("beginning.new_store", language, path=escape(store.path)) in said
            assert f"duijie match --store {store.path}" in said and "duijie demo" in said
            assert keys(page) == {"leave", "beginning_go", "beginning_reload"}
        else:
            assert "beginning_go" not in keys(page)
    assert not store.path.exists()  # looking makes nothing


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, role in ROLES.items() if not role.organizes])
def test_whoever_cannot_import_is_asked_to_wait_and_told_no_command(
    store: Store, enter: Callable[[str], None], name: str
) -> None:
    enter(name)
    fill(store, "projects.csv", "institutions.csv")  # data alone change nothing for them
    own = [view.name for view in all_views().values() if set(view.roles) & {*ROLES[name].kinds, name}]
    for number, view in enumerate(own):
        page = visit(view, ("zh", "en")[number % 2])
        said = told(page)
        assert say("beginning.wait", ("zh", "en")[number % 2]) in said
        assert not page.code and str(store.path) not in "\n".join(said)
        assert keys(page) == {"leave", "beginning_reload"}
    assert own


@pytest.mark.slow
def test_the_open_demonstration_leads_to_the_organizer(store: Store) -> None:
    page = visit("matches", role="fund")
    assert say("beginning.demonstration", "zh") in told(page) and not page.code
    page = checked(page.button(key="beginning_become").click().run())
    assert page.title[0].value == say("view.overview", "zh") and "beginning_go" in keys(page)
    page = checked(page.button(key="beginning_go").click().run())
    assert page.title[0].value == say("view.importing", "zh") and page.file_uploader
    assert say("importing.first", "zh") in told(page)


@pytest.mark.slow
def test_the_steps_follow_what_is_there(store: Store) -> None:
    def page(channel: str = "financing") -> list[str]:
        return told(visit("overview", role="organizer", channel=channel))

    store.append("test", "note", {})  # a store, and nothing in it
    assert say("beginning.lacks_all", "zh") in page()
    fill(store, "institutions.csv")
    assert say("beginning.lacks_projects", "zh") in page() and "duijie demo" not in page()
    fill(store, "projects.csv")
    assert say("beginning.unmatched", "zh") in page()
    assert say("beginning.stored", "zh", projects=3, institutions=2) in page()
    match(store)
    assert say("head", "zh", channel="投融资对接", as_of="2024-01-01") in page()
    assert say("beginning.unmatched", "zh") in page("placement")  # only one channel was matched


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_duplicates_and_gaps_are_looked_at_before_the_first_run(
    store: Store, enter: Callable[[str], None], language: str
) -> None:
    enter("organizer")
    told_twice = (
        "钙钛矿叠层电池产线（样例）,晴空能源有限公司（样例）,我们已建成两百兆瓦钙钛矿叠层电池中试线，良率达到九成。"
    )
    rows = ["project_id,name,applicant,summary", f"P1,{told_twice}", f"P9,{told_twice}"]
    (store.path.parent / "projects.csv").write_text("\n".join(rows) + "\n", "utf-8")
    intake = read_paths([store.path.parent / "projects.csv"])
    store.write(intake.tables, intake.problems, actor="test", note={})
    page = visit("quality", language)
    assert "beginning_go" not in keys(page) and say("quality.missing", language) in told(page)
    page = visit("duplicates", language)
    assert "beginning_go" not in keys(page) and say("duplicates.none", language) not in told(page)
    (pair,) = [one for one in keys(page) if one.startswith("go_pair_")]
    assert pair == "go_pair_P1|P9"
    page = checked(page.button(key="same_P1|P9").click().run())
    assert store.merges()


@pytest.mark.slow
def test_a_run_of_another_version_is_told_and_importing_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, "projects.csv", "institutions.csv")
    match(store)
    monkeypatch.setattr("app.dashboard.desk._is_readable", lambda *_: False)
    said = told(visit("overview", role="organizer", channel="financing"))
    assert say("beginning.outdated", "zh") in said and f"duijie match --store {store.path}" in said
    assert say("beginning.outdated_wait", "zh") in told(visit("matches", role="fund"))
    assert visit("importing", role="organizer", channel="financing").file_uploader


# --- the way from nothing to the lists ---------------------------------------------------------------------------


def put(page: AppTest, *files: Upload) -> AppTest:
    page.file_uploader[0].set_value([(one.name, one.content, "text/csv") for one in files])
    return checked(page.run())


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_an_empty_store_to_the_first_list(store: Store, enter: Callable[[str], None], language: str) -> None:
    enter("organizer")
    page = put(visit("importing", language), table_of(PROJECTS))
    assert say("importing.ready", language, count=3) in told(page) and not store.path.exists()
    page = checked(page.button(key="import_go").click().run())
    assert say("importing.done", language, count=3) in told(page)
    assert say("importing.then_institutions", language) in told(page) and not page.code
    page = put(page, table_of(INSTITUTIONS, "institutions.csv"))
    page = checked(page.button(key="import_go").click().run())
    assert say("importing.next", language) in told(page)
    assert [one.value for one in page.code] == [f"duijie match --store {store.path}"]
    assert [entry["actor"] for entry in store.journal("import")] == ["organizer", "organizer"]
    match(store)
    page = visit("overview", language)
    assert "beginning_go" not in keys(page) and page.metric[0].value == "3"


@pytest.mark.slow
def test_a_first_file_with_an_error_leaves_no_store(store: Store) -> None:
    page = visit("importing", role="organizer")
    page.file_uploader[0].set_value([("projects.csv", b"project_id,name\nP1,\n", "text/csv")])
    page.run()
    assert page.error[0].value == say("importing.blocked", "zh", count=1) and not page.exception
    assert "import_go" not in keys(page) and not store.path.exists()


@pytest.mark.slow
def test_a_regional_organizer_begins_with_the_projects_of_the_region(
    store: Store, enter: Callable[[str], None]
) -> None:
    enter("provincial")
    page = visit("importing")
    assert say("importing.first", "zh") not in told(page)
    jiangsu = "\n".join(line for line in PROJECTS.splitlines() if "浙江" not in line)
    page = put(page, table_of(jiangsu))
    page = checked(page.button(key="import_go").click().run())
    assert say("importing.done", "zh", count=2) in told(page)
    assert say("importing.then_institutions_national", "zh") in told(page) and not page.code
