"""Contests: names that the calendar of an edition does not know, and more contests than it announces."""

from __future__ import annotations

from collections.abc import Iterator

from data.cells import quote
from data.edition import Edition
from data.problem import Problem
from matcher.ledger import Award, Ledger
from matcher.verdict import Check, at, verdict

_NAME = ("按赛事计划公布的名称填写", "use the name of the published calendar")


def _unlisted(edition: Edition, awards: list[Award]) -> Iterator[Problem]:
    """Contests of a listed kind that are not on the list, each once."""
    for rule in edition.rules_of("contests"):
        seen: set[str] = set()
        for award in awards:
            kind, key, name = award.placed.kind, award.placed.contest_key, award.row["contest"]
            if kind not in rule.kinds or award.placed.contest or not name or key in seen:
                continue
            if edition.contests_of(kind):
                seen.add(key)
                zh = f"{edition.title}的{kind}中没有{quote(name)}"
                en = f"{quote(name)} is not a contest of this kind of the edition"
                yield verdict("warning", at("awards", award.row, "contest"), "contests.unlisted", rule, zh, en, _NAME)


def _too_many(edition: Edition, awards: list[Award]) -> Iterator[Problem]:
    for count in edition.counts:
        names = {
            award.placed.contest_key for award in awards if award.placed.kind == count.kind and award.row["contest"]
        }
        if len(names) > count.number:
            zh = f"{edition.title}的{count.kind}出现 {len(names)} 个名称，通知为 {count.number} 场"
            en = f"{len(names)} names of contests, {count.number} are announced"
            where = at("awards", None, "contest")
            yield verdict("warning", where, "contests.count", edition.rule(count.rule), zh, en, _NAME)


def _run(ledger: Ledger) -> Iterator[Problem]:
    for edition in ledger.catalogue:
        awards = ledger.awards_in.get(edition.id, [])
        yield from _unlisted(edition, awards)
        yield from _too_many(edition, awards)


CHECK = Check("contests", "赛事名称与场次", "Names and number of contests", _run)
