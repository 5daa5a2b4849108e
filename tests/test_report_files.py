"""Reports as Word and Excel files, read back; templates that an operator edits."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pyarrow as pa
import pytest
from docx.oxml.ns import qn
from report_built import WRITTEN, Rows, assert_same, report_of
from report_market import END, FIELDS, START, market, store_of
from report_recount import Told, recount

from app.reports.document import SAMPLE, write_document
from app.reports.facts import read_facts
from app.reports.figure import small_values
from app.reports.report import make_report
from app.reports.scope import NATION
from app.reports.template import default_template, load_template, read_template
from app.reports.workbook import write_workbook
from data.problem import DuijieError
from data.runs import save_run
from data.store import Store
from data.tables import MATCHES


@pytest.fixture(scope="module")
def rows() -> Rows:
    return market()


@pytest.fixture(scope="module")
def stored(rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Read it only; a test that writes makes its own."""
    return store_of(rows, tmp_path_factory.mktemp("report"))


def money(value: float) -> str:
    unit, scale = ("亿元", 1e8) if value >= 1e8 else ("万元", 1e4)
    return f"{value / scale:,.2f}".rstrip("0").rstrip(".") + unit


def as_text(name: str, wanted: Told) -> str:
    """A figure as the Word file has to show it."""
    if wanted.value is None:
        return "无法给出"
    if name.startswith("amount"):
        return money(wanted.value)
    if wanted.low is not None:
        bounds = f"{wanted.low * 100:.1f}–{wanted.high * 100:.1f} %"
        return f"{wanted.value * 100:.1f} %（95 %区间 {bounds}，未结 {wanted.open:,} 件）"
    return f"{wanted.value * 100:.1f} %" if name.endswith(".share") else f"{wanted.value:,}"


def marked(document: Any) -> Iterable[tuple[str, str]]:
    """Every (text, figure id) of a document: what stands before a superscript, and the superscript."""
    paragraphs = [
        *document.paragraphs,
        *(p for t in document.tables for r in t.rows for c in r.cells for p in c.paragraphs),
    ]
    for paragraph in paragraphs:
        for run, mark in zip(paragraph.runs, paragraph.runs[1:], strict=False):
            if mark.font.superscript:
                yield run.text, mark.text.strip("[]")


@pytest.mark.parametrize("kind", ["quarter", "contest"])
def test_every_number_of_the_word_file_is_the_independent_one(rows: Rows, stored: Store, kind: str) -> None:
    report = report_of(stored, kind=kind, internal=True)
    document = docx.Document(io.BytesIO(write_document(report)))
    wanted = recount(rows, START, END, None, FIELDS)
    names = {figure.id: figure.name for figure in report.book}
    found = list(marked(document))
    assert len(found) > 60
    for text, key in found:
        assert text == as_text(names[key], wanted[names[key]]), names[key]
    annex = document.tables[-1]
    lines = [[cell.text for cell in line.cells] for line in annex.rows[1:]]
    assert {line[0] for line in lines} == {key for _, key in found}
    for key, label, value, definition, query, _, run in lines:
        assert value == as_text(names[key], wanted[names[key]])
        assert label and definition and run == "—"
        assert f"from={START}" in query and f"to={END}" in query and "scope=nation" in query
    for paragraph in document.paragraphs[3:]:
        runs = [run for run in paragraph.runs if run.text]
        pairs = zip(runs, [*runs[1:], None], strict=False)
        words = [run for run, after in pairs if not run.font.superscript and not (after and after.font.superscript)]
        bare = re.sub(r"\d{4}年\d{1,2}月\d{1,2}日|[39]0 天|10 个自然日", "", "".join(run.text for run in words))
        assert not re.search(r"\d", bare), paragraph.text  # no number without a figure


def test_every_number_of_the_workbook_is_the_independent_one(rows: Rows, stored: Store) -> None:
    report = report_of(stored, internal=True)
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(report)))
    head, *lines = list(book["figures"].iter_rows(values_only=True))
    wanted = recount(rows, START, END, None, FIELDS)
    found = {}
    for line in lines:
        cells = dict(zip(head, line, strict=True))
        found[cells["name"]] = Told(cells["value"], cells["low"], cells["high"], cells["open"])
        assert cells["data"] == report.facts.fingerprint and cells["definition"] and cells["query"]
    assert_same(found, wanted)
    formats = {row[1].value: row[3].number_format for row in book["figures"].iter_rows(min_row=2)}
    assert formats["introduced"] == "#,##0" and formats["rate.met"] == "0.0%"
    assert formats["amount_signed"] == "#,##0.00"
    assert book["figures"].freeze_panes == "A2" and book["figures"].column_dimensions["I"].width >= 60


def test_rows_behind_are_named_only_with_consent(rows: Rows, stored: Store) -> None:
    report = report_of(stored)
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(report)))
    known = {row["project_id"]: row for row in rows["projects"]}
    head, *lines = list(book["cases"].iter_rows(values_only=True))
    assert len(lines) > 10
    for line in lines:
        cells = dict(zip(head, line, strict=True))
        row = known[cells["project_id"]]
        assert row["confidentiality"] == "public" and row["state"] == "active"
        assert "all" in row["consent"] or cells["channel"] in row["consent"]
    withheld = list(book["withheld"].iter_rows(min_row=2, values_only=True))
    assert len(lines) + sum(line[2] for line in withheld) == len(report.facts.cases)
    everything = {value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row}
    assert not {key for key, row in known.items() if row["confidentiality"] != "public"} & everything
    assert "proposals" not in book.sheetnames
    key = report.book["met.total"].id
    counted = sum(key in (line[-1] or "").split() for line in lines)
    assert 0 < counted <= report.book["met.total"].value


def test_small_cells_are_hidden_from_others_and_shown_to_the_organizer(tmp_path: Path) -> None:
    rows = market(seed=9, cases=40)
    store = store_of(rows, tmp_path)
    sizes = {
        c: recount(rows, START, END, None, FIELDS)[f"introduced.total@channel={c}"].value
        for c in ("financing", "placement", "services", "challenge")
    }
    lines = [row for row in rows["outcomes"] if row["channel"] != "challenge"]
    few = next(row for row in rows["outcomes"] if row["channel"] == "challenge")
    lines += [
        row for row in rows["outcomes"] if row["project_id"] == few["project_id"] and row["channel"] == "challenge"
    ]
    small = tmp_path / "small"
    small.mkdir()
    public = report_of(store_of({**rows, "outcomes": lines}, small))
    assert sizes["challenge"] >= 5
    figure = public.book["introduced.total@channel=challenge"]
    assert figure.small and figure.text("zh") == "未列示" and figure.text("en") == "not told"
    document = docx.Document(io.BytesIO(write_document(public)))
    shown = dict((key, text) for text, key in marked(document))
    assert shown[figure.id] == "未列示"
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(public)))
    line = next(row for row in book["figures"].iter_rows(values_only=True) if row[0] == figure.id)
    assert line[3:7] == (None,) * 4 and line[-2:] == (None, "small")
    assert not any(figure.id in (row[-1] or "").split() for row in book["cases"].iter_rows(values_only=True))
    assert not report_of(store, internal=True).book["introduced.total@channel=challenge"].small


def test_one_hidden_cell_hides_the_next_smallest_too() -> None:
    assert small_values({"a": 3, "b": 40, "c": 9, "d": 0}) == {"a", "c"}
    assert small_values({"a": 3, "b": 2, "c": 9}) == {"a", "b"}
    assert small_values({"a": 30, "b": 20}) == set()
    assert small_values({"a": 3}) == {"a"}


def test_the_word_file_is_a_chinese_page_with_repeated_heads(stored: Store) -> None:
    document = docx.Document(io.BytesIO(write_document(report_of(stored))))
    section = document.sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    assert "PAGE" in section.footer._element.xml and "NUMPAGES" in section.footer._element.xml
    assert all(table.rows[0]._tr.findall(f".//{qn('w:tblHeader')}") for table in document.tables)
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) in ("宋体", "黑体")
        assert not [key for key in fonts.attrib if key.lower().endswith("theme")]
    titles = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert titles[:3] == ["一、赛事筹备组织", "二、参赛项目特色服务及成效", "三、优秀项目培育成长案例"]
    assert "2022年7月1日至2022年9月30日" in "".join(p.text for p in document.paragraphs)
    english = make_report(
        stored, read_facts(stored, NATION, START, END), "quarter", load_template("quarter", "en", None), written=WRITTEN
    )
    text = "".join(p.text for p in docx.Document(io.BytesIO(write_document(english))).paragraphs)
    assert "1 July 2022 to 30 September 2022" in text and "still open" in text


def test_an_operator_edits_the_template(stored: Store, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        'title = "{scope}简报"\n[[chapters]]\ntitle = "成效"\n[[chapters.blocks]]\n'
        'text = "到{to}，融资引荐 {introduced.total@channel=financing} 件。"\n[[chapters.blocks]]\ntable = "ends"\n',
        encoding="utf-8",
    )
    report = report_of(stored, template=str(file))
    document = docx.Document(io.BytesIO(write_document(report)))
    count = report.book["introduced.total@channel=financing"]
    assert document.paragraphs[0].text == "全国简报"
    assert f"引荐 {count.value}[{count.id}] 件" in "".join(p.text for p in document.paragraphs)
    assert len(document.tables) == 2


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (
            'title = "x"\n[[chapters]]\ntitle = "a"\n[[chapters.blocks]]\ntext = "{introducd}"',
            "placeholder",
            "blocks[1]",
        ),
        ('title = "{nothing}"\n[[chapters]]\ntitle = "a"', "placeholder", "title"),
        ('title = "x"\n[[chapters]]\ntitle = "a"\n[[chapters.blocks]]\ntable = "chanels"', "table", "blocks[1]"),
        ('title = "x"\n[[chapters]]\ntitle = "a"\n[[chapters.blocks]]\nlist = "all"', "list", "blocks[1]"),
        (
            'title = "x"\n[[chapters]]\ntitle = "a"\n[[chapters.blocks]]\ntext = "a"\ntable = "b"',
            "invalid",
            "blocks[1]",
        ),
        ('title = "x"\nchapter = 1\n[[chapters]]\ntitle = "a"', "invalid", "own.toml"),
        ('title = "x"', "invalid", "own.toml"),
        ('title = 3\n[[chapters]]\ntitle = "a"', "invalid", "title"),
        ('language = "fr"\ntitle = "x"\n[[chapters]]\ntitle = "a"', "invalid", "own.toml"),
        ("title = ", "unreadable", "own.toml"),
    ],
)
def test_a_wrong_template_is_refused_with_its_place(
    stored: Store, tmp_path: Path, text: str, code: str, place: str
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DuijieError) as caught:
        report_of(stored, template=str(file))
    assert caught.value.code == f"template.{code}" and place in caught.value.message
    if "introducd" in text:
        assert "introduced" in caught.value.hint


@pytest.mark.parametrize("kind", ["quarter", "contest"])
def test_both_languages_have_the_same_shape(kind: str) -> None:
    def shape(language: str) -> list[tuple[str, list[str]]]:
        read = read_template(default_template(kind, language), language)
        blocks = [block for chapter in read.chapters for block in chapter.blocks]
        return [(b.kind, sorted(re.findall(r"\{([^}]+)\}", b.content)) or [b.content]) for b in blocks]

    assert shape("zh") == shape("en")


def test_a_figure_that_rests_on_a_ranking_names_its_run(rows: Rows, tmp_path: Path) -> None:
    store = store_of(rows, tmp_path)
    ranked = [("P0001", 1, "recommended"), ("P0001", 2, "recommended"), ("P0002", 1, "recommended")]
    left = [("P0003", None, "recommended"), ("P0004", 1, "ineligible"), ("P-OTHER", 1, "recommended")]
    cells = [
        dict.fromkeys(MATCHES.names) | {"project_id": key, "rank_for_project": rank, "status": status}
        for key, rank, status in ranked + left
    ]
    manifest = {"channels": ["financing"], "as_of": "2022-09-01"}
    tables = {"matches_financing": pa.Table.from_pylist(cells, schema=MATCHES)}
    save_run(store.runs_folder, "r-test", manifest, tables)
    report = report_of(store, kind="contest")
    shown = {r["project_id"] for r in rows["projects"] if not r["listed_at"] or r["listed_at"] <= END}
    figure = report.book["matched@channel=financing"]
    assert (figure.value, figure.run) == (len({"P0001", "P0002"} & shown), "r-test")
    assert figure.params["run_as_of"] == "2022-09-01"
    annex = docx.Document(io.BytesIO(write_document(report))).tables[-1]
    line = next(row for row in annex.rows if row.cells[0].text == figure.id)
    assert line.cells[-1].text == "r-test"
    assert report.book["matched@channel=placement"].value is None


def test_a_report_on_the_sample_market_says_so(rows: Rows, tmp_path: Path) -> None:
    for number, marked in enumerate((False, True)):
        folder = tmp_path / str(number)
        folder.mkdir()
        store = store_of(rows, folder)
        if marked:
            store.append("demo", "import", {"sample": True})
        facts = read_facts(store, NATION, START, END)
        report = make_report(
            store, facts, "quarter", read_template(default_template("quarter", "zh"), "zh"), written=WRITTEN
        )
        text = "\n".join(part.text for part in docx.Document(io.BytesIO(write_document(report))).paragraphs)
        assert (SAMPLE in text) is marked
        sheet = openpyxl.load_workbook(io.BytesIO(write_workbook(report)))["report"]
        assert any(SAMPLE in str(cell) for row in sheet.values for cell in row) is marked


def test_the_same_report_gives_the_same_bytes(stored: Store) -> None:
    once, again = (write_document(report_of(stored)) for _ in range(2))
    assert once == again
    with zipfile.ZipFile(io.BytesIO(once)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
