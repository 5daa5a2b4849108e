"""What organisers hold beside our own tables: lists under a title, official forms. A kind of document is one plug-in.

A file that is no table of ours becomes a :class:`Document`; the kinds of ``data/documents`` are asked in the order of
their ``rank`` which of its sheets and tables (grids) they can read, and make raw tables of ours of them. Those go
through the same checks as any table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple, Protocol

import pyarrow as pa

from data.problem import Problem
from data.raw import Grid, RawTable
from data.registry import discover

UNPLACED = "document.origin"
"""Code of the problem that nobody says to which programme and edition the awards of a document belong."""


@dataclass(frozen=True)
class Told:
    """What whoever imports says where a document does not: names or synonyms of :mod:`data.programmes`.

    ``institutions`` gives the ids of institutions that are known already by the key of their names
    (:func:`data.reference.vocabularies.label_key`); it is called only when a document names institutions.
    """

    programme: str = ""
    edition: str = ""
    contest: str = ""
    institutions: Callable[[], Mapping[str, str]] = dict


@dataclass(frozen=True)
class Document:
    """Grids of one file that belong together; ``stem`` is the file's name without suffix."""

    source: str
    stem: str
    grids: tuple[Grid, ...]


class Contact(NamedTuple):
    """One value of a contact column, kept out of the tables.

    ``subject_id`` is a project or an institution (of a need its institution, ``""`` when nobody says which).
    ``kind`` is person, phone, mail, wechat, id_number, address or other; ``source`` is the file and the label.
    """

    subject_id: str
    kind: str
    value: str
    source: str


CONTACTS = pa.schema([(name, pa.string()) for name in Contact._fields])
"""Contacts as a table."""


@dataclass
class Reading:
    """What a kind made of a document: raw tables by table name (several lists of a file are several tables).

    ``rows`` is how many rows of a list (or forms) were read; a row may give rows of several tables. ``refused`` counts
    rows by table that a problem of the whole document keeps out: they count as read and as rejected.
    """

    rows: int = 0
    tables: list[tuple[str, RawTable]] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)

    def add(self, other: Reading) -> None:
        """Take over what another part of the document gave."""
        self.rows += other.rows
        self.tables += other.tables
        self.contacts += other.contacts
        self.problems += other.problems
        for table, count in other.refused.items():
            self.refused[table] = self.refused.get(table, 0) + count


class DocumentKind(Protocol):
    """One kind of document. Kinds of lower ``rank`` are asked first; ``zh`` and ``en`` name it to the reader."""

    name: str
    rank: int
    zh: str
    en: str

    def claim(self, document: Document) -> tuple[int, ...]:
        """Positions of the grids that this kind can read; () when there are none."""

    def read(self, document: Document, told: Told) -> Reading:
        """Raw tables of the claimed grids, which are all that ``document`` holds. What is wrong is a problem."""


@cache
def kinds() -> tuple[DocumentKind, ...]:
    """All kinds in the order in which they are asked."""
    found: dict[str, DocumentKind] = discover("data.documents", "KIND")
    return tuple(sorted(found.values(), key=lambda kind: (kind.rank, kind.name)))
