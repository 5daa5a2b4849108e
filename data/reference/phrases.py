"""Compare labels whatever their spelling, and find many fixed phrases in a text in one pass."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

_ENUMERATION = re.compile(
    r"^\s*[(（]?(?:[a-z]\d{2,4}|\d{1,4}(?:\.\d{1,2}){0,2})[)）]?(?:[、.．:：)\s]+|(?=[㐀-鿿]))", re.IGNORECASE
)
_SUFFIX = re.compile(
    r"(?:等领域|等行业|等|领域|行业|方向|产业链赛道赛|赛道赛|赛道|产业链|专题赛|产业集群|集群|产业|技术|类|sector|industry)$"
)
_CONTEST = re.compile(r"^第.{1,3}届创客中国(.+?)(?:中小企业创新创业大赛|产业链赛道赛.*|专题赛)$")


def fold(text: str) -> str:
    """Form in which phrases and texts are compared: NFKC, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def label_key(label: str) -> str:
    """Letters, digits and characters of a label, folded: spaces, quotes and brackets do not tell labels apart."""
    return "".join(character for character in fold(label) if character.isalnum())


def label_variants(label: str) -> Iterator[str]:
    """Keys of a label from its exact form to looser ones."""
    text = unicodedata.normalize("NFKC", label)
    for form in dict.fromkeys((text, _ENUMERATION.sub("", text))):
        key = label_key(form)
        yield key
        contest = _CONTEST.match(key)
        key = contest.group(1) if contest else key
        yield key
        while (shorter := _SUFFIX.sub("", key)) not in (key, ""):
            yield shorter
            key = shorter


class Phrases:
    """A set of folded phrases that finds its members in folded texts, the longest at each place, without overlap.

    A Latin letter or digit at either end of a phrase must stand at a word boundary, and a plural s may follow:
    ``sensor`` is found in ``sensors``, not in ``biosensor``. One look-up a character, however many phrases there
    are; one regular expression of ten thousand alternatives takes some five times as long. Phrases of one
    character are left out.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(word for word in words if len(word) > 1)
        lengths: dict[str, set[int]] = defaultdict(set)
        for word in self._words:
            lengths[word[:2]].add(len(word))
        self._lengths = {head: sorted(found, reverse=True) for head, found in lengths.items()}

    def find(self, text: str) -> Iterator[str]:
        """The phrases of ``text`` in order of appearance, as they stand in the set."""
        position, lengths_of = 0, self._lengths.get
        while position < len(text):
            lengths = lengths_of(text[position : position + 2])
            word = self._longest(lengths, text, position) if lengths else ""
            if word:
                yield word
            position += len(word) or 1

    def _longest(self, lengths: Iterable[int], text: str, position: int) -> str:
        for length in lengths:
            word = text[position : position + length]
            if word in self._words and _stands_alone(word, text, position):
                return word
        return ""


def _stands_alone(word: str, text: str, position: int) -> bool:
    end = position + len(word)
    if position and _is_latin(word[0]) and _is_latin(text[position - 1]):
        return False
    if not _is_latin(word[-1]):
        return True
    rest = text[end : end + 2]
    return not _is_latin(rest[:1]) or (rest[:1] == "s" and not _is_latin(rest[1:]))


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
