"""When reports are due: each quarter on its last day, each contest ten calendar days after its end; and what is done.

“原则上每季度编制并报送赛事专报” names no later day, so the quarter's own last day is the date. When a contest ended is
entered by a person (``contest_ended``); where nobody did, the date of the edition's notice stands, marked provisional,
for the contest that it speaks of; where that is missing too, the end is unknown and said to be so.
"""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.reports.awards import contests_named, placed_awards
from app.reports.report import CONTEST, QUARTER, SUMMARY_DAYS, Report
from app.reports.scope import NATION, Scope, contest_id, contest_label
from data.edition import Edition
from data.programmes import editions
from data.store import Store

WRITTEN, ENDED = "report", "contest_ended"
"""Names of the actions in the journal."""
UPCOMING, DUE, OVERDUE, DONE, UNKNOWN = "upcoming", "due", "overdue", "done", "unknown"
STATES = (OVERDUE, DUE, UPCOMING, UNKNOWN, DONE)
FINAL = "final"
"""Name of the date of an edition on which its last contest is held."""


@dataclass(frozen=True, slots=True)
class Due:
    """One report to hand up. ``ends`` and ``due`` are None where the end is unknown; ``provisional``: from a notice
    that says 拟 or 暂定; ``written`` the day on which a report was written, ``digest`` that of its file.
    """

    kind: str
    scope: Scope
    begins: date | None
    ends: date | None
    due: date | None
    state: str
    provisional: bool = False
    written: date | None = None
    digest: str = ""

    def days(self, as_of: date) -> int | None:
        """Days left; negative: so many days late."""
        return (self.due - as_of).days if self.due else None


def quarter_of(day: date) -> tuple[date, date]:
    """First and last day of the quarter that a day lies in."""
    last = 3 * ((day.month - 1) // 3) + 3  # month
    return date(day.year, last - 2, 1), date(day.year, last, monthrange(day.year, last)[1])


def keep_written(store: Store, report: Report, content: bytes, *, actor: str, name: str) -> str:
    """Write into the journal that a report was written: kind, scope, period, digest of the file. Gives the digest."""
    digest = hashlib.sha256(content).hexdigest()
    facts = report.facts
    payload = {
        "kind": report.kind,
        "scope": _key(facts.scope),
        "from": facts.start.isoformat(),
        "to": facts.end.isoformat(),
        "on": report.written.isoformat(),
        "file": name,
        "digest": digest,
        "data": facts.fingerprint,
        "figures": len(report.book),
        "internal": report.internal,
        "runs": {channel: run.run_id for channel, run in facts.runs.items()},
    }
    store.append(actor, WRITTEN, payload)
    return digest


def keep_end(store: Store, scope: Scope, on: date, *, actor: str) -> None:
    """Write into the journal on which day a contest ended; a later entry corrects an earlier one."""
    store.append(actor, ENDED, {"scope": _key(scope), "name": scope.zh, "on": on.isoformat()})


def _key(scope: Scope) -> str:
    return f"{scope.kind}:{scope.key}"


def deadlines(
    store: Store, as_of: date, scope: Scope = NATION, catalogue: Iterable[Edition] | None = None, *, grace: int = 0
) -> list[Due]:
    """Every report that is or will be due: quarters of ``scope`` since the first stored event or award, up to the
    current one, ``grace`` days after their end; and a summary for every contest with awards or with a known end. By due
    date, the unknown last.
    """
    view = store.view(as_of)
    told = [entry["payload"] for entry in store.journal(WRITTEN)]
    # An internal draft was not handed up, and a report written later than the asked day was not there yet.
    told = [one for one in told if date.fromisoformat(one["on"]) <= as_of and not one["internal"]]
    known = tuple(editions() if catalogue is None else catalogue)
    awards = placed_awards(view.awards, known)
    ended = {entry["payload"]["scope"]: entry["payload"] for entry in store.journal(ENDED)}
    keys = contests_named(awards)
    found = [_quarter(day, scope, told, as_of, grace) for day in _quarters(view.outcomes, view.awards, as_of)]
    found += [_contest(one, _end(one, ended, known), told, as_of) for one in _contests(keys, ended, known)]
    return sorted(found, key=lambda one: (one.due is None, one.due or date.max, one.kind, one.scope.zh))


def _quarters(outcomes: pa.Table, awards: pa.Table, as_of: date) -> list[date]:
    """First days of the quarters from the first stored event or award to the current one."""
    firsts = [pc.min(table.column(name)).as_py() for table, name in ((outcomes, "at"), (awards, "published_at"))]
    dates = [day for day in firsts if day is not None]
    if not dates:
        return []
    first, found = quarter_of(min(dates))[0], []
    while first <= as_of:
        found.append(first)
        first = quarter_of(first)[1] + timedelta(days=1)
    return found


def _quarter(day: date, scope: Scope, told: list[Mapping[str, Any]], as_of: date, grace: int) -> Due:
    first, last = quarter_of(day)
    wanted = (QUARTER, _key(scope), first.isoformat(), last.isoformat())
    done = [one for one in told if (one["kind"], one["scope"], one["from"], one["to"]) == wanted]
    return _due(Due(QUARTER, scope, first, last, last + timedelta(days=grace), DUE), done, as_of)


def _contests(keys: set[str], ended: Mapping[str, Mapping[str, Any]], catalogue: tuple[Edition, ...]) -> list[Scope]:
    """Contests with awards, with an entered end, or that the notice dates."""
    labels = {key: contest_label(key, catalogue) for key in keys}
    found = {key: Scope("contest", key, label, label) for key, label in labels.items()}
    for told in ended.values():
        key = told["scope"].partition(":")[2]
        found.setdefault(key, Scope("contest", key, told["name"], told["name"]))
    for edition in catalogue:
        for contest in edition.contests:
            key = contest_id(edition.id, contest.name)
            if _noticed(key, (edition,)):
                found.setdefault(key, Scope("contest", key, contest.name, contest.name))
    return [found[key] for key in sorted(found)]


def _noticed(key: str, catalogue: Iterable[Edition]) -> tuple[date, bool] | None:
    """Last day of a contest by the notice: the edition's final, for its only contest or its national final."""
    name = key.partition("|")[2]
    for edition in catalogue:
        dated = [day for day in edition.dates if day.id == FINAL]
        mine = [one for one in edition.contests if one.name == name and contest_id(edition.id, one.name) == key]
        if dated and mine and (len(edition.contests) == 1 or mine[0].kind == "总决赛"):
            return dated[0].until or dated[0].on, dated[0].provisional
    return None


def contest_end(store: Store, scope: Scope, catalogue: Iterable[Edition] | None = None) -> tuple[date, bool] | None:
    """Last day of a contest, as entered or else by its notice (True: provisional); None where nobody said."""
    ended = {entry["payload"]["scope"]: entry["payload"] for entry in store.journal(ENDED)}
    return _end(scope, ended, tuple(editions() if catalogue is None else catalogue))


def _end(
    scope: Scope, ended: Mapping[str, Mapping[str, Any]], catalogue: tuple[Edition, ...]
) -> tuple[date, bool] | None:
    entered = ended.get(_key(scope))
    return (date.fromisoformat(entered["on"]), False) if entered else _noticed(scope.key, catalogue)


def _contest(scope: Scope, end: tuple[date, bool] | None, told: list[Mapping[str, Any]], as_of: date) -> Due:
    """A summary may count on past the end of its contest, not stop before it."""
    if end is None:
        return Due(CONTEST, scope, None, None, None, UNKNOWN)
    last, provisional = end
    mine = [one for one in told if (one["kind"], one["scope"]) == (CONTEST, _key(scope))]
    done = [one for one in mine if date.fromisoformat(one["to"]) >= last]
    return _due(Due(CONTEST, scope, None, last, last + timedelta(days=SUMMARY_DAYS), DUE, provisional), done, as_of)


def _due(one: Due, done: list[Mapping[str, Any]], as_of: date) -> Due:
    """State of a report: done by the first one written on or after the last day of its period."""
    assert one.ends is not None and one.due is not None  # the unknown do not come here
    kept = [told for told in done if date.fromisoformat(told["on"]) >= one.ends]
    written, digest, state = None, "", DUE
    if kept:
        written, digest, state = date.fromisoformat(kept[0]["on"]), str(kept[0]["digest"]), DONE
    elif as_of > one.due:
        state = OVERDUE
    elif as_of < one.ends:
        state = UPCOMING
    return Due(one.kind, one.scope, one.begins, one.ends, one.due, state, one.provisional, written, digest)
