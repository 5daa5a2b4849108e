"""A report as it may leave the house: its words filled in, its figures, its growth cases, and the rows behind."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from app.reports.counting import count_cases
from app.reports.facts import Facts
from app.reports.figure import PROJECTS, Book, Figure
from app.reports.growth import ACTION, WITHHELD, GrowthCase, confirmations, confirmed, propose
from app.reports.scope import Scope
from app.reports.standing import count_standing
from app.reports.tables import TABLES, Table
from app.reports.template import PLACEHOLDER, Template, check_template
from data.store import Store

QUARTER, CONTEST = "quarter", "contest"
SUMMARY_DAYS = 10
"""“赛事总结于各赛事结束 10 天内报送大赛组委会”: calendar days, as the notice does not say working days."""
Piece = str | Figure


@dataclass(frozen=True)
class Report:
    """What is written. ``ends``: last day of the contest, for a quarter that of the period; ``internal``: for the
    organizer's own use, with small cells and proposals.
    """

    kind: str
    template: Template
    facts: Facts
    book: Book
    cases: tuple[GrowthCase, ...]
    proposals: tuple[GrowthCase, ...]
    written: date
    ends: date
    internal: bool

    @property
    def language(self) -> str:
        """Language of the template."""
        return self.template.language

    @property
    def due(self) -> date:
        """Last day for handing it up: that of the quarter, or ten calendar days after the contest."""
        return self.ends + timedelta(days=SUMMARY_DAYS if self.kind == CONTEST else 0)

    @cached_property
    def words(self) -> dict[str, str]:
        """Values of the placeholders that are no figures."""
        dates = {"from": self.facts.start, "to": self.facts.end, "due": self.due, "written": self.written}
        told = {name: day_text(day, self.language) for name, day in dates.items()}
        return {**told, "scope": self.facts.scope.name(self.language), "fingerprint": self.facts.fingerprint}

    def pieces(self, text: str) -> Iterator[Piece]:
        """A sentence in texts and figures, placeholders filled in."""
        for at, part in enumerate(PLACEHOLDER.split(text)):
            if at % 2 == 0:
                yield part
            else:
                yield self.words[part] if part in self.words else self.book[part]

    def plain(self, text: str) -> str:
        """A sentence with everything filled in, without marks."""
        return "".join(part if isinstance(part, str) else part.text(self.language) for part in self.pieces(text))

    def table(self, name: str) -> Table:
        """A table by name."""
        return TABLES[name](self.book, self.facts, self.language)

    @cached_property
    def used(self) -> tuple[Figure, ...]:
        """The figures that stand in the text or a table, in the order of the book."""
        names: set[str] = set()
        texts = [self.template.title, *(chapter.title for chapter in self.template.chapters)]
        for block in (block for chapter in self.template.chapters for block in chapter.blocks):
            texts.append(block.title)
            if block.kind == "text":
                texts.append(block.content)
            elif block.kind == "table":
                cells = [cell for row in self.table(block.content).rows for cell in row if not isinstance(cell, str)]
                names |= {figure.name for cell in cells for figure in cell}
        names |= {part.name for text in texts for part in self.pieces(text) if not isinstance(part, str)}
        return tuple(figure for figure in self.book if figure.name in names)


def day_text(day: date, language: str) -> str:
    """A date as people write it: 2022年9月30日, 30 September 2022."""
    if language == "en":
        return f"{day.day} {calendar.month_name[day.month]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def scope_params(scope: Scope, start: date, end: date) -> dict[str, str]:
    """Parameters that every figure of a report shares."""
    told = f"{scope.kind}:{scope.key}" if scope.key else scope.kind
    return {"scope": told, "from": str(start), "to": str(end), "as_of": str(end)}


def make_report(
    store: Store,
    facts: Facts,
    kind: str,
    template: Template,
    *,
    written: date,
    ends: date | None = None,
    internal: bool = False,
) -> Report:
    """Count everything and check that the template names nothing else. Without ``ends`` it is the last day counted.

    Raises
    ------
    DuijieError
        See :func:`app.reports.template.check_template`.
    """
    book = Book(scope_params(facts.scope, facts.start, facts.end), internal=internal)
    count_cases(book, facts)
    count_standing(book, facts)
    proposals = propose(facts)
    told = confirmed(proposals, confirmations(store.journal(ACTION), store.merges()))
    _count_growth(book, facts, told)
    check_template(template, book, [figure.name for figure in book], TABLES)
    shown = tuple(case for case in told if case.shown != WITHHELD)
    return Report(kind, template, facts, book, shown, tuple(proposals), written, ends or facts.end, internal)


def _count_growth(book: Book, facts: Facts, told: list[GrowthCase]) -> None:
    ids = facts.projects["project_id"]
    for name, keep in (("growth", False), ("growth_withheld", True)):
        wanted = {case.project_id for case in told if (case.shown == WITHHELD) is keep}
        book.count(name, name, np.flatnonzero(ids.isin(wanted).to_numpy(dtype=bool)), table=PROJECTS)
