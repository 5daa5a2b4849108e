"""Rights: at most ten rows in the table of a project."""

from __future__ import annotations

from collections.abc import Iterator

from data.problem import Problem, Severity
from matcher.ledger import Ledger
from matcher.verdict import Check, at, verdict

_HINT = ("只留核心知识产权", "keep the core rights only")


def _run(ledger: Ledger) -> Iterator[Problem]:
    for project, rights in ledger.ip_of.items():
        for cited in ledger.rules(project, "ip_rows", always=True):
            most = cited.rule.amount
            if len(rights) <= most:
                continue
            zh, en = f"{project} 的知识产权 {len(rights)} 项，多于 {most} 项", f"{len(rights)} rights, more than {most}"
            severity: Severity = "error" if cited.own else "info"
            yield verdict(severity, at("ip", rights[most], "project_id"), "ip_rows.over", cited, zh, en, _HINT)


CHECK = Check("ip_rows", "知识产权项数", "Number of rights", _run)
