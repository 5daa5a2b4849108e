"""Rules of one notice that contradict each other: told where they matter, never decided silently."""

from __future__ import annotations

from collections.abc import Iterator

from data.edition import Conflict
from data.problem import Problem
from matcher.ledger import Award, Ledger
from matcher.verdict import Check, at, verdict


def _touches(conflict: Conflict, award: Award) -> bool:
    placed = award.placed
    fits = not conflict.awards or bool(set(conflict.awards) & set(placed.names))
    return fits and (not conflict.kinds or placed.kind in conflict.kinds)


def _run(ledger: Ledger) -> Iterator[Problem]:
    for edition in ledger.catalogue:
        for conflict in edition.conflicts:
            if any(_touches(conflict, award) for award in ledger.awards_in.get(edition.id, ())):
                first, second = (edition.rule(name) for name in conflict.rules)
                zh = (
                    f"{edition.title}通知自相矛盾（{conflict.id}）：{conflict.zh}；{second.source}：“{second.sentence}”"
                )
                en = f"The notice contradicts itself: {conflict.en}. {second.english}"
                yield verdict("warning", at("awards", None, "award"), "conflicts.notice", first, zh, en)


CHECK = Check("conflicts", "通知自相矛盾", "Contradictions of a notice", _run)
