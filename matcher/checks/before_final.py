"""Calendar: every contest ends before the national final."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from data.problem import Problem, Severity
from matcher.ledger import Ledger
from matcher.verdict import Check, at, verdict


def _run(ledger: Ledger) -> Iterator[Problem]:
    for edition in ledger.catalogue:
        for rule in edition.rules_of("before_final"):
            final = edition.deadline(rule.date)
            last = final.until or final.on
            latest: dict[str, date] = {}
            for award in ledger.awards_in.get(edition.id, ()):
                day = award.row["published_at"]
                if award.placed.kind in rule.kinds and day and day > last:
                    key = award.placed.contest_key
                    latest[key] = max(day, latest.get(key, day))
            for name, day in latest.items():
                # 拟于: the day of the final is a plan, and a result may be published after the contest is over
                zh = f"{name}的结果公布于 {day}，晚于{'拟定的' if final.provisional else ''}{final.label_zh} {last}"
                en = f"its results were published on {day}, after the {final.label_en} ({last})"
                severity: Severity = "info" if final.provisional else "warning"
                yield verdict(severity, at("awards", None, "published_at"), "before_final.late", rule, zh, en)


CHECK = Check("before_final", "赛程", "Contests before the final", _run)
