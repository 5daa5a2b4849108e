"""Contact data of projects and institutions, kept apart from everything else (requirement E17).

They stand in a file of their own beside the store, ``FILE.contacts``, and in no table of it: no export, no run, no
page and no search can give away what is not there. The file is written whole and renamed, readable by its owner only,
and can be deleted or corrected without a trace, as the law on personal data demands; the store's journal, which forgets
nothing, keeps who wrote and who saw contact data of which case and when, never the data.

One side sees the other's when both have agreed: the project consents to the channel, and the case of the two has
been accepted and has not ended. Everything else is refused.
"""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.cases import ENDS, LADDER, state_of
from data.consents import GIVEN, consent_of
from data.document import CONTACTS
from data.problem import DuijieError
from data.store import Store
from data.store_file import writing
from data.store_journal import add_entry

WRITTEN, SHOWN = "contacts.write", "contacts.show"
"""Actions of the journal."""


def contacts_path(store: Store) -> Path:
    """The file beside the store."""
    return store.path.with_name(store.path.name + ".contacts")


def write_contacts(store: Store, table: pa.Table, actor: str) -> int:
    """Add contact data (schema :data:`data.document.CONTACTS`); the number of rows that are new.

    A row whose subject, kind and value are known is not kept twice; one without subject or value is left out. Who
    else writes to the store waits meanwhile.
    """
    rows = table.select(CONTACTS.names).cast(CONTACTS)
    for name in ("subject_id", "value"):
        rows = rows.filter(pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(rows.column(name)), ""), False))
    with writing(store.path) as con:  # the store has one writer at a time, so this read and write are one
        held = _read(store)
        both = pa.concat_tables([held, rows]).to_pandas()
        kept = both[~both.duplicated(["subject_id", "kind", "value"])]
        added = len(kept) - held.num_rows
        subjects = sorted(set(rows.column("subject_id").to_pylist()))
        add_entry(con, actor, WRITTEN, {"subjects": subjects, "added": added})
        _replace(store, pa.Table.from_pandas(kept, schema=CONTACTS, preserve_index=False))
    return added


def forget_contacts(store: Store, subject_id: str, actor: str) -> int:
    """Delete all contact data of a project or institution; the number of rows that are gone."""
    with writing(store.path) as con:
        held = _read(store)
        kept = held.filter(pc.not_equal(held.column("subject_id"), subject_id))
        gone = int(held.num_rows - kept.num_rows)
        add_entry(con, actor, WRITTEN, {"subjects": [subject_id], "added": -gone})
        if gone:
            _replace(store, kept)
    return gone


def show_contacts(
    store: Store, project_id: str, institution_id: str, channel: str, *, held: str, actor: str, today: date
) -> list[dict[str, Any]]:
    """Contact data of both sides of one case that both agreed to; that they were shown is told in the journal.

    ``held`` is why the gate holds the project back, ``""`` if it does not. A delivered past deal counts as agreed.

    Raises
    ------
    DuijieError
        ``project.unknown``, ``institution.unknown``, ``contacts.held``, ``contacts.consent``, ``contacts.not_agreed``,
        ``contacts.ended``, ``contacts.none``.
    """
    merges = store.merges()
    subject = merges.get(project_id, project_id)
    _check_agreed(store, subject, institution_id, channel, held, today)
    records = [subject, *sorted(one for one, kept in merges.items() if kept == subject)]
    table = _read(store)
    rows: list[dict[str, Any]] = [
        row for one in (*records, institution_id) for row in table.to_pylist() if row["subject_id"] == one
    ]
    if not rows:
        raise DuijieError("contacts.none", "双方均无联系方式 / no contact data of either side", "import it first")
    store.append(
        actor, SHOWN, {"project_id": subject, "institution_id": institution_id, "channel": channel, "rows": len(rows)}
    )
    return rows


def _check_agreed(store: Store, project_id: str, institution_id: str, channel: str, held: str, today: date) -> None:
    tables = store.shown("projects", "institutions", "outcomes")
    projects = tables["projects"].filter(pc.equal(tables["projects"].column("project_id"), project_id))
    if not projects.num_rows:
        raise DuijieError("project.unknown", f"没有这个项目 / no project {project_id!r}", "duijie export projects")
    if institution_id not in tables["institutions"].column("institution_id").to_pylist():
        hint = "duijie export institutions"
        raise DuijieError("institution.unknown", f"没有这个机构 / no institution {institution_id!r}", hint)
    if held:
        raise DuijieError("contacts.held", f"项目已被暂停或退出 / the project is held back: {held}", "duijie explain")
    if consent_of(projects.column("consent")[0].as_py(), channel) != GIVEN:
        raise DuijieError(
            "contacts.consent", f"项目未同意该渠道 / no consent to {channel}", f"duijie consent {project_id}"
        )
    case = state_of(tables["outcomes"], project_id, institution_id, channel, today)
    if case and case["state"] in ENDS:
        raise DuijieError("contacts.ended", f"对接已终止 / the case has ended: {case['state']}", "a new introduction")
    if not case or case["rung"] < LADDER.index("accepted"):
        hint = "双方同意后登记进展 accepted / enter the outcome accepted once both agreed"
        raise DuijieError("contacts.not_agreed", "双方尚未同意对接 / both sides have not agreed yet", hint)


def _read(store: Store) -> pa.Table:
    path = contacts_path(store)
    return pq.read_table(path, schema=CONTACTS) if path.exists() else CONTACTS.empty_table()


def _replace(store: Store, table: pa.Table) -> None:
    """Write the file whole under another name, then rename it: a reader sees the old or the new one."""
    path = contacts_path(store)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # readable by its owner only
    work = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            pq.write_table(table, stream)
            stream.flush()
            os.fsync(stream.fileno())
        work.replace(path)
    except BaseException:
        work.unlink(missing_ok=True)
        raise
