"""Closed lists of codes with Chinese and English names and the words people use for them.

One CSV a vocabulary in ``vocabularies/``: ``code,name_zh,name_en,synonyms,note``. The row order is the order of
the codes; a note that starts with ``off-ladder`` marks a code that stands outside the ladder (a declined
introduction, a round of unknown letter). Labels come from the notices of 创客中国, 科创中国 and 创新之光.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from data.problem import DuijieError

_OFF_LADDER = "off-ladder"
_IGNORED = re.compile(r"[\s\-_/·・.,，。、:：'\"“”‘’《》<>()\[\]【】]+")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_NUMBERED = re.compile(r"^\s*\d{1,2}\s*[.、)]\s*")
_SUFFIX = re.compile(r"(服务|支持|需求|类|等|有限公司|公司|机构|单位|services?)+$")
_PREFIX = re.compile(r"^(国家级|省级|市级|区级|县级|部级|国家)")


def label_key(label: str) -> str:
    """Form of a label in which labels are compared: NFKC, lower case, no spaces, hyphens or brackets."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", label).casefold())


def _forms(label: str) -> Iterator[str]:
    """The label as written, then without numbering and remarks in brackets, without 服务/类/机构, without 国家级."""
    text = unicodedata.normalize("NFKC", label)
    yield label_key(text)
    bare = label_key(_BRACKETED.sub("", _NUMBERED.sub("", text)))
    yield bare
    yield _SUFFIX.sub("", bare)
    yield _PREFIX.sub("", bare)
    yield _SUFFIX.sub("", _PREFIX.sub("", bare))


@dataclass(frozen=True)
class Vocabulary:
    """One list of codes. ``codes`` is in order; ``ladder`` leaves out the codes that are not steps."""

    name: str
    codes: tuple[str, ...]
    ladder: tuple[str, ...]
    _labels: dict[str, tuple[str, str]] = field(repr=False)
    _synonyms: dict[str, tuple[str, ...]] = field(repr=False)
    _notes: dict[str, str] = field(repr=False)
    _index: dict[str, str] = field(repr=False)

    def resolve(self, label: str) -> str | None:
        """Code that a code, a name or a synonym (Chinese or English) stands for; None when there is none."""
        return next((self._index[form] for form in _forms(label) if form in self._index), None)

    def label(self, code: str, language: str = "zh") -> str:
        """Name of a code in ``zh`` or ``en``; a value outside the vocabulary is its own name."""
        zh, en = self._labels.get(code, (code, code))
        return en if language == "en" else zh

    def synonyms(self, code: str) -> tuple[str, ...]:
        """Other words for a code, Chinese and English, without its names; empty for a value outside."""
        return self._synonyms.get(code, ())

    def note(self, code: str) -> str:
        """Remark on a code; may be empty."""
        return self._notes.get(code, "")

    def order(self, code: str) -> int:
        """Position of a code in the list (0-based); a value outside stands behind all."""
        return self.codes.index(code) if code in self._labels else len(self.codes)


def _rows(name: str) -> list[dict[str, str]]:
    path = resources.files("data.reference") / "vocabularies" / f"{name}.csv"
    if not path.is_file():
        raise DuijieError(
            "vocabulary.unknown",
            f"没有名为 {name!r} 的词表 / no vocabulary is called {name!r}",
            ", ".join(vocabulary_names()),
        )
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _index(name: str, rows: list[dict[str, str]]) -> dict[str, str]:
    """Label key -> code. One label may not stand for two codes: such a table is refused."""
    index: dict[str, str] = {}
    for row in rows:
        for label in (row["code"], row["name_zh"], row["name_en"], *row["synonyms"].split(";")):
            key = label_key(label)
            if key and index.setdefault(key, row["code"]) != row["code"]:
                raise ValueError(f"vocabulary {name}: {label!r} stands for {index[key]} and {row['code']}")
    return index


@cache
def vocabulary(name: str) -> Vocabulary:
    """The vocabulary called ``name``, read once.

    Raises
    ------
    DuijieError
        ``vocabulary.unknown`` when there is none of that name.
    """
    rows = _rows(name)
    return Vocabulary(
        name=name,
        codes=tuple(row["code"] for row in rows),
        ladder=tuple(row["code"] for row in rows if not row["note"].startswith(_OFF_LADDER)),
        _labels={row["code"]: (row["name_zh"], row["name_en"]) for row in rows},
        _synonyms={row["code"]: tuple(word for word in row["synonyms"].split(";") if word) for row in rows},
        _notes={row["code"]: row["note"] for row in rows},
        _index=_index(name, rows),
    )


def vocabulary_names() -> tuple[str, ...]:
    """Names of all vocabularies, sorted."""
    folder = resources.files("data.reference") / "vocabularies"
    return tuple(sorted(item.name.removesuffix(".csv") for item in folder.iterdir() if item.name.endswith(".csv")))
