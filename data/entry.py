"""One outcome event that somebody enters: the checks of an import, and those that a single event allows.

An import may come before the rows it speaks of and is checked column by column. An event entered by hand is about a
project and an institution that are stored, and happened by today. What is odd but possible is a warning: the event is
kept and the person is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data.cases import AFTER, ENDS, EVENTS, KEY, of_case
from data.checking import check
from data.declines import UNMAPPED, decline_code
from data.problem import DuijieError, Problem
from data.proof import UNPROVEN
from data.raw import RawTable
from data.store import Store
from data.store_shown import current_columns
from data.tables import OUTCOMES

SOURCE = "录入 / entry"
"""What problems name in place of a file."""


@dataclass(frozen=True)
class Entry:
    """What became of one entered event.

    ``rows`` has the schema of ``outcomes``: one row, or none when a problem is an error. ``added`` and ``changed``
    say what the store did with it; both are False for an event that is stored already in this very form.
    """

    rows: pa.Table
    problems: tuple[Problem, ...]
    added: bool = False
    changed: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the event may be kept."""
        return bool(self.rows.num_rows)


def check_event(store: Store, cells: Mapping[str, Any], today: date) -> Entry:
    """Check one event: ``cells`` by column of ``outcomes``, as typed; nothing is written.

    Codes may be given by name or synonym. Errors (no row): what an import rejects, an unknown project or institution,
    a date after ``today``, a signing or a delivery without its proof. Warnings: before the introduction, after the end
    of the case, a reason nobody can map.
    """
    known = {name: value for name, value in cells.items() if value not in (None, "")}
    raw = RawTable(SOURCE, OUTCOMES.name, tuple(known), tuple([value] for value in known.values()), 1)
    checked = check(raw, OUTCOMES, today)
    problems = [replace(one, severity="error") if one.code == UNPROVEN.code else one for one in checked.problems]
    if checked.accepted.num_rows:
        row = checked.accepted.to_pylist()[0]
        problems += [*_unknown(store, row), *_dated(row, today), *_doubtful(store, row)]
    wrong = any(problem.severity == "error" for problem in problems)
    return Entry(checked.accepted.slice(0, 0) if wrong else checked.accepted, tuple(problems))


def enter_event(store: Store, cells: Mapping[str, Any], *, actor: str, today: date) -> Entry:
    """Check one event and, when nothing is wrong, keep it with its entry in the journal."""
    entry = check_event(store, cells, today)
    if not entry.accepted:
        return entry
    change = store.record(entry.rows, actor=actor)
    return Entry(entry.rows, entry.problems, bool(change.added), bool(change.changed))


def retract_event(
    store: Store, cells: Mapping[str, Any], *, actor: str, reason: str, at: date | None = None
) -> dict[str, Any]:
    """Take back the event of a case that ``cells`` name; ``at`` is needed only where it stands on several dates.

    Raises
    ------
    DuijieError
        ``outcome.reason`` without a reason, ``outcome.unknown`` when there is no such event, ``outcome.ambiguous``.
    """
    if not reason.strip():
        raise DuijieError("outcome.reason", "撤销须说明理由 / taking back needs a reason", "--reason TEXT")
    wanted = {name: cells[name] for name in OUTCOMES.key if name != "at"}
    events = events_of(store.events(wanted), wanted)
    found = [row for row in events if row["event"] == wanted["event"] and at in (None, row["at"])]
    if len(found) > 1:
        dates = ", ".join(str(row["at"]) for row in found)
        raise DuijieError(
            "outcome.ambiguous", f"该进展有多条 / the event stands on several dates: {dates}", "--at DATE"
        )
    if not found:
        raise DuijieError(
            "outcome.unknown", f"没有这条进展 / no such event: {list(wanted.values())}", "duijie outcome … --list"
        )
    key = {name: found[0][name] for name in OUTCOMES.key}
    store.retract(key, actor=actor, reason=reason.strip())
    return key


def events_of(outcomes: pa.Table, case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Events of one case, oldest first; ``case`` names project, institution and channel."""
    order = {name: place for place, name in enumerate(EVENTS)}
    rows: list[dict[str, Any]] = of_case(outcomes, case).to_pylist()
    return sorted(rows, key=lambda row: (row["at"], order[row["event"]]))


def _problem(column: str, code: str, severity: Any, message: str, hint: str = "") -> Problem:
    return Problem(OUTCOMES.name, 1, column, code, severity, message, hint)


def _unknown(store: Store, row: Mapping[str, Any]) -> list[Problem]:
    found = []
    for table, zh in (("projects", "项目"), ("institutions", "机构")):
        column = table.removesuffix("s") + "_id"
        known = current_columns(store.path, table, (column,)).column(column)
        if not pc.any(pc.equal(known, row[column])).as_py():
            message = f"没有{zh}“{row[column][:40]}” / no such {table.removesuffix('s')}"
            found.append(_problem(column, "id.unknown", "error", message, f"duijie export {table}"))
    return found


def _dated(row: Mapping[str, Any], today: date) -> list[Problem]:
    if row["at"] <= today:
        return []
    message = f"日期 {row['at']} 晚于今天 {today} / the date lies in the future"
    return [_problem("at", "date.future", "error", message, "事件发生后再录入 / enter it once it has happened")]


def _doubtful(store: Store, row: Mapping[str, Any]) -> list[Problem]:
    """Warnings: an order of events that is odd, a reason without a code."""
    found = []
    others = [e for e in events_of(store.events(row), row) if (e["event"], e["at"]) != (row["event"], row["at"])]
    introduced = min((e["at"] for e in others if e["event"] == "introduced"), default=None)
    if introduced and row["event"] != "introduced" and row["at"] < introduced:
        message = f"早于引荐日 {introduced} / before the introduction"
        found.append(_problem("at", "outcome.early", "warning", message, "核对日期 / check the date"))
    ended = max((e["at"] for e in others if e["event"] in ENDS), default=None)
    if ended and row["event"] not in ENDS and row["at"] > ended:
        message = f"该对接已于 {ended} 结束，将重新打开 / the case had ended and is open again"
        found.append(_problem("event", "outcome.reopened", "warning", message, "如不应重开请撤销 / else take it back"))
    if row["event"] in AFTER and row["channel"] != "placement":
        message = "毕业、退出只用于落地入驻 / graduation and leaving belong to placement"
        found.append(_problem("event", "outcome.channel", "warning", message, "核对渠道 / check the channel"))
    if row["event"] in ENDS and decline_code(row["reason"]) == UNMAPPED:
        message = "理由未能归类，原文保留 / the reason has no code and is kept as written"
        hint = "duijie outcome --help 列出可用理由 / lists the reasons"
        found.append(_problem("reason", "reason.unmapped", "warning", message, hint))
    return found


def case_history(store: Store, case: Mapping[str, str]) -> list[dict[str, Any]]:
    """All that was ever told of one case, in the order in which it was told, with corrections.

    A row: ``action`` (``imported``, ``entered``, ``retracted``), the event's ``project_id``, ``event``, ``at``,
    ``amount``, ``round``, ``reason``, ``source``; ``note`` (why it was taken back), ``actor``, ``told_at`` (UTC; None
    for imports, which stand first) and ``stands``: whether this is what is read today. The journal gives what was
    entered and taken back; an import is known by its rows alone, so one that was taken back shows as its retraction.
    Records merged into the project are included.
    """
    merges = store.merges()
    shown = merges.get(case["project_id"], case["project_id"])
    ids = [shown, *sorted(absorbed for absorbed, kept in merges.items() if kept == shown)]
    current, journal = store.events(case, ids), store.journal("outcome", "retract")
    cases = [{**case, "project_id": project_id} for project_id in ids]
    return [row for one in cases for row in _told(events_of(current, one), journal, one)]


_SHOWN = ("project_id", "event", "at", "amount", "round", "reason", "source")


def _told(
    standing: list[dict[str, Any]], journal: list[dict[str, Any]], case: Mapping[str, str]
) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for entry in journal:
        events = entry["payload"]["events"] if entry["action"] == "outcome" else [entry["payload"]]
        for event in events:
            if all(event[name] == case[name] for name in KEY):
                told.append(_row(entry, event))
    entered = {(row["event"], row["at"]) for row in told if row["action"] == "entered"}
    imported = [
        {
            "action": "imported",
            **{name: event[name] for name in _SHOWN},
            "note": None,
            "actor": "import",
            "told_at": None,
        }
        for event in standing
        if (event["event"], event["at"]) not in entered
    ]
    last: dict[tuple[str, date], int] = {}
    rows = [*imported, *told]
    for place, row in enumerate(rows):
        last[row["event"], row["at"]] = place
    return [
        {**row, "stands": row["action"] != "retracted" and last[row["event"], row["at"]] == place}
        for place, row in enumerate(rows)
    ]


def _row(entry: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    retracted = entry["action"] == "retract"
    shown = {name: event.get(name) for name in _SHOWN}
    return {
        "action": "retracted" if retracted else "entered",
        **shown,
        "at": date.fromisoformat(str(event["at"])),
        "reason": None if retracted else event.get("reason"),
        "note": event.get("reason") if retracted else None,
        "actor": entry["actor"],
        "told_at": entry["at"],
    }
