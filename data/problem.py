"""What can be wrong: a defect in the data is a value, a misuse is an error.

A :class:`Problem` describes one defect and where it stands; it is collected and shown, never raised.
A :class:`DuijieError` says that the program was used or configured wrongly; it carries a code and a hint.
Anything else that goes wrong is a bug and propagates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One defect in the data.

    ``row`` is 1-based and counts data rows (the header is row 0); 0 means the whole file or table.
    An ``error`` rejects its row (or file); a ``warning`` or ``info`` keeps it.
    """

    table: str
    row: int
    column: str
    code: str
    severity: Severity
    message: str
    hint: str


class DuijieError(Exception):
    """A misuse: wrong options, wrong configuration, a store that cannot be opened."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}" + (f"  提示 / hint: {self.hint}" if self.hint else "")
