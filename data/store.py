"""The store: imported rows in one DuckDB file, every run an immutable folder beside it.

``FILE`` keeps all versions of all imported rows, the problems of the last import and one append-only
journal of what people did. ``FILE.runs/`` keeps runs (:mod:`data.runs`). Connections are opened for one
operation and closed, so that the command line and the dashboard can share a file; a transaction either
commits whole or leaves nothing, also under ``kill -9``. Threads may share a store: they write one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.conflicts import CONFIRM, UNCONFIRM, conflicts_of
from data.consents import CONSENT, with_consents
from data.decisions import DECISION, passes_of
from data.merging import MERGE, UNMERGE, Merges, merged, merges_of
from data.present import Present
from data.problem import DuijieError, Problem
from data.store_file import reading, writing
from data.store_journal import add_entries, add_entry, entries, imports, written_before
from data.store_rows import (
    OUTCOME_KEY,
    Change,
    current_rows,
    differing_rows,
    extra_rows,
    keep_extras,
    key_columns,
    problem_rows,
    replace_problems,
    visible_rows,
    write_rows,
)
from data.tables import OUTCOMES, TABLES
from data.view import View

__all__ = ["Change", "Store", "open_store"]


class Store:
    """One store file. The first write makes it; nothing stays open between calls.

    ``once`` of :meth:`append`, :meth:`record` and :meth:`retract` names a request, in words of the caller's own: asked
    again under the same name (a second click, a retry after a broken connection), the request is not done again.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @property
    def exists(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    @property
    def runs_folder(self) -> Path:
        """The folder of the runs."""
        return self.path.with_name(self.path.name + ".runs")

    def preview(self, tables: Mapping[str, pa.Table], present: Mapping[str, Present] | None = None) -> list[Change]:
        """What :meth:`write` would do; nothing is kept."""
        with reading(self.path) as con:
            return [write_rows(con, TABLES[name], rows, (present or {}).get(name), -1) for name, rows in tables.items()]

    def differences(
        self, tables: Mapping[str, pa.Table], present: Mapping[str, Present] | None = None
    ) -> dict[str, pa.Table]:
        """The rows that :meth:`write` would add, by table and key; see :func:`data.store_rows.differing_rows`."""
        with reading(self.path) as con:
            return {
                name: differing_rows(con, TABLES[name], rows, (present or {}).get(name))
                for name, rows in tables.items()
            }

    def write(
        self,
        tables: Mapping[str, pa.Table],
        problems: list[Problem],
        *,
        actor: str,
        note: Mapping[str, Any],
        present: Mapping[str, Present] | None = None,
        extras: Mapping[str, pa.Table] | None = None,
    ) -> list[Change]:
        """Keep the rows of one import, all or nothing.

        ``present`` tells, for each table, which columns the file of each row has: in the others a known row keeps what
        it holds, and so it does where an empty cell lifts nothing (:data:`data.present.LASTING`). Where it is not given
        the rows are kept as they are. Rows equal to what is stored add nothing, so a second import of the same files
        changes nothing.
        ``extras`` are unknown columns beside the key; they are kept as they came.
        The journal keeps who imported what and when.
        """
        with writing(self.path) as con:
            number = imports(con) + 1
            changes = [
                write_rows(con, TABLES[name], rows, (present or {}).get(name), number) for name, rows in tables.items()
            ]
            replace_problems(con, problems)
            keep_extras(con, extras or {}, number)
            payload = {
                **note,
                "import": number,
                "changes": [[c.table, c.added, c.changed, c.unchanged] for c in changes],
            }
            add_entry(con, actor, "import", payload)
        return changes

    def record(self, rows: pa.Table, *, actor: str, once: str = "") -> Change:
        """Keep outcome events that somebody entered, with their entry in the journal: both or neither.

        An event that is stored already adds nothing; one that was taken back stands again.
        """
        payload = {"events": rows.to_pylist()}
        with writing(self.path) as con:
            if written_before(con, once, "outcome", payload):
                return Change(OUTCOMES.name, 0, 0, rows.num_rows)
            con.register("entered", rows.select(list(OUTCOMES.key)))
            con.execute(f"DELETE FROM retractions WHERE {OUTCOME_KEY} IN (SELECT {key_columns(OUTCOMES)} FROM entered)")
            con.unregister("entered")
            change = write_rows(con, OUTCOMES, rows, None, imports(con) + 1)
            add_entry(con, actor, "outcome", payload)
        return change

    def retract(self, key: Mapping[str, Any], *, actor: str, reason: str, once: str = "") -> None:
        """Take an outcome event back; it stays in the file and in the journal, and in no table that is read.

        ``key`` names project, institution, channel, event and date. A correction is a retraction and a new event; it
        says what was always so, therefore it holds for every as-of date.

        Raises
        ------
        DuijieError
            ``outcome.unknown`` when there is no such event.
        """
        values = [key[name] for name in OUTCOMES.key]
        payload = {**dict(zip(OUTCOMES.key, values, strict=True)), "reason": reason}
        with writing(self.path) as con:
            if written_before(con, once, "retract", payload):
                return
            known = con.execute(
                f"SELECT 1 FROM outcomes_rows WHERE {OUTCOME_KEY} = (?, ?, ?, ?, ?) AND {OUTCOME_KEY} NOT IN"
                f" (SELECT {key_columns(OUTCOMES)} FROM retractions) LIMIT 1",
                values,
            ).fetchall()
            if not known:
                raise DuijieError(
                    "outcome.unknown", f"没有这条进展 / no such event: {values}", "duijie export outcomes"
                )
            con.execute("INSERT INTO retractions VALUES (?, ?, ?, ?, ?)", values)
            add_entry(con, actor, "retract", payload)

    def append(self, actor: str, action: str, payload: Mapping[str, Any], *, once: str = "") -> bool:
        """Add one entry to the journal; False when ``once`` is there already.

        Entries are never changed; a correction is a new entry. On return the entry is on disk.
        """
        return self.append_all(actor, [(action, payload)], once=once)

    def append_all(self, actor: str, told: Sequence[tuple[str, Mapping[str, Any]]], *, once: str = "") -> bool:
        """Add several entries, each an action and its payload, in their order: all of them or none."""
        with writing(self.path) as con:
            if written_before(con, once, "entries", {"told": told}):
                return False
            add_entries(con, actor, told)
        return True

    def journal(self, *actions: str) -> list[dict[str, Any]]:
        """Journal entries of these actions (none named: of all) in order: ``seq, at, actor, action, payload``."""
        with reading(self.path) as con:
            return entries(con, actions)

    @property
    def holds_sample(self) -> bool:
        """Whether an import was marked as the fictional sample market."""
        return any(entry["payload"].get("sample") for entry in self.journal("import"))

    def current(self, table: str) -> pa.Table:
        """The last version of every row of ``table`` in interchange columns, sorted by key."""
        with reading(self.path) as con:
            return current_rows(con, TABLES[table])

    def events(self, case: Mapping[str, Any], projects: Sequence[str] = ()) -> pa.Table:
        """Events of one case, which names project, institution and channel, as :meth:`current` gives them; with
        ``projects`` those of each of these in the place of the case's own. Other cases are not read.
        """
        ids = list(projects) or [case["project_id"]]
        where = "list_contains(?, project_id) AND institution_id = ? AND channel = ?"
        with reading(self.path) as con:
            return current_rows(con, OUTCOMES, where, [ids, case["institution_id"], case["channel"]])

    def problems(self) -> pa.Table:
        """Problems of the last import, columns of the interchange."""
        with reading(self.path) as con:
            return problem_rows(con)

    def extras(self, table: str) -> list[dict[str, Any]]:
        """Unknown columns of a table as they came: the key and the columns of each row, in order of import."""
        with reading(self.path) as con:
            return extra_rows(con, table)

    def view(self, as_of: date, *, texts: bool = True) -> View:
        """The tables as they stood on ``as_of``, merged records as one; see :class:`data.view.View`.

        Without ``texts`` the running texts of projects and institutions stay empty and conflicts of interest are not
        looked for, for whoever only counts.
        """
        with reading(self.path) as con:
            tables = {
                "projects": visible_rows(con, TABLES["projects"], as_of, texts),
                "institutions": visible_rows(con, TABLES["institutions"], as_of, texts),
                "outcomes": current_rows(con, TABLES["outcomes"], '"at" <= ?', [as_of]),
                "awards": current_rows(con, TABLES["awards"], "published_at IS NULL OR published_at <= ?", [as_of]),
                "needs": current_rows(
                    con,
                    TABLES["needs"],
                    "(opened_at IS NULL OR opened_at <= ?) AND (closed_at IS NULL OR closed_at > ?)",
                    [as_of, as_of],
                ),
                "judging": current_rows(con, TABLES["judging"], '"at" <= ?', [as_of]),
            }
            told = entries(con, (MERGE, UNMERGE, CONSENT, CONFIRM, UNCONFIRM, DECISION))
        merges = merges_of(told)
        tables = merged(tables, merges)
        tables["projects"] = with_consents(tables["projects"], told, merges, as_of)
        passes = passes_of(told, merges, as_of)
        if not texts:
            return View(as_of=as_of, **tables, passes=passes)
        conflicts = conflicts_of(tables, self.extras("projects"), told, merges, as_of)
        return View(as_of=as_of, **tables, conflicts=conflicts, passes=passes)

    def merges(self) -> Merges:
        """Which records show as another; a merge says what was always so, therefore it holds for every as-of date."""
        return merges_of(self.journal(MERGE, UNMERGE))

    def shown(self, *names: str) -> dict[str, pa.Table]:
        """The last version of every row of these tables (``projects`` is one), merged records as one, with
        every consent as it stands now.
        """
        with reading(self.path) as con:
            tables = {name: current_rows(con, TABLES[name]) for name in names}
            told = entries(con, (MERGE, UNMERGE, CONSENT))
        merges = merges_of(told)
        tables = merged(tables, merges)
        return tables | {"projects": with_consents(tables["projects"], told, merges)}


def open_store(path: Path | str) -> Store:
    """The store of a file that has to be there.

    Raises
    ------
    DuijieError
        ``store.missing`` when it is not; nothing is created.
    """
    store = Store(path)
    if not store.exists:
        raise DuijieError("store.missing", f"没有库文件 / no store: {path}", "duijie import PATH")
    return store
