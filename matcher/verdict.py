"""A verdict: what a check found, with the sentence of the rule it rests on.

Three answers: an ``error`` is a rule that is broken, a ``warning`` is for a person to look at, ``info`` says that a
fact is missing or worth knowing. A rule that is kept gives no verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from data.edition import Rule
from data.problem import Problem, Severity
from matcher.ledger import Cited, Ledger, Row


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of check; ``run`` yields its verdicts on what is stored and never raises on accepted rows."""

    name: str
    label_zh: str
    label_en: str
    run: Callable[[Ledger], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Where:
    """The cell a verdict is about; row 0 is the whole table."""

    table: str
    row: int
    column: str


def at(table: str, row: Row | None, column: str) -> Where:
    """The cell of a stored row; the whole table for None."""
    return Where(table, row["_row"] if row else 0, column)


def verdict(
    severity: Severity, where: Where, code: str, rule: Rule | Cited, zh: str, en: str, hint: tuple[str, str] = ("", "")
) -> Problem:
    """A verdict in the columns of ``problems``. ``zh`` and ``en`` say what is the case; the rule is cited behind it.

    A rule of another edition is cited as 参照, by analogy. ``hint`` says what to do, in Chinese and in English.
    """
    own = rule.own if isinstance(rule, Cited) else True
    rule = rule.rule if isinstance(rule, Cited) else rule
    source, english = (rule.source, "") if own else (f"参照{rule.source}", "By analogy: ")
    english += rule.english if english else rule.english[:1].upper() + rule.english[1:]
    message = f"{zh}。{source}：“{rule.sentence}” / {en}. {english}."
    return Problem(where.table, where.row, where.column, code, severity, message, " / ".join(hint).strip(" /"))
