"""The import page as a person goes through it: guide, refusal, preview, import, and what comes next."""

from __future__ import annotations

import re

import pytest
from import_uploads import (
    BROKEN,
    GOOD,
    table_of,
)
from page_visits import MAIN
from streamlit.testing.v1 import AppTest

from app.dashboard.parts.import_guide import columns_of
from app.dashboard.roles import ROLES
from app.dashboard.shown_strings import catalogue, say
from app.dashboard.uploads import Upload
from app.dashboard.visitor import Visitor
from data.reference.headers import header_label
from data.reference.vocabularies import vocabulary
from data.store import Store
from data.tables import TABLES, Kind

pytestmark = pytest.mark.usefixtures("import_store")


def visit(language: str = "zh", role: str = "organizer") -> AppTest:
    page = AppTest.from_file(str(MAIN), default_timeout=60)
    for name, value in {"view": "importing", "lang": language, "role": role, "channel": "financing"}.items():
        page.query_params[name] = value
    return checked(page.run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception[0].message
    return page


def told(page: AppTest) -> str:
    kinds = (page.error, page.success, page.info, page.warning, page.text, page.caption, page.subheader)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def upload(page: AppTest, *files: Upload) -> AppTest:
    page.file_uploader[0].set_value([(one.name, one.content, "text/csv") for one in files])
    return checked(page.run())


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_from_the_guide_to_the_import(import_store: Store, language: str) -> None:
    page = visit(language)
    assert say("importing.guide", language) in told(page) and say("importing.about_projects", language) in told(page)
    page = upload(page, BROKEN)
    assert say("importing.blocked", language, count=3) in told(page)
    assert {"zh": "项目.csv · 第 2 行 · 项目名称：必填项", "en": "项目.csv · row 2 · name: required name"}[
        language
    ] in told(page)
    assert "import_go" not in {button.key for button in page.button}
    page = upload(page, GOOD)
    assert say("importing.ready", language, count=2) in told(page)
    page = checked(page.button(key="import_go").click().run())
    assert say("importing.done", language, count=2) in told(page)
    assert f"duijie match --store {import_store.path}" in [one.value for one in page.code]
    assert not page.file_uploader[0].value and "import_go" not in {button.key for button in page.button}
    assert len(import_store.journal("import")) == 2
    page = upload(page, GOOD)
    assert say("importing.same", language) in told(page) and say("importing.next", language) not in told(page)
    page = checked(page.button(key="import_go").click().run())
    assert say("importing.done_same", language) in told(page)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_warns_of_what_would_be_cleared(import_store: Store, language: str) -> None:
    page = upload(visit(language), table_of("project_id,name,city\nP1,钙钛矿产线（样例）,\n"))
    assert say("importing.clearing", language, count=1) in told(page)
    city = header_label("projects", "city", language)
    shown = [str(one.value) for one in page.dataframe]
    assert any(say("importing.column_cleared", language, column=city) in one for one in shown)


# --- guide -------------------------------------------------------------------------------------------------------


def what(table: str, column: str, language: str) -> str:
    frame = columns_of(Visitor(language, ROLES["organizer"], "financing"), table).set_index("name")
    return str(frame.loc[column, "what"])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("table", TABLES)
def test_the_guide_reads_well(table: str, language: str) -> None:
    for column in TABLES[table].columns:
        text = what(table, column.name, language)
        assert not re.search(r"[:;,](?=\w)|\s[，。；：、等]|\s{2}|[:;,：；，]$", text), text
        if column.vocabulary and column.vocabulary != "sectors":
            label = vocabulary(column.vocabulary).label(vocabulary(column.vocabulary).codes[0], language)
            assert label in text
        elif column.kind is Kind.LIST:
            assert {"zh": "分号", "en": "semicolons"}[language] in text


def test_what_the_guide_says_of_a_column() -> None:
    assert what("projects", "confidentiality", "en") == "One of: Public, Teaser, Closed"
    assert what("projects", "confidentiality", "zh") == "单选：可公开、仅匿名摘要、不公开"
    assert what("projects", "funding_round", "zh").endswith("可转债等，另有 5 个")
    assert what("projects", "space_m2", "en") == "Number; m²"
    assert "合同编号" in what("outcomes", "source", "zh")


@pytest.mark.slow
def test_sessions_do_not_see_each_others_uploads_and_a_name_is_never_markup(import_store: Store) -> None:
    hostile = Upload(
        "<img src=x onerror=alert(1)> **粗** [链](http://x).csv", b"project_id,name,summary\nP5,<b>x</b>,y\n"
    )
    one = upload(visit(), hostile)
    assert say("importing.ready", "zh", count=1) in told(one)
    shown = "\n".join(str(found.value) for found in one.markdown) + told(one)
    assert "onerror" not in shown and "<b>" not in shown  # they stand in tables only, which show text as text
    other = visit()
    assert say("importing.guide", "zh") in told(other) and say("importing.ready", "zh", count=1) not in told(other)
    assert not other.file_uploader[0].value


@pytest.mark.slow
def test_the_page_is_the_organizers(import_store: Store) -> None:
    page = visit(role="fund")
    assert catalogue()["view.importing"][0] not in [one.value for one in page.title]
    assert not page.file_uploader
