"""Run the checks: verdicts on what is stored, in the columns of ``problems``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache

import pyarrow as pa

from data.problem import SEVERITIES, Problem
from data.registry import discover
from data.tables import PROBLEMS
from matcher.ledger import Ledger
from matcher.verdict import Check


@cache
def checks() -> dict[str, Check]:
    """The checks by name."""
    return discover("matcher.checks", "CHECK")


def run_checks(ledger: Ledger, names: Iterable[str] = ()) -> list[Problem]:
    """Verdicts of the checks called ``names`` (all by default): failures first, then by table, row and column."""
    asked = list(names) or list(checks())
    found = {problem for name in asked for problem in checks()[name].run(ledger)}
    return sorted(found, key=lambda p: (SEVERITIES.index(p.severity), p.table, p.row, p.column, p.code, p.message))


def verdict_table(problems: Iterable[Problem]) -> pa.Table:
    """Verdicts as a table with the columns of ``problems``."""
    rows = [{name: getattr(problem, name) for name in PROBLEMS.names} for problem in problems]
    return pa.Table.from_pylist(rows, schema=PROBLEMS)


def count_verdicts(problems: Iterable[Problem]) -> dict[str, Counter[str]]:
    """For each check that found something, how many verdicts of each severity."""
    found: dict[str, Counter[str]] = {}
    for problem in problems:
        found.setdefault(problem.code.split(".")[0], Counter())[problem.severity] += 1
    return found
