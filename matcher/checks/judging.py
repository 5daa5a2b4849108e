"""Conflicts of interest: whoever judged, hosted, recommended or owns a project it was brought together with.

What is confirmed is told as a remark; what nobody confirmed is for a person to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from data.problem import Problem, Severity
from matcher.ledger import Ledger, Row
from matcher.verdict import Check, at, verdict

_HINT = ("向双方与主办方说明后用 duijie confirm 确认", "show it to both sides and the organiser, then duijie confirm")
_WORDS = {
    "judge": ("评审过", "judged"),
    "host": ("主办、承办或牵头过其获奖赛事", "hosted a contest it won in:"),
    "recommender": ("推荐过", "recommended"),
    "owner": ("即申报主体", "is the applicant of"),
}
"""How each kind of data.conflicts reads."""
_CONSENTED = ("challenge", "host")
"""A lead enterprise holds a 赛道赛 to find its answers: being brought together with them is its purpose."""


def _conflicts(ledger: Ledger) -> Iterator[Row]:
    """Conflicts of interest of the ledger, and of its judges those that it does not list."""
    listed = {(row["project_id"], row["institution_id"], row["kind"]) for row in ledger.conflicts}
    yield from ledger.conflicts
    for row in ledger.judging:
        triple = row["project_id"], row["institution_id"], "judge"
        if triple not in listed:
            listed.add(triple)
            names = ("project_id", "institution_id", "kind")
            yield {**dict(zip(names, triple, strict=True)), "source": row["edition"], "confirmed": False}


def _by_pair(rows: Iterable[Row]) -> dict[tuple[str, str], Row]:
    """The first row of each project and institution."""
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        found.setdefault((row["project_id"], row["institution_id"]), row)
    return found


def _run(ledger: Ledger) -> Iterator[Problem]:
    met, judged = _by_pair(ledger.outcomes), _by_pair(ledger.judging)
    for conflict in _conflicts(ledger):
        project, institution, kind = (conflict[name] for name in ("project_id", "institution_id", "kind"))
        outcome = met.get((project, institution))
        if outcome is None or (outcome["channel"], kind) == _CONSENTED:
            continue
        for cited in ledger.rules(project, "judging", always=True)[:1]:
            zh, en = _WORDS[kind]
            told = "，已披露并确认" if conflict["confirmed"] else ""
            zh = f"{institution} {zh} {project}（{conflict['source']}），又于 {outcome['at']} 与其对接：利益冲突{told}"
            en = f"{institution} {en} {project} and was brought together with it on {outcome['at']}: a conflict"
            en += " of interest" + (", disclosed and confirmed" if conflict["confirmed"] else "")
            severity: Severity = "info" if conflict["confirmed"] else "warning"
            code = "judging.confirmed" if conflict["confirmed"] else "judging.conflict"
            hint = ("", "") if conflict["confirmed"] else _HINT
            spot = ("judging", judged.get((project, institution))) if kind == "judge" else ("outcomes", outcome)
            yield verdict(severity, at(*spot, "institution_id"), code, cited, zh, en, hint)


CHECK = Check("judging", "利益冲突", "Conflicts of interest", _run)
