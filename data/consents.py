"""Consent of a project, channel by channel: the imported column, and over it what was told since.

A project may say yes, say no, or take a yes back at any time (requirement F9). Each answer is a journal entry
(``consent``: project, channels, answer, who said it), so that it can be shown later who agreed to what and when. The
last entry of a channel holds, and holds over the imported column whatever its date: a file that is imported once more
must not bring a project back that has withdrawn. Only a new answer does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from data.merging import Merges
from data.problem import DuijieError
from data.reference.vocabularies import vocabulary

CONSENT = "consent"
"""Action of the journal."""
GIVEN, REFUSED, WITHDRAWN, NOT_ASKED = "given", "refused", "withdrawn", "not_asked"
ANSWERS = (GIVEN, REFUSED, WITHDRAWN)
"""What a project may answer; after each of the last two it takes no part."""
_TOLD = "="
"""In a cell of ``consent``: ``financing=given`` was told in the journal, plain ``financing`` was imported."""
Entries = Iterable[Mapping[str, Any]]


def consent_of(told: list[str] | None, channel: str) -> str:
    """``given``, ``refused`` or ``not_asked``: what a cell of ``consent`` says of a channel.

    An imported list refuses what it does not name; of a project that only answered in the journal, every channel it
    was not asked about is ``not_asked``.
    """
    if not told:
        return NOT_ASKED
    answers = dict(item.split(_TOLD, 1) for item in told if _TOLD in item)
    imported = [item for item in told if _TOLD not in item]
    if channel in answers:
        return GIVEN if answers[channel] == GIVEN else REFUSED
    if not imported:
        return NOT_ASKED
    return GIVEN if channel in imported or "all" in imported else REFUSED


def agreed(told: list[str] | None) -> frozenset[str]:
    """Channels to which a cell of ``consent`` agrees."""
    return frozenset(name for name in vocabulary("channels").codes if consent_of(told, name) == GIVEN)


def said_no(told: list[str] | None, channel: str) -> bool:
    """Whether a project itself refused a channel or took its consent back, which is more than not being listed for it.

    A channel that an imported list merely does not name is no such answer; ``none`` is one to every channel.
    """
    answers = dict(item.split(_TOLD, 1) for item in told or () if _TOLD in item)
    return answers[channel] != GIVEN if channel in answers else "none" in (told or ())


def with_consents(projects: pa.Table, entries: Entries, merges: Merges, as_of: date | None = None) -> pa.Table:
    """``projects`` with the answers of the journal over the column ``consent``.

    ``entries`` are of the journal in their order, other actions among them are passed over. ``as_of`` leaves out what
    was entered later; None takes all. An answer of one of several merged records is an answer of the project.
    """
    latest = _latest(entries, merges, as_of)
    if not latest:
        return projects
    ids = projects.column("project_id").to_pylist()
    cells = projects.column("consent").to_pylist()
    for row, key in enumerate(ids):
        answers = latest.get(merges.get(key, key))
        if answers:
            cells[row] = [*(cells[row] or ()), *(f"{name}{_TOLD}{told}" for name, told in sorted(answers.items()))]
    at = projects.schema.get_field_index("consent")
    return projects.set_column(at, projects.schema.field(at), pa.array(cells, projects.schema.field(at).type))


def _latest(entries: Entries, merges: Merges, as_of: date | None) -> dict[str, dict[str, str]]:
    """The last answer of each project in each channel."""
    found: dict[str, dict[str, str]] = {}
    for entry in entries:
        if entry["action"] == CONSENT and (as_of is None or entered_on(entry) <= as_of):
            told = entry["payload"]
            key = merges.get(told["project_id"], told["project_id"])
            found.setdefault(key, {}).update(dict.fromkeys(told["channels"], told["answer"]))
    return found


def entered_on(entry: Mapping[str, Any]) -> date:
    """Day of a journal entry where the program runs; the journal keeps UTC."""
    at: datetime = entry["at"]
    return at.replace(tzinfo=UTC).astimezone().date()


def consent_entry(
    project_id: str, channels: Iterable[str], answer: str, by: str, known: Iterable[str]
) -> dict[str, Any]:
    """Payload of one answer, for ``Store.append(actor, CONSENT, payload)``; ``by`` says who gave it and how.

    Raises
    ------
    DuijieError
        ``project.unknown``, ``consent.unknown`` (no such channel), ``consent.answer``, ``consent.by`` (nobody named).
    """
    if project_id not in set(known):
        raise DuijieError("project.unknown", f"没有这个项目 / no project {project_id!r}", "duijie export projects")
    if answer not in ANSWERS:
        raise DuijieError("consent.answer", f"不能这样回答 / no answer {answer!r}", f"one of {', '.join(ANSWERS)}")
    if not by.strip():
        raise DuijieError("consent.by", "须写明由谁、以何种方式表示 / who said so?", '--by "负责人，书面 / in writing"')
    codes = vocabulary("channels").codes
    asked = list(dict.fromkeys(channels))
    unknown = [name for name in asked if name not in codes]
    if unknown or not asked:
        raise DuijieError("consent.unknown", f"没有这个渠道 / no channel {unknown}", f"some of {', '.join(codes)}")
    return {"project_id": project_id, "channels": asked, "answer": answer, "by": by.strip()}
