"""Age of a company on a list for young ones, counted back from the year of the edition."""

from __future__ import annotations

from collections.abc import Iterator

from data.problem import Problem
from matcher.ledger import Ledger
from matcher.verdict import Check, at, verdict


def _run(ledger: Ledger) -> Iterator[Problem]:
    for edition in ledger.catalogue:
        for rule in edition.rules_of("age"):
            for award in ledger.awards_in.get(edition.id, ()):
                row = ledger.project.get(award.project)
                if row is None or not set(rule.awards) & set(award.placed.names):
                    continue
                where, founded = at("projects", row, "founded_at"), row["founded_at"]
                if founded is None:
                    zh, en = f"{award.project} 的成立时间未知，年限无法判断", "its founding date is unknown"
                    yield verdict("info", where, "age.unknown", rule, zh, en, ("补填成立时间", "fill in founded_at"))
                elif edition.year - founded.year > rule.amount:
                    zh = f"{award.project} 成立于 {founded}，至 {edition.year} 年超过 {rule.amount} 年"
                    yield verdict("error", where, "age.over", rule, zh, f"founded on {founded}")


CHECK = Check("age", "成立年限", "Age of the company", _run)
