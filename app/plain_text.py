"""Text of entrants as it may stand in a file that people open: nothing invisible, one line, not too long."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Text without the characters that XML forbids and those that turn the direction of reading."""
    return _FORBIDDEN.sub("", text)


def one_line(text: str, most: int) -> str:
    """Clean text on one line, cut to ``most`` characters with an ellipsis when something was cut."""
    line = " ".join(clean(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
