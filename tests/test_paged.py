"""Long tables a page at a time: only the rows of the open page are put into words."""

from __future__ import annotations

import pandas as pd
import pytest
from page_visits import ORGANIZER, visit
from streamlit.testing.v1 import AppTest

from app.dashboard.parts.paged import PAGE
from app.dashboard.shown_strings import say
from app.dashboard.standing_queries import STANDINGS
from app.dashboard.views import ineligible, standing


def _many() -> None:
    import pandas as pd
    import streamlit as st

    from app.dashboard.parts.paged import PAGE, paged
    from app.dashboard.roles import ROLES
    from app.dashboard.visitor import Visitor

    def told(rows: pd.DataFrame) -> pd.DataFrame:
        st.session_state["worded"] = [*st.session_state.get("worded", []), len(rows)]
        return rows.assign(code=[f"（{one}）" for one in rows["code"]], made="x")

    frame = pd.DataFrame({"code": range(2 * PAGE + 5), "silent": "", "late": ["", None] * PAGE + ["y"] * 5})
    columns = {one: one for one in ("code", "silent", "late", "made", "nowhere")}
    paged(Visitor("zh", ROLES["organizer"], "financing"), frame, columns, "many", "many", told=told)


def test_only_the_rows_of_the_open_page_are_put_into_words() -> None:
    page = AppTest.from_function(_many).run()
    assert not page.exception and page.session_state["worded"] == [PAGE]
    first = page.dataframe[0]
    assert list(first.proto.column_order) == ["code", "late", "made"]  # late: on the last page only, but it stands
    assert list(first.value["code"]) == [f"（{one}）" for one in range(PAGE)]
    page.session_state["page_many"] = 3
    page.run()
    assert (
        page.session_state["worded"] == [PAGE, 5] and list(page.dataframe[0].value["code"])[-1] == f"（{2 * PAGE + 4}）"
    )
    assert list(page.dataframe[0].proto.column_order) == ["code", "late", "made"]


PAIRS = pd.DataFrame(
    {
        "project_id": ["P1", "P1", "P2", "P3"],
        "project": ["钙钛矿（样例）", "钙钛矿（样例）", None, "Robot (sample)"],
        "institution_id": ["I1", "I2", "I1", "I2"],
        "institution": ["甲基金（样例）", "乙基金（样例）", "甲基金（样例）", "乙基金（样例）"],
        "score": [0.9, 0.8, 0.7, 0.6],
        "rule": ["stage;region", "region", "stage", "round"],
    }
)


def test_pairs_are_counted_by_the_rule_that_they_fail() -> None:
    assert ineligible.failures(PAIRS) == {"stage": 2, "region": 2, "round": 1}
    assert ineligible.failures(PAIRS.head(0)) == {}


@pytest.mark.parametrize(
    ("rules", "text", "left"),
    [
        ([], "", [0, 1, 2, 3]),
        (["stage"], "", [0, 2]),
        (["stage", "round"], "", [0, 2, 3]),
        ([], "ROBOT", [3]),
        ([], "甲 p2", [2]),
        ([], "钙钛矿 乙", [1]),
        (["round"], "甲", []),
    ],
)
def test_pairs_are_narrowed_by_rules_and_words(rules: list[str], text: str, left: list[int]) -> None:
    assert list(ineligible.pairs(PAIRS, rules, text).index) == left


def test_standings_are_worded() -> None:
    rows = pd.DataFrame(
        {
            **{
                "name": ["甲（样例）", "乙（样例）"],
                "standing": ["none", "held"],
                "count": [0, 0],
                "consent": ["", "given"],
            },
            **{"because": ["", "refused"], "change": ["region;stage", ""], "example": ["I1", ""]},
            "opens": [3, float("nan")],
        }
    )
    told = standing.worded(ORGANIZER, {"I1": "甲基金（样例）"}, rows).to_dict("records")
    assert (told[0]["count"], told[0]["opens"], told[0]["example"]) == ("0", "3", "甲基金（样例）")
    assert (told[1]["count"], told[1]["opens"], told[1]["example"]) == ("–", "", "")
    assert "；" in told[0]["change"] and told[0]["because"] == "" != told[1]["because"]


@pytest.mark.slow  # whole pages are drawn
@pytest.mark.usefixtures("pages")
@pytest.mark.parametrize("view", ["ineligible", "standing"])
def test_a_page_of_a_long_list_is_in_words(view: str) -> None:
    page = visit(role="organizer", view=view)
    assert not page.exception
    shown = page.dataframe[0].value
    assert 0 < len(shown) <= PAGE
    worded = set(shown["rules" if view == "ineligible" else "standing"])
    if view == "standing":
        assert worded <= {say(f"standing.{name}", "zh") for name in STANDINGS}
    else:
        assert not any(code in cell for cell in worded for code in set(shown["rule"].str.split(";").explode()))
