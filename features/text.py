"""Running text: normal form, verbatim sentences, tokens.

Everything that is shown as evidence is a verbatim substring of the stored text without its personal data; everything
that is compared is compared in normal form. The two are kept apart: :func:`sentences` cuts, :func:`fold` compares.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from data.personal import without_personal
from data.tables import MOST_READ

_BLANK = re.compile(r"[^\S\n]")
_CJK_GAP = re.compile(r" (?<=[\u3400-\u9fff,;:()、。] )(?=[\u3400-\u9fff,;:()、。])")
"""A single space between two of these. The space stands first in the pattern, so that the search leaps from one to the
next."""
_WIDE = tuple((wide, unicodedata.normalize("NFKC", wide)) for wide in "，：；（）％？！℃㎡²³₂")
_CLOSERS = "”’」』》）)】\"'"
_SENTENCE = re.compile(
    rf"(?:[^。！？!?；;\n\r.]|\.(?!\s+[A-Z\u3400-\u9fff]|\s*$))+(?:[。！？!?；;.]+[{_CLOSERS}]*)?",
)
_COMMA = re.compile(r"[^，,]*[，,]?")
_LONGEST = 220  # characters: a longer "sentence" is a list or lacks full stops, and is cut at commas


def normalise(text: str | None) -> str:
    """NFKC, one space for any white space, none between Chinese characters. Never fails; None gives ''."""
    if not text:
        return ""
    return _spaced(_nfkc(text))


def _nfkc(text: str) -> str:
    """NFKC. What it changes in Chinese is nearly always one of these few: without them a look shows a text in form."""
    for wide, narrow in _WIDE:
        text = text.replace(wide, narrow)
    return unicodedata.normalize("NFKC", text)


def _spaced(text: str) -> str:
    spaced = " ".join(text.split())
    return _CJK_GAP.sub("", spaced) if " " in spaced else spaced


def fold(text: str) -> str:
    """Normal form for comparison: :func:`normalise`, lower case. A sentence is remembered, a whole text is not."""
    return _remembered(text) if len(text) <= _LONGEST else _folded(text)


def _folded(text: str) -> str:
    return normalise(text).lower()


_remembered = lru_cache(maxsize=1 << 16)(_folded)


def folds(lines: Sequence[str]) -> list[str]:
    """:func:`fold` of many sentences (none holds a line break) at once."""
    if not lines:
        return []
    text = _nfkc("\n".join(lines)).lower()
    if _BLANK.search(text):
        return [_spaced(line) for line in text.split("\n")]
    return text.split("\n")


def sentences(text: str | None) -> list[str]:
    """Sentences of a text in reading order, each a verbatim substring of it without outer white space.

    Personal data is masked first: what is read, encoded or cited is made of these sentences. A text that holds none
    stays as it is. A sentence ends at 。！？；, at a line break and at a full stop that precedes white space; a stretch
    of more than 220 characters is cut further at commas. What stands behind the first 20,000 characters
    (:data:`data.tables.MOST_READ`) is not read.
    """
    if not text:
        return []
    found: list[str] = []
    for match in _SENTENCE.finditer(without_personal(text[:MOST_READ])):
        piece = match.group().strip()
        if len(piece) > _LONGEST:
            found.extend(_cut(piece))
        elif any(character.isalnum() for character in piece):
            found.append(piece)
    return found


def _cut(piece: str) -> list[str]:
    """Cut an overlong stretch at commas into parts of at most 220 characters where commas allow it."""
    parts: list[str] = []
    start = end = 0
    for match in _COMMA.finditer(piece):
        if match.end() - start > _LONGEST and end > start:
            parts.append(piece[start:end])
            start = end
        end = match.end()
    parts.append(piece[start:])
    return [part.strip() for part in parts if any(character.isalnum() for character in part)]


def tokens(text: str | None) -> list[str]:
    """Words of a text in normal form, lower case, cut by rjieba; white space and punctuation left out."""
    return [word for word in pieces(text) if is_word(word)]


def pieces(text: str | None) -> list[str]:
    """All that rjieba cuts a text into: words, white space, punctuation."""
    return cut(fold(text or ""))


def cut(folded: str) -> list[str]:
    """:func:`pieces` of a text in normal form."""
    import rjieba

    found: list[str] = rjieba.cut(folded)
    return found


def is_word(piece: str) -> bool:
    """Whether a piece holds a letter or a digit."""
    return piece.isalnum() or any(character.isalnum() for character in piece)
