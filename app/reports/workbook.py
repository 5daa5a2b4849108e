"""A report as an Excel workbook: every figure, and the rows behind as far as consent allows to name them.

Sheets: ``report`` (the text), ``figures``, ``cases``, ``projects``, ``awards`` (rows with the figures that count each),
``withheld`` (how many rows are not listed, and why); in the organizer's own copy also ``proposals``.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from app.exports import EXCEL_CELL, plain
from app.masking import MASK, mask_project
from app.plain_text import clean
from app.reports.document import SAMPLE
from app.reports.figure import AWARDS, CASES, PROJECTS, Figure, shown
from app.reports.growth import CRITERIA, WITHHELD, GrowthCase
from app.reports.report import Report
from data.cases import KEY, LADDER
from data.consents import agreed
from matcher.gate import held_back

FIGURES = (
    *("id", "name", "label", "value", "low", "high", "open", "unit", "definition", "query", "parameters"),
    *("data", "run", "table", "rows", "hidden"),
)
WIDTHS = {"label": 40, "definition": 70, "parameters": 60, "name": 36, "text": 110, "figures": 60, "evidence": 90}
"""Widths of columns in characters; others are as wide as their head, at least 12."""
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
Sheet = tuple[Sequence[str], list[Sequence[Any]]]


def write_workbook(report: Report) -> bytes:
    """The report as an .xlsx file. Strings are written as strings: never formulas, never links."""
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, dict(OPTIONS)) as book:
        book.set_properties({"created": datetime.combine(report.written, datetime.min.time())})
        formats = {name: book.add_format({"num_format": text}) for name, text in _FORMATS.items()}
        formats["head"] = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for name, (head, rows) in sheets(report).items():
            _write(book.add_worksheet(name), head, rows, formats)
    return stream.getvalue()


_FORMATS = {"date": "yyyy-mm-dd", "count": "#,##0", "amount": "#,##0.00", "share": "0.0%"}


def sheets(report: Report) -> dict[str, Sheet]:
    """Head and rows of every sheet."""
    found: dict[str, Sheet] = {
        "report": _text(report),
        "figures": (FIGURES, [_figure(report, one) for one in report.book]),
    }
    listed, withheld = _listed(report)
    marks = _marks(report)
    found["cases"] = _cases(report, listed, marks[CASES])
    found["projects"] = _projects(report, listed, marks[PROJECTS])
    found["awards"] = _awards(report, listed, marks[AWARDS])
    found["withheld"] = (("reason", "projects", "cases"), [(*row,) for row in withheld])
    if report.internal:
        found["proposals"] = proposal_rows(
            report.proposals, {case.project_id for case in report.cases}, report.language
        )
    return found


def _text(report: Report) -> Sheet:
    lines: list[Sequence[Any]] = [(report.plain(report.template.title),)]
    if report.facts.sample:
        lines.append((SAMPLE,))
    for chapter in report.template.chapters:
        lines.append((report.plain(chapter.title),))
        lines += [(report.plain(block.content),) for block in chapter.blocks if block.kind == "text"]
    return ("text",), lines


def _figure(report: Report, figure: Figure) -> Sequence[Any]:
    told = shown(figure)
    params = ", ".join(f"{key}={value}" for key, value in figure.params.items())
    return (
        *(figure.id, figure.name, figure.label(report.language), told.value, told.low, told.high, told.open),
        *(figure.unit, figure.definition(report.language), figure.query, params, report.facts.fingerprint),
        *(figure.run, figure.table, None if figure.small else told.rows, "small" if figure.small else ""),
    )


def _listed(report: Report) -> tuple[dict[str, frozenset[str]], list[tuple[str, int, int]]]:
    """Projects that may be named, with the channels they agreed to; and what is not listed, by reason.

    A project is named when it is public, held back by nothing, and agreed to something.
    """
    view, members = report.facts.view, set(report.facts.projects["project_id"])
    rows = view.projects.select(["project_id", "consent", "confidentiality", "state"]).to_pylist()
    cases = report.facts.cases["project_id"].value_counts()
    listed: dict[str, frozenset[str]] = {}
    left: dict[str, list[str]] = defaultdict(list)
    for row, held in zip(rows, held_back(view.projects, view.awards), strict=True):
        told = agreed(row["consent"])
        why = held or report.facts.gone.get(row["project_id"], "")
        why = why or ("" if row["confidentiality"] == "public" else "confidentiality")
        why = why or ("" if told else "consent")
        if row["project_id"] in members and why:
            left[why].append(row["project_id"])
        elif row["project_id"] in members:
            listed[row["project_id"]] = told
    unknown = sorted(set(cases.index) - members)
    if unknown:
        left["project.unknown"] = unknown
    counts = [(why, len(ids), int(cases.reindex(ids).fillna(0).sum())) for why, ids in sorted(left.items())]
    refused = sum(not _agrees(listed, row) for row in _keys(report) if row[0] in listed)
    return listed, [*counts, ("consent.channel", 0, refused)] if refused else counts


def _keys(report: Report) -> Iterable[tuple[str, str, str]]:
    return report.facts.cases[KEY].itertuples(index=False, name=None)


def _agrees(listed: Mapping[str, frozenset[str]], key: tuple[str, str, str]) -> bool:
    return key[2] in listed.get(key[0], ())


def _marks(report: Report) -> dict[str, dict[int, list[str]]]:
    """Ids of the figures that count each row, by table and position; hidden figures leave no mark."""
    marks: dict[str, dict[int, list[str]]] = {name: defaultdict(list) for name in (CASES, PROJECTS, AWARDS)}
    for figure in report.book:
        for at in shown(figure).at.tolist():
            marks[figure.table][at].append(figure.id)
    return marks


def _cases(report: Report, listed: Mapping[str, frozenset[str]], marks: Mapping[int, list[str]]) -> Sheet:
    frame = report.facts.cases
    dates = [[_day(value) for value in frame[f"reached_{rung}"]] for rung in LADDER]
    rows: list[Sequence[Any]] = []
    for at, key in enumerate(_keys(report)):
        if _agrees(listed, key):
            reached = [column[at] for column in dates]
            rows.append((*key, frame["state"].iloc[at], *reached, " ".join(marks.get(at, ()))))
    return (*KEY, "state", *(f"reached_{rung}" for rung in LADDER), "figures"), rows


def _projects(report: Report, listed: Mapping[str, frozenset[str]], marks: Mapping[int, list[str]]) -> Sheet:
    frame = report.facts.projects
    columns = zip(frame["project_id"], frame["listed_at"], strict=True)
    rows: list[Sequence[Any]] = [
        (key, _day(day), " ".join(marks.get(at, ()))) for at, (key, day) in enumerate(columns) if key in listed
    ]
    return ("project_id", "listed_at", "figures"), rows


def _awards(report: Report, listed: Mapping[str, frozenset[str]], marks: Mapping[int, list[str]]) -> Sheet:
    frame = report.facts.awards
    names = ("project_id", "programme", "edition", "contest", "award", "level", "status")
    columns = zip(*(frame[name] for name in names), strict=True)
    rows: list[Sequence[Any]] = [
        (*(None if pd.isna(cell) else cell for cell in row), " ".join(marks.get(at, ())))
        for at, row in enumerate(columns)
        if row[0] in listed
    ]
    return (*names, "figures"), rows


def proposal_rows(cases: Iterable[GrowthCase], confirmed: set[str], language: str) -> Sheet:
    """Proposed growth cases for the organizer: criteria, evidence, how each could be told, whether it is confirmed.

    What may not be told at all (withdrawn, closed, refused) is no proposal and stands here neither.
    """
    at = int(language == "en")
    rows: list[tuple[Any, ...]] = []
    for case in cases:
        mask = mask_project(case.row)
        name = mask.row(case.row)["name"]
        for one in case.evidence if case.shown != WITHHELD else ():
            text = mask.text((one.zh, one.en)[at]) or MASK
            claim = (("自述", "已核"), ("self-declared", "checked"))[at][one.checked]
            state = "confirmed" if case.project_id in confirmed else "proposed"
            rows.append((case.project_id, name, CRITERIA[one.criterion][at], text, claim, case.shown, state))
    return ("project_id", "name", "criterion", "evidence", "claim", "shown", "state"), list(dict.fromkeys(rows))


def _day(value: Any) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()


def _write(sheet: Any, head: Sequence[str], rows: list[Sequence[Any]], formats: Mapping[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    for col, name in enumerate(head):
        sheet.write_string(0, col, name, formats["head"])
        sheet.set_column(col, col, WIDTHS.get(name, max(12, len(name) + 2)))
    unit = head.index("unit") if "unit" in head else None
    for line, row in enumerate(rows, start=1):
        for col, value in enumerate(row):
            kind = str(row[unit]) if unit is not None and head[col] in ("value", "low", "high") else "count"
            _cell(sheet, line, col, value, formats, kind)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(head) - 1)


def _cell(sheet: Any, line: int, col: int, value: Any, formats: Mapping[str, Any], kind: str) -> None:
    if value is None or value == "":
        return
    if isinstance(value, date):
        sheet.write_datetime(line, col, datetime.combine(value, datetime.min.time()), formats["date"])
    elif isinstance(value, int | float | np.integer | np.floating):
        sheet.write_number(line, col, value, formats[kind])
    else:
        text = str(plain(clean(str(value))))
        sheet.write_string(line, col, text if len(text) <= EXCEL_CELL else text[: EXCEL_CELL - 1] + "…")
