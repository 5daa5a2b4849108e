"""What past deals say of a pair, in words: paths through the graph (该机构与同链上游 3 个项目有过合作).

Counts only, without names: whom a project dealt with is its own affair. Never the only reason for a match.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.wording import LANGUAGES, word
from data.reference.sectors import sectors
from features.graph import Path


def facts(found: Sequence[Path]) -> list[dict[str, Any]]:
    """One fact a path: ``kind``, ``count``, ``sectors`` passed, and the sentence in Chinese (``zh``) and English."""
    return [
        {"kind": path.kind, "count": len(path.through), "sectors": list(path.sectors)}
        | {language: _sentence(path, language) for language in LANGUAGES}
        for path in found
    ]


def _sentence(path: Path, language: str) -> str:
    names = [sectors()[node].name_zh if language == "zh" else sectors()[node].name_en for node in path.sectors]
    told = word(f"path.{path.kind}", language).format(count=len(path.through))
    if not names or path.kind == "same_sector":
        return told
    return f"{told}（{'、'.join(names)}）" if language == "zh" else f"{told} ({', '.join(names)})"


def fact_lines(told: Sequence[dict[str, Any]], language: str = "zh") -> list[str]:
    """Facts as lines of plain text."""
    return [f"  · {fact[language]}" for fact in told]
