"""What an institution reads: facts, search, full text, comparison and sheets of projects."""

from __future__ import annotations

import io

import docx
import pandas as pd
import pytest
from dashboard_market import CONTACT, DashboardMarket, desk_of
from page_visits import FUND, row_of, texts_of, visit

from app.dashboard.facts_queries import with_facts
from app.dashboard.parts.filters import Filters, narrow
from app.dashboard.queries import listing, project_names
from app.dashboard.search_queries import find
from app.dashboard.sheet_queries import awards_of, rights_of, shown_project, word_sheet
from app.dashboard.shown_strings import catalogue
from app.project_facts import FACTS, band_of, branches_of
from app.searching import words_in, words_of
from data.problem import DuijieError
from data.reference.sectors import sectors

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("pages")]  # whole pages are drawn


def test_facts_are_joined_to_a_list_without_changing_it() -> None:
    desk = desk_of("fund")
    frame = listing(desk, "institutions", "SAMPLE-I001", everything=False).frame
    before = list(frame.columns)
    found = with_facts(FUND, desk, frame)
    assert list(frame.columns) == before
    assert set(FACTS) <= set(found.columns)
    assert list(found["listed"]) == list(frame["listed"])
    rights = desk.system.store.current("ip").to_pandas()
    live = rights[rights["status"] != "失效"].groupby("project_id").size()
    for row in found.to_dict("records"):
        count = int(live.get(row["project_id"], 0))
        assert int(row["rights"]) <= count
        assert set(row["branches"]) <= {field.id for field in sectors().fields}
    chosen = narrow(found, Filters(facets={"rights": ("0",)}))
    assert all(live.get(one, 0) == 0 for one in chosen["project_id"])


@pytest.mark.parametrize(
    ("amount", "currency", "band"),
    [(5e6, None, "0"), (5e6 + 1, "CNY", "1"), (2e8, None, "4"), (None, None, "unknown"), (1e6, "USD", "unknown")],
)
def test_bands_of_amounts(amount: float | None, currency: str | None, band: str) -> None:
    assert band_of(amount, currency) == band


def test_a_branch_is_told_by_labels_first_then_by_the_text() -> None:
    assert branches_of(["光伏新能源"], "人工智能") == ["green"]
    assert branches_of(None, "钙钛矿叠层电池产线") == ["green"]
    assert branches_of([], "") == []


def test_search_finds_words_first_and_shows_their_sentence(market: DashboardMarket) -> None:
    desk = desk_of("fund")
    names = project_names(desk, everything=False)
    found = find(FUND, desk, "电池 电站")
    assert found and {one.row["project_id"] for one in found} <= set(names)
    whole = [len(one.words) == 2 for one in found]
    assert whole == sorted(whole, reverse=True)
    assert any(one.words for one in found)
    for one in found:
        assert not one.sentence or any(word in one.sentence.lower() for word in one.words)
    assert find(FUND, desk, "  \n ") == []


def test_an_anonymous_project_is_not_found_by_its_name(market: DashboardMarket) -> None:
    _, anonymous = market.teaser
    row = row_of(market, anonymous)
    desk = desk_of("fund")
    for secret in (str(row["name"]), str(row["applicant"])):
        found = {one.row["project_id"]: one for one in find(FUND, desk, secret)}
        if anonymous in found:
            assert secret not in str(found[anonymous])
            assert found[anonymous].words == words_in(shown_project(FUND, desk, anonymous), words_of(secret))


def test_the_search_page_opens_a_hit_and_keeps_it_plain(market: DashboardMarket) -> None:
    institution, hostile = market.hostile
    page = visit(role="fund", view="search", q="电池", inst=institution, project=hostile)
    assert not page.markdown or not any("<script>" in str(one.value) for one in page.markdown)
    assert any(button.key.startswith("go_hit_") for button in page.button)
    assert not any("<script>" in button.label for button in page.button)


def test_the_full_text_is_shown_whole_with_its_evidence_marked() -> None:
    desk = desk_of("fund")
    told = listing(desk, "institutions", "SAMPLE-I008", everything=False)
    project = next(
        one
        for one in told.frame["listed"]
        if any(
            r["weight"] and r.get("evidence_project") in str(shown_project(FUND, desk, one)["summary"] or "")
            for r in told.reasons[one]
            if r.get("evidence_project")
        )
    )
    page = visit(role="fund", inst="SAMPLE-I008", project=project)
    pieces = [text.value for text in page.text]
    summary = str(shown_project(FUND, desk, project)["summary"])
    evidence = {str(r["evidence_project"]) for r in told.reasons[project] if r["weight"] and r.get("evidence_project")}
    assert any(sentence in pieces and sentence in summary for sentence in evidence)
    assert summary in "".join(pieces)


def test_four_projects_are_compared_and_a_fifth_is_left_out(market: DashboardMarket) -> None:
    desk = desk_of("fund")
    five = list(listing(desk, "institutions", "SAMPLE-I001", everything=False).frame["listed"][:5])
    page = visit(role="fund", view="compare", inst="SAMPLE-I001", cmp=",".join(["nobody", *five]))
    told = texts_of(page)
    assert all(one in told for one in five[:4])
    assert five[4] not in told
    hidden = next(
        one
        for one in desk.run.table("projects").column("project_id").to_pylist()
        if one not in project_names(desk, everything=False)
    )
    assert hidden not in texts_of(visit(role="fund", view="compare", inst="SAMPLE-I001", cmp=f"{five[0]},{hidden}"))


def words_of_sheet(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def test_the_word_sheet_holds_what_may_be_shown(market: DashboardMarket) -> None:
    institution, hostile = market.hostile
    desk = desk_of("fund")
    data = word_sheet(FUND, desk, hostile, institution)
    told = words_of_sheet(data)
    assert "<script>window.hit=1</script>" in told  # as text
    assert CONTACT[5:16] not in told
    assert catalogue()["word.awards"][0] in told or not awards_of(FUND, desk, hostile)
    strongest = max(
        listing(desk, "institutions", institution, everything=False).reasons[hostile], key=lambda one: one["weight"]
    )
    assert f"{strongest['weight']:+.2f}" in told
    assert 'w:eastAsia="宋体"' in docx.Document(io.BytesIO(data)).styles["Normal"].element.xml


def test_the_word_sheet_of_an_anonymous_project_names_nothing(market: DashboardMarket) -> None:
    institution, anonymous = market.teaser
    desk, row = desk_of("fund"), row_of(market, anonymous)
    told = words_of_sheet(word_sheet(FUND, desk, anonymous, institution))
    for secret in (row["name"], row["applicant"], row["city"]):
        assert not secret or str(secret) not in told
    rights = desk.system.store.current("ip").to_pylist()
    for right in rights:
        if right["project_id"] == anonymous:
            assert right["title"] not in told and right["number"] not in told
    for award in awards_of(FUND, desk, anonymous):
        assert award["contest"] not in told
    assert all(set(right) == {"kind", "status"} for right in rights_of(FUND, desk, anonymous))


def test_sheets_of_hidden_projects_are_denied(market: DashboardMarket) -> None:
    desk = desk_of("fund")
    shown = project_names(desk, everything=False)
    hidden = next(one for one in desk.run.table("projects").column("project_id").to_pylist() if one not in shown)
    for ask in (shown_project, awards_of, rights_of):
        with pytest.raises(DuijieError) as error:
            ask(FUND, desk, hidden)
        assert error.value.code == "access.denied"
    with pytest.raises(DuijieError):
        word_sheet(FUND, desk, hidden, "SAMPLE-I001")


def test_frames_that_pages_share_are_not_changed() -> None:
    desk = desk_of("fund")
    before = listing(desk, "institutions", "SAMPLE-I001", everything=False).frame.copy()
    visit(role="fund", inst="SAMPLE-I001")
    pd.testing.assert_frame_equal(listing(desk, "institutions", "SAMPLE-I001", everything=False).frame, before)
