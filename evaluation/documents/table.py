"""A table of text with the command its figures come from, and how intervals and verdicts are put."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

FINE = 0.02
"""A difference whose numbers are all below this is shown with four decimals, else with three."""


@dataclass(frozen=True)
class Table:
    """The command that gives the figures, the table, and lines below it."""

    command: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    below: tuple[str, ...] = ()

    def markdown(self) -> str:
        """As it stands in a document."""
        lines = [self.head, ("---",) * len(self.head), *self.rows]
        table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        told = "".join(f"\n- {line}" for line in self.below)
        return f"```sh\n{self.command}\n```\n\n{table}" + (f"\n{told}" if told else "")


def interval(told: Sequence[float], *, signed: bool = False) -> str:
    """``0.232 [0.169, 0.285]``; ``signed`` shows the sign of what is not negative."""
    digits = 4 if signed and max(abs(value) for value in told) < FINE else 3
    mean, low, high = (f"{value:{'+' if signed else ''}.{digits}f}" for value in told)
    return f"{mean} [{low}, {high}]"


def short(told: str) -> str:
    """Numbers below 1 without their leading 0, as in a sentence: ``.232 [.169, .285]``."""
    return re.sub(r"(?<![\d.])0\.", ".", told)


def verdict(told: Sequence[float]) -> str:
    """Of a difference: nothing is shown where its interval covers 0."""
    if told[1] <= 0 <= told[2]:
        return "no difference shown"
    return "better" if told[1] > 0 else "worse"
