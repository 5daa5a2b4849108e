"""Conflicts of interest between an institution and a project: found in what is stored, never entered by hand.

Four kinds (requirements B5, B10, B20 and the fairness rule): the institution judged the project (``judge``), organised
or led a contest that the project won in (``host``), recommended it (``recommender``), or is its applicant (``owner``).
A conflict does not forbid an introduction for good. It has to be disclosed to both sides and confirmed by a person,
with a note of how; that is one journal entry (``confirm``), which ``unconfirm`` takes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from data.awarded import WORDING, place_award
from data.consents import entered_on
from data.merging import Merges
from data.names import organisation_cores
from data.problem import DuijieError
from data.programmes import editions

CONFIRM, UNCONFIRM = "confirm", "unconfirm"
DISCLOSED = "disclosed."
"""Prefix of the code of the reason that tells of a confirmed conflict; its weight is 0."""
KINDS = ("judge", "host", "recommender", "owner")
CONFLICTS = pa.schema(
    [
        ("project_id", pa.string()),
        ("institution_id", pa.string()),
        ("kind", pa.string()),
        ("source", pa.string()),
        ("confirmed", pa.bool_()),
    ]
)
"""One row a pair and kind, sorted; ``source`` is what says so: an edition, a contest, a name as stored."""
RECOMMENDERS = re.compile(r"推荐(?:单位|机构|渠道|人|专家|方)|^recommend(?:er|ed[ _]by)$", re.IGNORECASE)
"""Headers of unknown columns of ``projects`` that name who recommended the project (requirement B19)."""
_SEVERAL = re.compile(r"[、，,;；/|\n]")
_IN_BRACKETS = re.compile(r"[（(]([^（）()]{3,})[)）]")
Pair = tuple[str, str, str]
Cores = Mapping[str, list[str]]


def conflicts_of(
    tables: Mapping[str, pa.Table],
    extras: Iterable[Mapping[str, Any]],
    entries: Iterable[Mapping[str, Any]],
    merges: Merges,
    as_of: date,
) -> pa.Table:
    """Every conflict in the tables of a view (merged records as one), in the schema :data:`CONFLICTS`.

    ``extras`` are the unknown columns of ``projects`` as they came, ``entries`` the journal.
    """
    found: dict[Pair, str] = {}
    by_core = _institutions(tables["institutions"])
    for project, institution, kind, source in (
        *_judges(tables["judging"]),
        *_hosts(tables["awards"], by_core),
        *_recommenders(extras, by_core, merges),
        *_owners(tables["projects"], by_core),
    ):
        found.setdefault((project, institution, kind), source)
    confirmed = confirmations(entries, merges, as_of)
    rows = [
        {
            "project_id": project,
            "institution_id": institution,
            "kind": kind,
            "source": found[project, institution, kind],
            "confirmed": (merges.get(project, project), institution, kind) in confirmed,
        }
        for project, institution, kind in sorted(found)
    ]
    return pa.Table.from_pylist(rows, schema=CONFLICTS)


def open_conflicts(conflicts: pa.Table, kind: str) -> list[tuple[str, str]]:
    """Pairs of project and institution in a conflict of this kind that nobody has confirmed."""
    rows = conflicts.select(["project_id", "institution_id", "kind", "confirmed"]).to_pylist()
    return [(row["project_id"], row["institution_id"]) for row in rows if row["kind"] == kind and not row["confirmed"]]


def disclosed(conflicts: pa.Table) -> dict[tuple[str, str], tuple[str, ...]]:
    """Kinds of the conflicts of each pair that were disclosed and confirmed."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in conflicts.to_pylist():
        if row["confirmed"]:
            pair = row["project_id"], row["institution_id"]
            found[pair] = (*found.get(pair, ()), row["kind"])
    return found


def confirm_entry(conflicts: pa.Table, project_id: str, institution_id: str, kind: str, note: str) -> dict[str, Any]:
    """Payload of a confirmation, for ``Store.append(actor, CONFIRM, payload)``.

    Raises
    ------
    DuijieError
        ``conflict.unknown`` when the pair has no conflict of this kind, ``conflict.note`` without a note.
    """
    if not note.strip():
        hint = '--note "已书面告知双方与主办方 / told both sides in writing"'
        raise DuijieError("conflict.note", "须写明如何披露 / say how it was disclosed", hint)
    for row in conflicts.to_pylist():
        if (row["project_id"], row["institution_id"], row["kind"]) == (project_id, institution_id, kind):
            return {
                "project_id": project_id,
                "institution_id": institution_id,
                "kind": kind,
                "source": row["source"],
                "note": note.strip(),
            }
    raise DuijieError(
        "conflict.unknown",
        f"{project_id} 与 {institution_id} 没有这种利益冲突 / no such conflict: {kind}",
        "duijie confirm",
    )


def confirmations(entries: Iterable[Mapping[str, Any]], merges: Merges, as_of: date) -> dict[Pair, Mapping[str, Any]]:
    """The entry that confirmed each triple that stands confirmed at the end of a day, under the id that its project
    shows as; the latest last.
    """
    found: dict[Pair, Mapping[str, Any]] = {}
    for entry in entries:
        if entry["action"] not in (CONFIRM, UNCONFIRM) or entered_on(entry) > as_of:
            continue
        told = entry["payload"]
        triple = merges.get(told["project_id"], told["project_id"]), told["institution_id"], told["kind"]
        found.pop(triple, None)
        if entry["action"] == CONFIRM:
            found[triple] = entry
    return found


def _institutions(institutions: pa.Table) -> dict[str, list[str]]:
    """Ids of the institutions that bear a core."""
    found: dict[str, list[str]] = {}
    ids, names = (institutions.column(name).to_pylist() for name in ("institution_id", "name"))
    for key, name in zip(ids, names, strict=True):
        for core in organisation_cores(name):
            found.setdefault(core, []).append(key)
    return found


def _bearing(text: str, by_core: Cores, *, bracketed: bool = True) -> list[str]:
    """Institutions that a name means."""
    cores = sorted(organisation_cores(text, bracketed=bracketed))
    return list(dict.fromkeys(key for core in cores for key in by_core.get(core, ())))


def _judges(judging: pa.Table) -> Iterator[tuple[str, str, str, str]]:
    for row in judging.to_pylist():
        yield row["project_id"], row["institution_id"], "judge", row["edition"]


def _hosts(awards: pa.Table, by_core: Cores) -> Iterator[tuple[str, str, str, str]]:
    """Institutions that organised, or as lead enterprise led, a contest in which the project won something.

    Both stand in the edition's file; where the contest is in none, its own name may tell: …赛道赛（某龙头企业）.
    """
    known: dict[tuple[str | None, ...], list[str]] = {}
    for row in awards.select(["project_id", *WORDING]).to_pylist():
        told = tuple(row[name] for name in WORDING)
        if told not in known:
            known[told] = _hosting(row, by_core)
        for institution in known[told]:
            yield row["project_id"], institution, "host", row["contest"] or row["programme"]


def _hosting(award: Mapping[str, Any], by_core: Cores) -> list[str]:
    contest = place_award(editions(), award).contest
    names = _IN_BRACKETS.findall(award["contest"] or "")
    if contest is not None:
        names += [*_SEVERAL.split(contest.organiser), contest.lead_enterprise, *_IN_BRACKETS.findall(contest.name)]
    return list(dict.fromkeys(key for name in names if name.strip() for key in _bearing(name, by_core)))


def _recommenders(
    extras: Iterable[Mapping[str, Any]], by_core: Cores, merges: Merges
) -> Iterator[tuple[str, str, str, str]]:
    for row in extras:
        project = str(row.get("project_id") or "")
        for header, cell in row.items():
            if cell and RECOMMENDERS.search(header):
                for name in _SEVERAL.split(str(cell)):
                    for institution in _bearing(name, by_core):
                        yield merges.get(project, project), institution, "recommender", name.strip()


def _owners(projects: pa.Table, by_core: Cores) -> Iterator[tuple[str, str, str, str]]:
    """Institutions that are the applicant. A place in the brackets of its name is no name: 甲公司（长治高新区）."""
    ids, applicants = (projects.column(name).to_pylist() for name in ("project_id", "applicant"))
    for key, applicant in zip(ids, applicants, strict=True):
        for institution in _bearing(applicant, by_core, bracketed=False) if applicant else ():
            yield key, institution, "owner", applicant
