"""Free text against the projects of a view: by meaning, as an institution that asks for it, and by its words.

Projects are searched in the form in which they may be shown: whoever types the name of an anonymous project must not
learn from what comes up which one it is. Commands and pages search the same masked rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.lists import masks_of
from app.masking import Mask, mask_project
from app.system import System
from data.runs import Run
from data.tables import JUDGING, OUTCOMES, TEXT_COLUMNS
from data.view import View
from features.reading import Reading
from features.text import fold, sentences, tokens
from matcher.channel import Channel
from matcher.market import Encode
from matcher.run import as_date
from matcher.search import search
from matcher.settings import Settings

SHORTEST = 2
"""Characters of a word that is looked for as a word; 的 and the like say nothing."""
LONGEST_QUERY = 300
MOST_FOUND = 50
"""Projects that one search shows, and that a saved one tells of."""


def asked_text(text: str) -> str:
    """A text as it is searched for: single blanks, no longer than :data:`LONGEST_QUERY`; empty finds nothing."""
    return " ".join(text.split())[:LONGEST_QUERY]


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


def masks_of_teasers(system: System, run: Run | None, projects: pa.Table) -> dict[str, Mask]:
    """Masks of those of ``projects`` that are anonymous in them or today: what either state of them hides, and the
    numbers of their rights. ``run`` is the run that the projects are of, None where they are of no run.
    """
    today = system.store.shown("projects")["projects"]
    found = [table.filter(pc.equal(table.column("confidentiality"), "teaser")) for table in (projects, today)]
    ids = {one for table in found for one in table.column("project_id").to_pylist()}
    return masks_of(system, run, pa.array(sorted(ids), pa.string())) if ids else {}


def masked_projects(projects: pa.Table, masks: Mapping[str, Mask]) -> pa.Table:
    """Projects as they are searched: those with a mask of their own without what it hides and without any name, since
    the name that stands in its place is made of province and sector; contacts are masked in all of them.
    """
    rows = []
    for row in projects.to_pylist():
        mask = masks.get(row["project_id"])
        if mask:
            anonymous = {**row, "confidentiality": "teaser"}
            rows.append({**(mask | mask_project(anonymous)).row(anonymous), "name": ""})
        else:
            rows.append(Mask(False, ()).row(row))
    return pa.Table.from_pylist(rows, schema=projects.schema)


def searched_view(run: Run, masks: Mapping[str, Mask]) -> View:
    """The tables of a run as a search looks through them, its projects masked."""
    projects = masked_projects(run.table("projects"), masks)
    return view_of(run, projects, run.table("institutions"), run.table("awards"))


def view_of(run: Run, projects: pa.Table, institutions: pa.Table, awards: pa.Table) -> View:
    """Tables of a run as a view. Who met whom does not matter to a search."""
    return View(
        as_of=as_date(run.manifest["as_of"]),
        projects=projects,
        institutions=institutions,
        outcomes=OUTCOMES.schema.empty_table(),
        awards=awards,
        needs=run.table("needs"),
        judging=JUDGING.schema.empty_table(),
    )


def search_projects(
    view: View,
    channel: Channel,
    settings: Settings,
    encode: Encode | None,
    text: str,
    texts: Sequence[Reading] | None = None,
) -> list[Hit]:
    """Every project that takes part in the channel: those that hold all words of ``text`` first, then by meaning.

    ``view.projects`` are masked (:func:`masked_projects`), and ``texts`` are the readings of these.
    """
    words = words_of(text)
    found = search(view, text, "projects", channel, settings, encode, max(view.projects.num_rows, 1), texts)
    rows = _rows(view.projects, [one for one, _ in found])
    hits = [Hit(one, score, words_in(rows[one], words)) for one, score in found]
    return sorted(hits, key=lambda hit: (len(hit.words) < len(words), -hit.score, hit.project_id))


def _rows(projects: pa.Table, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    wanted = set(ids)
    table = projects.select(["project_id", *TEXT_COLUMNS, "keywords", "sectors"])
    return {row["project_id"]: row for row in table.to_pylist() if row["project_id"] in wanted}
