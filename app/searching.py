"""Free text against the projects of a view: by meaning, as an institution that asks for it, and by its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from data.tables import TEXT_COLUMNS
from data.view import View
from features.reading import Reading
from features.text import fold, sentences, tokens
from matcher.channel import Channel
from matcher.market import Encode
from matcher.search import search
from matcher.settings import Settings

SHORTEST = 2
"""Characters of a word that is looked for as a word; 的 and the like say nothing."""
LONGEST_QUERY = 300


@dataclass(frozen=True)
class Hit:
    """One project found. ``score`` is by meaning; ``words`` are those of the text that the project holds."""

    project_id: str
    score: float
    words: tuple[str, ...]


def words_of(text: str) -> tuple[str, ...]:
    """Words of a text that are looked for, in their order, each once."""
    return tuple(dict.fromkeys(word for word in tokens(text) if len(word) >= SHORTEST))


def words_in(row: Mapping[str, Any], words: Sequence[str]) -> tuple[str, ...]:
    """Those of ``words`` that a project's texts, keywords and sectors hold."""
    told = [row.get(name) for name in (*TEXT_COLUMNS, "keywords", "sectors")]
    text = fold("\n".join(" ".join(one) if isinstance(one, list) else str(one) for one in told if one))
    return tuple(word for word in words if word in text)


def sentence_with(row: Mapping[str, Any], words: Sequence[str]) -> str:
    """The first sentence that holds most of ``words``; empty when none holds any."""
    best, most = "", 0
    for name in TEXT_COLUMNS[1:]:
        for sentence in sentences(row.get(name)):
            count = sum(word in fold(sentence) for word in words)
            if count > most:
                best, most = sentence, count
    return best


def search_projects(
    view: View,
    channel: Channel,
    settings: Settings,
    encode: Encode | None,
    text: str,
    texts: Sequence[Reading] | None = None,
) -> list[Hit]:
    """Every project that takes part in the channel: those that hold all words of ``text`` first, then by meaning."""
    words = words_of(text)
    found = search(view, text, "projects", channel, settings, encode, max(view.projects.num_rows, 1), texts)
    rows = _rows(view.projects, [one for one, _ in found])
    hits = [Hit(one, score, words_in(rows[one], words)) for one, score in found]
    return sorted(hits, key=lambda hit: (len(hit.words) < len(words), -hit.score, hit.project_id))


def _rows(projects: pa.Table, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    wanted = set(ids)
    table = projects.select(["project_id", *TEXT_COLUMNS, "keywords", "sectors"])
    return {row["project_id"]: row for row in table.to_pylist() if row["project_id"] in wanted}
