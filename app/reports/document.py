"""A report as a Word file: chapters, tables with repeated heads, the growth cases, and an annex of every figure.

Every number in the text bears the id of its figure as a superscript. Text of entrants is written as plain runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.docx_bytes import document_bytes
from app.plain_text import clean, one_line
from app.reports.figure import Figure, shown
from app.reports.growth import told_as
from app.reports.report import Piece, Report
from app.reports.tables import Cell

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

LATIN, EAST_ASIAN, HEADING = "Times New Roman", "宋体", "黑体"
LONGEST = 600
"""Characters of a sentence of an entrant; longer ones are cut."""
_WORDS = {
    "zh": {
        "annex": "附表：数字来源",
        "head": ("编号", "指标", "数值", "定义", "查询", "行数", "匹配运行"),
        "note": "全部数字按截至{to}的数据计算，数据指纹 {fingerprint}；{written}生成。上标为数字编号，见附表。",
        "hidden": "为保护当事方，不足 5 件的分组，以及可由此推算的分组，不列示数字；不足 5 件的金额合计亦不列示。",
        "internal": "内部稿：含不足 5 件的分组数字，不得对外。",
        "checked": "已核",
        "declared": "自述",
        "none": "无。",
        "confirmed": "确认人：",
    },
    "en": {
        "annex": "Annex: where the figures come from",
        "head": ("Id", "Figure", "Value", "Definition", "Query", "Rows", "Run"),
        "note": "All figures as of {to}, data {fingerprint}; written {written}. Superscripts: figures of the annex.",
        "hidden": "Groups of fewer than 5 cases, groups that would tell them, and sums of fewer than 5 are not told.",
        "internal": "Internal: holds figures of groups of fewer than 5; not for others.",
        "checked": "checked",
        "declared": "self-declared",
        "none": "None.",
        "confirmed": "Confirmed by: ",
    },
}


SAMPLE = "示例数据（虚构） / Fictional sample data"


def write_document(report: Report) -> bytes:
    """The report as a .docx file."""
    import docx

    document = docx.Document()
    _set_page(document)
    _set_fonts(document)
    core = document.core_properties
    core.title, core.author = clean(report.plain(report.template.title)), "Duijie"
    core.created = core.modified = datetime.combine(report.written, datetime.min.time())
    words = _WORDS[report.language]
    _pieces(document.add_paragraph(style="Title"), report, report.template.title)
    if report.facts.sample:
        _small(document, SAMPLE)
    _small(document, report.plain(str(words["note"])))
    _small(document, str(words["internal" if report.internal else "hidden"]))
    for chapter in report.template.chapters:
        _pieces(document.add_paragraph(style="Heading 1"), report, chapter.title)
        for block in chapter.blocks:
            if block.title:
                _pieces(document.add_paragraph(style="Heading 2"), report, block.title)
            if block.kind == "text":
                _pieces(document.add_paragraph(), report, block.content)
            elif block.kind == "table":
                table = report.table(block.content)
                rows = [[_cell(cell) for cell in row] for row in table.rows]
                if rows:
                    _table(document, table.head, rows, report.language)
                else:
                    document.add_paragraph(str(words["none"]))
            else:
                _growth(document, report)
    _annex(document, report)
    return document_bytes(document)


def _set_page(document: Document) -> None:
    from docx.shared import Cm

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2.2)
    footer = section.footer.paragraphs[0]
    footer.alignment = 1
    _field(footer, "PAGE")
    footer.add_run(" / ")
    _field(footer, "NUMPAGES")


def _field(paragraph: Paragraph, code: str) -> None:
    """A field that Word fills in, such as the number of the page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind, text in (("begin", ""), ("", code), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.set(qn("xml:space"), "preserve")
            element.text = text
        paragraph.add_run()._r.append(element)


def _set_fonts(document: Document) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    sizes = {"Normal": 10.5, "Title": 18, "Heading 1": 14, "Heading 2": 11}
    for name, size in sizes.items():
        style: Any = document.styles[name]
        style.font.name, style.font.size = LATIN, Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in [key for key in fonts.attrib if key.lower().endswith("theme")]:
            del fonts.attrib[attribute]  # a theme font would win over the named one
        fonts.set(qn("w:eastAsia"), EAST_ASIAN if name == "Normal" else HEADING)
        style.paragraph_format.space_after = Pt(4)


def _pieces(paragraph: Paragraph, report: Report, text: str) -> None:
    _runs(paragraph, report.pieces(text), report.language)


def _runs(paragraph: Paragraph, pieces: Iterable[Piece], language: str, size: float | None = None) -> None:
    """Texts as they are; figures as their value and their id as a superscript."""
    from docx.shared import Pt

    for piece in pieces:
        figure = None if isinstance(piece, str) else piece
        run = paragraph.add_run(clean(figure.text(language) if figure else str(piece)))
        if size:
            run.font.size = Pt(size)
        if figure:
            mark = paragraph.add_run(f"[{figure.id}]")
            mark.font.superscript = True
            if size:
                mark.font.size = Pt(size)


def _small(document: Document, text: str) -> None:
    from docx.shared import Pt

    run = document.add_paragraph().add_run(clean(text))
    run.font.size = Pt(9)


def _cell(cell: Cell) -> list[Piece]:
    if isinstance(cell, str):
        return [cell]
    pieces: list[Piece] = []
    for figure in cell:
        pieces += [" / ", figure] if pieces else [figure]
    return pieces


def _table(document: Document, head: Sequence[str], rows: Sequence[Sequence[list[Piece]]], language: str) -> None:
    """A table whose head stands again on every page and whose rows do not break."""
    from docx.oxml import OxmlElement

    table = document.add_table(rows=1 + len(rows), cols=len(head), style="Table Grid")
    told: list[Sequence[list[Piece]]] = [[[text] for text in head], *rows]
    for number, (line, cells) in enumerate(zip(table.rows, told, strict=True)):
        properties = line._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for cell, pieces in zip(line.cells, cells, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = 0
            _runs(paragraph, pieces, language, 8)
            if number == 0:
                paragraph.runs[0].bold = True
    document.add_paragraph()


def _growth(document: Document, report: Report) -> None:
    """Confirmed cases: name or anonymous summary, each sentence with its criterion and whether it was checked."""
    words = _WORDS[report.language]
    if not report.cases:
        document.add_paragraph(str(words["none"]))
    for number, case in enumerate(report.cases, start=1):
        name, lines = told_as(case, report.language)
        document.add_paragraph(f"{number}. {one_line(name, LONGEST)}", style="Heading 2")
        for criterion, text, checked in lines:
            mark = words["checked" if checked else "declared"]
            document.add_paragraph(f"{criterion}（{mark}）：{one_line(text, LONGEST)}")
        _small(document, f"{words['confirmed']}{one_line(case.by, LONGEST)}")


def _annex(document: Document, report: Report) -> None:
    """Every figure that stands in this file: id, value, definition, query, rows, run."""
    words = _WORDS[report.language]
    document.add_paragraph(str(words["annex"]), style="Heading 1")
    rows: list[list[list[Piece]]] = [[[text] for text in annex_row(one, report.language)] for one in report.used]
    _table(document, [str(text) for text in words["head"]], rows, report.language)


def annex_row(figure: Figure, language: str) -> tuple[str, ...]:
    """One line of the annex; of a hidden figure neither value nor number of rows is told."""
    told = shown(figure)
    rows = "—" if figure.small else f"{told.rows:,}"
    value = told.text(language)
    label, definition = figure.label(language), figure.definition(language)
    return figure.id, clean(label), value, definition, clean(figure.call()), rows, figure.run or "—"
