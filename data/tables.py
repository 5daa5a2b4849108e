"""Tables of the interchange: every column that goes in or out, its kind and its vocabulary.

This file is the one dictionary of column names. Readers, checks, the store, the features and the pages
take them from here. A list stands in one cell, separated by ``;``, ``；`` or ``、``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import pyarrow as pa


class Kind(Enum):
    """What a cell holds, and the Arrow type that keeps it."""

    TEXT = "text"
    CODE = "code"  # one value of a vocabulary; see Column.vocabulary and Column.closed
    LIST = "list"  # several values
    NUMBER = "number"  # m2, places, introductions
    MONEY = "money"  # CNY unless the currency column says otherwise
    DATE = "date"
    BOOLEAN = "boolean"

    @property
    def arrow(self) -> pa.DataType:
        """Arrow type of a stored column of this kind."""
        return {
            Kind.TEXT: pa.string(),
            Kind.CODE: pa.string(),
            Kind.LIST: pa.list_(pa.string()),
            Kind.NUMBER: pa.float64(),
            Kind.MONEY: pa.float64(),
            Kind.DATE: pa.date32(),
            Kind.BOOLEAN: pa.bool_(),
        }[self]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``closed``: a value outside ``vocabulary`` is an error, else it is a warning and is kept."""

    name: str
    kind: Kind
    required: bool = False
    vocabulary: str = ""
    closed: bool = False


@dataclass(frozen=True)
class Table:
    """One table; ``key`` identifies a row. Rows of an ``event`` table are never changed, only added."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    event: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Column names in interchange order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def schema(self) -> pa.Schema:
        """Arrow schema of the accepted rows, in interchange order."""
        return pa.schema([(column.name, column.kind.arrow) for column in self.columns])

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that no row may leave empty."""
        return tuple(column.name for column in self.columns if column.required)


def _columns(kind: Kind, names: str, **options: object) -> tuple[Column, ...]:
    return tuple(Column(name, kind, **options) for name in names.split())  # type: ignore[arg-type]


def _code(name: str, vocabulary: str, *, required: bool = False, closed: bool = False) -> Column:
    return Column(name, Kind.CODE, required, vocabulary, closed)


def _list(name: str, vocabulary: str = "") -> Column:
    return Column(name, Kind.LIST, vocabulary=vocabulary)


_PLACE = _columns(Kind.TEXT, "country province city district")

PROJECTS = Table(
    "projects",
    ("project_id",),
    (
        *_columns(Kind.TEXT, "project_id name", required=True),
        Column("applicant", Kind.TEXT),
        _code("applicant_kind", "applicant_kinds"),
        _code("group", "groups"),
        *_PLACE,
        _list("sectors", "sectors"),
        _list("keywords"),
        *_columns(Kind.TEXT, "profile summary innovation technology application evaluation"),
        _code("stage", "stages"),
        _code("funding_round", "rounds"),
        Column("funding_sought", Kind.MONEY),
        *_columns(Kind.DATE, "founded_at listed_at"),
        Column("space_m2", Kind.NUMBER),
        _list("facilities", "facilities"),
        _list("services_wanted", "services"),
        _list("regions_wanted"),
        _list("consent", "consent"),
        _code("confidentiality", "confidentiality", closed=True),
        _code("state", "states", closed=True),
        Column("updated_at", Kind.DATE),
        Column("currency", Kind.TEXT),
    ),
)

INSTITUTIONS = Table(
    "institutions",
    ("institution_id",),
    (
        *_columns(Kind.TEXT, "institution_id name", required=True),
        _code("kind", "institution_kinds", required=True),
        *_PLACE,
        _list("sectors", "sectors"),
        Column("profile", Kind.TEXT),
        _list("stages", "stages"),
        _list("rounds", "rounds"),
        *_columns(Kind.MONEY, "ticket_min ticket_max"),
        _list("regions"),
        _list("services", "services"),
        _list("facilities", "facilities"),
        *_columns(Kind.NUMBER, "capacity capacity_m2 attention"),
        _list("roles", "roles"),
        Column("verified", Kind.BOOLEAN),
        *_columns(Kind.DATE, "founded_at listed_at updated_at"),
        Column("currency", Kind.TEXT),
    ),
)

OUTCOMES = Table(
    "outcomes",
    ("project_id", "institution_id", "channel", "event", "at"),
    (
        *_columns(Kind.TEXT, "project_id institution_id", required=True),
        _code("channel", "channels", required=True, closed=True),
        _code("event", "events", required=True, closed=True),
        Column("at", Kind.DATE, required=True),
        Column("amount", Kind.MONEY),
        _code("round", "rounds"),
        *_columns(Kind.TEXT, "reason source"),
        Column("currency", Kind.TEXT),
    ),
    event=True,
)

AWARDS = Table(
    "awards",
    ("project_id", "programme", "edition", "contest", "award"),
    (
        *_columns(Kind.TEXT, "project_id programme edition", required=True),
        Column("contest", Kind.TEXT),
        _code("contest_kind", "contest_kinds"),
        Column("award", Kind.TEXT, required=True),
        _code("status", "award_statuses"),
        Column("published_at", Kind.DATE),
    ),
)

IP = Table(
    "ip",
    ("project_id", "kind", "title", "number"),
    (
        Column("project_id", Kind.TEXT, required=True),
        *_columns(Kind.TEXT, "kind title number holder"),
        Column("granted_at", Kind.DATE),
        Column("status", Kind.TEXT),
    ),
)

NEEDS = Table(
    "needs",
    ("need_id",),
    (
        *_columns(Kind.TEXT, "need_id institution_id title", required=True),
        Column("text", Kind.TEXT),
        _list("sectors", "sectors"),
        Column("kind", Kind.TEXT),
        *_columns(Kind.DATE, "opened_at closed_at"),
    ),
)

JUDGING = Table(
    "judging",
    ("institution_id", "project_id", "edition", "at"),
    (
        *_columns(Kind.TEXT, "institution_id project_id edition", required=True),
        Column("at", Kind.DATE, required=True),
    ),
    event=True,
)

TABLES: dict[str, Table] = {
    table.name: table for table in (PROJECTS, INSTITUTIONS, OUTCOMES, AWARDS, IP, NEEDS, JUDGING)
}

MATCHES = pa.schema(
    [
        ("run_id", pa.string()),
        ("channel", pa.string()),
        ("project_id", pa.string()),
        ("institution_id", pa.string()),
        ("rank_for_project", pa.int32()),
        ("rank_for_institution", pa.int32()),
        ("score", pa.float64()),
        ("probability", pa.float64()),
        ("status", pa.string()),
        ("rule", pa.string()),
        ("found_by", pa.string()),
    ]
)

REASONS = pa.schema(
    [
        ("run_id", pa.string()),
        ("channel", pa.string()),
        ("project_id", pa.string()),
        ("institution_id", pa.string()),
        ("code", pa.string()),
        ("weight", pa.float64()),
        ("evidence_project", pa.string()),
        ("evidence_institution", pa.string()),
    ]
)

PROBLEMS = pa.schema(
    [
        ("table", pa.string()),
        ("row", pa.int64()),
        ("column", pa.string()),
        ("code", pa.string()),
        ("severity", pa.string()),
        ("message", pa.string()),
        ("hint", pa.string()),
    ]
)

MOST_READ = 20_000
"""Characters of one text that are read and encoded, about ten times what a form allows: what one entrant writes must
not hold up the ranking of all. The stored text stays whole.
"""
TEXT_COLUMNS = ("name", "profile", "summary", "innovation", "technology", "application", "evaluation")
"""Columns of a project that hold running text, in the order in which a reader wants them."""
