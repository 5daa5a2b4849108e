"""A project owner's page: what is recommended in each channel, consent that holds at once, introductions answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest
from argon2 import PasswordHasher
from dashboard_market import DashboardMarket, desk_of
from page_visits import FUND, texts_of, visit

from app.accounts import passwords
from app.accounts.account import Account
from app.accounts.book import add_account
from app.accounts.file import AccountsFile
from app.accounts.sessions import log_in
from app.dashboard import session
from app.dashboard.desk import Desk, open_desk
from app.dashboard.owner_queries import (
    ACCEPTED,
    DECLINED,
    SOURCE,
    answer_consent,
    answer_introduction,
    answers_to,
    introductions_of,
    standing_of,
)
from app.dashboard.queries import listing, project_names
from app.dashboard.visitor import Visitor
from data.cases import state_of
from data.consents import GIVEN, REFUSED, WITHDRAWN
from data.declines import decline_code
from data.problem import DuijieError
from data.store import Store
from data.tables import OUTCOMES
from matcher.channel import channels

pytestmark = pytest.mark.slow  # whole pages are drawn

PASSWORD = "right horse 9"


@pytest.fixture
def store(own_store: Store, market: DashboardMarket, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of one's own with an account of the owner of one of its projects, who is logged in."""
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    file = AccountsFile.beside(own_store.path)
    add_account(file, Account("owner", "owner", projects=(market.hostile[1],)), PASSWORD, actor="test")
    token = log_in(file, "owner", PASSWORD).token
    monkeypatch.setattr(session, "token", lambda: token)
    return own_store


@pytest.fixture
def mine(market: DashboardMarket) -> str:
    return market.hostile[1]


@pytest.fixture
def ask(store: Store) -> Callable[[], tuple[Visitor, Desk]]:
    """Who asks, with the store as it stands now."""

    def now() -> tuple[Visitor, Desk]:
        access = session.signed_in()
        assert access is not None
        return Visitor("zh", access.role, "financing", access), open_desk("financing", access)

    return now


def introduce(
    store: Store, project: str, institution: str, channel: str = "financing", event: str = "introduced"
) -> None:
    row = {"project_id": project, "institution_id": institution, "channel": channel, "event": event}
    told = pa.Table.from_pylist([row | {"at": date.today()}], schema=OUTCOMES.schema)
    store.record(told, actor="test")


Ask = Callable[[], tuple[Visitor, Desk]]


def test_every_channel_tells_consent_and_who_is_recommended(ask: Ask, mine: str) -> None:
    visitor, desk = ask()
    told = {one.channel: one for one in standing_of(visitor, desk, mine)}
    assert set(told) == set(channels())
    financing = told["financing"]
    found = listing(desk, "projects", mine, everything=False)
    assert (financing.consent, financing.held, financing.count) == ("given", "", len(found.frame))
    assert [row["listed"] for row in financing.best] == list(found.frame["listed"][:3])
    assert all(row["reasons"] for row in financing.best)


def test_a_withdrawn_consent_holds_at_once_and_can_be_given_again(
    ask: Ask, mine: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, desk = ask()
    answer_consent(visitor, desk, mine, "financing", WITHDRAWN)
    visitor, desk = ask()
    told = {one.channel: one for one in standing_of(visitor, desk, mine)}["financing"]
    assert (told.consent, told.held, told.count) == ("refused", "refused", 0)
    (entry,) = store.journal("consent")
    assert (entry["actor"], entry["payload"]["by"], entry["payload"]["channels"]) == ("owner", SOURCE, ["financing"])
    with monkeypatch.context() as patch:  # what the fund sees, in the open demonstration
        patch.setattr("app.dashboard.desk.confirm", lambda access: None)
        assert mine not in project_names(desk_of("fund"), everything=False)
    answer_consent(visitor, desk, mine, "financing", GIVEN)
    visitor, desk = ask()
    assert {one.channel: one for one in standing_of(visitor, desk, mine)}["financing"].count


def test_what_can_be_answered_follows_from_what_was_said() -> None:
    assert answers_to("given") == (WITHDRAWN,)
    assert answers_to("refused") == (GIVEN,)
    assert answers_to("not_asked") == (GIVEN, REFUSED)


def test_an_introduction_is_accepted_once_with_the_owner_as_source(ask: Ask, mine: str, store: Store) -> None:
    introduce(store, mine, "SAMPLE-I001")
    visitor, desk = ask()
    waiting = [row for row in introductions_of(visitor, desk, mine) if row["open"]]
    assert "SAMPLE-I001" in {row["institution_id"] for row in waiting}
    entry = answer_introduction(visitor, desk, mine, "SAMPLE-I001", "financing", ACCEPTED)
    assert entry.added and entry.rows.to_pylist()[0]["source"] == SOURCE
    visitor, desk = ask()
    row = next(row for row in introductions_of(visitor, desk, mine) if row["institution_id"] == "SAMPLE-I001")
    assert (row["open"], row["last_event"]) == (False, "accepted")
    with pytest.raises(DuijieError, match=r"access\.denied"):
        answer_introduction(visitor, desk, mine, "SAMPLE-I001", "financing", DECLINED, "known")


def test_a_decline_needs_a_reason_and_ends_the_case(ask: Ask, mine: str, store: Store) -> None:
    introduce(store, mine, "SAMPLE-I002")
    visitor, desk = ask()
    for reason in ("", "sector", "nonsense"):  # a project's side does not say the institution's reasons
        with pytest.raises(DuijieError, match=r"outcome\.reason"):
            answer_introduction(visitor, desk, mine, "SAMPLE-I002", "financing", DECLINED, reason)
    answer_introduction(visitor, desk, mine, "SAMPLE-I002", "financing", DECLINED, "relocation")
    told = state_of(store.current("outcomes"), mine, "SAMPLE-I002", "financing", date.today())
    assert told["state"] == "declined" and decline_code(told["reason"]) == "relocation"


@pytest.mark.parametrize("event", ["delivered", "introduced", "withdrawn", ""])
def test_an_owner_enters_no_other_event(ask: Ask, mine: str, store: Store, event: str) -> None:
    introduce(store, mine, "SAMPLE-I001")
    before = store.current("outcomes").num_rows
    visitor, desk = ask()
    with pytest.raises(DuijieError, match=r"access\.denied"):
        answer_introduction(visitor, desk, mine, "SAMPLE-I001", "financing", event, "known")
    assert store.current("outcomes").num_rows == before


def test_nobody_answers_for_anothers_project(ask: Ask, market: DashboardMarket, store: Store) -> None:
    other = market.formula[1]
    introduce(store, other, "SAMPLE-I001")
    visitor, desk = ask()
    for call in (
        lambda: standing_of(visitor, desk, other),
        lambda: introductions_of(visitor, desk, other),
        lambda: answer_consent(visitor, desk, other, "financing", GIVEN),
        lambda: answer_introduction(visitor, desk, other, "SAMPLE-I001", "financing", ACCEPTED),
    ):
        with pytest.raises(DuijieError, match=r"access\.denied"):
            call()
    assert store.journal("consent") == []
    fund = Desk(desk.system, desk.channel, desk.run, desk.stamp, FUND.rights)
    with pytest.raises(DuijieError):
        standing_of(FUND, fund, other)


@pytest.mark.parametrize("channel", ["nowhere", ""])
def test_consent_names_a_channel(ask: Ask, mine: str, store: Store, channel: str) -> None:
    visitor, desk = ask()
    with pytest.raises(DuijieError, match=r"consent\.unknown"):
        answer_consent(visitor, desk, mine, channel, GIVEN)
    assert store.journal("consent") == []


def test_the_page_takes_consent_back_and_accepts_an_introduction(ask: Ask, mine: str, store: Store) -> None:
    introduce(store, mine, "SAMPLE-I001")
    page = visit(lang="en")
    assert "SAMPLE-I001" not in texts_of(page)  # an introduction bears the name of the institution
    page.button(key="accept_financing_SAMPLE-I001").click().run()
    assert not page.exception
    assert state_of(store.current("outcomes"), mine, "SAMPLE-I001", "financing", date.today())["rung"] == 1
    page.button(key=f"consent_financing_{WITHDRAWN}_{mine}").click().run()
    assert not page.exception
    assert [entry["payload"]["answer"] for entry in store.journal("consent")] == [WITHDRAWN]
    assert any(button.key == f"consent_financing_{GIVEN}_{mine}" for button in page.button)
