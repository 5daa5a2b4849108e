"""The one-page sheet of a project as a Word file: what it is, its figures, rights and awards, and why it fits.

Rows come masked. Of an anonymous project neither titles nor numbers of rights are written, nor in which contest it won
what: both can be looked up, and would name it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.docx_bytes import document_bytes
from app.plain_text import clean, one_line
from app.values import value_of
from app.wording import phrase, story, word
from data.tables import PROJECTS
from features.reading.indicators import Indicator

if TYPE_CHECKING:
    from docx.document import Document

LATIN, EAST_ASIAN = "Calibri", "宋体"
FIELDS = (
    *("applicant", "sectors", "stage", "group", "place", "funding_round", "funding_sought"),
    *("space_m2", "facilities", "services_wanted", "regions_wanted"),
)
TEXTS = ("summary", "innovation")
LONGEST_TEXT, LONGEST_CELL, LONGEST_NAME = 180, 60, 60
MOST_INDICATORS, MOST_REASONS, MOST_AWARDS = 5, 2, 4


@dataclass(frozen=True)
class SheetContent:
    """What goes onto the sheet. ``row`` and ``reasons`` come masked; ``awards`` are published ones.

    ``say`` gives a label by its key, ``said_by`` heads the reasons (the institution and the channel), ``note`` is the
    footer: date of the data and the run.
    """

    row: Mapping[str, Any]
    reasons: Sequence[dict[str, Any]]
    indicators: Sequence[Indicator]
    rights: Sequence[Mapping[str, Any]]
    awards: Sequence[Mapping[str, Any]]
    said_by: str
    note: str
    language: str
    say: Callable[[str], str]

    @property
    def anonymous(self) -> bool:
        """Whether the project appears without name, applicant and place."""
        return self.row.get("confidentiality") == "teaser"


def write_sheet(content: SheetContent) -> bytes:
    """The sheet as a .docx file; the same content gives the same document text."""
    import docx
    from docx.shared import Cm

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.8)
    section.top_margin = section.bottom_margin = Cm(1.3)
    _set_fonts(document)
    _heading(document, str(content.row.get("name") or ""), 15)
    _fields(document, content)
    for name in TEXTS:
        if content.row.get(name):
            _heading(document, content.say(f"field.{name}"), 10.5)
            _paragraph(document, one_line(str(content.row[name]), LONGEST_TEXT))
    _indicators(document, content)
    _rights(document, content)
    _awards(document, content)
    _why(document, content)
    _paragraph(document, content.note, 8)
    return document_bytes(document)


def _set_fonts(document: Document) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    normal: Any = document.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, Pt(9.5)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), EAST_ASIAN)
    normal.paragraph_format.space_after = Pt(2)
    normal.paragraph_format.space_before = Pt(0)


def _paragraph(document: Document, text: str, size: float = 9.5, *, bold: bool = False) -> None:
    from docx.shared import Pt

    run = document.add_paragraph().add_run(" ".join(clean(text).split()))
    run.font.size, run.bold = Pt(size), bold


def _heading(document: Document, text: str, size: float) -> None:
    _paragraph(document, one_line(text, LONGEST_NAME), size, bold=True)


def _table(document: Document, rows: Sequence[Sequence[str]], *, head: bool = True) -> None:
    from docx.shared import Pt

    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for number, row in enumerate(rows):
        for cell, text in zip(table.rows[number].cells, row, strict=True):
            run = cell.paragraphs[0].add_run(one_line(text, LONGEST_CELL))
            run.font.size, run.bold = Pt(8.5), head and number == 0
            cell.paragraphs[0].paragraph_format.space_after = Pt(0)


def _fields(document: Document, content: SheetContent) -> None:
    """Two fields a line."""
    told = [(content.say(f"field.{name}"), value_of(PROJECTS, content.row, name, content.language)) for name in FIELDS]
    cells = [part for label, value in told if value for part in (label, value)]
    cells += ["", ""] if len(cells) % 4 else []
    if cells:
        _table(document, [cells[at : at + 4] for at in range(0, len(cells), 4)], head=False)


def _indicators(document: Document, content: SheetContent) -> None:
    if not content.indicators:
        return
    _heading(document, content.say("word.indicators"), 10.5)
    head = [content.say("word.value"), content.say("word.unit"), content.say("word.clause")]
    told = [[one.number, one.unit, one.clause] for one in content.indicators[:MOST_INDICATORS]]
    _table(document, [head, *told])


def rights_summary(rights: Sequence[Mapping[str, Any]], unknown: str) -> list[tuple[str, str, int]]:
    """Kind, status and number of rights, most first; titles and numbers are not in it."""
    counts = Counter((str(one.get("kind") or unknown), str(one.get("status") or unknown)) for one in rights)
    return [(kind, status, count) for (kind, status), count in sorted(counts.items(), key=lambda i: (-i[1], i[0]))]


def _rights(document: Document, content: SheetContent) -> None:
    told = rights_summary(content.rights, content.say("word.unknown"))
    if told:
        _heading(document, content.say("word.rights"), 10.5)
        head = [content.say("word.kind"), content.say("word.status"), content.say("word.count")]
        _table(document, [head, *([kind, status, str(count)] for kind, status, count in told[:5])])


def award_lines(awards: Sequence[Mapping[str, Any]], *, anonymous: bool) -> list[str]:
    """Awards in words: programme, edition, contest and award; of an anonymous project the award alone."""
    parts = ("award",) if anonymous else ("programme", "edition", "contest", "award")
    lines = [" · ".join(str(award[part]) for part in parts if award.get(part)) for award in awards]
    return list(dict.fromkeys(lines))


def _awards(document: Document, content: SheetContent) -> None:
    lines = award_lines(content.awards, anonymous=content.anonymous)
    if lines:
        _heading(document, content.say("word.awards"), 10.5)
        for line in lines[:MOST_AWARDS]:
            _paragraph(document, one_line(line, 110))


def _why(document: Document, content: SheetContent) -> None:
    """Reasons with the sentences that they rest on, the strongest against, what is unknown."""
    if not content.reasons:
        return
    told = story(content.reasons, most=MOST_REASONS)
    _heading(document, content.said_by, 10.5)
    for sign, reason in [("+", one) for one in told.pro] + ([("−", told.con)] if told.con else []):
        _paragraph(document, f"{sign} {word(reason['code'], content.language)}（{reason['weight']:+.2f}）", bold=True)
        for side in ("project", "institution"):
            if reason.get(f"evidence_{side}"):
                _paragraph(
                    document, f"{content.say(f'why.{side}_says')}：“{one_line(reason[f'evidence_{side}'], 90)}”", 9
                )
    if told.unknown:
        comma = "、" if content.language == "zh" else ", "
        names = comma.join(phrase("unknown", code, content.language) for code in told.unknown)
        _paragraph(document, f"? {word('unknown', content.language)}{one_line(names, 150)}")
