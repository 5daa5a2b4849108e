"""What the tests of duplicates and conflicts share: who asks, what waits, how a refusal and a page are told."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from dashboard_market import DashboardMarket
from page_visits import visit
from streamlit.testing.v1 import AppTest

from app.cli import main
from app.dashboard.access import Access
from app.dashboard.conflict_queries import conflicts_of_interest
from app.dashboard.desk import Desk, open_desk
from app.dashboard.duplicate_queries import open_pairs
from app.dashboard.roles import ROLES
from app.dashboard.visitor import Visitor
from data.problem import DuijieError

JIANGSU = "320000"


def desk(role: str = "organizer", region: str = "") -> Desk:
    """The desk of a role, of an organizer of a region."""
    access = Access(ROLES[role], region=region)
    return open_desk(access.role.channel or "financing", access)


def visitor(role: str = "organizer", region: str = "") -> Visitor:
    """Who asks."""
    return Visitor("zh", ROLES[role], "financing", Access(ROLES[role], region=region))


def keys(region: str = "") -> list[str]:
    """Pairs that wait."""
    return list(open_pairs(desk(region=region))["key"])


def conflicts_found(region: str = "") -> list[tuple[str, str, str]]:
    """Project, institution and kind of every conflict."""
    frame = conflicts_of_interest(visitor(region=region), desk(region=region))
    return list(zip(frame["project_id"], frame["institution_id"], frame["kind"], strict=True))


def refused(code: str, act: Any) -> None:
    """What is done is refused with this code."""
    with pytest.raises(DuijieError) as error:
        act()
    assert error.value.code == code


def call(market: DashboardMarket, *words: str, code: int = 0) -> Any:
    """A command on the market's store."""
    result = CliRunner().invoke(main, [*words, "--store", str(market.store)])
    assert result.exit_code == code, result.output + result.stderr
    return result


def look(view: str, language: str = "zh", **more: str) -> AppTest:
    """An organizer's page."""
    return visit(role="organizer", channel="financing", view=view, lang=language, **more)


def messages(page: AppTest) -> list[str]:
    """What a page says in its coloured boxes."""
    return [str(one.value) for kind in (page.success, page.info, page.warning, page.error) for one in kind]
