"""Why an introduction was declined or withdrawn: a code for what people typed.

The text stays as it was written (column ``reason`` of ``outcomes``); the code follows from it each time it is read, so
a better vocabulary codes old events as well. A text that says nothing the vocabulary knows has no code and is shown
as unmapped: it is never counted as ``other``, which somebody has to say.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from data.reference.phrases import Phrases, fold
from data.reference.vocabularies import vocabulary

VOCABULARY = "decline_reasons"
UNMAPPED = "unmapped"
LABELS = {UNMAPPED: ("未归类", "Not mapped")}
_PARTS = re.compile(r"[,，;；。、:：!！?？\n]|(?:\.\s)")
_DENIED = re.compile(
    r"不是|并非|没有?问题|无(?:问题|分歧|异议)|已(?:谈拢|解决)|\b(?:not because|no problem|no issue)\b", re.IGNORECASE
)


@lru_cache(maxsize=65536)
def decline_code(reason: str | None) -> str:
    """Code of a typed reason: the first part of the text that names one; ``""`` without text, else ``unmapped``.

    A part that denies (估值没有问题) names nothing.
    """
    if not reason or not reason.strip():
        return ""
    whole = vocabulary(VOCABULARY).resolve(reason)
    if whole:
        return whole
    return next((code for code in map(_code_of_part, _PARTS.split(reason)) if code), UNMAPPED)


def decline_label(code: str, language: str = "zh") -> str:
    """A code in words; empty for no code."""
    if code in LABELS:
        return LABELS[code][language == "en"]
    return vocabulary(VOCABULARY).label(code, language) if code else ""


def _code_of_part(part: str) -> str:
    """Code of one part of a sentence: the part itself is a known wording, or it contains one and does not deny it."""
    code = vocabulary(VOCABULARY).resolve(part)
    if code or _DENIED.search(part):
        return code or ""
    phrases, codes = _phrases()
    return next((codes[phrase] for phrase in phrases.find(fold(part))), "")


@cache
def _phrases() -> tuple[Phrases, dict[str, str]]:
    known = vocabulary(VOCABULARY)
    codes = {
        fold(word): code
        for code in known.codes
        if code != "other"  # "other" inside a sentence is no reason
        for word in (known.label(code), known.label(code, "en"), *known.synonyms(code))
    }
    return Phrases(codes), codes
