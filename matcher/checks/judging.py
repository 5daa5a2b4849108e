"""Judges: an institution that judged a project and was then brought together with it has a conflict of interest."""

from __future__ import annotations

from collections.abc import Iterator

from data.problem import Problem
from matcher.ledger import Ledger
from matcher.verdict import Check, at, verdict

_HINT = ("向双方与主办方说明，或另派评委", "show it to both sides and the organiser")


def _run(ledger: Ledger) -> Iterator[Problem]:
    judged = {(row["project_id"], row["institution_id"]): row for row in ledger.judging}
    told: set[tuple[str, str]] = set()
    for row in ledger.outcomes:
        pair = (row["project_id"], row["institution_id"])
        if pair not in judged or pair in told:
            continue
        told.add(pair)
        for cited in ledger.rules(pair[0], "judging", always=True)[:1]:
            zh = f"{pair[1]} 评审过 {pair[0]}，又于 {row['at']} 与其对接（利益冲突）"
            en = f"{pair[1]} judged {pair[0]} and was brought together with it on {row['at']}: a conflict of interest"
            where = at("judging", judged[pair], "institution_id")
            yield verdict("warning", where, "judging.conflict", cited, zh, en, _HINT)


CHECK = Check("judging", "评委利益冲突", "Conflict of interest of judges", _run)
