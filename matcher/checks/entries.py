"""One project, one entry: each edition has its own rule, and the verdict follows the edition's own sentence.

``project``: the same or a similar project in two of the named kinds of contest (7th 创客中国; 赛道赛 is not named).
``entrant``: the same entrant in two of them, with whatever project (6th). ``applicant``: one project an applicant, and
no project in two groups (长治 2023). What is certain is a failure; what looks alike is for a person to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from data.edition import Edition, Rule
from data.problem import Problem, Severity
from matcher.ledger import Award, Ledger, Row, name_key
from matcher.verdict import Check, Where, at, verdict

_MERGE = ("若为同一项目重复登记，请合并", "if it is one project recorded twice, merge the records")
_SHARED_BY_TEAMS = ("university", "institute")
"""Applicants under whose one name several teams may enter: a person has to look."""


def _by_project(awards: list[Award], kinds: set[str]) -> dict[str, dict[str, Award]]:
    """For each project the first award of each contest of these kinds (all kinds when there are none)."""
    found: dict[str, dict[str, Award]] = {}
    for award in awards:
        if not kinds or award.placed.kind in kinds:
            found.setdefault(award.project, {}).setdefault(award.placed.contest_key, award)
    return found


def _names(awards: dict[str, Award]) -> str:
    return "、".join(award.row["contest"] or award.placed.kind for award in awards.values())


def _last(awards: dict[str, Award]) -> Where:
    return at("awards", list(awards.values())[-1].row, "contest")


def _repeated(rule: Rule, entries: dict[str, dict[str, Award]]) -> Iterator[Problem]:
    """The same project, by its id, in several contests of the named kinds."""
    for project, awards in entries.items():
        if len(awards) > 1:
            zh, en = f"{project} 重复参赛：{_names(awards)}", f"{project} stands in {len(awards)} of these contests"
            yield verdict("error", _last(awards), "entries.repeat", rule, zh, en, _MERGE)


def _beside(
    edition: Edition, rule: Rule, awards: list[Award], entries: dict[str, dict[str, Award]]
) -> Iterator[Problem]:
    """One named contest and another one that the sentence does not name, or whose kind is unknown."""
    counted = {count.kind for count in edition.counts}
    for project, every in _by_project(awards, counted | {""}).items():
        named = entries.get(project, {})
        others = {key: award for key, award in every.items() if key not in named}
        if len(named) != 1 or not others:
            continue
        if any(award.placed.kind == "" for award in others.values()):
            zh, en = (
                f"{project} 的“{_names(others)}”赛事类型未知，是否重复参赛无法判断",
                "the kind of a contest is unknown",
            )
            hint = ("补填赛事类型", "fill in contest_kind")
            yield verdict("info", _last(others), "entries.unknown", rule, zh, en, hint)
        else:
            kinds = "、".join(sorted({award.placed.kind for award in others.values()}))
            zh = f"{project} 另参加{kinds}（{_names(others)}），不在本条禁止之列：作为同一项目合并，保留两项荣誉"
            en = f"{project} also stands in a contest this sentence does not name: one project, both awards kept"
            yield verdict("info", _last(others), "entries.allowed", rule, zh, en)


def _same(ledger: Ledger, ids: list[str]) -> Iterator[tuple[str, str, str]]:
    """Pairs of ids that are one project: ``same`` by name and applicant, ``similar`` by a right or as told."""
    wanted = set(ids)
    seen: set[tuple[str, str]] = set()

    def same_name(key: str) -> str:
        row = ledger.project.get(key, {})
        name, applicant = name_key(row.get("name")), name_key(row.get("applicant"))
        return f"{name}|{applicant}" if name and applicant else ""

    for how, pairs in (
        ("same", _pairs({key: {same_name(key)} - {""} for key in ids})),
        ("similar", _pairs({key: _numbers(ledger, key) for key in ids})),
        ("similar", [tuple(sorted(pair)) for pair in ledger.similar]),
    ):
        for first, second in pairs:
            if first in wanted and second in wanted and (first, second) not in seen:
                seen.add((first, second))
                yield first, second, how


def _numbers(ledger: Ledger, project: str) -> set[str]:
    """Certificate numbers of a project, which no two projects share by chance."""
    return {key for right in ledger.ip_of.get(project, ()) if len(key := name_key(right["number"])) >= 5}


def _pairs(labels: dict[str, set[str]]) -> list[tuple[str, ...]]:
    """Pairs of ids that share a label."""
    holders: dict[str, list[str]] = {}
    for key, own in labels.items():
        for label in own:
            holders.setdefault(label, []).append(key)
    return sorted({pair for keys in holders.values() for pair in combinations(sorted(keys), 2)})


def _project(ledger: Ledger, edition: Edition, rule: Rule) -> Iterator[Problem]:
    awards = ledger.awards_in.get(edition.id, [])
    entries = _by_project(awards, set(rule.kinds))
    yield from _repeated(rule, entries)
    yield from _beside(edition, rule, awards, entries)
    for first, second, how in _same(ledger, list(entries)):
        both = entries[first] | entries[second]
        certain = how == "same" and len(both) > 1
        zh = f"{first} 与 {second} {'为同一项目' if certain else '疑似同一或相似项目'}：{_names(both)}"
        en = f"{first} and {second} {'are' if certain else 'may be'} one project in these contests"
        severity: Severity = "error" if certain else "warning"
        code = "entries.repeat" if certain else "entries.similar"
        yield verdict(severity, _last(entries[second]), code, rule, zh, en, _MERGE)


def _by_applicant(ledger: Ledger, projects: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Projects by key of their applicant, and those without one."""
    found: dict[str, list[str]] = {}
    unknown = []
    for project in projects:
        key = name_key(ledger.project.get(project, {}).get("applicant"))
        if key:
            found.setdefault(key, []).append(project)
        else:
            unknown.append(project)
    return found, unknown


def _applicants_unknown(edition: Edition, rule: Rule, unknown: list[str]) -> Iterator[Problem]:
    if unknown:
        zh = f"{edition.title}有 {len(unknown)} 个项目的申报主体未知，无法核对：{'、'.join(unknown[:5])}"
        en = f"the applicant of {len(unknown)} projects is unknown, they cannot be checked"
        hint = ("补填申报主体", "fill in applicant")
        yield verdict("info", at("awards", None, "project_id"), "entries.unknown", rule, zh, en, hint)


def _severity(row: Row) -> Severity:
    return "warning" if row["applicant_kind"] in _SHARED_BY_TEAMS else "error"


def _entrant(ledger: Ledger, edition: Edition, rule: Rule) -> Iterator[Problem]:
    """Entries of one applicant: a project in a contest is one; its name twice in the same contest is no second."""
    entries = _by_project(ledger.awards_in.get(edition.id, []), set(rule.kinds))
    yield from _repeated(rule, entries)
    owners, unknown = _by_applicant(ledger, list(entries))
    yield from _applicants_unknown(edition, rule, unknown)
    for projects in owners.values():
        rows = [ledger.project[key] for key in projects]
        stands = {(name_key(row["name"]), contest) for row in rows for contest in entries[row["project_id"]]}
        if len(projects) > 1 and len(stands) > 1:
            every = {f"{key} {contest}": award for key in projects for contest, award in entries[key].items()}
            zh = f"“{rows[0]['applicant']}”以 {'、'.join(projects)} 重复参赛：{_names(every)}"
            en = f"one entrant with {', '.join(projects)}"
            yield verdict(_severity(rows[0]), _last(every), "entries.repeat", rule, zh, en, _MERGE)


def _applicant(ledger: Ledger, edition: Edition, rule: Rule) -> Iterator[Problem]:
    """Projects of one applicant, and one project in two groups."""
    entries = _by_project(ledger.awards_in.get(edition.id, []), set())
    owners, unknown = _by_applicant(ledger, list(entries))
    yield from _applicants_unknown(edition, rule, unknown)
    for projects in owners.values():
        rows = [ledger.project[key] for key in projects]
        if len({name_key(row["name"]) for row in rows}) > 1:
            zh = f"“{rows[0]['applicant']}”申报了 {len(projects)} 个项目：{'、'.join(projects)}"
            en = f"one applicant with {len(projects)} projects: {', '.join(projects)}"
            yield verdict(_severity(rows[0]), _last(entries[projects[-1]]), "entries.applicant", rule, zh, en, _MERGE)
    for first, second, how in _same(ledger, list(entries)):
        groups = [ledger.group(key) for key in (first, second)]
        if None not in groups and groups[0] != groups[1]:
            severity: Severity = "error" if how == "same" else "warning"
            like = "为" if how == "same" else "疑似"
            zh = f"{first}（{groups[0]}）与 {second}（{groups[1]}）{like}同一项目，同时报两组"
            en = f"{first} and {second}: one project in two groups"
            yield verdict(severity, _last(entries[second]), "entries.groups", rule, zh, en, _MERGE)


_SCOPES: dict[str, Callable[[Ledger, Edition, Rule], Iterator[Problem]]] = {
    "project": _project,
    "entrant": _entrant,
    "applicant": _applicant,
}


def _run(ledger: Ledger) -> Iterator[Problem]:
    for edition in ledger.catalogue:
        for rule in edition.rules_of("entries"):
            yield from _SCOPES[rule.scope](ledger, edition, rule)


CHECK = Check("entries", "一项目一报名", "One project, one entry", _run)
