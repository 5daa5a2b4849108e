"""Past winners: who won at an earlier edition may not, or should not, enter again."""

from __future__ import annotations

from collections.abc import Iterator

from data.edition import Edition, Rule
from data.problem import Problem
from data.reference.regions import regions
from data.reference.vocabularies import label_key
from matcher.ledger import Award, Ledger
from matcher.verdict import Check, at, verdict


def _is_past(rule: Rule, edition: Edition, award: Award) -> bool:
    """Whether an award is one of those the rule names, at an earlier edition."""
    placed = award.placed
    if placed.edition is None or placed.edition.year >= edition.year:
        return False
    if rule.programmes and placed.edition.programme not in rule.programmes:
        return False
    if rule.kinds and placed.kind not in rule.kinds:
        return False
    told = label_key(award.row["award"] or "")
    if rule.awards and not any(label_key(name) in told for name in rule.awards):
        return False
    return not rule.regions or not _regions(award).isdisjoint(rule.regions)


def _regions(award: Award) -> set[str]:
    """Region of the contest of an award; what its name says where its edition lists no contests."""
    if award.placed.contest:
        return {award.placed.contest.region}
    return set(regions().find(award.row["contest"] or ""))


def _run(ledger: Ledger) -> Iterator[Problem]:
    for edition in ledger.catalogue:
        for rule in edition.rules_of("past"):
            told: set[str] = set()
            for award in ledger.awards_in.get(edition.id, ()):
                earlier = [other for other in ledger.awards_of[award.project] if _is_past(rule, edition, other)]
                if not earlier or award.project in told:
                    continue
                told.add(award.project)
                won = earlier[0].row
                zh = f"{award.project} 往届已获“{won['contest'] or won['programme']}”{won['award']}（{won['edition']}）"
                en = f"it won at an earlier edition ({won['edition']})"
                yield verdict(rule.severity, at("awards", award.row, "edition"), "past.winner", rule, zh, en)


CHECK = Check("past", "往届获奖", "Past winners", _run)
