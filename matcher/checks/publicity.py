"""Publicity period (公示): five working days of China from the day of the notice, and nobody is introduced before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from data.problem import Problem
from data.working_days import after_working_days
from matcher.gate import PENDING
from matcher.ledger import Award, Cited, Ledger
from matcher.verdict import Check, at, verdict

_WAIT = ("期满且无异议后改为“已公布”", "set it to 已公布 when the period is over without objection")
_ESTIMATE = 5
"""Working days where a notice gives no number: those of the national lists, told as an estimate."""


def rule_for(ledger: Ledger, award: Award) -> Cited | None:
    """The rule that binds an award: one that names it, else the general one of its edition, else one by analogy."""
    edition = award.placed.edition
    cited = [Cited(edition, rule, True) for rule in edition.rules_of("publicity")] if edition else []
    cited = cited or [Cited(other, rule, False) for other, rule in ledger.all_rules("publicity") if rule.default]
    named = [item for item in cited if item.rule.awards and set(item.rule.awards) & set(award.placed.names)]
    return next(iter(named + [item for item in cited if not item.rule.awards]), None)


def _pending(award: Award, rule: Cited, as_of: date) -> Problem:
    """Verdict on an award under public notice."""
    where, day, status = at("awards", award.row, "status"), award.row["published_at"], award.row["status"]
    if status not in ("公示中", "publicity"):
        zh, en = f"{award.project} 的“{award.row['award']}”有异议，异议解决前不引荐", "disputed: no introduction before"
        return verdict("warning", where, "publicity.disputed", rule, zh, en)
    end = after_working_days(day, rule.rule.amount or _ESTIMATE) if day else None
    told = f"{award.project} 的“{award.row['award']}”公示中"
    if end is None:
        zh = told + ("，公示日期未填" if day is None else f"，{day} 起的工作日历未知") + "，何时期满无法判断"
        en = "under public notice since an unknown day, or in a year whose calendar is unknown"
        return verdict("info", where, "publicity.unknown", rule, zh, en, ("补填 published_at", "fill in published_at"))
    about = "" if rule.rule.amount else f"（通知未定期限，按 {_ESTIMATE} 个工作日估计）"
    if as_of <= end:
        zh, en = (
            f"{told}，{end} 期满{about}",
            f"under public notice until {end}{'' if rule.rule.amount else ' (estimated)'}",
        )
        return verdict("warning", where, "publicity.running", rule, zh, en, _WAIT)
    zh, en = f"{told}，公示期已于 {end} 届满{about}，状态未更新", f"the public notice ended on {end}"
    return verdict("info", where, "publicity.over", rule, zh, en, _WAIT)


def _early(ledger: Ledger, project: str, awards: list[Award], rule: Cited) -> Iterator[Problem]:
    """Introductions of a project all of whose awards are pending, made since the notice: one verdict a project."""
    start = min((award.row["published_at"] for award in awards if award.row["published_at"]), default=None)
    made = [row for row in ledger.outcomes_of.get(project, ()) if start and row["at"] and row["at"] >= start]
    if made:
        first = min(made, key=lambda row: (row["at"], row["_row"]))
        met = f"{first['at']} 与 {first['institution_id']} 对接（共 {len(made)} 条记录）"
        zh = f"{project} 的奖项尚未正式公布，却已于 {met}"
        en = f"introduced since {first['at']}, before any award was final ({len(made)} records)"
        yield verdict("warning", at("outcomes", first, "at"), "publicity.early", rule, zh, en, _WAIT)


def _short(ledger: Ledger, award: Award, rule: Cited) -> Iterator[Problem]:
    """An award that counts as published although a notice of that day would still run."""
    day = award.row["published_at"]
    if award.row["status"] != "已公布" or not rule.rule.amount or not day:
        return
    end = after_working_days(day, rule.rule.amount)
    if end and ledger.as_of <= end:
        zh = f"{award.project} 的“{award.row['award']}”标为已公布，但自 {day} 起的公示期到 {end} 才满"
        en = f"marked as published, but a notice of {day} runs until {end}"
        hint = ("核对 published_at 是公示日还是公布日", "is published_at the notice or the result?")
        yield verdict("info", at("awards", award.row, "status"), "publicity.short", rule, zh, en, hint)


def _run(ledger: Ledger) -> Iterator[Problem]:
    for project, awards in ledger.awards_of.items():
        pending = [award for award in awards if award.row["status"] in PENDING]
        for award in awards:
            rule = rule_for(ledger, award)
            if rule and award in pending:
                yield _pending(award, rule, ledger.as_of)
            elif rule:
                yield from _short(ledger, award, rule)
        first = rule_for(ledger, pending[0]) if pending and len(pending) == len(awards) else None
        if first:
            yield from _early(ledger, project, pending, first)


CHECK = Check("publicity", "公示", "Public notice", _run)
