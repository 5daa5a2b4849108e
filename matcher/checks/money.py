"""Prize money: a project that was rewarded at another provincial contest of the year gets no second prize money."""

from __future__ import annotations

from collections.abc import Iterator

from data.problem import Problem
from matcher.ledger import Ledger
from matcher.verdict import Check, at, verdict


def _run(ledger: Ledger) -> Iterator[Problem]:
    for edition in ledger.catalogue:
        for rule in edition.rules_of("money"):
            told: set[str] = set()
            for award in ledger.awards_in.get(edition.id, ()):
                others = [
                    other
                    for other in ledger.awards_of[award.project]
                    if other.placed.edition not in (None, edition)
                    and other.placed.edition.year == edition.year  # type: ignore[union-attr]
                    and other.placed.level in rule.levels
                ]
                if others and award.project not in told:
                    told.add(award.project)
                    zh = f"{award.project} 本年度另获“{others[0].row['contest'] or others[0].row['programme']}”奖励"
                    en = "it was rewarded at another contest of the year; support is not affected"
                    yield verdict("info", at("awards", award.row, "award"), "money.twice", rule, zh, en)


CHECK = Check("money", "重复奖金", "Second prize money", _run)
