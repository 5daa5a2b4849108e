"""Who may see what: every role against every page and every query function, from the registries.

A new page or query function that does not say whose it is fails here, and so does one that gives a role too much.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from dashboard_market import DashboardMarket, desk_of, draw_quickly, write_market
from streamlit.testing.v1 import AppTest

import app.dashboard
from app.accounts import passwords
from app.accounts.account import Account
from app.accounts.book import account_of, add_account, set_locked
from app.accounts.file import AccountsFile
from app.accounts.sessions import log_in
from app.dashboard import session
from app.dashboard.access import Access
from app.dashboard.desk import Desk, open_desk
from app.dashboard.overview_queries import ineligible, overview
from app.dashboard.queries import (
    answers,
    held,
    institution,
    institution_names,
    listing,
    needs,
    project,
    project_names,
)
from app.dashboard.roles import KINDS, ROLES
from app.dashboard.shown_strings import catalogue
from app.dashboard.viewing import all_views
from app.dashboard.visitor import Visitor
from app.dashboard.whynot_queries import whynot
from app.lists import shown_projects
from data.problem import DuijieError
from data.registry import modules
from data.store import Store
from matcher.channel import channels

pytestmark = pytest.mark.slow  # whole pages are drawn

HOME = Path(app.dashboard.__file__).parent
PASSWORD = "right horse 9"
PROVINCE = "江苏省"
ACCOUNTS = (*ROLES, "provincial")


def query_functions() -> dict[str, Callable[..., Any]]:
    """Every public function of the query modules that is given a desk."""
    found = {}
    for name in modules("app.dashboard"):
        if not name.endswith("queries"):
            continue
        module = importlib.import_module(name)
        for label, value in vars(module).items():
            own = inspect.isfunction(value) and value.__module__ == name and not label.startswith("_")
            if own and "desk" in inspect.signature(value).parameters:
                found[f"{name.rsplit('.', 1)[1]}.{label}"] = value
    return found


QUERIES = query_functions()


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> DashboardMarket:
    """The market with an account of every role."""
    patch = pytest.MonkeyPatch()
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    patch.setattr(passwords, "_hasher", lambda: cheap)
    draw_quickly(patch)
    market = write_market(tmp_path_factory.mktemp("access"))
    for name, value in market.env.items():
        patch.setenv(name, value)
    own = {name: next(iter(institution_names(desk_of(name)))) for name in ("fund", "park", "service", "leader")}
    own["mentor"] = own["service"]
    file = AccountsFile.beside(market.store)
    for role in ROLES.values():
        institutions = (own[role.name],) if "institution" in role.kinds else ()
        projects = (market.hostile[1],) if "owner" in role.kinds else ()
        add_account(file, Account(f"a-{role.name}", role.name, institutions, projects), PASSWORD, actor="test")
    add_account(file, Account("a-provincial", "organizer", region="320000"), PASSWORD, actor="test")
    yield market
    patch.undo()


@pytest.fixture(scope="module")
def tokens(market: DashboardMarket) -> dict[str, str]:
    file = AccountsFile.beside(market.store)
    return {name: log_in(file, f"a-{name}", PASSWORD).token for name in ACCOUNTS}


@pytest.fixture
def enter(tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Access]:
    """Take the session of an account; gives its rights."""

    def take(name: str) -> Access:
        monkeypatch.setattr(session, "token", lambda: tokens[name])
        access = session.signed_in()
        assert access is not None
        return access

    return take


@pytest.fixture
def desk(enter: Callable[[str], Access]) -> Callable[..., Desk]:
    def make(name: str, channel: str = "") -> Desk:
        access = enter(name)
        return open_desk(channel or access.role.channel or "financing", access)

    return make


@pytest.fixture
def jiangsu(market: DashboardMarket) -> frozenset[str]:
    rows = market.system.store.current("projects").to_pylist()
    return frozenset(row["project_id"] for row in rows if row["province"] in (PROVINCE, "江苏"))


def visit(**params: str) -> AppTest:
    page = AppTest.from_file(str(HOME / "main.py"), default_timeout=60)
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception[0].message
    return page


def is_denied(page: AppTest) -> bool:
    """Whether a page is the one of those who may not, and holds nothing else."""
    told = catalogue()["denied.title"]
    refused = any(one.value in told for one in page.subheader)
    assert not (refused and (page.title or page.metric or page.dataframe or page.selectbox))
    return refused


# --- every role × every page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACCOUNTS)
def test_every_account_against_every_page(enter: Callable[[str], Access], market: DashboardMarket, name: str) -> None:
    access, file = enter(name), AccountsFile.beside(market.store)
    seen = 0
    for number, (view, page_) in enumerate(all_views().items()):
        language = ("zh", "en")[number % 2]
        before = len(file.journal("access.denied"))
        page = visit(view=view, lang=language, role="organizer")  # the address gives nobody a role
        if access.has(page_.roles):
            seen += 1
            assert page.title[0].value == catalogue()[f"view.{view}"][language == "en"]
            assert len(file.journal("access.denied")) == before
        else:
            assert is_denied(page), (name, view)
            entry = file.journal("access.denied")[-1]
            assert entry["actor"] == f"a-{name}" and view in entry["payload"]["address"]
    assert seen > 0


def test_pages_and_queries_say_whose_they_are() -> None:
    known = {*KINDS, *ROLES}
    assert len(QUERIES) > 10
    for name, function in QUERIES.items():
        assert getattr(function, "kinds", None), f"{name} does not say whose it is: @allowed(...)"
        assert set(function.kinds) <= known, name  # type: ignore[attr-defined]
    for name, view in all_views().items():
        assert view.roles and set(view.roles) <= known, name


def test_pages_ask_the_query_functions_only() -> None:
    for folder in ("views", "parts"):
        for path in sorted((HOME / folder).glob("*.py")):
            text = path.read_text("utf-8")
            assert not re.search(r"run\.table\(|system\.store\.(?!path\.name)|read_table|duckdb|sqlite", text), path


# --- every role × every query ------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_refuses_every_role_it_is_not_open_to(desk: Callable[..., Desk], query: str) -> None:
    function = QUERIES[query]
    tried = 0
    for name in ACCOUNTS:
        own = desk(name)
        if own.access.has(function.kinds):  # type: ignore[attr-defined]
            continue
        tried += 1
        values = _arguments(function, own, "x", "x")
        with pytest.raises(DuijieError, match=r"access\.denied"):
            function(**values)
    assert tried or set(function.kinds) >= {"institution", "organizer", "owner"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_refuses_everybody_once_the_session_has_ended(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    own = desk("admin")
    monkeypatch.setattr(session, "token", lambda: "")
    with pytest.raises(DuijieError, match=r"session\.ended"):
        QUERIES[query](**_arguments(QUERIES[query], own, "x", "x"))


def _arguments(function: Callable[..., Any], desk: Desk, institution_id: str, project_id: str) -> dict[str, Any]:
    """Values for what a query function must be given, by the name of the parameter."""
    visitor = Visitor("zh", desk.access.role, desk.channel, desk.access)
    known = {
        "visitor": visitor,
        "desk": desk,
        "institution_id": institution_id,
        "park_id": institution_id,
        "project_id": project_id,
        "everything": False,
        "side": "institutions",
        "anchor": institution_id,
        "page": "search",
        "text": "电池",
        "state": "shortlisted",
        "most": 5,
        "reasons": [],
    }
    asked = inspect.signature(function).parameters.values()
    return {one.name: known.get(one.name) for one in asked if one.default is inspect.Parameter.empty}


def _gives(function: Callable[..., Any], values: dict[str, Any]) -> object:
    """What a call gives; nothing when it is refused."""
    try:
        return function(**values)
    except DuijieError:
        return None


@pytest.mark.parametrize("query", [q for q, f in QUERIES.items() if "institution_id" in str(inspect.signature(f))])
def test_no_query_gives_an_institution_what_is_anothers(
    desk: Callable[..., Desk], market: DashboardMarket, query: str
) -> None:
    own = desk("fund")
    other = next(one for one in institution_names(desk("admin")) if one not in (own.access.institutions or ()))
    own = desk("fund")
    assert not _gives(QUERIES[query], _arguments(QUERIES[query], own, other, market.hostile[1]))


@pytest.mark.parametrize("query", [q for q, f in QUERIES.items() if "project_id" in str(inspect.signature(f))])
@pytest.mark.parametrize("name", ["fund", "provincial"])
def test_no_query_tells_of_a_project_that_may_not_be_seen(
    desk: Callable[..., Desk], market: DashboardMarket, jiangsu: frozenset[str], name: str, query: str
) -> None:
    told = shown_projects(market.system, "financing")
    hidden = next(key for key, answer in told.items() if answer == "not_asked" and key not in jiangsu)
    own = desk(name)
    mine = next(iter(institution_names(own)))
    assert not _gives(QUERIES[query], _arguments(QUERIES[query], own, mine, hidden))


# --- rows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fund", "park", "service", "leader", "mentor"])
def test_an_institution_sees_itself_and_its_own_list(
    desk: Callable[..., Desk], market: DashboardMarket, name: str
) -> None:
    own = desk(name)
    (mine,) = own.access.institutions or ()
    assert list(institution_names(own)) == [mine]
    assert institution(own, mine)["institution_id"] == mine
    told = listing(own, "institutions", mine, everything=False)
    consents = shown_projects(market.system, own.channel)
    assert all(consents[one] == "given" for one in told.frame["listed"])
    assert set(project_names(own, everything=False)) <= {k for k, answer in consents.items() if answer == "given"}
    others = [one for one in institution_names(desk("admin", own.channel)) if one != mine][:2]
    own = desk(name)
    refused: list[Callable[[], object]] = [
        lambda: listing(own, "institutions", mine, everything=True),
        lambda: project_names(own, everything=True),
        lambda: listing(own, "projects", told.frame["listed"].iloc[0] if len(told.frame) else "x", everything=False),
    ]
    for other in others:
        refused += [
            lambda other=other: institution(own, other),
            lambda other=other: needs(own, other),
            lambda other=other: listing(own, "institutions", other, everything=False),
            lambda other=other: whynot(own, market.hostile[1], other),
        ]
    for call in refused:
        with pytest.raises(DuijieError, match=r"access\.denied"):
            call()


@pytest.mark.parametrize("name", ["fund", "park", "service", "leader", "mentor"])
def test_an_institution_has_one_channel(enter: Callable[[str], Access], name: str) -> None:
    access = enter(name)
    for channel in channels():
        if channel != access.role.channel:
            with pytest.raises(DuijieError, match=r"access\.denied"):
                open_desk(channel, access)
            assert is_denied(visit(channel=channel))


@pytest.mark.parametrize("inst", ["SAMPLE-I002", "no-such-institution", "x" * 50_000])
def test_a_link_to_another_institution_tells_the_same_whether_it_exists(
    enter: Callable[[str], Access], inst: str
) -> None:
    enter("fund")
    page = visit(inst=inst)
    assert is_denied(page)
    assert not page.button or {button.key for button in page.button} <= {"home", "leave"}


def test_a_provincial_organizer_sees_the_province_only(
    desk: Callable[..., Desk], market: DashboardMarket, jiangsu: frozenset[str]
) -> None:
    everybody = desk("organizer")
    whole, every = overview(everybody), set(project_names(everybody, everything=True))
    assert jiangsu and every - jiangsu
    own = desk("provincial")
    names = project_names(own, everything=True)
    assert names and set(names) <= jiangsu
    assert set(names) == every & jiangsu
    for found in (answers(own), held(own), project_names(own, everything=False)):
        assert set(found) <= jiangsu
    assert set(ineligible(own)["project_id"]) <= jiangsu
    told = overview(own)
    assert told.projects == len(names) < whole.projects
    assert 0 < told.ranked < whole.ranked
    seen = 0
    for inst in list(institution_names(own))[:20]:
        one = listing(own, "institutions", inst, everything=True)
        seen += len(one.frame)
        assert set(one.frame["project_id"]) | set(one.reasons) | {m["project_id"] for m in one.nested} <= jiangsu
    assert seen
    foreign = next(iter(every - jiangsu))
    assert project(own, foreign) == {}
    for call in (
        lambda: listing(own, "projects", foreign, everything=True),
        lambda: whynot(own, foreign, next(iter(institution_names(own)))),
    ):
        with pytest.raises(DuijieError, match=r"access\.denied"):
            call()


def test_answers_that_are_kept_are_not_shared_across_regions(desk: Callable[..., Desk]) -> None:
    counts = [overview(desk(name)).projects for name in ("organizer", "provincial", "admin", "provincial")]
    assert counts[0] == counts[2] > counts[1] == counts[3]


def test_an_owner_sees_her_project_only(desk: Callable[..., Desk], market: DashboardMarket) -> None:
    own, mine = desk("owner"), market.hostile[1]
    assert list(project_names(own, everything=False)) == [mine]
    assert project(own, mine)["project_id"] == mine
    told = listing(own, "projects", mine, everything=False)
    assert len(told.frame) and set(told.frame["status"]) == {"recommended"}
    other = market.teaser[1]
    assert project(own, other) == {}
    for call in (
        lambda: listing(own, "projects", other, everything=False),
        lambda: listing(own, "projects", mine, everything=True),
        lambda: listing(own, "institutions", told.frame["listed"].iloc[0], everything=False),
    ):
        with pytest.raises(DuijieError, match=r"access\.denied"):
            call()


# --- sessions and the open demonstration ---------------------------------------------------------------------------


def test_without_a_session_there_is_nothing_but_the_way_to_the_login(
    market: DashboardMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "token", lambda: "made-up")
    for params in ({}, {"role": "organizer", "view": "overview"}, {"lang": "en", "view": "accounts"}):
        page = visit(**params)
        assert page.subheader[0].value in catalogue()["ended.title"]
        assert not page.title and not page.metric and not page.radio and not page.selectbox
    with pytest.raises(DuijieError, match=r"session\.ended"):
        project_names(desk_of("organizer"), everything=True)  # rights of the demonstration count for nothing here


def test_locking_an_account_works_at_the_next_click(market: DashboardMarket, monkeypatch: pytest.MonkeyPatch) -> None:
    file = AccountsFile.beside(market.store)
    add_account(file, Account("leaver", "organizer"), PASSWORD, actor="test")
    token = log_in(file, "leaver", PASSWORD).token
    monkeypatch.setattr(session, "token", lambda: token)
    page = visit(view="run")
    assert page.title
    set_locked(file, "leaver", True, actor="test")
    page.run()
    assert not page.title and page.subheader[0].value == catalogue()["ended.title"][0]
    assert account_of(file, "leaver").locked


def test_leaving_ends_the_session(market: DashboardMarket, monkeypatch: pytest.MonkeyPatch) -> None:
    file = AccountsFile.beside(market.store)
    token = log_in(file, "a-organizer", PASSWORD).token
    monkeypatch.setattr(session, "token", lambda: token)
    monkeypatch.setattr("app.dashboard.frame.token", lambda: token)
    page = visit(view="run")
    page.button(key="leave").click().run()
    assert page.subheader[0].value == catalogue()["ended.title"][0]
    assert session.signed_in() is None


@pytest.fixture
def demonstration(market: DashboardMarket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The same market without accounts."""
    store = Store(tmp_path / "open.duckdb")
    store.path.write_bytes(market.store.read_bytes())
    store.runs_folder.symlink_to(market.system.store.runs_folder)
    monkeypatch.setenv("DUIJIE_STORE", str(store.path))
    yield store


def test_the_open_demonstration_has_no_page_of_accounts(demonstration: Store) -> None:
    assert visit(role="admin", view="accounts").title[0].value == catalogue()["view.matches"][0]
    page = visit(role="organizer", view="accounts")
    assert page.title[0].value == catalogue()["view.overview"][0]
    assert catalogue()["no_login"][0] in [one.value for one in page.caption]


def test_the_first_account_closes_the_open_demonstration(demonstration: Store) -> None:
    page = visit(role="organizer", view="run")
    add_account(AccountsFile.beside(demonstration.path), Account("boss", "admin"), PASSWORD, actor="test")
    page.run()
    assert not page.title and page.subheader[0].value == catalogue()["ended.title"][0]


def test_a_server_that_began_with_accounts_stays_shut_when_their_file_goes(
    demonstration: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUIJIE_LOGIN", "1")
    assert not visit(role="organizer").title


@pytest.mark.parametrize("store", ["../../../etc/passwd", "a\x00b", "x" * 5000])
def test_no_address_names_a_file(demonstration: Store, store: str) -> None:
    page = visit(store=store, inst=store, project=store, view=store, channel=store, lang=store, role=store)
    assert page.title[0].value == catalogue()["view.matches"][0]
