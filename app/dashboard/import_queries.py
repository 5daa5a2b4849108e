"""Import with preview, for organizers: files as they came -> what they would change, and the change itself.

Nothing of an upload stays on disk: it is laid out for as long as it is read. What the preview says is made anew by the
import, so nothing that a page was shown long ago is taken for granted. All or nothing: with any error nothing is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pyarrow as pa

from app.dashboard.desk import Desk, allowed, renewed
from app.dashboard.import_scope import Held, outside
from app.dashboard.outcome_queries import scope_today
from app.dashboard.uploads import MOST_TEXT, Upload, labels_of, laid_out
from app.dashboard.visitor import Visitor
from app.importing import Declaration, answered_projects, declare_consent, is_blocked, keep, known_institutions
from data.document import Told
from data.intake import Intake, read_paths
from data.problem import SEVERITIES, DuijieError, Problem
from data.reference.vocabularies import vocabulary
from data.store import Change, Store
from data.tables import PROBLEMS, TABLES

BLOCKED = "import.blocked"
LONGEST_TOLD = 80
"""Characters of the name of a programme, an edition, a contest."""
NAMES = ("name", "title")
"""Columns that name a row for a reader."""


@dataclass(frozen=True)
class Declared:
    """What whoever imports adds to the files: origin of lists and forms, channels to which entrants agreed."""

    programme: str = ""
    edition: str = ""
    contest: str = ""
    consent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What files hold and would change.

    ``files``: ``file, table, zh, en, read`` (``table`` of ours, or ``zh`` and ``en`` of a kind of document).
    ``tables``: ``table, read, accepted, rejected, added, changed, unchanged``; the last three are empty when the import
    is ``blocked``. ``rows``: ``table, change, file, row, key, name, columns, cleared`` of the rows that are new or
    differ; ``cleared`` are those of the ``columns`` that lose what they hold. ``problems``: the columns of the
    interchange behind ``file``, the worst first. ``declaration`` is what becomes of the declared consent; ``contacts``
    are kept apart.
    """

    files: pd.DataFrame
    tables: pd.DataFrame
    rows: pd.DataFrame
    problems: pd.DataFrame
    blocked: bool
    declaration: Declaration
    contacts: int

    @property
    def errors(self) -> int:
        """How many problems stop the import."""
        return int((self.problems["severity"] == "error").sum())

    @property
    def changing(self) -> int:
        """How many rows would be new or different."""
        return len(self.rows)

    @property
    def clearing(self) -> int:
        """How many stored values would be emptied."""
        return sum(map(len, self.rows["cleared"]))


@dataclass(frozen=True)
class Imported:
    """What an import changed, by table, and how many contacts are new."""

    changes: tuple[Change, ...]
    contacts: int


@dataclass(frozen=True)
class _Read:
    """Files that were read: with their problems of the region, and the tables with the declared consent."""

    intake: Intake
    tables: dict[str, pa.Table]
    declaration: Declaration


@allowed("organizer")
def preview_files(desk: Desk, uploads: Sequence[Upload], declared: Declared) -> Preview:
    """What an import of these files would change; nothing is written.

    Raises
    ------
    DuijieError
        ``access.denied``; ``consent.unknown`` for a channel that there is not.
    """
    desk = renewed(desk)
    read = _read(desk, uploads, declared)
    blocked = is_blocked(read.intake, strict=True)
    differing = {} if blocked else desk.system.store.differences(read.tables, read.intake.present)
    sources = labels_of([one.name for one in uploads])
    return Preview(
        _files(read.intake),
        _tables(read.intake, None if blocked else differing),
        _rows(read.intake, read.tables, differing),
        _problems(read.intake.problems, sources),
        blocked,
        read.declaration,
        read.intake.contacts.num_rows,
    )


@allowed("organizer")
def import_files(visitor: Visitor, desk: Desk, uploads: Sequence[Upload], declared: Declared) -> Imported:
    """Import these files as ``duijie import --strict`` does, with an entry in the journal under the visitor's name.

    Files that are imported already change nothing.

    Raises
    ------
    DuijieError
        ``access.denied``; ``import.blocked`` when anything is wrong, and nothing was written.
    """
    desk = renewed(desk)
    read = _read(desk, uploads, declared)
    if is_blocked(read.intake, strict=True) or not read.tables:
        raise DuijieError(BLOCKED, "什么也没有导入 / nothing was imported", "先改正错误 / mend the errors first")
    note: dict[str, Any] = {
        "files": dict(read.intake.sources),
        "consent": list(declared.consent),
        "consent_filled": read.declaration.filled,
        "page": True,
    }
    changes, contacts = keep(desk.system.store, read.intake, read.tables, note, actor=visitor.actor)
    return Imported(tuple(changes), contacts)


def _read(desk: Desk, uploads: Sequence[Upload], declared: Declared) -> _Read:
    store = desk.system.store
    for channel in declared.consent:
        if channel not in vocabulary("channels").codes:
            raise DuijieError("consent.unknown", f"没有这个渠道 / no channel {channel[:LONGEST_TOLD]!r}")
    with laid_out(uploads) as (paths, refused):
        intake = read_paths(paths, told=_told(store, declared), most_text=MOST_TEXT)
    sources = {path.name: intake.sources[str(path)] for path in paths}  # where they lay for a moment tells nobody
    intake = replace(intake, sources=sources, problems=[*refused, *intake.problems])
    if desk.access.bounded:
        held = Held(store.current("projects"), store.merges(), scope_today(desk) or frozenset())
        problems, intake = outside(desk.access, intake, held)
        intake = replace(intake, problems=[*intake.problems, *problems])
    tables = dict(intake.tables)
    answered = answered_projects(store) if declared.consent else ()
    return _Read(intake, tables, declare_consent(tables, declared.consent, answered))


def _told(store: Store, declared: Declared) -> Told:
    programme, edition, contest = (
        one[:LONGEST_TOLD] for one in (declared.programme, declared.edition, declared.contest)
    )
    return Told(programme, edition, contest, lambda: known_institutions(store))


def _files(intake: Intake) -> pd.DataFrame:
    """What each file, or sheet, was taken for."""
    rows: list[dict[str, object]] = [
        {"file": one.source, "table": one.table, "zh": "", "en": "", "read": one.read} for one in intake.files
    ]
    rows += [
        {"file": one.source, "table": "", "zh": one.zh, "en": one.en, "read": one.rows} for one in intake.documents
    ]
    told = {row["file"] for row in rows}
    rows += [{"file": name, "table": "", "zh": "", "en": "", "read": 0} for name in intake.sources if name not in told]
    return pd.DataFrame(rows, columns=["file", "table", "zh", "en", "read"])


def _tables(intake: Intake, differing: dict[str, pa.Table] | None) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    for name, read in intake.read.items():
        accepted = intake.tables[name].num_rows
        row: dict[str, object] = {"table": name, "read": read, "accepted": accepted, "rejected": read - accepted}
        if differing is not None:
            told = differing[name].column("change").to_pylist()
            row |= {kind: told.count(kind) for kind in ("added", "changed")} | {"unchanged": accepted - len(told)}
        rows.append(row)
    names = ["table", "read", "accepted", "rejected", "added", "changed", "unchanged"]
    return pd.DataFrame(rows, columns=names)


def _rows(intake: Intake, tables: dict[str, pa.Table], differing: dict[str, pa.Table]) -> pd.DataFrame:
    """The rows that are new or differ, with the place at which each stands in the files."""
    names = ["table", "change", "file", "row", "key", "name", "columns", "cleared"]
    parts = [pd.DataFrame(columns=names)]
    for name, found in differing.items():
        key = list(TABLES[name].key)
        label = next((one for one in NAMES if one in TABLES[name].by_name and one not in key), None)
        held = tables[name].select([*key, *([label] if label else [])]).to_pandas()
        held["file"], held["row"] = (intake.places[name].column(one).to_pandas() for one in ("source", "row"))
        part = found.to_pandas().merge(held, on=key, how="left")
        told = part[key].astype(object).where(part[key].notna(), "–").astype(str)
        part["key"] = [" · ".join(cells) for cells in told.to_numpy()]
        part["name"] = part[label] if label else ""
        for column in ("columns", "cleared"):
            part[column] = [list(one) for one in part[column]]
        parts.append(part.assign(table=name)[names])
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _problems(problems: Sequence[Problem], sources: Sequence[str]) -> pd.DataFrame:
    """Problems, the worst first; the name of the file, with which a message begins, in a column of its own."""
    known = sorted(sources, key=len, reverse=True)
    rows: list[dict[str, object]] = []
    for problem in sorted(problems, key=lambda one: SEVERITIES.index(one.severity)):
        source = next((one for one in known if problem.message.startswith((f"{one}：", f"{one}“"))), "")
        told = problem.message[len(source) :].removeprefix("：")  # else a sheet of the file follows
        rows.append({**{name: getattr(problem, name) for name in PROBLEMS.names}, "file": source, "message": told})
    return pd.DataFrame(rows, columns=["file", *PROBLEMS.names])
