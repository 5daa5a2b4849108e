"""The dashboard, page by page and role by role, without a browser."""

from __future__ import annotations

import io
import re
import string
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from dashboard_market import CONTACT, FORMULA, HOSTILE, DashboardMarket, desk_of
from hypothesis import given
from hypothesis import strategies as st
from page_visits import FUND, ORGANIZER, visit
from streamlit.testing.v1 import AppTest

import app.dashboard
from app.dashboard.parts.downloads import write_list
from app.dashboard.parts.filters import Filters, narrow
from app.dashboard.parts.sheet import INSTITUTION_FIELDS, INSTITUTION_TEXTS, PROJECT_FIELDS, PROJECT_TEXTS, money
from app.dashboard.plain import escape, shorten
from app.dashboard.queries import Listing, institution_names, listing, project
from app.dashboard.roles import DEMONSTRATED, KINDS, ROLES
from app.dashboard.shown_strings import catalogue
from app.dashboard.viewing import all_views, views_of
from app.dashboard.visitor import Visitor
from app.lists import shown_projects
from app.wording import LANGUAGES, phrase, words
from data.registry import discover
from data.store import Store
from matcher.channel import channels

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("pages")]  # whole pages are drawn

HOME = Path(app.dashboard.__file__).parent
SOURCES = sorted(HOME.rglob("*.py"))


def shown(page: AppTest) -> str:
    """Everything a page says, as one text."""
    kinds = (page.text, page.caption, page.title, page.subheader, page.info, page.warning, page.error, page.markdown)
    return "\n".join([str(one.value) for kind in kinds for one in kind] + [one.label for one in page.button])


@pytest.mark.parametrize(("role", "language"), [("fund", "zh"), ("park", "en"), ("service", "zh"), ("leader", "en")])
def test_each_institution_sees_a_list_with_reasons(role: str, language: str) -> None:
    page = visit(role=role, lang=language)
    assert len(page.button) > 0
    told = shown(page)
    assert catalogue()["sample"][language == "en"] in told
    assert catalogue()["why.pro"][language == "en"] in told
    assert catalogue()["lexical_only"][language == "en"] in told  # the run had no encoder: said loudly


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", DEMONSTRATED)
def test_every_page_of_a_role_in_a_language(role: str, language: str) -> None:
    views = views_of(Visitor(language, ROLES[role], ""))
    assert views
    for name in views:
        page = visit(role=role, view=name, lang=language)
        assert page.title[0].value == catalogue()[f"view.{name}"][language == "en"], name
        assert not page.error, page.error[0].value


def test_every_page_is_somebodys() -> None:
    for view in all_views().values():
        assert view.roles and set(view.roles) <= {*KINDS, *ROLES}, view.name
        assert any({*role.kinds, role.name} & set(view.roles) for role in ROLES.values())


def test_chinese_is_the_default_and_unknown_values_in_the_address_are_ignored() -> None:
    page = visit(role="nobody", lang="xx", inst="x", project="<b>", view="run")
    assert page.title[0].value == "推荐项目"


def test_a_role_has_no_page_of_another() -> None:
    page = visit(role="fund", view="overview")
    assert page.title[0].value == "推荐项目"
    assert not page.metric


def test_a_link_opens_its_match_with_both_sentences(market: DashboardMarket) -> None:
    desk = desk_of("fund")
    for institution in ("SAMPLE-I001", market.hostile[0]):
        told = listing(desk, "institutions", institution, everything=False)
        for opened in told.frame["listed"][1:3]:
            page = visit(role="fund", inst=institution, project=opened)
            texts = [one.value for one in page.text]
            assert told.frame.set_index("listed")["name"][opened] in texts
            strongest = max(told.reasons[opened], key=lambda reason: reason["weight"])
            for side in ("project", "institution"):
                if strongest[f"evidence_{side}"]:
                    assert f"“{strongest[f'evidence_{side}']}”" in texts


def test_a_click_opens_a_match_and_writes_it_into_the_address() -> None:
    page = visit(role="fund", inst="SAMPLE-I001")
    second = page.button[1]
    second.click().run()
    assert not page.exception
    opened = page.query_params["project"][0]
    assert opened in second.key
    assert any(opened in text.value for text in page.text)


def test_institutions_see_consenting_projects_only(market: DashboardMarket) -> None:
    for role in (ROLES[name] for name in DEMONSTRATED if "institution" in ROLES[name].kinds):
        answers = shown_projects(market.system, role.channel)
        desk = desk_of(role.name)
        names = list(institution_names(desk))
        for institution in (names[0], names[len(names) // 2]):
            own = listing(desk, "institutions", institution, everything=False).frame
            assert all(answers[one] == "given" for one in own["listed"])
            assert set(own["status"]) <= {"recommended"}


def test_a_link_to_a_project_that_may_not_be_shown_tells_nothing_of_it(market: DashboardMarket) -> None:
    rows = {row["project_id"]: row for row in market.system.store.current("projects").to_pylist()}
    answers = shown_projects(market.system, "financing")
    hidden = next(one for one, answer in answers.items() if answer == "not_asked")
    for view in ("matches", "whynot"):
        page = visit(role="fund", view=view, project=hidden)
        told = shown(page)
        assert rows[hidden]["name"] not in told
        assert hidden not in told


def test_a_withdrawal_works_at_once(market: DashboardMarket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    institution, withdrawn = market.hostile
    store = Store(tmp_path / "market.duckdb")
    store.path.write_bytes(market.store.read_bytes())
    store.runs_folder.symlink_to(market.system.store.runs_folder)
    monkeypatch.setenv("DUIJIE_STORE", str(store.path))
    assert withdrawn in set(listing(desk_of("fund"), "institutions", institution, everything=False).frame["listed"])
    projects = store.current("projects")
    rows = [row | {"state": "withdrawn"} for row in projects.to_pylist() if row["project_id"] == withdrawn]
    store.write({"projects": type(projects).from_pylist(rows, schema=projects.schema)}, [], actor="test", note={})
    assert withdrawn not in set(listing(desk_of("fund"), "institutions", institution, everything=False).frame["listed"])


def test_an_anonymous_project_keeps_its_name_to_itself(market: DashboardMarket) -> None:
    institution, anonymous = market.teaser
    row = next(r for r in market.system.store.current("projects").to_pylist() if r["project_id"] == anonymous)
    told = shown(visit(role="fund", inst=institution, project=anonymous))
    assert anonymous in told
    for secret in (row["name"], row["applicant"]):
        assert secret and secret not in told
    assert "匿名项目" in told


def test_contacts_are_masked(market: DashboardMarket) -> None:
    desk = desk_of("fund")
    assert CONTACT[5:16] not in str(project(desk, market.hostile[1]))
    assert "＊＊＊" in project(desk, market.hostile[1])["summary"]


def test_hostile_names_are_only_ever_plain_text_or_escaped(market: DashboardMarket) -> None:
    institution, hostile = market.hostile
    page = visit(role="fund", inst=institution, project=hostile)
    assert any(text.value.startswith(HOSTILE) for text in page.text)
    for kind in (page.markdown, page.caption, page.subheader, page.title, page.info, page.error):
        assert not any("<script>" in str(one.value) for one in kind)
    labels = [button.label for button in page.button if "script" in button.label]
    assert labels
    assert not any("<script>" in label for label in labels)


def test_downloads_write_no_formulas(market: DashboardMarket) -> None:
    institution, formula = market.formula
    told = listing(desk_of("fund"), "institutions", institution, everything=False)
    book = openpyxl.load_workbook(io.BytesIO(write_list(FUND, told.frame, told, "institutions", "xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert any(FORMULA in cell.value for cell in cells)
    assert not any(cell.data_type == "f" for cell in cells)
    csv = write_list(FUND, told.frame, told, "institutions", "csv").decode("utf-8-sig")
    read = pd.read_csv(io.StringIO(csv))
    assert list(read["project_id"]) == list(told.frame["listed"])
    assert read.loc[read["project_id"] == formula, "name"].str.startswith("'=").all()
    json = pd.read_json(io.BytesIO(write_list(FUND, told.frame.head(3), told, "institutions", "json")))
    assert list(json["project_id"]) == list(told.frame["listed"][:3])
    assert "rank_for_project" not in json  # where else a project stands is not the institution's to know
    assert all(json["reasons"].str.len() > 0)


def test_whynot_answers_for_any_shown_project(market: DashboardMarket) -> None:
    page = visit(role="fund", view="whynot", inst=market.hostile[0])
    page.text_input(key="whynot_financing").set_value(market.hostile[1]).run()
    assert not page.exception
    assert catalogue()["why.pro"][0] in shown(page)
    page.text_input(key="whynot_financing").set_value("没有这样的项目").run()
    assert "没有可以向您显示的项目" in shown(page)


def test_overview_counts_agree_with_the_store(market: DashboardMarket) -> None:
    page = visit(role="organizer", view="overview", channel="financing")
    figures = {metric.label: metric.value for metric in page.metric}
    answers = shown_projects(market.system, "financing")
    assert figures["项目"] == str(market.system.store.current("projects").num_rows)
    assert figures["待征询同意"] == str(sum(answer == "not_asked" for answer in answers.values()))
    assert 0 < int(figures["已排序且可显示"]) <= len(answers)
    assert re.fullmatch(r"\d+%", figures["最大曝光"])


def cards(page: AppTest) -> list[Any]:
    """The buttons that open a match, in order."""
    return [button for button in page.button if button.key.startswith("go_")]


def test_paging_goes_on_where_the_page_before_ended() -> None:
    page = visit(role="fund", inst="SAMPLE-I001")
    first = [button.key for button in cards(page)]
    page.pagination[0].set_value(2).run()
    assert not page.exception
    second = [button.key for button in cards(page)]
    assert second and not set(first) & set(second)
    assert cards(page)[0].label.startswith("9")


def test_a_filter_narrows_the_list_and_resets_the_page() -> None:
    page = visit(role="fund", inst="SAMPLE-I001")
    page.pagination[0].set_value(2).run()
    name = listing(desk_of("fund"), "institutions", "SAMPLE-I001", everything=False).frame["name"][0]
    page.text_input(key=next(box.key for box in page.text_input if box.key.startswith("text_"))).set_value(name).run()
    assert not page.exception
    assert cards(page)[0].label.startswith("1")


FRAME = pd.DataFrame(
    {
        "status": ["recommended", "recommended", "ineligible"],
        "text": ["储能 电池", "robot arm", "储能"],
        "sectors": [["新能源"], ["高端装备"], []],
        "province": ["江苏省", "", "江苏省"],
        "stage": ["pilot", "lab", "lab"],
        "score": [3.0, 1.0, 2.0],
    }
)


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        (Filters(), [0, 1]),
        (Filters(ineligible=True), [0, 1, 2]),
        (Filters(text="储能"), [0]),
        (Filters(text="ROBOT arm"), [1]),
        (Filters(sector="装备"), [1]),
        (Filters(facets={"province": ("江苏省",), "stage": ()}), [0]),
        (Filters(facets={"stage": ("lab",)}, ineligible=True), [1, 2]),
        (Filters(least=2.5), [0]),
        (Filters(text="储能 没有"), []),
    ],
)
def test_narrow(filters: Filters, rows: list[int]) -> None:
    assert list(narrow(FRAME, filters).index) == rows


def test_narrow_of_an_empty_list() -> None:
    assert narrow(FRAME.head(0), Filters(text="x", sector="y", least=1.0)).empty


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_escape_leaves_no_live_mark(text: str) -> None:
    escaped = escape(text)
    assert not set(re.sub(r"\\.", "", escaped)) & set(string.punctuation)
    assert re.sub(r"\\(.)", r"\1", escaped) == re.sub(r"\s+", " ", text).strip()


@given(st.text(max_size=30), st.integers(1, 20))
def test_shorten(text: str, most: int) -> None:
    cut = shorten(text, most)
    assert len(cut) <= most
    assert cut == text or cut.endswith("…")


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        (3_000_000, "zh", "300万元"),
        (150_000_000, "zh", "1.5亿元"),
        (3_000_000, "en", "CNY 3 million"),
        (12_345_678, "zh", "1,234.57万元"),
    ],
)
def test_money(value: float, language: str, text: str) -> None:
    assert money(value, language) == text


def test_every_string_has_both_languages_and_the_same_values() -> None:
    for key, pair in catalogue().items():
        assert all(pair), key
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in pair]
        assert fields[0] == fields[1], key


def test_every_string_that_is_asked_for_exists_and_every_string_is_asked_for() -> None:
    source = "\n".join(path.read_text("utf-8") for path in SOURCES)
    asked = set(re.findall(r'say\(\s*"([^"]+)"', source))
    assert asked <= set(catalogue())
    built = {f"field.{name}" for name in (*PROJECT_FIELDS, *PROJECT_TEXTS, *INSTITUTION_FIELDS, *INSTITUTION_TEXTS)}
    built |= {f"role.{name}" for name in ROLES} | {f"view.{name}" for name in discover("app.dashboard.views", "VIEW")}
    assert built <= set(catalogue())
    families = set(re.findall(r'f"([a-z]+)[._]', source)) | {"trouble", "list", "tab", "choose"}
    unused = {key for key in catalogue() if f'"{key}"' not in source and key.split(".")[0] not in families}
    assert not unused


def test_every_rule_is_worded() -> None:
    for channel in channels().values():
        for rule in channel.rules:
            for kind in ("rule", "unknown"):
                assert phrase(kind, rule, "zh") != rule
                assert phrase(kind, rule, "zh") != phrase(kind, rule, "en")
            assert {f"rule.{rule}", f"unknown.{rule}"} <= set(words())


def test_the_house_rules_of_the_folder() -> None:
    names = {path.stem for path in HOME.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert not names & {"data", "features", "matcher", "evaluation", "app", "pages"}
    for path in SOURCES:
        text = path.read_text("utf-8")
        assert "unsafe_allow" not in text, path
        assert "st.markdown(" not in text and "st.write(" not in text, path
        assert not re.search(r"https?://", text), path
    assert "http" not in (HOME / "style.css").read_text("utf-8")


def test_listing_is_what_its_type_says(market: DashboardMarket) -> None:
    told = listing(desk_of("organizer"), "projects", market.hostile[1], everything=True)
    assert isinstance(told, Listing)
    assert set(told.frame["listed"]) == set(told.reasons)
    ranked = told.frame[told.frame["status"] == "recommended"]["rank"]
    assert list(ranked) == sorted(ranked)
    assert ORGANIZER.role.organizes
